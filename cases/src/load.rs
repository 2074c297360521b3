//! From files to cases, with errors that name line and column.
//!
//! A file is read twice: as a syntax tree that knows where everything stands, and as
//! values that are expanded and turned into types. A mistake is found with the path of
//! its field, and the tree tells where that field stands.

use std::path::Path;
use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::case::Case;
use crate::error::{CaseError, CaseErrorKind, Place};
use crate::expand::{Dose, expand};

/// A case with the place where it is written.
#[derive(Debug, Clone)]
pub struct Located {
    /// The case.
    pub case: Case,
    /// The file, and in it the entry that the case was expanded from.
    pub entry: Arc<Entry>,
}

/// An entry of a case file, before expansion.
#[derive(Debug)]
pub struct Entry {
    /// The title of the file that it stands in.
    pub file_title: String,
    /// The file's name.
    pub file: String,
    text: Arc<str>,
    /// The index in the file's list of cases.
    index: usize,
}

impl Entry {
    /// The place of a field of the entry; of the entry itself where `path` is empty.
    pub fn place(&self, path: &[PathPart]) -> Place {
        let mut whole = vec![PathPart::Field("cases".into()), PathPart::Index(self.index)];
        whole.extend_from_slice(path);
        place(&self.file, &self.text, &whole)
    }
}

/// One part of the path to a value in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathPart {
    /// A field of an object.
    Field(String),
    /// An element of a list.
    Index(usize),
}

impl From<&str> for PathPart {
    fn from(field: &str) -> Self {
        Self::Field(field.to_owned())
    }
}

impl From<usize> for PathPart {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// Reads the cases of one file.
///
/// # Errors
/// Every mistake in the file that the types show; those that only all files together
/// show are found by [`crate::check`].
pub fn load_text(file: &str, text: &str, dose: Dose) -> Result<Vec<Located>, Vec<CaseError>> {
    let text: Arc<str> = text.into();
    let value = match parse(file, &text) {
        Ok(value) => value,
        Err(error) => return Err(vec![error]),
    };
    let header = serde_path_to_error::deserialize::<_, Header>(&value).map_err(|error| {
        vec![CaseError {
            place: place(file, &text, &parts(error.path())),
            kind: CaseErrorKind::Form {
                message: words(error.inner()),
            },
        }]
    })?;

    let mut cases = Vec::new();
    let mut errors = Vec::new();
    for (index, template) in header.cases.iter().enumerate() {
        let entry = Arc::new(Entry {
            file_title: header.title.clone(),
            file: file.to_owned(),
            text: Arc::clone(&text),
            index,
        });
        match load_entry(&entry, template, dose) {
            Ok(some) => cases.extend(some),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(cases)
    } else {
        Err(errors)
    }
}

/// Reads a file or, in the order of their names, all `.json` files below a folder.
///
/// # Errors
/// As [`load_text`], and where a file cannot be read.
pub fn load_path(path: &Path, dose: Dose) -> Result<Vec<Located>, Vec<CaseError>> {
    let mut files = Vec::new();
    collect_files(path, &mut files).map_err(|error| vec![unreadable(path, &error)])?;
    let mut cases = Vec::new();
    let mut errors = Vec::new();
    for file in files {
        match std::fs::read_to_string(&file) {
            Ok(text) => match load_text(&file.display().to_string(), &text, dose) {
                Ok(some) => cases.extend(some),
                Err(some) => errors.extend(some),
            },
            Err(error) => errors.push(unreadable(&file, &error)),
        }
    }
    if errors.is_empty() {
        Ok(cases)
    } else {
        Err(errors)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "$schema", default)]
    #[expect(dead_code, reason = "for editors alone")]
    schema: Option<String>,
    title: String,
    #[serde(default)]
    #[expect(dead_code, reason = "for readers of the file alone")]
    about: Option<String>,
    cases: Vec<Value>,
}

fn load_entry(entry: &Arc<Entry>, template: &Value, dose: Dose) -> Result<Vec<Located>, CaseError> {
    let at = |path: &[PathPart], kind| CaseError {
        place: entry.place(path),
        kind,
    };
    let expanded = expand(template, dose).map_err(|(path, kind)| {
        let path: Vec<PathPart> = path.into_iter().map(PathPart::from).collect();
        at(&path, kind)
    })?;
    expanded
        .into_iter()
        .map(|value| {
            let case = serde_path_to_error::deserialize::<_, Case>(&value).map_err(|error| {
                let message = words(error.inner());
                at(&parts(error.path()), CaseErrorKind::Form { message })
            })?;
            Ok(Located {
                case,
                entry: Arc::clone(entry),
            })
        })
        .collect()
}

/// serde's sentence with our word for what a JSON value of `null` is.
fn words(error: &serde_json::Error) -> String {
    error.to_string()
}

fn parse(file: &str, text: &Arc<str>) -> Result<Value, CaseError> {
    let syntax = |range, message| CaseError {
        place: Place {
            file: file.to_owned(),
            text: Arc::clone(text),
            range,
        },
        kind: CaseErrorKind::Syntax { message },
    };
    parse_to_ast(text, &CollectOptions::default(), &strict()).map_err(|error| {
        let range = error.range();
        syntax(range.start..range.end, error.kind().to_string())
    })?;
    serde_json::from_str(text).map_err(|error| {
        let line: usize = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1))
            .map(str::len)
            .sum();
        let start = (line + error.column().saturating_sub(1)).min(text.len());
        syntax(start..start, error.to_string())
    })
}

