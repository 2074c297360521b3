//! A client that is started for each case.
//!
//! Each case has a URL of its own on one listener. A client that does not come, does not
//! go, or dies on the way has its result like any other.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinSet;
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::{Case, Target};
use wsspec_judge::judge::Judge;
use wsspec_record::results::{Ending, ProcessEnd};
use wsspec_record::transcript::{Entry, NoConnection, Phase, Transcript, What};
use wsspec_record::{Skip, Verdict};
use wsspec_reference::net::TlsServer;

use super::agent::Keys;
use super::desk::{Desk, Ticket};
use super::{
    Absence, Facts, Job, MeetError, Meeting, Promise, Status, Stopped, Subject, Vitals, Waits,
};
use crate::drive::{Place, Reception, play_client};
use crate::listen::{Door, Visitor};
use crate::run::canary;

/// Where we listen: on any free port.
const LISTEN: &str = "127.0.0.1:0";
/// How often we come through our own door to know that everybody before us was seen:
/// twice, since whoever was let in first may be heard a moment later.
const KNOCKS: usize = 2;
/// How long a connection of our own may take to be seen.
const NOTICE_DELAY: Duration = Duration::from_millis(500);
/// How much of what a process printed is stored, in characters.
const OUTPUT_CHARS_KEPT: usize = 2000;

/// Something that can be told to connect to a URL, and to echo until it is closed.
pub trait Program: Send + Sync {
    /// How it is started, as a user writes it.
    fn written(&self) -> String;

    /// Starts it with the URL of a case.
    ///
    /// # Errors
    /// What the operating system says.
    fn start(&self, url: &str) -> std::io::Result<Box<dyn Run>>;
}

/// A program that was started.
pub trait Run: Send {
    /// Waits until it ends.
    fn ended(&mut self) -> Promise<'_, ()>;

    /// Ends it, where it has not ended by itself: how it ended, and the end of what it
    /// printed.
    fn stop(&mut self) -> Promise<'_, (Status, Stopped, String)>;
}

/// A client that is started for each case.
pub struct Client {
    facts: Facts,
    program: Box<dyn Program>,
    reception: Reception,
    doors: Doors,
    /// How long somebody who connects may take to send a request.
    head_patience: Duration,
    seed: u64,
    desk: Arc<Desk>,
    keys: Keys,
    /// Where we listen, once we do,
    place: OnceLock<SocketAddr>,
    /// and where with certificates that no client may take.
    others: OnceLock<HashMap<OpeningTls, SocketAddr>>,
    /// The doors are shut when this is dropped.
    listening: Mutex<JoinSet<()>>,
}

/// How we listen for a client.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    /// How to speak TLS, if it is to use it.
    pub tls: Option<TlsServer>,
    /// How to listen with certificates that no client may take.
    pub impostors: Vec<(OpeningTls, TlsServer)>,
}

impl Client {
    /// A client that `program` starts, each time with the URL of a case. The same seed plays
    /// the same octets.
    pub fn new(
        facts: Facts,
        program: Box<dyn Program>,
        reception: Reception,
        doors: Doors,
        head_patience: Duration,
        seed: u64,
    ) -> Self {
        Self {
            facts,
            program,
            reception,
            doors,
            head_patience,
            seed,
            desk: Arc::default(),
            keys: Keys::default(),
            place: OnceLock::new(),
            others: OnceLock::new(),
            listening: Mutex::default(),
        }
    }

    async fn listen(&self) -> std::io::Result<()> {
        let door = Door::open(LISTEN, self.doors.tls.clone()).await?;
        let (place, mut doors, mut others) = (door.address(), vec![door], HashMap::new());
        for (kind, tls) in &self.doors.impostors {
            let door = Door::open(LISTEN, Some(tls.clone())).await?;
            others.insert(*kind, door.address());
            doors.push(door);
        }
        let _ = self.place.set(place);
        let _ = self.others.set(others);
        let mut listening = self.listening.lock().await;
        for door in doors {
            let reception = Arc::clone(&self.desk);
            listening.spawn(door.receive(self.head_patience, move |from, visit| {
                let desk = Arc::clone(&reception);
                async move { desk.receive(from, visit).await }
            }));
        }
        Ok(())
    }

