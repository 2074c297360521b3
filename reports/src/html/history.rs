//! Earlier results of a target, beside those of now.

use serde::Serialize;
use wsspec_record::results::Results;

use super::Site;
use crate::policy::FailOn;
use crate::tally::{Counts, Tally};
use crate::words;

/// How many earlier runs are shown.
const RUNS_MAX: usize = 20;

/// One run of a target, as a bar: its height in hundredths.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Point {
    x: usize,
    y: u64,
    height: u64,
    words: String,
    conforms: bool,
}

/// What an earlier run found of a target.
#[derive(Debug, Clone)]
pub(super) struct Earlier {
    target: String,
    started: String,
    kept: u64,
    judged: u64,
}

/// What earlier runs found, the oldest first; the latest [`RUNS_MAX`] of them.
pub(super) fn earlier(runs: &[Results]) -> Vec<Earlier> {
    let mut runs: Vec<&Results> = runs.iter().collect();
    runs.sort_by(|a, b| a.header.started.cmp(&b.header.started));
    let late = runs.len().saturating_sub(RUNS_MAX);
    let targets = runs[late..].iter().flat_map(|results| {
        let tally = Tally::new(results, FailOn::Fail);
        let of_target = |target: &crate::tally::TargetResults<'_>| Earlier {
            target: target.info.name.clone(),
            started: results.header.started.clone(),
            kept: target.counts.kept,
            judged: target.counts.judged(),
        };
        tally.targets.iter().map(of_target).collect::<Vec<_>>()
    });
    targets.collect()
}

/// The history of a target, with the run of now at its end; nothing where there is no other.
pub(super) fn of(site: &Site<'_>, target: &str, now: &Counts) -> Vec<Point> {
    let mut points = Vec::new();
    let mut add = |started: &str, kept: u64, judged: u64| {
        let height = kept * 100 / judged.max(1);
        let day = words::clean(started, 10);
        points.push(Point {
            x: points.len() * 8,
            y: 100 - height,
            height,
            words: format!("{day}: {kept} of {judged}"),
            conforms: kept == judged,
        });
    };
    for run in site.earlier.iter().filter(|run| run.target == target) {
        add(&run.started, run.kept, run.judged);
    }
    add(&site.tally.results.header.started, now.kept, now.judged());
    if points.len() < 2 {
        points.clear();
    }
    points
}
