//! The end of a run: what is printed, what is written, and the exit status.

use wsspec_cases::Suite;
use wsspec_record::Results;
use wsspec_record::results::Grade;
use wsspec_reports::tally::Tally;
use wsspec_reports::terminal::{self, Style};
use wsspec_reports::words;
use wsspec_reports::write::{Format, write_all};

use super::baseline;
use super::options::{OutputOptions, RunOptions};
use super::{Exit, problem};

/// Prints and writes what was found.
pub(super) fn conclude(
    run: &RunOptions,
    output: &OutputOptions,
    suite: &Suite,
    results: &Results,
) -> Exit {
    let policy = run.fail_on;
    let reached = |result: &wsspec_record::CaseResult| {
        result.failure != Some(wsspec_record::Failure::Unreachable)
    };
    let mut exit = Exit::Conforms;
    if !results.results.iter().any(reached) {
        // Nothing was found, so that there is nothing to report on.
        for target in &results.header.targets {
            let trouble = target.trouble.as_deref().unwrap_or("it was not reached");
            let url = target
                .url
                .as_deref()
                .or(target.command.as_deref())
                .unwrap_or_default();
            exit = problem::complain(
                Exit::NoRun,
                &format!(
                    "cannot grade {}: {}",
                    words::clean(url, 200),
                    words::clean(trouble, 2000)
                ),
            );
        }
        return exit;
    }
    let tally = Tally::new(results, policy);
    let baseline = match run.baseline.load() {
        Ok(baseline) => baseline.unwrap_or_default(),
        Err(exit) => return exit,
    };
    let compared = baseline::compare(&baseline, results, &tally, suite);
    let tally = tally.with_known(&compared.known);
    let written = write_all(&run.out, &tally, &run.format.0);
    if let Err(errors) = &written {
        exit = problem::fail(Exit::NoRun, errors);
    }
    if !output.quiet {
        print_end(&tally, output);
        let page = run.out.join(Format::Html.file_name());
        let paths = match &written {
            Ok(paths) => paths,
            Err(errors) => &errors.written,
        };
        if paths.contains(&page) {
            anstream::println!("Report: {}", page.display());
        }
    }
    for result in &results.results {
        if tally.known(result).is_some() {
            continue;
        }
        if result.grade() == Grade::Error {
            exit = exit.max(Exit::NoRun);
        } else if policy.fails(result) {
            exit = exit.max(Exit::DoesNotConform);
        }
    }
    if tally.sum().troubles > 0 {
        exit = exit.max(Exit::DoesNotConform);
    }
    match run.baseline.update(&tally, suite) {
        Ok(true) => Exit::Conforms,
        Ok(false) if run.baseline.is_given() && !compared.holds() => {
            if !output.quiet {
                baseline::complain(&compared);
            }
            exit.max(Exit::DoesNotConform)
        }
        Ok(false) => exit,
        Err(exit) => exit,
    }
}

/// Prints what is wrong with the targets.
pub(super) fn print_end(tally: &Tally<'_>, output: &OutputOptions) {
    let style = Style {
        color: anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
        width: terminal_width(),
        verbose: output.verbose,
    };
    anstream::print!("{}", terminal::report(tally, style));
}

fn terminal_width() -> usize {
    let told = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    told.unwrap_or_else(|| {
        let stdout = std::io::stdout();
        terminal_size::terminal_size_of(stdout).map_or(80, |(width, _)| usize::from(width.0))
    })
}
