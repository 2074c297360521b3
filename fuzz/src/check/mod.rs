//! Properties that hold for any octets.
//!
//! Each libFuzzer target in `fuzz/libfuzzer` calls one `check` function from here, which the
//! tests of this crate run too, with a stable compiler.

pub mod connection;
pub mod frame_header;
pub mod model;
