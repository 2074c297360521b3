//! Computes the deviation matrix of both roles: plays every case with the reference
//! implementation under every deviation.
//!
//! ```sh
//! cargo run --release -p wsspec --example matrix [FOLDER [CASE…]]
//! ```
//!
//! Chooses the witnesses that the tests play and writes them to `tests/data/matrix`, and
//! writes the matrix as a page to FOLDER, which is `deviation-matrix` if none is named.
//! With cases, which are named as for `--case`, these alone are played, and the witnesses of
//! the others stay as they are.

mod page;
#[path = "../../tests/matrix/play.rs"]
mod play;
#[path = "../../tests/matrix/witness.rs"]
mod witness;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use wsspec_cases::select::Selection;
use wsspec_cases::{Case, Target};
use wsspec_reference::Deviation;

use page::{Column, Row, Side};
use play::{Complaint, Conduct, Scene, Seen, cases_of, deviations_of, play_all};
use witness::Witness;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next();
    let out = out.map_or_else(|| PathBuf::from("deviation-matrix"), PathBuf::from);
    let selection = Selection {
        include: arguments
            .map(|case| case.parse())
            .collect::<Result<_, _>>()?,
        ..Selection::default()
    };
    let mut sides = Vec::new();
    for role in [Target::Server, Target::Client] {
        let all = cases_of(role);
        let is_played = |case: &&Arc<Case>| selection.selects(case);
        let matrix = Matrix::play(
            role,
            &all.iter().filter(is_played).cloned().collect::<Vec<_>>(),
        );
        for words in matrix.complaints_of_the_lawful() {
            println!("{}: {words}", role.name());
        }
        let file = witness::folder().join(format!("{}.tsv", role.name()));
        let old = witness::parse(&std::fs::read_to_string(&file).unwrap_or_default());
        let stays = |one: &Witness| {
            let mut others = all.iter().filter(|case| !selection.selects(case));
            others.any(|case| case.id == one.case)
        };
        let (kept, old): (Vec<Witness>, Vec<Witness>) = old.into_iter().partition(stays);
        let mut witnesses = matrix.witnesses(&kept, &old);
        witnesses.extend(kept);
        witnesses.sort_by_cached_key(|one| {
            let deviation = Deviation::ALL
                .iter()
                .position(|other| other.name() == one.deviation);
            (deviation, all.iter().position(|case| case.id == one.case))
        });
        std::fs::write(file, text_of(&witnesses))?;
        sides.push(matrix.side()?);
    }
    page::write(&out, &sides)?;
    println!("{}", out.join("matrix.html").display());
    Ok(())
}

/// The text of a file of witnesses.
fn text_of(witnesses: &[Witness]) -> String {
    let mut text = "# deviation\tcase\tcomplaint\n".to_owned();
    for witness in witnesses {
        let mut names = witness::NAMES.iter();
        let name = names.find(|(complaint, _)| *complaint == witness.complaint);
        let (_, name) = name.expect("it complains");
        text += &format!("{}\t{}\t{name}\n", witness.deviation, witness.case);
    }
    text
}

/// Whether the deviation breaks a requirement that the case names.
fn is_on_topic(deviation: Deviation, seen: &Seen) -> bool {
    let requirements = &seen.case.requirements;
    let broken = deviation.facts().requirements.iter();
    broken
        .into_iter()
        .any(|id| requirements.iter().any(|other| other == id))
}

/// Deviations and cases by name.
type Pairs<'a> = BTreeSet<(&'a str, &'a str)>;

/// Every case with every deviation, for one role.
struct Matrix {
    role: Target,
    cases: Vec<String>,
    deviations: Vec<Deviation>,
    lawful: HashMap<String, Seen>,
    /// Where a case complains of a deviation and not of lawful conduct.
    cells: HashMap<(Deviation, String), Seen>,
    /// How many cases complain of a deviation.
    weights: HashMap<Deviation, usize>,
}

impl Matrix {
    fn play(role: Target, cases: &[Arc<Case>]) -> Self {
        let deviations = deviations_of(role);
        let conducts = std::iter::once(None).chain(deviations.iter().copied().map(Some));
        let scenes = conducts.map(|deviation| Scene {
            conduct: Conduct::deviating(deviation),
            cases: cases.to_vec(),
        });
        let mut lawful = HashMap::new();
        let mut deviating = Vec::new();
        for seen in play_all(role, scenes) {
            match seen.conduct.deviation {
                None => drop(lawful.insert(seen.case.id.clone(), seen)),
                Some(deviation) => deviating.push((deviation, seen)),
            }
        }
        let mut cells = HashMap::new();
        let mut weights = HashMap::new();
        for (deviation, seen) in deviating {
            if seen.sight.complaint() > lawful[&seen.case.id].sight.complaint() {
                *weights.entry(deviation).or_default() += 1;
                cells.insert((deviation, seen.case.id.clone()), seen);
            }
        }
        Self {
            role,
            cases: cases.iter().map(|case| case.id.clone()).collect(),
            deviations,
            lawful,
            cells,
            weights,
        }
    }

