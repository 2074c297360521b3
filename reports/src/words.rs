//! Recorded facts in words: the one place where reports and the runner get them.
//!
//! What a target said is hostile text. Whatever leaves this module is bounded in
//! length, on one line, and free of characters that a terminal or a reader could be
//! deceived with; what a document asks for beyond that (`&lt;`, `\|`) is its own affair.

use std::fmt::Write as _;

use wsspec_cases::case::{Feature, Need};
use wsspec_cases::frame::{Compress, DeflateBlocks};
use wsspec_cases::observation::{HandshakeExpectation, OfferRule, StaysAway};
use wsspec_cases::opening::OpeningTls;
use wsspec_cases::outcome::KeyRule;
use wsspec_cases::payload::Corpus;
use wsspec_cases::step::{Release, Send};
use wsspec_cases::{
    Case, Codes, Cut, FrameKind, LengthForm, Mask, Observation, ObservationKind, Opening, Outcome,
    Payload, Step, StepKind,
};

use wsspec_record::results::{CaseResult, Closing, Ending, Failure, ProcessEnd, Verdict};
use wsspec_record::transcript::{EchoLoop, Entry, Frame, Head, Octets, Phase, Transcript, What};

/// How many characters of a payload stand in a line.
pub const PREVIEW_CHARS_MAX: usize = 48;
/// How many characters a reason may have.
pub const REASON_CHARS_MAX: usize = 600;

// ---- text -------------------------------------------------------------------------

/// Hostile text on one line: characters that control, reorder or hide are spelled out,
/// and what is beyond `max` characters is cut off with an ellipsis.
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max) + 4);
    for (index, character) in text.chars().enumerate() {
        if index == max {
            out.push('…');
            break;
        }
        push_clean(&mut out, character);
    }
    out
}

/// How a process ended that was started for one case, as a sentence.
pub fn process(process: &ProcessEnd) -> String {
    let status = clean(&process.status, 200);
    let mut words = match process.ended {
        Ending::ByItself => format!("ended by itself: {status}."),
        Ending::Asked => format!("hung until it was asked to end: {status}."),
        Ending::Killed => format!("hung, did not end when it was asked, and was killed: {status}."),
    };
    match process.connections {
        0 => words.push_str(" It did not connect."),
        1 => {}
        times => {
            let _ = write!(words, " It connected {times} times; the first time counts.");
        }
    }
    words
}

/// Hostile text in quotation marks; quotation marks in it are escaped.
pub fn quoted(text: &str, max: usize) -> String {
    let mut out = String::from("\"");
    let mut chars = text.chars();
    for character in chars.by_ref().take(max) {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ => push_clean(&mut out, character),
        }
    }
    out.push_str(if chars.next().is_some() {
        "…\""
    } else {
        "\""
    });
    out
}

/// Hostile text of several lines: as [`clean`], but the lines stay apart.
pub fn clean_lines(text: &str, max: usize) -> Vec<String> {
    let mut left = max;
    let mut lines = Vec::new();
    for line in text.lines() {
        if left == 0 {
            lines.push("…".to_owned());
            break;
        }
        lines.push(clean(line, left));
        left = left.saturating_sub(line.chars().count().max(1));
    }
    lines
}

fn push_clean(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0' => out.push_str("\\0"),
        _ if is_deceptive(character) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        }
        _ => out.push(character),
    }
}

/// Whether a character controls the terminal, changes the direction of the text, or
/// takes no room.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
            // Private use, and what no character can ever be.
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}'
            | '\u{f0000}'..='\u{10ffff}')
        // Combining marks pile up without bound and cover the lines around.
        || matches!(character,
            '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

// ---- numbers ----------------------------------------------------------------------

/// A number with its digits in groups of three: `65,536`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of octets: `1 octet`, `65,536 octets`.
pub fn octets(number: u64) -> String {
    counted(number, "octet", "octets")
}

/// A number of things: `1 case`, `2 cases`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", grouped(number))
}

