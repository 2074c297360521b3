//! The cases that clients ask for which come by themselves: a source for the dispatcher.
//!
//! Any number of agents can run at the same time and end up in one matrix.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wsspec_cases::{Case, Target};
use wsspec_record::{CaseResult, Results, TargetInfo, Verdict};

use super::{Content, Status, Visitor, respond};
use crate::drive::Reception;
use crate::run::{Event, Next, Record, RunError, Sink, Source, Stir, unmet};
use crate::subject::{Agent, Facts, Job, Promise, Replay, Subject as _, Way};

/// How many agents one run takes.
const AGENTS_MAX: usize = 64;

/// Writes documents; whether that went well.
pub(crate) type Publish = Arc<dyn Fn(&Results) -> bool + Send + Sync>;

/// A record that is written while others look at it.
#[derive(Clone)]
pub(crate) struct SharedRecord(Arc<Mutex<Record>>);

impl SharedRecord {
    pub(crate) fn new(record: Record) -> Self {
        Self(Arc::new(Mutex::new(record)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for SharedRecord {
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        self.lock().take(event)
    }
}

/// What is asked for over a connection.
pub(super) enum Request {
    /// To play a case over it.
    Play {
        agent: String,
        case: Arc<Case>,
        visitor: Box<Visitor>,
        /// Is dropped when the case is over.
        held: oneshot::Sender<()>,
    },
    /// What became of a case.
    Status {
        agent: String,
        case: String,
        reply: Reply,
    },
    /// That the documents are written.
    Publish { reply: oneshot::Sender<()> },
    /// That the run ends.
    Stop,
}

/// Where the result of a case goes, if there is one.
pub(super) type Reply = oneshot::Sender<Option<Box<CaseResult>>>;

/// How agents are met, whoever they are.
#[derive(Debug, Clone)]
pub(crate) struct AgentOptions {
    pub(crate) reception: Reception,
    pub(crate) replay: Replay,
    pub(crate) is_secure: bool,
    pub(crate) seed: u64,
}

/// What agents ask for.
pub(crate) struct Agents {
    cases: Vec<Arc<Case>>,
    options: AgentOptions,
    record: SharedRecord,
    requests: mpsc::UnboundedReceiver<Request>,
    /// In the order in which they came, which is that of the dispatcher's targets.
    agents: Vec<Asking>,
    /// The number of the next job.
    next: u64,
    /// Who waits for the result of a case that is under way.
    waiting: Vec<(String, String, Reply)>,
    stopping: bool,
    documents: Documents,
}

/// An agent, and what it has asked for.
struct Asking {
    subject: Arc<Agent>,
    jobs: VecDeque<Job>,
    /// How often a case is under way.
    under_way: HashMap<String, usize>,
    verdicts: HashMap<String, Verdict>,
}

/// Documents, and who waits until they are written.
struct Documents {
    publish: Publish,
    /// Whether there is something that they do not show.
    changed: bool,
    waiting: Vec<oneshot::Sender<()>>,
    writing: Option<(JoinHandle<bool>, Vec<oneshot::Sender<()>>)>,
}

impl Agents {
    pub(super) fn new(
        cases: Vec<Arc<Case>>,
        options: AgentOptions,
        record: SharedRecord,
        publish: Publish,
        requests: mpsc::UnboundedReceiver<Request>,
    ) -> Self {
        Self {
            cases,
            options,
            record,
            requests,
            agents: Vec::new(),
            next: 0,
            waiting: Vec::new(),
            stopping: false,
            documents: Documents {
                publish,
                changed: true,
                waiting: Vec::new(),
                writing: None,
            },
        }
    }

    /// Waits until nobody writes documents any more: two writers in one folder would make
    /// nothing good.
    pub(crate) async fn finish(mut self) {
        if let Some((task, _)) = self.documents.writing.take() {
            let _ = task.await;
        }
    }

    async fn serve(&mut self) -> Stir {
        loop {
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => {
                        if let Some(stir) = self.take(request) {
                            return stir;
                        }
                    }
                    None => {
                        self.stopping = true;
                        return Stir::Asked;
                    }
                },
                is_well = self.documents.written() => {
                    self.documents.changed |= !is_well;
                    self.documents.publish(&self.record);
                }
            }
        }
    }

    /// What of a request is for the dispatcher to know.
    fn take(&mut self, request: Request) -> Option<Stir> {
        match request {
            Request::Play {
                agent,
                case,
                visitor,
                held,
            } => return self.play(agent, case, *visitor, held),
            Request::Status { agent, case, reply } => {
                let asking = self.agents.iter().find(|asking| asking.name() == agent);
                if asking.is_some_and(|asking| asking.under_way.contains_key(&case)) {
                    self.waiting.push((agent, case, reply));
                } else {
                    let result = self.record.lock().get(&agent, &case).cloned();
                    let _ = reply.send(result.map(Box::new));
                }
            }
            Request::Publish { reply } => {
                self.documents.waiting.push(reply);
                self.documents.publish(&self.record);
            }
            Request::Stop => {
                self.stopping = true;
                return Some(Stir::Asked);
            }
        }
        None
    }

    fn play(
        &mut self,
        agent: String,
        case: Arc<Case>,
        visitor: Visitor,
        held: oneshot::Sender<()>,
    ) -> Option<Stir> {
        let known = self.agents.iter().position(|one| one.name() == agent);
        if self.stopping || known.is_none() && self.agents.len() >= AGENTS_MAX {
            let words = format!("There are {AGENTS_MAX} agents already, or the run is at its end.");
            refuse(visitor, Status::ServiceUnavailable, words);
            return None;
        }
        let at = known.unwrap_or(self.agents.len());
        if known.is_none() {
            self.agents.push(Asking::new(&self.options, agent));
        }
        let (asking, number) = (&mut self.agents[at], self.next);
        self.next += 1;
        self.documents.changed = true;
        *asking.under_way.entry(case.id.clone()).or_default() += 1;
        asking.subject.came(number, visitor, held);
        asking.jobs.push_back(Job { number, case });
        Some(match known {
            Some(_) => Stir::Asked,
            None => Stir::Came(Arc::clone(&asking.subject) as _),
        })
    }
}

impl Source for Agents {
    fn next(&mut self, target: usize) -> Next {
        let stopping = self.stopping;
        let Some(asking) = self.agents.get_mut(target) else {
            return Next::Over;
        };
        let Some(job) = asking.jobs.pop_front() else {
            return if stopping { Next::Over } else { Next::Wait };
        };
        let unfit = asking.subject.unfit(&job.case);
        let is_selected = |id: &str| self.cases.iter().any(|case| case.id == id);
        match unfit.or_else(|| unmet(&job.case, &asking.verdicts, is_selected)) {
            None => Next::Play(job),
            Some(skip) => {
                let words = wsspec_reports::words::skip(&skip);
                if let Some(visitor) = asking.subject.leaves(job.number) {
                    refuse(visitor, Status::Conflict, words);
                }
                Next::Skip(job, skip)
            }
        }
    }

