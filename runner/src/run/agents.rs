//! Clients that connect by themselves, as Autobahn's drivers do, and browsers.
//!
//! Every connection is served by a task of its own; what they find is collected in one
//! place, so that any number of agents can run at the same time and end up in one
//! matrix. What an agent calls itself is hostile text: it is bounded, and never a
//! file name.
//!
//! | resource | answer |
//! |---|---|
//! | `/getCaseCount` | how many cases are selected |
//! | `/getCaseInfo?case=N` | `{"id": "1.1.1", "description": "…"}` |
//! | `/runCase?case=N&agent=A` | the case is played |
//! | `/getCaseStatus?case=N&agent=A` | `{"behavior": "OK"}` |
//! | `/updateReports?agent=A` | the documents are written; with `shutdownOnComplete=true` the run ends |
//! | `/stopServer` | the run ends |
//!
//! N counts the selected cases from 1; `casetuple=1.1.1` names one by its number. The
//! answers are text messages, after which we close the connection.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use wsspec_cases::{Case, Suite, Target};
use wsspec_record::transcript::Transcript;
use wsspec_record::{CaseResult, Failure, Results, TargetInfo};
use wsspec_reference::handshake::{ServerHandshake, ServerOptions};
use wsspec_reference::net::{Endpoint, Stream, TlsServer, random_masks};
use wsspec_reference::{CloseCode, Config, Connection, Role};
use wsspec_reports::{autobahn, words};

use super::record::{Recorder, error_of, result_of, skipped_of, unmet_need};
use super::{Plan, Progress, RunError, Subject, header};
use crate::drive::{Patience, Reception, play_client};
use crate::listen::{Content, Door, Query, Status, Visit, Visitor, respond};
use wsspec_judge::judge::{Judge, Judgement};

/// How many characters of an agent's name are kept.
const AGENT_CHARS_MAX: usize = 100;
/// How many agents one run takes.
const AGENTS_MAX: usize = 64;
/// How long a connection that asks something may take.
const COMMAND_PATIENCE: Duration = Duration::from_secs(30);
/// How long an agent may take to send the rest of its request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How many keys of opening handshakes of an agent are kept.
const KEYS_MAX: usize = 64;
/// After how many cases that ran out of time an agent is waited for less.
const TIMEOUTS_TOLERATED: usize = 4;
/// The patience with an agent that has shown that it does not answer.
const HOPELESS_PATIENCE: Duration = Duration::from_secs(1);
/// Why a case is not for agents.
const FOR_STARTED: &str = "The case has a URL or a certificate of its own, and so needs a client that is started for each case.";
/// The page for browsers.
const PAGE: &str = include_str!("page.html");

/// Writes documents; gives an error in words.
pub type Publish = Arc<dyn Fn(&Results) -> Result<(), String> + Send + Sync>;

/// Where to listen, and what becomes of what is found.
pub struct Hall<'run> {
    /// The address to listen on.
    pub address: String,
    /// How to speak TLS, if clients are to use it.
    pub tls: Option<TlsServer>,
    /// Header fields for every response to a case.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that we speak.
    pub subprotocols: Vec<String>,
    /// How the address is written in a replay command.
    pub replay: String,
    /// Writes the documents of a report.
    pub publish: Publish,
    /// Is told where we listen, once we do.
    pub listening: Box<dyn FnOnce(std::net::SocketAddr) + Send + 'run>,
}

