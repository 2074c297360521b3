//! What can be wrong with a case file, as facts; [`std::fmt::Display`] is the short
//! form, the command line draws the long one with a caret.

use std::ops::Range;
use std::sync::Arc;

use crate::file::Named;
use crate::payload::PayloadError;

/// One mistake in one case file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}:{}: {} [{}]", place.file, place.line(), place.column(), self.words(), kind.rule())]
pub struct CaseError {
    /// Where.
    pub place: Place,
    /// The row of `for_each` with which it is a mistake, where it is none with others.
    pub row: Option<String>,
    /// What.
    pub kind: CaseErrorKind,
}

impl CaseError {
    /// What is wrong, and with which row.
    pub fn words(&self) -> String {
        match &self.row {
            Some(row) => format!("{} (with {row})", self.kind),
            None => self.kind.to_string(),
        }
    }
}

/// Tells once what is a mistake with several rows of an entry, and leaves the row out where
/// it is one with all of them. `rows` tells how many there are.
pub(crate) fn merge_rows(
    errors: Vec<CaseError>,
    rows: impl Fn(&CaseError) -> usize,
) -> Vec<CaseError> {
    let mut merged: Vec<(CaseError, usize)> = Vec::new();
    for error in errors {
        let same = merged
            .iter_mut()
            .find(|(other, _)| other.place == error.place && other.kind == error.kind);
        match same {
            Some((_, times)) => *times += 1,
            None => merged.push((error, 1)),
        }
    }
    merged
        .into_iter()
        .map(|(mut error, times)| {
            if times >= rows(&error) {
                error.row = None;
            }
            error
        })
        .collect()
}

/// A place in a case file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the user knows it.
    pub file: String,
    /// The file's text, to show the line.
    pub text: Arc<str>,
    /// The octets of the text that are at fault.
    pub range: Range<usize>,
}

impl Place {
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        let before = self.before();
        before[before.rfind('\n').map_or(0, |at| at + 1)..]
            .chars()
            .count()
            + 1
    }

    fn before(&self) -> &str {
        self.text.get(..self.range.start).unwrap_or(&self.text)
    }
}

