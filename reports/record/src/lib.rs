//! What was seen and found, as data; no words and no verdicts are made here.
//!
//! | module | holds |
//! |---|---|
//! | [`transcript`] | what was seen on the wire |
//! | [`oddity`] | departures from the RFC that single frames show |
//! | [`notice`] | what there is to know of a target besides the results of cases |
//! | [`results`] | the results format, `results.json` |
//! | [`store`] | writing and reading `results.json` |

#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod notice;
pub mod oddity;
pub mod results;
pub mod store;
pub mod transcript;

pub use notice::{Notice, Skip};
pub use oddity::Oddity;
pub use results::{CaseResult, Closing, Failure, Results, TargetInfo, Verdict};
pub use store::ResultsWriter;
pub use transcript::{Octets, Transcript};
