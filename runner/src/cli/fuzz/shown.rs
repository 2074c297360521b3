//! What a run shows while it goes on, and the case files of what it found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use wsspec_fuzz::model::State;
use wsspec_fuzz::tried::Sort;
use wsspec_record::{CaseResult, Failure};
use wsspec_reports::words;

use crate::cli::options::OutputOptions;
use crate::invent::{Fault, Hunts, Progress};
use crate::run::{Event, RunError, Sink};

/// How often is told how far the run has come.
const PACE: Duration = Duration::from_secs(10);

/// Prints progress and findings, and writes these.
pub(super) struct Shown {
    hunts: Hunts,
    out: PathBuf,
    quiet: bool,
    told: Instant,
    /// What was found.
    pub(super) faults: Vec<Fault>,
    /// What is wrong with targets that is nobody's finding, by the target.
    troubles: BTreeMap<String, String>,
    /// Whether something was answered.
    is_answered: bool,
}

impl Shown {
    pub(super) fn new(hunts: Hunts, out: PathBuf, output: &OutputOptions) -> Self {
        Self {
            hunts,
            out,
            quiet: output.quiet,
            told: Instant::now(),
            faults: Vec::new(),
            troubles: BTreeMap::new(),
            is_answered: false,
        }
    }

    /// Whether nothing was tried.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_answered
    }

    /// Why the run proves nothing of a target, if it does not.
    pub(super) fn trouble(&self) -> Option<String> {
        let (target, trouble) = self.troubles.first_key_value()?;
        let target = words::clean(target, 40);
        Some(format!("{target}: {}", words::clean(trouble, 2000)))
    }

    /// Writes and tells what was found since.
    ///
    /// # Errors
    /// A case file cannot be written.
    pub(super) fn tell_faults(&mut self) -> Result<(), RunError> {
        for fault in self.hunts.take_faults() {
            let finding = &fault.finding;
            let path = finding.write(&self.out).map_err(|source| RunError::Write {
                dir: self.out.clone(),
                source,
            })?;
            if !self.quiet {
                let target = words::clean(&fault.result.target, 40);
                let reason = words::clean(&fault.result.reason, 300);
                anstream::println!("finding: {target}: {}", finding.fingerprint);
                anstream::println!(
                    "  {}\n  {reason}\n  {}",
                    finding.case().title,
                    path.display()
                );
            }
            self.faults.push(fault);
        }
        Ok(())
    }

    fn tell_progress(&mut self) {
        if self.quiet || self.told.elapsed() < PACE {
            return;
        }
        self.told = Instant::now();
        let progress = self.hunts.progress();
        anstream::eprintln!("{}", status(&progress));
    }

    /// Says what was tried and what came of it.
    pub(super) fn tell_end(&self) {
        let progress = self.hunts.progress();
        anstream::println!("{}", status(&progress));
        let kinds = progress.kinds.iter();
        let kinds: Vec<String> = kinds
            .map(|(kind, count)| format!("{count} {}", kind.name()))
            .collect();
        anstream::println!("Kinds: {}", kinds.join(", "));
        anstream::println!("{}", table(&progress));
        for (fault, count) in &progress.seen {
            anstream::println!("{count:>8} × {fault}");
        }
    }

    fn settled(&mut self, result: &CaseResult) {
        if result.failure == Some(Failure::Unreachable) {
            let (target, reason) = (result.target.clone(), result.reason.clone());
            self.troubles.insert(target, reason);
        } else {
            self.is_answered = true;
        }
    }
}

impl Sink for Shown {
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        match event {
            Event::Settled { result } => self.settled(result),
            Event::Notice { target, notice } => {
                let words = words::notice(notice);
                if !self.quiet {
                    anstream::eprintln!("note: {}: {words}", words::clean(target, 40));
                }
                if notice.is_trouble() {
                    self.troubles.insert((*target).to_owned(), words);
                }
            }
            _ => {}
        }
        self.tell_progress();
        self.tell_faults()
    }
}

/// How far a run has come, in a line.
fn status(progress: &Progress) -> String {
    let seconds = progress.elapsed.as_secs_f64();
    let rate = progress.held as f64 / seconds.max(0.001);
    let (reached, of) = progress.tried.reached();
    format!(
        "{seconds:.1} s: {} conversations invented, {} held ({rate:.0}/s), {} not judged; {reached} of {of} pairs of state and action tried",
        progress.invented, progress.held, progress.errors
    )
}

/// How often what was sent in which state.
fn table(progress: &Progress) -> String {
    let mut lines = vec![format!("{:<20}", "Tried")];
    for sort in Sort::ALL {
        lines[0].push_str(&format!("{:>13}", sort.name()));
    }
    for state in State::ALL {
        let mut line = format!("{:<20}", state.name());
        for sort in Sort::ALL {
            line.push_str(&format!("{:>13}", progress.tried.get(*state, *sort)));
        }
        lines.push(line);
    }
    lines.join("\n")
}
