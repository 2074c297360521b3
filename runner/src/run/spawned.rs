//! A client's turn, where the client is started for each case.
//!
//! Each case has a URL of its own on one listener. A client that does not come, does
//! not go, or dies on the way has its result like any other.

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use tokio::task::{Id, JoinSet};
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::{Case, Suite, Target};
use wsspec_record::results::{Ending, Grade, ProcessEnd};
use wsspec_record::transcript::{Entry, NoConnection, Phase, Stray, Transcript, What};
use wsspec_record::{CaseResult, Failure, Results, TargetInfo, Verdict};
use wsspec_reference::net::TlsServer;
use wsspec_reports::words;

use super::canary::canary;
use super::record::{Recorder, by_need, error_of, result_of, skipped_of, unmet_need};
use super::{Plan, Progress, RunError, Subject, header};
use crate::drive::{Patience, Place, Reception, play_client};
use crate::listen::{Content, Door, Silence, Status, Visit, Visitor, respond};
use crate::target::{self, ClientCommand, Process, Stopped};
use wsspec_judge::judge::{Judge, Judgement};

/// How many cases that ran out of time are played once more.
const REPLAYS_MAX: usize = 8;
/// How often we come through our own door to know that everybody before us was seen:
/// twice, since whoever was let in first may be heard a moment later.
const KNOCKS: usize = 2;
/// How long a connection of our own may take to be seen.
const NOTICE_DELAY: Duration = Duration::from_millis(500);
/// How long a client may take to start and to connect, at least, as long as nobody knows
/// how long it takes.
const START_PATIENCE: Duration = Duration::from_secs(15);
/// How many times as long as the first one a client may take to start: others start at
/// the same time.
const START_FACTOR: u32 = 32;
/// After how many disappointments of a kind the patience becomes smaller.
const TOLERATED: usize = 4;
/// The patience with a client that has shown that it does not answer.
const HOPELESS_PATIENCE: Duration = Duration::from_secs(1);
/// Why a case is not played that shows a certificate which we cannot make.
const NO_CERTIFICATE: &str =
    "The certificate of the case can only be made where --tls makes the usual one.";
/// How many keys of opening handshakes are kept.
const KEYS_MAX: usize = 64;
/// How much of what a process printed is stored, in characters.
const OUTPUT_CHARS_KEPT: usize = 2000;

/// A client to grade, started for each case.
#[derive(Debug, Clone)]
pub struct SpawnedClient {
    /// Its name in results and reports.
    pub name: String,
    /// How to start it.
    pub command: ClientCommand,
    /// The command as a shell reads it, for replays.
    pub written: String,
    /// How to speak TLS, if it is to use it.
    pub tls: Option<TlsServer>,
    /// Header fields for every response.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that we speak.
    pub subprotocols: Vec<String>,
    /// How to listen with certificates that no client may take.
    pub impostors: Vec<(OpeningTls, TlsServer)>,
}

/// Plays a plan with a client that is started for each case. Every selected case has a
/// result at the end.
///
/// # Errors
/// [`RunError`]; results that were written before stay.
pub async fn run_client(
    plan: &Plan,
    client: &SpawnedClient,
    suite: &Suite,
    progress: &dyn Progress,
) -> Result<Results, RunError> {
    let began = Instant::now();
    let door = Door::open("127.0.0.1:0", client.tls.clone()).await;
    let door = door.map_err(RunError::Listen)?;
    let address = door.address();
    let info = TargetInfo {
        name: client.name.clone(),
        role: "client".into(),
        url: None,
        command: Some(client.written.clone()),
        product: None,
        trouble: None,
        duration_ms: None,
    };
    let mut recorder = Recorder::new(plan, header(plan, suite, vec![info]));
    let desk = Arc::new(Desk::default());
    // The door is shut when this is dropped.
    let mut listening = JoinSet::new();
    let (mut doors, mut others) = (vec![door], HashMap::new());
    for (kind, tls) in &client.impostors {
        let door = Door::open("127.0.0.1:0", Some(tls.clone())).await;
        let door = door.map_err(RunError::Listen)?;
        others.insert(*kind, door.address());
        doors.push(door);
    }
    // Sooner than the client is given up, so that the reason is known by then.
    let patience = plan.timeout.mul_f32(0.8);
    for door in doors {
        let reception = Arc::clone(&desk);
        listening.spawn(door.receive(patience, move |from, visit| {
            let desk = Arc::clone(&reception);
            async move { desk.receive(from, visit).await }
        }));
    }

    progress.target_begins(&client.name, plan.cases.len());
    let mut turn = Turn {
        plan,
        subject: Subject {
            name: client.name.clone(),
            role: Target::Client,
            replay: "wsspec client".into(),
            replay_end: format!("-- {}", client.written),
        },
        recorder: &mut recorder,
        progress,
        player: Player {
            command: client.command.clone(),
            reception: Reception {
                headers: client.headers.clone(),
                subprotocols: client.subprotocols.clone(),
                ..Reception::default()
            },
            address,
            others: Arc::new(others),
            is_secure: client.tls.is_some(),
            keys: Arc::default(),
            desk,
            seed: plan.seed,
        },
        patience: Waits {
            conversation: Patience::new(plan.timeout),
            start: START_PATIENCE.max(plan.timeout),
            end: plan.timeout,
        },
        timeouts: 0,
        absences: 0,
        hangs: 0,
    };
    let played = turn.play_all().await;
    recorder.turn_took(&client.name, began.elapsed());
    progress.target_ends();
    played?;
    recorder.finish(began.elapsed())
}

