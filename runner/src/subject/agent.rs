//! A client that comes by itself, as Autobahn's drivers and browsers do.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use wsspec_cases::{Case, Target};
use wsspec_judge::judge::Judge;
use wsspec_record::Skip;
use wsspec_record::escape::escape_octets;

use super::{Absence, Facts, Job, MeetError, Meeting, Promise, Subject, Vitals, Waits};
use crate::drive::{Reception, play_client};
use crate::listen::Visitor;

/// How many keys of opening handshakes are kept.
const KEYS_MAX: usize = 64;

/// A connection, and who waits until it is over.
type Held = (Visitor, oneshot::Sender<()>);

/// A client that comes by itself.
#[derive(Debug)]
pub(crate) struct Agent {
    facts: Facts,
    reception: Reception,
    seed: u64,
    /// Its connections, by the number of the job that they asked for.
    visitors: Mutex<HashMap<u64, Held>>,
    keys: Keys,
}

impl Agent {
    pub(crate) fn new(facts: Facts, reception: Reception, seed: u64) -> Self {
        Self {
            facts,
            reception,
            seed,
            visitors: Mutex::default(),
            keys: Keys::default(),
        }
    }

    /// Takes the connection over which a case is to be played; `held` is dropped when it is
    /// over.
    pub(crate) fn came(&self, job: u64, visitor: Visitor, held: oneshot::Sender<()>) {
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        visitors.insert(job, (visitor, held));
    }

    /// Gives back the connection over which no case is played.
    pub(crate) fn leaves(&self, job: u64) -> Option<Visitor> {
        self.held(job).map(|(visitor, _)| visitor)
    }

    fn held(&self, job: u64) -> Option<Held> {
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        visitors.remove(&job)
    }

    async fn play(&self, job: &Job, waits: Waits) -> Result<Meeting, MeetError> {
        let gone = || MeetError::Connection(std::io::ErrorKind::NotConnected.into());
        let (visitor, _held) = self.held(job.number).ok_or_else(gone)?;
        let began = Instant::now();
        let reception = Reception {
            earlier_keys: self.keys.last(job.case.keys_of.saturating_sub(1) as usize),
            ..self.reception.clone()
        };
        self.keys.note(&visitor);
        let caller = visitor
            .into_caller(reception)
            .map_err(MeetError::Connection)?;
        let mut judge = Judge::new(&job.case, Target::Client);
        let patience = waits.conversation;
        let played = play_client(&job.case, caller, patience, self.seed, &mut judge).await?;
        Ok(Meeting {
            transcript: played.transcript,
            judgement: judge.conclude(),
            product: played.product,
            began,
            took: began.elapsed(),
            start_took: None,
            process: None,
        })
    }
}

impl Subject for Agent {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn unfit(&self, case: &Case) -> Option<Skip> {
        if case.starts_client() {
            Some(Skip::ForStartedClients)
        } else {
            (case.is_for_tls() && !self.facts.is_secure).then_some(Skip::NotOverTls)
        }
    }

    fn wants_alone(&self, _case: &Case) -> bool {
        false
    }

    fn rise(&self, _again: Option<Duration>) -> Promise<'_, Result<Vitals, Absence>> {
        Box::pin(std::future::ready(Ok(Vitals::default())))
    }

    fn meet<'a>(&'a self, job: &'a Job, waits: Waits) -> Promise<'a, Result<Meeting, MeetError>> {
        Box::pin(self.play(job, waits))
    }
}

/// The keys of a client's opening handshakes, as many as a case may look at.
#[derive(Debug, Default)]
pub(super) struct Keys(Mutex<VecDeque<String>>);

impl Keys {
    /// Notes the key of another connection.
    pub(super) fn note(&self, visitor: &Visitor) {
        if let Some(key) = visitor.request.values("sec-websocket-key").next() {
            let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if keys.len() == KEYS_MAX {
                keys.pop_front();
            }
            keys.push_back(escape_octets(key, 100));
        }
    }

    /// Those of the last connections, the oldest first.
    pub(super) fn last(&self, count: usize) -> Vec<String> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = keys.len().saturating_sub(count);
        keys.iter().skip(skipped).cloned().collect()
    }
}
