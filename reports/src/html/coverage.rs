//! Which requirements the cases test, and how the targets of a run fared with each.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use wsspec_cases::coverage::{Coverage, Covered, Gaps};
use wsspec_cases::expand::Dose;
use wsspec_cases::requirement::Requirement;
use wsspec_cases::{Case, Suite, Target};

use super::page::{self, Run, mark, requirement};
use super::{CasePage, Site};
use crate::words;
use wsspec_record::results::{CaseResult, Verdict};

#[derive(Debug, Serialize)]
pub(super) struct CoverageView {
    run: Run,
    parts: Vec<Part>,
}

/// One RFC for one role.
#[derive(Debug, Serialize)]
struct Part {
    anchor: String,
    rfc: String,
    role: &'static str,
    tested: usize,
    all: usize,
    percent: String,
    /// The tested part, in thousandths.
    width: u64,
    tested_of_all: usize,
    all_levels: usize,
    /// The targets of that role.
    targets: Vec<String>,
    columns: usize,
    sections: Vec<Section>,
    unseen: String,
}

#[derive(Debug, Serialize)]
struct Section {
    anchor: String,
    section: String,
    link: String,
    tested: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    anchor: String,
    id: String,
    level: String,
    summary: String,
    marks: Vec<Option<Mark>>,
    cases: Vec<CaseLink>,
    count: String,
    /// Of cases that are not in this run.
    more: String,
    gap: String,
}

#[derive(Debug, Serialize)]
struct CaseLink {
    slug: String,
    id: String,
    title: String,
    marks: Vec<Option<Mark>>,
}

#[derive(Debug, Serialize)]
struct Mark {
    verdict: &'static str,
    mark: &'static str,
}

impl Mark {
    fn of(verdict: Verdict) -> Self {
        Self {
            verdict: verdict.name(),
            mark: mark(verdict),
        }
    }
}

/// The cases that count: those of this wsspec, and those of the run.
fn all_cases(site: &Site<'_>) -> BTreeMap<String, Case> {
    // Its tests rule out that our own cases cannot be read.
    let embedded = Suite::embedded(Dose::Small).ok();
    let embedded = embedded.iter().flat_map(Suite::cases);
    let of_run = site.tally.results.header.cases.values();
    let by_id = |case: &Case| (case.id.clone(), case.clone());
    embedded.chain(of_run).map(by_id).collect()
}

pub(super) fn view(site: &Site<'_>) -> CoverageView {
    let gaps = Gaps::embedded().unwrap_or_default();
    let cases = all_cases(site);
    let pages: HashMap<&str, &CasePage<'_>> =
        site.pages.iter().map(|page| (page.id, page)).collect();
    let mut rfcs: Vec<&str> = site.tally.catalogue.iter().map(Requirement::rfc).collect();
    rfcs.dedup();
    let mut parts = Vec::new();
    for target in [Target::Server, Target::Client] {
        let of_role: Vec<usize> = (0..site.tally.targets.len())
            .filter(|place| site.tally.targets[*place].info.role == target.name())
            .collect();
        if of_role.is_empty() {
            continue;
        }
        for rfc in &rfcs {
            let coverage = Coverage::of(&site.tally.catalogue, cases.values(), &gaps, rfc, target);
            if coverage.of_distinct().tested > 0 {
                parts.push(part(site, &coverage, &of_role, &pages));
            }
        }
    }
    CoverageView {
        run: page::run(site, ""),
        parts,
    }
}

fn part(
    site: &Site<'_>,
    coverage: &Coverage<'_>,
    of_role: &[usize],
    pages: &HashMap<&str, &CasePage<'_>>,
) -> Part {
    let (musts, distinct) = (coverage.of_musts(), coverage.of_distinct());
    let role = coverage.target.name();
    let mut sections: Vec<Section> = Vec::new();
    let shown = coverage
        .requirements
        .iter()
        .filter(|covered| covered.requirement.is_distinct());
    for covered in in_order(shown) {
        let number = &covered.requirement.section;
        if sections.last().is_none_or(|last| last.section != *number) {
            sections.push(Section {
                anchor: format!("{role}-{}-{number}", coverage.rfc),
                section: number.clone(),
                link: requirement(site, &covered.requirement.id).link,
                tested: String::new(),
                rows: Vec::new(),
            });
        }
        if let Some(section) = sections.last_mut() {
            section.rows.push(row(site, covered, role, of_role, pages));
        }
    }
    for section in &mut sections {
        let tested = section.rows.iter().filter(|row| row.gap.is_empty()).count();
        section.tested = format!("{tested} of {} tested", section.rows.len());
    }
    let left_out = (coverage.requirements.len() - distinct.all) as u64;
    Part {
        anchor: format!("{role}-{}", coverage.rfc),
        rfc: coverage.rfc.to_owned(),
        role,
        tested: musts.tested,
        all: musts.all,
        percent: format!("{:.1}", musts.percent()),
        width: (musts.percent() * 10.0).round() as u64,
        tested_of_all: distinct.tested,
        all_levels: distinct.all,
        targets: of_role
            .iter()
            .map(|place| words::clean(&site.tally.targets[*place].info.name, 80))
            .collect(),
        columns: of_role.len() + 2,
        sections,
        unseen: format!(
            "Left out: {} that no peer can see, or that say what another one says.",
            words::counted(left_out, "requirement", "requirements")
        ),
    }
}

