//! The dispatcher: it alone knows what is in flight, begins everything and takes what comes
//! of it. What it begins runs in tasks, which say nothing but how they ended.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};

use super::RunError;
use super::death::Then;
use super::event::Sink;
use super::policy::Policy;
use super::source::{Source, Stir};
use super::turn::{Flight, Run, Stage, Turn};
use crate::subject::{Absence, Death, MeetError, Meeting, Subject, Vitals};

/// How long before it was noticed the end of a process may have ended connections: an exit
/// status takes another way than the octets.
const NOTICE_DELAY: Duration = Duration::from_millis(500);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything was played.
    Over,
    /// Somebody asked for the end.
    Stopped,
}

/// How a task ended, and of which target's.
struct Report {
    turn: usize,
    end: End,
}

enum End {
    Rose(Result<Vitals, Absence>),
    Met(Box<Result<Meeting, MeetError>>),
    /// The target was gone, in the generation of that number.
    Gone(u64, Death),
    /// A moment has passed.
    Passed,
    Fell,
}

/// Plays what a source has with every target, until both are over or `stop` is ready.
///
/// `jobs` conversations take place at once, taken together. Each target is asked for an
/// echo before the first case and after the last; what fails in company is played once more
/// alone; a target that dies is awaited or started again, and what was in flight is played
/// again.
///
/// # Errors
/// [`RunError`], where the run is of no use.
pub async fn run(
    source: &mut dyn Source,
    subjects: Vec<Arc<dyn Subject>>,
    policy: &Policy,
    sinks: &mut [&mut dyn Sink],
    jobs: usize,
    stop: impl Future<Output = ()>,
) -> Result<Ended, RunError> {
    let mut dispatcher = Dispatcher {
        run: Run {
            policy,
            source,
            sinks,
        },
        turns: Vec::new(),
        tasks: JoinSet::new(),
        flights: HashMap::new(),
        number: 0,
        jobs: jobs.max(1),
        turn: 0,
    };
    for subject in subjects {
        dispatcher.admit(subject);
    }
    dispatcher.serve(stop).await
}

struct Dispatcher<'run, 'sink> {
    run: Run<'run, 'sink>,
    turns: Vec<Turn>,
    tasks: JoinSet<Report>,
    /// The tasks that play something: whose turn, and the number of the flight there.
    flights: HashMap<Id, (usize, u64)>,
    number: u64,
    jobs: usize,
    /// Whose turn it is to begin something.
    turn: usize,
}

enum Happened {
    Stopped,
    Ended(Option<Result<(Id, Report), JoinError>>),
    Stirred(Stir),
}

