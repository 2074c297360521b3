//! What was seen and found, as data; no words and no verdicts are made here.
//!
//! | module | holds |
//! |---|---|
//! | [`transcript`] | what was seen on the wire |
//! | [`head`] | heads of the opening handshake, taken apart, and their faults |
//! | [`event`] | what a target did, as a trace sees it |
//! | [`reason`] | why a verdict is what it is |
//! | [`escape`] | octets of heads as text, and back |
//! | [`oddity`] | departures from the RFC that single frames show |
//! | [`notice`] | what there is to know of a target besides the results of cases |
//! | [`results`] | the results format, `results.json` |
//! | [`store`] | writing and reading `results.json` |

pub mod escape;
pub mod event;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
pub mod head;
pub mod notice;
pub mod oddity;
pub mod reason;
pub mod results;
pub mod store;
pub mod transcript;

pub use event::{Event, Observed};
pub use head::{Fault, Head, HeadFault};
pub use notice::{Mismatch, Notice, Skip};
pub use oddity::Oddity;
pub use reason::Reason;
pub use results::{CaseResult, Closing, Failure, Results, TargetInfo, Verdict};
pub use store::ResultsWriter;
pub use transcript::{Octets, Transcript};