    /// Where a client is sent in a case.
    fn place_of(&self, case: &Case, ticket: &Ticket) -> Option<Place> {
        let other = case
            .opening
            .tls
            .and_then(|tls| self.others.get()?.get(&tls));
        let address = other.or(self.place.get())?;
        let is_secure = self.doors.tls.is_some();
        Some(Place {
            is_secure,
            // Certificates for this machine are most often for its name.
            host: match is_secure {
                true => "localhost".into(),
                false => address.ip().to_string(),
            },
            port: address.port(),
            path: ticket.path(&case.id),
            number: ticket.number,
        })
    }

    /// Starts the client and plays the case with the first connection that it opens.
    async fn play(&self, case: &Case, waits: Waits) -> Result<Meeting, MeetError> {
        self.prepare(case, waits).await?;
        let comes_otherwise = match case.starts_client() {
            true => Some(Box::pin(self.play(&canary(), waits)).await?),
            false => None,
        };
        let (ticket, arrival) = self.desk.expect();
        let not_there = || MeetError::Connection(std::io::ErrorKind::NotConnected.into());
        let place = self.place_of(case, &ticket).ok_or_else(not_there)?;
        let (url, mut reception) = place.invite(case, &self.reception);
        reception.earlier_keys = self.keys.last(case.keys_of.saturating_sub(1) as usize);
        let starting = Instant::now();
        let mut run = self.start(&url)?;
        let visitor = self.meet_visitor(run.as_mut(), arrival, waits.start).await;

        let start_took = Some(starting.elapsed());
        let began = Instant::now();
        let mut judge = Judge::new(case, Target::Client);
        let (mut transcript, mut product) = (Transcript::default(), None);
        if let Some(visitor) = visitor {
            self.keys.note(&visitor);
            let caller = visitor
                .into_caller(reception)
                .map_err(MeetError::Connection)?;
            let patience = waits.conversation;
            let played = play_client(case, caller, patience, self.seed, &mut judge).await?;
            (transcript, product) = (played.transcript, played.product);
        }
        let came = !transcript.entries.is_empty();
        let took = began.elapsed();
        if came {
            // It may do as it likes once it is closed, but not for ever.
            let _ = tokio::time::timeout(waits.end, run.ended()).await;
        }
        let (status, stopped, output) = run.stop().await;
        let end = process_end(status, stopped, &output, &ticket);
        let mut notes = Vec::new();
        if !came {
            notes = who_did_not_come(&end, waits.start, url, comes_otherwise);
            notes.extend(ticket.stray().map(What::Stray));
        }
        notes.extend(how_it_ended(&end));
        for what in notes {
            let at_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            let entry = Entry::new(at_us, what);
            judge.observe(&entry);
            transcript.entries.push(entry);
        }
        Ok(Meeting {
            transcript,
            judgement: judge.conclude(),
            product,
            began,
            took,
            start_took,
            process: Some(end),
        })
    }

    fn start(&self, url: &str) -> Result<Box<dyn Run>, MeetError> {
        self.program.start(url).map_err(|source| MeetError::Start {
            command: self.program.written(),
            source,
        })
    }

    /// Opens as many connections as are missing for a case that looks at several.
    async fn prepare(&self, case: &Case, waits: Waits) -> Result<(), MeetError> {
        let wanted = case.keys_of.saturating_sub(1) as usize;
        // Each gives one at the most, and none where something is wrong.
        for _ in self.keys.last(wanted).len()..wanted {
            Box::pin(self.play(&canary(), waits)).await?;
        }
        Ok(())
    }