/// Plays cases with whoever connects, until somebody asks for the end or `stop` is
/// ready.
///
/// # Errors
/// [`RunError`]; results that were written before stay.
pub async fn run_agents(
    plan: &Arc<Plan>,
    hall: Hall<'_>,
    suite: &Suite,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Results, RunError> {
    let began = Instant::now();
    let is_secure = hall.tls.is_some();
    let door = Door::open(&hall.address, hall.tls).await;
    let door = door.map_err(RunError::Listen)?;
    (hall.listening)(door.address());
    let recorder = Recorder::new(plan, header(plan, suite, Vec::new()));
    let (sender, receiver) = mpsc::unbounded_channel();
    let usher = Arc::new(Usher {
        plan: Arc::clone(plan),
        numbered: numbered(&plan.cases),
        reception: Reception {
            headers: hall.headers,
            subprotocols: hall.subprotocols,
            ..Reception::default()
        },
        sender,
    });
    // The door is shut when this is dropped.
    let mut listening = JoinSet::new();
    listening.spawn(door.receive(HEAD_PATIENCE, move |_, visit| {
        let usher = Arc::clone(&usher);
        async move { usher.receive(visit).await }
    }));
    let mut clerk = Clerk {
        plan,
        recorder,
        progress,
        agents: HashMap::new(),
        under_way: HashMap::new(),
        waiting: Vec::new(),
        is_secure,
        publish: hall.publish,
        changes: 0,
        published: None,
        publish_waiting: Vec::new(),
        writing: None,
        replay: hall.replay,
        began,
    };
    let served = tokio::select! {
        served = clerk.serve(receiver) => served,
        () = stop => Ok(()),
    };
    // Two writers in one folder would make nothing good.
    if let Some(writing) = &mut clerk.writing {
        let _ = (&mut writing.task).await;
    }
    served?;
    clerk.finish()
}

/// Cases in the order of Autobahn's numbers, then the others in the order of the suite.
/// Those for clients that are started for each case are left out.
fn numbered(cases: &[Arc<Case>]) -> Vec<Arc<Case>> {
    let parts = |case: &Arc<Case>| -> Option<Vec<u32>> {
        let number = case.autobahn.as_deref()?;
        number.split('.').map(|part| part.parse().ok()).collect()
    };
    let mut numbered: Vec<Arc<Case>> = cases
        .iter()
        .filter(|case| !case.starts_client())
        .cloned()
        .collect();
    numbered.sort_by_key(|case| (parts(case).is_none(), parts(case)));
    numbered
}

/// Something that the tasks of connections tell or ask.
enum Note {
    /// An agent wants to play a case; the answer is nothing where there are too many
    /// agents.
    Begins {
        agent: String,
        case: Arc<Case>,
        key: Option<String>,
        reply: oneshot::Sender<Option<Start>>,
    },
    /// An agent has played a case.
    Played(Box<Played>),
    /// What became of a case.
    Status {
        agent: String,
        case: String,
        reply: Reply,
    },
    /// The documents are to be written.
    Publish { reply: oneshot::Sender<()> },
    /// The run is to end.
    Stop,
}

/// Where the result of a case goes, if there is one.
type Reply = oneshot::Sender<Option<Box<CaseResult>>>;

/// How a case is begun.
struct Start {
    /// How patient we are.
    patience: Patience,
    /// The keys of earlier connections of the agent that the case looks at.
    earlier_keys: Vec<String>,
    /// Why the case is not played, where the one that it needs is not passed.
    unmet: Option<String>,
}

struct Played {
    agent: String,
    case: Arc<Case>,
    outcome: Result<(Judgement, Transcript), NotPlayed>,
    product: Option<String>,
    took: Duration,
}

/// Why a case was not played.
enum NotPlayed {
    /// A mistake of ours.
    Harness(String),
    /// The case that it needs is not passed.
    Skipped(String),
}

/// Collects what is found.
struct Clerk<'plan> {
    plan: &'plan Plan,
    recorder: Recorder<'plan>,
    progress: &'plan dyn Progress,
    agents: HashMap<String, Agent>,
    /// How many connections play a case of an agent.
    under_way: HashMap<(String, String), usize>,
    /// Who waits for the result of a case that is under way.
    waiting: Vec<(String, String, Reply)>,
    is_secure: bool,
    publish: Publish,
    /// Goes up with everything that the documents show,
    changes: u64,
    /// and where it stood when they were last begun to be written.
    published: Option<u64>,
    /// Who waits until the documents are written anew.
    publish_waiting: Vec<oneshot::Sender<()>>,
    writing: Option<Writing>,
    replay: String,
    began: Instant,
}

