//! Nobody lawful is accused: no liberty of the reference implementation, alone or with
//! others, fails a case or ends it in a way that the RFC does not allow.

use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use wsspec_cases::{Case, Target};
use wsspec_reference::{Liberties, Liberty};

use super::play::{Complaint, Conduct, Scene, cases_of, play_all, role_of};

/// Random sets are the same in every run of the tests.
const SEED: u64 = 6455;
/// How many random sets are played in each role, and with how many of the cases each.
const SETS: usize = 400;
const CASES_PER_SET: usize = 120;

/// What cases say against lawful conduct, as lines.
fn accusations(role: Target, scenes: impl IntoIterator<Item = Scene>) -> Vec<String> {
    play_all(role, scenes)
        .into_iter()
        .filter(|seen| seen.sight.complaint() == Complaint::Fail)
        .map(|seen| {
            let names: Vec<&str> = seen.conduct.liberties.iter().map(Liberty::name).collect();
            let (verdict, closing) = (seen.sight.verdict, seen.sight.closing);
            let reason = &seen.sight.reason;
            format!(
                "{}\t{}\t{verdict} {closing}: {reason}",
                names.join(" "),
                seen.case.id
            )
        })
        .collect()
}

fn scene(liberties: Liberties, cases: Vec<Arc<Case>>) -> Scene {
    let conduct = Conduct {
        liberties,
        ..Conduct::default()
    };
    Scene { conduct, cases }
}

fn nobody_is_accused_of_one(role: Target) {
    let cases = cases_of(role);
    let scenes = liberties_of(role)
        .into_iter()
        .map(|liberty| scene(Liberties::NONE.with(liberty), cases.clone()));
    let found = accusations(role, scenes);
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

#[test]
#[ignore = "lawful conduct is still accused: `cargo test -p wsspec matrix::liberties -- --ignored` lists it"]
fn no_liberty_of_servers_fails_a_case() {
    nobody_is_accused_of_one(Target::Server);
}

#[test]
#[ignore = "lawful conduct is still accused: `cargo test -p wsspec matrix::liberties -- --ignored` lists it"]
fn no_liberty_of_clients_fails_a_case() {
    nobody_is_accused_of_one(Target::Client);
}

/// Some liberties of a role, none of which excludes another one.
fn some(all: &[Liberty], random: &mut ChaCha8Rng) -> Liberties {
    let size = 2 + below(5, random);
    let mut set = Liberties::NONE;
    for _ in 0..size {
        let with = set.with(all[below(all.len(), random)]);
        if with.contradiction().is_none() {
            set = with;
        }
    }
    set
}

fn below(bound: usize, random: &mut ChaCha8Rng) -> usize {
    random.next_u32() as usize % bound
}

fn nobody_is_accused_of_several(role: Target) {
    let (cases, all) = (cases_of(role), liberties_of(role));
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let scenes: Vec<Scene> = (0..SETS)
        .map(|_| {
            let set = some(&all, &mut random);
            let chosen = (0..CASES_PER_SET).map(|_| below(cases.len(), &mut random));
            scene(set, chosen.map(|at| Arc::clone(&cases[at])).collect())
        })
        .collect();
    let found = accusations(role, scenes);
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

#[test]
#[ignore = "lawful conduct is still accused: `cargo test -p wsspec matrix::liberties -- --ignored` lists it"]
fn no_set_of_liberties_of_servers_fails_a_case() {
    nobody_is_accused_of_several(Target::Server);
}

#[test]
#[ignore = "lawful conduct is still accused: `cargo test -p wsspec matrix::liberties -- --ignored` lists it"]
fn no_set_of_liberties_of_clients_fails_a_case() {
    nobody_is_accused_of_several(Target::Client);
}

/// The liberties that an endpoint of this role can take.
fn liberties_of(role: Target) -> Vec<Liberty> {
    let all: Liberties = Liberty::ALL.iter().copied().collect();
    all.of(role_of(role)).iter().collect()
}
