//! A result told in labelled lines: what the terminal, JUnit and Markdown have in common.

use wsspec_cases::requirement::Catalogue;

use crate::causes::{self, Cause};
use crate::tally::{self, Tally};
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
    let cited = result.broken.as_ref().or(result.requirements.first());
    let cited = cited.map(String::as_str);
    if let Some(fact) = stake(cited, result.broken.is_some(), catalogue) {
        tell(fact.label, fact.text);
    }
    facts.extend(course(result));
    facts
}

/// What was expected and observed.
pub(crate) fn course(result: &CaseResult) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut tell = |label, text| facts.push(Fact { label, text });
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
    if let Some(before) = &result.in_company {
        tell("remark", words::in_company(before));
    }
    facts
}

/// The requirement that is broken, or at stake.
pub(crate) fn stake(cited: Option<&str>, is_broken: bool, catalogue: &Catalogue) -> Option<Fact> {
    let requirement = catalogue.find(cited?)?;
    let (citation, level) = (requirement.citation(), &requirement.level);
    Some(Fact {
        label: if is_broken { "breaks" } else { "at stake" },
        text: format!("{citation} ({level}): {}", requirement.summary),
    })
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

/// Everything that there is to say of one result, as plain text.
pub(crate) fn text(result: &CaseResult, catalogue: &Catalogue) -> String {
    let mut lines = Lines::default();
    for fact in facts(result, catalogue) {
        lines.tell(fact.label, &fact.text);
    }
    lines.wire_and_replay(result);
    lines.0.join("\n")
}

/// A cause with its example in full and the other cases by name, as plain text.
pub(crate) fn cause(cause: &Cause<'_>, tally: &Tally<'_>, names_max: usize) -> String {
    let mut lines = Lines::default();
    if let Some(stake) = stake(cause.requirement, cause.is_broken, &tally.catalogue) {
        lines.tell(stake.label, &stake.text);
    }
    lines.tell("seen", &cause.sentence());
    for name in &cause.flags {
        lines.tell("known as", &words::clean(name, 60));
    }
    lines.tell("where", &cause.places());
    let example = cause.example();
    lines.tell("example", &words::clean(&example.case, 120));
    if let Some(case) = tally.case_of(example) {
        lines.tell("", &words::clean(&case.title, 300));
    }
    lines.tell("why", &words::reason(example));
    for fact in course(example) {
        lines.tell(fact.label, &fact.text);
    }
    lines.wire_and_replay(example);
    if cause.results.len() > 1 {
        lines.tell("also in", &causes::names(&cause.results[1..], names_max));
    }
    lines.0.join("\n")
}

/// Lines with a label in front of each.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn tell(&mut self, label: &str, text: &str) {
        self.0.push(format!("{label:<10}{text}"));
    }

    fn wire_and_replay(&mut self, result: &CaseResult) {
        for (index, entry) in last_entries(result, 12).into_iter().enumerate() {
            let label = if index == 0 { "wire" } else { "" };
            self.tell(label, &words::entry(entry));
            for complaint in words::complaints(&entry.what) {
                self.tell("", &format!("{:>16} {complaint}", "!"));
            }
        }
        if !result.replay.is_empty() {
            self.tell("replay", &words::clean(&result.replay, 2_000));
        }
    }
}