/// A length of time, given in milliseconds, as short as it can be said.
pub fn milliseconds(ms: f64) -> String {
    match ms {
        _ if ms < 10.0 => format!("{ms:.1} ms"),
        _ if ms < 1_000.0 => format!("{ms:.0} ms"),
        _ if ms < 100_000.0 => format!("{:.1} s", ms / 1_000.0),
        _ => format!("{} s", grouped((ms / 1_000.0) as u64)),
    }
}

/// A time since the case began, in milliseconds to the microsecond: `12.345`.
pub fn at(microseconds: u64) -> String {
    let (whole, rest) = (microseconds / 1_000, microseconds % 1_000);
    format!("{}.{rest:03}", grouped(whole))
}

fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., end] => format!("{} {last} {end}", most.join(", ")),
    }
}

/// Octets in hexadecimal, with a space between.
pub fn hexadecimal(octets: &[u8]) -> String {
    let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    pairs.join(" ")
}

// ---- payloads ---------------------------------------------------------------------

/// The beginning of a payload: text in quotation marks where it is UTF-8, hexadecimal
/// where it is not; without its length.
fn octets_preview(beginning: &[u8], whole: bool) -> String {
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => Some(text),
        // What was kept may end inside of a character.
        Err(error) if !whole && error.error_len().is_none() => {
            std::str::from_utf8(&beginning[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    match text {
        Some(text) if mostly_printable(text) => {
            let mut quoted = quoted(text, PREVIEW_CHARS_MAX);
            if !whole && !quoted.ends_with("…\"") {
                quoted.pop();
                quoted.push_str("…\"");
            }
            quoted
        }
        _ => {
            let shown = &beginning[..beginning.len().min(PREVIEW_CHARS_MAX / 3)];
            let more = if shown.len() < beginning.len() || !whole {
                " …"
            } else {
                ""
            };
            format!("{}{more}", hexadecimal(shown))
        }
    }
}

/// Text that is better read in hexadecimal has at least half of it escaped.
fn mostly_printable(text: &str) -> bool {
    let escaped = text
        .chars()
        .filter(|character| is_deceptive(*character) && !character.is_whitespace())
        .count();
    2 * escaped <= text.chars().count()
}

/// Octets that were recorded, without their number: `"Hello, world!"`, `ce ba e1 …`.
pub fn preview(octets: &Octets) -> String {
    octets_preview(&octets.kept(), octets.is_whole())
}

/// A payload as a case describes it: `"Hello"`, `"*" × 65,536`.
pub fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Text(text) => octets_preview(text.as_bytes(), true),
        Payload::Hex(_) => match payload.octets() {
            Ok(octets) => octets_preview(&octets, true),
            Err(_) => "(malformed)".to_owned(),
        },
        Payload::Repeat(repeated) => {
            let what = self::payload(&repeated.repeat);
            format!("{what} × {}", grouped(repeated.times))
        }
        Payload::Random(random) => {
            format!("{} of noise (seed {})", octets(random.random), random.seed)
        }
        Payload::Corpus(corpus) => {
            let name = match corpus.corpus {
                Corpus::Prose => "prose",
                Corpus::Json => "JSON",
                Corpus::Html => "HTML",
                Corpus::Bitmap => "a bitmap",
                Corpus::Incompressible => "incompressible data",
            };
            format!("{} of {name}", octets(corpus.octets))
        }
        Payload::Concat(parts) => {
            let words: Vec<String> = parts.iter().take(6).map(self::payload).collect();
            let more = if parts.len() > words.len() {
                " + …"
            } else {
                ""
            };
            format!("{}{more}", words.join(" + "))
        }
    }
}

/// A payload with its length, where the words alone do not tell it.
fn payload_and_length(described: &Payload) -> String {
    match (described, described.len()) {
        (Payload::Random(_) | Payload::Corpus(_), _) | (_, Err(_)) => payload(described),
        (_, Ok(0)) => "without payload".to_owned(),
        (_, Ok(length)) => format!("{} ({})", payload(described), octets(length)),
    }
}

// ---- frames -----------------------------------------------------------------------

/// The RFC's name of an opcode, or `opcode 0x3`.
pub fn opcode(opcode: u8) -> String {
    match opcode {
        0x0 => "Continuation".to_owned(),
        0x1 => "Text".to_owned(),
        0x2 => "Binary".to_owned(),
        0x8 => "Close".to_owned(),
        0x9 => "Ping".to_owned(),
        0xa => "Pong".to_owned(),
        _ => format!("opcode 0x{opcode:x}"),
    }
}

/// The RSV bits that are set, by name.
pub fn rsv_bits(rsv: u8) -> Vec<&'static str> {
    [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")]
        .into_iter()
        .filter(|(bit, _)| rsv & bit != 0)
        .map(|(_, name)| name)
        .collect()
}

/// A recorded frame in one line: `Text "Hello, world!" (13 octets, masked)`.
pub fn frame(frame: &Frame) -> String {
    let mut words = opcode(frame.opcode);
    let kept = frame.payload.kept();
    match (frame.close_code(), frame.length) {
        (Some(code), _) => {
            let _ = write!(words, " {code}");
            if kept.len() > 2 {
                let reason = octets_preview(&kept[2..], frame.payload.is_whole());
                let _ = write!(words, " {reason}");
            }
        }
        (None, 0) => {}
        (None, _) => {
            let _ = write!(words, " {}", preview(&frame.payload));
        }
    }
    let mut facts = vec![octets(frame.length)];
    facts.extend(rsv_bits(frame.rsv).into_iter().map(str::to_owned));
    if !frame.fin {
        facts.push("FIN clear".to_owned());
    }
    if frame.mask.is_some() {
        facts.push("masked".to_owned());
    }
    if !frame.is_complete() {
        facts.push(format!("only {} came", grouped(frame.payload.length)));
    }
    let _ = write!(words, " ({})", facts.join(", "));
    if let Some(message) = &frame.message {
        let _ = write!(
            words,
            ", which ends a {} message of {} in {}: {}",
            opcode(message.opcode),
            octets(message.payload.length),
            counted(message.fragments, "fragment", "fragments"),
            preview(&message.payload)
        );
    }
    words
}

/// A frame that a case sends, in one line; only what is unusual is added.
pub fn sent_frame(frame: &wsspec_cases::Frame) -> String {
    let mut words = match &frame.kind {
        FrameKind::Frame {
            opcode: 0x8,
            payload: described,
        } if matches!(described.len(), Ok(0)) => "Close without a status code".to_owned(),
        FrameKind::Frame {
            opcode: number,
            payload: described,
        } => format!("{} {}", opcode(*number), payload_and_length(described)),
        FrameKind::Close { code, reason: None } => format!("Close {code}"),
        FrameKind::Close {
            code,
            reason: Some(reason),
        } => format!("Close {code} {}", payload(reason)),
        FrameKind::Octets(octets) => format!("octets {}", payload_and_length(octets)),
    };
    let mut unusual: Vec<String> = Vec::new();
    if !frame.fin {
        unusual.push("FIN clear".to_owned());
    }
    unusual.extend(
        rsv_bits(frame.rsv)
            .into_iter()
            .map(|bit| format!("{bit} set")),
    );
    match frame.mask {
        Mask::Lawful => {}
        Mask::Random => unusual.push("masked".to_owned()),
        Mask::None => unusual.push("not masked".to_owned()),
        Mask::Key([a, b, c, d]) => {
            unusual.push(format!("masked with {a:02x}{b:02x}{c:02x}{d:02x}"));
        }
    }
    if let Some(form) = frame.length_form {
        unusual.push(format!("length in its {} form", length_form(form)));
    }
    if let Some(declared) = frame.declared_length {
        unusual.push(format!("declared length {}", grouped(declared)));
    }
    if let Some(size) = frame.fragment_size {
        unusual.push(format!("in fragments of {}", octets(u64::from(size))));
    }
    if let Some(compress) = &frame.compress {
        unusual.push(compressed(compress));
    }
    if !unusual.is_empty() {
        let _ = write!(words, ", {}", unusual.join(", "));
    }
    words
}

fn length_form(form: LengthForm) -> &'static str {
    match form {
        LengthForm::SevenBit => "7-bit",
        LengthForm::SixteenBit => "16-bit",
        LengthForm::SixtyFourBit => "64-bit",
    }
}

