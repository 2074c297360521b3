//! Several runs as one: the shards of a run, runs of several targets, runs of several days.
//!
//! What two runs of one target have no case in common is one run of that target. What they
//! have in common makes another column of the matrix, with the date in its name. So shards
//! become the run that they are parts of, and a week becomes a history.

use std::collections::{BTreeMap, HashMap, HashSet};

use wsspec_cases::Case;
use wsspec_record::results::{CaseResult, Closing, Header, Results, Shard, TargetInfo, Verdict};
use wsspec_record::{Notice, Skip};

use crate::words;

/// Several runs as one.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// All of their results.
    pub results: Results,
    /// The parts that are not there.
    pub missing: Vec<MissingShards>,
}

/// Parts of a target's run that are not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}: of {count} shards, {} missing",
    words::clean(target, 80),
    numbers(missing)
)]
pub struct MissingShards {
    /// The target.
    pub target: String,
    /// How many there are to be.
    pub count: u32,
    /// Which ones are not there.
    pub missing: Vec<u32>,
}

fn numbers(missing: &[u32]) -> String {
    let numbers: Vec<String> = missing.iter().map(u32::to_string).collect();
    match missing.len() {
        1 => format!("number {} is", numbers[0]),
        _ => format!("numbers {} are", numbers.join(", ")),
    }
}

/// A target's part of one run, or of several that make one.
struct Column {
    started: String,
    info: TargetInfo,
    results: Vec<CaseResult>,
    /// The cases that were selected so far,
    selected: HashSet<String>,
    /// and where they are parts of a run, which run that is and which parts are there.
    whole: Option<(u32, Vec<String>, u64)>,
    indices: HashSet<u32>,
}

impl Column {
    fn of(run: &Results, info: &TargetInfo) -> Self {
        let of_target = |result: &&CaseResult| result.target == info.name;
        let header = &run.header;
        let whole = |shard: &Shard| (shard.count, shard.order.clone(), header.seed);
        Self {
            started: header.started.clone(),
            info: info.clone(),
            results: run.results.iter().filter(of_target).cloned().collect(),
            selected: header.order.iter().cloned().collect(),
            whole: header.shard.as_ref().map(whole),
            indices: header.shard.iter().map(|shard| shard.index).collect(),
        }
    }

    /// Whether the other one is a further part of the same run.
    fn takes(&self, other: &Self) -> bool {
        self.info.name == other.info.name
            && self.info.role == other.info.role
            && self.whole == other.whole
            && self.selected.is_disjoint(&other.selected)
    }

    fn join(&mut self, other: Self) {
        self.results.extend(other.results);
        self.selected.extend(other.selected);
        self.indices.extend(other.indices);
        let (mine, its) = (&mut self.info, other.info);
        mine.product = mine.product.take().or(its.product);
        mine.notices = join_notices(std::mem::take(&mut mine.notices), its.notices);
        mine.trouble = match (mine.trouble.take(), its.trouble) {
            (Some(mine), Some(its)) if mine != its => Some(format!("{mine} {its}")),
            (mine, its) => mine.or(its),
        };
        let took = [mine.duration_ms, its.duration_ms];
        mine.duration_ms = took.into_iter().flatten().reduce(|a, b| a + b);
    }

    /// What was to be played.
    fn order(&self) -> impl Iterator<Item = &String> {
        let whole = self.whole.iter().flat_map(|(_, order, _)| order);
        whole.chain(
            self.whole
                .is_none()
                .then_some(&self.selected)
                .into_iter()
                .flatten(),
        )
    }

    fn missing(&self) -> Option<MissingShards> {
        let (count, ..) = self.whole.as_ref()?;
        let missing: Vec<u32> = (1..=*count)
            .filter(|index| !self.indices.contains(index))
            .collect();
        (!missing.is_empty()).then(|| MissingShards {
            target: self.info.name.clone(),
            count: *count,
            missing,
        })
    }

    fn rename(&mut self, name: String) {
        for result in &mut self.results {
            result.target.clone_from(&name);
        }
        self.info.name = name;
    }
}

