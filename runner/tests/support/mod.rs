//! The program under test, and peers with a conduct of their own.

mod agent;
mod peer;
mod program;

pub(crate) use agent::{Listening, dial, masked};
pub(crate) use peer::{
    Peer, frame, lawful_echo, open_properly, read_frame, read_head, read_to_end,
};
pub(crate) use program::{
    Run, Wsspec, count, files, finish, passes_the_core, redacted, results_in,
};
