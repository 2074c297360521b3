//! A result told in labelled lines: what the terminal, JUnit and Markdown have in common.

use wsspec_cases::requirement::Catalogue;

use crate::tally;
use crate::words;
use wsspec_record::results::{CaseResult, Verdict};
use wsspec_record::transcript::{Entry, What};

/// How many outcomes are told.
const EXPECTED_MAX: usize = 6;
/// How many characters each of them may have.
const LINE_CHARS_MAX: usize = 400;

/// A label and what there is to say under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) label: &'static str,
    pub(crate) text: String,
}

/// Why a result is what it is, what is at stake, and what was expected and observed.
pub(crate) fn facts(result: &CaseResult, catalogue: &Catalogue) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |label, text| facts.push(Fact { label, text });

    let why = words::reason(result);
    let closing = words::closing(result.closing);
    let says_closing = why == closing;
    match result.failure {
        Some(kind) => tell("why", format!("{kind}: {why}")),
        None => tell("why", why),
    }
    if !tally::is_fine(result.closing) && !says_closing {
        tell("closing", format!("{}: {closing}", result.closing));
    }
    if let Some((label, text)) = stake(result, catalogue) {
        tell(label, text);
    }
    // Where only the closing is bad, what was expected came.
    if matches!(result.verdict, Verdict::Fail | Verdict::NonStrict) {
        for (index, expected) in result.expected.iter().take(EXPECTED_MAX).enumerate() {
            let label = if index == 0 { "expected" } else { "or" };
            tell(label, words::clean(expected, LINE_CHARS_MAX));
        }
        if !result.observed.is_empty() {
            tell("observed", words::clean(&result.observed, LINE_CHARS_MAX));
        }
    }
    if result.attempts > 1 {
        let attempts = u64::from(result.attempts);
        tell("attempts", words::counted(attempts, "time", "times"));
    }
    facts
}

fn stake(result: &CaseResult, catalogue: &Catalogue) -> Option<(&'static str, String)> {
    let cited = result.broken.as_ref().or(result.requirements.first())?;
    let requirement = catalogue.find(cited)?;
    let label = match result.broken {
        Some(_) => "breaks",
        None => "at stake",
    };
    let (citation, level) = (requirement.citation(), &requirement.level);
    Some((
        label,
        format!("{citation} ({level}): {}", requirement.summary),
    ))
}

/// The last entries of the transcript, the beginnings of phases left out.
pub(crate) fn last_entries(result: &CaseResult, max: usize) -> Vec<&Entry> {
    let Some(transcript) = &result.transcript else {
        return Vec::new();
    };
    let mut told: Vec<&Entry> = transcript
        .entries
        .iter()
        .filter(|entry| !matches!(entry.what, What::Phase(_)))
        .collect();
    told.drain(..told.len().saturating_sub(max));
    told
}

/// Everything that there is to say, as plain text.
pub(crate) fn text(result: &CaseResult, catalogue: &Catalogue) -> String {
    let mut lines: Vec<String> = facts(result, catalogue)
        .into_iter()
        .map(|fact| format!("{:<10}{}", fact.label, fact.text))
        .collect();
    for (index, entry) in last_entries(result, 12).into_iter().enumerate() {
        let label = if index == 0 { "wire" } else { "" };
        lines.push(format!("{label:<10}{}", words::entry(entry)));
        for complaint in words::complaints(&entry.what) {
            lines.push(format!("{:<10}{:>16} {complaint}", "", "!"));
        }
    }
    if !result.replay.is_empty() {
        let command = words::clean(&result.replay, 2_000);
        lines.push(format!("{:<10}{command}", "replay"));
    }
    lines.join("\n")
}
