//! Cases, played with the reference implementation in this process.
//!
//! No program is started and no report written, so that the hundreds of thousands of
//! conversations of the whole matrix take a minute or two.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use wsspec::drive::{Caller, Patience, PlayError, ServerAddress, Ways, play_client, play_server};
use wsspec::judge::{Judge, Judgement};
use wsspec::observe::{HeadReader, Request, UrlFacts};
use wsspec_cases::{Case, Observation, Target};
use wsspec_reference::net::{
    ClientConfig, Dialer, EchoServer, ServerConfig, Stream, TlsClient, Trust, WebSocketUrl,
};
use wsspec_reference::{Deviation, Deviations};
use wsspec_reports::transcript::{Phase, Transcript, What};
use wsspec_reports::{Closing, Verdict};

/// What every conversation is played with; another one gives other octets.
const SEED: u64 = 1;
/// After how many conversations that ran out of time an actor is hardly waited for.
const TIMEOUTS_TOLERATED: usize = 4;

/// How many conversations take place at the same time. Most of the time is spent waiting for
/// what deviations keep from coming.
const JOBS: usize = 96;

/// How long to wait for the reference implementation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    /// As long as it has answered so far.
    pub(crate) usual: Duration,
    /// Once it has shown that it does not.
    pub(crate) hopeless: Duration,
}

/// The reference implementation in one role, lawful or with a deviation.
#[derive(Debug)]
pub(crate) struct Actor {
    role: Target,
    stage: Stage,
    waits: Waits,
    timeouts: AtomicUsize,
}

#[derive(Debug)]
enum Stage {
    Server {
        address: ServerAddress,
        /// It serves until this is dropped.
        _server: EchoServer,
    },
    Client(Box<Callers>),
}

/// How a case saw an actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) verdict: Verdict,
    pub(crate) closing: Closing,
    pub(crate) reason: String,
    /// Whether waiting for something in vain is what decided.
    pub(crate) is_late: bool,
    /// Whether the actor got as far as to what the case is about.
    pub(crate) is_to_the_point: bool,
}

impl Sight {
    /// Both axes in one: what the case complains about.
    pub(crate) fn complaint(&self) -> Complaint {
        let verdict = match self.verdict {
            Verdict::Pass | Verdict::Info | Verdict::Unimplemented | Verdict::Skipped => {
                Complaint::None
            }
            Verdict::NonStrict => Complaint::NonStrict,
            Verdict::Fail | Verdict::Error => Complaint::Fail,
        };
        let closing = match self.closing {
            Closing::Ok | Closing::Info | Closing::None => Complaint::None,
            Closing::WrongCode => Complaint::NonStrict,
            Closing::Unclean | Closing::FailedByClient | Closing::Fail => Complaint::Fail,
        };
        verdict.max(closing)
    }
}

/// How bad something is, as a case sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Complaint {
    /// Nothing is.
    None,
    /// A SHOULD is not kept.
    NonStrict,
    /// A MUST is not kept.
    Fail,
}

impl Actor {
    /// Starts the reference implementation.
    pub(crate) async fn start(role: Target, deviation: Option<Deviation>, waits: Waits) -> Self {
        let deviations: Deviations = deviation.into_iter().collect();
        let stage = if role == Target::Client {
            Stage::Client(Box::new(Callers::new(deviations).await))
        } else {
            let config = ServerConfig::default().deviating(deviations);
            let (address, server) = EchoServer::start("127.0.0.1:0", config)
                .await
                .expect("a free port");
            Stage::Server {
                address: ServerAddress {
                    addresses: vec![address],
                    host: address.to_string(),
                    path: "/".into(),
                    headers: Vec::new(),
                    subprotocols: Vec::new(),
                    secure: None,
                },
                _server: server,
            }
        };
        Self {
            role,
            stage,
            waits,
            timeouts: AtomicUsize::new(0),
        }
    }

