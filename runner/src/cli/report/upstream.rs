//! `wsspec report upstream`: the text of a bug report.

use std::path::PathBuf;

use clap::Args;
use wsspec_reports::FailOn;
use wsspec_reports::tally::Tally;
use wsspec_reports::upstream::report;

use super::stored;
use crate::cli::{Exit, problem};

/// Print the text of a bug report on a case.
#[derive(Debug, Args)]
pub(in crate::cli) struct UpstreamArguments {
    /// The case: its id, or autobahn:NUMBER
    case: String,
    /// The folder of the run's report
    #[arg(short, long, value_name = "DIR", default_value = "wsspec-report")]
    out: PathBuf,
    /// The target, where several were graded
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
}

pub(super) fn run(arguments: &UpstreamArguments) -> Result<Exit, Exit> {
    let results = stored(&arguments.out)?;
    let tally = Tally::new(&results, FailOn::NonStrict);
    let number = arguments.case.strip_prefix("autobahn:");
    let (mut played, mut told) = (false, false);
    for target in &tally.targets {
        let name = &target.info.name;
        if arguments
            .target
            .as_ref()
            .is_some_and(|wanted| wanted != name)
        {
            continue;
        }
        let found = target.results.iter().find(|result| match number {
            Some(number) => result.autobahn.as_deref() == Some(number),
            None => result.case == arguments.case,
        });
        played |= found.is_some();
        let text = found.and_then(|result| report(&tally, target, result));
        if let Some(text) = text {
            if told {
                anstream::println!("\n---\n");
            }
            anstream::print!("{text}");
            told = true;
        }
    }
    match (told, played) {
        (true, _) => Ok(Exit::Conforms),
        (false, true) => {
            let words = format!("there is nothing to report on {:?}", arguments.case);
            Err(problem::complain(Exit::Usage, &words))
        }
        (false, false) => {
            let words = format!("the run has no result of a case {:?}", arguments.case);
            Err(problem::complain(Exit::Usage, &words))
        }
    }
}
