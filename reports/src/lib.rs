//! Every document made from what a run found.
//!
//! The runner writes one [`Results`](wsspec_record::Results) per run; everything here is
//! a pure function of that. No report opens a socket, and none can lose results.
//!
//! | module | holds |
//! |---|---|
//! | [`policy`] | what counts against a target |
//! | [`tally`] | results by target, in order, counted |
//! | [`baseline`] | what is known of targets, and what differs from it |
//! | [`causes`] | what is wrong with a target, the worst first |
//! | [`mod@write`] | which documents there are, and writing them |
//! | [`terminal`] | the end of a run, as text |
//! | [`html`] | `index.html` and a page for each case |
//! | [`junit`] | `junit.xml` |
//! | [`autobahn`] | `index.json` and case files as Autobahn\|Testsuite writes them |
//! | [`summary`] | `summary.md` |
//! | [`badge`] | `badge.svg` |
//! | [`words`] | facts in words; hostile text made harmless |

mod account;
pub mod autobahn;
pub mod badge;
pub mod baseline;
pub mod causes;
#[cfg(test)]
mod fixtures;
pub mod html;
pub mod junit;
pub mod policy;
pub mod summary;
pub mod tally;
pub mod terminal;
pub mod words;
pub mod write;

pub use policy::FailOn;
pub use write::{Format, write_all};