/// How long to wait for a client and its process.
#[derive(Debug, Clone, Copy)]
struct Waits {
    conversation: Patience,
    /// Until it has connected.
    start: Duration,
    /// Until its process has ended by itself, once its connection has.
    end: Duration,
}

struct Turn<'run, 'plan> {
    plan: &'plan Plan,
    subject: Subject,
    recorder: &'run mut Recorder<'plan>,
    progress: &'run dyn Progress,
    player: Player,
    patience: Waits,
    timeouts: usize,
    absences: usize,
    hangs: usize,
}

impl Turn<'_, '_> {
    async fn play_all(&mut self) -> Result<(), RunError> {
        if !self.first_canary().await? {
            return Ok(());
        }
        let (alone, together): (Vec<_>, Vec<_>) = self
            .plan
            .cases
            .iter()
            .cloned()
            // Who came to a place that nobody was sent to is known of one case alone.
            .partition(|case| case.exclusive || case.starts_client());
        for (cases, jobs) in [(together, self.plan.jobs), (alone, 1)] {
            for part in by_need(cases) {
                let part = self.skip_unmet(part)?;
                self.play(part, jobs, true).await?;
            }
        }
        self.replay_timeouts().await?;
        self.last_canary().await;
        if self.hangs > 0 {
            let words = format!(
                "{} of the client did not end by themselves once their connection was closed.",
                words::counted(self.hangs as u64, "process", "processes")
            );
            self.progress.notice(&words);
        }
        Ok(())
    }

    /// The cases that are to be played; the others have a result that says why not.
    fn skip_unmet(&mut self, cases: Vec<Arc<Case>>) -> Result<Vec<Arc<Case>>, RunError> {
        let mut left = Vec::new();
        for case in cases {
            let unmet = unmet_need(
                self.plan,
                self.recorder,
                &self.subject.name,
                self.player.is_secure,
                &case,
            );
            let tls = case.opening.tls;
            let has_certificate = tls.is_none_or(|tls| self.player.others.contains_key(&tls));
            let unmet = unmet.or_else(|| (!has_certificate).then(|| NO_CERTIFICATE.to_owned()));
            match unmet {
                None => left.push(case),
                Some(reason) => {
                    let result = skipped_of(self.plan, &self.subject, &case, reason);
                    self.progress.judged(&result);
                    self.recorder.push(result)?;
                }
            }
        }
        Ok(left)
    }

    /// Plays the canary. False where there is nobody to play with.
    async fn first_canary(&mut self) -> Result<bool, RunError> {
        let case = Arc::new(canary());
        let player = self.player.clone();
        let outcome = match player.play(&case, self.patience).await {
            Ok(outcome) => outcome,
            Err(source) => {
                return Err(RunError::Start {
                    command: self.player.command.words().join(" "),
                    source,
                });
            }
        };
        self.recorder
            .product(&self.subject.name, None, outcome.product.as_deref());
        self.hangs += usize::from(outcome.hung());
        let judgement = &outcome.judgement;
        if judgement.failure == Some(Failure::Unreachable) {
            let reason = words::why_with_last_words(&judgement.reason, &outcome.transcript);
            self.give_up(&reason)?;
            return Ok(false);
        }
        let start = self.plan.timeout + outcome.started * START_FACTOR;
        self.patience.start = self.patience.start.min(start);
        let slow = outcome.took.as_millis() / 10;
        let factor = 1 + u32::try_from(slow.min(15)).unwrap_or(15);
        self.patience.conversation.quiet_factor = factor;
        if judgement.verdict != Verdict::Pass {
            let reason = words::why_with_last_words(&judgement.reason, &outcome.transcript);
            let words =
                format!("Before the first case the client did not echo a message. {reason}");
            self.progress.notice(&words);
            self.recorder.trouble(&self.subject.name, &words);
            if matches!(
                judgement.failure,
                Some(Failure::Timeout | Failure::NotAlive)
            ) {
                self.lose_patience();
            }
        }
        Ok(true)
    }

