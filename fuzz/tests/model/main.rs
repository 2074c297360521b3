//! The model against the reference implementation, lawful and not, and against the suite.

mod conduct;
mod exceptions;
mod found;
mod suite;
