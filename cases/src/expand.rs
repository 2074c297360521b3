//! From one entry of a file to its cases: `for_each` and `dose`.
//!
//! Both declare parameters. A string that is nothing but `{name}` becomes the
//! parameter's value, whatever its type; inside a longer string the value is
//! written in place. Names that are not declared are left alone, since payloads may
//! hold braces of their own.

use serde_json::{Map, Value};

use crate::error::CaseErrorKind;
use crate::file::CaseFile;

/// How much of something costly (octets, fragments, headers) the cases may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dose {
    /// Enough to show a mistake, harmless everywhere.
    #[default]
    Small,
    /// As much as the known attacks send.
    Full,
}

/// The parameters of a case and their values.
pub(crate) type Row = Map<String, Value>;

/// A mistake in an entry, with the path of the field that is at fault.
pub(crate) type ExpandError = (Vec<&'static str>, CaseErrorKind);

/// Expands one entry of a file: its cases, each with the parameters that it was made of.
pub(crate) fn expand(
    entry: &Value,
    dose: Dose,
    file: &CaseFile,
) -> Result<Vec<(Row, Value)>, ExpandError> {
    let Value::Object(entry) = entry else {
        return Ok(vec![(Map::new(), entry.clone())]);
    };
    let mut template = entry.clone();
    let doses = doses(template.shift_remove("dose"), dose)?;
    let rows = rows(template.shift_remove("for_each"))?;
    let template = Value::Object(template);

    let declared = rows.first().into_iter().chain([&doses]).flatten();
    for (name, _) in declared {
        if !(uses(&template, name) || file.uses(name)) {
            let name = name.clone();
            return Err((vec!["for_each"], CaseErrorKind::UnusedParameter { name }));
        }
    }
    Ok(rows
        .into_iter()
        .map(|mut row| {
            row.extend(doses.clone());
            let case = substitute(&template, &row);
            (row, case)
        })
        .collect())
}

fn doses(doses: Option<Value>, dose: Dose) -> Result<Map<String, Value>, ExpandError> {
    let expected = || {
        let expected = "dose is an object of the form {\"name\": {\"small\": …, \"full\": …}}";
        (vec!["dose"], CaseErrorKind::Parameters { expected })
    };
    let field = match dose {
        Dose::Small => "small",
        Dose::Full => "full",
    };
    match doses {
        None => Ok(Map::new()),
        Some(Value::Object(doses)) => doses
            .into_iter()
            .map(|(name, amounts)| match amounts.get(field) {
                Some(amount) => Ok((name, amount.clone())),
                None => Err(expected()),
            })
            .collect(),
        Some(_) => Err(expected()),
    }
}

/// The rows of parameters: as they stand, or the product of the lists.
fn rows(for_each: Option<Value>) -> Result<Vec<Map<String, Value>>, ExpandError> {
    let expected = || {
        let expected = "for_each is an object of lists, {\"code\": [0, 999]}, or a list of objects with the same \
                        names, [{\"code\": 0, \"autobahn\": \"7.9.1\"}]";
        (vec!["for_each"], CaseErrorKind::Parameters { expected })
    };
    match for_each {
        None => Ok(vec![Map::new()]),
        Some(Value::Object(lists)) => {
            let mut rows = vec![Map::new()];
            for (name, values) in lists {
                let Value::Array(values) = values else {
                    return Err(expected());
                };
                rows = rows
                    .iter()
                    .flat_map(|row| {
                        values.iter().map(|value| {
                            let mut row = row.clone();
                            row.insert(name.clone(), value.clone());
                            row
                        })
                    })
                    .collect();
            }
            non_empty(rows).ok_or_else(expected)
        }
        Some(Value::Array(objects)) => {
            let rows: Option<Vec<Map<String, Value>>> = objects
                .into_iter()
                .map(|row| match row {
                    Value::Object(row) => Some(row),
                    _ => None,
                })
                .collect();
            let rows = rows.and_then(non_empty).ok_or_else(expected)?;
            let same = rows.iter().all(|row| row.keys().eq(rows[0].keys()));
            if same { Ok(rows) } else { Err(expected()) }
        }
        Some(_) => Err(expected()),
    }
}

fn non_empty<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

pub(crate) fn uses(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => text.contains(&format!("{{{name}}}")),
        Value::Array(values) => values.iter().any(|value| uses(value, name)),
        Value::Object(fields) => fields.values().any(|value| uses(value, name)),
        _ => false,
    }
}

