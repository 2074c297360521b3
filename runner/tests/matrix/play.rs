//! Cases, played with the reference implementation in this process.
//!
//! The two talk in memory with the clock paused: no octet meets a socket, and waiting for
//! what never comes takes no time. So conversations are played one after the other, and the
//! hundreds of thousands of the whole matrix take a minute or two.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use wsspec::drive::{
    Caller, Connect, End, Link, LinkError, Patience, Pending, Place, Reception, ServerAddress,
    pair, play_client, play_server_over,
};
use wsspec_cases::{Case, ObservationKind, Target};
use wsspec_judge::judge::{Judge, Judgement};
use wsspec_judge::observe::{HeadReader, Request};
use wsspec_record::transcript::{Entry, Phase, Transcript, What};
use wsspec_record::{Closing, Verdict};
use wsspec_reference::net::{ClientConfig, ServerConfig, WebSocketUrl, open, serve_stream};
use wsspec_reference::{Deviation, Deviations, Liberties, Liberty, Role};

/// What every conversation is played with; another one gives other octets.
const SEED: u64 = 1;
/// How long to wait for an answer, which costs nothing here; less than the reference
/// implementation waits for one, so that it shows what it does meanwhile.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a client or server behaves that cases are played with.
#[derive(Debug)]
enum Actor {
    Server(Server),
    Client(Client),
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

/// How the reference implementation behaves; by default in the usual lawful way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Conduct {
    /// The departure from the RFC.
    pub(crate) deviation: Option<Deviation>,
    /// What is done otherwise of what the RFC leaves open.
    pub(crate) liberties: Liberties,
}

impl Conduct {
    /// Lawful conduct but for one departure, if any.
    pub(crate) fn deviating(deviation: Option<Deviation>) -> Self {
        Self {
            deviation,
            ..Self::default()
        }
    }
}

impl Actor {
    fn new(role: Target, conduct: Conduct) -> Self {
        let deviations: Deviations = conduct.deviation.into_iter().collect();
        match role {
            Target::Client => Self::Client(Client::new(deviations, conduct.liberties)),
            _ => Self::Server(Server {
                config: ServerConfig::default()
                    .deviating(deviations)
                    .taking(conduct.liberties),
            }),
        }
    }

    /// Plays a case; the same seed and case give the same octets.
    async fn play(&self, case: &Case) -> Sight {
        match self {
            Self::Server(server) => {
                let mut judge = Judge::new(case, Target::Server);
                let transcript = server.play(case, &mut judge).await;
                sight(case, &judge.conclude(), Some(&transcript))
            }
            Self::Client(client) => {
                let mut judge = Judge::new(case, Target::Client);
                let transcript = client.play(case, &mut judge).await;
                sight(case, &judge.conclude(), transcript.as_ref())
            }
        }
    }
}

/// What is to be played: cases with one conduct of the reference implementation.
pub(crate) struct Scene {
    pub(crate) conduct: Conduct,
    pub(crate) cases: Vec<Arc<Case>>,
}

/// What was seen in one case.
pub(crate) struct Seen {
    pub(crate) conduct: Conduct,
    pub(crate) case: Arc<Case>,
    pub(crate) sight: Sight,
}

/// Plays scenes, as many at a time as there are processors. What was seen is in the order of
/// the scenes and their cases.
pub(crate) fn play_all(role: Target, scenes: impl IntoIterator<Item = Scene>) -> Vec<Seen> {
    let jobs: Vec<(Conduct, Arc<Case>)> = scenes
        .into_iter()
        .flat_map(|scene| {
            let conduct = scene.conduct;
            scene.cases.into_iter().map(move |case| (conduct, case))
        })
        .collect();
    let next = AtomicUsize::new(0);
    let play_some = || {
        let mut seen = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((conduct, case)) = jobs.get(at) else {
                return seen;
            };
            let sight = play(role, *conduct, case);
            let (conduct, case) = (*conduct, Arc::clone(case));
            seen.push((
                at,
                Seen {
                    conduct,
                    case,
                    sight,
                },
            ));
        }
    };
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let mut seen: Vec<(usize, Seen)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..processors).map(|_| scope.spawn(play_some)).collect();
        let played = threads.into_iter().map(thread::ScopedJoinHandle::join);
        played
            .flat_map(|seen| seen.expect("playing does not panic"))
            .collect()
    });
    seen.sort_by_key(|(at, _)| *at);
    seen.into_iter().map(|(_, seen)| seen).collect()
}

/// Plays one case in a time of its own.
fn play(role: Target, conduct: Conduct, case: &Case) -> Sight {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("it needs nothing of the system");
    runtime.block_on(Actor::new(role, conduct).play(case))
}

/// An echo server, in a task of its own for each connection.
#[derive(Debug)]
struct Server {
    config: ServerConfig,
}

