//! The deviation matrix: every case sees a deviation of the reference implementation, every
//! deviation is seen by a case, and the lawful reference passes all.
//!
//! The whole matrix has hundreds of thousands of cells. `tests/data/matrix` names enough of
//! them, a witness for each case and each deviation; these are played here. After a change of
//! cases or deviations `cargo run --release -p wsspec --example matrix` chooses them anew.

mod liberties;
mod play;
mod witness;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use wsspec_cases::{Case, Target};
use wsspec_reference::Deviation;

use play::{Complaint, Conduct, Scene, Sight, deviations_of, play_all};
pub(crate) use play::{cases_of, read_head};
use witness::{Unseen, Witness};

fn read(name: &str) -> String {
    std::fs::read_to_string(witness::folder().join(name)).unwrap()
}

fn witnesses(role: Target) -> Vec<Witness> {
    witness::parse(&read(&format!("{}.tsv", role.name())))
}

fn unseen(role: Target) -> Vec<Unseen> {
    witness::unseen(&read("unseen.tsv"), role)
}

/// Names in the first that are not in the second.
fn missing<'a>(wanted: &BTreeSet<&'a str>, there: &BTreeSet<&str>) -> Vec<&'a str> {
    wanted
        .iter()
        .copied()
        .filter(|name| !there.contains(name))
        .collect()
}

fn is_complete(role: Target) {
    let (witnesses, unseen) = (witnesses(role), unseen(role));
    let cases = cases_of(role);
    let cases: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let deviations: BTreeSet<&str> = deviations_of(role)
        .into_iter()
        .map(Deviation::name)
        .collect();
    let seeing: BTreeSet<&str> = witnesses.iter().map(|one| one.case.as_str()).collect();
    let seen: BTreeSet<&str> = witnesses.iter().map(|one| one.deviation.as_str()).collect();
    let excused: BTreeSet<&str> = unseen.iter().map(|one| one.deviation.as_str()).collect();
    let role = role.name();
    let nobody = Vec::<&str>::new();
    assert_eq!(
        missing(&cases, &seeing),
        nobody,
        "{role}: cases without a witness"
    );
    assert_eq!(
        missing(&seeing, &cases),
        nobody,
        "{role}: witnesses without a case"
    );
    let accounted = &seen | &excused;
    assert_eq!(
        missing(&deviations, &accounted),
        nobody,
        "{role}: deviations that no case sees, without a reason"
    );
    assert_eq!(
        missing(&accounted, &deviations),
        nobody,
        "{role}: no such deviations"
    );
    let both: Vec<&str> = seen.intersection(&excused).copied().collect();
    assert_eq!(both, nobody, "{role}: deviations that are seen after all");
}

#[test]
fn every_case_and_every_deviation_of_servers_is_in_the_matrix() {
    is_complete(Target::Server);
}

#[test]
fn every_case_and_every_deviation_of_clients_is_in_the_matrix() {
    is_complete(Target::Client);
}

fn witnesses_see_what_they_saw(role: Target) {
    let cases: HashMap<String, Arc<Case>> = cases_of(role)
        .into_iter()
        .map(|case| (case.id.clone(), case))
        .collect();
    let all = witnesses(role);
    let seen = play_witnesses(role, &all, &cases);
    let wrong: Vec<String> = all
        .iter()
        .map(|one| (one, seen.get(&(one.deviation.clone(), one.case.clone()))))
        .filter(|(one, sight)| sight.map(Sight::complaint) != Some(one.complaint))
        .map(|(one, sight)| format!("{one:?} had {sight:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}: {}", role.name(), wrong.join("\n"));
}

/// What witnesses see, by deviation and case.
fn play_witnesses(
    role: Target,
    witnesses: &[Witness],
    cases: &HashMap<String, Arc<Case>>,
) -> HashMap<(String, String), Sight> {
    let mut scenes: BTreeMap<&str, Vec<Arc<Case>>> = BTreeMap::new();
    for witness in witnesses {
        let scene = scenes.entry(&witness.deviation);
        scene.or_default().extend(cases.get(&witness.case).cloned());
    }
    let scenes = scenes.into_iter().map(|(name, cases)| Scene {
        conduct: Conduct::deviating(Deviation::from_name(name)),
        cases,
    });
    let seen = play_all(role, scenes);
    seen.into_iter()
        .map(|one| {
            let deviation = one
                .conduct
                .deviation
                .map_or("none", Deviation::name)
                .to_owned();
            ((deviation, one.case.id.clone()), one.sight)
        })
        .collect()
}

#[test]
fn deviations_of_servers_are_seen() {
    witnesses_see_what_they_saw(Target::Server);
}

#[test]
fn deviations_of_clients_are_seen() {
    witnesses_see_what_they_saw(Target::Client);
}

/// What is not as it should be where there is no deviation.
fn complaints_of_the_lawful(role: Target) -> Vec<String> {
    let scene = Scene {
        conduct: Conduct::default(),
        cases: cases_of(role),
    };
    let seen = play_all(role, [scene]);
    seen.iter()
        .filter(|one| one.sight.complaint() != Complaint::None)
        .map(|one| format!("{}: {:?}", one.case.id, one.sight))
        .collect()
}

#[test]
fn nothing_is_wrong_with_the_lawful_server() {
    let complaints = complaints_of_the_lawful(Target::Server);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn nothing_is_wrong_with_the_lawful_client() {
    let complaints = complaints_of_the_lawful(Target::Client);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
