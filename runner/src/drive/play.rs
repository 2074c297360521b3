//! One playing of a case, from the TCP connection to its end.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::{Case, Target};
use wsspec_record::transcript::{Phase, What};

use super::converse::converse;
use super::encode::Encoder;
use super::link::Link;
use super::session::Session;
use super::{Caller, Next, Patience, PlayError, Played, ServerAddress, Watch, opening};
use wsspec_judge::observe::{Asked, HEAD_OCTETS_MAX, HeadReader, check_request, check_response};

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
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ fingerprint(&case.id));
    let mut nonce = [0; 16];
    random.fill_bytes(&mut nonce);
    let token = random.next_u32();
    let encoder = Encoder::new(Target::Server, random);
    let mut session = Session::new(Target::Server, encoder, watch);
    session.begin(Phase::Opening);

    let secure = server.secure.as_ref();
    let secure = secure.filter(|_| case.opening.tls != Some(OpeningTls::Skipped));
    let connect = Link::connect(&server.addresses, secure);
    let link = tokio::time::timeout(patience.answer, connect).await;
    let reason = match link {
        Ok(Ok(link)) => {
            session.connected(link);
            None
        }
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("the connection was not accepted in time".into()),
    };
    if let Some(reason) = reason {
        session.record(What::NotConnected { reason });
        return Ok(Played {
            transcript: session.finish(),
            product: None,
            round_trip: None,
        });
    }

    let key = STANDARD.encode(nonce);
    let opened = open(&mut session, case, server, &key, patience).await?;
    go_on(session, case, opened, patience, token).await
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
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ fingerprint(&case.id));
    let token = random.next_u32();
    let encoder = Encoder::new(Target::Client, random);
    let mut session = Session::new(Target::Client, encoder, watch);
    session.begin(Phase::Opening);
    let Caller {
        stream,
        head,
        behind,
        ways,
        server_name,
    } = caller;
    if let Some(url) = &ways.given {
        session.record(What::GivenUrl { url: url.clone() });
    }
    for key in &ways.earlier_keys {
        session.record(What::EarlierKey { key: key.clone() });
    }
    session.connected(stream);
    if let Some(server_name) = server_name {
        session.record(What::Secured { server_name });
    }
    let opened = answer(&mut session, case, &head, &behind, &ways, patience).await?;
    go_on(session, case, opened, patience, token).await
}

async fn go_on<W: Watch>(
    mut session: Session<'_, W>,
    case: &Case,
    opened: Opened,
    patience: Patience,
    token: u32,
) -> Result<Played, PlayError> {
    let mut round_trip = None;
    if session.next() != Next::Stop && opened.is_open {
        round_trip = converse(&mut session, case, patience, token).await?;
    }
    Ok(Played {
        transcript: session.finish(),
        product: opened.name,
        round_trip,
    })
}

struct Opened {
    is_open: bool,
    name: Option<String>,
}

/// The opening handshake with a client (§4.2): its request has come, we answer.
async fn answer<W: Watch>(
    session: &mut Session<'_, W>,
    case: &Case,
    head: &[u8],
    behind: &[u8],
    ways: &super::Ways,
    patience: Patience,
) -> Result<Opened, PlayError> {
    let (mut seen, request) = check_request(head, &ways.urls);
    if !behind.is_empty() {
        seen.faults.push(wsspec_record::transcript::HeadFault {
            requirement: "6455-4.1-w1".into(),
            words: "Octets followed the request before it was answered".into(),
        });
    }
    let is_lawful = seen.faults.is_empty();
    session.record(What::ReceivedHead(seen));
    let name = request.as_ref().and_then(|request| {
        let product = request.values("user-agent").next()?;
        Some(wsspec_judge::observe::escape_octets(product, 200))
    });
    let lawful = request.filter(|_| is_lawful);
    // What the request says may have decided already.
    let goes_on = is_lawful && session.next() != Next::Stop;
    let mut response = match &lawful {
        Some(request) if goes_on => opening::response(&case.opening, request, ways)?,
        Some(_) => opening::ENOUGH_SEEN.to_vec(),
        None => opening::BAD_REQUEST.to_vec(),
    };
    session.record(What::SentHead(wsspec_record::transcript::Head {
        text: wsspec_judge::observe::escape_octets(&response, 4096),
        status: None,
        faults: Vec::new(),
    }));
    if goes_on {
        let early = session.encode(&case.opening.followed_by)?;
        response.extend_from_slice(&early.octets);
    }
    send_cut(session, &response, &case.opening, patience.answer).await;
    Ok(Opened {
        is_open: goes_on,
        name,
    })
}