impl Server {
    async fn play(&self, case: &Case, judge: &mut Judge<'_>) -> Transcript {
        let address = ServerAddress {
            addresses: Vec::new(),
            host: "127.0.0.1".into(),
            path: "/".into(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            secure: None,
        };
        let patience = Patience::new(PATIENCE);
        let played = play_server_over(self, case, &address, patience, SEED, judge).await;
        played.expect("every case can be sent").transcript
    }
}

impl Connect for Server {
    fn connect(&self, _plainly: bool) -> Pending<'_, Result<Box<dyn Link>, LinkError>> {
        let config = self.config.clone();
        let (near, far) = connection(config.connection.deviations, config.connection.liberties);
        tokio::spawn(async move { serve_stream(far, &config).await });
        let near: Box<dyn Link> = Box::new(near);
        Box::pin(std::future::ready(Ok(near)))
    }
}

/// A connection to the reference implementation, whose end is the second.
fn connection(deviations: Deviations, liberties: Liberties) -> (End, End) {
    let (near, mut far) = pair();
    let resets = [Liberty::ResetTcp, Liberty::FailByReset];
    if deviations.include(Deviation::ResetTcp) || resets.iter().any(|one| liberties.include(*one)) {
        far.reset_on_drop();
    }
    (near, far)
}

/// An echo client, which goes where it is told.
#[derive(Debug)]
struct Client {
    config: ClientConfig,
}

/// A connection, the head that came over it, and what came behind that.
type Arrival<S> = (S, Vec<u8>, Vec<u8>);

impl Client {
    fn new(deviations: Deviations, liberties: Liberties) -> Self {
        let config = ClientConfig::new("", "/").deviating(deviations);
        let mut config = config.taking(liberties);
        // So that the cases on these have something to look at.
        config.handshake.subprotocols = vec!["chat".into()];
        config.handshake.origin = Some("http://example.com".into());
        Self { config }
    }

    /// Has the client connect, and plays a case with it; no transcript where no request came.
    async fn play(&self, case: &Case, judge: &mut Judge<'_>) -> Option<Transcript> {
        let mut reception = Reception::default();
        for _ in 1..case.keys_of {
            reception.earlier_keys.extend(self.key().await);
        }
        let comes_otherwise = case.starts_client() && self.come(PLAIN_URL).await.is_some();
        let place = Place {
            is_secure: false,
            host: HOST.into(),
            port: PORT,
            path: "/run/1".into(),
            number: 1,
        };
        let (given, reception) = place.invite(case, &reception);
        let Some((link, head, behind)) = self.come(&given).await else {
            return comes_otherwise.then(|| stayed_away(given, judge));
        };
        let caller = Caller::over(Box::new(link), head, behind, reception);
        let played = play_client(case, caller, Patience::new(PATIENCE), SEED, judge).await;
        Some(played.expect("every case can be sent").transcript)
    }

    /// The key that the client sends.
    async fn key(&self) -> Option<String> {
        let (_, head, _) = self.come(PLAIN_URL).await?;
        let request = Request::parse(&head)?;
        let key = request.values("sec-websocket-key").next()?;
        Some(String::from_utf8_lossy(key).into_owned())
    }

    /// Gives the client a URL, and waits until it comes with a request; nothing where it does
    /// not.
    async fn come(&self, given: &str) -> Option<Arrival<End>> {
        let (deviations, liberties) = (
            self.config.connection.deviations,
            self.config.connection.liberties,
        );
        let url = WebSocketUrl::parse_with(given, deviations).ok()?;
        let speaks_tls = url.is_secure() && !deviations.include(Deviation::SkipTls);
        if speaks_tls || !is_here(&url.host()) || url.port() != PORT {
            return None;
        }
        let (near, far) = connection(deviations, liberties);
        let config = self.config.clone().for_url(&url);
        tokio::spawn(async move {
            // Being refused is what many cases are about.
            if let Ok((mut endpoint, _)) = open(far, config).await {
                endpoint.echo().await;
            }
        });
        let arrival = tokio::time::timeout(PATIENCE, read_head(near))
            .await
            .ok()??;
        // Whoever asks in a way that cannot be read is not let in.
        let request = Request::parse(&arrival.1)?;
        asks_for_run(&request.target).then_some(arrival)
    }
}

/// Where the client is sent.
const HOST: &str = "127.0.0.1";
const PORT: u16 = 9001;
const PLAIN_URL: &str = "ws://127.0.0.1:9001/run/1";

/// Whether a host is this machine (RFC 6761 §6.3).
fn is_here(host: &str) -> bool {
    host == HOST || host == "localhost" || host.ends_with(".localhost")
}

/// Whether a client asks for what it was given, however it writes the rest.
fn asks_for_run(target: &str) -> bool {
    target.contains("/run/1") || target.contains("run=1")
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
    let entries = entries.map(|what| Entry::new(0, what));
    for entry in &entries {
        judge.observe(entry);
    }
    Transcript {
        entries: entries.to_vec(),
        omitted: 0,
    }
}

/// Reads the head of a request; nothing where the connection ends before.
pub(crate) async fn read_head<S: AsyncRead + Unpin>(mut stream: S) -> Option<Arrival<S>> {
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

fn sight(case: &Case, judgement: &Judgement, transcript: Option<&Transcript>) -> Sight {
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
        reason: wsspec_reports::words::why(&judgement.reason),
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
    let all: Deviations = Deviation::ALL.iter().copied().collect();
    all.of(role_of(role)).iter().collect()
}

pub(crate) fn role_of(target: Target) -> Role {
    match target {
        Target::Client => Role::Client,
        _ => Role::Server,
    }
}
