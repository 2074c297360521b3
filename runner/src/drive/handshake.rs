//! The opening handshake (RFC 6455 §4), with a server and with a client.

use std::time::Duration;

use tokio::time::Instant;
use wsspec_cases::{Case, Opening};
use wsspec_judge::observe::{
    Asked, HEAD_OCTETS_MAX, HeadReader, check_request, check_response, octets, sent_head,
};
use wsspec_record::escape::escape_octets;
use wsspec_record::transcript::{Awaited, What};
use wsspec_record::{Fault, HeadFault};

use super::session::Session;
use super::{Caller, Next, Patience, PlayError, ServerAddress, Watch, opening};

/// How much of a product's name is kept.
const PRODUCT_OCTETS_MAX: usize = 200;

/// What came of an opening handshake.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// Whether the connection is open.
    pub(super) is_open: bool,
    /// What the target calls itself, if it says so.
    pub(super) product: Option<String>,
}

/// The handshake with a client (§4.2), whose request has come: we answer.
pub(super) async fn answer<W: Watch>(
    session: &mut Session<'_, W>,
    case: &Case,
    caller: Caller,
    patience: Patience,
) -> Result<Opened, PlayError> {
    let reception = &caller.reception;
    if let Some(url) = reception.given.clone() {
        session.record(What::GivenUrl { url });
    }
    for key in reception.earlier_keys.iter().cloned() {
        session.record(What::EarlierKey { key });
    }
    session.connected(caller.link);
    if let Some(server_name) = caller.server_name {
        session.record(What::Secured { server_name });
    }
    let (mut seen, request) = check_request(&caller.head, &reception.urls);
    if !caller.behind.is_empty() {
        seen.faults.push(HeadFault {
            requirement: "6455-4.1-w1".into(),
            fault: Fault::EarlyOctets,
        });
    }
    // A conversation goes on behind what does not hinder it; the judge notes it.
    let is_lawful = !seen.faults.iter().any(|fault| fault.fault.hinders());
    session.record(What::ReceivedHead(seen));
    let product = request
        .as_ref()
        .and_then(|request| product(request.values("user-agent")));
    // What the request says may have decided already.
    let goes_on = is_lawful && session.next() != Next::Stop;
    let response = match &request {
        Some(request) if goes_on => opening::response(&case.opening, request, reception)?,
        Some(_) if is_lawful => opening::ENOUGH_SEEN.to_vec(),
        _ => opening::BAD_REQUEST.to_vec(),
    };
    let behind = goes_on.then_some(&case.opening);
    send_head(session, response, &case.opening, behind, patience.answer).await?;
    Ok(Opened {
        is_open: goes_on,
        product,
    })
}

/// The handshake with a server (§4.1).
pub(super) async fn open<W: Watch>(
    session: &mut Session<'_, W>,
    case: &Case,
    server: &ServerAddress,
    key: &str,
    patience: Patience,
) -> Result<Opened, PlayError> {
    let request = opening::request(&case.opening, server, key)?;
    let asked = Asked::of(&request);
    let behind = Some(&case.opening);
    send_head(session, request, &case.opening, behind, patience.answer).await?;
    let Some(reader) = read_head(session, patience.opening).await else {
        return Ok(Opened::default());
    };
    let (head, response) = check_response(reader.octets(), &asked);
    let hinders = |fault: &HeadFault| fault.fault.hinders();
    let is_open = head.status == Some(101) && !head.faults.iter().any(hinders);
    session.record(What::ReceivedHead(head));
    if !is_open {
        // Octets behind a refusal are no frames.
        session.hold(Vec::new());
    }
    let product = response
        .as_ref()
        .and_then(|response| product(response.values("server")));
    Ok(Opened { is_open, product })
}

/// What a target calls itself in the first of these values.
fn product<'a>(mut values: impl Iterator<Item = &'a [u8]>) -> Option<String> {
    Some(escape_octets(values.next()?, PRODUCT_OCTETS_MAX))
}

/// Reads the head of a response, and has the session hold what comes behind it. Nothing
/// where none came.
async fn read_head<W: Watch>(
    session: &mut Session<'_, W>,
    patience: Duration,
) -> Option<HeadReader> {
    let deadline = Instant::now() + patience;
    let mut reader = HeadReader::default();
    loop {
        match session.read_raw(deadline).await {
            None => {
                session.timed_out(Awaited::Response, patience);
                note_part_of_head(session, &reader);
                return None;
            }
            Some(Ok([])) => {
                note_part_of_head(session, &reader);
                session.receive_end(false);
                return None;
            }
            Some(Err(_)) => {
                note_part_of_head(session, &reader);
                session.receive_end(true);
                return None;
            }
            Some(Ok(read)) => {
                let read = read.to_vec();
                if let Some(behind) = reader.receive(&read) {
                    debug_assert!(reader.octets().len() <= HEAD_OCTETS_MAX + behind);
                    session.hold(read[read.len() - behind..].to_vec());
                    return Some(reader);
                }
                if reader.is_too_large() {
                    let octets = reader.octets().len() as u64;
                    session.record(What::Flooded { octets });
                    return None;
                }
            }
        }
    }
}

fn note_part_of_head<W: Watch>(session: &mut Session<'_, W>, reader: &HeadReader) {
    if !reader.octets().is_empty() {
        session.record(What::ReceivedOctets(octets(reader.octets())));
    }
}

/// Sends a head in the pieces that the case asks for, with the frames behind it that
/// `behind` has.
async fn send_head<W: Watch>(
    session: &mut Session<'_, W>,
    head: Vec<u8>,
    opening: &Opening,
    behind: Option<&Opening>,
    patience: Duration,
) -> Result<(), PlayError> {
    let (sent, body) = sent_head(&head);
    session.record(What::SentHead(sent));
    if !body.is_empty() {
        session.record(What::SentOctets(octets(body)));
    }
    session.expect_head(head.len());
    let mut stream = head;
    if let Some(opening) = behind {
        stream.extend_from_slice(&session.encode(&opening.followed_by)?.octets);
    }
    let mut sizes = opening.cut.sizes(&[]);
    let mut rest = &stream[..];
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
    Ok(())
}