fn compressed(compress: &Compress) -> String {
    let mut words = "compressed".to_owned();
    if let Some(bits) = compress.window_bits {
        let _ = write!(words, " with {bits} window bits");
    }
    words.push_str(match compress.blocks {
        DeflateBlocks::Usual => "",
        DeflateBlocks::Stored => ", in stored blocks",
        DeflateBlocks::Split => ", split in two blocks",
        DeflateBlocks::Final => ", the last block final",
    });
    for (told, what) in [
        (compress.keep_tail, ", 00 00 ff ff kept at the end"),
        (compress.reset_window, ", the window forgotten before"),
        (compress.rsv1_clear, ", RSV1 clear all the same"),
    ] {
        if told {
            words.push_str(what);
        }
    }
    words
}

// ---- expectations -----------------------------------------------------------------

/// Something that a target may do, in one line.
pub fn observation(observation: &Observation) -> String {
    let words = observation_kind(&observation.kind);
    match &observation.on {
        Some(name) => format!("{words} on the connection {name}"),
        None => words,
    }
}

fn observation_kind(kind: &ObservationKind) -> String {
    match kind {
        ObservationKind::Opened(expected) => {
            format!("the opening handshake succeeds{}", handshake(expected))
        }
        ObservationKind::Refused(expected) => {
            format!("the opening handshake is refused{}", handshake(expected))
        }
        ObservationKind::Text(described) => format!("Text {}", payload_and_length(described)),
        ObservationKind::Binary(described) => format!("Binary {}", payload_and_length(described)),
        ObservationKind::Ping(described) => format!("Ping {}", payload_and_length(described)),
        ObservationKind::Pong(described) => format!("Pong {}", payload_and_length(described)),
        ObservationKind::AnswersClose(expected) => match codes(expected) {
            Some(codes) => format!("the Close frame is answered with {codes} or without a code"),
            None => "the Close frame is answered".to_owned(),
        },
        ObservationKind::Fails(expected) => match codes(expected) {
            Some(codes) => format!("the connection is failed with {codes}"),
            None => "the connection is failed".to_owned(),
        },
        ObservationKind::Echoes(number) => counted(u64::from(*number), "echo", "echoes"),
        ObservationKind::BeginsClosing(close) => {
            let code = match close.code {
                Some(code) => format!("with {code}"),
                None => "without a code".to_owned(),
            };
            let reason = close.reason.as_ref().map(|reason| {
                let reason = payload(reason);
                format!(" and the reason {reason}")
            });
            format!(
                "the target begins the closing handshake {code}{}",
                reason.unwrap_or_default()
            )
        }
        ObservationKind::StaysAway(StaysAway::ByItself) => {
            "the client sends no request, and comes to its end".to_owned()
        }
        ObservationKind::StaysAway(StaysAway::UntilStopped) => {
            "the client sends no request until it is stopped".to_owned()
        }
        ObservationKind::AnyOf(traces) => format!("either {}", each(traces, " or ")),
        ObservationKind::Optional(inner) => format!("perhaps {}", group(inner)),
        ObservationKind::Unordered(traces) => format!("in any order {}", each(traces, " and ")),
        ObservationKind::Anything(_) => "anything".to_owned(),
        ObservationKind::Nothing(_) => "nothing but control frames".to_owned(),
    }
}

