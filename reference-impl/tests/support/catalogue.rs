//! The catalogue of requirements.

use serde_json::Value;
use std::collections::HashMap;

/// Whom each requirement binds, by its id.
pub(crate) fn requirements() -> HashMap<String, Vec<String>> {
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

/// Whether this is a name as tables have them.
pub(crate) fn is_slug(name: &str) -> bool {
    name.bytes()
        .all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-')
}