    /// Plays a case; the same seed and case give the same octets.
    ///
    /// A busy machine looks like an actor that does not answer. So what is late is played
    /// again with more patience, unless that has shown often enough how the actor is.
    async fn play(&self, case: &Case) -> Sight {
        let is_hopeless = || self.timeouts.load(Ordering::Relaxed) >= TIMEOUTS_TOLERATED;
        if is_hopeless() {
            return self.play_once(case, self.waits.hopeless).await;
        }
        let sight = self.play_once(case, self.waits.usual).await;
        if !sight.is_late || is_hopeless() {
            return sight;
        }
        self.timeouts.fetch_add(1, Ordering::Relaxed);
        self.play_once(case, self.waits.usual * 3).await
    }

    async fn play_once(&self, case: &Case, answer: Duration) -> Sight {
        let patience = Patience::new(answer);
        let mut judge = Judge::new(case, self.role);
        let played = match &self.stage {
            Stage::Server { address, .. } => {
                let played = play_server(case, address, patience, SEED, &mut judge).await;
                played.map(|played| Some(played.transcript))
            }
            Stage::Client(callers) => callers.play(case, patience, &mut judge).await,
        };
        let transcript = played.expect("every case can be sent");
        sight(case, judge.conclude(), transcript)
    }
}

/// What is to be played: cases with one conduct of the reference implementation.
pub(crate) struct Scene {
    /// Nothing for the lawful one.
    pub(crate) deviation: Option<Deviation>,
    pub(crate) cases: Vec<Arc<Case>>,
    pub(crate) waits: Waits,
}

/// What was seen in one case.
pub(crate) struct Seen {
    pub(crate) deviation: Option<Deviation>,
    pub(crate) case: Arc<Case>,
    pub(crate) sight: Sight,
}

/// Plays scenes side by side.
pub(crate) async fn play_all(role: Target, scenes: impl IntoIterator<Item = Scene>) -> Vec<Seen> {
    let permits = Arc::new(Semaphore::new(JOBS));
    let mut tasks = JoinSet::new();
    let mut seen = Vec::new();
    for scene in scenes {
        let deviation = scene.deviation;
        let actor = Arc::new(Actor::start(role, deviation, scene.waits).await);
        for case in scene.cases {
            let permit = Arc::clone(&permits).acquire_owned().await;
            let actor = Arc::clone(&actor);
            tasks.spawn(async move {
                let _permit = permit;
                let sight = actor.play(&case).await;
                Seen {
                    deviation,
                    case,
                    sight,
                }
            });
            while let Some(played) = tasks.try_join_next() {
                seen.push(played.expect("playing does not panic"));
            }
        }
    }
    seen.extend(tasks.join_all().await);
    seen
}

/// A client that is told to connect, and the door through which it comes.
#[derive(Debug)]
struct Callers {
    dialer: Dialer,
    host: String,
    /// Who waits for the client that asks for this number.
    awaited: Arc<Mutex<HashMap<u64, oneshot::Sender<Arrival>>>>,
    next: AtomicU64,
    listening: JoinHandle<()>,
}

/// A connection, the head that came over it, and what came behind that.
type Arrival = (TcpStream, Vec<u8>, Vec<u8>);

impl Callers {
    async fn new(deviations: Deviations) -> Self {
        let client = ClientConfig::new("", "/").deviating(deviations);
        let tls = TlsClient::new(&Trust::Anything).expect("no certificate is needed");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let host = listener.local_addr().expect("it is bound").to_string();
        let awaited = Arc::new(Mutex::new(HashMap::new()));
        let listening = tokio::spawn(receive(listener, Arc::clone(&awaited)));
        Self {
            dialer: Dialer::new(client, tls),
            host,
            awaited,
            next: AtomicU64::new(0),
            listening,
        }
    }