/// The opening handshake with a server (§4.1).
async fn open<W: Watch>(
    session: &mut Session<'_, W>,
    case: &Case,
    server: &ServerAddress,
    key: &str,
    patience: Patience,
) -> Result<Opened, PlayError> {
    let mut request = opening::request(&case.opening, server, key)?;
    session.record(What::SentHead(wsspec_record::transcript::Head {
        text: wsspec_judge::observe::escape_octets(&request, 4096),
        status: None,
        faults: Vec::new(),
    }));
    let asked = Asked::of(&request);
    let early = session.encode(&case.opening.followed_by)?;
    request.extend_from_slice(&early.octets);
    send_cut(session, &request, &case.opening, patience.answer).await;

    let deadline = tokio::time::Instant::now() + patience.answer;
    let mut reader = HeadReader::default();
    let closed = Opened {
        is_open: false,
        name: None,
    };
    let behind = loop {
        match session.read_raw(deadline).await {
            None => {
                let awaited = "the response to the opening handshake";
                session.timed_out(awaited, patience.answer);
                note_partial_head(session, &reader);
                return Ok(closed);
            }
            end @ (Some(Ok([])) | Some(Err(_))) => {
                let reset = matches!(end, Some(Err(_)));
                note_partial_head(session, &reader);
                session.receive_end(reset);
                return Ok(closed);
            }
            Some(Ok(octets)) => {
                let octets = octets.to_vec();
                if let Some(behind) = reader.receive(&octets) {
                    break octets[octets.len() - behind..].to_vec();
                }
                if reader.is_too_large() {
                    let octets = reader.octets().len() as u64;
                    session.record(What::Flooded { octets });
                    return Ok(closed);
                }
            }
        }
    };
    debug_assert!(reader.octets().len() <= HEAD_OCTETS_MAX + behind.len());
    let (head, response) = check_response(reader.octets(), &asked);
    let is_open = head.status == Some(101) && head.faults.is_empty();
    session.record(What::ReceivedHead(head));
    let name = response.as_ref().and_then(|response| {
        let product = response.values("server").next()?;
        Some(wsspec_judge::observe::escape_octets(product, 200))
    });
    if is_open {
        session.hold(behind);
    }
    Ok(Opened { is_open, name })
}

fn note_partial_head<W: Watch>(session: &mut Session<'_, W>, reader: &HeadReader) {
    if !reader.octets().is_empty() {
        session.record(What::ReceivedOctets(wsspec_judge::observe::octets(
            reader.octets(),
        )));
    }
}

async fn send_cut<W: Watch>(
    session: &mut Session<'_, W>,
    octets: &[u8],
    opening: &wsspec_cases::Opening,
    patience: Duration,
) {
    let mut sizes = opening.cut.sizes(&[]);
    let mut rest = octets;
    // Nothing is read before the response is: its octets are no frames.
    session.set_reading(false);
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(usize::MAX);
        let (piece, after) = rest.split_at(size.min(rest.len()));
        rest = after;
        session.write(piece, patience).await;
        if !rest.is_empty() && opening.pause_ms > 0 {
            tokio::time::sleep(Duration::from_millis(u64::from(opening.pause_ms))).await;
        }
    }
    session.set_reading(true);
}

/// FNV-1a: which case it is decides the octets, not when it is played.
fn fingerprint(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
        (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    })
}
