//! One target's turn: what is played with it next, and what becomes of what was played.
//!
//! ```text
//! Rising ─▶ First ─▶ Playing ─▶ Last ─▶ Falling ─▶ Fallen
//!                     │  ▲
//!                     ▼  │
//!                  Dying ─▶ Returning
//! ```
//!
//! A connection that the target ended tells nothing until the target has answered another
//! one: it may have been the target's own end. Until then a result is *unproven*. It is kept
//! back for a moment more, since a process may answer others while it is about to end.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use wsspec_cases::Case;
use wsspec_record::{CaseResult, Notice, Skip};

use super::event::{Event, Sink};
use super::policy::{Conduct, Policy};
use super::result::of_skip;
use super::source::{Next, Source};
use super::{RunError, canary};
use crate::subject::{Death, Facts, Job, Subject, Way};

/// How many of the cases are remembered that were played at the same time as another.
const COMPANY_MAX: usize = 64;

/// Where a turn is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The target is being made ready.
    Rising,
    /// It is asked to echo a message.
    First,
    Playing,
    /// It has gone away; what is in flight comes to its end.
    Dying,
    /// It is awaited.
    Returning,
    /// It is asked to echo a message once more.
    Last,
    /// What we made of it is being removed.
    Falling,
    Fallen,
}

/// A case on its way to a result.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) job: Job,
    /// Whether it is the question whether the target is there, and no case of the source's.
    pub(super) is_canary: bool,
    /// How often it was played.
    pub(super) times: u32,
    /// How often the target died meanwhile,
    pub(super) deaths: u32,
    /// and how often in a row while nothing else could be what it died of.
    pub(super) deaths_alone: u32,
    /// Whether it has just died.
    pub(super) died: bool,
    /// What was seen until then, or while others were played.
    pub(super) last: Option<Box<CaseResult>>,
    /// Who they were.
    pub(super) others: Vec<String>,
}

impl Attempt {
    pub(super) fn new(job: Job) -> Self {
        Self {
            job,
            is_canary: false,
            times: 0,
            deaths: 0,
            deaths_alone: 0,
            died: false,
            last: None,
            others: Vec::new(),
        }
    }
}

/// A case that is being played.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) attempt: Attempt,
    pub(super) began: Instant,
    /// The others that were played meanwhile.
    pub(super) company: Vec<Arc<Case>>,
    /// Whether no other may be played meanwhile.
    alone: bool,
}

/// A case whose conversation the target ended.
#[derive(Debug)]
pub(super) struct Unproven {
    pub(super) attempt: Attempt,
    pub(super) result: CaseResult,
    pub(super) ended: Instant,
    pub(super) had_company: bool,
    /// Whether the target has answered another one since.
    pub(super) is_proven: bool,
}

/// What a turn needs of the run.
pub(super) struct Run<'run, 'sink> {
    pub(super) policy: &'run Policy,
    pub(super) source: &'run mut dyn Source,
    pub(super) sinks: &'run mut [&'sink mut dyn Sink],
}

impl Run<'_, '_> {
    /// Tells everybody.
    pub(super) fn tell(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        let mut sinks = self.sinks.iter_mut();
        sinks.try_for_each(|sink| sink.take(event))
    }
}

/// One target's turn.
pub(super) struct Turn {
    pub(super) subject: Arc<dyn Subject>,
    pub(super) stage: Stage,
    pub(super) conduct: Conduct,
    /// How often it was made ready.
    pub(super) generation: u64,
    pub(super) in_flight: HashMap<u64, Flight>,
    pub(super) number: usize,
    pub(super) began: Instant,
    /// To be played again, as if for the first time.
    pub(super) again: VecDeque<Attempt>,
    /// To be played with no other at the same time,
    pub(super) alone: VecDeque<Attempt>,
    /// and before anything else: they were in flight when the target died.
    pub(super) suspects: VecDeque<Attempt>,
    pub(super) unproven: Vec<Unproven>,
    /// Proven, but only a moment before the target died.
    pub(super) departed: Vec<Unproven>,
    pub(super) proofs: u32,
    /// How long nothing is begun, once that is known,
    pub(super) pause: Option<Duration>,
    /// and whether that is so.
    pub(super) is_pausing: bool,
    pub(super) death: Option<Death>,
    /// What is told of its last death.
    pub(super) obituary: Option<String>,
    /// Whether it is being found out what it died of.
    pub(super) inquest: bool,
    /// Whether it was asked for an echo before the first case.
    pub(super) was_asked: bool,
    pub(super) is_falling: bool,
    pub(super) product: Option<String>,
    /// The cases that failed in company only.
    pub(super) in_company: Vec<String>,
}

