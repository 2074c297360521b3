//! That the schema accepts every file of the suite, and not everything.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

#[test]
fn the_schema_accepts_every_case_file() {
    let schema = schema();
    let files = case_files();
    assert!(files.len() > 60, "{} files", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("text");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        if let Err(wrong) = validate(&value, &schema, &schema) {
            panic!("{}: {wrong}", file.display());
        }
    }
}

#[test]
fn the_schema_refuses_what_is_no_case_file() {
    let schema = schema();
    for wrong in [
        json!({"title": "T"}),
        json!({"title": "T", "cases": [{"id": "a/b", "becuase": ""}]}),
        json!({"title": "T", "cases": [{"script": [{"send": [{"txt": ""}]}]}]}),
        json!({"title": "T", "cases": [{"script": [{"send": [{"text": "", "rsv": [4]}]}]}]}),
        json!({"title": "T", "cases": [{"outcomes": [{"passes": []}]}]}),
        json!({"title": "T", "cases": [{"outcomes": [{"pass": [{"failed": [1002]}]}]}]}),
        json!({"title": "T", "cases": [{"outcomes": "fails"}]}),
        json!({"title": "T", "defaults": {"titel": ""}, "cases": []}),
    ] {
        assert!(validate(&wrong, &schema, &schema).is_err(), "{wrong}");
    }
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../schema.json")).expect("JSON")
}

/// The files of the suite.
fn case_files() -> Vec<PathBuf> {
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect()
    };
    let is_topic = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_dir() && !matches!(&*name, "src" | "tests" | "requirements")
    };
    let topics = entries(Path::new(env!("CARGO_MANIFEST_DIR")));
    let topics = topics.into_iter().filter(is_topic);
    topics.flat_map(|topic| entries(&topic)).collect()
}

/// Whether a value is as a schema says: as much of JSON Schema as ours uses.
fn validate(value: &Value, schema: &Value, root: &Value) -> Result<(), String> {
    let Value::Object(rules) = schema else {
        return match schema {
            Value::Bool(false) => Err(format!("{value} is not expected")),
            _ => Ok(()),
        };
    };
    for (rule, expected) in rules {
        let holds = match rule.as_str() {
            "$ref" => {
                let pointer = expected
                    .as_str()
                    .unwrap_or_default()
                    .trim_start_matches('#');
                validate(value, root.pointer(pointer).expect("a definition"), root)?;
                true
            }
            "anyOf" => any(value, expected, root) > 0,
            "oneOf" => any(value, expected, root) == 1,
            "type" => match expected {
                Value::Array(kinds) => kinds.iter().any(|kind| is_of(value, kind)),
                kind => is_of(value, kind),
            },
            "enum" => expected.as_array().is_some_and(|all| all.contains(value)),
            "const" => value == expected,
            "minimum" => value.as_f64() >= expected.as_f64() || !value.is_number(),
            "maximum" => value.as_f64() <= expected.as_f64() || !value.is_number(),
            "pattern" => value.as_str().is_none_or(|text| matches(text, expected)),
            "required" => {
                let names = expected.as_array().into_iter().flatten();
                let mut names = names.filter_map(Value::as_str);
                !value.is_object() || names.all(|name| value.get(name).is_some())
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    validate(item, expected, root)?;
                }
                true
            }
            "properties" => {
                for (name, property) in value.as_object().into_iter().flatten() {
                    if let Some(schema) = expected.get(name) {
                        validate(property, schema, root)
                            .map_err(|wrong| format!("{name}: {wrong}"))?;
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = rules.get("properties");
                for (name, property) in value.as_object().into_iter().flatten() {
                    if known.and_then(|known| known.get(name)).is_none() {
                        validate(property, expected, root)
                            .map_err(|wrong| format!("{name}: {wrong}"))?;
                    }
                }
                true
            }
            "$schema" | "$defs" | "title" | "description" | "default" | "format" => true,
            other => panic!("a rule that is not known here: {other}"),
        };
        if !holds {
            return Err(format!("{rule} of {value}"));
        }
    }
    Ok(())
}

fn any(value: &Value, schemas: &Value, root: &Value) -> usize {
    let schemas = schemas.as_array().into_iter().flatten();
    schemas
        .filter(|schema| validate(value, schema, root).is_ok())
        .count()
}

fn is_of(value: &Value, kind: &Value) -> bool {
    match kind.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}

/// The three patterns that the schema has.
fn matches(text: &str, pattern: &Value) -> bool {
    let inside = |open: &str, close: &str, is_in: fn(char) -> bool| {
        let inner = text
            .strip_prefix(open)
            .and_then(|text| text.strip_suffix(close));
        inner.is_some_and(|inner| !inner.is_empty() && inner.chars().all(is_in))
    };
    match pattern.as_str() {
        Some(r"^\{[a-z_]+\}$") => inside("{", "}", |c| matches!(c, 'a'..='z' | '_')),
        Some("^@[a-z0-9-]+$") => inside("@", "", |c| matches!(c, 'a'..='z' | '0'..='9' | '-')),
        Some(r"^.+\.\..+$") => text.split_once("..").is_some(),
        other => panic!("a pattern that is not known here: {other:?}"),
    }
}
