//! What a run shows while it goes on. Everything here goes to stderr.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wsspec_record::results::Grade;
use wsspec_record::{CaseResult, Notice};
use wsspec_reports::words;

use super::options::OutputOptions;
use crate::run::{Event, RunError, Sink};
use crate::subject::{Facts, Way};

/// A bar on a terminal, lines elsewhere.
pub(super) struct Shown {
    bar: ProgressBar,
    /// How many targets are being graded,
    there: usize,
    /// and how many of their cases failed.
    bad: u64,
    quiet: bool,
    each: bool,
}

impl Shown {
    pub(super) fn new(output: &OutputOptions) -> Self {
        let target = if output.draws_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len} {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Self {
            bar,
            there: 0,
            bad: 0,
            quiet: output.quiet,
            each: output.verbose >= 2,
        }
    }

    fn rose(&mut self, facts: &Facts, cases: Option<usize>) {
        let name = words::clean(&facts.info.name, 40);
        if facts.way == Way::ByItself && !self.quiet {
            self.line(&format!("note: {name} begins"));
        }
        if self.there == 0 {
            self.bar.reset();
            self.bad = 0;
            self.bar.set_length(0);
            self.bar.set_message("");
        }
        self.there += 1;
        self.bar.inc_length(cases.unwrap_or(0) as u64);
        self.bar.set_prefix(match self.there {
            1 => name,
            targets => format!("{targets} targets"),
        });
    }

    fn settled(&mut self, result: &CaseResult) {
        self.bar.inc(1);
        if result.grade() >= Grade::Bad {
            self.bad += 1;
            self.bar.set_message(format!("{} failed", self.bad));
        }
        if self.each {
            let closing = result.closing;
            self.line(&format!(
                "{:<14}{closing:<18}{}",
                result.verdict, result.case
            ));
        }
    }

    fn notice(&self, target: &str, notice: &Notice) {
        // Who is not there is told at the end.
        let is_told = !matches!(notice, Notice::Absent { .. });
        if is_told && !self.quiet {
            let target = words::clean(target, 40);
            self.line(&format!("note: {target}: {}", words::notice(notice)));
        }
    }

    fn line(&self, words: &str) {
        self.bar.suspend(|| anstream::eprintln!("{words}"));
    }
}

impl Sink for Shown {
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        match event {
            Event::Rose { facts, cases, .. } => self.rose(facts, *cases),
            Event::Settled { result } | Event::Skipped { result, .. } => self.settled(result),
            Event::Notice { target, notice } => self.notice(target, notice),
            Event::Fell { .. } => {
                // One that never came was not counted.
                self.there = self.there.saturating_sub(1);
                if self.there == 0 {
                    self.bar.finish_and_clear();
                }
            }
            Event::Named { .. } | Event::Started { .. } | Event::Retried { .. } => {}
        }
        Ok(())
    }
}
