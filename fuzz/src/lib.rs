//! Fuzzing: conversations are invented, and a model of the RFC knows what a lawful peer may answer.
//!
//! ```text
//! octets ─generate─▶ Conversation ─┬─encode──▶ octets on the wire
//! (a seed, a corpus)               └─model───▶ lawful courses ─scene─▶ Case ─play, judge─▶ finding ─shrink─▶ a case file
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`conversation`] | typed actions, the octets and the script that they stand for |
//! | [`generate`] | conversations of octets: any list of octets is one |
//! | [`model`] | RFC 6455 as an automaton that says what may be answered |
//! | [`scene`] | a conversation with what is expected of it, as a case |
//! | [`hunt`] | what is said next to a target, and what becomes of what went wrong |
//! | [`campaign`] | a run of conversations |
//! | [`play`] | conversations with an endpoint in this process |
//! | [`shrink`] | makes a finding smaller, and keeps it the same |
//! | [`findings`] | what is kept of a fault: a case file |
//! | [`tried`] | how often what was tried in which state |
//! | [`check`] | properties of the reference implementation and of others, for libFuzzer and for tests |

pub mod campaign;
pub mod check;
pub mod conversation;
pub mod findings;
pub mod generate;
pub mod hunt;
pub mod model;
pub mod play;
pub mod scene;
pub mod shrink;
pub mod tried;