    async fn play(
        &mut self,
        cases: Vec<Arc<Case>>,
        jobs: usize,
        count: bool,
    ) -> Result<(), RunError> {
        let mut waiting: VecDeque<Arc<Case>> = cases.into();
        let mut tasks = JoinSet::new();
        let mut running: HashMap<Id, Arc<Case>> = HashMap::new();
        loop {
            while running.len() < jobs.max(1) {
                let Some(case) = waiting.pop_front() else {
                    break;
                };
                let (player, patience) = (self.player.clone(), self.patience);
                let played = Arc::clone(&case);
                let task = tasks.spawn(async move { player.play(&played, patience).await });
                running.insert(task.id(), case);
            }
            let Some(joined) = tasks.join_next_with_id().await else {
                return Ok(());
            };
            let (id, outcome) = match joined {
                Ok((id, outcome)) => (id, outcome.map_err(|error| error.to_string())),
                Err(error) => (error.id(), Err(error.to_string())),
            };
            let Some(case) = running.remove(&id) else {
                continue;
            };
            let result = self.result(&case, outcome);
            self.learn(&result);
            if count {
                self.progress.judged(&result);
            }
            self.recorder.push(result)?;
        }
    }

    fn result(&self, case: &Case, outcome: Result<Outcome, String>) -> CaseResult {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(reason) => {
                let reason = format!("The case could not be played: {reason}.");
                return error_of(self.plan, &self.subject, case, Failure::Harness, reason);
            }
        };
        let judgement = outcome.judgement;
        let (transcript, took) = (outcome.transcript, outcome.took);
        let mut result = result_of(self.plan, &self.subject, case, judgement, transcript, took);
        let again = self.recorder.has(&self.subject.name, &case.id);
        result.attempts = 1 + u32::from(again);
        result.process = Some(outcome.process);
        result
    }

    /// A client that is late again and again is not waited for as long as one that
    /// never was.
    fn learn(&mut self, result: &CaseResult) {
        self.timeouts += usize::from(result.failure == Some(Failure::Timeout));
        self.timeouts += usize::from(result.failure == Some(Failure::NotAlive));
        self.absences += usize::from(result.failure == Some(Failure::Unreachable));
        let hung = |process: &ProcessEnd| process.ended != Ending::ByItself;
        self.hangs += usize::from(result.process.as_ref().is_some_and(hung));
        if self.timeouts >= TOLERATED {
            self.lose_patience();
        }
        if self.absences >= TOLERATED {
            self.patience.start = self.patience.start.min(self.plan.timeout);
        }
        if self.hangs >= TOLERATED {
            self.patience.end = self.patience.end.min(HOPELESS_PATIENCE / 4);
        }
    }

    fn lose_patience(&mut self) {
        let conversation = &mut self.patience.conversation;
        conversation.answer = conversation.answer.min(HOPELESS_PATIENCE);
    }

    /// Plays once more what ran out of time, where that was the exception.
    async fn replay_timeouts(&mut self) -> Result<(), RunError> {
        let ran_out = |entry: &Entry| matches!(entry.what, What::TimedOut { .. });
        let is_late = |result: &CaseResult| {
            result.failure == Some(Failure::Unreachable)
                || result.grade() == Grade::Bad
                    && result
                        .transcript
                        .iter()
                        .flat_map(|transcript| &transcript.entries)
                        .any(ran_out)
        };
        let late: Vec<Arc<Case>> = {
            let is_one = |case: &&Arc<Case>| {
                let result = self.recorder.get(&self.subject.name, &case.id);
                result.is_some_and(is_late)
            };
            self.plan.cases.iter().filter(is_one).cloned().collect()
        };
        if late.is_empty() || late.len() > REPLAYS_MAX || self.plan.jobs == 1 {
            return Ok(());
        }
        self.play(late, 1, false).await
    }

    async fn last_canary(&mut self) {
        let case = Arc::new(canary());
        let words = match self.player.play(&case, self.patience).await {
            Ok(outcome) if outcome.judgement.verdict == Verdict::Pass => return,
            Ok(outcome) => {
                words::why_with_last_words(&outcome.judgement.reason, &outcome.transcript)
            }
            Err(error) => error.to_string(),
        };
        let words = format!("After the last case the client did not echo a message. {words}");
        self.progress.notice(&words);
        self.recorder.trouble(&self.subject.name, &words);
    }

    /// Every case gets a result that says why it was not played.
    fn give_up(&mut self, reason: &str) -> Result<(), RunError> {
        self.recorder.trouble(&self.subject.name, reason);
        for case in &self.plan.cases {
            let reason = reason.to_owned();
            let result = error_of(self.plan, &self.subject, case, Failure::Unreachable, reason);
            self.progress.judged(&result);
            self.recorder.push(result)?;
        }
        Ok(())
    }
}

