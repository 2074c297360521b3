//! Model and suite say the same of the same conversations.

use wsspec_cases::expand::Dose;
use wsspec_cases::{Case, ObservationKind, Suite, Target};
use wsspec_fuzz::findings::conversations;
use wsspec_fuzz::play::{ReferenceEcho, play};
use wsspec_fuzz::scene::Scene;
use wsspec_judge::Judgement;
use wsspec_record::{Closing, Verdict};

use crate::conduct::{Conduct, deviations, lawful, liberties};
use crate::exceptions::read;

fn is_unlawful(judgement: &Judgement) -> bool {
    judgement.verdict == Verdict::Fail
        || matches!(
            judgement.closing,
            Closing::Unclean | Closing::FailedByClient | Closing::Fail
        )
}

/// Whether what a case asks is asked of what follows the opening handshake.
fn is_on_conversation(case: &Case) -> bool {
    let opening = |kind: &ObservationKind| {
        matches!(
            kind,
            ObservationKind::Opened(_) | ObservationKind::Refused(_)
        )
    };
    let first = case.outcomes.iter().filter_map(|outcome| outcome.first());
    !first.into_iter().any(opening)
}

fn model_and_suite_agree(target: Target, conducts: &[Conduct]) {
    let suite = Suite::embedded(Dose::Small).unwrap();
    let exceptions = read(include_str!("suite.tsv"));
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for case in suite.cases() {
        if !is_on_conversation(case) {
            continue;
        }
        let Some(conversation) = conversations([case], target).pop() else {
            continue;
        };
        let ours = Scene::new("fuzz/conversation", conversation);
        let theirs = Scene {
            case: case.clone(),
            ..ours.clone()
        };
        for conduct in conducts {
            let judged = |scene| {
                let mut endpoint = ReferenceEcho::new(target, &conduct.config);
                is_unlawful(&play(scene, &mut endpoint).judgement)
            };
            compared += 1;
            let (ours, theirs) = (judged(&ours), judged(&theirs));
            if ours == theirs {
                continue;
            }
            let is_excused = exceptions
                .iter()
                .any(|row| row.is_for(&case.id, &conduct.name));
            if !is_excused {
                let who = if ours { "model" } else { "suite" };
                wrong.push(format!("the {who} accuses\t{}\t{}", case.id, conduct.name));
            }
        }
    }
    assert!(compared > 250, "{compared} conversations");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn every_conduct(target: Target) -> Vec<Conduct> {
    let mut conducts = vec![lawful()];
    conducts.extend(deviations(target));
    conducts.extend(liberties(target));
    conducts
}

#[test]
fn model_and_suite_agree_on_the_lawful() {
    for target in [Target::Server, Target::Client] {
        model_and_suite_agree(target, &[lawful()]);
    }
}

#[test]
#[ignore = "takes minutes, and lists what is to be looked at"]
fn model_and_suite_agree_on_servers() {
    model_and_suite_agree(Target::Server, &every_conduct(Target::Server));
}

#[test]
#[ignore = "takes minutes, and lists what is to be looked at"]
fn model_and_suite_agree_on_clients() {
    model_and_suite_agree(Target::Client, &every_conduct(Target::Client));
}
