//! What grading servers and grading clients have in common.

use std::sync::Arc;

use wsspec_cases::{Case, Suite, Target};
use wsspec_record::results::Header;

use super::conclude::conclude;
use super::options::{CaseOptions, OutputOptions, RunOptions};
use super::progress::Shown;
use super::signal::asked_to_stop;
use super::{Exit, problem};
use crate::run::{Ended, Policy, Record, Selected, header, run};
use crate::subject::Subject;

/// What is to be played, and how.
pub(super) struct Grading<'a> {
    pub(super) suite: Suite,
    pub(super) cases: Vec<Arc<Case>>,
    pub(super) run: &'a RunOptions,
    pub(super) output: &'a OutputOptions,
    /// Whether the cases are the user's own.
    are_own: bool,
}

impl<'a> Grading<'a> {
    /// Loads the cases for this kind of target.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn load(
        target: Target,
        cases: &CaseOptions,
        run: &'a RunOptions,
        output: &'a OutputOptions,
    ) -> Result<Self, Exit> {
        output.apply();
        // Before anything is played: a mistake in it would cost the run.
        run.baseline.load()?;
        let are_own = !cases.folders.is_empty();
        let (suite, cases) = cases.load(target)?;
        Ok(Self {
            suite,
            cases,
            run,
            output,
            are_own,
        })
    }

    pub(super) fn policy(&self) -> Policy {
        Policy {
            force: self.run.force,
            restarts_max: self.run.max_restarts,
            ..Policy::new(self.run.timeout)
        }
    }

    pub(super) fn header(&self) -> Header {
        header(&self.suite, &self.cases, self.run.seed)
    }

    pub(super) fn jobs(&self) -> usize {
        usize::from(self.run.jobs)
    }

    /// Plays the cases with these targets, and prints and writes what is found.
    pub(super) async fn grade(self, subjects: Vec<Arc<dyn Subject>>) -> Exit {
        let infos = subjects.iter().map(|subject| subject.facts().info.clone());
        let mut record = Record::new(self.run.out.clone(), self.header(), infos.collect());
        let mut shown = Shown::new(self.output);
        let mut selected = Selected::new(&self.cases);
        if self.are_own {
            selected = selected.of_users();
        }
        let played = run(
            &mut selected,
            subjects,
            &self.policy(),
            &mut [&mut record, &mut shown],
            self.jobs(),
            asked_to_stop(),
        )
        .await;
        let finished = match played {
            Ok(Ended::Stopped) => return problem::interrupted(&self.run.out),
            Ok(Ended::Over) => record.finish(),
            Err(error) => Err(error),
        };
        match finished {
            Ok(results) => conclude(self.run, self.output, &self.suite, &results),
            Err(error) => problem::fail(Exit::NoRun, &error),
        }
    }
}