/// Plays one case at a time, with a process of its own.
#[derive(Debug, Clone)]
struct Player {
    command: ClientCommand,
    /// Where we listen,
    address: SocketAddr,
    /// where with certificates that no client may take,
    others: Arc<HashMap<OpeningTls, SocketAddr>>,
    /// and whether that is over TLS.
    is_secure: bool,
    reception: Reception,
    /// The keys of the opening handshakes so far, as many as a case may look at.
    keys: Arc<Mutex<VecDeque<String>>>,
    desk: Arc<Desk>,
    seed: u64,
}

/// What one playing of a case gave.
struct Outcome {
    judgement: Judgement,
    transcript: Transcript,
    process: ProcessEnd,
    product: Option<String>,
    /// Until it had connected,
    started: Duration,
    /// and from then on: how long a process takes to start is not its fault.
    took: Duration,
}

impl Outcome {
    fn hung(&self) -> bool {
        self.process.ended != Ending::ByItself
    }
}

impl Player {
    /// Starts the client and plays the case with the first connection that it opens.
    ///
    /// # Errors
    /// Where the client cannot be started, or the case not be sent.
    async fn play(&self, case: &Arc<Case>, patience: Waits) -> std::io::Result<Outcome> {
        self.prepare(case, patience).await?;
        let comes_otherwise = if case.starts_client() {
            Some(Box::pin(self.play(&Arc::new(canary()), patience)).await?)
        } else {
            None
        };
        let (ticket, arrival) = self.desk.expect();
        let (url, mut reception) = self.url(case, &ticket);
        reception.earlier_keys = self.last_keys(case.keys_of.saturating_sub(1) as usize);
        let starting = Instant::now();
        let mut process = self.command.start(&url)?;
        let visitor = self.meet(&mut process, arrival, patience.start).await;

        let started = starting.elapsed();
        let began = Instant::now();
        let mut judge = Judge::new(case, Target::Client);
        let mut product = None;
        let mut transcript = match visitor {
            Some(visitor) => {
                self.note_key(&visitor);
                let caller = visitor.into_caller(reception)?;
                let conversation = patience.conversation;
                let played = play_client(case, caller, conversation, self.seed, &mut judge).await;
                let played = played.map_err(std::io::Error::other)?;
                product = played.product;
                played.transcript
            }
            None => Transcript::default(),
        };
        let came = !transcript.entries.is_empty();
        let took = began.elapsed();
        if came {
            // It may do as it likes once it is closed, but not for ever.
            let _ = tokio::time::timeout(patience.end, process.ended()).await;
        }
        let (status, stopped) = process.stop().await;
        let mut note = |what| {
            let at_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
            let entry = Entry::new(at_us, what);
            judge.observe(&entry);
            transcript.entries.push(entry);
        };
        if !came {
            note(What::Phase(Phase::Opening));
            match comes_otherwise.map(|canary| canary.judgement) {
                None => note(What::NotConnected {
                    reason: absence(&status, stopped, patience.start),
                }),
                Some(canary) if canary.verdict == Verdict::Pass => {
                    note(What::ComesOtherwise);
                    note(What::GivenUrl { url: url.clone() });
                    let ended_by_itself = stopped == Stopped::ByItself;
                    note(What::StayedAway { ended_by_itself });
                }
                Some(canary) => note(What::NotConnected {
                    reason: NoConnection::NorOtherwise(Box::new(canary.reason)),
                }),
            }
        }
        if let (false, Some(stray)) = (came, ticket.stray()) {
            note(What::Stray(stray));
        }
        let ended = match stopped {
            Stopped::ByItself => Ending::ByItself,
            Stopped::Asked => Ending::Asked,
            Stopped::Killed => Ending::Killed,
        };
        note(What::ProcessEnded {
            status: status.words.clone(),
            code: status.code,
            ended,
        });
        let output = last_chars(&process.last_output().await);
        if !output.is_empty() {
            note(What::ProcessOutput {
                text: output.clone(),
            });
        }
        let judgement = judge.conclude();
        Ok(Outcome {
            judgement,
            transcript,
            process: ProcessEnd {
                status: status.words,
                code: status.code,
                ended,
                connections: ticket.connections(),
                output,
            },
            product,
            started,
            took,
        })
    }
}

