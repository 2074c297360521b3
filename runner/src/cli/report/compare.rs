//! `wsspec report compare`: what is better, worse, new and gone.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use wsspec_reports::FailOn;
use wsspec_reports::compare::{Comparison, html, markdown, text};
use wsspec_reports::tally::Tally;

use super::stored;
use crate::cli::{Exit, problem};

/// Hold a run against an earlier one.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompareArguments {
    /// The earlier run: a report's folder, or its results.json
    old: PathBuf,
    /// The later run
    new: PathBuf,
    /// What the comparison is written as
    #[arg(long, value_enum, default_value_t = Document::Text)]
    format: Document,
    /// The file that it is written to, in place of standard output
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Document {
    /// Lines for a terminal
    Text,
    /// For the comment on a change
    Markdown,
    /// A page that needs no other file
    Html,
}

pub(super) fn run(arguments: &CompareArguments) -> Result<Exit, Exit> {
    let (old, new) = (stored(&arguments.old)?, stored(&arguments.new)?);
    let (old, new) = (
        Tally::new(&old, FailOn::Fail),
        Tally::new(&new, FailOn::Fail),
    );
    let comparison = Comparison::new(&old, &new);
    let document = match arguments.format {
        Document::Text => text(&comparison),
        Document::Markdown => markdown(&comparison),
        Document::Html => html(&comparison).map_err(|error| problem::fail(Exit::NoRun, &error))?,
    };
    match &arguments.out {
        None => anstream::print!("{document}"),
        Some(path) => std::fs::write(path, document).map_err(|error| {
            let words = format!("cannot write {}: {error}", path.display());
            problem::complain(Exit::NoRun, &words)
        })?,
    }
    Ok(match comparison.is_worse() {
        true => Exit::DoesNotConform,
        false => Exit::Conforms,
    })
}
