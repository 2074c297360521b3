//! What a run shows while it goes on. Everything here goes to stderr.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use wsspec_record::CaseResult;
use wsspec_record::results::Grade;
use wsspec_reports::words;

use super::options::OutputOptions;
use crate::run::Progress;

/// A bar on a terminal, lines elsewhere.
pub(super) struct Shown {
    bar: ProgressBar,
    bad: Mutex<u64>,
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
            bad: Mutex::new(0),
            quiet: output.quiet,
            each: output.verbose >= 2,
        }
    }

    fn line(&self, words: &str) {
        self.bar.suspend(|| anstream::eprintln!("{words}"));
    }
}

impl Progress for Shown {
    fn target_begins(&self, name: &str, cases: usize) {
        self.bar.reset();
        self.bar.set_length(cases as u64);
        self.bar.set_prefix(words::clean(name, 40));
        self.bar.set_message("");
        if let Ok(mut bad) = self.bad.lock() {
            *bad = 0;
        }
    }

    fn judged(&self, result: &CaseResult) {
        self.bar.inc(1);
        if result.grade() >= Grade::Bad
            && let Ok(mut bad) = self.bad.lock()
        {
            *bad += 1;
            self.bar.set_message(format!("{bad} failed"));
        }
        if self.each {
            let closing = result.closing;
            self.line(&format!(
                "{:<14}{closing:<18}{}",
                result.verdict, result.case
            ));
        }
    }

    fn notice(&self, words: &str) {
        if !self.quiet {
            self.line(&format!("note: {}", words::clean(words, 2000)));
        }
    }

    fn target_ends(&self) {
        self.bar.finish_and_clear();
    }
}