    fn complaints_of_the_lawful(&self) -> impl Iterator<Item = String> {
        let complains = |case: &&String| {
            let complaint = self.lawful[case.as_str()].sight.complaint();
            complaint != Complaint::None
        };
        self.cases
            .iter()
            .filter(complains)
            .map(|case| format!("{case}: {}", self.lawful[case].sight.reason))
    }

    fn cell(&self, deviation: Deviation, case: &str) -> Option<&Seen> {
        self.cells.get(&(deviation, case.to_owned()))
    }

    /// Whether a complaint says anything about what the case is about: the deviation breaks
    /// a requirement that the case names, or is one that not every case sees.
    fn is_to_the_point(&self, deviation: Deviation, seen: &Seen) -> bool {
        let is_rare = self.weights[&deviation] * 4 <= self.cases.len();
        is_on_topic(deviation, seen) || seen.sight.is_to_the_point && is_rare
    }

    /// How good a pair is as a witness; the greatest is the best.
    fn rank(&self, deviation: Deviation, seen: &Seen, old: &Pairs<'_>) -> impl Ord + use<> {
        (
            self.is_to_the_point(deviation, seen),
            !seen.sight.is_late,
            is_on_topic(deviation, seen),
            // Where it makes no difference, the file stays as it is.
            old.contains(&(deviation.name(), seen.case.id.as_str())),
            Reverse(self.weights[&deviation]),
        )
    }

    /// For each case the best deviation that it fails, and where that shows in any case the
    /// best one that it calls non-strict; then the best case for each deviation that is left,
    /// and that none of those sees which are `kept`.
    fn witnesses(&self, kept: &[Witness], old: &[Witness]) -> Vec<Witness> {
        let old: Pairs<'_> = old
            .iter()
            .map(|one| (one.deviation.as_str(), one.case.as_str()))
            .collect();
        let mut chosen: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (at, case) in self.cases.iter().enumerate() {
            let best = |complaint: Complaint| {
                let deviations = self.deviations.iter().enumerate().rev();
                deviations
                    .filter_map(|(place, &one)| Some((place, one, self.cell(one, case)?)))
                    .filter(|(_, _, seen)| seen.sight.complaint() == complaint)
                    .max_by_key(|(_, one, seen)| self.rank(*one, seen, &old))
            };
            let failed = best(Complaint::Fail);
            let is_enough =
                failed.is_some_and(|(_, deviation, seen)| self.is_to_the_point(deviation, seen));
            chosen.extend(failed.map(|(place, _, _)| (place, at)));
            if !is_enough {
                chosen.extend(best(Complaint::NonStrict).map(|(place, _, _)| (place, at)));
            }
        }
        for (place, &deviation) in self.deviations.iter().enumerate() {
            let is_kept = kept.iter().any(|one| one.deviation == deviation.name());
            if is_kept || chosen.iter().any(|(other, _)| *other == place) {
                continue;
            }
            let cases = self.cases.iter().enumerate().rev();
            let best = cases
                .filter_map(|(at, case)| Some((at, self.cell(deviation, case)?)))
                .max_by_key(|(_, seen)| (seen.sight.complaint(), self.rank(deviation, seen, &old)));
            chosen.extend(best.map(|(at, _)| (place, at)));
        }
        let witness = |(place, at): (usize, usize)| {
            let (deviation, case) = (self.deviations[place], &self.cases[at]);
            let sight = &self.cells[&(deviation, case.clone())].sight;
            Witness {
                deviation: deviation.name().to_owned(),
                case: case.clone(),
                complaint: sight.complaint(),
            }
        };
        chosen.into_iter().map(witness).collect()
    }

    /// This role's side of the page.
    fn side(&self) -> Result<Side, Box<dyn Error>> {
        let text = std::fs::read_to_string(witness::folder().join("unseen.tsv"))?;
        let excuses = witness::unseen(&text, self.role);
        let row = |&deviation: &Deviation| {
            let facts = deviation.facts();
            let cells = self.cases.iter().map(|case| {
                let seen = self.cell(deviation, case)?;
                Some(page::Cell {
                    fails: seen.sight.complaint() == Complaint::Fail,
                    to_the_point: self.is_to_the_point(deviation, seen),
                })
            });
            Row {
                name: facts.name.to_owned(),
                title: facts.title.to_owned(),
                family: format!("{:?}", facts.family),
                requirements: facts.requirements.iter().map(|&id| id.into()).collect(),
                excuse: excuses
                    .iter()
                    .find(|excuse| excuse.deviation == facts.name)
                    .map(|excuse| excuse.reason.clone()),
                cells: cells.collect(),
            }
        };
        let column = |id: &String| Column {
            id: id.clone(),
            title: self.lawful[id].case.title.clone(),
        };
        Ok(Side {
            role: self.role.name().to_owned(),
            columns: self.cases.iter().map(column).collect(),
            rows: self.deviations.iter().map(row).collect(),
        })
    }
}
