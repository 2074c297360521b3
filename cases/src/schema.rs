//! The JSON Schema of case files, generated from the types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::case::Case;
use crate::outcome::Outcome;

/// A case file, as the schema sees it.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CaseFile")]
struct CaseFile {
    /// This schema, for editors.
    #[serde(rename = "$schema")]
    schema: Option<String>,
    /// What the cases of the file have in common.
    title: String,
    /// A paragraph for readers of the file.
    about: Option<String>,
    /// Fields of a case, for those of the cases that do not have them.
    defaults: Option<Template>,
    /// Texts for `because`, by name: `"because": "@name"`.
    reasons: Option<BTreeMap<String, String>>,
    /// Lists of outcomes, by name: `"outcomes": "@name"`, or `"@name"` among others.
    outcomes: Option<BTreeMap<String, Vec<Outcome>>>,
    /// The cases.
    cases: Vec<Template>,
}

/// A case, or several of them by way of parameters.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Template {
    /// Parameters: an object of lists (every combination) or a list of objects (rows).
    for_each: Option<Value>,
    /// Parameters whose value the run's dose chooses: `{"name": {"small": 1, "full": 9}}`.
    dose: Option<Map<String, Value>>,
    #[serde(flatten)]
    case: Case,
}

/// The schema as JSON text, with a line end.
pub fn schema_text() -> String {
    let mut settings = SchemaSettings::draft2020_12();
    settings.meta_schema = Some("https://json-schema.org/draft/2020-12/schema".into());
    settings.inline_subschemas = false;
    let schema = settings.into_generator().into_root_schema_for::<CaseFile>();
    let mut schema = Value::from(schema);
    allow_parameters(&mut schema);
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for (name, definition) in definitions {
            if name == "Template" {
                loosen_template(definition);
                continue;
            }
            if REPEATABLE.contains(&name.as_str()) {
                allow_each(name, definition);
            }
            allow_parameter(definition);
        }
    }
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// What stands in lists that `each` can lengthen.
const REPEATABLE: [&str; 5] = ["Field", "Frame", "Observation", "StepFields", "Outcome"];

/// What a lone parameter looks like.
const PARAMETER: &str = "^\\{[a-z_]+\\}$";

/// What a reference to something with a name looks like.
const REFERENCE: &str = "^@[a-z0-9-]+$";

/// Lets a lone `{parameter}` stand in every place but those of the file itself.
fn allow_parameters(schema: &mut Value) {
    let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) else {
        return;
    };
    for definition in definitions.values_mut() {
        within(definition);
    }
}

/// Goes through the schemas inside of one.
fn within(schema: &mut Value) {
    for name in ["anyOf", "oneOf"] {
        let Some(Value::Array(choices)) = schema.get_mut(name) else {
            continue;
        };
        choices.iter_mut().for_each(within);
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for property in properties.values_mut() {
            within(property);
            allow_parameter(property);
        }
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner @ Value::Object(_)) = schema.get_mut(name) {
            within(inner);
            allow_parameter(inner);
        }
    }
}

/// Lets a lone `{parameter}` stand for what the schema describes.
fn allow_parameter(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let is_text = |kind: &Value| kind == "string" || *kind == json!(["string", "null"]);
    let takes_any_text = object.get("type").is_some_and(is_text) && !object.contains_key("enum");
    // What is defined elsewhere allows it there.
    let is_reference = object.contains_key("$ref");
    if takes_any_text || is_reference || object.is_empty() {
        return;
    }
    let inner: Map<String, Value> = std::mem::take(object)
        .into_iter()
        .filter_map(|(name, value)| {
            if matches!(name.as_str(), "description" | "default") {
                object.insert(name, value);
                return None;
            }
            Some((name, value))
        })
        .collect();
    object.insert(
        "anyOf".into(),
        json!([inner, {"type": "string", "pattern": PARAMETER}]),
    );
}

/// Lets an element of a list be repeated, or several of them in turn.
fn allow_each(name: &str, schema: &mut Value) {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(
            "each".into(),
            json!({
                "description": "Repeat this for every number from the first to the last (`\"0..9\"`), or for every \
                                value of a list; `{each}` is the number or the value.",
                "anyOf": [{"type": "string", "pattern": "^.+\\.\\..+$"}, {"type": "array"}],
            }),
        );
        properties.insert(
            "all".into(),
            json!({
                "description": "With `each` and nothing else: what is repeated, one behind the other.",
                "type": "array",
                "items": {"$ref": format!("#/$defs/{name}")},
            }),
        );
    }
}

/// Lets a case leave to the defaults what it does not say, and refer to named outcomes.
fn loosen_template(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        object.remove("required");
    }
    if let Some(outcomes) = schema.pointer_mut("/properties/outcomes") {
        let reference = json!({"type": "string", "pattern": REFERENCE});
        let description = outcomes["description"].take();
        let mut list = outcomes.take();
        if let Some(list) = list.as_object_mut() {
            list.remove("description");
        }
        if let Some(items) = list.pointer_mut("/anyOf/0/items") {
            *items = json!({"anyOf": [items.take(), reference.clone()]});
        }
        *outcomes = json!({"description": description, "anyOf": [list, reference]});
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.json");
        let current = schema_text();
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &current).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            stored == current,
            "cases/schema.json is out of date; run `UPDATE_SCHEMA=1 cargo test -p wsspec-cases schema`"
        );
    }
}