/// Documents that are being written, and who waits for them.
struct Writing {
    task: JoinHandle<Result<(), String>>,
    waiting: Vec<oneshot::Sender<()>>,
}

#[derive(Debug, Default)]
struct Agent {
    timeouts: usize,
    /// The keys of the opening handshakes so far, as many as a case may look at.
    keys: VecDeque<String>,
}

impl Clerk<'_> {
    /// Takes notes until one says that the run is to end.
    async fn serve(&mut self, mut notes: mpsc::UnboundedReceiver<Note>) -> Result<(), RunError> {
        // What is under way when the end is asked for comes to its own end.
        let mut stopping = false;
        while !(stopping && self.under_way.is_empty()) {
            let note = tokio::select! {
                note = notes.recv() => note,
                written = written(&mut self.writing) => {
                    self.published(written);
                    continue;
                }
            };
            let Some(note) = note else {
                break;
            };
            match note {
                Note::Begins { reply, .. } if stopping => drop(reply),
                Note::Begins {
                    agent,
                    case,
                    key,
                    reply,
                } => {
                    let start = self.begin(&agent, &case, key)?;
                    // A connection that is gone plays nothing.
                    if reply.send(start).is_err() {
                        self.forget(&agent, &case.id);
                    }
                }
                Note::Played(played) => self.played(*played)?,
                Note::Status { agent, case, reply } => {
                    if self.under_way.contains_key(&(agent.clone(), case.clone())) {
                        self.waiting.push((agent, case, reply));
                    } else {
                        let result = self.recorder.get(&agent, &case).cloned();
                        let _ = reply.send(result.map(Box::new));
                    }
                }
                Note::Publish { reply } => {
                    self.publish_waiting.push(reply);
                    self.publish();
                }
                Note::Stop => stopping = true,
            }
        }
        Ok(())
    }

    /// Begins to write the documents, unless that is being done: who asks meanwhile is
    /// served together by the next writing, and not at all by another where nothing has
    /// changed since the last one.
    fn publish(&mut self) {
        if self.writing.is_some() || self.publish_waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.publish_waiting);
        if self.published == Some(self.changes) {
            for reply in waiting {
                let _ = reply.send(());
            }
            return;
        }
        self.published = Some(self.changes);
        let results = self.recorder.snapshot(self.began.elapsed());
        let publish = Arc::clone(&self.publish);
        let task = tokio::task::spawn_blocking(move || publish(&results));
        self.writing = Some(Writing { task, waiting });
    }

    fn published(&mut self, written: Result<(), String>) {
        if let Err(words) = written {
            self.published = None;
            self.progress.notice(&words);
        }
        for reply in self
            .writing
            .take()
            .into_iter()
            .flat_map(|writing| writing.waiting)
        {
            let _ = reply.send(());
        }
        self.publish();
    }

    fn begin(
        &mut self,
        agent: &str,
        case: &Case,
        key: Option<String>,
    ) -> Result<Option<Start>, RunError> {
        if !self.agents.contains_key(agent) {
            if self.agents.len() >= AGENTS_MAX {
                return Ok(None);
            }
            self.agents.insert(agent.to_owned(), Agent::default());
            self.changes += 1;
            self.recorder.add_target(TargetInfo {
                name: agent.to_owned(),
                role: "client".into(),
                url: None,
                command: None,
                product: None,
                trouble: None,
                duration_ms: None,
            })?;
            if self.agents.len() == 1 {
                let cases = self.plan.cases.len();
                self.progress.target_begins("clients", cases);
            }
            self.progress.notice(&format!("{agent} begins"));
        }
        let place = (agent.to_owned(), case.id.clone());
        *self.under_way.entry(place).or_default() += 1;
        let unmet = unmet_need(self.plan, &self.recorder, agent, self.is_secure, case);
        let Some(agent) = self.agents.get_mut(agent) else {
            return Ok(None);
        };
        let hopeless = agent.timeouts >= TIMEOUTS_TOLERATED;
        let count = case.keys_of.saturating_sub(1) as usize;
        let skipped = agent.keys.len().saturating_sub(count);
        let earlier_keys = agent.keys.iter().skip(skipped).cloned().collect();
        if let Some(key) = key {
            if agent.keys.len() == KEYS_MAX {
                agent.keys.pop_front();
            }
            agent.keys.push_back(key);
        }
        let patience = Patience::new(if hopeless {
            self.plan.timeout.min(HOPELESS_PATIENCE)
        } else {
            self.plan.timeout
        });
        Ok(Some(Start {
            patience,
            earlier_keys,
            unmet,
        }))
    }

    fn forget(&mut self, agent: &str, case: &str) {
        let place = (agent.to_owned(), case.to_owned());
        if let Some(count) = self.under_way.get_mut(&place) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&place);
            }
        }
    }

    fn played(&mut self, played: Played) -> Result<(), RunError> {
        let Played {
            agent,
            case,
            outcome,
            product,
            took,
        } = played;
        self.forget(&agent, &case.id);
        self.changes += 1;
        self.recorder.product(&agent, None, product.as_deref());
        let subject = self.subject(&agent);
        let again = self.recorder.get(&agent, &case.id).map(|old| old.attempts);
        let mut result = match outcome {
            Ok((judgement, transcript)) => {
                result_of(self.plan, &subject, &case, judgement, transcript, took)
            }
            Err(NotPlayed::Harness(reason)) => {
                let reason = format!("The case could not be played: {reason}.");
                error_of(self.plan, &subject, &case, Failure::Harness, reason)
            }
            Err(NotPlayed::Skipped(reason)) => skipped_of(self.plan, &subject, &case, reason),
        };
        result.attempts = 1 + again.unwrap_or(0);
        if let Some(agent) = self.agents.get_mut(&agent) {
            let late = matches!(result.failure, Some(Failure::Timeout | Failure::NotAlive));
            agent.timeouts += usize::from(late);
        }
        if again.is_none() {
            self.progress.judged(&result);
        }
        let (known, others) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(name, id, _)| *name == agent && *id == case.id);
        self.waiting = others;
        let known: Vec<(String, String, Reply)> = known;
        // What is told is kept by then.
        self.recorder.push(result.clone())?;
        for (_, _, reply) in known {
            let _ = reply.send(Some(Box::new(result.clone())));
        }
        Ok(())
    }

    fn subject(&self, agent: &str) -> Subject {
        Subject {
            name: agent.to_owned(),
            role: Target::Client,
            replay: format!("wsspec client --listen {}", self.replay),
            replay_end: String::new(),
        }
    }

    /// Accounts for every case of every agent.
    fn finish(mut self) -> Result<Results, RunError> {
        let mut names: Vec<String> = self.agents.keys().cloned().collect();
        names.sort_unstable();
        for name in names {
            let subject = self.subject(&name);
            let mut missing = 0_u64;
            for case in &self.plan.cases {
                if self.recorder.has(&name, &case.id) {
                    continue;
                }
                let reason = if case.starts_client() {
                    FOR_STARTED
                } else {
                    missing += 1;
                    "The client never asked for this case."
                };
                let reason = reason.to_owned();
                let result = skipped_of(self.plan, &subject, case, reason);
                self.recorder.push(result)?;
            }
            if missing > 0 {
                let all = self.plan.cases.len();
                let words = format!("The client never asked for {missing} of {all} cases.");
                self.progress.notice(&format!("{name}: {words}"));
                self.recorder.trouble(&name, &words);
            }
        }
        self.progress.target_ends();
        self.recorder.finish(self.began.elapsed())
    }
}