    fn settled(&mut self, target: usize, job: &Job, result: &CaseResult) {
        self.documents.changed = true;
        let Some(asking) = self.agents.get_mut(target) else {
            return;
        };
        let (agent, case) = (asking.name().to_owned(), &job.case.id);
        asking.verdicts.insert(case.clone(), result.verdict);
        if let Some(count) = asking.under_way.get_mut(case) {
            *count -= 1;
            if *count == 0 {
                asking.under_way.remove(case);
            }
        }
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (known, others): (Vec<_>, Vec<_>) =
            waiting.partition(|(name, id, _)| *name == agent && id == case);
        self.waiting = others;
        let stands = self.record.lock().get(&agent, case).cloned().map(Box::new);
        for (_, _, reply) in known {
            let _ = reply.send(stands.clone());
        }
    }

    fn rest(&mut self, target: usize) -> Vec<Job> {
        let Some(asking) = self.agents.get(target) else {
            return Vec::new();
        };
        let is_open = |case: &&Arc<Case>| !asking.verdicts.contains_key(&case.id);
        let cases = self.cases.iter().filter(is_open).zip(self.next..);
        let job = |(case, number): (&Arc<Case>, u64)| Job {
            number,
            case: Arc::clone(case),
        };
        cases.map(job).collect()
    }

    fn count(&self) -> Option<usize> {
        Some(self.cases.len())
    }

    fn stir(&mut self) -> Promise<'_, Stir> {
        Box::pin(self.serve())
    }

    fn is_closed(&self) -> bool {
        self.stopping
    }
}

impl Asking {
    fn new(options: &AgentOptions, name: String) -> Self {
        let facts = Facts {
            info: TargetInfo::new(name, "client"),
            role: Target::Client,
            replay: options.replay.clone(),
            is_secure: options.is_secure,
            way: Way::ByItself,
        };
        Self {
            subject: Arc::new(Agent::new(facts, options.reception.clone(), options.seed)),
            jobs: VecDeque::new(),
            under_way: HashMap::new(),
            verdicts: HashMap::new(),
        }
    }

    fn name(&self) -> &str {
        &self.subject.facts().info.name
    }
}

impl Documents {
    /// Begins to write, unless that is being done: who asks meanwhile is served together by
    /// the next writing, and not at all by another where nothing has changed.
    fn publish(&mut self, record: &SharedRecord) {
        if self.writing.is_some() || self.waiting.is_empty() {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        if !std::mem::take(&mut self.changed) {
            for reply in waiting {
                let _ = reply.send(());
            }
            return;
        }
        let results = record.lock().snapshot();
        let publish = Arc::clone(&self.publish);
        let task = tokio::task::spawn_blocking(move || publish(&results));
        self.writing = Some((task, waiting));
    }

    /// Waits until the documents are written, and says so to whoever waits; for ever where
    /// none are being written.
    async fn written(&mut self) -> bool {
        let Some((task, _)) = &mut self.writing else {
            return std::future::pending().await;
        };
        let is_well = task.await.unwrap_or(false);
        let waiting = self.writing.take().into_iter();
        for reply in waiting.flat_map(|(_, waiting)| waiting) {
            let _ = reply.send(());
        }
        is_well
    }
}

/// Answers somebody with whom no case is played.
fn refuse(visitor: Visitor, status: Status, words: String) {
    tokio::spawn(respond(visitor.stream, status, Content::Text(words)));
}
