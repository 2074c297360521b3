//! Why a verdict is what it is, and what was observed.

use wsspec_cases::case::Need;
use wsspec_record::reason::{Absence, KeyFault, Keys, OctetOrder};
use wsspec_record::results::Ending;
use wsspec_record::transcript::{NoConnection, What};
use wsspec_record::{Event, Observed, Reason, Transcript};

use super::expectation::observation;
use super::head::fault;
use super::number::{counted, grouped, milliseconds, octets};
use super::oddity::oddity;
use super::payload::preview;
use super::script::need;
use super::text::clean;
use super::transcript::stray;

/// Why a verdict is what it is, as a sentence or two.
pub fn why(reason: &Reason) -> String {
    match reason {
        Reason::AsExpected => "The target did what is expected.".to_owned(),
        Reason::Because(words) | Reason::Words(words) => words.clone(),
        Reason::Stray(who) => format!("The client {}.", stray(who)),
        Reason::NotConnected { reason } => {
            format!("No connection could be made: {}.", no_connection(reason))
        }
        Reason::Died { status } => format!(
            "The target's process ended while this case ran: {}.",
            clean(status, 200)
        ),
        Reason::Head(broken) => format!("{}.", fault(&broken.fault)),
        Reason::Status { found } => {
            format!("The target answered the opening handshake with status {found}.")
        }
        Reason::NoResponse(absence) => match absence {
            Absence::TimedOut => "The target did not answer the opening handshake in time.",
            Absence::Endless => "The response to the opening handshake has no end.",
            Absence::Ended | Absence::SomethingElse => {
                "The target ended the connection instead of answering the opening handshake."
            }
        }
        .to_owned(),
        Reason::Frame(odd) => format!("The target {}.", oddity(*odd)),
        Reason::Flooded { octets: number } => format!(
            "The target sent more than any answer can need: {}.",
            octets(*number)
        ),
        Reason::NotAlive(absence) => {
            let what = match absence {
                Absence::TimedOut => "answered nothing in time",
                Absence::Ended => "ended the connection",
                Absence::SomethingElse | Absence::Endless => "answered something else",
            };
            format!(
                "Before the script began, the target was to echo a message; it {what}, so that nothing it does \
                 later proves anything."
            )
        }
        Reason::EndedBeforeScript { came } => format!(
            "The target ended the connection before anything of the script was sent, with {}; that proves nothing.",
            event(came)
        ),
        Reason::On { connection, reason } => {
            format!("On connection {}: {}", clean(connection, 40), why(reason))
        }
        Reason::WentOn => {
            "The target went on as if nothing were wrong: it echoed a message that was sent behind \
                           what it has to refuse."
                .to_owned()
        }
        Reason::Instead { expected, came } => {
            format!("Expected: {}. Instead: {}.", any_of(expected), event(came))
        }
        Reason::NotBeforeItsEnd { expected } => {
            format!("Expected before everything was sent: {}.", any_of(expected))
        }
        Reason::Missing {
            expected,
            timed_out,
        } => {
            let what = match timed_out {
                true => "Nothing came in time",
                false => "It did not come",
            };
            format!("Expected: {}. {what}.", any_of(expected))
        }
        Reason::Keys { of, fault } => {
            let of = match of {
                Keys::Masking => "masking keys",
                Keys::Handshake => "Sec-WebSocket-Key",
            };
            format!("Of {of}: {}.", key_fault(fault))
        }
        Reason::FeatureMissing(feature) => format!(
            "The case needs {}, which the target does not show.",
            need(&Need::Feature(*feature))
        ),
        Reason::TooFewConnections { wanted, seen } => format!(
            "The case compares {wanted} connections of the client, of which {seen} were seen."
        ),
        Reason::NoOutcome => "The case has no outcome for this target.".to_owned(),
    }
}

/// Why a case failed, with how the target's process ended and what it said last.
pub fn why_with_last_words(reason: &Reason, transcript: &Transcript) -> String {
    let mut words = why(reason);
    for entry in &transcript.entries {
        match &entry.what {
            What::ProcessEnded {
                status,
                code,
                ended: Ending::ByItself,
            } if *code != Some(0) && !words.contains(status.as_str()) => {
                words.push_str(&format!(" Its process ended with {}.", clean(status, 200)));
            }
            What::ProcessOutput { text } => {
                let last = text.trim_end().lines().last().unwrap_or_default();
                if !last.is_empty() {
                    words.push_str(&format!(" Its last words: {}", clean(last, 200)));
                }
            }
            _ => {}
        }
    }
    words
}

