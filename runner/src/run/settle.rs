//! What becomes of a case that was played.

use std::time::{Duration, Instant};

use wsspec_record::results::{Grade, InCompany};
use wsspec_record::{CaseResult, Failure, Notice, Skip, Verdict};

use super::RunError;
use super::death::Then;
use super::event::Event;
use super::policy::{Decision, Playing};
use super::result::{of_failure, of_meeting, of_skip};
use super::seen::{ended_by_target, has_answered, is_refused, opening};
use super::turn::{Attempt, Flight, Run, Stage, Turn, Unproven};
use crate::subject::{Absence, MeetError, Meeting, Vitals, Way};

/// How often is asked whether a target is there that ends each connection without a word.
const PROOFS_MAX: u32 = 3;

/// What a conversation gave, or why there was none.
pub(super) type Outcome = Result<Result<Meeting, MeetError>, String>;

impl Turn {
    /// Takes what a conversation gave.
    pub(super) fn met(
        &mut self,
        run: &mut Run<'_, '_>,
        flight: Flight,
        outcome: Outcome,
    ) -> Result<Then, RunError> {
        let (mut result, start_took) = self.result(run, &flight, outcome)?;
        let is_gone = self.is_mortal() && is_refused(&result);
        if self.stage == Stage::Dying {
            match (flight.attempt.is_canary, is_gone) {
                (true, _) => {}
                (false, true) => self.again.push_front(flight.attempt),
                (false, false) => {
                    let had_company = !flight.company.is_empty();
                    self.suspect(flight.attempt, result, had_company);
                }
            }
            return self.recover(run);
        }
        if has_answered(&result) {
            self.prove(flight.began);
        }
        if flight.attempt.is_canary {
            return self.asked(run, &result, start_took);
        }
        if is_gone {
            self.again.push_front(flight.attempt);
            return self.refused(run, result.reason);
        }
        let mut attempt = flight.attempt;
        attempt.times += 1;
        self.compare(&attempt, &mut result);
        let had_company = !flight.company.is_empty();
        if let Some(waited) = opening(&result) {
            let others = flight.company.len();
            run.policy.opened(&mut self.conduct, waited, others);
        }
        self.conduct.learn(&result, had_company);
        let playing = Playing::of(&result, had_company);
        let decision = run.policy.settled(&self.conduct, self.way(), playing);
        if decision == Decision::Retry && run.source.is_news(self.number, &attempt.job, &result) {
            run.tell(&Event::Retried { result: &result })?;
            let company = flight.company.iter().map(|case| case.id.clone());
            attempt.others = company.collect();
            attempt.last = Some(Box::new(result));
            self.alone.push_back(attempt);
        } else if self.is_mortal() && ended_by_target(&result) {
            self.unproven.push(Unproven {
                attempt,
                result,
                ended: Instant::now(),
                had_company,
                is_proven: false,
            });
        } else {
            self.settle(run, &attempt, &result)?;
        }
        Ok(Then::Nothing)
    }

    fn result(
        &mut self,
        run: &mut Run<'_, '_>,
        flight: &Flight,
        outcome: Outcome,
    ) -> Result<(CaseResult, Option<Duration>), RunError> {
        let meeting = match outcome {
            Ok(Ok(meeting)) => meeting,
            Ok(Err(MeetError::Start { command, source })) if self.stage == Stage::First => {
                return Err(RunError::Start { command, source });
            }
            Ok(Err(error)) => return Ok((harness(self, flight, &error.to_string()), None)),
            Err(panicked) => return Ok((harness(self, flight, &panicked), None)),
        };
        if let Some(product) = &meeting.product
            && self.product.as_ref() != Some(product)
        {
            self.product = Some(product.clone());
            let target = self.name();
            run.tell(&Event::Named { target, product })?;
        }
        let start_took = meeting.start_took;
        let mut result = of_meeting(self.facts(), &flight.attempt.job.case, meeting);
        result.attempts = flight.attempt.times + 1;
        Ok((result, start_took))
    }

    /// Notes what a case gave while others were played, where it did not fail alone.
    fn compare(&self, attempt: &Attempt, result: &mut CaseResult) {
        let was_retried = !attempt.others.is_empty();
        if let (true, Some(before)) = (was_retried && result.grade() < Grade::Bad, &attempt.last) {
            result.in_company = Some(Box::new(InCompany {
                verdict: before.verdict,
                closing: before.closing,
                failure: before.failure,
                reason: before.reason.clone(),
                others: attempt.others.clone(),
            }));
        }
    }

