//! What there is to know of a target, and why cases are not played, in words.

use wsspec_record::{Notice, Skip};

use super::number::counted;
use super::text::clean;

/// How many characters of a reason are told.
const REASON_CHARS_MAX: usize = 2000;
/// How many cases are named that were in flight.
const IN_FLIGHT_MAX: usize = 10;

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
        Notice::Died {
            status, in_flight, ..
        } => {
            let status = clean(status.trim_end_matches('.'), REASON_CHARS_MAX);
            let named: Vec<&str> = in_flight.iter().map(String::as_str).collect();
            let more = named.len().saturating_sub(IN_FLIGHT_MAX);
            let mut cases = named[..named.len() - more].join(", ");
            if more > 0 {
                cases.push_str(&format!(" and {more} more"));
            }
            if cases.is_empty() {
                format!("The target went away: {status} (no case was in flight).")
            } else {
                format!("The target went away: {status} (in flight: {cases}).")
            }
        }
        Notice::Absent { reason } => clean(reason, REASON_CHARS_MAX),
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
        Skip::NeverAsked => "The client never asked for this case.".to_owned(),
    }
}
