//! What a run found, and every document made from it.
//!
//! The runner writes one [`Results`] per run; everything else here is a pure function
//! of that. No report opens a socket, and none can lose results.
//!
//! | module | holds |
//! |---|---|
//! | [`results`] | the results format, `results.json` |
//! | [`transcript`] | what was seen on the wire |
//! | [`oddity`] | departures from the RFC that single frames show |
//! | [`store`] | writing and reading `results.json` |
//! | [`policy`] | what counts against a target |
//! | [`tally`] | results by target, in order, counted |
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
#[cfg(test)]
mod fixtures;
pub mod html;
pub mod junit;
pub mod oddity;
pub mod policy;
pub mod results;
pub mod store;
pub mod summary;
pub mod tally;
pub mod terminal;
pub mod transcript;
pub mod words;
pub mod write;

pub use oddity::Oddity;
pub use policy::FailOn;
pub use results::{CaseResult, Closing, Failure, Results, TargetInfo, Verdict};
pub use store::ResultsWriter;
pub use transcript::{Octets, Transcript};
pub use write::{Format, write_all};
