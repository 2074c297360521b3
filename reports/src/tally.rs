//! A run sorted and counted, once for all documents: results by target in the order of the
//! suite, and how many there are of each kind.

use std::collections::{HashMap, HashSet};

use wsspec_cases::requirement::Catalogue;
use wsspec_cases::{Case, Target};

use crate::baseline::Known;
use crate::causes::{self, Cause};
use crate::policy::FailOn;
use crate::words;
use wsspec_record::results::{CaseResult, Closing, Grade, Results, TargetInfo, Verdict};

/// Everything that documents are made of.
#[derive(Debug)]
pub struct Tally<'a> {
    /// What was found.
    pub results: &'a Results,
    /// What counts against a target.
    pub policy: FailOn,
    /// The requirements of the RFCs.
    pub catalogue: Catalogue,
    /// The targets with their results.
    pub targets: Vec<TargetResults<'a>>,
    /// What a baseline knows of results, by target and case.
    known: HashMap<(&'a str, &'a str), &'a Known>,
}

impl<'a> Tally<'a> {
    /// Sorts and counts.
    pub fn new(results: &'a Results, policy: FailOn) -> Self {
        let catalogue = wsspec_cases::suite::catalogue();
        let mut targets = by_target(results, policy);
        for target in &mut targets {
            let role = target.role();
            target.causes = causes::of_target(results, &catalogue, role, &target.results);
            for (place, cause) in target.causes.iter().enumerate() {
                let cases = cause.results.iter().map(|result| result.case.as_str());
                target.cause_by_case.extend(cases.map(|case| (case, place)));
            }
        }
        Self {
            results,
            policy,
            catalogue,
            targets,
            known: HashMap::new(),
        }
    }

    /// Takes note of what a baseline knows: it no longer counts against the targets.
    #[must_use]
    pub fn with_known(mut self, known: &[(&'a CaseResult, &'a Known)]) -> Self {
        for (result, known) in known {
            let key = (result.target.as_str(), result.case.as_str());
            self.known.insert(key, *known);
        }
        for target in &mut self.targets {
            let failing = target
                .results
                .iter()
                .filter(|result| self.policy.fails(result));
            let of_known = |result: &&&CaseResult| {
                self.known
                    .contains_key(&(result.target.as_str(), result.case.as_str()))
            };
            target.counts.known = failing.filter(of_known).count() as u64;
            target.counts.failing -= target.counts.known;
        }
        self
    }

    /// What a baseline knows of a result.
    pub fn known(&self, result: &CaseResult) -> Option<&'a Known> {
        let key = (result.target.as_str(), result.case.as_str());
        self.known.get(&key).copied()
    }

    /// The entry that knows every result of a cause.
    pub fn known_cause(&self, cause: &Cause<'_>) -> Option<&'a Known> {
        let first = self.known(cause.example())?;
        let all = cause
            .results
            .iter()
            .all(|result| self.known(result).is_some());
        all.then_some(first)
    }

    /// The counts of all targets together.
    pub fn sum(&self) -> Counts {
        let mut sum = Counts::default();
        for target in &self.targets {
            sum.add(&target.counts);
        }
        sum
    }

    /// The case of a result, where the header has it.
    pub fn case_of(&self, result: &CaseResult) -> Option<&'a Case> {
        self.results.header.cases.get(&result.case)
    }

    /// Whether a result counts against its target.
    pub fn fails(&self, result: &CaseResult) -> bool {
        self.policy.fails(result) && self.known(result).is_none()
    }
}

/// How many results there are of each kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts {
    verdicts: [u64; Verdict::ALL.len()],
    /// Results that keep to every MUST, of those that were [judged](Self::judged).
    pub kept: u64,
    /// Results that count against the target, by the policy.
    pub failing: u64,
    /// Results that would, and that a baseline knows.
    pub known: u64,
    /// Results whose grade is [`Grade::NonStrict`], whichever axis says so.
    pub non_strict: u64,
    /// Results whose closing is neither ok, info nor none.
    pub closing_not_ok: u64,
    /// Selected cases without a result: the run was interrupted.
    pub missing: u64,
    /// What counts against the target as a whole, by the policy, such as that it died.
    pub troubles: u64,
    /// The sum of the durations, in milliseconds; cases run side by side, so that the
    /// run is shorter.
    pub duration_ms: f64,
}