    /// Settles what is to be played alone since it ran out of time, where it is known by now
    /// that this makes no difference.
    pub(super) fn settle_hopeless(&mut self, run: &mut Run<'_, '_>) -> Result<(), RunError> {
        if !run.policy.is_hopeless(&self.conduct) {
            return Ok(());
        }
        for mut attempt in std::mem::take(&mut self.alone) {
            match attempt.last.take() {
                Some(result) if Playing::of(&result, true).is_late => {
                    self.settle(run, &attempt, &result)?;
                }
                last => {
                    attempt.last = last;
                    self.alone.push_back(attempt);
                }
            }
        }
        Ok(())
    }

    /// Gives a case its result.
    pub(super) fn settle(
        &mut self,
        run: &mut Run<'_, '_>,
        attempt: &Attempt,
        result: &CaseResult,
    ) -> Result<(), RunError> {
        self.conduct.deaths_in_a_row = 0;
        if result.in_company.is_some() {
            self.in_company.push(result.case.clone());
        }
        run.tell(&Event::Settled { result })?;
        run.source.settled(self.number, &attempt.job, result);
        Ok(())
    }

    /// Takes note that the target was there at this time, after what had ended by then.
    fn prove(&mut self, began: Instant) {
        for one in &mut self.unproven {
            one.is_proven |= began > one.ended;
        }
    }

    /// Settles what is proven, and not only since a moment ago.
    pub(super) fn release(&mut self, run: &mut Run<'_, '_>) -> Result<(), RunError> {
        let moment = run.policy.moment(&self.conduct);
        let is_due = |one: &Unproven| one.is_proven && one.ended.elapsed() >= moment;
        let (due, open) = std::mem::take(&mut self.unproven)
            .into_iter()
            .partition(is_due);
        self.unproven = open;
        self.settle_each(run, due)
    }

    /// Settles what was kept back, whatever the target is about to do.
    fn release_all(&mut self, run: &mut Run<'_, '_>) -> Result<(), RunError> {
        let unproven = std::mem::take(&mut self.unproven);
        self.settle_each(run, unproven)?;
        let departed = std::mem::take(&mut self.departed);
        self.settle_each(run, departed)
    }

    /// Gives these their results.
    pub(super) fn settle_each(
        &mut self,
        run: &mut Run<'_, '_>,
        ones: Vec<Unproven>,
    ) -> Result<(), RunError> {
        let mut ones = ones.into_iter();
        ones.try_for_each(|one| self.settle(run, &one.attempt, &one.result))
    }

    /// Takes the answer to the question whether the target is there.
    fn asked(
        &mut self,
        run: &mut Run<'_, '_>,
        result: &CaseResult,
        start_took: Option<Duration>,
    ) -> Result<Then, RunError> {
        let is_good = result.verdict == Verdict::Pass;
        match self.stage {
            Stage::First if self.was_asked => {
                let waited = opening(result).flatten().unwrap_or(run.policy.answer);
                self.conduct.room = Some(run.policy.first_room(waited));
                self.stage = Stage::Playing;
            }
            Stage::First => return self.asked_first(run, result, start_took),
            _ if self.is_mortal() && is_refused(result) => {
                return self.refused(run, result.reason.clone());
            }
            Stage::Last => {
                if !is_good && run.source.needs_echo() {
                    let reason = result.reason.clone();
                    self.notice(run, &Notice::NoEchoAfter { reason })?;
                }
                self.release_all(run)?;
                if self.conduct.hung > 0 {
                    let processes = self.conduct.hung as u64;
                    self.notice(run, &Notice::Hung { processes })?;
                }
                self.stage = Stage::Falling;
            }
            _ => {
                self.proofs += 1;
                let is_silent = !has_answered(result) && ended_by_target(result);
                if !is_silent || self.proofs >= PROOFS_MAX {
                    self.proofs = 0;
                    self.prove(Instant::now());
                }
            }
        }
        Ok(Then::Nothing)
    }

