//! Autobahn's driver protocol: clients connect by themselves and say which case is to be
//! played with them. What an agent calls itself is hostile text: it is bounded, and never a
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

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use wsspec_cases::Case;
use wsspec_record::CaseResult;
use wsspec_reference::net::{Stream, TlsServer};
use wsspec_reports::{autobahn, words};

use super::agents::{AgentOptions, Agents, Publish, Request, SharedRecord};
use super::answer::converse;
use super::{Content, Door, Query, Status, Visit, Visitor, respond};
use crate::run::RunError;

/// How many characters of an agent's name are kept.
const AGENT_CHARS_MAX: usize = 100;
/// How long an agent may take to send the rest of its request.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// Where to listen, and what becomes of what is found.
pub(crate) struct Listen {
    /// The address to listen on.
    pub(crate) address: String,
    /// How to speak TLS, if clients are to use it.
    pub(crate) tls: Option<TlsServer>,
    /// How agents are met.
    pub(crate) agents: AgentOptions,
    /// The folder of the report, for browsers.
    pub(crate) out: PathBuf,
    /// Writes the documents of a report.
    pub(crate) publish: Publish,
}

/// A listener for agents, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    _serving: JoinSet<()>,
}

impl Listen {
    /// Listens, and gives what is asked for there.
    ///
    /// # Errors
    /// [`RunError::Listen`].
    pub(crate) async fn open(
        self,
        cases: &[Arc<Case>],
        record: SharedRecord,
    ) -> Result<(Listener, Agents), RunError> {
        let door = Door::open(&self.address, self.tls).await;
        let door = door.map_err(|source| RunError::Listen {
            address: self.address.clone(),
            source,
        })?;
        let address = door.address();
        let (sender, requests) = mpsc::unbounded_channel();
        let driver = Arc::new(Driver {
            numbered: numbered(cases),
            out: self.out,
            sender,
        });
        let mut serving = JoinSet::new();
        serving.spawn(door.receive(HEAD_PATIENCE, move |_, visit| {
            let driver = Arc::clone(&driver);
            async move { driver.receive(visit).await }
        }));
        let agents = Agents::new(cases.to_vec(), self.agents, record, self.publish, requests);
        let listener = Listener {
            address,
            _serving: serving,
        };
        Ok((listener, agents))
    }
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

/// Serves connections, one at a time.
pub(super) struct Driver {
    /// The cases as the driver protocol counts them.
    pub(super) numbered: Vec<Arc<Case>>,
    /// The folder of the report.
    pub(super) out: PathBuf,
    sender: mpsc::UnboundedSender<Request>,
}

/// Why a request is of no use.
pub(super) struct Refused(pub(super) Status, pub(super) String);

impl Driver {
    pub(super) async fn receive(&self, visit: Visit) {
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
                (Ok(case), Ok(agent)) => {
                    self.run_case(visitor, case, agent).await;
                    return Ok(());
                }
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
                let _ = self.sender.send(Request::Stop);
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

    pub(super) async fn status(&self, query: &Query) -> Result<Box<CaseResult>, Refused> {
        let (case, agent) = (self.case(query)?.id.clone(), agent(query)?);
        let (reply, answer) = oneshot::channel();
        let _ = self.sender.send(Request::Status { agent, case, reply });
        answer.await.ok().flatten().ok_or_else(|| {
            let words = "That agent has not run that case.";
            Refused(Status::NotFound, words.into())
        })
    }

    /// Hands the connection over, and waits until the case is over.
    async fn run_case(&self, visitor: Visitor, case: &Arc<Case>, agent: String) {
        let (held, over) = oneshot::channel();
        let _ = self.sender.send(Request::Play {
            agent,
            case: Arc::clone(case),
            visitor: Box::new(visitor),
            held,
        });
        let _ = over.await;
    }

    /// Writes the documents, and then closes: whoever waits for the close finds them.
    async fn update(&self, visitor: Visitor, stops: bool) {
        let write = async {
            self.publish().await;
            None
        };
        converse(visitor, write).await;
        if stops {
            let _ = self.sender.send(Request::Stop);
        }
    }

    async fn publish(&self) {
        let (reply, written) = oneshot::channel();
        let _ = self.sender.send(Request::Publish { reply });
        let _ = written.await;
    }
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
