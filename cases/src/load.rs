//! From files to cases, with errors that name line and column.
//!
//! A file is read twice: as a syntax tree that knows where everything stands, and as
//! values that are expanded and turned into types. A mistake is found with the path of
//! its field, and the tree tells where that field stands. All mistakes are looked for,
//! not only the first.

use std::path::Path;
use std::sync::Arc;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::case::Case;
use crate::error::{CaseError, CaseErrorKind, Place, merge_rows};
use crate::expand::{Dose, expand};
use crate::file::CaseFile;
use crate::mistakes::{self, FormMistake};
use crate::resolve::{Origins, Resolver};

/// A case with the place where it is written.
#[derive(Debug, Clone)]
pub struct Located {
    /// The case.
    pub case: Case,
    /// The file, and in it the entry that the case was expanded from.
    pub entry: Arc<Entry>,
    /// The row of `for_each` that it was made of, where there are several.
    pub(crate) row: Option<String>,
    origins: Origins,
}

impl Located {
    /// The place where a field of the case is written.
    pub fn place(&self, path: &[PathPart]) -> Place {
        self.entry.place(&self.origins.of(path))
    }
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
    /// How many cases are made of it.
    pub(crate) rows: usize,
}

impl Entry {
    /// The place of a value in the file.
    fn place(&self, path: &[PathPart]) -> Place {
        place(&self.file, &self.text, path)
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

/// What was read: the cases that are sound as far as the types show, and every mistake
/// that keeps the others from being so.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The cases, in the order of the file.
    pub cases: Vec<Located>,
    /// The mistakes, in the order of the file.
    pub errors: Vec<CaseError>,
}

impl Loaded {
    fn failed(errors: Vec<CaseError>) -> Self {
        Self {
            errors,
            ..Self::default()
        }
    }