impl Counts {
    /// Counts results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>, policy: FailOn) -> Self {
        let mut counts = Self::default();
        for result in results {
            counts.verdicts[result.verdict as usize] += 1;
            counts.kept += u64::from(is_judged(result) && result.grade() <= Grade::NonStrict);
            counts.failing += u64::from(policy.fails(result));
            counts.non_strict += u64::from(result.grade() == Grade::NonStrict);
            counts.closing_not_ok += u64::from(!is_fine(result.closing));
            counts.duration_ms += result.duration_ms;
        }
        counts
    }

    /// How many results have this verdict.
    pub fn verdict(&self, verdict: Verdict) -> u64 {
        self.verdicts[verdict as usize]
    }

    /// How many results there are.
    pub fn total(&self) -> u64 {
        self.verdicts.iter().sum()
    }

    /// How many cases were played to a judgement on the target: all but those that
    /// were skipped, and those that need what the target does not have.
    pub fn judged(&self) -> u64 {
        self.total() - self.verdict(Verdict::Skipped) - self.verdict(Verdict::Unimplemented)
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        for (sum, number) in self.verdicts.iter_mut().zip(other.verdicts) {
            *sum += number;
        }
        self.kept += other.kept;
        self.failing += other.failing;
        self.known += other.known;
        self.non_strict += other.non_strict;
        self.closing_not_ok += other.closing_not_ok;
        self.missing += other.missing;
        self.troubles += other.troubles;
        self.duration_ms += other.duration_ms;
    }
}

/// Whether a case was played to a judgement: it was neither skipped nor is it about what
/// the target does not have.
pub fn is_judged(result: &CaseResult) -> bool {
    !matches!(result.verdict, Verdict::Skipped | Verdict::Unimplemented)
}

/// Whether there is nothing to say about a closing.
pub fn is_fine(closing: Closing) -> bool {
    matches!(closing, Closing::Ok | Closing::Info | Closing::None)
}

/// How many notices of a target are told.
const NOTICES_MAX: usize = 8;

/// A target with its results.
#[derive(Debug, Clone)]
pub struct TargetResults<'a> {
    /// The target.
    pub info: TargetInfo,
    /// Its results in the order of the suite.
    pub results: Vec<&'a CaseResult>,
    /// How many of each kind.
    pub counts: Counts,
    /// What is wrong with it, and what could be better, the worst first.
    pub causes: Vec<Cause<'a>>,
    /// The places of the causes by case.
    cause_by_case: HashMap<&'a str, usize>,
}

impl<'a> TargetResults<'a> {
    fn new(info: TargetInfo) -> Self {
        Self {
            info,
            results: Vec::new(),
            counts: Counts::default(),
            causes: Vec::new(),
            cause_by_case: HashMap::new(),
        }
    }

    /// What there is to know of the target besides its results, in sentences, and whether it
    /// counts against it.
    pub fn notices(&self) -> Vec<(bool, String)> {
        let notices = self.info.notices.iter();
        let told = notices.map(|notice| (notice.is_trouble(), words::notice(notice)));
        let mut told: Vec<(bool, String)> = told.take(NOTICES_MAX).collect();
        let more = self.info.notices.len().saturating_sub(NOTICES_MAX);
        if more > 0 {
            let more = words::counted(more as u64, "more note", "more notes");
            told.push((false, format!("And {more} of this kind.")));
        }
        // As version 1 of the format has it.
        if let (true, Some(trouble)) = (told.is_empty(), &self.info.trouble) {
            told.push((true, words::clean(trouble, 2_000)));
        }
        told
    }

    fn troubles(&self, policy: FailOn) -> u64 {
        let told = self.notices();
        let troubles = told.iter().filter(|(is_trouble, _)| *is_trouble).count() as u64;
        if policy == FailOn::Never { 0 } else { troubles }
    }

    /// Why a result is not good.
    pub fn cause_of(&self, result: &CaseResult) -> Option<&Cause<'a>> {
        self.causes.get(self.cause_place(result)?)
    }

    /// The place of that cause.
    pub(crate) fn cause_place(&self, result: &CaseResult) -> Option<usize> {
        self.cause_by_case.get(result.case.as_str()).copied()
    }

    /// What is wrong: the causes that a broken MUST or no judgement shows.
    pub fn faults(&self) -> impl Iterator<Item = &Cause<'a>> {
        let is_fault = |cause: &&Cause<'_>| cause.grade >= Grade::Bad;
        self.causes.iter().filter(is_fault)
    }

    /// What is allowed, and not strictly right.
    pub fn allowed(&self) -> impl Iterator<Item = &Cause<'a>> {
        let is_allowed = |cause: &&Cause<'_>| cause.grade < Grade::Bad;
        self.causes.iter().filter(is_allowed)
    }

    /// `server` or `client`, as cases have it.
    pub fn role(&self) -> Target {
        match self.info.role.as_str() {
            "client" => Target::Client,
            _ => Target::Server,
        }
    }
}

