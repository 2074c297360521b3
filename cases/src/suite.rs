//! The suite that the binary carries, and suites of the user's own.

use std::path::Path;

use crate::case::Case;
use crate::check::check;
use crate::error::{CaseErrorKind, CaseErrors};
use crate::expand::Dose;
use crate::flag::Flags;
use crate::load::{Loaded, Located, load_path, load_text};
use crate::requirement::Catalogue;
use crate::select::Selection;
use crate::target::Target;

mod files {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

const FLAGS: &str = include_str!("../flags.json");

/// Cases that were loaded and checked together, with the catalogue that they cite.
#[derive(Debug, Clone)]
pub struct Suite {
    cases: Vec<Located>,
    catalogue: Catalogue,
    flags: Flags,
}

impl Suite {
    /// The cases that the binary carries.
    ///
    /// # Errors
    /// Every mistake in them; a test sees to it that there is none.
    pub fn embedded(dose: Dose) -> Result<Self, CaseErrors> {
        Self::build(
            files::CASE_FILES
                .iter()
                .map(|(name, text)| load_text(name, text, dose)),
        )
    }

    /// The cases below folders (or in files) of the user's own.
    ///
    /// # Errors
    /// Every mistake in them.
    pub fn from_paths<'a>(
        paths: impl IntoIterator<Item = &'a Path>,
        dose: Dose,
    ) -> Result<Self, CaseErrors> {
        Self::build(paths.into_iter().map(|path| load_path(path, dose)))
    }

    fn build(parts: impl Iterator<Item = Loaded>) -> Result<Self, CaseErrors> {
        let mut cases = Vec::new();
        let mut errors = Vec::new();
        for part in parts {
            cases.extend(part.cases);
            errors.extend(part.errors);
        }
        let catalogue = catalogue();
        let flags = flags();
        let is_whole = errors.is_empty();
        errors.extend(
            check(&cases, &catalogue, &flags)
                .into_iter()
                .filter(|error| {
                    // What is needed may stand where the mistakes are.
                    is_whole || !matches!(error.kind, CaseErrorKind::UnknownCase { .. })
                }),
        );
        if errors.is_empty() {
            Ok(Self {
                cases,
                catalogue,
                flags,
            })
        } else {
            Err(CaseErrors { errors })
        }
    }

    /// All cases in the order of their files.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.iter().map(|located| &located.case)
    }

    /// All cases with the places where they are written.
    pub fn located(&self) -> &[Located] {
        &self.cases
    }

    /// The cases for a kind of target that a selection selects, in order; those for
    /// either kind where it is [`Target::Endpoint`].
    pub fn select(&self, target: Target, selection: &Selection) -> Vec<&Case> {
        self.cases()
            .filter(|case| target == Target::Endpoint || case.target.includes(target))
            .filter(|case| selection.selects(case))
            .collect()
    }

    /// The case with this id.
    pub fn find(&self, id: &str) -> Option<&Located> {
        self.cases.iter().find(|located| located.case.id == id)
    }

    /// The catalogue of requirements.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The table of known vulnerabilities.
    pub fn flags(&self) -> &Flags {
        &self.flags
    }
}

/// The table of known vulnerabilities that the binary carries.
pub fn flags() -> Flags {
    // A test reads the same text.
    serde_json::from_str(FLAGS).unwrap_or_default()
}

/// The catalogue that the binary carries.
pub fn catalogue() -> Catalogue {
    // A test reads the same texts, so that a mistake in them does not get this far.
    Catalogue::parse(files::REQUIREMENT_FILES.iter().map(|(_, text)| *text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole() {
        let texts = files::REQUIREMENT_FILES.iter().map(|(_, text)| *text);
        let catalogue = Catalogue::parse(texts).unwrap();
        assert_eq!(catalogue.iter().count(), 611);
        for requirement in catalogue.iter() {
            for same in &requirement.same_as {
                assert!(catalogue.find(same).is_some(), "{}: {same}", requirement.id);
            }
        }
    }

    #[test]
    fn the_flags_can_be_read_and_each_is_used() {
        let flags: Flags = serde_json::from_str(FLAGS).unwrap();
        let suite = Suite::embedded(Dose::Small).unwrap();
        for (name, flag) in flags.iter() {
            let is_used = |case: &Case| case.flags.iter().any(|used| used == name);
            assert!(suite.cases().any(is_used), "{name}");
            for text in [&flag.title, &flag.effect] {
                assert!(text.ends_with('.'), "{name}: {text}");
            }
        }
    }

    #[test]
    fn the_suite_is_sound() {
        if let Err(errors) = Suite::embedded(Dose::Small) {
            let all: Vec<String> = errors.errors.iter().map(ToString::to_string).collect();
            panic!("{}", all.join("\n"));
        }
        Suite::embedded(Dose::Full).unwrap();
    }
}