    fn add(&mut self, other: Self) {
        self.cases.extend(other.cases);
        self.errors.extend(other.errors);
    }
}

/// Reads the cases of one file. Mistakes that only all files together show are found by
/// [`crate::check`].
pub fn load_text(file: &str, text: &str, dose: Dose) -> Loaded {
    let text: Arc<str> = text.into();
    let value = match parse(file, &text) {
        Ok(value) => value,
        Err(error) => return Loaded::failed(vec![*error]),
    };
    let at = |path: &[PathPart], kind| CaseError {
        place: place(file, &text, path),
        row: None,
        kind,
    };
    let parsed: CaseFile = match mistakes::read(&value) {
        Ok(parsed) => parsed,
        Err(found) => {
            let found = found.into_iter();
            let errors = found.map(|mistake| at(&mistake.path.clone(), mistake.into()));
            return Loaded::failed(errors.collect());
        }
    };

    let mut loaded = Loaded::default();
    for (index, template) in parsed.cases.iter().enumerate() {
        let entry = Entry {
            file_title: parsed.title.clone(),
            file: file.to_owned(),
            text: Arc::clone(&text),
            index,
            rows: 1,
        };
        match load_entry(entry, template, &parsed, dose) {
            Ok(cases) => loaded.cases.extend(cases),
            Err(errors) => loaded.errors.extend(errors),
        }
    }
    for (named, name) in parsed.unused() {
        let path = [named.field().into(), name.into()];
        let name = name.to_owned();
        loaded
            .errors
            .push(at(&path, CaseErrorKind::UnusedName { named, name }));
    }
    loaded
}

/// Reads a file or, in the order of their names, all `.json` files below a folder.
pub fn load_path(path: &Path, dose: Dose) -> Loaded {
    let mut files = Vec::new();
    if let Err(error) = collect_files(path, &mut files) {
        return Loaded::failed(vec![unreadable(path, &error)]);
    }
    let mut loaded = Loaded::default();
    for file in files {
        loaded.add(match std::fs::read_to_string(&file) {
            Ok(text) => load_text(&file.display().to_string(), &text, dose),
            Err(error) => Loaded::failed(vec![unreadable(&file, &error)]),
        });
    }
    loaded
}

/// Makes the cases of an entry, or finds every mistake in it.
fn load_entry(
    mut entry: Entry,
    template: &Value,
    file: &CaseFile,
    dose: Dose,
) -> Result<Vec<Located>, Vec<CaseError>> {
    let own = template.as_object().cloned().unwrap_or_default();
    let mut whole = template.clone();
    if let Value::Object(fields) = &mut whole {
        for (name, value) in &file.defaults {
            fields.entry(name).or_insert_with(|| value.clone());
        }
    }
    let mut errors = Vec::new();
    let expanded = match expand(&whole, dose, file) {
        Ok(expanded) => expanded,
        Err((path, kind)) => {
            let mut whole = vec!["cases".into(), entry.index.into()];
            whole.extend(path.into_iter().map(PathPart::from));
            let place = entry.place(&whole);
            let row = None;
            return Err(vec![CaseError { place, row, kind }]);
        }
    };
    entry.rows = expanded.len();
    let entry = Arc::new(entry);
    let mut cases = Vec::with_capacity(expanded.len());
    for (row, mut value) in expanded {
        let name = (entry.rows > 1).then(|| row_name(&row));
        let mut found = |written: &[PathPart], kind| {
            errors.push(CaseError {
                place: entry.place(written),
                row: name.clone(),
                kind,
            });
        };
        let origins = match Resolver::new(file, &row, entry.index, &own).resolve(&mut value) {
            Ok(origins) => origins,
            Err(mistakes) => {
                for (written, kind) in mistakes {
                    found(&written, kind);
                }
                continue;
            }
        };
        match mistakes::read::<Case>(&value) {
            Ok(case) => cases.push(Located {
                case,
                entry: Arc::clone(&entry),
                row: name,
                origins,
            }),
            Err(mistakes) => {
                for mistake in mistakes {
                    found(&origins.of(&mistake.path.clone()), mistake.into());
                }
            }
        }
    }
    if errors.is_empty() {
        Ok(cases)
    } else {
        Err(merge_rows(errors, |_| entry.rows))
    }
}

impl From<FormMistake> for CaseErrorKind {
    fn from(mistake: FormMistake) -> Self {
        Self::Form {
            message: mistake.message,
            suggestion: mistake.suggestion,
        }
    }
}

/// A row of `for_each` in a few words: `code = 999, autobahn = "7.9.1"`.
fn row_name(row: &Map<String, Value>) -> String {
    const SHOWN_MAX: usize = 3;
    const CHARS_MAX: usize = 40;
    let mut words: Vec<String> = row
        .iter()
        .take(SHOWN_MAX)
        .map(|(name, value)| {
            let value = value.to_string();
            match value.char_indices().nth(CHARS_MAX) {
                Some((end, _)) => format!("{name} = {}…", &value[..end]),
                None => format!("{name} = {value}"),
            }
        })
        .collect();
    if row.len() > SHOWN_MAX {
        words.push("…".to_owned());
    }
    words.join(", ")
}

fn parse(file: &str, text: &Arc<str>) -> Result<Value, Box<CaseError>> {
    let syntax = |range, message| {
        Box::new(CaseError {
            place: Place {
                file: file.to_owned(),
                text: Arc::clone(text),
                range,
            },
            row: None,
            kind: CaseErrorKind::Syntax { message },
        })
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

pub(crate) fn parts(path: &serde_path_to_error::Path) -> Vec<PathPart> {
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
        row: None,
        kind: CaseErrorKind::Unreadable {
            reason: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let errors = load_text("x.json", text, Dose::Small).errors;
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
  "script": [ { "send": [ { "text": "x", "rsv": ["{n}"] } ] } ],
  "outcomes": [] } ] }"#;
        let error = error(text);
        assert!(
            error.starts_with("x.json:3:27: there are three RSV bits")
                && error.contains("(with n = 9)"),
            "{error}"
        );
    }

    fn load(file: &Value) -> Loaded {
        let text = serde_json::to_string_pretty(file).unwrap();
        load_text("x.json", &text, Dose::Small)
    }

    #[test]
    fn entries_take_from_the_file_what_they_do_not_say() {
        let loaded = load(&serde_json::json!({
            "title": "T",
            "defaults": {"requirements": ["6455-5.2-2"], "outcomes": "@late", "because": "@why", "script": []},
            "reasons": {"why": "Of {n}.", "late": "Too late for {n}."},
            "outcomes": {"late": [{"non-strict": [], "because": "@late"}]},
            "cases": [
                {"id": "a/{n}", "for_each": {"n": [1]}, "title": "t"},
                {"id": "a/own", "title": "t", "because": "b", "outcomes": [{"pass": []}, "@late"]}
            ]
        }));
        assert_eq!(loaded.errors, []);
        let [one, two] = &loaded.cases[..] else {
            panic!("{loaded:?}");
        };
        assert_eq!(one.case.because, "Of 1.");
        let late = one.case.outcomes[0].because.as_deref();
        assert_eq!(late, Some("Too late for 1."));
        assert_eq!(two.case.because, "b");
        assert_eq!(two.case.outcomes.len(), 2);
        assert_eq!(one.place(&["outcomes".into(), 0.into()]).line(), 17);
        assert_eq!(one.place(&["requirements".into()]).line(), 4);
        assert_eq!(two.place(&["outcomes".into(), 0.into()]).line(), 38);
    }

