//! Rules for cases that the types cannot express.

use std::collections::HashMap;

use crate::case::{Case, Liveness};
use crate::error::{CaseError, CaseErrorKind};
use crate::flag::Flags;
use crate::frame::Frame;
use crate::load::{Located, PathPart};
use crate::opening::OpeningTls;
use crate::outcome::{Observation, Outcome, Verdict, trace_proves_life};
use crate::payload::Payload;
use crate::requirement::Catalogue;
use crate::step::{Release, Step};
use crate::target::Target;

/// Finds every mistake in cases that were loaded together.
pub fn check(cases: &[Located], catalogue: &Catalogue, flags: &Flags) -> Vec<CaseError> {
    let mut errors = Vec::new();
    let mut ids: HashMap<&str, &str> = HashMap::new();
    let mut numbers: HashMap<&str, &str> = HashMap::new();
    for located in cases {
        let case = &located.case;
        let mut found = |path: &[PathPart], kind| {
            errors.push(CaseError {
                place: located.entry.place(path),
                kind,
            });
        };
        if !is_slug_path(&case.id) {
            found(
                &["id".into()],
                CaseErrorKind::IdForm {
                    id: case.id.clone(),
                },
            );
        }
        if let Some(other) = ids.insert(&case.id, &located.entry.file) {
            let (id, other) = (case.id.clone(), other.to_owned());
            found(&["id".into()], CaseErrorKind::IdTaken { id, other });
        }
        if let Some(number) = &case.autobahn
            && let Some(other) = numbers.insert(number, &case.id)
        {
            let (number, other) = (number.clone(), other.to_owned());
            let kind = CaseErrorKind::AutobahnTaken { number, other };
            found(&["autobahn".into()], kind);
        }
        requirements(case, catalogue, &mut found);
        for (at, name) in case.flags.iter().enumerate() {
            if flags.find(name).is_none() {
                let name = name.clone();
                let path = ["flags".into(), at.into()];
                found(&path, CaseErrorKind::UnknownFlag { name });
            }
        }
        client_alone(case, &mut found);
        script(case, &mut found);
        outcomes(case, &mut found);
        for payload in case
            .opening
            .head
            .payloads()
            .chain(case.opening.followed_by.iter().flat_map(Frame::payloads))
        {
            check_payload(payload, &["opening".into()], &mut found);
        }
    }
    let known: Vec<&str> = ids.keys().copied().collect();
    for located in cases {
        for (at, need) in located.case.needs.iter().enumerate() {
            if let crate::Need::Case(id) = need
                && !known.contains(&id.as_str())
            {
                errors.push(CaseError {
                    place: located.entry.place(&["needs".into(), at.into()]),
                    kind: CaseErrorKind::UnknownCase { id: id.clone() },
                });
            }
        }
    }
    // One mistake in an entry with `for_each` shows once for each of its cases.
    errors.dedup();
    errors
}

type Found<'a> = dyn FnMut(&[PathPart], CaseErrorKind) + 'a;

fn is_slug_path(id: &str) -> bool {
    let slug = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    id.split('/').count() >= 2 && id.split('/').all(slug)
}

fn requirements(case: &Case, catalogue: &Catalogue, found: &mut Found<'_>) {
    if case.requirements.is_empty() {
        found(&["requirements".into()], CaseErrorKind::NoRequirement);
    }
    for (at, id) in case.requirements.iter().enumerate() {
        let path = ["requirements".into(), at.into()];
        match catalogue.find(id) {
            None => {
                let suggestion = catalogue.nearest(id).map(str::to_owned);
                let id = id.clone();
                found(&path, CaseErrorKind::UnknownRequirement { id, suggestion });
            }
            Some(requirement) if !requirement.binds(case.target) => {
                let (id, binds) = (id.clone(), requirement.applies_to.join(" and "));
                found(&path, CaseErrorKind::RequirementOfOtherRole { id, binds });
            }
            Some(_) => {}
        }
    }
}

/// What only makes sense with clients, and with what it needs.
fn client_alone(case: &Case, found: &mut Found<'_>) {
    let is_client = case.target == Target::Client;
    let offends = |what: &'static str| CaseErrorKind::ClientAlone { what };
    if case.opening.url.is_some() && !is_client {
        found(
            &["opening".into(), "url".into()],
            offends("a URL to be given"),
        );
    }
    let is_for_server = case.opening.tls == Some(OpeningTls::Skipped);
    let is_of_other_role = match case.target {
        Target::Server => !is_for_server,
        Target::Client => is_for_server,
        Target::Endpoint => true,
    };
    if case.opening.tls.is_some() && is_of_other_role {
        found(
            &["opening".into(), "tls".into()],
            CaseErrorKind::ClientAlone {
                what: "a certificate (skipped TLS for those whose target is server)",
            },
        );
    }
    if case.connections > 1 && !is_client {
        found(&["connections".into()], offends("a number of connections"));
    }
    for (at, outcome) in case.outcomes.iter().enumerate() {
        let path: [PathPart; 2] = ["outcomes".into(), at.into()];
        let stays_away = outcome
            .observe
            .iter()
            .any(|observation| matches!(observation, Observation::StaysAway(_)));
        if stays_away && !case.starts_client() {
            found(
                &path,
                offends("staying away, with a URL or a certificate of the case's own,"),
            );
        }
        let has_keys = !(outcome.masking_keys.is_empty() && outcome.handshake_keys.is_empty());
        if has_keys && !is_client {
            found(&path, offends("a rule for keys"));
        }
        if !outcome.handshake_keys.is_empty() && case.connections < 2 {
            found(
                &path,
                offends("a rule for handshake keys, with a number of connections,"),
            );
        }
    }
}

