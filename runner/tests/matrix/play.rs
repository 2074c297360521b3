//! Cases, played with the reference implementation in this process.
//!
//! No program is started and no report written, so that the hundreds of thousands of
//! conversations of the whole matrix take a minute or two.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use wsspec::drive::{Caller, Patience, PlayError, ServerAddress, Ways, play_client, play_server};
use wsspec_cases::{Case, ObservationKind, Target};
use wsspec_judge::judge::{Judge, Judgement};
use wsspec_judge::observe::{HeadReader, Request, UrlFacts};
use wsspec_record::transcript::{Entry, Phase, Transcript, What};
use wsspec_record::{Closing, Verdict};
use wsspec_reference::net::{
    ClientConfig, Dialer, EchoServer, ServerConfig, Stream, TlsClient, Trust, WebSocketUrl,
};
use wsspec_reference::{Deviation, Deviations};

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
    deviations: Deviations,
    address: SocketAddr,
    desk: Arc<Desk>,
    next: AtomicU64,
    listening: JoinHandle<()>,
}

/// Who waits for a client, and what is known of those that came.
#[derive(Debug, Default)]
struct Desk {
    /// By the number that the client asks for.
    awaited: Mutex<HashMap<u64, oneshot::Sender<Arrival>>>,
    /// The keys of all requests.
    keys: Mutex<Vec<String>>,
}

/// A connection, the head that came over it, and what came behind that.
type Arrival = (TcpStream, Vec<u8>, Vec<u8>);

impl Callers {
    async fn new(deviations: Deviations) -> Self {
        let mut client = ClientConfig::new("", "/").deviating(deviations);
        // So that the cases on these have something to look at.
        client.handshake.subprotocols = vec!["chat".into()];
        client.handshake.origin = Some("http://example.com".into());
        let tls = TlsClient::new(&Trust::Anything).expect("no certificate is needed");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let desk = Arc::new(Desk::default());
        Self {
            dialer: Dialer::new(client, tls),
            deviations,
            address,
            listening: tokio::spawn(receive(listener, Arc::clone(&desk))),
            desk,
            next: AtomicU64::new(0),
        }
    }

    /// Lets the client dial, and plays a case with it; no transcript where no request came.
    async fn play(
        &self,
        case: &Case,
        patience: Patience,
        judge: &mut Judge<'_>,
    ) -> Result<Option<Transcript>, PlayError> {
        let earlier_keys = self.keys(case.keys_of.saturating_sub(1), patience).await;
        let comes_otherwise = case.starts_client() && self.comes(patience).await;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (given, mut ways) = self.url(case, number);
        ways.earlier_keys = earlier_keys;
        let (arrived, client) = self.call(number, &given, patience).await;
        let played = match arrived {
            Some((stream, head, behind)) => {
                let caller =
                    Caller::new(Stream::Tcp(stream), head, behind, ways).expect("it is connected");
                let played = play_client(case, caller, patience, SEED, judge).await;
                played.map(|played| Some(played.transcript))
            }
            None => Ok(comes_otherwise.then(|| stayed_away(given, judge))),
        };
        client.abort();
        played
    }

    /// Has the client connect to what it is given, and waits until it comes or gives up.
    async fn call(
        &self,
        number: u64,
        given: &str,
        patience: Patience,
    ) -> (Option<Arrival>, JoinHandle<()>) {
        let (sender, mut arrival) = oneshot::channel();
        lock(&self.desk.awaited).insert(number, sender);
        let url = WebSocketUrl::parse_with(given, self.deviations);
        let dialer = self.dialer.clone();
        let mut client = tokio::spawn(async move {
            let Ok(url) = url else { return };
            // Being refused is what many cases are about.
            if let Ok(dialed) = dialer.open(&url).await {
                let mut endpoint = dialed.endpoint;
                endpoint.echo().await;
            }
        });
        let arrived = tokio::select! {
            biased;
            arrived = &mut arrival => arrived.ok(),
            _ = &mut client => arrival.try_recv().ok(),
            () = tokio::time::sleep(patience.answer) => None,
        };
        lock(&self.desk.awaited).remove(&number);
        (arrived, client)
    }

    /// Whether the client comes where it is given a plain URL.
    async fn comes(&self, patience: Patience) -> bool {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let given = format!("ws://{}/run/{number}", self.address);
        let (arrived, client) = self.call(number, &given, patience).await;
        client.abort();
        arrived.is_some()
    }

