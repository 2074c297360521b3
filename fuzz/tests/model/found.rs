//! The lawful are let be, and the others are found.

use wsspec_cases::Target;
use wsspec_fuzz::campaign::Campaign;
use wsspec_fuzz::play::ReferenceEcho;
use wsspec_fuzz::shrink::steps;

use crate::conduct::{deviations, lawful, liberties};
use crate::exceptions::read;

const SEED: u64 = 1;
/// Conversations with the lawful reference implementation. The command line does more.
const LAWFUL: u64 = 3000;
/// Conversations with each liberty.
const LIBERTY: u64 = 100;
/// Conversations in which each deviation is found.
const DEVIATION: u64 = 1500;
/// Conversations in which one is not that the model cannot see.
const EXCUSED: u64 = 150;
/// Tries to make a finding smaller.
const TRIES: u32 = 300;
/// How many steps nine of ten findings have at most.
const STEPS: usize = 5;

fn nothing_is_wrong_with_the_lawful(target: Target) {
    let accused = read(include_str!("accused.tsv"));
    let all = liberties(target)
        .into_iter()
        .map(|conduct| (conduct, LIBERTY))
        .chain([(lawful(), LAWFUL)]);
    let mut wrong = Vec::new();
    for (conduct, conversations) in all {
        if accused
            .iter()
            .any(|row| row.is_for(target.name(), &conduct.name))
        {
            continue;
        }
        let endpoint = || ReferenceEcho::new(target, &conduct.config);
        if let Some(found) = Campaign::new(target, SEED).run(conversations, endpoint) {
            let judgement = found.played.judgement.clone();
            let finding = found.shrink(TRIES, endpoint);
            let case = serde_json::to_string(&finding.case()).unwrap();
            wrong.push(format!("{}: {:?}\n{case}", conduct.name, judgement.reason));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn nothing_is_wrong_with_the_lawful_server() {
    nothing_is_wrong_with_the_lawful(Target::Server);
}

#[test]
fn nothing_is_wrong_with_the_lawful_client() {
    nothing_is_wrong_with_the_lawful(Target::Client);
}

fn deviations_are_found(target: Target) {
    let unseen = read(include_str!("unseen.tsv"));
    let (mut wrong, mut small, mut all) = (Vec::new(), 0, 0);
    for conduct in deviations(target) {
        let is_excused = unseen
            .iter()
            .any(|row| row.is_for(target.name(), &conduct.name));
        let conversations = if is_excused { EXCUSED } else { DEVIATION };
        let endpoint = || ReferenceEcho::new(target, &conduct.config);
        match Campaign::new(target, SEED).run(conversations, endpoint) {
            None if is_excused => {}
            None => wrong.push(format!("{} is not found", conduct.name)),
            Some(_) if is_excused => wrong.push(format!("{} is found after all", conduct.name)),
            Some(found) => {
                let finding = found.shrink(TRIES, endpoint);
                all += 1;
                small += usize::from(steps(&finding.conversation) <= STEPS);
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {}", target.name(), wrong.join(", "));
    assert!(small * 10 >= all * 9, "{small} of {all} are small");
}

#[test]
fn deviations_of_servers_are_found() {
    deviations_are_found(Target::Server);
}

#[test]
fn deviations_of_clients_are_found() {
    deviations_are_found(Target::Client);
}
