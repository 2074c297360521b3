//! A run of invented conversations, and what is said and written at its end.

use std::sync::Arc;
use std::time::SystemTime;

use wsspec_fuzz::hunt::Hunt;
use wsspec_record::Results;
use wsspec_record::results::Header;
use wsspec_reports::policy::FailOn;
use wsspec_reports::tally::Tally;
use wsspec_reports::write::{Format, write_all};

use super::options::PlayingOptions;
use super::shown::Shown;
use crate::cli::options::OutputOptions;
use crate::cli::signal::asked_to_stop;
use crate::cli::{Exit, problem};
use crate::invent::{Fault, Hunts, Invented};
use crate::run::{Ended, header_without_cases, run};
use crate::subject::Subject;

/// Holds what a hunt invents with each of these targets.
pub(super) async fn fuzz(
    hunt: Hunt,
    subjects: Vec<Arc<dyn Subject>>,
    seed: u64,
    playing: &PlayingOptions,
    output: &OutputOptions,
) -> Exit {
    anstream::println!("seed {seed}");
    let began = SystemTime::now();
    let infos = subjects.iter().map(|subject| subject.facts().info.clone());
    let infos = infos.collect();
    let hunts = Hunts::new(hunt);
    let mut shown = Shown::new(hunts.clone(), playing.out.clone(), output);
    let played = run(
        &mut Invented::new(&hunts),
        subjects,
        &playing.policy(),
        &mut [&mut shown],
        usize::from(playing.jobs),
        asked_to_stop(),
    )
    .await;
    hunts.give_up();
    let told = played.and_then(|ended| shown.tell_faults().map(|()| ended));
    let ended = match told {
        Ok(ended) => ended,
        Err(error) => return problem::fail(Exit::NoRun, &error),
    };
    let header = Header {
        targets: infos,
        ..header_without_cases(seed, began)
    };
    conclude(&shown, header, ended, playing, output)
}

fn conclude(
    shown: &Shown,
    header: Header,
    ended: Ended,
    playing: &PlayingOptions,
    output: &OutputOptions,
) -> Exit {
    if !output.quiet {
        shown.tell_end();
    }
    if shown.faults.is_empty() {
        // Who stopped a run without an end wanted this end.
        return match shown.trouble() {
            Some(trouble) => problem::complain(Exit::NoRun, &trouble),
            None if ended == Ended::Stopped && shown.is_empty() => {
                problem::complain(Exit::NoRun, "interrupted before anything was found")
            }
            None => Exit::Conforms,
        };
    }
    let results = results(header, &shown.faults);
    match write_all(
        &playing.out,
        &Tally::new(&results, FailOn::Fail),
        &[Format::Html],
    ) {
        Ok(paths) => {
            for path in paths.iter().filter(|_| !output.quiet) {
                anstream::println!("Report: {}", path.display());
            }
            Exit::DoesNotConform
        }
        Err(errors) => problem::fail(Exit::NoRun, &errors),
    }
}

/// The findings as results of their cases.
fn results(mut header: Header, faults: &[Fault]) -> Results {
    let mut results = Vec::new();
    for Fault { finding, result } in faults {
        let case = finding.case();
        let mut result = result.clone();
        result.case.clone_from(&case.id);
        result.requirements.clone_from(&case.requirements);
        header.order.push(case.id.clone());
        header.cases.insert(case.id.clone(), case);
        results.push(result);
    }
    Results {
        header,
        results,
        duration_ms: 0,
    }
}
