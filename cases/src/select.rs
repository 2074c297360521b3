//! Choosing cases by id, by the beginning of an id, by glob, or by Autobahn's number.

use globset::{Glob, GlobMatcher};

use crate::case::Case;

/// A pattern of `--case` or `--exclude`.
///
/// `framing/rsv` is an id or a folder of ids; `*/utf-8/*` is a glob in which `*`
/// matches anything; `autobahn:3.*` and `autobahn:3` are Autobahn's numbers, and so is a bare
/// `3.2` for cases whose id does not begin so.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    names: Names,
    glob: GlobMatcher,
}

/// What a pattern speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Ids.
    Ids,
    /// Autobahn's numbers.
    Numbers,
    /// Ids, and Autobahn's numbers where they do not fit.
    Both,
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
        let (names, text) = match pattern.strip_prefix("autobahn:") {
            Some(number) => (Names::Numbers, number),
            None if looks_like_a_number(pattern) => (Names::Both, pattern),
            None => (Names::Ids, pattern.trim_end_matches('/')),
        };
        if text.is_empty() {
            return Err(error("it is empty".into()));
        }
        let glob = Glob::new(text).map_err(|glob| error(glob.kind().to_string()))?;
        Ok(Self {
            text: text.to_owned(),
            names,
            glob: glob.compile_matcher(),
        })
    }
}

impl Pattern {
    /// What the user wrote, without the mark of Autobahn's numbers.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern selects this case.
    pub fn matches(&self, case: &Case) -> bool {
        let by_id = || self.matches_name(&case.id, '/');
        let by_number = || {
            let number = case.autobahn.as_deref();
            number.is_some_and(|number| self.matches_name(number, '.'))
        };
        match self.names {
            Names::Ids => by_id(),
            Names::Numbers => by_number(),
            Names::Both => by_id() || by_number(),
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

/// Whether it is a number such as `7.3.6`, or a glob of them.
fn looks_like_a_number(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|octet| octet.is_ascii_digit() || octet == b'*')
    };
    text.starts_with(|first: char| first.is_ascii_digit()) && text.split('.').all(is_part)
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
            ("3.2", true),
            ("3.*", true),
            ("3", true),
            ("3.20", false),
            ("2.*", false),
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
