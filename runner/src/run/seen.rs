//! What the transcript of a result shows to a run.

use std::time::Duration;

use wsspec_record::transcript::{Awaited, Entry, NoConnection, What};
use wsspec_record::{CaseResult, Failure, Mismatch, Verdict};

/// Whether the target ended the connection: what it meant by that depends on whether it was
/// its own end.
pub(super) fn ended_by_target(result: &CaseResult) -> bool {
    has(result, |what| {
        matches!(what, What::ReceivedFin | What::ReceivedReset)
    })
}

/// Whether the target said anything.
pub(super) fn has_answered(result: &CaseResult) -> bool {
    has(result, |what| {
        matches!(
            what,
            What::ReceivedHead(_) | What::ReceivedFrame(_) | What::ReceivedOctets(_)
        )
    })
}

/// Whether the target sent a Close frame.
pub(super) fn took_leave(result: &CaseResult) -> bool {
    has(result, |what| match what {
        What::ReceivedFrame(frame) => frame.opcode == 0x8,
        _ => false,
    })
}

/// Whether the target could not be connected to though we could: it is gone.
pub(super) fn is_refused(result: &CaseResult) -> bool {
    has(result, |what| match what {
        What::NotConnected { reason } => matches!(reason, NoConnection::System(_)),
        _ => false,
    })
}

/// How long the target took to accept the connection and to answer the opening handshake:
/// nothing where it was waited for in vain, and nothing at all where it is not about that.
pub(super) fn opening(result: &CaseResult) -> Option<Option<Duration>> {
    let entries = &result.transcript.as_ref()?.entries;
    entries.iter().find_map(|entry| match &entry.what {
        What::ReceivedHead(_) => Some(Some(Duration::from_micros(entry.at_us))),
        What::NotConnected {
            reason: NoConnection::NotAccepted,
        }
        | What::TimedOut {
            awaited: Awaited::Response,
            ..
        } => Some(None),
        _ => None,
    })
}

/// What a target is that does not do what an echo endpoint does; nothing where it does, or
/// breaks a rule in it.
pub(super) fn mismatch(result: &CaseResult) -> Option<Mismatch> {
    use Failure::{Dropped, NotAlive, Timeout, WrongAnswer};
    if result.verdict == Verdict::Pass {
        return None;
    }
    let entries = &result.transcript.as_ref()?.entries;
    let head = entries.iter().find_map(|entry| match &entry.what {
        What::ReceivedHead(head) => Some(head),
        _ => None,
    });
    if let Some(head) = head {
        return match (head.status, result.failure) {
            (Some(found), _) if found != 101 => Some(Mismatch::Status { found }),
            (_, Some(Timeout | NotAlive)) => Some(Mismatch::NoEcho),
            (_, Some(WrongAnswer | Dropped)) => Some(Mismatch::OtherAnswer),
            _ => None,
        };
    }
    entries.iter().rev().find_map(|entry| match &entry.what {
        // An alert of TLS (RFC 8446 §5.1), which is what a request is to it.
        What::ReceivedOctets(octets) if octets.hex.starts_with("1503") => Some(Mismatch::SpeaksTls),
        What::ReceivedOctets(_) => Some(Mismatch::NotHttp),
        What::TimedOut { .. } => Some(Mismatch::Silent),
        What::ReceivedFin | What::ReceivedReset if !has_octets(result) => Some(Mismatch::Ends),
        _ => None,
    })
}

fn has_octets(result: &CaseResult) -> bool {
    has(result, |what| matches!(what, What::ReceivedOctets(_)))
}

/// Whether something was awaited in vain.
pub(super) fn ran_out_of_time(result: &CaseResult) -> bool {
    has(result, |what| matches!(what, What::TimedOut { .. }))
}

fn has(result: &CaseResult, is_it: impl Fn(&What) -> bool) -> bool {
    let transcript = result.transcript.iter();
    let mut entries = transcript.flat_map(|transcript| &transcript.entries);
    entries.any(|Entry { what, .. }| is_it(what))
}