impl Player {
    /// Opens as many connections as are missing for a case that looks at several.
    async fn prepare(&self, case: &Case, patience: Waits) -> std::io::Result<()> {
        let wanted = case.keys_of.saturating_sub(1) as usize;
        // Each gives one at the most, and none where something is wrong.
        for _ in self.last_keys(wanted).len()..wanted {
            Box::pin(self.play(&Arc::new(canary()), patience)).await?;
        }
        Ok(())
    }

    /// The keys of the last connections, the oldest first.
    fn last_keys(&self, count: usize) -> Vec<String> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter()
            .skip(keys.len().saturating_sub(count))
            .cloned()
            .collect()
    }

    fn note_key(&self, visitor: &Visitor) {
        let mut values = visitor.request.values("sec-websocket-key");
        if let Some(key) = values.next() {
            let key = wsspec_record::escape::escape_octets(key, 100);
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if keys.len() == KEYS_MAX {
                keys.pop_front();
            }
            keys.push_back(key);
        }
    }

    /// Waits until the client has connected, its process has ended or the time is over.
    async fn meet(
        &self,
        process: &mut Process,
        mut arrival: oneshot::Receiver<Visitor>,
        patience: Duration,
    ) -> Option<Visitor> {
        tokio::select! {
            biased;
            visitor = &mut arrival => visitor.ok(),
            _ = process.ended() => {
                // What it sent may be here and not have been looked at: it stands before
                // anybody who comes now.
                for _ in 0..KNOCKS {
                    let knock = self.desk.knock(self.address);
                    let _ = tokio::time::timeout(NOTICE_DELAY, knock).await;
                }
                arrival.try_recv().ok()
            }
            () = tokio::time::sleep(patience) => None,
        }
    }

    /// The URL for a case, and what the request has to show of it.
    fn url(&self, case: &Case, ticket: &Ticket) -> (String, Reception) {
        let other = case.opening.tls.and_then(|tls| self.others.get(&tls));
        let door = other.unwrap_or(&self.address);
        let place = Place {
            is_secure: self.is_secure,
            // Certificates for this machine are most often for its name.
            host: match self.is_secure {
                true => "localhost".into(),
                false => host_of(door),
            },
            port: door.port(),
            path: ticket.path(&case.id),
            number: ticket.number,
        };
        place.invite(case, &self.reception)
    }
}

