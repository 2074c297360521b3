//! `wsspec report merge`: one report of several runs.

use std::path::PathBuf;

use clap::Args;
use wsspec_cases::Suite;
use wsspec_cases::expand::Dose;
use wsspec_record::store;
use wsspec_reports::merge::merge;

use super::stored;
use crate::cli::conclude::conclude;
use crate::cli::options::{OutputOptions, ReportOptions};
use crate::cli::{Exit, problem};

/// Make one report of several runs: of shards, of several targets, of several days.
#[derive(Debug, Args)]
pub(in crate::cli) struct MergeArguments {
    /// Reports' folders, or their results.json
    #[arg(required = true, value_name = "DIR")]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn run(arguments: &MergeArguments) -> Result<Exit, Exit> {
    arguments.output.apply();
    arguments.report.baseline.load()?;
    let runs: Result<Vec<_>, Exit> = arguments.runs.iter().map(|path| stored(path)).collect();
    let Some(merged) = merge(runs?) else {
        return Err(problem::complain(Exit::Usage, "there is nothing to merge"));
    };
    let out = &arguments.report.out;
    if let Err(error) = store::save(out, &merged.results) {
        let words = format!("cannot write to {}: {error}", out.display());
        return Err(problem::complain(Exit::NoRun, &words));
    }
    let suite = Suite::embedded(Dose::Small).map_err(|errors| problem::case_errors(&errors))?;
    let mut exit = conclude(
        &arguments.report,
        &arguments.output,
        &suite,
        &merged.results,
    );
    for missing in &merged.missing {
        exit = problem::fail(Exit::NoRun, missing);
    }
    Ok(exit)
}
