//! What there is to know of a target, and why cases are not played, in words.

use wsspec_record::results::{Failure, InCompany};
use wsspec_record::{Mismatch, Notice, Skip};

use super::number::counted;
use super::text::clean;

/// How many characters of a reason are told.
const REASON_CHARS_MAX: usize = 2000;
/// How many cases are named.
const NAMED_MAX: usize = 10;

/// A notice in a sentence or two.
pub fn notice(notice: &Notice) -> String {
    match notice {
        Notice::NoEchoBefore { reason } => {
            let reason = clean(reason, REASON_CHARS_MAX);
            format!("Before the first case the target did not echo a message. {reason}")
        }
        Notice::NoEchoAfter { reason } => {
            let reason = clean(reason, REASON_CHARS_MAX);
            format!("After the last case the target did not echo a message. {reason}")
        }
        Notice::NotRight { found } => {
            format!("{} --force grades it all the same.", mismatch(found))
        }
        Notice::ShownItself { late, of } => format!(
            "In {late} of the first {of} cases the target let time run out, and so the rest was \
             left; --force plays it."
        ),
        Notice::Died {
            status, in_flight, ..
        } => {
            let status = clean(status.trim_end_matches('.'), REASON_CHARS_MAX);
            match in_flight.is_empty() {
                true => format!("The target went away: {status} (no case was in flight)."),
                false => format!(
                    "The target went away: {status} (in flight: {}).",
                    named(in_flight)
                ),
            }
        }
        Notice::Absent { reason } => clean(reason, REASON_CHARS_MAX),
        Notice::InCompany { cases } => format!(
            "In company only: {} failed while others were played at the same time, and {} alone: {}.",
            counted(cases.len() as u64, "case", "cases"),
            if cases.len() == 1 {
                "passed"
            } else {
                "passed all"
            },
            named(cases)
        ),
        Notice::Returned => "The target is there again.".to_owned(),
        Notice::DiedTooOften => "The target died too often.".to_owned(),
        Notice::Hung { processes } => format!(
            "{} of the client did not end by themselves once their connection was closed.",
            counted(*processes, "process", "processes")
        ),
        Notice::NeverAsked { missing, of } => {
            format!("The client never asked for {missing} of {of} cases.")
        }
    }
}

/// What is found where an echo server was to be, and what can be done about it.
fn mismatch(found: &Mismatch) -> String {
    match found {
        Mismatch::Status { found } => {
            let what = format!("It answers the opening handshake with status {found}");
            match found {
                401 | 403 | 407 => format!(
                    "{what}: it wants to know who asks. --header 'Authorization: …' tells it."
                ),
                404 | 405 | 410 => format!("{what}: is the path of the URL right?"),
                300..=399 => format!("{what}: give the URL that it redirects to."),
                200..=299 => format!(
                    "{what}, as a server of plain HTTP does: is the URL right, and its path?"
                ),
                400 | 426 => format!(
                    "{what}: if it insists on a subprotocol, --subprotocol P offers one, and \
                     --header adds a field; if it speaks TLS, the URL begins with wss:."
                ),
                _ => format!("{what}."),
            }
        }
        Mismatch::SpeaksTls => "It speaks TLS: the URL has to begin with wss:.".to_owned(),
        Mismatch::NotHttp => {
            "What it answers is no HTTP: is the port right? If it speaks TLS, the URL has to \
             begin with wss:."
                .to_owned()
        }
        Mismatch::Ends => "It ends the connection instead of answering the opening handshake: is \
             the port right? If it speaks TLS, the URL has to begin with wss:."
            .to_owned(),
        Mismatch::Silent => "It does not answer the opening handshake: is the port right? \
             --timeout gives it more time."
            .to_owned(),
        Mismatch::NoEcho => "It opens a WebSocket connection and does not send a message back. \
             What is graded here has to echo messages: is the path right? --timeout gives it \
             more time."
            .to_owned(),
        Mismatch::OtherAnswer => "It opens a WebSocket connection and does not send the same \
             message back. What is graded here has to echo messages: is the path right, and the \
             subprotocol (--subprotocol)?"
            .to_owned(),
    }
}

/// What a case gave while others were played, where it gave something else alone.
pub fn in_company(before: &InCompany) -> String {
    let kind = before.failure.map_or(before.verdict.name(), Failure::name);
    format!(
        "In company only: {kind}: {} (at the same time: {}).",
        clean(before.reason.trim_end_matches('.'), REASON_CHARS_MAX),
        named(&before.others)
    )
}

/// Ids of cases, of which the first are named.
fn named(cases: &[String]) -> String {
    let more = cases.len().saturating_sub(NAMED_MAX);
    let named = cases[..cases.len() - more].join(", ");
    match more {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Why a case is not played, as a sentence.
pub fn skip(skip: &Skip) -> String {
    match skip {
        Skip::NotOverTls => "The case is about TLS, and the target is graded without.".to_owned(),
        Skip::NoCertificate => {
            "The certificate of the case can only be made where --tls makes the usual one."
                .to_owned()
        }
        Skip::ForStartedClients => "The case has a URL or a certificate of its own, and so needs \
             a client that is started for each case."
            .to_owned(),
        Skip::Needs {
            case,
            verdict: Some(verdict),
        } => format!("The case needs {case}, the verdict of which is {verdict}."),
        Skip::Needs {
            case,
            verdict: None,
        } => format!("The case needs {case}, which was not played before it."),
        Skip::ShownItself => {
            "The target had let time run out in the cases before; --force plays this one."
                .to_owned()
        }
        Skip::NeverAsked => "The client never asked for this case.".to_owned(),
    }
}