    /// Lets the client dial, and plays a case with it; no transcript where no request came.
    async fn play(
        &self,
        case: &Case,
        patience: Patience,
        judge: &mut Judge<'_>,
    ) -> Result<Option<Transcript>, PlayError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, arrival) = oneshot::channel();
        lock(&self.awaited).insert(number, sender);
        let given = format!("ws://{}/{number}", self.host);
        let url: WebSocketUrl = given.parse().expect("a URL");
        let dialer = self.dialer.clone();
        let client = tokio::spawn(async move {
            // Being refused is what many cases are about.
            if let Ok(dialed) = dialer.open(&url).await {
                let mut endpoint = dialed.endpoint;
                endpoint.echo().await;
            }
        });
        let arrived = tokio::time::timeout(patience.answer, arrival).await;
        lock(&self.awaited).remove(&number);
        let played = match arrived {
            Ok(Ok((stream, head, behind))) => {
                let ways = Ways {
                    urls: vec![UrlFacts::of(&given)],
                    ..Ways::default()
                };
                let caller =
                    Caller::new(Stream::Tcp(stream), head, behind, ways).expect("it is connected");
                let played = play_client(case, caller, patience, SEED, judge).await;
                played.map(|played| Some(played.transcript))
            }
            _ => Ok(None),
        };
        client.abort();
        played
    }
}

impl Drop for Callers {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics with it")
}

/// Brings clients to the cases that they ask for. Whoever asks for anything else, or in a way
/// that cannot be read, is not let in.
async fn receive(
    listener: TcpListener,
    awaited: Arc<Mutex<HashMap<u64, oneshot::Sender<Arrival>>>>,
) {
    let mut arrivals = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while arrivals.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else { continue };
        let awaited = Arc::clone(&awaited);
        arrivals.spawn(async move {
            let arrival = read_head(stream).await?;
            let target = Request::parse(&arrival.1)?.target;
            let number: u64 = target.strip_prefix('/')?.parse().ok()?;
            let sender = lock(&awaited).remove(&number)?;
            // A case that has given up meanwhile does without.
            sender.send(arrival).ok()
        });
    }
}

async fn read_head(mut stream: TcpStream) -> Option<Arrival> {
    let mut reader = HeadReader::default();
    let mut buffer = [0; 4096];
    loop {
        let count = stream
            .read(&mut buffer)
            .await
            .ok()
            .filter(|&count| count > 0)?;
        let octets = &buffer[..count];
        if let Some(behind) = reader.receive(octets) {
            let behind = octets[count - behind..].to_vec();
            return Some((stream, reader.octets().to_vec(), behind));
        }
    }
}

fn sight(case: &Case, judgement: Judgement, transcript: Option<Transcript>) -> Sight {
    let Some(transcript) = transcript else {
        return Sight {
            verdict: Verdict::Fail,
            closing: Closing::None,
            reason: "No request came that could be read.".into(),
            is_late: false,
            is_to_the_point: false,
        };
    };
    let has = |wanted: fn(&What) -> bool| {
        let mut entries = transcript.entries.iter();
        entries.any(|entry| wanted(&entry.what))
    };
    Sight {
        is_late: has(|what| matches!(what, What::TimedOut { .. })),
        is_to_the_point: is_about_opening(case)
            || has(|what| matches!(what, What::Phase(Phase::Script))),
        verdict: judgement.verdict,
        closing: judgement.closing,
        reason: judgement.reason,
    }
}

/// Whether what is expected begins with the opening handshake.
fn is_about_opening(case: &Case) -> bool {
    let is_it =
        |first: &Observation| matches!(first, Observation::Opened(_) | Observation::Refused(_));
    let mut traces = case.outcomes.iter().map(|outcome| &outcome.observe);
    traces.any(|trace| trace.first().is_some_and(is_it))
}

/// The cases for a role, in the order of the suite.
pub(crate) fn cases_of(role: Target) -> Vec<Arc<Case>> {
    use wsspec_cases::select::Selection;
    let suite =
        wsspec_cases::Suite::embedded(wsspec_cases::expand::Dose::Small).expect("sound cases");
    let selected = suite.select(role, &Selection::default());
    selected.into_iter().cloned().map(Arc::new).collect()
}

/// The deviations that an endpoint of this role can make.
pub(crate) fn deviations_of(role: Target) -> Vec<Deviation> {
    let role = match role {
        Target::Client => wsspec_reference::Role::Client,
        _ => wsspec_reference::Role::Server,
    };
    let all: Deviations = Deviation::ALL.iter().copied().collect();
    all.of(role).iter().collect()
}
