//! `--baseline`: what is known of the targets.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;
use wsspec_cases::{Case, Suite, Target};
use wsspec_record::Results;
use wsspec_reports::baseline::{Baseline, BaselineError, Comparison, updated};
use wsspec_reports::tally::Tally;

use super::{Exit, problem};

/// How many differences of a kind are printed.
const LINES_MAX: usize = 20;

/// What is known of the targets.
#[derive(Debug, Clone, Args)]
pub(super) struct BaselineOptions {
    /// A TOML file of known failures: they do not count, and whatever differs from it fails the run
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the file of --baseline anew, with its reasons and comments kept
    #[arg(long, requires = "baseline")]
    update_baseline: bool,
}

impl BaselineOptions {
    /// Whether there is one.
    pub(super) fn is_given(&self) -> bool {
        self.baseline.is_some()
    }

    /// The baseline, where there is one. A file that --update-baseline is to make may be missing.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn load(&self) -> Result<Option<Baseline>, Exit> {
        let Some(path) = &self.baseline else {
            return Ok(None);
        };
        let baseline = Baseline::parse(&self.text()?);
        let refused = |error: BaselineError| {
            let words = format!("{}: {error}", path.display());
            problem::complain(Exit::Usage, words.trim_end())
        };
        baseline.map(Some).map_err(refused)
    }

    fn text(&self) -> Result<String, Exit> {
        let path = self.baseline.clone().unwrap_or_default();
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text),
            Err(error) if self.update_baseline && error.kind() == std::io::ErrorKind::NotFound => {
                Ok(String::new())
            }
            Err(error) => {
                let words = format!("cannot read {}: {error}", path.display());
                Err(problem::complain(Exit::Usage, &words))
            }
        }
    }

    /// Writes the file anew, if that is asked for, and says so.
    pub(super) fn update(&self, tally: &Tally<'_>, suite: &Suite) -> Result<bool, Exit> {
        let (true, Some(path)) = (self.update_baseline, &self.baseline) else {
            return Ok(false);
        };
        let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let today = now.split('T').next().unwrap_or_default();
        let is_whole = is_whole(tally.results, suite);
        let text = updated(&self.text()?, tally, today, is_whole)
            .map_err(|error| problem::fail(Exit::Usage, &error))?;
        std::fs::write(path, text).map_err(|error| {
            let words = format!("cannot write {}: {error}", path.display());
            problem::complain(Exit::NoRun, &words)
        })?;
        anstream::println!("Baseline: {}", path.display());
        Ok(true)
    }
}

/// Holds the results against what is known.
pub(super) fn compare<'a>(
    baseline: &'a Baseline,
    results: &'a Results,
    tally: &Tally<'a>,
    suite: &Suite,
) -> Comparison<'a> {
    let cases: Vec<&Case> = suite.cases().collect();
    let is_whole = is_whole(results, suite);
    baseline.compare(results, &tally.targets, tally.policy, &cases, is_whole)
}

/// Prints what differs.
pub(super) fn complain(comparison: &Comparison<'_>) {
    for line in comparison.lines(LINES_MAX) {
        anstream::println!("{line}");
    }
    if !comparison.holds() {
        anstream::println!("The run differs from its baseline.");
    }
}

/// Whether every case of the suite was selected.
fn is_whole(results: &Results, suite: &Suite) -> bool {
    let roles = results
        .header
        .targets
        .iter()
        .map(|target| target.role.as_str());
    roles.clone().all(|role| {
        let role = match role {
            "client" => Target::Client,
            _ => Target::Server,
        };
        let due = suite
            .cases()
            .filter(|case| case.target.includes(role))
            .count();
        results.header.order.len() >= due
    })
}