fn script(case: &Case, found: &mut Found<'_>) {
    let mut withheld = 0_u64;
    let mut declares_more = false;
    for (at, step) in case.script.iter().enumerate() {
        let path: [PathPart; 2] = ["script".into(), at.into()];
        match step {
            Step::Send(send) => {
                if withheld > 0 {
                    let expected = "octets that were kept back are released before the next send";
                    found(&path, CaseErrorKind::Withhold { expected });
                }
                withheld = send.withhold;
                declares_more = send.frames.last().is_some_and(Frame::declares_more);
                for (index, frame) in send.frames.iter().enumerate() {
                    let path = ["script".into(), at.into(), "send".into(), index.into()];
                    for payload in frame.payloads() {
                        check_payload(payload, &path, found);
                    }
                }
            }
            Step::Release(release) => {
                let octets = match release {
                    Release::Octets(octets) => u64::from(*octets),
                    Release::Rest => withheld,
                };
                if withheld == 0 || octets > withheld {
                    let expected = "release lets through what withhold kept back, and no more";
                    found(&path, CaseErrorKind::Withhold { expected });
                }
                withheld = withheld.saturating_sub(octets);
            }
            Step::Quiet { .. } if withheld == 0 && !declares_more => {
                found(&path, CaseErrorKind::QuietOutsideFrame);
            }
            Step::Await(observation) => observation_payloads(observation, &path, found),
            _ => {}
        }
    }
}

fn outcomes(case: &Case, found: &mut Found<'_>) {
    if case.outcomes.is_empty() {
        found(&["outcomes".into()], CaseErrorKind::NoOutcome);
    }
    let mut previous: Option<&Outcome> = None;
    for (at, outcome) in case.outcomes.iter().enumerate() {
        let path: [PathPart; 2] = ["outcomes".into(), at.into()];
        if outcome.verdict != Verdict::Pass && outcome.because.is_none() {
            found(&path, CaseErrorKind::NoReason);
        }
        if let Some(previous) = previous
            && outcome.verdict.rank() < previous.verdict.rank()
        {
            let (this, previous) = (outcome.verdict.name(), previous.verdict.name());
            found(&path, CaseErrorKind::OutcomeOrder { this, previous });
        }
        previous = Some(outcome);
        if ends_early(&outcome.observe) {
            found(&path, CaseErrorKind::BehindTheEnd);
        }
        let counts = matches!(outcome.verdict, Verdict::Pass | Verdict::NonStrict);
        if counts && case.liveness() == Liveness::None && is_vacuous(&outcome.observe) {
            let verdict = outcome.verdict.name();
            found(&path, CaseErrorKind::VacuousPass { verdict });
        }
        for observation in &outcome.observe {
            observation_payloads(observation, &path, found);
        }
    }
}

/// Whether a target that does nothing could follow this trace.
fn is_vacuous(trace: &[Observation]) -> bool {
    match trace.first() {
        // That it connects elsewhere is shown right before.
        Some(Observation::Refused(_) | Observation::StaysAway(_)) => false,
        // A case on the opening handshake alone: the handshake is the proof.
        Some(Observation::Opened(_)) => trace.len() > 1 && !trace_proves_life(&trace[1..]),
        _ => !trace_proves_life(trace),
    }
}

fn ends_early(trace: &[Observation]) -> bool {
    let inner =
        |observation: &Observation| observation.traces().iter().any(|trace| ends_early(trace));
    let last = trace.len().saturating_sub(1);
    trace.iter().any(inner)
        || trace[..last].iter().any(|observation| {
            matches!(
                observation,
                Observation::Failed(_)
                    | Observation::Closed(_)
                    | Observation::Closes(_)
                    | Observation::StaysAway(_)
                    | Observation::Refused(_)
                    | Observation::Anything
            )
        })
}

fn observation_payloads(observation: &Observation, path: &[PathPart], found: &mut Found<'_>) {
    if let Some(payload) = observation.payload() {
        check_payload(payload, path, found);
    }
    for trace in observation.traces() {
        for observation in trace {
            observation_payloads(observation, path, found);
        }
    }
}