/// Waits until the documents are written; for ever where none are being written.
async fn written(writing: &mut Option<Writing>) -> Result<(), String> {
    match writing {
        Some(writing) => (&mut writing.task)
            .await
            .unwrap_or_else(|error| Err(error.to_string())),
        None => std::future::pending().await,
    }
}

/// Serves one connection at a time.
struct Usher {
    plan: Arc<Plan>,
    /// The cases as the driver protocol counts them.
    numbered: Vec<Arc<Case>>,
    reception: Reception,
    sender: mpsc::UnboundedSender<Note>,
}

/// Why a request is of no use.
struct Refused(Status, String);

impl Usher {
    async fn receive(&self, visit: Visit) {
        // Who asks for nothing gets nothing.
        let Visit::Request(visitor) = visit else {
            return;
        };
        let query = visitor.query();
        let refused = if visitor.request.is_for_websocket() {
            self.command(visitor, &query).await
        } else {
            self.page(visitor, &query).await
        };
        if let Err((stream, Refused(status, words))) = refused {
            respond(stream, status, Content::Text(words)).await;
        }
    }

    /// A resource of the driver protocol.
    async fn command(&self, visitor: Visitor, query: &Query) -> Result<(), (Stream, Refused)> {
        let answer = match query.path.as_str() {
            "/getCaseCount" => Ok(self.numbered.len().to_string()),
            "/getCaseInfo" => self.case(query).map(|case| {
                let id = case.autobahn.as_deref().unwrap_or(&case.id);
                spaced(&[("id", id), ("description", &case.title)])
            }),
            "/getCaseStatus" => match self.status(query).await {
                Ok(result) => {
                    let behavior = autobahn::behavior(result.verdict);
                    Ok(spaced(&[("behavior", behavior)]))
                }
                Err(refused) => Err(refused),
            },
            "/runCase" => match (self.case(query), agent(query)) {
                (Ok(case), Ok(agent)) => return self.run_case(visitor, case, agent).await,
                (Err(refused), _) | (_, Err(refused)) => Err(refused),
            },
            "/updateReports" => match agent(query) {
                Ok(_) => {
                    let stops = query.parameter("shutdownOnComplete").is_some_and(|value| {
                        ["true", "yes"].contains(&value.to_lowercase().as_str())
                    });
                    self.update(visitor, stops).await;
                    return Ok(());
                }
                Err(refused) => Err(refused),
            },
            "/stopServer" => {
                converse(visitor, async { None }).await;
                let _ = self.sender.send(Note::Stop);
                return Ok(());
            }
            _ => Err(Refused(
                Status::NotFound,
                "There is no such resource; / is a page that tells which there are.".into(),
            )),
        };
        match answer {
            Ok(text) => {
                converse(visitor, async { Some(text) }).await;
                Ok(())
            }
            Err(refused) => Err((visitor.stream, refused)),
        }
    }

