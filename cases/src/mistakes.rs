//! All that is wrong with a value, not only what is found first.
//!
//! A reader stops at the first mistake. Here it is noted and mended in a copy, and the
//! copy read again, until nothing is left.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::load::{PathPart, parts};
use crate::nearest::nearest;

/// How many mistakes of one value are looked for.
const MISTAKES_MAX: usize = 20;

/// Something that is not of its form: what the reader says, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormMistake {
    pub(crate) path: Vec<PathPart>,
    pub(crate) message: String,
    pub(crate) suggestion: Option<String>,
}

/// Reads a value, or finds every mistake in it.
pub(crate) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Vec<FormMistake>> {
    let mut copy = value.clone();
    let mut mistakes: Vec<FormMistake> = Vec::new();
    let mut mended: Vec<Vec<PathPart>> = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&copy) {
            Ok(read) if mistakes.is_empty() => return Ok(read),
            Ok(_) => return Err(mistakes),
            Err(error) => error,
        };
        let path = parts(error.path());
        let message = error.inner().to_string();
        // What lacks a field only since that was taken out, or has another name, is no mistake
        // of its own.
        let follows = match missing(&message) {
            Some(name) => mistakes.iter().any(|mistake| {
                let is_it =
                    matches!(mistake.path.last(), Some(PathPart::Field(field)) if field == name);
                let was_meant = mistake.suggestion.as_deref() == Some(name);
                mistake.path.len() == path.len() + 1
                    && mistake.path.starts_with(&path)
                    && (is_it || was_meant)
            }),
            None => mended.iter().any(|mended| mended.starts_with(&path)),
        };
        if !follows {
            let suggestion = suggestion(&message);
            mistakes.push(FormMistake {
                path: path.clone(),
                message: message.clone(),
                suggestion,
            });
        }
        let is_stuck = mended.contains(&path) && missing(&message).is_none();
        if is_stuck || mistakes.len() >= MISTAKES_MAX || !mend(&mut copy, &path, &message) {
            return Err(mistakes);
        }
        mended.push(path);
    }
}

/// The field that is missing, where that is what the reader says.
fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// What may have been meant by an unknown word.
fn suggestion(message: &str) -> Option<String> {
    let rest = message
        .strip_prefix("unknown field `")
        .or_else(|| message.strip_prefix("unknown variant `"))?;
    let (word, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    nearest(word, known).map(str::to_owned)
}

/// Takes the mistake out of the copy; says whether that could be done.
fn mend(copy: &mut Value, path: &[PathPart], message: &str) -> bool {
    if let Some(name) = missing(message) {
        if let Some(Value::Object(fields)) = at(copy, path) {
            fields.insert(name.to_owned(), blank(name));
            return true;
        }
        return false;
    }
    let Some((last, parent)) = path.split_last() else {
        return false;
    };
    match (at(copy, parent), last) {
        (Some(Value::Object(fields)), PathPart::Field(name)) => fields.shift_remove(name).is_some(),
        (Some(Value::Array(list)), PathPart::Index(index)) => match list.get_mut(*index) {
            Some(element) => {
                *element = blank_element(parent);
                true
            }
            None => false,
        },
        _ => false,
    }
}

fn at<'a>(value: &'a mut Value, path: &[PathPart]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |value, part| match part {
        PathPart::Field(name) => value.get_mut(name),
        PathPart::Index(index) => value.get_mut(index),
    })
}

/// Something of the form that a field of a case has.
fn blank(name: &str) -> Value {
    match name {
        "requirements" | "script" | "outcomes" => json!([]),
        _ => json!(""),
    }
}

/// Something of the form that the elements of a list have.
fn blank_element(list: &[PathPart]) -> Value {
    let field = list.iter().rev().find_map(|part| match part {
        PathPart::Field(name) => Some(name.as_str()),
        PathPart::Index(_) => None,
    });
    match field {
        Some("script") => json!("half-close"),
        Some("outcomes") => json!({"pass": []}),
        Some("needs") => json!({"case": ""}),
        Some("any_of" | "unordered") if matches!(list.last(), Some(PathPart::Field(_))) => {
            json!([])
        }
        Some("requirements" | "flags" | "connections" | "remove" | "order") => json!(""),
        // Frames and observations.
        _ => json!({"text": ""}),
    }
}
