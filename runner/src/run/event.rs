//! What happens during a run, for whoever wants to know: the record, the terminal, a list
//! of findings.

use wsspec_record::{CaseResult, Notice, Skip};

use super::RunError;
use crate::subject::Facts;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// A target is there, for so many cases if that is known.
    Rose {
        /// What is known of it.
        facts: &'a Facts,
        /// Where it is.
        url: Option<&'a str>,
        /// How many cases are for it.
        cases: Option<usize>,
    },
    /// A target said what it is.
    Named {
        /// The name of the target.
        target: &'a str,
        /// What it calls itself. Hostile text.
        product: &'a str,
    },
    /// A case begins.
    Started {
        /// The name of the target.
        target: &'a str,
        /// The id of the case.
        case: &'a str,
    },
    /// A case is to be played once more; this is what it gave so far.
    Retried {
        /// The result that does not stand.
        result: &'a CaseResult,
    },
    /// A case has its result.
    Settled {
        /// The result.
        result: &'a CaseResult,
    },
    /// A case is not played.
    Skipped {
        /// The result that says so.
        result: &'a CaseResult,
        /// Why.
        skip: &'a Skip,
    },
    /// Something that the user should know of a target, its death among others.
    Notice {
        /// The name of the target.
        target: &'a str,
        /// What.
        notice: &'a Notice,
    },
    /// A target's turn is over, after so much time.
    Fell {
        /// The name of the target.
        target: &'a str,
        /// How long its turn was.
        took: std::time::Duration,
    },
}

/// Hears of everything that happens.
pub trait Sink {
    /// Takes an event.
    ///
    /// # Errors
    /// Where what was found cannot be kept, so that the run is of no use.
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError>;
}
