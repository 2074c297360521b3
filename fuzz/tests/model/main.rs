//! The model against the reference implementation, lawful and not, and against the suite.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conduct;
mod exceptions;
mod found;
mod suite;