    /// The case that a request names, by number or by Autobahn's number.
    fn case(&self, query: &Query) -> Result<&Arc<Case>, Refused> {
        let found = match (query.parameter("case"), query.parameter("casetuple")) {
            (Some(number), _) => number
                .trim()
                .parse::<usize>()
                .ok()
                .and_then(|number| self.numbered.get(number.checked_sub(1)?)),
            (None, Some(name)) => {
                let name = name.trim();
                let named =
                    |case: &&Arc<Case>| case.autobahn.as_deref() == Some(name) || case.id == name;
                self.numbered.iter().find(named)
            }
            (None, None) => {
                let words = "The parameter case or casetuple is missing.";
                return Err(Refused(Status::BadRequest, words.into()));
            }
        };
        found.ok_or_else(|| {
            let words = format!("There is no such case; there are {}.", self.numbered.len());
            Refused(Status::NotFound, words)
        })
    }

    async fn status(&self, query: &Query) -> Result<Box<CaseResult>, Refused> {
        let (case, agent) = (self.case(query)?.id.clone(), agent(query)?);
        let (reply, answer) = oneshot::channel();
        let _ = self.sender.send(Note::Status { agent, case, reply });
        answer.await.ok().flatten().ok_or_else(|| {
            let words = "That agent has not run that case.";
            Refused(Status::NotFound, words.into())
        })
    }

