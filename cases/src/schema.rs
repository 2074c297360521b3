//! The JSON Schema of case files, generated from the types.

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::case::Case;

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
    let mut schema = settings.into_generator().into_root_schema_for::<CaseFile>();
    allow_parameters(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Lets a lone `{parameter}` stand wherever a number or a switch is expected.
fn allow_parameters(schema: &mut Schema) {
    // Inner schemas first, so that what is wrapped here is not wrapped again.
    transform_subschemas(&mut allow_parameters, schema);
    let Some(object) = schema.as_object_mut() else {
        return;
    };
    let scalar = |kind: &Value| matches!(kind.as_str(), Some("integer" | "number" | "boolean"));
    let is_scalar = match object.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(scalar),
        Some(kind) => scalar(kind),
        None => false,
    };
    let is_enum = object.contains_key("enum") && object.contains_key("type");
    if !(is_scalar || is_enum) {
        return;
    }
    let keep = ["description", "default"];
    let mut inner = Map::new();
    let names: Vec<String> = object.keys().cloned().collect();
    for name in names {
        if !keep.contains(&name.as_str())
            && let Some(value) = object.remove(&name)
        {
            inner.insert(name, value);
        }
    }
    object.insert(
        "anyOf".into(),
        json!([inner, {"type": "string", "pattern": "^\\{[a-z_]+\\}$"}]),
    );
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
