#![no_main]

use wsspec_fuzz::check::frame_header::{Input, check};

libfuzzer_sys::fuzz_target!(|input: Input<'_>| check(&input));
