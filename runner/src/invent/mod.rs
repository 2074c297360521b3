//! Cases without end: conversations are invented, and what comes of them is looked at.
//!
//! What to say, and what a fault is, is the affair of [`wsspec_fuzz`]. Here its conversations
//! become cases for the dispatcher, and results are told to it.

mod source;
mod state;

pub(crate) use source::Invented;
pub(crate) use state::{Fault, Hunts, Progress};