    /// Takes the answer to the first question of all: whether it is what can be graded.
    fn asked_first(
        &mut self,
        run: &mut Run<'_, '_>,
        result: &CaseResult,
        start_took: Option<Duration>,
    ) -> Result<Then, RunError> {
        self.was_asked = true;
        if matches!(
            result.failure,
            Some(Failure::Unreachable | Failure::Harness)
        ) {
            let reason = result.reason.clone();
            self.give_up(run, &Notice::Absent { reason })?;
            return Ok(Then::Nothing);
        }
        self.conduct.echo_took = Some(Duration::from_secs_f64(result.duration_ms / 1000.0));
        self.conduct.start_took = start_took;
        self.conduct.note_process(result);
        if let Some(found) = run.policy.mismatch(result) {
            self.give_up(run, &Notice::NotRight { found })?;
            return Ok(Then::Nothing);
        }
        if result.verdict == Verdict::Pass && self.is_mortal() {
            // Asked once more, it shows how soon it takes the next one.
            return Ok(Then::Nothing);
        }
        if result.verdict != Verdict::Pass {
            let is_mute = [Failure::Timeout, Failure::NotAlive].map(Some);
            self.conduct.is_mute = is_mute.contains(&result.failure);
            let reason = result.reason.clone();
            self.notice(run, &Notice::NoEchoBefore { reason })?;
        }
        self.stage = Stage::Playing;
        Ok(Then::Nothing)
    }

    /// Leaves the rest of the cases, since the target has shown that it does not answer.
    pub(super) fn leave(&mut self, run: &mut Run<'_, '_>) -> Result<(), RunError> {
        let (late, of) = (self.conduct.unanswered as u64, self.conduct.played as u64);
        self.notice(run, &Notice::ShownItself { late, of })?;
        for mut attempt in std::mem::take(&mut self.alone) {
            match attempt.last.take() {
                Some(result) => self.settle(run, &attempt, &result)?,
                None => self.skip(run, &attempt.job, &Skip::ShownItself)?,
            }
        }
        for job in run.source.rest(self.number) {
            let skip = self.subject.unfit(&job.case);
            self.skip(run, &job, &skip.unwrap_or(Skip::ShownItself))?;
        }
        self.stage = Stage::Last;
        Ok(())
    }

    /// The target is ready, or is not.
    pub(super) fn rose(
        &mut self,
        run: &mut Run<'_, '_>,
        risen: Result<Vitals, Absence>,
    ) -> Result<(), RunError> {
        match risen {
            Ok(vitals) => {
                self.generation += 1;
                let returned = self.stage == Stage::Returning;
                let needs_none = self.way() == Way::ByItself || !run.source.needs_echo();
                let is_asked = self.was_asked || needs_none;
                self.stage = if is_asked {
                    Stage::Playing
                } else {
                    Stage::First
                };
                if returned {
                    return self.notice(run, &Notice::Returned);
                }
                let cases = run.source.count();
                let (facts, url) = (self.subject.facts(), vitals.url.as_deref());
                run.tell(&Event::Rose { facts, url, cases })
            }
            Err(absence) => {
                let reason = absence.to_string();
                self.give_up(run, &Notice::Absent { reason })
            }
        }
    }

    /// Keeps what was found, where somebody asks for the end of the run.
    pub(super) fn stopped(&mut self, run: &mut Run<'_, '_>) -> Result<(), RunError> {
        self.release_all(run)?;
        // What was to be played once more keeps what it has.
        for mut attempt in std::mem::take(&mut self.alone) {
            if let Some(result) = attempt.last.take() {
                self.settle(run, &attempt, &result)?;
            }
        }
        match self.way() {
            // What it did not ask for it never will.
            Way::ByItself if self.stage != Stage::Fallen => self.fell(run),
            _ => Ok(()),
        }
    }

    /// Accounts for what was not played, now that the turn is over.
    pub(super) fn fell(&mut self, run: &mut Run<'_, '_>) -> Result<(), RunError> {
        let rest = run.source.rest(self.number);
        let mut missing = 0_u64;
        for job in &rest {
            let skip = self.subject.unfit(&job.case);
            missing += u64::from(skip.is_none());
            let skip = skip.unwrap_or(Skip::NeverAsked);
            let result = of_skip(self.facts(), &job.case, &skip);
            run.tell(&Event::Skipped {
                result: &result,
                skip: &skip,
            })?;
        }
        if missing > 0 {
            let of = run.source.count().map_or(missing, |count| count as u64);
            self.notice(run, &Notice::NeverAsked { missing, of })?;
        }
        if !self.in_company.is_empty() {
            let cases = std::mem::take(&mut self.in_company);
            self.notice(run, &Notice::InCompany { cases })?;
        }
        self.stage = Stage::Fallen;
        run.tell(&Event::Fell {
            target: self.name(),
            took: self.began.elapsed(),
        })
    }
}

fn harness(turn: &Turn, flight: &Flight, error: &str) -> CaseResult {
    let reason = format!("The case could not be played: {error}.");
    let case = &flight.attempt.job.case;
    of_failure(turn.facts(), case, Failure::Harness, reason)
}
