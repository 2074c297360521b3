//! What grading servers and grading clients have in common.

use std::sync::Arc;

use wsspec_cases::{Case, Suite, Target};
use wsspec_record::results::{Header, Shard};

use super::conclude::conclude;
use super::enough::Enough;
use super::options::{CaseOptions, OutputOptions, RunOptions};
use super::progress::Shown;
use super::{Exit, problem};
use crate::run::{Ended, Policy, Record, Secrets, Selected, header, run};
use crate::subject::Subject;

/// What is to be played, and how.
pub(super) struct Grading<'a> {
    pub(super) suite: Suite,
    pub(super) cases: Vec<Arc<Case>>,
    pub(super) run: &'a RunOptions,
    pub(super) output: &'a OutputOptions,
    /// Which part of a whole run they are.
    shard: Option<Shard>,
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
        run.report.baseline.load()?;
        let are_own = !cases.folders.is_empty();
        let (suite, mut cases) = cases.load(target)?;
        let (out, fail_on) = (&run.report.out, run.report.fail_on);
        let shard = run.choice.choose(&suite, &mut cases, out, fail_on)?;
        Ok(Self {
            suite,
            cases,
            shard,
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
        Header {
            shard: self.shard.clone(),
            ..header(&self.suite, &self.cases, self.run.seed)
        }
    }

    pub(super) fn enough(&self) -> Enough {
        let max = self.run.max_fail.map(|max| max as usize);
        Enough::new(max, self.run.report.fail_on)
    }

    pub(super) fn jobs(&self) -> usize {
        usize::from(self.run.jobs)
    }

    /// Plays the cases with these targets, and prints and writes what is found.
    pub(super) async fn grade(self, subjects: Vec<Arc<dyn Subject>>, secrets: Secrets) -> Exit {
        let infos = subjects.iter().map(|subject| subject.facts().info.clone());
        let mut record = Record::new(self.run.report.out.clone(), self.header(), infos.collect());
        record = record.hiding(secrets);
        let mut enough = self.enough();
        let mut shown = Shown::new(self.output);
        let mut selected = Selected::new(&self.cases);
        if self.are_own {
            selected = selected.of_users();
        }
        let stop = enough.or_asked_to_stop();
        let played = run(
            &mut selected,
            subjects,
            &self.policy(),
            &mut [&mut record, &mut shown, &mut enough],
            self.jobs(),
            stop,
        )
        .await;
        let finished = match played {
            Ok(Ended::Stopped) if enough.is_reached() => record.finish(),
            Ok(Ended::Stopped) => return problem::interrupted(&self.run.report.out),
            Ok(Ended::Over) => record.finish(),
            Err(error) => Err(error),
        };
        match finished {
            Ok(results) => conclude(&self.run.report, self.output, &self.suite, &results),
            Err(error) => problem::fail(Exit::NoRun, &error),
        }
    }
}
