//! Choosing cases by id, by the beginning of an id, by glob, or by Autobahn's number.

use globset::{Glob, GlobMatcher};

use crate::case::Case;

/// A pattern of `--case` or `--exclude`.
///
/// `framing/rsv` is an id or a folder of ids; `*/utf-8/*` is a glob in which `*`
/// matches anything; `autobahn:3.*` and `autobahn:3` are Autobahn's numbers.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    autobahn: bool,
    glob: GlobMatcher,
}

/// A pattern that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pattern:?} is no pattern: {reason}")]
pub struct PatternError {
    /// The pattern as the user wrote it.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl std::str::FromStr for Pattern {
    type Err = PatternError;

    fn from_str(pattern: &str) -> Result<Self, PatternError> {
        let error = |reason: String| PatternError {
            pattern: pattern.to_owned(),
            reason,
        };
        let (autobahn, text) = match pattern.strip_prefix("autobahn:") {
            Some(number) => (true, number),
            None => (false, pattern.trim_end_matches('/')),
        };
        if text.is_empty() {
            return Err(error("it is empty".into()));
        }
        let glob = Glob::new(text).map_err(|glob| error(glob.kind().to_string()))?;
        Ok(Self {
            text: text.to_owned(),
            autobahn,
            glob: glob.compile_matcher(),
        })
    }
}

impl Pattern {
    /// Whether the pattern selects this case.
    pub fn matches(&self, case: &Case) -> bool {
        match (self.autobahn, &case.autobahn) {
            (true, Some(number)) => self.matches_name(number, '.'),
            (true, None) => false,
            (false, _) => self.matches_name(&case.id, '/'),
        }
    }

    /// Whether the pattern selects something of this name, or the folder of it.
    pub fn matches_name(&self, name: &str, separator: char) -> bool {
        let below = name
            .strip_prefix(self.text.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(separator));
        below || self.glob.is_match(name)
    }
}

/// What is selected: everything that one of `include` matches (everything where there
/// are none) and none of `exclude` does.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Patterns of `--case`.
    pub include: Vec<Pattern>,
    /// Patterns of `--exclude`.
    pub exclude: Vec<Pattern>,
}

impl Selection {
    /// Whether the case is selected.
    pub fn selects(&self, case: &Case) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches(case));
        (self.include.is_empty() || any(&self.include)) && !any(&self.exclude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_select_by_id_folder_glob_and_number() {
        let case: Case = serde_json::from_str(
            r#"{"id": "framing/rsv/rsv2", "autobahn": "3.2", "title": "t", "requirements": [],
                "because": "b", "script": [], "outcomes": []}"#,
        )
        .unwrap();
        for (pattern, expected) in [
            ("framing/rsv/rsv2", true),
            ("framing/rsv", true),
            ("framing/", true),
            ("framing/rs", false),
            ("framing/rs*", true),
            ("*rsv2", true),
            ("f*/rsv?", true),
            ("autobahn:3.2", true),
            ("autobahn:3", true),
            ("autobahn:3.*", true),
            ("autobahn:*", true),
            ("autobahn:3.20", false),
            ("3.2", false),
        ] {
            let parsed: Pattern = pattern.parse().unwrap();
            assert_eq!(parsed.matches(&case), expected, "{pattern}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in ["", "autobahn:", "a[", "{a"] {
            assert!(pattern.parse::<Pattern>().is_err(), "{pattern}");
        }
    }
}
