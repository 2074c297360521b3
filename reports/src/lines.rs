//! Documents of lines: JSON Lines, TAP, and the annotations of GitHub Actions.

use std::fmt::Write as _;

use wsspec_record::results::{CaseResult, Verdict};

use crate::account;
use crate::tally::{Tally, TargetResults};
use crate::words;

/// How many annotations there are at the most: GitHub shows ten of a step.
const ANNOTATIONS_MAX: usize = 10;
/// How many other cases an annotation names.
const NAMED_MAX: usize = 20;

/// A result as a line of JSON, without its transcript.
///
/// # Errors
/// Where it cannot be written as JSON, which is a mistake of ours.
pub fn json_line(result: &CaseResult) -> serde_json::Result<String> {
    let bare = CaseResult {
        transcript: None,
        ..result.clone()
    };
    serde_json::to_string(&bare).map(|line| line + "\n")
}

/// All results as lines of JSON.
///
/// # Errors
/// As [`json_line`].
pub fn jsonl(tally: &Tally<'_>) -> serde_json::Result<String> {
    let results = tally.targets.iter().flat_map(|target| &target.results);
    results.map(|result| json_line(result)).collect()
}

/// The Test Anything Protocol, version 14. What a baseline knows is a TODO.
pub fn tap(tally: &Tally<'_>) -> String {
    let results = tally
        .targets
        .iter()
        .flat_map(|target| target.results.iter());
    let mut lines: Vec<String> = results.map(|result| tap_line(tally, result)).collect();
    for target in &tally.targets {
        let name = tap_text(&target.info.name);
        if target.counts.missing > 0 {
            lines.push(format!(
                "not ok # - {name}: {} not run",
                target.counts.missing
            ));
        }
        if target.counts.troubles > 0 {
            for (_, text) in target
                .notices()
                .iter()
                .filter(|(is_trouble, _)| *is_trouble)
            {
                lines.push(format!("not ok # - {name}: {}", tap_text(text)));
            }
        }
    }
    let mut out = format!("TAP version 14\n1..{}\n", lines.len());
    for (number, line) in (1..).zip(lines) {
        out.push_str(&line.replacen("ok #", &format!("ok {number}"), 1));
        out.push('\n');
    }
    out
}

/// A result, with a number sign where its number goes.
fn tap_line(tally: &Tally<'_>, result: &CaseResult) -> String {
    let (target, case) = (tap_text(&result.target), tap_text(&result.case));
    let is_bad = tally.policy.fails(result);
    let known = tally.known(result);
    let directive = match (result.verdict, known) {
        (_, Some(known)) if is_bad => format!(" # TODO {}", tap_text(&known.reason)),
        (Verdict::Skipped | Verdict::Unimplemented, _) => {
            format!(" # SKIP {}", tap_text(&words::reason(result)))
        }
        _ => String::new(),
    };
    let ok = if is_bad { "not ok" } else { "ok" };
    let mut line = format!("{ok} # - {target}: {case}{directive}");
    if is_bad {
        line.push_str("\n  ---");
        let reason = words::reason(result);
        for (name, text) in [
            ("verdict", result.verdict.name()),
            ("closing", result.closing.name()),
            ("reason", &reason),
            ("replay", &words::clean(&result.replay, 2_000)),
        ] {
            // A JSON string is one of YAML's, too.
            let _ = write!(line, "\n  {name}: {}", serde_json::Value::from(text));
        }
        line.push_str("\n  ...");
    }
    line
}

/// Hostile text as a part of a description: no line of its own, no directive.
fn tap_text(text: &str) -> String {
    let clean = words::clean(text, 300);
    clean.replace('\\', "\\\\").replace('#', "\\#")
}

/// Annotations as GitHub Actions reads them from the log: one for each cause, the worst first,
/// what is known behind.
pub fn github(tally: &Tally<'_>) -> String {
    let mut told: Vec<(bool, String)> = Vec::new();
    for target in &tally.targets {
        told.extend(annotations(tally, target));
    }
    told.sort_by_key(|(is_error, _)| !is_error);
    let lines = told.into_iter().take(ANNOTATIONS_MAX);
    lines.map(|(_, line)| line).collect()
}

/// Whether it is an error, and the line.
fn annotations(tally: &Tally<'_>, target: &TargetResults<'_>) -> Vec<(bool, String)> {
    let name = words::clean(&target.info.name, 80);
    let mut found = Vec::new();
    let mut tell = |level: &str, title: &str, text: &str| {
        let line = format!(
            "::{level} title={}::{}\n",
            property(&format!("{name}: {title}")),
            message(text)
        );
        found.push((level == "error", line));
    };
    if target.counts.missing > 0 {
        let number = words::counted(target.counts.missing, "case was", "cases were");
        tell(
            "error",
            "the run is not whole",
            &format!("{number} not run"),
        );
    }
    if target.counts.troubles > 0 {
        for (_, text) in target
            .notices()
            .iter()
            .filter(|(is_trouble, _)| *is_trouble)
        {
            tell("error", "the target", &words::clean(text, 600));
        }
    }
    for cause in target.faults() {
        let is_error = cause.results.iter().any(|result| tally.fails(result));
        let level = match (is_error, tally.known_cause(cause)) {
            (true, _) => "error",
            (false, Some(_)) => "notice",
            (false, None) => "warning",
        };
        let cases = words::counted(cause.results.len() as u64, "case", "cases");
        let title = format!("{cases}, {}", cause.in_short(&tally.catalogue));
        tell(level, &title, &account::cause(cause, tally, NAMED_MAX));
    }
    found
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;

    #[test]
    fn lines_hold_hostile_text() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let text = tap(&tally);
        insta::assert_snapshot!("tap", text);
        let lines = text.lines().filter(|line| line.contains("ok "));
        let lines = lines.filter(|line| !line.starts_with(' ')).count();
        assert!(text.contains(&format!("1..{lines}\n")), "{lines}");

        let text = github(&tally);
        assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
        assert!(text.lines().count() <= ANNOTATIONS_MAX);
        insta::assert_snapshot!("github", text);

        let text = jsonl(&tally).unwrap();
        assert_eq!(text.lines().count(), results.results.len());
        for line in text.lines() {
            let result: CaseResult = serde_json::from_str(line).unwrap();
            assert!(results.header.order.contains(&result.case));
        }
    }
}