/// Requirements in the order of their sections, as the RFC numbers them.
fn in_order<'a, 'c: 'a>(covered: impl Iterator<Item = &'a Covered<'c>>) -> Vec<&'a Covered<'c>> {
    let mut ordered: Vec<&Covered<'_>> = covered.collect();
    ordered.sort_by_cached_key(|covered| in_parts(&covered.requirement.id));
    ordered
}

/// An id as letters and numbers in turn, so that 10 comes behind 9.
fn in_parts(id: &str) -> Vec<(&str, u64)> {
    let mut parts = Vec::new();
    let mut rest = id;
    while !rest.is_empty() {
        let is_digit = |each: char| each.is_ascii_digit();
        let (letters, after) = rest.split_at(rest.find(is_digit).unwrap_or(rest.len()));
        let end = after.find(|each| !is_digit(each)).unwrap_or(after.len());
        let (digits, after) = after.split_at(end);
        parts.push((letters, digits.parse().unwrap_or(0)));
        rest = after;
    }
    parts
}

fn row(
    site: &Site<'_>,
    covered: &Covered<'_>,
    role: &str,
    of_role: &[usize],
    pages: &HashMap<&str, &CasePage<'_>>,
) -> Row {
    let id = &covered.requirement.id;
    let played: Vec<&&CasePage<'_>> = covered
        .cases
        .iter()
        .filter_map(|case| pages.get(case))
        .collect();
    let others = (covered.cases.len() - played.len()) as u64;
    let counted = |number| words::counted(number, "case", "cases");
    let marks = of_role.iter().map(|place| {
        let results = played.iter().flat_map(|page| page.results[*place].iter());
        verdict(id, results.copied()).map(Mark::of)
    });
    Row {
        anchor: format!("{role}-{id}"),
        id: id.clone(),
        level: covered.requirement.level.clone(),
        summary: covered.requirement.summary.clone(),
        marks: marks.collect(),
        count: counted(played.len() as u64),
        more: match others {
            0 => String::new(),
            others if played.is_empty() => format!("{}, not in this run", counted(others)),
            others => format!("and {} not in this run", words::grouped(others)),
        },
        gap: match (&covered.cases[..], covered.gap) {
            ([], Some(reason)) => reason.to_owned(),
            ([], None) => "No case tests this yet.".to_owned(),
            _ => String::new(),
        },
        cases: played
            .into_iter()
            .map(|page| link(site, page, of_role))
            .collect(),
    }
}

fn link(site: &Site<'_>, page: &CasePage<'_>, of_role: &[usize]) -> CaseLink {
    let case = site.tally.results.header.cases.get(page.id);
    let marks = of_role.iter().map(|place| {
        let worst = page.results[*place]
            .iter()
            .max_by_key(|result| result.grade());
        worst.map(|result| Mark::of(result.verdict))
    });
    CaseLink {
        slug: page.slug.clone(),
        id: words::clean(page.id, 200),
        title: words::clean(case.map_or("", |case| &case.title), 200),
        marks: marks.collect(),
    }
}

/// How a target fared with a requirement: it failed where a failed case names it as
/// broken, since that case may look at others too; else the best that it did counts.
fn verdict<'a>(id: &str, results: impl Iterator<Item = &'a CaseResult>) -> Option<Verdict> {
    let mut best: Option<Verdict> = None;
    for result in results {
        if result.broken.as_deref() == Some(id) {
            return Some(Verdict::Fail);
        }
        let rank = |verdict| match verdict {
            Verdict::Pass => 0,
            Verdict::NonStrict => 1,
            Verdict::Info => 2,
            Verdict::Unimplemented => 3,
            Verdict::Skipped => 4,
            Verdict::Fail => 5,
            Verdict::Error => 6,
        };
        if best.is_none_or(|best| rank(result.verdict) < rank(best)) {
            best = Some(result.verdict);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_stand_in_the_order_of_their_numbers() {
        let mut ids = [
            "6455-10.1-1",
            "6455-5.2-10r",
            "6455-5.2-9",
            "6455-5.2-10",
            "6455-4.1-h10b",
        ];
        ids.sort_by_key(|id| in_parts(id));
        let ordered = [
            "6455-4.1-h10b",
            "6455-5.2-9",
            "6455-5.2-10",
            "6455-5.2-10r",
            "6455-10.1-1",
        ];
        assert_eq!(ids, ordered);
    }
}
