//! `wsspec report`: documents of stored results.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wsspec_record::store::load;
use wsspec_reports::policy::FailOn;
use wsspec_reports::tally::Tally;
use wsspec_reports::write::{Format, write_all};

use super::conclude::print_end;
use super::options::OutputOptions;
use super::{Exit, problem};

/// Make documents of stored results.
#[derive(Debug, Subcommand)]
pub(super) enum ReportCommand {
    /// Write the documents of a results.json anew.
    Render(RenderArguments),
    /// Print what the run printed at its end.
    Show(ShowArguments),
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
    /// A results.json
    results: PathBuf,
    /// Where the documents go; the folder of the results if nothing is said
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(command: ReportCommand) -> Exit {
    match command {
        ReportCommand::Render(arguments) => render(arguments),
        ReportCommand::Show(arguments) => show(&arguments),
    }
}

fn show(arguments: &ShowArguments) -> Exit {
    arguments.output.apply();
    let results = match load(&arguments.results) {
        Ok(results) => results,
        Err(error) => return problem::fail(Exit::Usage, &error),
    };
    print_end(&Tally::new(&results, FailOn::Fail), &arguments.output);
    Exit::Conforms
}

fn render(arguments: RenderArguments) -> Exit {
    let results = match load(&arguments.results) {
        Ok(results) => results,
        Err(error) => return problem::fail(Exit::Usage, &error),
    };
    let folder = arguments.results.parent().map(PathBuf::from);
    let out = arguments.out.or(folder).unwrap_or_default();
    match write_all(&out, &Tally::new(&results, FailOn::Fail), Format::ALL) {
        Ok(paths) => {
            for path in paths {
                anstream::println!("{}", path.display());
            }
            Exit::Conforms
        }
        Err(errors) => problem::fail(Exit::NoRun, &errors),
    }
}
