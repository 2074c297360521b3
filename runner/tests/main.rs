//! The built program against targets that these tests start: what it finds, what it
//! prints, how it ends, and that nothing a target does brings it down.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agreement;
mod baseline;
mod cli;
mod client;
mod dying;
mod errors;
mod fuzz;
mod hostile;
mod interrupted;
mod lawful;
mod listen;
mod matrix;
mod proof;
mod reports;
mod spawn;
mod support;
mod tls;
mod vacuous;
mod wrong;
mod wstest;