/// Why no connection could be made, to follow a colon.
pub(super) fn no_connection(reason: &NoConnection) -> String {
    match reason {
        NoConnection::NotAccepted => "the connection was not accepted in time".to_owned(),
        NoConnection::Ended { status } => format!(
            "the process ended without connecting to the URL that it was given ({})",
            clean(status, 200)
        ),
        NoConnection::NotMade { waited_ms } => format!(
            "the client did not connect to the URL that it was given within {}",
            milliseconds(*waited_ms as f64)
        ),
        NoConnection::NorOtherwise(reason) => format!(
            "right before, the same command did not echo a message at a plain URL either ({})",
            why(reason).trim_end_matches('.')
        ),
        NoConnection::Ours { error } => format!(
            "we could not open one ({}); fewer --jobs, or a higher limit of open files (ulimit \
             -n), may help",
            clean(error, 200)
        ),
        NoConnection::NoTls { error } => {
            let error = clean(error, 400);
            match error.contains("--ca") {
                true => error,
                false => format!("{error} (if it speaks no TLS, the URL begins with ws:)"),
            }
        }
        NoConnection::System(words) => clean(words, 400),
    }
}

/// What was observed, in one line.
pub fn observed(observed: &Observed) -> String {
    let mut parts: Vec<String> = observed.events.iter().map(event).collect();
    if observed.more > 0 {
        parts.push(format!("{} more", grouped(observed.more)));
    }
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", then ")
    }
}

fn any_of(expected: &[wsspec_cases::Observation]) -> String {
    if expected.is_empty() {
        return "only the closing handshake".to_owned();
    }
    let words: Vec<String> = expected.iter().map(observation).collect();
    words.join(", or ")
}

fn event(event: &Event) -> String {
    let payload = |kind: &str, payload: &wsspec_record::Octets| {
        format!("{kind} {} ({})", preview(payload), octets(payload.length))
    };
    match event {
        Event::Head(head) => match head.status {
            Some(status) => format!("a response with status {status}"),
            None if head.start.contains(" HTTP/1.") => {
                format!("a request, {}", clean(&head.start, 120))
            }
            None => "a response that is no HTTP".to_owned(),
        },
        Event::Text(text) => payload("Text", text),
        Event::Binary(binary) => payload("Binary", binary),
        Event::Ping(ping) => payload("Ping", ping),
        Event::Pong(pong) => payload("Pong", pong),
        Event::Close { code, reason } => {
            let code = match code {
                Some(code) => format!("Close {code}"),
                None => "Close without a code".to_owned(),
            };
            match reason.length {
                0 => code,
                _ => format!("{code} {}", preview(reason)),
            }
        }
        Event::StayedAway { ended_by_itself } => match ended_by_itself {
            true => "the client ended without a request".to_owned(),
            false => "the client sent no request until it was stopped".to_owned(),
        },
        Event::Echoes(count) => counted(u64::from(*count), "echo", "echoes"),
        Event::End { reset: false } => "the end of the connection".to_owned(),
        Event::End { reset: true } => "a reset of the connection".to_owned(),
    }
}

fn key_fault(fault: &KeyFault) -> String {
    let as_numbers = |order: &OctetOrder| match order {
        OctetOrder::BigEndian => "as big-endian numbers",
        OctetOrder::LittleEndian => "as little-endian numbers",
    };
    match fault {
        KeyFault::TooFew { keys } => format!("there are only {keys} keys to look at"),
        KeyFault::Repeated {
            repeated,
            keys,
            key,
            times,
        } => format!(
            "{repeated} of {keys} keys had been used before; {} comes {times} times",
            clean(key, 64)
        ),
        KeyFault::Narrow {
            octet,
            values,
            keys,
        } => format!("octet {octet} of {keys} keys takes {values} values only"),
        KeyFault::Unbalanced {
            octet,
            bit,
            set,
            samples,
        } => format!("bit {bit} of octet {octet} is set in {set} of {samples} samples"),
        KeyFault::SameStep { times, order } => format!(
            "from key to key there is the same step {times} times, {}",
            as_numbers(order)
        ),
        KeyFault::SmallSteps {
            small,
            steps,
            order,
        } => format!(
            "{small} of {steps} steps from key to key are small, {}",
            as_numbers(order)
        ),
        KeyFault::Congruence { steps, order } => format!(
            "keys follow a linear congruence, {}: {steps} steps have the same factor",
            as_numbers(order)
        ),
        KeyFault::SameBits { times } => {
            format!("from key to key the same bits change {times} times")
        }
        KeyFault::Predicted { bits } => {
            format!("{bits} bits of each key are a linear function of the key before")
        }
    }
}