/// Notices of parts, what all of them say once.
fn join_notices(mut mine: Vec<Notice>, its: Vec<Notice>) -> Vec<Notice> {
    for notice in its {
        if !mine.contains(&notice) {
            mine.push(notice);
        }
    }
    mine
}

/// Makes one run of several; nothing where there are none.
///
/// Where a target was not asked for a case that another one was asked for, its result says
/// that the case was not selected. Cases of parts that are missing have no result.
pub fn merge(mut runs: Vec<Results>) -> Option<Merged> {
    runs.sort_by(|a, b| a.header.started.cmp(&b.header.started));
    let mut columns: Vec<Column> = Vec::new();
    for run in &runs {
        for info in &run.header.targets {
            let column = Column::of(run, info);
            match columns.iter_mut().find(|other| other.takes(&column)) {
                Some(other) => other.join(column),
                None => columns.push(column),
            }
        }
    }
    name_apart(&mut columns);
    let missing = columns.iter().filter_map(Column::missing).collect();
    let order = order(&runs);
    let mut cases = BTreeMap::new();
    // The words of the latest run.
    for run in &runs {
        cases.extend(run.header.cases.clone());
    }
    let places: HashMap<&str, usize> = order.iter().map(String::as_str).zip(0..).collect();
    let mut results = Vec::new();
    for column in &mut columns {
        let mut found = std::mem::take(&mut column.results);
        let due: HashSet<&String> = column.order().collect();
        let others = order.iter().filter(|id| !due.contains(id));
        let others = others.filter_map(|id| cases.get(id));
        found.extend(others.map(|case| not_selected(&column.info.name, case)));
        found.sort_by_key(|result| places.get(result.case.as_str()).copied());
        results.extend(found);
    }
    let duration_ms = runs.iter().map(|run| run.duration_ms).sum();
    let first = runs.into_iter().next()?;
    Some(Merged {
        results: Results {
            header: Header {
                targets: columns.into_iter().map(|column| column.info).collect(),
                cases,
                order,
                shard: None,
                ..first.header
            },
            results,
            duration_ms,
        },
        missing,
    })
}

/// Gives those of one name the date of their run, or what else tells them apart.
fn name_apart(columns: &mut [Column]) {
    let names: Vec<String> = columns
        .iter()
        .map(|column| column.info.name.clone())
        .collect();
    let mut taken: HashSet<String> = HashSet::new();
    for (at, column) in columns.iter_mut().enumerate() {
        let name = &names[at];
        let is_alone = names.iter().filter(|other| *other == name).count() == 1;
        let day = column.started.split('T').next().unwrap_or_default();
        let dated = [
            format!("{name} ({day})"),
            format!("{name} ({})", column.started),
        ];
        let numbered = (2..).map(|number| format!("{name} ({}, {number})", column.started));
        let plain = is_alone.then(|| name.clone());
        let mut chosen = plain.into_iter().chain(dated).chain(numbered);
        if let Some(chosen) = chosen.find(|chosen| !taken.contains(chosen)) {
            taken.insert(chosen.clone());
            column.rename(chosen);
        }
    }
}

/// The cases of all runs, in an order that is that of each of them as far as they agree.
fn order(runs: &[Results]) -> Vec<String> {
    let orders = runs.iter().map(|run| match &run.header.shard {
        Some(shard) => &shard.order,
        None => &run.header.order,
    });
    let mut orders: Vec<&Vec<String>> = orders.collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.len()));
    orders.dedup();
    let mut merged: Vec<String> = Vec::new();
    for order in orders {
        let known: HashSet<String> = merged.iter().cloned().collect();
        let mut behind: HashMap<Option<&String>, Vec<String>> = HashMap::new();
        let mut last = None;
        for id in order {
            if known.contains(id) {
                last = Some(id);
            } else {
                behind.entry(last).or_default().push(id.clone());
            }
        }
        let rest = behind.remove(&None).unwrap_or_default();
        let placed = merged.iter().flat_map(|id| {
            let behind = behind.remove(&Some(id)).unwrap_or_default();
            std::iter::once(id.clone()).chain(behind)
        });
        merged = placed.collect();
        merged.extend(rest);
    }
    merged
}

