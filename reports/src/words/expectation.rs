//! What a case expects: observations, traces, outcomes.

use std::fmt::Write as _;

use wsspec_cases::observation::{HandshakeExpectation, OfferRule, StaysAway};
use wsspec_cases::outcome::KeyRule;
use wsspec_cases::{Case, Codes, Observation, ObservationKind, Outcome};

use super::number::{counted, list};
use super::payload::{payload, payload_and_length};
use super::text::{clean, quoted};

/// Something that a target may do, in one line.
pub fn observation(observation: &Observation) -> String {
    let words = kind(&observation.kind);
    match &observation.on {
        Some(name) => format!("{words} on the connection {name}"),
        None => words,
    }
}

fn kind(kind: &ObservationKind) -> String {
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
/// What [`wsspec_record::CaseResult::expected`] holds. Outcomes that only give a failure words of its
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