/// A trace in one line.
pub fn trace(observations: &[Observation]) -> String {
    if observations.is_empty() {
        return "nothing".to_owned();
    }
    let words: Vec<String> = observations.iter().map(observation).collect();
    words.join(", then ")
}

fn each(traces: &[Vec<Observation>], between: &str) -> String {
    let words: Vec<String> = traces.iter().map(|inner| group(inner)).collect();
    words.join(between)
}

/// A trace inside of another: in brackets where it would run into its surroundings.
fn group(inner: &[Observation]) -> String {
    match inner {
        [] => "nothing".to_owned(),
        [one] if one.traces().is_empty() => observation(one),
        _ => format!("({})", trace(inner)),
    }
}

fn codes(codes: &Codes) -> Option<String> {
    let mut words: Vec<String> = codes.codes().iter().map(u16::to_string).collect();
    // A parameter may repeat a code that stands there already.
    words.dedup();
    if words.is_empty() {
        return None;
    }
    let only = match codes {
        Codes::Any | Codes::Best(_) => "",
        Codes::Only(_) => " and no other code",
    };
    Some(format!("{}{only}", list(&words, "or")))
}

fn handshake(expected: &HandshakeExpectation) -> String {
    let mut parts = Vec::new();
    let classes = expected.status_class.iter();
    let mut status: Vec<String> = classes.map(|class| format!("{class}xx")).collect();
    status.extend(expected.status.iter().map(u16::to_string));
    if !status.is_empty() {
        parts.push(format!("status {}", list(&status, "or")));
    }
    for (name, value) in &expected.headers {
        match value {
            Some(value) => parts.push(format!("{name}: {}", clean(value, 80))),
            None => parts.push(format!("no {name}")),
        }
    }
    for rule in &expected.offers {
        parts.push(
            match rule {
                OfferRule::Grammar => "extensions offered by the grammar",
                OfferRule::Registered => "registered extensions offered",
                OfferRule::RegisteredOrDraft => {
                    "extensions offered that are registered or of a draft"
                }
                OfferRule::Parameters => "permessage-deflate offered with lawful parameters",
            }
            .to_owned(),
        );
    }
    if expected.origin {
        parts.push("one Origin field, well formed".to_owned());
    }
    match expected.server_name.as_deref() {
        Some("") => parts.push("no server name in TLS".to_owned()),
        Some(name) => parts.push(format!("the server name {} in TLS", quoted(name, 80))),
        None => {}
    }
    if expected.or_dropped {
        parts.push("or the connection is dropped".to_owned());
    }
    if expected.dropped {
        parts.push("the connection is dropped".to_owned());
    }
    if parts.is_empty() {
        return String::new();
    }
    format!(" ({})", parts.join(", "))
}