/// The results of each target in the order of the suite.
///
/// Nothing is left out: results of a target that the header does not name come last,
/// and so do those of cases that stand in no order.
fn by_target(results: &Results, policy: FailOn) -> Vec<TargetResults<'_>> {
    let place: HashMap<&str, usize> = results
        .header
        .order
        .iter()
        .enumerate()
        .map(|(place, id)| (id.as_str(), place))
        .collect();
    let mut targets: Vec<TargetResults<'_>> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    for info in &results.header.targets {
        index.entry(&info.name).or_insert_with(|| {
            targets.push(TargetResults::new(info.clone()));
            targets.len() - 1
        });
    }
    for result in &results.results {
        let at = *index.entry(&result.target).or_insert_with(|| {
            let info = TargetInfo::new(result.target.clone(), "server");
            targets.push(TargetResults::new(info));
            targets.len() - 1
        });
        targets[at].results.push(result);
    }
    for target in &mut targets {
        target.results.sort_by(|a, b| {
            let place = |result: &CaseResult| place.get(result.case.as_str()).copied();
            // None sorts first, but stands last here.
            let key = |result| place(result).unwrap_or(usize::MAX);
            key(a).cmp(&key(b)).then_with(|| a.case.cmp(&b.case))
        });
        target.counts = Counts::of(target.results.iter().copied(), policy);
        target.counts.missing = missing(results, target);
        target.counts.troubles = target.troubles(policy);
    }
    targets
}

fn missing(results: &Results, target: &TargetResults<'_>) -> u64 {
    let role = target.role();
    let found: HashSet<&str> = target
        .results
        .iter()
        .map(|result| result.case.as_str())
        .collect();
    let is_missing = |id: &&String| {
        let case = results.header.cases.get(*id);
        !found.contains(id.as_str()) && case.is_none_or(|case| case.target.includes(role))
    };
    results.header.order.iter().filter(is_missing).count() as u64
}

/// The ids of all cases in the order of the suite, those without a place last.
pub fn case_ids(results: &Results) -> Vec<&str> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut ids: Vec<&str> = results
        .header
        .order
        .iter()
        .map(String::as_str)
        .filter(|id| seen.insert(id))
        .collect();
    let mut others: Vec<&str> = results
        .results
        .iter()
        .map(|result| result.case.as_str())
        .filter(|id| seen.insert(id))
        .collect();
    others.sort_unstable();
    ids.extend(others);
    ids
}

/// The topic of a case: its id without the last part.
pub fn topic(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(topic, _)| topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn counts_add_up() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        for target in &tally.targets {
            let verdicts: u64 = Verdict::ALL
                .iter()
                .map(|verdict| target.counts.verdict(*verdict))
                .sum();
            assert_eq!(verdicts, target.results.len() as u64);
        }
        let sum = tally.sum();
        assert_eq!(sum.total(), results.results.len() as u64);
        assert_eq!((sum.failing, sum.missing), (11, 0));
        assert_eq!(sum.verdict(Verdict::Fail), 7);
    }

    #[test]
    fn results_stand_in_the_order_of_the_suite() {
        let results = fixtures::results();
        for target in by_target(&results, FailOn::Fail) {
            let ids: Vec<&String> = target.results.iter().map(|result| &result.case).collect();
            assert_eq!(ids, results.header.order.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_the_header_does_not_know_is_not_lost() {
        let mut results = fixtures::results();
        results.header.targets.truncate(1);
        results.header.order.truncate(2);
        let targets = by_target(&results, FailOn::Fail);
        assert_eq!(targets[1].info.name, fixtures::HOSTILE_NAME);
        assert_eq!(targets[1].results.len(), 8);
        assert_eq!(case_ids(&results).len(), 8);
    }

    #[test]
    fn cases_without_a_result_are_missed() {
        let mut results = fixtures::results();
        results
            .results
            .retain(|result| result.case != "timing/slow");
        let counts = |results: &Results| by_target(results, FailOn::Fail)[0].counts.missing;
        assert_eq!(counts(&results), 1);
        let slow = results.header.cases.get_mut("timing/slow").unwrap();
        slow.target = Target::Client;
        assert_eq!(counts(&results), 0, "the case is not for servers");
    }
}
