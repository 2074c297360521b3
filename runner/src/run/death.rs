//! A target that goes away: who did it, and what now.
//!
//! Everything in flight is suspect, and so is what ended unproven. Suspects are played one
//! by one, each followed by a moment in which the target may die, and by the question whether
//! it is there yet. The case with which alone it died twice in a row is the culprit; the others
//! have their own results. Then those have their turn that ended right before the death: there
//! may be several culprits side by side.

use std::time::Duration;

use wsspec_record::{CaseResult, Failure, Notice};
use wsspec_reports::words;

use super::RunError;
use super::policy::AfterDeath;
use super::result::{of_failure, with_death};
use super::seen::took_leave;
use super::turn::{Attempt, Run, Stage, Turn};
use crate::subject::{Death, Way};

/// How often in a row a target dies with the same case, and with no other that could be
/// what it died of, until that case is known to be: once may be chance.
const DEATHS_OF_CULPRIT: u32 = 2;

/// What a turn waits for next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// For what is in flight.
    Nothing,
    /// For the end of its process, which a refused connection announces.
    Death {
        /// What the connection met.
        status: String,
    },
    /// For its return, within this time.
    Return(Duration),
}

impl Turn {
    /// Somebody was refused: the target is gone, or about to be.
    pub(super) fn refused(
        &mut self,
        run: &mut Run<'_, '_>,
        reason: String,
    ) -> Result<Then, RunError> {
        if self.way() == Way::Spawned {
            self.stage = Stage::Dying;
            return Ok(Then::Death { status: reason });
        }
        self.died(
            run,
            Death {
                status: reason,
                output: String::new(),
            },
        )
    }

    /// Takes note that the target is gone.
    pub(super) fn died(&mut self, run: &mut Run<'_, '_>, death: Death) -> Result<Then, RunError> {
        let can_die = match self.stage {
            Stage::First | Stage::Playing | Stage::Last => true,
            Stage::Dying => self.death.is_none(),
            _ => false,
        };
        if !can_die {
            return Ok(Then::Nothing);
        }
        let flying = self.in_flight.values().map(|flight| &flight.attempt);
        let ended = self.unproven.iter().filter(|one| !one.is_proven);
        let ended = ended.map(|one| &one.attempt);
        let landed = self.suspects.iter().filter(|one| one.died);
        let in_flight = flying.chain(ended).chain(landed);
        let in_flight: Vec<String> = in_flight
            .filter(|one| !one.is_canary)
            .map(|one| one.job.case.id.clone())
            .collect();
        self.stage = Stage::Dying;
        self.proofs = 0;
        self.conduct.died();
        let notice = Notice::Died {
            status: death.status.clone(),
            output: death.output.clone(),
            in_flight,
        };
        self.obituary = Some(words::notice(&notice));
        self.notice(run, &notice)?;
        self.death = Some(death);
        self.recover(run)
    }

    /// A conversation that ended with the target tells nothing.
    pub(super) fn suspect(&mut self, mut attempt: Attempt, result: CaseResult, had_company: bool) {
        attempt.times = result.attempts;
        attempt.deaths += 1;
        attempt.deaths_alone = if had_company {
            0
        } else {
            attempt.deaths_alone + 1
        };
        attempt.died = true;
        attempt.last = Some(Box::new(result));
        self.suspects.push_back(attempt);
    }

    /// Those who were in flight are done with; it may have been who had ended right before.
    pub(super) fn suspect_departed(&mut self) {
        self.inquest = !self.departed.is_empty();
        for mut one in std::mem::take(&mut self.departed) {
            one.attempt.times = one.result.attempts;
            one.attempt.last = Some(Box::new(one.result));
            self.suspects.push_back(one.attempt);
        }
    }

    /// Once nothing is in flight any more: who did it, and what now.
    pub(super) fn recover(&mut self, run: &mut Run<'_, '_>) -> Result<Then, RunError> {
        if !self.in_flight.is_empty() {
            return Ok(Then::Nothing);
        }
        let Some(death) = self.death.take() else {
            return Ok(Then::Nothing);
        };
        for one in std::mem::take(&mut self.unproven) {
            match one.is_proven {
                true => self.departed.push(one),
                false => self.suspect(one.attempt, one.result, one.had_company),
            }
        }
        self.inquest = true;
        self.find_culprit(run, &death)?;
        match run.policy.died(&self.conduct) {
            AfterDeath::Return(within) => {
                self.stage = Stage::Returning;
                Ok(Then::Return(within))
            }
            AfterDeath::GiveUp => {
                self.give_up(run, &Notice::DiedTooOften)?;
                Ok(Then::Nothing)
            }
        }
    }

    /// Settles the case that the target dies of, if it is known by now: it was the only one
    /// in flight when the target died, twice.
    fn find_culprit(&mut self, run: &mut Run<'_, '_>, death: &Death) -> Result<(), RunError> {
        let is_only = self.suspects.iter().filter(|one| one.died).count() == 1;
        let (died, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.suspects)
            .into_iter()
            .partition(|one| one.died);
        self.suspects = others.into();
        for mut attempt in died.into_iter().rev() {
            attempt.died = false;
            if !is_only {
                attempt.deaths_alone = 0;
            }
            if attempt.deaths_alone >= DEATHS_OF_CULPRIT {
                if let Some(last) = attempt.last.take() {
                    let result = with_death(self.facts(), &attempt.job.case, *last, death);
                    self.settle(run, &attempt, &result)?;
                }
            } else if attempt.deaths > run.policy.deaths_survived_max {
                self.settle_open(run, &attempt)?;
            } else {
                self.suspects.push_front(attempt);
            }
        }
        Ok(())
    }

    /// Settles a case that was in flight when the target died, of which nothing is known.
    fn settle_open(&mut self, run: &mut Run<'_, '_>, attempt: &Attempt) -> Result<(), RunError> {
        let reason = self.obituary.clone().unwrap_or_default();
        let case = &attempt.job.case;
        let mut result = of_failure(self.facts(), case, Failure::TargetDied, reason);
        if let Some(last) = &attempt.last {
            result.attempts = last.attempts;
            result.transcript = last.transcript.clone();
        }
        self.settle(run, attempt, &result)
    }

    /// Every case that has no result gets one that says why.
    pub(super) fn give_up(
        &mut self,
        run: &mut Run<'_, '_>,
        notice: &Notice,
    ) -> Result<(), RunError> {
        let obituary = self.obituary.iter().cloned();
        let reason: Vec<String> = obituary.chain([words::notice(notice)]).collect();
        let reason = reason.join(" ");
        self.notice(run, notice)?;
        for mut attempt in std::mem::take(&mut self.suspects) {
            match attempt.last.take() {
                // Whoever took leave has not been cut off.
                Some(last) if took_leave(&last) => self.settle(run, &attempt, &last)?,
                last => {
                    attempt.last = last;
                    self.settle_open(run, &attempt)?;
                }
            }
        }
        let departed = std::mem::take(&mut self.departed);
        self.settle_each(run, departed)?;
        let again = std::mem::take(&mut self.again).into_iter();
        let alone = std::mem::take(&mut self.alone).into_iter();
        let rest = run.source.rest(self.number).into_iter().map(Attempt::new);
        for attempt in again.chain(alone).chain(rest) {
            let case = &attempt.job.case;
            let reason = reason.clone();
            let result = of_failure(self.facts(), case, Failure::Unreachable, reason);
            self.settle(run, &attempt, &result)?;
        }
        self.stage = Stage::Falling;
        Ok(())
    }
}