/// The course of an outcome in one line, its verdict left out.
pub fn course(outcome: &Outcome) -> String {
    let mut words = trace(&outcome.trace);
    if !outcome.ends_by_itself() {
        words.push_str(", then the closing handshake");
    }
    for (of, rules) in [
        ("masking keys", &outcome.masking_keys),
        ("handshake keys", &outcome.handshake_keys),
    ] {
        if !rules.is_empty() {
            let rules: Vec<String> = rules.iter().copied().map(key_rule).collect();
            let _ = write!(words, ", with {of} that are {}", list(&rules, "and"));
        }
    }
    words
}

fn key_rule(rule: KeyRule) -> String {
    match rule {
        KeyRule::Distinct => "distinct",
        KeyRule::Spread => "spread over many values",
        KeyRule::Balanced => "balanced in their bits",
        KeyRule::Unrelated => "unrelated to each other",
    }
    .to_owned()
}

/// An outcome in one line; a verdict other than pass stands behind.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome.verdict {
        wsspec_cases::OutcomeVerdict::Pass => course(outcome),
        verdict => format!("{} [{}]", course(outcome), verdict.name()),
    }
}

/// Everything that a case accepts, best first, each in one line.
///
/// What [`CaseResult::expected`] holds. Outcomes that only give a failure words of its
/// own are left out.
pub fn expected(case: &Case) -> Vec<String> {
    let mut accepted: Vec<&Outcome> = case
        .outcomes
        .iter()
        .filter(|outcome| outcome.verdict != wsspec_cases::OutcomeVerdict::Fail)
        .collect();
    accepted.sort_by_key(|outcome| outcome.verdict.rank());
    accepted.into_iter().map(outcome).collect()
}

// ---- scripts ----------------------------------------------------------------------

/// A step of a script in one line, as what the runner does.
pub fn step(step: &Step) -> String {
    let words = step_kind(&step.kind, step.on.as_deref());
    match (&step.kind, &step.on) {
        (_, None) | (StepKind::Open, _) => words,
        (_, Some(name)) => format!("on the connection {name}: {words}"),
    }
}

