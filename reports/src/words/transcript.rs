//! What happened: the entries of a transcript.

use std::fmt::Write as _;

use wsspec_cases::Liveness;
use wsspec_record::results::{Ending, ProcessEnd};
use wsspec_record::transcript::{Awaited, EchoLoop, Entry, Phase, Stray, What};

use super::expectation::observation;
use super::frame::frame;
use super::head::{head, head_faults};
use super::number::{at, counted, grouped, octets};
use super::oddity::oddity;
use super::payload::preview;
use super::reason::no_connection;
use super::text::{clean, clean_lines, quoted};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// We did.
    Sent,
    /// The target did.
    Received,
    /// Nobody: a remark.
    Note,
}

impl Direction {
    /// An arrow as seen from us.
    pub fn arrow(self) -> &'static str {
        match self {
            Self::Sent => "→",
            Self::Received => "←",
            Self::Note => "·",
        }
    }
}

/// Who did it.
pub fn direction(what: &What) -> Direction {
    match what {
        What::SentHead(_)
        | What::SentFrame(_)
        | What::SentOctets(_)
        | What::HalfClosed
        | What::Closed
        | What::Reset => Direction::Sent,
        What::ReceivedHead(_)
        | What::ReceivedFrame(_)
        | What::ReceivedOctets(_)
        | What::ReceivedFin
        | What::ReceivedReset
        | What::Flooded { .. }
        | What::StayedAway { .. }
        | What::Stray(_)
        | What::ProcessEnded { .. }
        | What::ProcessOutput { .. }
        | What::TargetDied { .. } => Direction::Received,
        What::Phase(_)
        | What::Connected
        | What::EchoLoop(_)
        | What::Secured { .. }
        | What::EarlierKey { .. }
        | What::GivenUrl { .. }
        | What::ComesOtherwise
        | What::NotConnected { .. }
        | What::Quiet { .. }
        | What::TimedOut { .. } => Direction::Note,
    }
}

/// Something that happened, in one line without direction and time.
pub fn what(what: &What) -> String {
    match what {
        What::Phase(part) => phase(*part).to_owned(),
        What::Connected => "connected".to_owned(),
        What::SentHead(sent) | What::ReceivedHead(sent) => head(sent),
        What::SentFrame(sent) | What::ReceivedFrame(sent) => frame(sent),
        What::SentOctets(sent) | What::ReceivedOctets(sent) => {
            format!("{}: {}", octets(sent.length), preview(sent))
        }
        What::EchoLoop(course) => echo_loop(course),
        What::HalfClosed => "FIN: our half of TCP is closed".to_owned(),
        What::Closed => "TCP closed by us".to_owned(),
        What::Reset => "RST: TCP reset by us".to_owned(),
        What::ReceivedFin => "FIN: the target closed TCP".to_owned(),
        What::ReceivedReset => "RST: the target reset TCP".to_owned(),
        What::Secured { server_name } => match server_name {
            Some(name) => format!("TLS, with the server name {}", quoted(name, 100)),
            None => "TLS, without a server name".to_owned(),
        },
        What::EarlierKey { key } => {
            format!("the key of an earlier connection: {}", clean(key, 80))
        }
        What::GivenUrl { url } => format!("the client is given {}", quoted(url, 200)),
        What::ComesOtherwise => {
            "the same command connected to a plain URL and echoed a message".to_owned()
        }
        What::StayedAway { ended_by_itself } => match ended_by_itself {
            true => "the client ended without a request".to_owned(),
            false => "the client sent no request until it was stopped".to_owned(),
        },
        What::NotConnected { reason } => format!("no connection: {}", no_connection(reason)),
        What::TimedOut { awaited, waited_ms } => format!(
            "timed out after {} ms, waiting for {}",
            grouped(*waited_ms),
            self::awaited(awaited)
        ),
        What::Quiet { waited_ms } => format!("nothing sent for {} ms", grouped(*waited_ms)),
        What::Flooded { octets: number } => {
            format!("more than any answer needs: {} so far", octets(*number))
        }
        What::Stray(other) => format!("another connection: the client {}", stray(other)),
        What::ProcessEnded { status, ended, .. } => {
            format!("its process {}", process_end(status, *ended))
        }
        What::ProcessOutput { text } => {
            let lines = clean_lines(text, 2_000);
            format!("printed at the end: {}", lines.join(" / "))
        }
        What::TargetDied { status } => {
            format!("the target's process ended: {}", clean(status, 200))
        }
    }
}