impl Turn {
    pub(super) fn new(number: usize, subject: Arc<dyn Subject>) -> Self {
        Self {
            subject,
            stage: Stage::Rising,
            conduct: Conduct::default(),
            generation: 0,
            in_flight: HashMap::new(),
            number,
            began: Instant::now(),
            again: VecDeque::new(),
            alone: VecDeque::new(),
            suspects: VecDeque::new(),
            unproven: Vec::new(),
            departed: Vec::new(),
            proofs: 0,
            pause: None,
            is_pausing: false,
            death: None,
            obituary: None,
            inquest: false,
            was_asked: false,
            is_falling: false,
            product: None,
            in_company: Vec::new(),
        }
    }

    pub(super) fn facts(&self) -> &Facts {
        self.subject.facts()
    }

    pub(super) fn way(&self) -> Way {
        self.facts().way
    }

    pub(super) fn name(&self) -> &str {
        &self.facts().info.name
    }

    /// Whether it can go away with all that is in flight.
    pub(super) fn is_mortal(&self) -> bool {
        matches!(self.way(), Way::Connected | Way::Spawned)
    }

    /// Whether a case is being played that tolerates no other anywhere.
    pub(super) fn measures(&self) -> bool {
        let mut flights = self.in_flight.values();
        flights.any(|flight| flight.attempt.job.case.exclusive)
    }

    /// What is to be begun now, if anything is; `jobs` may be in flight with it at once.
    ///
    /// # Errors
    /// Where what was skipped cannot be recorded.
    pub(super) fn next(
        &mut self,
        run: &mut Run<'_, '_>,
        jobs: usize,
        others_busy: bool,
    ) -> Result<Option<Flight>, RunError> {
        let is_idle = self.in_flight.is_empty();
        match self.stage {
            Stage::First | Stage::Last => return Ok(is_idle.then(|| self.ask())),
            Stage::Playing if !self.plays_alone() && !self.is_pausing => {}
            _ => return Ok(None),
        }
        self.release(run)?;
        if self.way() != Way::ByItself && run.policy.has_shown_itself(&self.conduct) {
            if is_idle {
                self.leave(run)?;
            }
            return Ok(is_idle.then(|| self.ask()));
        }
        if self.inquest && self.suspects.is_empty() && self.unproven.is_empty() {
            self.suspect_departed();
        }
        let asks = self.inquest || run.policy.asks_after_each(&self.conduct);
        if asks && self.unproven.iter().any(|one| !one.is_proven) {
            let pauses = is_idle && self.inquest && self.pauses(run.policy);
            return Ok((is_idle && !pauses).then(|| self.ask()));
        }
        if !self.suspects.is_empty() {
            let suspect = is_idle.then(|| self.suspects.pop_front()).flatten();
            return Ok(suspect.map(|suspect| self.flight(suspect, true)));
        }
        self.settle_hopeless(run)?;
        let mut is_over = false;
        if self.has_room(run.policy, jobs) {
            match self.fresh(run)? {
                Fresh::Attempt(attempt) => return Ok(Some(self.flight(attempt, false))),
                Fresh::Nothing => {}
                Fresh::Over => is_over = true,
            }
        }
        if !is_idle {
            return Ok(None);
        }
        let measures = |attempt: &Attempt| attempt.job.case.exclusive;
        if others_busy && self.alone.front().is_some_and(measures) {
            return Ok(None);
        }
        if let Some(attempt) = self.alone.pop_front() {
            return Ok(Some(self.flight(attempt, true)));
        }
        if is_over {
            if self.pauses(run.policy) {
                return Ok(None);
            }
            let comes_by_itself = self.way() == Way::ByItself;
            self.stage = if comes_by_itself {
                Stage::Falling
            } else {
                Stage::Last
            };
            return Ok((!comes_by_itself).then(|| self.ask()));
        }
        // What is unproven may be what others wait for.
        let is_open = self.unproven.iter().any(|one| !one.is_proven);
        Ok((is_open || !self.pauses(run.policy) && !self.unproven.is_empty()).then(|| self.ask()))
    }