fn step_kind(kind: &StepKind, on: Option<&str>) -> String {
    match kind {
        StepKind::Open => format!("open the connection {}", on.unwrap_or("main")),
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
    if let Some(cut) = cut(&opening.cut, opening.pause_ms) {
        lines.push(cut);
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

// ---- transcripts ------------------------------------------------------------------

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
        | What::TargetDied { .. } => Direction::Received,
        What::Phase(_)
        | What::Connected
        | What::EchoLoop(_)
        | What::Secured { .. }
        | What::EarlierKey { .. }
        | What::GivenUrl { .. }
        | What::ComesOtherwise
        | What::NotConnected { .. }
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
        What::NotConnected { reason } => format!("no connection: {}", clean(reason, 200)),
        What::TimedOut { awaited, waited_ms } => format!(
            "timed out after {} ms, waiting for {}",
            grouped(*waited_ms),
            clean(awaited, 200)
        ),
        What::Flooded { octets: number } => {
            format!("more than any answer needs: {} so far", octets(*number))
        }
        What::TargetDied { status } => {
            format!("the target's process ended: {}", clean(status, 200))
        }
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

fn head(head: &Head) -> String {
    let line = head.text.lines().next().unwrap_or_default();
    let mut words = match line {
        "" => "an empty head".to_owned(),
        line => clean(line, 120),
    };
    let fields = head.text.lines().skip(1).filter(|line| !line.is_empty());
    let fields = fields.count() as u64;
    if fields > 0 {
        let _ = write!(words, " and {}", counted(fields, "field", "fields"));
    }
    words
}

/// What is wrong with what the target sent: of frames, in words to follow "the target"
/// (an arrow says as much); of heads, in sentences.
pub fn complaints(what: &What) -> Vec<String> {
    match what {
        What::ReceivedFrame(frame) => frame
            .oddities
            .iter()
            .map(|oddity| oddity.facts().words.to_owned())
            .collect(),
        What::ReceivedHead(head) => {
            let faults = head.faults.iter();
            faults.map(|fault| clean(&fault.words, 200)).collect()
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

/// What the target did after the opening handshake and the proof of life, in one line.
///
/// What [`CaseResult::observed`] may hold; bounded, however much the target sent.
pub fn observed(transcript: &Transcript) -> String {
    const SHOWN_MAX: usize = 8;
    let entries = &transcript.entries;
    let script = entries
        .iter()
        .position(|entry| entry.what == What::Phase(Phase::Script))
        .unwrap_or(0);
    let telling: Vec<&Entry> = entries[script..]
        .iter()
        .filter(|entry| match &entry.what {
            What::Phase(_) | What::Connected => false,
            what => direction(what) != Direction::Sent,
        })
        .collect();
    if telling.is_empty() {
        return "nothing".to_owned();
    }
    let mut words: Vec<String> = telling
        .iter()
        .take(SHOWN_MAX)
        .map(|entry| match &entry.what {
            What::ReceivedFin => "FIN".to_owned(),
            What::ReceivedReset => "RST".to_owned(),
            other => what(other),
        })
        .collect();
    let more = (telling.len() - words.len()) as u64 + transcript.omitted;
    if more > 0 {
        words.push(format!("{} more", grouped(more)));
    }
    words.join(", then ")
}

// ---- verdicts ---------------------------------------------------------------------

/// What a verdict means, in one sentence.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "The target did what the RFC asks.",
        Verdict::NonStrict => "Allowed, but not what a SHOULD asks or what is plainly best.",
        Verdict::Fail => "A MUST was broken.",
        Verdict::Info => "The RFC leaves this open; what the target does is recorded.",
        Verdict::Unimplemented => "An optional feature was not negotiated.",
        Verdict::Skipped => "A prerequisite was not met, so the case was not played.",
        Verdict::Error => "No judgement was possible.",
    }
}

/// What a closing means, in one sentence.
pub fn closing(closing: Closing) -> &'static str {
    match closing {
        Closing::Ok => "The connection ended as it should.",
        Closing::WrongCode => "The Close frame carries a status code that does not fit.",
        Closing::Unclean => "The connection ended without the Close frame that answers ours.",
        Closing::FailedByClient => "The server left the closing of TCP to the client.",
        Closing::Info => "The RFC leaves open how the connection ends here; recorded.",
        Closing::Fail => "The wrong side ended the connection, or nobody did.",
        Closing::None => "The case did not get as far as the closing.",
    }
}

/// What a failure means, in one sentence.
pub fn failure(failure: Failure) -> &'static str {
    match failure {
        Failure::WrongAnswer => "Something else came than what was expected.",
        Failure::UnlawfulFrame => "A frame of the target breaks the RFC by itself.",
        Failure::Timeout => "Nothing came in time.",
        Failure::Dropped => "The connection ended where it should have gone on.",
        Failure::NotAlive => "The target was not alive before the script began.",
        Failure::OpeningHandshake => "The opening handshake went wrong.",
        Failure::Flood => "The target sent more than any answer can need.",
        Failure::TargetDied => "The target's process ended or stopped listening.",
        Failure::Unreachable => "No connection to the target could be made.",
        Failure::Harness => "A mistake of wsspec, not of the target.",
    }
}

/// Why a result is what it is: its reason, bounded; where there is none, what its
/// failure, closing or verdict means.
pub fn reason(result: &CaseResult) -> String {
    if !result.reason.trim().is_empty() {
        return clean(result.reason.trim(), REASON_CHARS_MAX);
    }
    match (result.failure, result.closing) {
        (Some(kind), _) => failure(kind),
        (None, Closing::Ok | Closing::Info | Closing::None) => verdict(result.verdict),
        (None, kind) => closing(kind),
    }
    .to_owned()
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
    fn nothing_deceptive_gets_through() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\0"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("\u{feff}\u{200b}", "\\u{feff}\\u{200b}"),
            ("e\u{301}", "e\\u{301}"),
            ("κόσμε 😀", "κόσμε 😀"),
        ] {
            assert_eq!(clean(text, 100), expected, "{text:?}");
        }
        assert_eq!(clean(&"x".repeat(10_000), 5), "xxxxx…");
        assert_eq!(clean("xxxxx", 5), "xxxxx");
        assert_eq!(quoted("say \"\\\"", 20), r#""say \"\\\"""#);
        assert_eq!(quoted("abcdef", 3), "\"abc…\"");
        assert_eq!(clean_lines("a\r\nb\u{7}\n", 9), ["a", "b\\u{7}"]);
        assert_eq!(clean_lines("abc\ndef\nghi", 4), ["abc", "d…", "…"]);
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [
            (0, "0 octets"),
            (1, "1 octet"),
            (999, "999 octets"),
            (1_000, "1,000 octets"),
            (65_536, "65,536 octets"),
            (u64::MAX, "18,446,744,073,709,551,615 octets"),
        ] {
            assert_eq!(octets(number), expected);
        }
        for (ms, expected) in [
            (0.04, "0.0 ms"),
            (9.96, "10.0 ms"),
            (999.0, "999 ms"),
            (1_500.0, "1.5 s"),
            (1_234_567.0, "1,234 s"),
        ] {
            assert_eq!(milliseconds(ms), expected);
        }
        assert_eq!(at(1_234_056), "1,234.056");
    }

    #[test]
    fn recorded_frames_fit_in_a_line() {
        for (recorded, expected) in [
            (
                fixtures::frame(0x1, b"Hello, world!"),
                r#"Text "Hello, world!" (13 octets)"#,
            ),
            (fixtures::frame(0x9, b""), "Ping (0 octets)"),
            (
                fixtures::frame(0x8, b"\x03\xeareserved bits"),
                r#"Close 1002 "reserved bits" (15 octets)"#,
            ),
            (fixtures::frame(0x8, b"\x03"), "Close 03 (1 octet)"),
            (
                fixtures::frame(0x2, b"\xff\xfe\x00"),
                "Binary ff fe 00 (3 octets)",
            ),
            (
                Frame {
                    rsv: 2,
                    fin: false,
                    mask: Some("01020304".into()),
                    ..fixtures::frame(0x3, b"abcde")
                },
                r#"opcode 0x3 "abcde" (5 octets, RSV2, FIN clear, masked)"#,
            ),
            (
                fixtures::frame(0x1, &[b'*'; 65_536]),
                r#"Text "************************************************…" (65,536 octets)"#,
            ),
            (
                Frame {
                    length: 70,
                    ..fixtures::frame(0x2, b"ab")
                },
                r#"Binary "ab" (70 octets, only 2 came)"#,
            ),
        ] {
            assert_eq!(frame(&recorded), expected);
        }
    }

    #[test]
    fn a_character_that_was_cut_is_left_out() {
        let mut text = "a".repeat(127).into_bytes();
        text.extend_from_slice("κ".as_bytes());
        let recorded = Octets {
            length: 129,
            hex: fixtures::hex(&text[..128]),
            sha1: None,
        };
        assert_eq!(preview(&recorded), format!("\"{}…\"", "a".repeat(48)));
    }

    #[test]
    fn outcomes_fit_in_a_line() {
        for (json, expected) in [
            (
                r#"{"pass": [{"text": "Hello"}, {"fails": {"best": 1002}}]}"#,
                r#"Text "Hello" (5 octets), then the connection is failed with 1002"#,
            ),
            (
                r#"{"non-strict": [{"fails": {"only": [1002, 1007]}}]}"#,
                "the connection is failed with 1002 or 1007 and no other code [non-strict]",
            ),
            (r#"{"pass": []}"#, "nothing, then the closing handshake"),
            (
                r#"{"info": [{"any_of": [[{"ping": ""}], [{"pong": "x"}, {"echoes": 1000}]]}]}"#,
                r#"either Ping without payload or (Pong "x" (1 octet), then 1,000 echoes), then the closing handshake [info]"#,
            ),
            (
                r#"{"pass": [{"optional": [{"binary": {"repeat": {"hex": "fe"}, "times": 65536}}]}, {"answers_close": {"best": 1000}}]}"#,
                "perhaps Binary fe × 65,536 (65,536 octets), then the Close frame is answered with 1000 or without a code",
            ),
            (
                r#"{"pass": [{"refused": {"status": [400, 426], "headers": {"Sec-WebSocket-Version": "13", "Upgrade": null}, "or_dropped": true}}]}"#,
                "the opening handshake is refused (status 400 or 426, Sec-WebSocket-Version: 13, no Upgrade, or the connection is dropped)",
            ),
        ] {
            let parsed: Outcome = serde_json::from_str(json).unwrap();
            assert_eq!(outcome(&parsed), expected);
        }
    }

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

    #[test]
    fn what_was_observed_begins_after_the_proof_of_life_and_is_bounded() {
        let entry = |what| Entry {
            at_us: 12_345,
            what,
        };
        let received = |payload: &[u8]| entry(What::ReceivedFrame(fixtures::frame(0x1, payload)));
        let mut transcript = Transcript {
            entries: vec![
                entry(What::Phase(Phase::Liveness)),
                received(b"alive"),
                entry(What::Phase(Phase::Script)),
                entry(What::SentFrame(fixtures::frame(0x1, b"a"))),
            ],
            omitted: 0,
        };
        assert_eq!(observed(&transcript), "nothing");
        transcript.entries.push(received(b"a"));
        transcript.entries.push(entry(What::ReceivedFin));
        assert_eq!(observed(&transcript), "Text \"a\" (1 octet), then FIN");
        transcript.entries.extend(vec![received(b"b"); 1_000]);
        transcript.omitted = 5_000;
        assert!(observed(&transcript).ends_with(", then 5,994 more"));
        assert_eq!(
            super::entry(&transcript.entries[1]),
            "    12.345 ms ← Text \"alive\" (5 octets)"
        );
    }

    #[test]
    fn every_word_is_a_sentence() {
        let sentences = Verdict::ALL
            .iter()
            .map(|value| verdict(*value))
            .chain(Closing::ALL.iter().map(|value| closing(*value)))
            .chain(Failure::ALL.iter().map(|value| failure(*value)));
        for sentence in sentences {
            assert!(sentence.ends_with('.') && sentence.len() < 80, "{sentence}");
        }
    }
}