fn awaited(awaited: &Awaited) -> String {
    match awaited {
        Awaited::Response => "the response to the opening handshake".to_owned(),
        Awaited::Life(Liveness::Pong) => "the Pong that shows that the target is alive".to_owned(),
        Awaited::Life(_) => "the echo that shows that the target is alive".to_owned(),
        Awaited::Observation(expected) => observation(expected),
        Awaited::Echo => "the echo of a message".to_owned(),
        Awaited::Reading => "that the target reads what we send".to_owned(),
        Awaited::Outcome => "what the case expects".to_owned(),
        Awaited::Close => "the Close frame that answers ours".to_owned(),
        Awaited::End => "the end of TCP".to_owned(),
        Awaited::Words(words) => clean(words, 200),
    }
}

/// What a client did that came for something else than the case, to follow "the client".
pub fn stray(stray: &Stray) -> String {
    match stray {
        Stray::Asked { target } => {
            format!(
                "asked for {} and not for what it was given",
                clean(target, 100)
            )
        }
        Stray::AskedWithoutTls { target } => {
            format!("asked for {} without any TLS", clean(target, 100))
        }
        Stray::NoTls { error } => format!("connected, and {}", clean(error, 200)),
        Stray::Unspoken => "connected and ended without a word".to_owned(),
        Stray::CutShort => "connected and ended before it sent a whole request".to_owned(),
        Stray::Late => "connected and sent no whole request in time".to_owned(),
        Stray::NotHttp => "connected and sent something that is no HTTP request".to_owned(),
        Stray::Endless => "connected and sent a request without an end".to_owned(),
    }
}

fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Opening => "opening handshake",
        Phase::Liveness => "proof of life",
        Phase::Script => "script",
        Phase::Waiting => "waiting for the outcome",
        Phase::Barrier => "barrier",
        Phase::Closing => "closing handshake",
    }
}

/// What is wrong with what the target sent: of frames, in words to follow "the target"
/// (an arrow says as much); of heads, in sentences.
pub fn complaints(what: &What) -> Vec<String> {
    match what {
        What::ReceivedFrame(frame) => {
            let oddities = frame.oddities.iter();
            oddities.map(|odd| oddity(*odd).to_owned()).collect()
        }
        What::ReceivedHead(head) => {
            let faults = head_faults(head).into_iter();
            faults.map(|(words, _)| words).collect()
        }
        _ => Vec::new(),
    }
}

fn echo_loop(course: &EchoLoop) -> String {
    let echoes = counted(u64::from(course.echoed), "echo", "echoes");
    let of = match course.count {
        count if count == course.echoed => String::new(),
        count => format!(" of {}", grouped(u64::from(count))),
    };
    let [shortest, median, longest] = course.latency_us;
    format!(
        "{echoes}{of} in {} ms; latency {} / {} / {} ms (shortest, median, longest)",
        at(course.took_us),
        at(shortest),
        at(median),
        at(longest)
    )
}

/// An entry in one line for a terminal: time, arrow, words.
pub fn entry(entry: &Entry) -> String {
    format!(
        "{:>10} ms {} {}",
        at(entry.at_us),
        direction(&entry.what).arrow(),
        what(&entry.what)
    )
}

/// How a process ended that was started for one case, as a sentence.
pub fn process(process: &ProcessEnd) -> String {
    let mut words = process_end(&process.status, process.ended);
    words.push('.');
    match process.connections {
        0 => words.push_str(" It did not connect."),
        1 => {}
        times => {
            let _ = write!(words, " It connected {times} times; the first time counts.");
        }
    }
    words
}

fn process_end(status: &str, ended: Ending) -> String {
    let status = clean(status, 200);
    match ended {
        Ending::ByItself => format!("ended by itself: {status}"),
        Ending::Asked => format!("hung until it was asked to end: {status}"),
        Ending::Killed => format!("hung, did not end when it was asked, and was killed: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn processes_are_put_into_words() {
        for (ended, connections, expected) in [
            (Ending::ByItself, 1, "ended by itself: exit status: 1."),
            (
                Ending::Asked,
                0,
                "hung until it was asked to end: exit status: 1. It did not connect.",
            ),
            (
                Ending::Killed,
                3,
                "hung, did not end when it was asked, and was killed: exit status: 1. \
                 It connected 3 times; the first time counts.",
            ),
        ] {
            let end = ProcessEnd {
                status: "exit status: 1".into(),
                code: Some(1),
                ended,
                connections,
                output: String::new(),
            };
            assert_eq!(process(&end), expected);
        }
    }

    #[test]
    fn an_entry_is_one_line() {
        let received = What::ReceivedFrame(fixtures::frame(0x1, b"alive"));
        assert_eq!(
            entry(&Entry::new(12_345, received)),
            "    12.345 ms ← Text \"alive\" (5 octets)"
        );
    }
}
