//! Two runs held against each other: what is better, worse, new and gone, by cause.

mod documents;

use std::collections::HashMap;

use wsspec_record::results::{CaseResult, Grade, Verdict};

use crate::tally::{Tally, TargetResults};
use crate::words;

pub use documents::{html, markdown, text};

/// How a result differs from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// It is worse.
    Worse,
    /// There is none any more.
    Gone,
    /// There was none before.
    New,
    /// It is better.
    Better,
    /// It is something else of the same worth.
    Otherwise,
}

impl Change {
    /// Every kind, what needs a look first.
    pub const ALL: &[Self] = &[
        Self::Worse,
        Self::Gone,
        Self::New,
        Self::Better,
        Self::Otherwise,
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Gone => "gone",
            Self::New => "new",
            Self::Better => "better",
            Self::Otherwise => "otherwise",
        }
    }

    fn of(old: Option<&CaseResult>, new: Option<&CaseResult>) -> Option<Self> {
        let (old, new) = match (old, new) {
            (Some(old), Some(new)) => (old, new),
            (Some(_), None) => return Some(Self::Gone),
            (None, Some(_)) => return Some(Self::New),
            (None, None) => return None,
        };
        match new.grade().cmp(&old.grade()) {
            std::cmp::Ordering::Greater => Some(Self::Worse),
            std::cmp::Ordering::Less => Some(Self::Better),
            std::cmp::Ordering::Equal => {
                let is_same = (old.verdict, old.closing) == (new.verdict, new.closing);
                (!is_same).then_some(Self::Otherwise)
            }
        }
    }
}

/// What differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// When the older and the newer run began. Hostile text.
    pub started: [String; 2],
    /// The targets of both runs.
    pub targets: Vec<TargetComparison>,
    /// The targets of one run only, by name.
    pub gone_targets: Vec<String>,
    /// See above.
    pub new_targets: Vec<String>,
}

/// What differs about a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetComparison {
    /// Its name in the newer run. Hostile text.
    pub name: String,
    /// How many results are as they were.
    pub same: u64,
    /// What is not, by cause, in the order of [`Change::ALL`].
    pub groups: Vec<Group>,
}

/// Results that differ in the same way, for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// How they differ.
    pub change: Change,
    /// The cause in words: for what is better that of the older run, else that of the newer
    /// one; none where there is nothing to complain about.
    pub cause: Option<String>,
    /// Whether that cause is in one of the runs only: it is new where results are worse, and
    /// mended where they are better.
    pub is_whole: bool,
    /// How bad the worst of them is, or was where it is better or gone.
    pub grade: Grade,
    /// The cases.
    pub cases: Vec<Differing>,
}

/// A case with two results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differing {
    /// Its id.
    pub case: String,
    /// The older result and the newer one, in words.
    pub results: [String; 2],
}

impl Comparison {
    /// Holds a newer run against an older one. Targets are the same where their names are, or
    /// where each run has one.
    pub fn new(old: &Tally<'_>, new: &Tally<'_>) -> Self {
        let is_alone = old.targets.len() == 1 && new.targets.len() == 1;
        let name_of = |target: &TargetResults<'_>| target.info.name.clone();
        let mut targets = Vec::new();
        let mut new_targets = Vec::new();
        for target in &new.targets {
            let same = |other: &&TargetResults<'_>| is_alone || name_of(other) == name_of(target);
            match old.targets.iter().find(same) {
                Some(before) => targets.push(compared((old, before), (new, target))),
                None => new_targets.push(name_of(target)),
            }
        }
        let is_there =
            |name: &String| is_alone || new.targets.iter().any(|other| other.info.name == *name);
        let gone = old.targets.iter().map(name_of);
        Self {
            started: [old, new].map(|tally| tally.results.header.started.clone()),
            targets,
            gone_targets: gone.filter(|name| !is_there(name)).collect(),
            new_targets,
        }
    }

    /// Whether something needs a look: it is worse, it is gone, or it is new and bad.
    pub fn is_worse(&self) -> bool {
        let groups = self.targets.iter().flat_map(|target| &target.groups);
        let mut needing = groups.filter(|group| match group.change {
            Change::Worse | Change::Gone => true,
            Change::New => group.grade >= Grade::Bad,
            Change::Better | Change::Otherwise => false,
        });
        needing.next().is_some() || !self.gone_targets.is_empty()
    }
}

impl TargetComparison {
    /// How many results differ in this way.
    pub fn count(&self, change: Change) -> u64 {
        let groups = self.groups.iter().filter(|group| group.change == change);
        groups.map(|group| group.cases.len() as u64).sum()
    }
}

/// Results by case, without those of cases that were not played.
fn played<'a>(target: &TargetResults<'a>) -> HashMap<&'a str, &'a CaseResult> {
    let results = target.results.iter().copied();
    let played = results.filter(|result| result.verdict != Verdict::Skipped);
    played
        .map(|result| (result.case.as_str(), result))
        .collect()
}