    /// The keys of so many earlier connections, as far as there are any.
    async fn keys(&self, count: u32, patience: Patience) -> Vec<String> {
        let count = count as usize;
        // Each connection gives one at the most, and none where something is wrong.
        let known = lock(&self.desk.keys).len();
        for _ in known..count {
            self.comes(patience).await;
        }
        let keys = lock(&self.desk.keys);
        keys[keys.len().saturating_sub(count)..].to_vec()
    }

    /// What the client is given, and what the request has to show of it.
    fn url(&self, case: &Case, number: u64) -> (String, Ways) {
        let path = format!("/run/{number}");
        let Some(url) = &case.opening.url else {
            let given = format!("ws://{}{path}", self.address);
            let ways = Ways {
                urls: vec![UrlFacts::of(&given)],
                ..Ways::default()
            };
            return (given, ways);
        };
        let port = self.address.port();
        let names = [
            ("{ws}", "ws".to_owned()),
            ("{WS}", "WS".to_owned()),
            ("{http}", "http".to_owned()),
            ("{host}", self.address.ip().to_string()),
            ("{address}", self.address.to_string()),
            ("{port}", port.to_string()),
            ("{port+65536}", (u32::from(port) + 65_536).to_string()),
            ("{path}", path),
            ("{run}", format!("run={number}")),
        ];
        let write = |template: &String| {
            let names = names.iter();
            names.fold(template.clone(), |text, (name, value)| {
                text.replace(name, value)
            })
        };
        let given = write(&url.given);
        let urls = match &url.means[..] {
            [] => vec![UrlFacts::of(&given)],
            means => means.iter().map(|url| UrlFacts::of(&write(url))).collect(),
        };
        let ways = Ways {
            urls,
            given: Some(given.clone()),
            ..Ways::default()
        };
        (given, ways)
    }
}

/// What is seen of a client that comes to plain URLs and not to the one that it was given.
fn stayed_away(url: String, judge: &mut Judge<'_>) -> Transcript {
    let entries = [
        What::Phase(Phase::Opening),
        What::ComesOtherwise,
        What::GivenUrl { url },
        What::StayedAway {
            ended_by_itself: true,
        },
    ];
    let entries = entries.map(|what| Entry { at_us: 0, what });
    for entry in &entries {
        judge.observe(entry);
    }
    Transcript {
        entries: entries.to_vec(),
        omitted: 0,
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
async fn receive(listener: TcpListener, desk: Arc<Desk>) {
    let mut arrivals = JoinSet::new();
    loop {
        let accepted = listener.accept().await;
        while arrivals.try_join_next().is_some() {}
        let Ok((stream, _)) = accepted else { continue };
        let desk = Arc::clone(&desk);
        arrivals.spawn(async move {
            let arrival = read_head(stream).await?;
            let request = Request::parse(&arrival.1)?;
            if let Some(key) = request.values("sec-websocket-key").next() {
                lock(&desk.keys).push(String::from_utf8_lossy(key).into_owned());
            }
            let sender = lock(&desk.awaited).remove(&number_in(&request.target)?)?;
            // A case that has given up meanwhile does without.
            sender.send(arrival).ok()
        });
    }
}

/// The number that a client asks for, however it writes the rest.
fn number_in(target: &str) -> Option<u64> {
    let (_, rest) = target
        .split_once("/run/")
        .or_else(|| target.split_once("run="))?;
    let end = rest.find(|each: char| !each.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}

/// Reads the head of a request; nothing where the connection ends before.
pub(crate) async fn read_head(mut stream: TcpStream) -> Option<Arrival> {
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
    case.outcomes.iter().any(|outcome| {
        let first = outcome.first();
        matches!(
            first,
            Some(ObservationKind::Opened(_) | ObservationKind::Refused(_))
        )
    })
}

/// The cases for a role, in the order of the suite. Those over TLS have a test of their own,
/// `tests/proof.rs`.
pub(crate) fn cases_of(role: Target) -> Vec<Arc<Case>> {
    use wsspec_cases::expand::Dose;
    use wsspec_cases::select::Selection;
    let suite = wsspec_cases::Suite::embedded(Dose::Small).expect("sound cases");
    let selected = suite.select(role, &Selection::default());
    let plain = selected.into_iter().filter(|case| !case.is_for_tls());
    plain.cloned().map(Arc::new).collect()
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