    async fn run_case(
        &self,
        visitor: Visitor,
        case: &Arc<Case>,
        agent: String,
    ) -> Result<(), (Stream, Refused)> {
        let (reply, answer) = oneshot::channel();
        let key = visitor.request.values("sec-websocket-key").next();
        let _ = self.sender.send(Note::Begins {
            agent: agent.clone(),
            case: Arc::clone(case),
            key: key.map(|key| wsspec_record::escape::escape_octets(key, 100)),
            reply,
        });
        let Some(start) = answer.await.ok().flatten() else {
            let words = format!("There are {AGENTS_MAX} agents already, or the run is at its end.");
            return Err((visitor.stream, Refused(Status::ServiceUnavailable, words)));
        };
        let began = Instant::now();
        if let Some(reason) = start.unmet {
            let words = reason.clone();
            let _ = self.sender.send(Note::Played(Box::new(Played {
                agent,
                case: Arc::clone(case),
                outcome: Err(NotPlayed::Skipped(reason)),
                product: None,
                took: began.elapsed(),
            })));
            return Err((visitor.stream, Refused(Status::Conflict, words)));
        }
        let mut judge = Judge::new(case, Target::Client);
        let reception = Reception {
            earlier_keys: start.earlier_keys,
            ..self.reception.clone()
        };
        let played = match visitor.into_caller(reception) {
            Ok(caller) => play_client(case, caller, start.patience, self.plan.seed, &mut judge)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let (outcome, product) = match played {
            Ok(played) => (Ok((judge.conclude(), played.transcript)), played.product),
            Err(error) => (Err(NotPlayed::Harness(error)), None),
        };
        let _ = self.sender.send(Note::Played(Box::new(Played {
            agent,
            case: Arc::clone(case),
            outcome,
            product,
            took: began.elapsed(),
        })));
        Ok(())
    }

    /// Writes the documents, and then closes: whoever waits for the close finds them.
    async fn update(&self, visitor: Visitor, stops: bool) {
        let write = async {
            self.publish().await;
            None
        };
        converse(visitor, write).await;
        if stops {
            let _ = self.sender.send(Note::Stop);
        }
    }

    async fn publish(&self) {
        let (reply, written) = oneshot::channel();
        let _ = self.sender.send(Note::Publish { reply });
        let _ = written.await;
    }

    /// Plain HTTP: the page for browsers, what it asks for, and the report.
    async fn page(&self, visitor: Visitor, query: &Query) -> Result<(), (Stream, Refused)> {
        let stream = visitor.stream;
        if visitor.request.method != "GET" {
            let words = "Only GET is understood here.";
            return Err((stream, Refused(Status::MethodNotAllowed, words.into())));
        }
        let content = match query.path.as_str() {
            "/" => Ok(Content::Page(PAGE)),
            "/cases.json" => Ok(Content::Json(self.list())),
            "/result.json" => self.status(query).await.map(|result| {
                let summary = json!({
                    "verdict": result.verdict,
                    "closing": result.closing,
                    "grade": result.grade(),
                    "reason": words::clean(&result.reason, 300),
                });
                Content::Json(summary.to_string())
            }),
            "/report" | "/report/" => {
                respond(
                    stream,
                    Status::Found,
                    Content::Location("/report/index.html"),
                )
                .await;
                return Ok(());
            }
            path => match path.strip_prefix("/report/") {
                Some(name) => self.report(name).await,
                None if is_command(path) => Err(Refused(
                    Status::UpgradeRequired,
                    "This is for WebSocket connections; / is for browsers.".into(),
                )),
                None => Err(not_found()),
            },
        };
        match content {
            Ok(content) => {
                respond(stream, Status::Ok, content).await;
                Ok(())
            }
            Err(refused) => Err((stream, refused)),
        }
    }

    fn list(&self) -> String {
        let cases = self
            .numbered
            .iter()
            .map(|case| json!({ "id": case.id, "autobahn": case.autobahn, "title": case.title }));
        serde_json::Value::from_iter(cases).to_string()
    }

    /// A document of the report, as it was written last.
    async fn report(&self, name: &str) -> Result<Content, Refused> {
        // Only what reports consist of: the folder may hold other things of the user's.
        let media_type = media_type(name).ok_or_else(not_found)?;
        let path = self.plan.out.join(name);
        let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
        let octets = read.ok().and_then(Result::ok).ok_or_else(|| {
            let words =
                "This document is not written yet, or is none of those that were asked for.";
            Refused(Status::NotFound, words.into())
        })?;
        Ok(Content::Octets(media_type, octets))
    }
}

fn not_found() -> Refused {
    Refused(Status::NotFound, "There is nothing here.".into())
}

fn is_command(path: &str) -> bool {
    let commands: HashSet<&str> = HashSet::from([
        "/getCaseCount",
        "/getCaseInfo",
        "/getCaseStatus",
        "/runCase",
        "/updateReports",
        "/stopServer",
    ]);
    commands.contains(path)
}

/// The media type of a document of a report; nothing for any other name.
fn media_type(name: &str) -> Option<&'static str> {
    let of = match name {
        "index.html" | "coverage.html" => "text/html; charset=utf-8",
        "results.json" | "index.json" => "application/json",
        "junit.xml" => "application/xml",
        "summary.md" => "text/plain; charset=utf-8",
        "badge.svg" => "image/svg+xml",
        "assets/report.css" => "text/css; charset=utf-8",
        "assets/report.js" => "text/javascript; charset=utf-8",
        _ => {
            let page = name.strip_prefix("cases/")?.strip_suffix(".html")?;
            let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
            let sound = !page.starts_with('.') && page.bytes().all(plain);
            return sound.then_some("text/html; charset=utf-8");
        }
    };
    Some(of)
}