/// The value with every parameter of the row in its place.
pub(crate) fn substitute(value: &Value, row: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => substitute_text(text, row),
        Value::Array(values) => values.iter().map(|value| substitute(value, row)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), substitute(value, row)))
            .collect::<Map<String, Value>>()
            .into(),
        other => other.clone(),
    }
}

fn substitute_text(text: &str, row: &Map<String, Value>) -> Value {
    let whole = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .and_then(|name| row.get(name));
    if let Some(value) = whole {
        return value.clone();
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        written.push_str(&rest[..open]);
        rest = &rest[open..];
        let parameter = rest
            .find('}')
            .and_then(|close| row.get(&rest[1..close]).map(|value| (close, value)));
        match parameter {
            Some((close, Value::String(value))) => {
                written.push_str(value);
                rest = &rest[close + 1..];
            }
            Some((close, value)) => {
                written.push_str(&value.to_string());
                rest = &rest[close + 1..];
            }
            None => {
                written.push('{');
                rest = &rest[1..];
            }
        }
    }
    written.push_str(rest);
    Value::String(written)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn expand(entry: &Value, dose: Dose) -> Result<Vec<Value>, ExpandError> {
        let file = serde_json::from_value(json!({"title": "T", "cases": []})).unwrap();
        let cases = super::expand(entry, dose, &file)?;
        Ok(cases.into_iter().map(|(_, case)| case).collect())
    }

    #[test]
    fn an_object_of_lists_is_a_product() {
        let entry =
            json!({"id": "a/{x}-{y}", "n": "{x}", "for_each": {"x": [1, 2], "y": ["p", "q"]}});
        let cases = expand(&entry, Dose::Small).unwrap();
        let ids: Vec<&str> = cases
            .iter()
            .map(|case| case["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["a/1-p", "a/1-q", "a/2-p", "a/2-q"]);
        assert_eq!(cases[2]["n"], json!(2), "a lone parameter keeps its type");
    }

    #[test]
    fn a_list_of_objects_is_rows() {
        let entry = json!({"id": "a/{x}", "autobahn": "{n}", "p": "{\"{x}\"} {z}",
                           "for_each": [{"x": 1, "n": "1.1"}, {"x": 2, "n": null}]});
        let cases = expand(&entry, Dose::Small).unwrap();
        assert_eq!(
            cases[0],
            json!({"id": "a/1", "autobahn": "1.1", "p": "{\"1\"} {z}"})
        );
        assert_eq!(
            cases[1],
            json!({"id": "a/2", "autobahn": null, "p": "{\"2\"} {z}"})
        );
    }

    #[test]
    fn a_dose_is_a_parameter_that_the_run_chooses() {
        let entry = json!({"n": "{fragments}", "dose": {"fragments": {"small": 10, "full": 1000}}});
        assert_eq!(expand(&entry, Dose::Small).unwrap()[0], json!({"n": 10}));
        assert_eq!(expand(&entry, Dose::Full).unwrap()[0], json!({"n": 1000}));
    }

    #[test]
    fn mistakes_are_named() {
        for entry in [
            json!({"for_each": 1}),
            json!({"for_each": {"x": 1}}),
            json!({"for_each": {"x": []}}),
            json!({"for_each": []}),
            json!({"for_each": [{"x": 1}, {"y": 1}]}),
        ] {
            let (_, kind) = expand(&entry, Dose::Small).unwrap_err();
            assert_eq!(kind.rule(), "parameters", "{entry}");
        }
        let entry = json!({"id": "a", "for_each": {"x": [1]}});
        let (_, kind) = expand(&entry, Dose::Small).unwrap_err();
        assert_eq!(kind.rule(), "parameter-used");
    }
}
