//! What a case does: its opening handshake, its script, and what it needs.

use std::fmt::Write as _;

use wsspec_cases::case::{Feature, Need};
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::step::{Release, Send};
use wsspec_cases::{Cut, Opening, Step, StepKind};

use super::expectation::observation;
use super::frame::sent_frame;
use super::number::{counted, grouped, octets};
use super::payload::{payload, payload_and_length};
use super::text::{clean, quoted};

/// A step of a script in one line, as what the runner does.
pub fn step(step: &Step) -> String {
    let words = kind(&step.kind);
    match (&step.kind, &step.on) {
        (StepKind::Open, Some(name)) => format!("{words} {name}"),
        (_, Some(name)) => format!("on the connection {name}: {words}"),
        (_, None) => words,
    }
}

fn kind(kind: &StepKind) -> String {
    match kind {
        StepKind::Open => "open the connection".to_owned(),
        StepKind::Send(send) => sending(send),
        StepKind::Release(Release::Rest) => "send the octets that were kept back".to_owned(),
        StepKind::Release(Release::Octets(number)) => format!(
            "send {} of those that were kept back",
            octets(u64::from(*number))
        ),
        StepKind::Await(awaited) => format!("wait for {}", observation(awaited)),
        StepKind::Quiet { milliseconds } => format!(
            "send nothing for {} ms at least",
            grouped(u64::from(*milliseconds))
        ),
        StepKind::EchoLoop(echo) => {
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
        StepKind::HalfClose => "close our half of the TCP connection".to_owned(),
        StepKind::Reset => "reset the TCP connection".to_owned(),
        StepKind::StopReading => "stop reading".to_owned(),
        StepKind::ResumeReading => "read again".to_owned(),
    }
}

fn sending(send: &Send) -> String {
    let frames: Vec<String> = send.frames.iter().map(sent_frame).collect();
    let together = match frames.len() {
        0 | 1 => "",
        _ if send.cut.is_together() => "in one write: ",
        _ => "one after the other: ",
    };
    let mut words = format!("send {together}{}", frames.join("; "));
    if let Some(cut) = cut(&send.cut, send.pause_milliseconds) {
        let _ = write!(words, " — {cut}");
    }
    if send.withhold > 0 {
        let _ = write!(words, " — the last {} kept back", octets(send.withhold));
    }
    words
}

/// The writes in which octets leave, where there is more than one.
fn cut(cut: &Cut, pause_ms: u32) -> Option<String> {
    let mut words = match cut {
        Cut::Together => return None,
        Cut::Frames => "each frame in a write of its own".to_owned(),
        Cut::Every(1) => "octet by octet".to_owned(),
        Cut::Every(size) => format!("in writes of {}", octets(u64::from(*size))),
        Cut::Sizes(sizes) => {
            let mut shown: Vec<String> = sizes
                .iter()
                .take(8)
                .map(|size| grouped(u64::from(*size)))
                .collect();
            if shown.len() < sizes.len() {
                shown.push("…".to_owned());
            }
            format!("in writes of {} octets and the rest", shown.join(", "))
        }
    };
    if pause_ms > 0 {
        let _ = write!(words, " with {pause_ms} ms between");
    }
    Some(words)
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
    lines.extend(cut(&opening.cut, opening.pause_ms));
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
                r#"{"send": [{"text": "Hello", "rsv": [2]}]}"#,
                r#"send Text "Hello" (5 octets), RSV2 set"#,
            ),
            (
                r#"{"send": [{"close": 1000, "reason": "bye"}, {"ping": ""}], "cut": "octets"}"#,
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
