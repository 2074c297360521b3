//! `wsspec report`: documents of stored results.

mod compare;
mod merge;
mod upstream;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use wsspec_record::Results;
use wsspec_record::store::load;
use wsspec_reports::policy::FailOn;
use wsspec_reports::tally::Tally;
use wsspec_reports::write::write_all;

use super::conclude::print_end;
use super::options::OutputOptions;
use super::values::{FormatList, formats, policy};
use super::{Exit, problem};

/// Make documents of stored results.
#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// Write the documents of a results.json anew.
    Render(RenderArguments),
    /// Print what the run printed at its end.
    Show(ShowArguments),
    /// Make one report of several runs: of shards, of several targets, of several days.
    Merge(merge::MergeArguments),
    /// Hold a run against an earlier one; exit status 1 where something is worse, gone, or new and bad.
    Compare(compare::CompareArguments),
    /// Print the text of a bug report on a case that is not good: what was sent, what came, what the RFC says, how to see it again.
    Upstream(upstream::UpstreamArguments),
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// A report's folder, or its results.json
    results: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Args)]
pub(super) struct RenderArguments {
    /// A report's folder, or its results.json
    results: PathBuf,
    /// Where the documents go; the folder of the results if nothing is said
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Documents to write, separated by commas
    #[arg(long, value_name = "LIST", default_value = "all", value_parser = formats)]
    format: FormatList,
    /// What counts against a target: fail, non-strict or never
    #[arg(long, value_name = "WHAT", default_value = "fail", value_parser = policy)]
    fail_on: FailOn,
}

pub(super) fn run(command: ReportCommand) -> Exit {
    let exit = match command {
        ReportCommand::Render(arguments) => render(arguments),
        ReportCommand::Show(arguments) => show(&arguments),
        ReportCommand::Merge(arguments) => merge::run(&arguments),
        ReportCommand::Compare(arguments) => compare::run(&arguments),
        ReportCommand::Upstream(arguments) => upstream::run(&arguments),
    };
    exit.unwrap_or_else(|exit| exit)
}

/// Reads stored results.
///
/// # Errors
/// The exit status, once it was said what is wrong.
fn stored(path: &Path) -> Result<Results, Exit> {
    load(path).map_err(|error| problem::fail(Exit::Usage, &error))
}

fn show(arguments: &ShowArguments) -> Result<Exit, Exit> {
    arguments.output.apply();
    let results = stored(&arguments.results)?;
    print_end(&Tally::new(&results, FailOn::Fail), &arguments.output);
    Ok(Exit::Conforms)
}

fn render(arguments: RenderArguments) -> Result<Exit, Exit> {
    let results = stored(&arguments.results)?;
    let folder = match arguments.results.is_dir() {
        true => Some(arguments.results.as_path()),
        false => arguments.results.parent(),
    };
    let folder = folder.map(PathBuf::from);
    let out = arguments.out.or(folder).unwrap_or_default();
    let tally = Tally::new(&results, arguments.fail_on);
    match write_all(&out, &tally, &arguments.format.0) {
        Ok(paths) => {
            for path in paths {
                anstream::println!("{}", path.display());
            }
            Ok(Exit::Conforms)
        }
        Err(errors) => Err(problem::fail(Exit::NoRun, &errors)),
    }
}
