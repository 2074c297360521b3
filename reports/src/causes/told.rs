//! Causes in words.

use wsspec_cases::requirement::Catalogue;
use wsspec_record::results::CaseResult;

use super::{Cause, Seen};
use crate::words;

/// How many topics are named.
const TOPICS_MAX: usize = 6;
/// How much of a requirement stands in a short account.
const SUMMARY_CHARS_MAX: usize = 120;

impl Cause<'_> {
    /// What was seen, as a sentence.
    pub fn sentence(&self) -> String {
        match &self.seen {
            Seen::Allowed(reason) => reason.clone(),
            seen => format!("The target {}.", seen.words()),
        }
    }

    /// Where it shows, and how often there.
    pub fn places(&self) -> String {
        let topics = self.topics();
        let mut told: Vec<String> = Vec::new();
        for (topic, number) in topics.iter().take(TOPICS_MAX) {
            let topic = words::clean(topic, 80);
            told.push(match topics.len() {
                1 => topic,
                _ => format!("{topic} {number}"),
            });
        }
        if topics.len() > TOPICS_MAX {
            told.push(format!("and {} more", topics.len() - TOPICS_MAX));
        }
        told.join(", ")
    }

    /// What is wrong in one sentence: what has to be, and what was seen.
    pub fn in_short(&self, catalogue: &Catalogue) -> String {
        match self.requirement.and_then(|id| catalogue.find(id)) {
            Some(requirement) => {
                let summary = words::clean(&requirement.summary, SUMMARY_CHARS_MAX);
                format!("{} {summary} → {}", requirement.citation(), self.sentence())
            }
            None => format!("{} ({})", self.sentence(), self.places()),
        }
    }
}

/// The ids of cases, a few of them.
pub fn names(results: &[&CaseResult], max: usize) -> String {
    let mut names: Vec<String> = Vec::new();
    for result in results.iter().take(max) {
        names.push(words::clean(&result.case, 120));
    }
    if results.len() > max {
        let more = (results.len() - max) as u64;
        names.push(format!("and {}", words::counted(more, "more", "more")));
    }
    names.join(", ")
}