fn compared(
    (old, before): (&Tally<'_>, &TargetResults<'_>),
    (new, now): (&Tally<'_>, &TargetResults<'_>),
) -> TargetComparison {
    let (olds, news) = (played(before), played(now));
    let gone = before.results.iter().map(|result| result.case.as_str());
    let gone = gone.filter(|case| olds.contains_key(case) && !news.contains_key(case));
    let there = now.results.iter().map(|result| result.case.as_str());
    let cases = there.filter(|case| news.contains_key(case)).chain(gone);
    let mut groups: Vec<Group> = Vec::new();
    let mut same = 0;
    for case in cases {
        let results = [olds.get(case).copied(), news.get(case).copied()];
        let Some(change) = Change::of(results[0], results[1]) else {
            same += 1;
            continue;
        };
        let (told, (tally, target), other) = match (change, results) {
            (Change::Better | Change::Gone, [Some(result), _]) => (result, (old, before), now),
            (_, [_, Some(result)]) => (result, (new, now), before),
            _ => continue,
        };
        let cause = target.cause_of(told);
        let words = cause.map(|cause| cause.in_short(&tally.catalogue));
        let is_whole = cause.is_some_and(|cause| {
            let mut others = other.causes.iter();
            !others.any(|other| other.key() == cause.key())
        });
        let differing = Differing {
            case: case.to_owned(),
            results: results.map(|result| result.map_or_else(|| "–".to_owned(), axes)),
        };
        let group = groups
            .iter_mut()
            .find(|group| group.change == change && group.cause == words);
        match group {
            Some(group) => {
                group.grade = group.grade.max(told.grade());
                group.cases.push(differing);
            }
            None => groups.push(Group {
                change,
                cause: words,
                is_whole,
                grade: told.grade(),
                cases: vec![differing],
            }),
        }
    }
    groups.sort_by_key(|group| {
        let grade = std::cmp::Reverse(group.grade);
        (group.change, grade, std::cmp::Reverse(group.cases.len()))
    });
    TargetComparison {
        name: now.info.name.clone(),
        same,
        groups,
    }
}

/// Both axes in words.
fn axes(result: &CaseResult) -> String {
    match crate::tally::is_fine(result.closing) {
        true => result.verdict.name().to_owned(),
        false => format!("{}, closing {}", result.verdict, result.closing),
    }
}

/// The numbers of a target, in words.
fn numbers(target: &TargetComparison) -> String {
    let changes = Change::ALL
        .iter()
        .map(|change| (change.name(), target.count(*change)));
    let told = changes.filter(|(_, number)| *number > 0);
    let told = told.chain([("as before", target.same)]);
    let told: Vec<String> = told
        .map(|(name, number)| format!("{} {name}", words::grouped(number)))
        .collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;
    use wsspec_record::Results;
    use wsspec_record::results::Closing;

    fn compare(old: &Results, new: &Results) -> Comparison {
        let (old, new) = (Tally::new(old, FailOn::Fail), Tally::new(new, FailOn::Fail));
        Comparison::new(&old, &new)
    }

    fn changed() -> (Results, Results) {
        let (old, mut new) = (fixtures::results(), fixtures::results());
        new.results.retain(|result| result.target == "echo");
        new.header.targets.truncate(1);
        for result in &mut new.results {
            match result.case.as_str() {
                "framing/text/empty" => {
                    result.verdict = Verdict::Fail;
                    result.reason = fixtures::HOSTILE.into();
                }
                "framing/rsv/rsv2-on-second-message" => {
                    (result.verdict, result.closing) = (Verdict::Pass, Closing::Ok);
                    result.failure = None;
                }
                "timing/slow" => result.verdict = Verdict::Pass,
                "utf-8/cut" => result.verdict = Verdict::Skipped,
                _ => {}
            }
        }
        (old, new)
    }

    #[test]
    fn a_run_is_the_same_as_itself() {
        let run = fixtures::results();
        let comparison = compare(&run, &run);
        assert!(!comparison.is_worse());
        assert!(
            comparison
                .targets
                .iter()
                .all(|target| target.groups.is_empty())
        );
    }

    #[test]
    fn every_change_is_found() {
        let (old, new) = changed();
        let comparison = compare(&old, &new);
        let target = &comparison.targets[0];
        for (change, due) in [
            (Change::Worse, 1),
            (Change::Gone, 1),
            (Change::New, 1),
            (Change::Better, 1),
            (Change::Otherwise, 0),
        ] {
            assert_eq!(target.count(change), due, "{}", change.name());
        }
        assert_eq!(comparison.gone_targets, [fixtures::HOSTILE_NAME]);
        assert!(comparison.is_worse());
    }

    #[test]
    fn what_is_mended_is_not_worse() {
        let old = fixtures::results();
        let mut new = fixtures::results();
        for result in &mut new.results {
            if result.verdict == Verdict::Fail {
                (result.verdict, result.closing) = (Verdict::Pass, Closing::Ok);
            }
        }
        assert!(!compare(&old, &new).is_worse());
        assert!(compare(&new, &old).is_worse());
    }

    #[test]
    fn a_target_with_another_name_is_the_same_where_it_is_alone() {
        let (_, mut old) = changed();
        let (_, new) = changed();
        old.header.targets[0].name = "before".into();
        for result in &mut old.results {
            result.target = "before".into();
        }
        let comparison = compare(&old, &new);
        assert_eq!(comparison.targets.len(), 1);
        assert!(!comparison.is_worse(), "{comparison:?}");
    }

    #[test]
    fn documents_hold_hostile_text() {
        let (old, new) = changed();
        let comparison = compare(&old, &new);
        insta::assert_snapshot!("text", text(&comparison));
        insta::assert_snapshot!("markdown", markdown(&comparison));
        let page = html(&comparison).unwrap();
        assert!(
            !page.contains("<img") && !page.contains('\u{202e}'),
            "{page}"
        );
        let body = page.split_once("<body>").unwrap().1;
        insta::assert_snapshot!("html", body);
    }
}