impl Dispatcher<'_, '_> {
    async fn serve(mut self, stop: impl Future<Output = ()>) -> Result<Ended, RunError> {
        let mut stop = pin!(stop);
        loop {
            self.fill()?;
            let is_over = self.turns.iter().all(|turn| turn.stage == Stage::Fallen);
            if is_over && self.run.source.is_closed() {
                return Ok(Ended::Over);
            }
            let happened = tokio::select! {
                // Looked at first, so that a signal is heard before a target is started.
                biased;
                () = &mut stop => Happened::Stopped,
                ended = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    Happened::Ended(ended)
                }
                stir = self.run.source.stir() => Happened::Stirred(stir),
            };
            match happened {
                Happened::Stopped => return self.stop().await,
                Happened::Ended(Some(Ok((id, report)))) => self.take(id, report)?,
                Happened::Ended(Some(Err(error))) => self.panicked(&error)?,
                Happened::Stirred(Stir::Came(subject)) => self.admit(subject),
                Happened::Ended(None) | Happened::Stirred(Stir::Asked) => {}
            }
        }
    }

    fn admit(&mut self, subject: Arc<dyn Subject>) {
        self.turns.push(Turn::new(self.turns.len(), subject));
        self.rise(self.turns.len() - 1, None);
    }

    fn begin(&mut self, turn: usize, task: impl Future<Output = End> + Send + 'static) -> Id {
        let report = async move {
            let end = task.await;
            Report { turn, end }
        };
        self.tasks.spawn(report).id()
    }

    fn rise(&mut self, turn: usize, again: Option<Duration>) {
        let subject = Arc::clone(&self.turns[turn].subject);
        self.begin(turn, async move { End::Rose(subject.rise(again).await) });
    }

    fn watch(&mut self, turn: usize) {
        let subject = Arc::clone(&self.turns[turn].subject);
        let generation = self.turns[turn].generation;
        self.begin(
            turn,
            async move { End::Gone(generation, subject.gone().await) },
        );
    }

    /// Begins whatever can be begun, target by target.
    fn fill(&mut self) -> Result<(), RunError> {
        let mut idle = 0;
        while idle < self.turns.len() {
            let at = self.turn % self.turns.len();
            self.turn = at + 1;
            idle += 1;
            if self.turns.iter().any(Turn::measures) {
                return Ok(());
            }
            let others = self.flights.values().any(|(turn, _)| *turn != at);
            let mine = self.turns[at].in_flight.len();
            let room = self.jobs.saturating_sub(self.flights.len() - mine);
            let turn = &mut self.turns[at];
            // A target that needs but one conversation has it.
            let flight = turn.next(&mut self.run, room.max(1), others)?;
            match flight {
                Some(flight) => {
                    self.play(at, flight)?;
                    idle = 0;
                }
                None if self.turns[at].stage == Stage::Falling => self.fall(at),
                None => self.pause(at),
            }
        }
        Ok(())
    }

    fn play(&mut self, at: usize, flight: Flight) -> Result<(), RunError> {
        let turn = &mut self.turns[at];
        let waits = self.run.policy.waits(&turn.conduct);
        let (subject, job) = (Arc::clone(&turn.subject), flight.attempt.job.clone());
        let number = self.number;
        self.number += 1;
        turn.begins(&mut self.run, number, flight)?;
        let task = async move { End::Met(Box::new(subject.meet(&job, waits).await)) };
        let id = self.begin(at, task);
        self.flights.insert(id, (at, number));
        Ok(())
    }

    fn pause(&mut self, at: usize) {
        let turn = &mut self.turns[at];
        if let Some(pause) = turn.pause.take() {
            turn.is_pausing = true;
            self.begin(at, async move {
                tokio::time::sleep(pause).await;
                End::Passed
            });
        }
    }

    fn fall(&mut self, at: usize) {
        let turn = &mut self.turns[at];
        if !turn.is_falling {
            turn.is_falling = true;
            let subject = Arc::clone(&turn.subject);
            self.begin(at, async move {
                subject.fall().await;
                End::Fell
            });
        }
    }

    /// Takes how a task ended.
    fn take(&mut self, id: Id, report: Report) -> Result<(), RunError> {
        let at = report.turn;
        let turn = &mut self.turns[at];
        let then = match report.end {
            End::Rose(risen) => {
                let is_there = risen.is_ok();
                turn.rose(&mut self.run, risen)?;
                if is_there {
                    self.watch(at);
                }
                Then::Nothing
            }
            End::Met(outcome) => match self.landed(id) {
                Some(flight) => self.turns[at].met(&mut self.run, flight, Ok(*outcome))?,
                None => Then::Nothing,
            },
            End::Gone(generation, death) if generation == turn.generation => {
                turn.died(&mut self.run, death)?
            }
            End::Gone(..) => Then::Nothing,
            End::Passed => {
                turn.is_pausing = false;
                Then::Nothing
            }
            End::Fell => {
                turn.fell(&mut self.run)?;
                Then::Nothing
            }
        };
        self.follow(at, then);
        Ok(())
    }

    fn panicked(&mut self, error: &JoinError) -> Result<(), RunError> {
        let Some(&(at, _)) = self.flights.get(&error.id()) else {
            return Ok(());
        };
        if let Some(flight) = self.landed(error.id()) {
            let outcome = Err(error.to_string());
            let then = self.turns[at].met(&mut self.run, flight, outcome)?;
            self.follow(at, then);
        }
        Ok(())
    }

    fn landed(&mut self, id: Id) -> Option<Flight> {
        let (at, number) = self.flights.remove(&id)?;
        self.turns[at].in_flight.remove(&number)
    }

    fn follow(&mut self, at: usize, then: Then) {
        match then {
            Then::Nothing => {}
            Then::Return(within) => self.rise(at, Some(within)),
            Then::Death { status } => {
                let subject = Arc::clone(&self.turns[at].subject);
                let generation = self.turns[at].generation;
                self.begin(at, async move {
                    let gone = tokio::time::timeout(NOTICE_DELAY, subject.gone()).await;
                    let output = String::new();
                    End::Gone(generation, gone.unwrap_or(Death { status, output }))
                });
            }
        }
    }

    /// Ends what is in flight, and keeps what was found.
    async fn stop(mut self) -> Result<Ended, RunError> {
        self.tasks.shutdown().await;
        for turn in &mut self.turns {
            turn.stopped(&mut self.run)?;
        }
        for turn in &self.turns {
            turn.subject.fall().await;
        }
        Ok(Ended::Stopped)
    }
}
