//! One playing of a case, from the connection to its end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::{Case, Target};
use wsspec_record::transcript::{NoConnection, Phase, What};

use super::converse::converse;
use super::encode::Encoder;
use super::handshake::{Opened, answer, open};
use super::link::Link;
use super::link::LinkError;
use super::log::Log;
use super::session::Session;
use super::{Caller, Connect, Next, Patience, PlayError, Played, ServerAddress, Watch};

/// Plays a case with a server.
///
/// The same seed and case give the same octets. The conversation ends after a bounded
/// time whatever the server does.
///
/// # Errors
/// [`PlayError`] where the case cannot be sent. What goes wrong on the wire is in the
/// transcript.
pub async fn play_server(
    case: &Case,
    server: &ServerAddress,
    patience: Patience,
    seed: u64,
    watch: &mut impl Watch,
) -> Result<Played, PlayError> {
    play_server_over(server, case, server, patience, seed, watch).await
}

/// The same with a server that is reached otherwise than its address says.
///
/// # Errors
/// As [`play_server`].
pub async fn play_server_over(
    reach: &dyn Connect,
    case: &Case,
    server: &ServerAddress,
    patience: Patience,
    seed: u64,
    watch: &mut impl Watch,
) -> Result<Played, PlayError> {
    let mut random = random(case, seed);
    let mut nonce = [0; 16];
    random.fill_bytes(&mut nonce);
    let token = random.next_u32();
    let log = Log::new(watch);
    let mut session = Session::new(
        Target::Server,
        Encoder::new(Target::Server, random),
        log.clone(),
    );
    session.begin(Phase::Opening);
    let plainly = case.opening.tls == Some(OpeningTls::Skipped);
    let opened = match connect(reach, plainly, patience).await {
        Ok(link) => {
            session.connected(link);
            let key = STANDARD.encode(nonce);
            open(&mut session, case, server, &key, patience).await?
        }
        Err(reason) => {
            session.record(What::NotConnected { reason });
            Opened::default()
        }
    };
    go_on(session, log, case, opened, patience, token).await
}

/// Plays a case with a client whose request has come.
///
/// The same seed and case give the same octets. The conversation ends after a bounded
/// time whatever the client does.
///
/// # Errors
/// [`PlayError`] where the case cannot be sent. What goes wrong on the wire is in the
/// transcript.
pub async fn play_client(
    case: &Case,
    caller: Caller,
    patience: Patience,
    seed: u64,
    watch: &mut impl Watch,
) -> Result<Played, PlayError> {
    let mut random = random(case, seed);
    let token = random.next_u32();
    let log = Log::new(watch);
    let mut session = Session::new(
        Target::Client,
        Encoder::new(Target::Client, random),
        log.clone(),
    );
    session.begin(Phase::Opening);
    let opened = answer(&mut session, case, caller, patience).await?;
    go_on(session, log, case, opened, patience, token).await
}

/// A connection, or why there is none.
async fn connect(
    reach: &dyn Connect,
    plainly: bool,
    patience: Patience,
) -> Result<Box<dyn Link>, NoConnection> {
    match tokio::time::timeout(patience.opening, reach.connect(plainly)).await {
        Ok(Ok(link)) => Ok(link),
        Ok(Err(error)) => Err(no_connection(&error)),
        Err(_) => Err(NoConnection::NotAccepted),
    }
}

/// Why there is no connection: what we lack ourselves is not the target's.
fn no_connection(error: &LinkError) -> NoConnection {
    let words = error.to_string();
    match error {
        LinkError::Tcp(error) if is_ours(error) => NoConnection::Ours { error: words },
        LinkError::Tcp(_) => NoConnection::System(words),
        LinkError::Tls { .. } => NoConnection::NoTls { error: words },
    }
}

/// Whether descriptors, ports or memory are what is missing.
fn is_ours(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    {
        use nix::errno::Errno;
        let of = error.raw_os_error().map(Errno::from_raw);
        let lacks = [
            Errno::EMFILE,
            Errno::ENFILE,
            Errno::ENOBUFS,
            Errno::ENOMEM,
            Errno::EADDRNOTAVAIL,
        ];
        of.is_some_and(|errno| lacks.contains(&errno))
    }
    #[cfg(not(unix))]
    {
        error.kind() == std::io::ErrorKind::OutOfMemory
    }
}

/// Everything behind the opening handshake.
async fn go_on<W: Watch>(
    mut session: Session<'_, W>,
    log: Log<'_, W>,
    case: &Case,
    opened: Opened,
    patience: Patience,
    token: u32,
) -> Result<Played, PlayError> {
    let mut round_trip = None;
    if opened.is_open && session.next() != Next::Stop {
        round_trip = converse(&mut session, case, patience, token).await?;
    }
    session.finish();
    Ok(Played {
        transcript: log.take(),
        product: opened.product,
        round_trip,
    })
}

/// What decides everything that is left to chance.
fn random(case: &Case, seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed ^ fingerprint(&case.id))
}

/// FNV-1a: which case it is decides the octets, not when it is played.
fn fingerprint(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    })
}
