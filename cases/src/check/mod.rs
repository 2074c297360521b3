//! Rules for cases that the types cannot express.

mod connections;
mod outcomes;
mod playable;
mod script;

use std::collections::HashMap;

use crate::case::{Case, Need};
use crate::error::{CaseError, CaseErrorKind, merge_rows};
use crate::flag::Flags;
use crate::frame::Frame;
use crate::load::{Located, PathPart};
use crate::payload::Payload;
use crate::requirement::Catalogue;
use crate::target::Target;

/// Takes the mistakes of one case: the path of the field, and what is wrong there.
type Found<'a> = dyn FnMut(&[PathPart], CaseErrorKind) + 'a;

/// Finds every mistake in cases that were loaded together.
pub fn check(cases: &[Located], catalogue: &Catalogue, flags: &Flags) -> Vec<CaseError> {
    let mut errors = Vec::new();
    let mut ids: HashMap<&str, &str> = HashMap::new();
    let mut numbers: HashMap<&str, &str> = HashMap::new();
    // How many cases the entry has that a mistake stands in, by the place of the mistake.
    let mut rows: HashMap<(String, usize), usize> = HashMap::new();
    for located in cases {
        let case = &located.case;
        let mut found = |path: &[PathPart], kind| {
            let place = located.place(path);
            rows.insert((place.file.clone(), place.range.start), located.entry.rows);
            errors.push(CaseError {
                place,
                row: located.row.clone(),
                kind,
            });
        };
        identity(located, &mut ids, &mut numbers, &mut found);
        requirements(case, catalogue, &mut found);
        for (at, name) in case.flags.iter().enumerate() {
            if flags.find(name).is_none() {
                let name = name.clone();
                let path = ["flags".into(), at.into()];
                found(&path, CaseErrorKind::UnknownFlag { name });
            }
        }
        connections::check(case, &mut found);
        script::check(case, &mut found);
        outcomes::check(case, catalogue, &mut found);
        playable::check(case, &mut found);
        for payload in case
            .opening
            .head
            .payloads()
            .chain(case.opening.followed_by.iter().flat_map(Frame::payloads))
        {
            check_payload(payload, &["opening".into()], &mut found);
        }
    }
    for located in cases {
        for (at, need) in located.case.needs.iter().enumerate() {
            if let Need::Case(id) = need
                && !ids.contains_key(id.as_str())
            {
                errors.push(CaseError {
                    place: located.place(&["needs".into(), at.into()]),
                    row: located.row.clone(),
                    kind: CaseErrorKind::UnknownCase { id: id.clone() },
                });
            }
        }
    }
    merge_rows(errors, |error| {
        let place = (error.place.file.clone(), error.place.range.start);
        rows.get(&place).copied().unwrap_or(1)
    })
}