    #[test]
    fn each_repeats_and_mistakes_behind_it_keep_their_place() {
        let text = r#"{ "title": "T", "cases": [ {
  "id": "a/b", "title": "t", "requirements": [], "because": "b",
  "script": [ { "send": [
    { "each": "0..2", "ping": "p{each}" },
    { "each": ["a", "b"], "text": "{each}" },
    { "each": "7..8", "all": [ { "binary": "b{each}" }, { "ping": "q{each}" } ] },
    { "txt": "x" }
  ] } ],
  "outcomes": [ { "pass": [ { "each": "1..2", "optional": [ { "pong": "p{each}" } ] } ] } ] } ] }"#;
        assert_eq!(
            error(text),
            "x.json:7:14: unknown field `txt`, expected one of `text`, `binary`, `continuation`, `ping`, `pong`, \
             `close`, `opcode`, `octets`, `payload`, `reason`, `fin`, `rsv`, `mask`, `length_form`, \
             `declared_length`, `fragment_size`, `compress`; did you mean \"text\"? [form]"
        );
        let wrong = text.replace("\"binary\"", "\"bin\"");
        assert!(
            error(&wrong).starts_with("x.json:6:41: unknown field `bin`"),
            "{}",
            error(&wrong)
        );
        let sound = text.replace("txt", "text");
        let loaded = load_text("x.json", &sound, Dose::Small);
        let json = serde_json::to_value(&loaded.cases[0].case).unwrap();
        assert_eq!(
            json["script"][0]["send"],
            serde_json::json!([
                {"ping": "p0"}, {"ping": "p1"}, {"ping": "p2"}, {"text": "a"}, {"text": "b"},
                {"binary": "b7"}, {"ping": "q7"}, {"binary": "b8"}, {"ping": "q8"}, {"text": "x"}
            ])
        );
        assert_eq!(
            json["outcomes"][0]["pass"],
            serde_json::json!([{"optional": [{"pong": "p1"}]}, {"optional": [{"pong": "p2"}]}])
        );
    }

    #[test]
    fn all_mistakes_of_a_file_are_found() {
        let loaded = load(&serde_json::json!({
            "title": "T",
            "reasons": {"spare": "Nothing refers to it."},
            "cases": [
                {"id": "a/b", "titel": "t", "requirements": [1], "because": "@none",
                 "script": [{"sent": []}, {"send": [{"text": "", "fin": 1}, {"ping": ""}, {}]}],
                 "outcomes": [{"pass": [{"each": "2..1", "text": ""}]}]},
                {"id": "a/c", "title": "t", "becuase": "b", "requirements": [], "script": 1, "outcomes": []},
                {"id": "a/d/{n}", "for_each": {"n": [1, 4, 2]}, "title": "t", "because": "b", "requirements": [],
                 "script": [{"send": [{"text": "", "rsv": ["{n}"]}]}], "outcomes": []},
                {"id": "a/e", "titel": "t", "requirements": [1], "because": "b",
                 "script": [{"sent": []}, {"send": [{"text": "", "fin": 1}, {"ping": ""}, {}]}], "outcomes": [{}]}
            ]
        }));
        let found: Vec<String> = loaded
            .errors
            .iter()
            .map(|error| {
                let words = error.words();
                let end = words.find([',', ';']).unwrap_or(words.len());
                format!("{} {}", error.kind.rule(), &words[..end])
            })
            .collect();
        assert_eq!(
            found,
            [
                "name-exists the file's `reasons` have no \"none\"",
                "each each is \"FIRST..LAST\"",
                "form unknown field `becuase`",
                "form invalid type: integer `1`",
                "form there are three RSV bits: expected a list of 1",
                "form unknown field `titel`",
                "form invalid type: integer `1`",
                "form unknown field `sent`",
                "form invalid type: integer `1`",
                "form a frame has exactly one of text",
                "form an outcome has exactly one of pass",
                "name-used nothing refers to \"spare\"",
            ]
        );
        let of_row = loaded.errors.iter().find_map(|error| error.row.as_deref());
        assert_eq!(of_row, Some("n = 4"));
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
