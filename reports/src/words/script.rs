//! What a case does: its opening handshake, its script, and what it needs.

use std::fmt::Write as _;

use wsspec_cases::case::{Feature, Need};
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::step::{Release, Send};
use wsspec_cases::{Opening, Step};

use super::expectation::observation;
use super::frame::sent_frame;
use super::number::{counted, grouped, octets};
use super::payload::{payload, payload_and_length};
use super::text::{clean, quoted};

/// A step of a script in one line, as what the runner does.
pub fn step(step: &Step) -> String {
    match step {
        Step::Send(send) => sending(send),
        Step::Release(Release::Rest) => "send the octets that were kept back".to_owned(),
        Step::Release(Release::Octets(number)) => format!(
            "send {} of those that were kept back",
            octets(u64::from(*number))
        ),
        Step::Await(awaited) => format!("wait for {}", observation(awaited)),
        Step::Quiet { milliseconds } => format!(
            "send nothing for {} ms at least",
            grouped(u64::from(*milliseconds))
        ),
        Step::EchoLoop(echo) => {
            let window = match echo.window {
                1 => String::new(),
                window => format!(", {window} on their way at once"),
            };
            format!(
                "have {} echoed {}{window}",
                sent_frame(&echo.message),
                counted(u64::from(echo.count), "time", "times")
            )
        }
        Step::HalfClose => "close our half of the TCP connection".to_owned(),
        Step::Reset => "reset the TCP connection".to_owned(),
        Step::StopReading => "stop reading".to_owned(),
        Step::ResumeReading => "read again".to_owned(),
    }
}

fn sending(send: &Send) -> String {
    let frames: Vec<String> = send.frames.iter().map(sent_frame).collect();
    let together = match frames.len() {
        0 | 1 => "",
        _ if send.chop.is_empty() => "in one write: ",
        _ => "one after the other: ",
    };
    let mut words = format!("send {together}{}", frames.join("; "));
    if !send.chop.is_empty() {
        let _ = write!(words, " — {}", chops(&send.chop, send.pause_milliseconds));
    }
    if send.withhold > 0 {
        let _ = write!(words, " — the last {} kept back", octets(send.withhold));
    }
    words
}

fn chops(sizes: &[u32], pause_ms: u32) -> String {
    let shown: Vec<String> = sizes
        .iter()
        .take(8)
        .map(|size| grouped(u64::from(*size)))
        .collect();
    let mut words = match sizes {
        [1] => "octet by octet".to_owned(),
        [every] => format!("in writes of {}", octets(u64::from(*every))),
        _ if shown.len() < sizes.len() => format!("in writes of {}, …", shown.join(", ")),
        _ => format!("in writes of {} octets", shown.join(", ")),
    };
    if pause_ms > 0 {
        let _ = write!(words, " with {pause_ms} ms between");
    }
    words
}

/// What is unusual about the opening handshake of a case, a line for each thing.
pub fn opening(opening: &Opening) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(url) = &opening.url {
        lines.push(format!("the client is given {}", quoted(&url.given, 200)));
        for means in &url.means {
            lines.push(format!("which may mean {}", quoted(means, 200)));
        }
    }
    if let Some(tls) = opening.tls {
        lines.push(
            match tls {
                OpeningTls::Skipped => "no TLS, on a port for TLS",
                OpeningTls::Untrusted => "over TLS with a certificate of an unknown authority",
                OpeningTls::Expired => "over TLS with a certificate that has expired",
                OpeningTls::OtherName => "over TLS with a certificate for another name",
            }
            .to_owned(),
        );
    }
    let head = &opening.head;
    if let Some(octets) = &head.octets {
        lines.push(format!("the head is {}", payload_and_length(octets)));
    }
    if let Some(line) = &head.start_line {
        lines.push(format!("start line {}", quoted(line, 120)));
    }
    for name in &head.remove {
        lines.push(format!("without {}", clean(name, 80)));
    }
    for (verb, fields) in [
        ("with", &head.replace),
        ("and behind the others", &head.append),
    ] {
        for field in fields {
            let times = match field.times {
                1 => String::new(),
                times => format!(", {} times", grouped(u64::from(times))),
            };
            let name = clean(&field.name, 80);
            lines.push(format!("{verb} {name}: {}{times}", payload(&field.value)));
        }
    }
    if !head.order.is_empty() {
        lines.push(format!("fields in the order {}", head.order.join(", ")));
    }
    if let Some(body) = &head.body {
        lines.push(format!("followed by {}", payload_and_length(body)));
    }
    for extension in &opening.extensions {
        lines.push(format!("extension {}", quoted(extension, 120)));
    }
    if !opening.subprotocols.is_empty() {
        lines.push(format!("subprotocols {}", opening.subprotocols.join(", ")));
    }
    if !opening.chop.is_empty() {
        lines.push(chops(&opening.chop, opening.pause_ms));
    }
    for frame in &opening.followed_by {
        lines.push(format!("in the same write: {}", sent_frame(frame)));
    }
    lines
}

/// A prerequisite of a case.
pub fn need(need: &Need) -> String {
    match need {
        Need::Feature(Feature::PermessageDeflate) => "permessage-deflate".to_owned(),
        Need::Feature(Feature::Subprotocol) => "a subprotocol".to_owned(),
        Need::Feature(Feature::Browser) => "a browser".to_owned(),
        Need::Feature(Feature::Tls) => "TLS".to_owned(),
        Need::Case(id) => format!("case {id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_fit_in_a_line() {
        for (json, expected) in [
            (
                r#"{"send": [{"text": "Hello", "rsv": 2}]}"#,
                r#"send Text "Hello" (5 octets), RSV2 set"#,
            ),
            (
                r#"{"send": [{"close": 1000, "reason": "bye"}, {"ping": ""}], "chop": 1}"#,
                r#"send one after the other: Close 1000 "bye"; Ping without payload — octet by octet"#,
            ),
            (
                r#"{"send": [{"binary": {"corpus": "prose", "octets": 4096}, "fragment_size": 64, "compress": true}], "withhold": 3}"#,
                "send Binary 4,096 octets of prose, in fragments of 64 octets, compressed — the last 3 octets kept back",
            ),
            (
                r#"{"send": [{"octets": {"hex": "83 00"}}, {"close": ""}]}"#,
                "send in one write: octets 83 00 (2 octets); Close without a status code",
            ),
            (
                r#"{"release": "rest"}"#,
                "send the octets that were kept back",
            ),
            (
                r#"{"await": {"text": "x"}}"#,
                r#"wait for Text "x" (1 octet)"#,
            ),
            (
                r#"{"echo_loop": {"message": {"text": "x", "mask": false, "length_form": "64-bit"}, "count": 1000, "window": 8}}"#,
                r#"have Text "x" (1 octet), not masked, length in its 64-bit form echoed 1,000 times, 8 on their way at once"#,
            ),
            (r#""half-close""#, "close our half of the TCP connection"),
        ] {
            let parsed: Step = serde_json::from_str(json).unwrap();
            assert_eq!(step(&parsed), expected);
        }
    }
}