/// What can be wrong with a case file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CaseErrorKind {
    /// The file cannot be read.
    #[error("cannot be read: {reason}")]
    Unreadable {
        /// What the operating system says.
        reason: String,
    },
    /// The file is no JSON.
    #[error("{message}")]
    Syntax {
        /// What the JSON parser says.
        message: String,
    },
    /// A field has a value of the wrong form, is unknown, or is missing.
    #[error("{message}{}", did_you_mean(suggestion.as_ref()))]
    Form {
        /// What was found and what was expected.
        message: String,
        /// What may have been meant.
        suggestion: Option<String>,
    },
    /// A reference to a reason or to outcomes that the file does not have.
    #[error("the file's `{}` have no {name:?}{}", named.field(), did_you_mean(suggestion.as_ref()))]
    UnknownName {
        /// What kind of thing it would be.
        named: Named,
        /// The name as written, without the `@`.
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// A reason or outcomes to which nothing refers.
    #[error("nothing refers to {name:?}; `\"@{name}\"` would")]
    UnusedName {
        /// What kind of thing it is.
        named: Named,
        /// Its name.
        name: String,
    },
    /// `each` is not of the form that it has to have.
    #[error(
        "each is \"FIRST..LAST\", at most 10,000 numbers, or a list of values, and not inside of another each"
    )]
    Each,
    /// `for_each` or `dose` is not of the form that it has to have.
    #[error("{expected}")]
    Parameters {
        /// What was expected.
        expected: &'static str,
    },
    /// A parameter is declared and never used.
    #[error("the parameter {{{name}}} is used nowhere in the case")]
    UnusedParameter {
        /// Its name.
        name: String,
    },
    /// An id is not a slug of path form.
    #[error(
        "the id {id:?} is not of the form topic/subject/what: lower-case letters, digits and \
         hyphens, at least two parts"
    )]
    IdForm {
        /// The id after expansion.
        id: String,
    },
    /// Two cases have the same id.
    #[error("the id {id:?} is taken already, by a case in {other}")]
    IdTaken {
        /// The id after expansion.
        id: String,
        /// The file that has it.
        other: String,
    },
    /// Two cases are said to be the counterpart of the same Autobahn case.
    #[error("Autobahn's {number} has a counterpart already: {other}")]
    AutobahnTaken {
        /// Autobahn's number.
        number: String,
        /// The case that has it.
        other: String,
    },
    /// A requirement that the catalogue does not have.
    #[error("the catalogue has no requirement {id:?}{}", did_you_mean(suggestion.as_ref()))]
    UnknownRequirement {
        /// The id as written.
        id: String,
        /// The nearest id there is.
        suggestion: Option<String>,
    },
    /// A requirement that does not bind the kind of target that the case is for.
    #[error("the requirement {id:?} binds a {binds}, and the case is not for one")]
    RequirementOfOtherRole {
        /// The requirement.
        id: String,
        /// Whom it binds.
        binds: String,
    },
    /// A case cites nothing.
    #[error("a case cites at least one requirement")]
    NoRequirement,
    /// A flag that `flags.json` does not have.
    #[error("flags.json has no flag {name:?}")]
    UnknownFlag {
        /// The flag as written.
        name: String,
    },
    /// A payload that cannot be made.
    #[error("{0}")]
    Payload(#[from] PayloadError),
    /// No outcomes, so that nothing could pass.
    #[error("a case has at least one outcome")]
    NoOutcome,
    /// An outcome that is not pass without a reason.
    #[error("an outcome whose verdict is not pass says why in `because`")]
    NoReason,
    /// A better outcome behind a worse one.
    #[error("outcomes stand best first, and {this} is better than the {previous} before it")]
    OutcomeOrder {
        /// This outcome's verdict.
        this: &'static str,
        /// The one's before it.
        previous: &'static str,
    },
    /// Something behind the end of a trace.
    #[error("nothing can be observed after the end of the connection")]
    BehindTheEnd,
    /// A case that a dead target would pass.
    #[error(
        "a target that is dead from the start would get the verdict {verdict}: leave `liveness` out, \
         or let the trace begin with an echo or a Pong"
    )]
    VacuousPass {
        /// The verdict that nothing earns.
        verdict: &'static str,
    },
    /// A quiet period where a barrier would do.
    #[error(
        "quiet_ms is for the inside of an unfinished frame; elsewhere a barrier (a Ping that is awaited) shows \
         that nothing comes"
    )]
    QuietOutsideFrame,
    /// More octets released than were kept back, or some never released where later
    /// frames depend on it.
    #[error("{expected}")]
    Withhold {
        /// What was expected.
        expected: &'static str,
    },
    /// Something that only a case for clients can have, and only with what it needs.
    #[error("{what} is for cases whose target is client")]
    ClientAlone {
        /// What.
        what: &'static str,
    },
    /// A name of a connection that the case does not have, or has twice.
    #[error("{expected}")]
    Connection {
        /// What was expected.
        expected: &'static str,
    },
    /// An expectation whose loss fails the case, with a requirement that leaves it open.
    #[error(
        "the requirement {id:?} is a {level}: not to meet it breaks no rule, so that a case cannot fail by it"
    )]
    RequirementLevel {
        /// The requirement.
        id: String,
        /// Its level.
        level: String,
    },
    /// Something that the language can say and the runner cannot do yet.
    #[error("{what} cannot be played yet")]
    NotPlayable {
        /// What.
        what: &'static str,
    },
    /// `needs` names a case that is not there.
    #[error("needs names the case {id:?}, which does not exist")]
    UnknownCase {
        /// The id as written.
        id: String,
    },
}

impl CaseErrorKind {
    /// The name of the rule that is broken, as `cases/README.md` lists it.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "readable",
            Self::Syntax { .. } => "syntax",
            Self::Form { .. } => "form",
            Self::UnknownName { .. } => "name-exists",
            Self::UnusedName { .. } => "name-used",
            Self::Each => "each",
            Self::Parameters { .. } => "parameters",
            Self::UnusedParameter { .. } => "parameter-used",
            Self::IdForm { .. } => "id-form",
            Self::IdTaken { .. } => "id-unique",
            Self::AutobahnTaken { .. } => "autobahn-unique",
            Self::UnknownRequirement { .. } => "requirement-exists",
            Self::RequirementOfOtherRole { .. } => "requirement-role",
            Self::NoRequirement => "requirement-cited",
            Self::UnknownFlag { .. } => "flag-exists",
            Self::Payload(_) => "payload",
            Self::NoOutcome => "outcome-exists",
            Self::NoReason => "outcome-reason",
            Self::OutcomeOrder { .. } => "outcome-order",
            Self::BehindTheEnd => "trace-end",
            Self::VacuousPass { .. } => "no-vacuous-pass",
            Self::QuietOutsideFrame => "quiet-inside-frame",
            Self::Withhold { .. } => "withhold",
            Self::ClientAlone { .. } => "client-alone",
            Self::Connection { .. } => "connection",
            Self::RequirementLevel { .. } => "requirement-level",
            Self::NotPlayable { .. } => "playable",
            Self::UnknownCase { .. } => "needs-exists",
        }
    }
}

fn did_you_mean(suggestion: Option<&String>) -> String {
    suggestion.map_or_else(String::new, |near| format!("; did you mean {near:?}?"))
}

/// All mistakes that were found; at least one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} in the case files", if errors.len() == 1 { "a mistake".to_owned() } else { format!("{} mistakes", errors.len()) })]
pub struct CaseErrors {
    /// The mistakes, in the order of the files.
    pub errors: Vec<CaseError>,
}