/// Ids and Autobahn's numbers, which no two cases share.
fn identity<'a>(
    located: &'a Located,
    ids: &mut HashMap<&'a str, &'a str>,
    numbers: &mut HashMap<&'a str, &'a str>,
    found: &mut Found<'_>,
) {
    let case = &located.case;
    if !is_slug_path(&case.id) {
        let id = case.id.clone();
        found(&["id".into()], CaseErrorKind::IdForm { id });
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
}

fn is_slug(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part
            .bytes()
            .all(|octet| matches!(octet, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_slug_path(id: &str) -> bool {
    id.split('/').count() >= 2 && id.split('/').all(is_slug)
}

fn requirements(case: &Case, catalogue: &Catalogue, found: &mut Found<'_>) {
    if case.requirements.is_empty() {
        found(&["requirements".into()], CaseErrorKind::NoRequirement);
    }
    for (at, id) in case.requirements.iter().enumerate() {
        let path = ["requirements".into(), at.into()];
        requirement(id, case.target, catalogue, &path, found);
    }
}

/// A requirement that is cited exists and binds the target.
fn requirement(
    id: &str,
    target: Target,
    catalogue: &Catalogue,
    path: &[PathPart],
    found: &mut Found<'_>,
) {
    match catalogue.find(id) {
        None => {
            let suggestion = catalogue.nearest(id).map(str::to_owned);
            let id = id.to_owned();
            found(path, CaseErrorKind::UnknownRequirement { id, suggestion });
        }
        Some(requirement) if !requirement.binds(target) => {
            let (id, binds) = (id.to_owned(), requirement.applies_to.join(" and "));
            found(path, CaseErrorKind::RequirementOfOtherRole { id, binds });
        }
        Some(_) => {}
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
    use crate::suite;

    /// The rules that a case breaks, given what differs from a sound one.
    fn broken(fields: &str) -> Vec<&'static str> {
        let sound = r#"{"id": "a/b", "title": "t", "requirements": ["6455-5.2-2"], "because": "b", "script": [],
                        "outcomes": [{"pass": []}]}"#;
        let mut case: serde_json::Value = serde_json::from_str(sound).unwrap();
        let fields: serde_json::Value = serde_json::from_str(fields).unwrap();
        for (name, value) in fields.as_object().unwrap() {
            case[name] = value.clone();
        }
        let text = serde_json::json!({"title": "T", "cases": [case]}).to_string();
        let cases = load_text("x.json", &text, Dose::Small).cases;
        check(&cases, &suite::catalogue(), &suite::flags())
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
                r#"{"outcomes": [{"pass": [{"text": {"hex": "0"}}]}]}"#,
                "payload",
            ),
            (r#"{"outcomes": []}"#, "outcome-exists"),
            (r#"{"outcomes": [{"info": []}]}"#, "outcome-reason"),
            (
                r#"{"outcomes": [{"non-strict": [], "because": "b"},
                                 {"pass": []}]}"#,
                "outcome-order",
            ),
            (
                r#"{"outcomes": [{"pass": [{"fails": {}}, {"text": ""}]}]}"#,
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
            (r#"{"keys_of": 2}"#, "client-alone"),
            (
                r#"{"outcomes": [{"pass": [], "masking_keys": ["distinct"]}]}"#,
                "client-alone",
            ),
            (
                r#"{"target": "client", "outcomes": [
                    {"pass": [], "handshake_keys": ["distinct"]}
                ]}"#,
                "client-alone",
            ),
            (
                r#"{"target": "client", "outcomes": [
                    {"pass": [{"stays_away": "by-itself"}]}
                ]}"#,
                "client-alone",
            ),
            (r#"{"connections": ["A"]}"#, "connection"),
            (r#"{"script": [{"reset": "other"}]}"#, "connection"),
            (
                r#"{"outcomes": [{"pass": [{"text": "", "on": "other"}]}]}"#,
                "connection",
            ),
            (
                r#"{"outcomes": [{"pass": [{"text": ""}], "requirement": "6455-5.5.2-2"}]}"#,
                "requirement-level",
            ),
            (
                r#"{"outcomes": [{"pass": [{"text": "", "requirement": "6455-5.2-99"}]}]}"#,
                "requirement-exists",
            ),
            (r#"{"connections": ["other"]}"#, "playable"),
            (
                r#"{"outcomes": [{"pass": [{"nothing": true}, {"text": ""}]}]}"#,
                "playable",
            ),
        ] {
            let mut rules = broken(fields);
            // What cannot be played may break a rule of its own besides.
            rules.retain(|found| *found != "playable" || rule == "playable");
            assert_eq!(rules, [rule], "{fields}");
        }
        assert!(broken("{}").is_empty());
    }

    #[test]
    fn ids_and_numbers_are_unique() {
        let case = r#"{"id": "a/b", "autobahn": "1.1", "title": "t", "requirements": ["6455-5.2-2"], "because": "b",
                       "script": [], "outcomes": [{"pass": []}]}"#;
        let text = format!(r#"{{"title": "T", "cases": [{case}, {case}]}}"#);
        let cases = load_text("x.json", &text, Dose::Small).cases;
        let rules: Vec<_> = check(&cases, &suite::catalogue(), &suite::flags())
            .iter()
            .map(|error| error.kind.rule())
            .collect();
        assert_eq!(rules, ["id-unique", "autobahn-unique"]);
    }

    #[test]
    fn a_near_miss_gets_a_suggestion() {
        let catalogue = suite::catalogue();
        assert_eq!(catalogue.nearest("6455-5.2-2x"), Some("6455-5.2-2"));
        assert_eq!(catalogue.nearest("nothing"), None);
    }
}