    /// Waits until the client has connected, its process has ended or the time is over.
    async fn meet_visitor(
        &self,
        run: &mut dyn Run,
        mut arrival: oneshot::Receiver<Visitor>,
        patience: Duration,
    ) -> Option<Visitor> {
        tokio::select! {
            biased;
            visitor = &mut arrival => visitor.ok(),
            () = run.ended() => {
                // What it sent may be here and not have been looked at: it stands before
                // anybody who comes now.
                let address = *self.place.get()?;
                for _ in 0..KNOCKS {
                    let knock = self.desk.knock(address);
                    let _ = tokio::time::timeout(NOTICE_DELAY, knock).await;
                }
                arrival.try_recv().ok()
            }
            () = tokio::time::sleep(patience) => None,
        }
    }
}

impl Subject for Client {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn unfit(&self, case: &Case) -> Option<Skip> {
        if case.is_for_tls() && !self.facts.is_secure {
            return Some(Skip::NotOverTls);
        }
        let has_it = |tls| {
            self.others
                .get()
                .is_some_and(|others| others.contains_key(&tls))
        };
        let has_certificate = case.opening.tls.is_none_or(has_it);
        (!has_certificate).then_some(Skip::NoCertificate)
    }

    fn wants_alone(&self, case: &Case) -> bool {
        // Who came to a place that nobody was sent to is known of one case alone.
        case.exclusive || case.starts_client()
    }

    fn rise(&self, _again: Option<Duration>) -> Promise<'_, Result<Vitals, Absence>> {
        Box::pin(async move {
            self.listen().await.map_err(Absence::Listen)?;
            Ok(Vitals::default())
        })
    }

    fn meet<'a>(&'a self, job: &'a Job, waits: Waits) -> Promise<'a, Result<Meeting, MeetError>> {
        Box::pin(self.play(&job.case, waits))
    }
}

/// What is seen of a client that did not come.
fn who_did_not_come(
    end: &ProcessEnd,
    patience: Duration,
    url: String,
    comes_otherwise: Option<Meeting>,
) -> Vec<What> {
    let ended_by_itself = end.ended == Ending::ByItself;
    let seen = match comes_otherwise.map(|canary| canary.judgement) {
        None if ended_by_itself => vec![What::NotConnected {
            reason: NoConnection::Ended {
                status: end.status.clone(),
            },
        }],
        None => vec![What::NotConnected {
            reason: NoConnection::NotMade {
                waited_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
            },
        }],
        Some(canary) if canary.verdict == Verdict::Pass => vec![
            What::ComesOtherwise,
            What::GivenUrl { url },
            What::StayedAway { ended_by_itself },
        ],
        Some(canary) => vec![What::NotConnected {
            reason: NoConnection::NorOtherwise(Box::new(canary.reason)),
        }],
    };
    let opening = std::iter::once(What::Phase(Phase::Opening));
    opening.chain(seen).collect()
}

/// The end of the process, as the transcript has it.
fn how_it_ended(end: &ProcessEnd) -> Vec<What> {
    let ended = What::ProcessEnded {
        status: end.status.clone(),
        code: end.code,
        ended: end.ended,
    };
    let text = end.output.clone();
    let output = (!text.is_empty()).then_some(What::ProcessOutput { text });
    std::iter::once(ended).chain(output).collect()
}

fn process_end(status: Status, stopped: Stopped, output: &str, ticket: &Ticket) -> ProcessEnd {
    let skipped = output.chars().count().saturating_sub(OUTPUT_CHARS_KEPT);
    ProcessEnd {
        status: status.words,
        code: status.code,
        ended: match stopped {
            Stopped::ByItself => Ending::ByItself,
            Stopped::Asked => Ending::Asked,
            Stopped::Killed => Ending::Killed,
        },
        connections: ticket.connections(),
        output: output.chars().skip(skipped).collect(),
    }
}