fn check_payload(payload: &Payload, path: &[PathPart], found: &mut Found<'_>) {
    if let Err(error) = payload.len() {
        found(path, CaseErrorKind::Payload(error));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::Dose;
    use crate::load::load_text;
    use crate::suite::Suite;

    /// The rules that a case breaks, given what differs from a sound one.
    fn broken(fields: &str) -> Vec<&'static str> {
        let sound = r#"{"id": "a/b", "title": "t", "requirements": ["6455-5.2-2"], "because": "b", "script": [],
                        "outcomes": [{"verdict": "pass", "observe": []}]}"#;
        let mut case: serde_json::Value = serde_json::from_str(sound).unwrap();
        let fields: serde_json::Value = serde_json::from_str(fields).unwrap();
        for (name, value) in fields.as_object().unwrap() {
            case[name] = value.clone();
        }
        let text = serde_json::json!({"title": "T", "cases": [case]}).to_string();
        let cases = load_text("x.json", &text, Dose::Small).unwrap();
        let suite = Suite::embedded(Dose::Small).unwrap();
        check(&cases, suite.catalogue(), suite.flags())
            .iter()
            .map(|error| error.kind.rule())
            .collect()
    }

    #[test]
    fn every_rule_can_be_broken() {
        for (fields, rule) in [
            (r#"{"id": "a"}"#, "id-form"),
            (r#"{"id": "a/{b}"}"#, "id-form"),
            (r#"{"requirements": []}"#, "requirement-cited"),
            (r#"{"requirements": ["6455-5.2-99"]}"#, "requirement-exists"),
            (
                r#"{"requirements": ["6455-4.1-h7c"], "target": "server"}"#,
                "requirement-role",
            ),
            (r#"{"flags": ["nothing"]}"#, "flag-exists"),
            (
                r#"{"script": [{"send": [{"text": {"hex": "0"}}]}]}"#,
                "payload",
            ),
            (
                r#"{"outcomes": [{"verdict": "pass", "observe": [{"text": {"hex": "0"}}]}]}"#,
                "payload",
            ),
            (r#"{"outcomes": []}"#, "outcome-exists"),
            (
                r#"{"outcomes": [{"verdict": "info", "observe": []}]}"#,
                "outcome-reason",
            ),
            (
                r#"{"outcomes": [{"verdict": "non-strict", "observe": [], "because": "b"},
                                 {"verdict": "pass", "observe": []}]}"#,
                "outcome-order",
            ),
            (
                r#"{"outcomes": [{"verdict": "pass", "observe": [{"failed": []}, {"text": ""}]}]}"#,
                "trace-end",
            ),
            (r#"{"liveness": "none"}"#, "no-vacuous-pass"),
            (r#"{"script": [{"quiet_ms": 9}]}"#, "quiet-inside-frame"),
            (r#"{"script": [{"release": "rest"}]}"#, "withhold"),
            (
                r#"{"script": [{"send": [{"text": "abc"}], "withhold": 1}, {"release": 2}]}"#,
                "withhold",
            ),
            (r#"{"needs": [{"case": "no/such"}]}"#, "needs-exists"),
            (
                r#"{"opening": {"url": {"given": "ws://{address}{path}"}}}"#,
                "client-alone",
            ),
            (r#"{"connections": 2}"#, "client-alone"),
            (
                r#"{"outcomes": [{"verdict": "pass", "observe": [], "masking_keys": ["distinct"]}]}"#,
                "client-alone",
            ),
            (
                r#"{"target": "client", "outcomes": [
                    {"verdict": "pass", "observe": [], "handshake_keys": ["distinct"]}
                ]}"#,
                "client-alone",
            ),
            (
                r#"{"target": "client", "outcomes": [
                    {"verdict": "pass", "observe": [{"stays_away": "by-itself"}]}
                ]}"#,
                "client-alone",
            ),
        ] {
            assert_eq!(broken(fields), [rule], "{fields}");
        }
        assert!(broken("{}").is_empty());
    }

    #[test]
    fn ids_and_numbers_are_unique() {
        let case = r#"{"id": "a/b", "autobahn": "1.1", "title": "t", "requirements": ["6455-5.2-2"], "because": "b",
                       "script": [], "outcomes": [{"verdict": "pass", "observe": []}]}"#;
        let text = format!(r#"{{"title": "T", "cases": [{case}, {case}]}}"#);
        let cases = load_text("x.json", &text, Dose::Small).unwrap();
        let suite = Suite::embedded(Dose::Small).unwrap();
        let rules: Vec<_> = check(&cases, suite.catalogue(), suite.flags())
            .iter()
            .map(|error| error.kind.rule())
            .collect();
        assert_eq!(rules, ["id-unique", "autobahn-unique"]);
    }

    #[test]
    fn a_near_miss_gets_a_suggestion() {
        let suite = Suite::embedded(Dose::Small).unwrap();
        assert_eq!(suite.catalogue().nearest("6455-5.2-2x"), Some("6455-5.2-2"));
        assert_eq!(suite.catalogue().nearest("nothing"), None);
    }
}