    /// Whether a moment has to pass, in which the target shows that it is dying.
    fn pauses(&mut self, policy: &Policy) -> bool {
        let ages = self.unproven.iter().map(|one| one.ended.elapsed());
        let moment = policy.moment(&self.conduct);
        self.pause = ages.min().and_then(|age| moment.checked_sub(age));
        self.pause.is_some()
    }

    fn plays_alone(&self) -> bool {
        self.in_flight.values().any(|flight| flight.alone)
    }

    fn has_room(&self, policy: &Policy, jobs: usize) -> bool {
        // Who comes by itself has come: it is not for us to keep it waiting.
        let jobs = match self.way() {
            Way::ByItself => usize::MAX,
            _ => policy.jobs(&self.conduct, jobs),
        };
        self.alone.len() < policy.alone_waiting_max && self.in_flight.len() < jobs
    }

    /// The next case that is played with others.
    fn fresh(&mut self, run: &mut Run<'_, '_>) -> Result<Fresh, RunError> {
        if let Some(attempt) = self.again.pop_front() {
            return Ok(Fresh::Attempt(attempt));
        }
        loop {
            match run.source.next(self.number) {
                Next::Play(job) => match self.subject.unfit(&job.case) {
                    Some(skip) => self.skip(run, &job, &skip)?,
                    None if self.subject.wants_alone(&job.case) => {
                        self.alone.push_back(Attempt::new(job));
                    }
                    None => return Ok(Fresh::Attempt(Attempt::new(job))),
                },
                Next::Skip(job, skip) => {
                    let skip = self.subject.unfit(&job.case).unwrap_or(skip);
                    self.skip(run, &job, &skip)?;
                }
                Next::Wait => return Ok(Fresh::Nothing),
                Next::Over => return Ok(Fresh::Over),
            }
        }
    }

    /// The question whether the target is there.
    fn ask(&mut self) -> Flight {
        let job = Job {
            number: u64::MAX,
            case: Arc::new(canary()),
        };
        let mut attempt = Attempt::new(job);
        attempt.is_canary = true;
        self.flight(attempt, true)
    }

    fn flight(&self, attempt: Attempt, alone: bool) -> Flight {
        let others = self.in_flight.values().take(COMPANY_MAX);
        Flight {
            attempt,
            began: Instant::now(),
            company: others
                .map(|other| Arc::clone(&other.attempt.job.case))
                .collect(),
            alone,
        }
    }

    /// Notes that a conversation is in flight.
    ///
    /// # Errors
    /// Where that cannot be recorded.
    pub(super) fn begins(
        &mut self,
        run: &mut Run<'_, '_>,
        number: u64,
        flight: Flight,
    ) -> Result<(), RunError> {
        if !flight.attempt.is_canary {
            let (target, case) = (self.name(), flight.attempt.job.case.id.as_str());
            run.tell(&Event::Started { target, case })?;
        }
        for other in self.in_flight.values_mut() {
            if other.company.len() < COMPANY_MAX {
                other.company.push(Arc::clone(&flight.attempt.job.case));
            }
        }
        self.in_flight.insert(number, flight);
        Ok(())
    }

    pub(super) fn skip(
        &mut self,
        run: &mut Run<'_, '_>,
        job: &Job,
        skip: &Skip,
    ) -> Result<(), RunError> {
        let result = of_skip(self.facts(), &job.case, skip);
        let result = &result;
        run.tell(&Event::Skipped { result, skip })?;
        run.source.settled(self.number, job, result);
        Ok(())
    }

    pub(super) fn notice(&self, run: &mut Run<'_, '_>, notice: &Notice) -> Result<(), RunError> {
        let target = &self.facts().info.name;
        run.tell(&Event::Notice { target, notice })
    }
}

/// What a source has.
enum Fresh {
    Attempt(Attempt),
    Nothing,
    Over,
}
