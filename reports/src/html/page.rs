//! What all pages have in common.

use serde::Serialize;
use wsspec_cases::Case;
use wsspec_record::results::Verdict;

use super::{CasePage, Site};
use crate::words;

/// What every page shows.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    /// The way from the page to the report's folder.
    root: &'static str,
    tool: String,
    started: String,
    seed: u64,
    duration: String,
    cases: String,
    policy: &'static str,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct RequirementView {
    pub(super) id: String,
    pub(super) citation: String,
    pub(super) link: String,
    pub(super) level: String,
    pub(super) summary: String,
}

/// A mark that tells verdicts apart without their colour.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::NonStrict => "≈",
        Verdict::Fail => "✗",
        Verdict::Info => "i",
        Verdict::Unimplemented => "–",
        Verdict::Skipped => "○",
        Verdict::Error => "!",
    }
}

pub(super) fn run(site: &Site<'_>, root: &'static str) -> Run {
    let header = &site.tally.results.header;
    Run {
        root,
        tool: words::clean(&format!("{} {}", header.tool.name, header.tool.version), 60),
        started: words::clean(&header.started, 40)
            .replace('T', " ")
            .replace('Z', " UTC"),
        seed: header.seed,
        duration: words::milliseconds(site.tally.results.duration_ms as f64),
        cases: words::counted(site.pages.len() as u64, "case", "cases"),
        policy: site.tally.policy.name(),
    }
}

/// The topic under which a case stands: the first two parts of its id, or the first
/// where there are only two.
pub(super) fn group_of(id: &str) -> &str {
    match id.match_indices('/').nth(1) {
        Some((at, _)) => &id[..at],
        None => id.split_once('/').map_or(id, |(first, _)| first),
    }
}

pub(super) fn anchor(topic: &str) -> String {
    format!("topic-{}", super::slug(topic))
}

pub(super) fn title(case: Option<&Case>, id: &str) -> String {
    words::clean(case.map_or(id, |case| &case.title), 200)
}

pub(super) fn number(case: Option<&Case>, page: &CasePage<'_>) -> String {
    let of_case = case.and_then(|case| case.autobahn.clone());
    let of_results = || {
        let mut results = page.results.iter().flatten();
        results.find_map(|result| result.autobahn.clone())
    };
    words::clean(&of_case.or_else(of_results).unwrap_or_default(), 20)
}

pub(super) fn requirement(site: &Site<'_>, id: &str) -> RequirementView {
    match site.tally.catalogue.find(id) {
        Some(found) => RequirementView {
            id: id.to_owned(),
            citation: found.citation(),
            link: format!(
                "https://www.rfc-editor.org/rfc/rfc{}#section-{}",
                found.rfc(),
                found.section
            ),
            level: found.level.clone(),
            summary: found.summary.clone(),
        },
        None => RequirementView {
            id: words::clean(id, 40),
            citation: words::clean(id, 40),
            link: String::new(),
            level: String::new(),
            summary: "Not in the catalogue of this wsspec.".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_stand_under_their_first_two_parts() {
        for (id, expected) in [
            ("framing/rsv/rsv2", "framing/rsv"),
            ("closing/code/invalid/999", "closing/code"),
            ("echo/text", "echo"),
            ("alone", "alone"),
        ] {
            assert_eq!(group_of(id), expected);
        }
    }
}
