//! The suite as data: the case language, its loader, and the requirement catalogue.
//!
//! A *case* is one scripted conversation with a target and the outcomes that are
//! acceptable. Cases are JSON files beside this crate's `src`; nothing here opens a
//! socket or knows how a case is performed. `README.md` of this crate is the
//! language on one page; the types below are its definition, and the JSON Schema is
//! generated from them.
//!
//! | module | holds |
//! |---|---|
//! | [`case`] | a case and a case file |
//! | [`target`] | the kinds of target |
//! | [`opening`] | what is unusual about the opening handshake |
//! | [`step`] | the steps of a script |
//! | [`frame`] | frames to send, with every field settable |
//! | [`payload`] | octets, described rather than spelled out |
//! | [`cut`] | the writes in which octets travel |
//! | [`observation`] | what a target may do |
//! | [`outcome`] | acceptable traces and their verdicts |
//! | [`expand`] | `for_each` and doses |
//! | [`load`] | files to cases, with line-precise errors |
//! | [`mod@file`] | what the entries of a file share: defaults, reasons, outcomes |
//! | [`check`] | rules that the types cannot express |
//! | [`select`] | choosing cases by glob |
//! | [`requirement`] | the catalogue of normative statements |
//! | [`flag`] | classes of known vulnerabilities |
//! | [`suite`] | the files that are embedded in the binary |

pub mod case;
pub mod check;
pub mod coverage;
pub mod cut;
pub mod error;
pub mod expand;
pub mod file;
pub mod flag;
pub mod frame;
pub mod load;
mod mistakes;
mod nearest;
pub mod observation;
pub mod opening;
pub mod outcome;
pub mod payload;
pub mod requirement;
mod resolve;
pub mod schema;
pub mod select;
pub mod step;
pub mod suite;
pub mod target;

pub use case::{Case, Liveness, Need};
pub use cut::Cut;
pub use error::{CaseError, CaseErrors};
pub use frame::{Frame, FrameKind, LengthForm, Mask};
pub use observation::{Codes, Observation, ObservationKind, Trace};
pub use opening::{HeadChanges, Opening};
pub use outcome::{Outcome, OutcomeClosing, OutcomeVerdict};
pub use payload::Payload;
pub use step::{Step, StepKind};
pub use suite::Suite;
pub use target::Target;
