//! The table and the catalogue of requirements.

use serde_json::Value;
use std::collections::HashMap;
use wsspec_reference::{Deviation, Role};

/// Whom each requirement binds, by its id.
fn requirements() -> HashMap<String, Vec<String>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../cases/requirements");
    ["rfc6455", "rfc7692"]
        .into_iter()
        .flat_map(|rfc| {
            let text =
                std::fs::read_to_string(format!("{folder}/{rfc}.json")).expect("a catalogue");
            let catalogue: Value = serde_json::from_str(&text).expect("JSON");
            let entries = catalogue["requirements"]
                .as_array()
                .expect("a list")
                .clone();
            entries.into_iter().map(|entry| {
                let id = entry["id"].as_str().expect("an id").to_owned();
                let bound = match &entry["applies_to"] {
                    Value::Array(roles) => roles
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect(),
                    role => vec![role.as_str().expect("a role").to_owned()],
                };
                (id, bound)
            })
        })
        .collect()
}

#[test]
fn the_requirements_exist_and_bind_the_role() {
    let requirements = requirements();
    for deviation in Deviation::ALL {
        let facts = deviation.facts();
        let roles = match facts.role {
            Some(Role::Client) => &["client"][..],
            Some(Role::Server) => &["server"],
            None => &["client", "server"],
        };
        let mut bound = Vec::new();
        for id in facts.requirements {
            let entry = requirements.get(*id);
            bound.extend(entry.unwrap_or_else(|| panic!("{deviation}: no requirement {id}")));
        }
        for role in roles {
            assert!(
                bound
                    .iter()
                    .any(|who| who == role || who.as_str() == "endpoint"),
                "{deviation}: nothing of {:?} binds a {role}",
                facts.requirements
            );
        }
    }
}

#[test]
fn names_and_titles_are_of_one_form() {
    for deviation in Deviation::ALL {
        let facts = deviation.facts();
        let slug =
            |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        assert!(facts.name.bytes().all(slug), "{deviation}");
        assert!(facts.title.len() < 120, "{deviation}: {}", facts.title);
        let mut sorted = facts.requirements.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), facts.requirements.len(), "{deviation}");
    }
}
