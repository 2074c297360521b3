//! What the entries of a file share: defaults, named reasons and named outcomes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::expand::uses;

/// A case file before its entries are expanded.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CaseFile {
    #[serde(rename = "$schema", default)]
    #[expect(dead_code, reason = "for editors alone")]
    schema: Option<String>,
    pub(crate) title: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for readers of the file alone")]
    about: Option<String>,
    /// Fields of a case, for the entries that do not have them.
    #[serde(default)]
    pub(crate) defaults: Map<String, Value>,
    /// Texts for `because`, by name.
    #[serde(default)]
    pub(crate) reasons: BTreeMap<String, String>,
    /// Lists of outcomes, by name.
    #[serde(default)]
    pub(crate) outcomes: BTreeMap<String, Vec<Value>>,
    pub(crate) cases: Vec<Value>,
    /// The reasons and outcomes that were asked for.
    #[serde(skip)]
    used: RefCell<BTreeSet<(Named, String)>>,
}

/// What can have a name in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// A text for `because`.
    Reason,
    /// A list of outcomes.
    Outcomes,
}

impl Named {
    /// The field of the file that holds them.
    pub fn field(self) -> &'static str {
        match self {
            Self::Reason => "reasons",
            Self::Outcomes => "outcomes",
        }
    }
}

impl CaseFile {
    /// The reason of this name.
    pub(crate) fn reason(&self, name: &str) -> Option<&String> {
        self.note(Named::Reason, name);
        self.reasons.get(name)
    }

    /// The outcomes of this name.
    pub(crate) fn outcomes(&self, name: &str) -> Option<&Vec<Value>> {
        self.note(Named::Outcomes, name);
        self.outcomes.get(name)
    }

    /// Whether a reason or an outcome names this parameter.
    pub(crate) fn uses(&self, parameter: &str) -> bool {
        let named = format!("{{{parameter}}}");
        self.reasons.values().any(|text| text.contains(&named))
            || self
                .outcomes
                .values()
                .flatten()
                .any(|outcome| uses(outcome, parameter))
    }

    fn note(&self, named: Named, name: &str) {
        self.used.borrow_mut().insert((named, name.to_owned()));
    }

    /// The names there are.
    pub(crate) fn names(&self, named: Named) -> Vec<&str> {
        match named {
            Named::Reason => self.reasons.keys().map(String::as_str).collect(),
            Named::Outcomes => self.outcomes.keys().map(String::as_str).collect(),
        }
    }

    /// The names that nothing asked for.
    pub(crate) fn unused(&self) -> Vec<(Named, &str)> {
        let used = self.used.borrow();
        [Named::Reason, Named::Outcomes]
            .into_iter()
            .flat_map(|named| {
                let names = self.names(named).into_iter();
                names.map(move |name| (named, name))
            })
            .filter(|(named, name)| !used.contains(&(*named, (*name).to_owned())))
            .collect()
    }
}

/// The name that a string refers to: `"@late"` is `late`.
pub(crate) fn reference(text: &str) -> Option<&str> {
    text.strip_prefix('@')
}