fn not_selected(target: &str, case: &Case) -> CaseResult {
    CaseResult {
        target: target.to_owned(),
        case: case.id.clone(),
        autobahn: case.autobahn.clone(),
        verdict: Verdict::Skipped,
        closing: Closing::None,
        failure: None,
        reason: words::skip(&Skip::NotSelected),
        why: None,
        expected: Vec::new(),
        observed: String::new(),
        close_code: None,
        duration_ms: 0.0,
        requirements: case.requirements.clone(),
        broken: None,
        replay: String::new(),
        attempts: 1,
        in_company: None,
        notes: Vec::new(),
        process: None,
        transcript: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    fn run() -> Results {
        let mut run = fixtures::results();
        let places: HashMap<String, usize> = run.header.order.iter().cloned().zip(0..).collect();
        let first = run.header.targets[0].name.clone();
        run.results
            .sort_by_key(|result| (result.target != first, places[&result.case]));
        run
    }

    fn shard(index: u32, count: u32) -> Results {
        let mut run = run();
        let order = run.header.order.clone();
        let is_mine = |place: usize| place % count as usize == index as usize - 1;
        let ids: Vec<String> = (order.iter().enumerate())
            .filter(|(place, _)| is_mine(*place))
            .map(|(_, id)| id.clone())
            .collect();
        run.results.retain(|result| ids.contains(&result.case));
        run.header.cases.retain(|id, _| ids.contains(id));
        run.header.order = ids;
        run.header.shard = Some(Shard {
            index,
            count,
            order,
        });
        run
    }

    #[test]
    fn shards_make_the_run_that_they_are_parts_of() {
        let merged = merge(vec![shard(3, 3), shard(1, 3), shard(2, 3)]).unwrap();
        let whole = run();
        assert_eq!(merged.missing, []);
        assert_eq!(merged.results.header, whole.header);
        assert_eq!(merged.results.results, whole.results);
    }

    #[test]
    fn a_missing_shard_is_told_and_its_cases_have_no_result() {
        let merged = merge(vec![shard(1, 3), shard(3, 3)]).unwrap();
        assert_eq!(merged.missing.len(), 2);
        assert_eq!(
            merged.missing[0].to_string(),
            "echo: of 3 shards, number 2 is missing"
        );
        let whole = run();
        assert_eq!(merged.results.header.order, whole.header.order);
        assert!(merged.results.results.len() < whole.results.len());
    }

    #[test]
    fn shards_of_two_runs_are_not_taken_for_one() {
        let mut other = shard(2, 3);
        other.header.seed += 1;
        let merged = merge(vec![shard(1, 3), other, shard(3, 3)]).unwrap();
        assert_eq!(merged.missing.len(), 4, "{:?}", merged.missing);
    }

    #[test]
    fn days_are_columns_with_a_date() {
        let mut later = run();
        later.header.started = "2026-08-02T12:00:00Z".into();
        let merged = merge(vec![later, run(), run()]).unwrap();
        let names = merged.results.header.targets.iter();
        let names: Vec<&str> = names.map(|target| target.name.as_str()).collect();
        assert_eq!(names[0], "echo (2026-08-01)");
        assert_eq!(names[2], "echo (2026-08-01T12:00:00Z)");
        assert_eq!(names[4], "echo (2026-08-02)");
        assert_eq!(merged.results.results.len(), 3 * run().results.len());
        let of = |name: &str| {
            let results = merged.results.results.iter();
            results.filter(|result| result.target == name).count()
        };
        assert!(names.iter().all(|name| of(name) == 8), "{names:?}");
    }

    #[test]
    fn what_a_target_was_not_asked_is_no_gap_in_its_run() {
        let (mut one, mut other) = (run(), run());
        one.header.targets.truncate(1);
        other.header.targets.remove(0);
        let case = other.header.order.remove(3);
        other.results.retain(|result| result.case != case);
        let merged = merge(vec![one, other]).unwrap();
        let results = &merged.results.results;
        let skipped = results
            .iter()
            .find(|result| result.target == fixtures::HOSTILE_NAME && result.case == case);
        assert_eq!(skipped.unwrap().verdict, Verdict::Skipped);
        assert_eq!(results.len(), run().results.len());
        assert!(merge(Vec::new()).is_none());
    }
}