/// JSON and nothing more, so that every other tool reads our files too.
fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Where the value at `path` stands, or the nearest value around it.
fn place(file: &str, text: &Arc<str>, path: &[PathPart]) -> Place {
    let tree = parse_to_ast(text, &CollectOptions::default(), &strict())
        .ok()
        .and_then(|tree| tree.value);
    let mut range = 0..0;
    let mut value = tree.as_ref();
    let mut path = path.iter();
    while let Some(here) = value {
        range = here.start()..here.end();
        value = path.next().and_then(|part| match (here, part) {
            (ast::Value::Object(object), PathPart::Field(name)) => object
                .properties
                .iter()
                .find(|property| property.name.as_str() == name)
                .map(|property| &property.value),
            (ast::Value::Array(array), PathPart::Index(index)) => array.elements.get(*index),
            _ => None,
        });
    }
    // A whole object or list is pointed at by its first line.
    let first_line = text[range.clone()].find('\n').unwrap_or(range.len());
    Place {
        file: file.to_owned(),
        text: Arc::clone(text),
        range: range.start..range.start + first_line,
    }
}

fn parts(path: &serde_path_to_error::Path) -> Vec<PathPart> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(PathPart::Index(*index)),
            Segment::Map { key } => Some(PathPart::Field(key.clone())),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn collect_files(path: &Path, files: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        entries.sort();
        for entry in entries {
            let is_json = entry.extension().is_some_and(|end| end == "json");
            if entry.is_dir() || is_json {
                collect_files(&entry, files)?;
            }
        }
    } else {
        std::fs::metadata(path)?;
        files.push(path.to_owned());
    }
    Ok(())
}

fn unreadable(path: &Path, error: &std::io::Error) -> CaseError {
    CaseError {
        place: Place {
            file: path.display().to_string(),
            text: "".into(),
            range: 0..0,
        },
        kind: CaseErrorKind::Unreadable {
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let errors = load_text("x.json", text, Dose::Small).unwrap_err();
        errors[0].to_string()
    }

    #[test]
    fn errors_name_line_and_column() {
        let text = r#"{
  "title": "T",
  "cases": [
    {
      "id": "a/b",
      "title": "t",
      "requirements": [],
      "because": "b",
      "script": [
        { "send": [ { "text": "x" }, { "txt": "y" } ] }
      ],
      "outcomes": []
    }
  ]
}"#;
        let error = error(text);
        assert!(
            error.starts_with("x.json:10:47: unknown field `txt`, expected one of `text`"),
            "{error}"
        );
    }

    #[test]
    fn errors_name_the_field_before_expansion() {
        let text = r#"{ "title": "T", "cases": [ {
  "id": "a/{n}", "for_each": { "n": [1, 9] }, "title": "t", "requirements": [], "because": "b",
  "script": [ { "send": [ { "text": "x", "rsv": "{n}" } ] } ],
  "outcomes": [] } ] }"#;
        let error = error(text);
        assert!(
            error.starts_with("x.json:3:27: there are three RSV bits"),
            "{error}"
        );
    }

    #[test]
    fn only_json_is_json() {
        for (text, expected) in [
            ("", "x.json:1:1: "),
            ("{ // no\n}", "x.json:1:3: "),
            ("{\n \"title\": \"T\",\n}", "x.json:"),
            (
                "{\"title\": \"T\", \"cases\": [], \"case\": 1}",
                "unknown field `case`",
            ),
            ("{\"title\": 1, \"cases\": []}", "x.json:1:11: invalid type"),
        ] {
            let error = error(text);
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
