//! Findings of earlier runs: they do not count again, and they are worth to be changed.

use std::path::PathBuf;

use wsspec_cases::expand::Dose;
use wsspec_cases::{Suite, Target};
use wsspec_fuzz::conversation::Conversation;
use wsspec_fuzz::findings;

use crate::cli::{Exit, problem};

/// The cases in folders of findings.
pub(super) struct Known(Option<Suite>);

impl Known {
    /// Loads the findings in these folders, where anything else may be too.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn load(folders: &[PathBuf]) -> Result<Self, Exit> {
        let mut files = Vec::new();
        for folder in folders {
            let found = findings::files(folder).map_err(|error| {
                let words = format!("cannot read {}: {error}", folder.display());
                problem::complain(Exit::Usage, &words)
            })?;
            files.extend(found);
        }
        if files.is_empty() {
            return Ok(Self(None));
        }
        let suite = Suite::from_paths(files.iter().map(PathBuf::as_path), Dose::Small);
        let suite = suite.map_err(|errors| problem::case_errors(&errors))?;
        Ok(Self(Some(suite)))
    }

    /// What they show.
    pub(super) fn slugs(&self) -> Vec<String> {
        let cases = self.0.iter().flat_map(Suite::cases);
        let slugs = cases.filter_map(findings::known);
        slugs.map(str::to_owned).collect()
    }

    /// What may be changed: they, and the suite.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn seeds(&self, target: Target) -> Result<Vec<Conversation>, Exit> {
        let suite = Suite::embedded(Dose::Small);
        let suite = suite.map_err(|errors| problem::case_errors(&errors))?;
        let cases = self.0.iter().flat_map(Suite::cases).chain(suite.cases());
        Ok(findings::conversations(cases, target))
    }
}