/// The name of an agent: hostile text, made harmless and short.
fn agent(query: &Query) -> Result<String, Refused> {
    let name = query.parameter("agent").unwrap_or_default().trim();
    if name.is_empty() {
        let words = "The parameter agent is missing; it names the client in the report.";
        return Err(Refused(Status::BadRequest, words.into()));
    }
    Ok(words::clean(name, AGENT_CHARS_MAX))
}

/// JSON with a space behind colons and commas, as Autobahn writes it: some drivers
/// look for the text.
fn spaced(fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("\"{name}\": {}", json!(value)))
        .collect();
    format!("{{{}}}", fields.join(", "))
}

/// Opens the connection, does something, sends what it gives as a text message and
/// closes. What is done takes as long as it takes, for it is ours; the rest does not.
async fn converse(visitor: Visitor, answer: impl Future<Output = Option<String>>) {
    let opened = tokio::time::timeout(COMMAND_PATIENCE, open(visitor)).await;
    let Some(mut endpoint) = opened.ok().flatten() else {
        return;
    };
    let text = answer.await;
    let close = async {
        if let Some(text) = text {
            // Where the client has begun to close there is nobody to tell.
            let _ = endpoint.connection().send_text(&text);
        }
        let _ = endpoint
            .connection()
            .start_closing_handshake(CloseCode::NORMAL, "");
        while endpoint.next_event().await.is_some() {}
    };
    let _ = tokio::time::timeout(COMMAND_PATIENCE, close).await;
}

/// Our side of the opening handshake; nothing where there is nothing to open.
async fn open(visitor: Visitor) -> Option<Endpoint<Stream>> {
    let Visitor {
        mut stream,
        head,
        behind,
        ..
    } = visitor;
    let octets = [head, behind].concat();
    let mut handshake = ServerHandshake::new(ServerOptions::default());
    let accepted = match handshake.receive(&octets) {
        Ok(accepted) => accepted?,
        Err(refusal) => {
            let _ = write(&mut stream, &refusal.response).await;
            return None;
        }
    };
    write(&mut stream, &accepted.response).await.ok()?;
    let connection = Connection::new(Role::Server, &Config::default(), random_masks());
    let behind = &octets[accepted.taken..];
    Some(Endpoint::new(stream, connection, behind, COMMAND_PATIENCE))
}

async fn write(stream: &mut Stream, octets: &[u8]) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    stream.tcp().set_nodelay(true)?;
    stream.write_all(octets).await?;
    stream.flush().await
}