/// The host of an address, as URLs have it.
fn host_of(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

fn absence(status: &target::Status, stopped: Stopped, patience: Duration) -> NoConnection {
    match stopped {
        Stopped::ByItself => NoConnection::Ended {
            status: status.words.clone(),
        },
        Stopped::Asked | Stopped::Killed => NoConnection::NotMade {
            waited_ms: u64::try_from(patience.as_millis()).unwrap_or(u64::MAX),
        },
    }
}

/// As much of a request target as is kept.
fn bounded(target: &str) -> String {
    target.chars().take(200).collect()
}

fn last_chars(output: &str) -> String {
    let skipped = output.chars().count().saturating_sub(OUTPUT_CHARS_KEPT);
    output.chars().skip(skipped).collect()
}

/// Where connections are handed to the cases that wait for them.
#[derive(Debug, Default)]
struct Desk {
    book: Mutex<Book>,
}

#[derive(Debug, Default)]
struct Book {
    /// The number of the next case.
    next: u64,
    /// Cases that are under way.
    open: HashMap<u64, Expected>,
    /// Connections of our own, by which we know that those before them were seen, by the
    /// address that they come from.
    knocks: HashMap<SocketAddr, oneshot::Sender<()>>,
    /// Connections that belong to no case.
    strays: u64,
    stray: Option<Stray>,
}

#[derive(Debug)]
struct Expected {
    /// Where the first connection goes.
    first: Option<oneshot::Sender<Visitor>>,
    connections: u32,
}

/// A case's place in the book, until it is dropped.
#[derive(Debug)]
struct Ticket {
    desk: Arc<Desk>,
    number: u64,
    strays_before: u64,
}

impl Desk {
    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        // Nothing that holds the lock can panic half-way through a change.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Expects a connection.
    fn expect(self: &Arc<Self>) -> (Ticket, oneshot::Receiver<Visitor>) {
        let (sender, receiver) = oneshot::channel();
        let mut book = self.book();
        let number = book.next;
        book.next += 1;
        book.open.insert(
            number,
            Expected {
                first: Some(sender),
                connections: 0,
            },
        );
        let ticket = Ticket {
            desk: Arc::clone(self),
            number,
            strays_before: book.strays,
        };
        (ticket, receiver)
    }

    /// Comes through the door, says nothing, and waits until that is noticed.
    async fn knock(&self, address: SocketAddr) -> std::io::Result<()> {
        let (socket, here) = if address.is_ipv4() {
            (TcpSocket::new_v4()?, SocketAddr::from(([127, 0, 0, 1], 0)))
        } else {
            (
                TcpSocket::new_v6()?,
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            )
        };
        socket.bind(here)?;
        let (sender, heard) = oneshot::channel();
        self.book().knocks.insert(socket.local_addr()?, sender);
        drop(socket.connect(address).await?);
        let _ = heard.await;
        Ok(())
    }

    async fn receive(&self, from: SocketAddr, visit: Visit) {
        let knock = self.book().knocks.remove(&from);
        if let Some(heard) = knock {
            let _ = heard.send(());
            return;
        }
        let visitor = match visit {
            Visit::Request(visitor) => visitor,
            Visit::Plain(visitor) => {
                let target = bounded(&visitor.request.target);
                self.astray(Stray::AskedWithoutTls { target });
                return;
            }
            Visit::Mute(silence) => {
                self.astray(match silence {
                    Silence::Tls(error) => Stray::NoTls { error },
                    Silence::Unspoken => Stray::Unspoken,
                    Silence::Ended => Stray::CutShort,
                    Silence::Late => Stray::Late,
                    Silence::NotHttp => Stray::NotHttp,
                    Silence::Endless => Stray::Endless,
                });
                return;
            }
        };
        let query = visitor.query();
        let mut segments = query.segments();
        let number = match (segments.next(), segments.next(), query.parameter("run")) {
            (Some("run"), Some(number), _) | (Some(""), None, Some(number)) => number.parse().ok(),
            _ => None,
        };
        let sender = number.and_then(|number: u64| {
            let mut book = self.book();
            let expected = book.open.get_mut(&number)?;
            expected.connections += 1;
            Some(expected.first.take())
        });
        let Some(sender) = sender else {
            let target = bounded(&visitor.request.target);
            self.astray(Stray::Asked { target });
            let content = Content::Text("There is no case here.".into());
            respond(visitor.stream, Status::NotFound, content).await;
            return;
        };
        let Some(sender) = sender else {
            let content = Content::Text("This case is under way already.".into());
            respond(visitor.stream, Status::Conflict, content).await;
            return;
        };
        // A case that has given up meanwhile closes the connection by not taking it.
        let _ = sender.send(visitor);
    }

    fn astray(&self, stray: Stray) {
        let mut book = self.book();
        book.strays += 1;
        book.stray = Some(stray);
    }
}

impl Ticket {
    fn path(&self, case: &str) -> String {
        format!("/run/{}/{case}", self.number)
    }

    /// How many connections came for the case.
    fn connections(&self) -> u32 {
        let book = self.desk.book();
        let expected = book.open.get(&self.number);
        expected.map_or(0, |expected| expected.connections)
    }

    /// A connection that came while this case was under way and belongs to none.
    fn stray(&self) -> Option<Stray> {
        let book = self.desk.book();
        (book.strays > self.strays_before).then(|| book.stray.clone())?
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.desk.book().open.remove(&self.number);
    }
}
