//! What an entry refers to is put in its place: named reasons and outcomes, and what
//! `each` repeats. Where every part came from is kept, so that a mistake is shown where
//! it is written.

use serde_json::{Map, Value};

use crate::error::CaseErrorKind;
use crate::expand::substitute;
use crate::file::{CaseFile, Named, reference};
use crate::load::PathPart;
use crate::nearest::nearest;

/// The most often that `each` may repeat something.
const EACH_MAX: u64 = 10_000;

/// A mistake and where it is written.
pub(crate) type Mistake = (Vec<PathPart>, CaseErrorKind);

/// Where the parts of an expanded case are written: paths in the case, and those in the
/// file that they came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origins(Vec<(Vec<PathPart>, Vec<PathPart>)>);

impl Origins {
    /// Where the value at `path` of the case is written in the file.
    pub(crate) fn of(&self, path: &[PathPart]) -> Vec<PathPart> {
        let nearest = self
            .0
            .iter()
            .filter(|(here, _)| path.starts_with(here))
            .max_by_key(|(here, _)| here.len());
        match nearest {
            Some((here, there)) => [there, &path[here.len()..]].concat(),
            None => path.to_vec(),
        }
    }

    fn add(&mut self, here: &[PathPart], there: &[PathPart]) {
        self.0.push((here.to_vec(), there.to_vec()));
    }
}

/// Puts everything in its place.
pub(crate) struct Resolver<'file> {
    file: &'file CaseFile,
    /// The parameters of this case, which reasons and outcomes may name too.
    row: &'file Map<String, Value>,
    origins: Origins,
    mistakes: Vec<Mistake>,
}

impl<'file> Resolver<'file> {
    /// For the case of one row of an entry, which has the fields `own`; the others are the
    /// file's defaults.
    pub(crate) fn new(
        file: &'file CaseFile,
        row: &'file Map<String, Value>,
        index: usize,
        own: &Map<String, Value>,
    ) -> Self {
        let mut origins = Origins::default();
        origins.add(&[], &["cases".into(), index.into()]);
        for name in file.defaults.keys().filter(|name| !own.contains_key(*name)) {
            let name = PathPart::Field(name.clone());
            origins.add(
                std::slice::from_ref(&name),
                &["defaults".into(), name.clone()],
            );
        }
        Self {
            file,
            row,
            origins,
            mistakes: Vec::new(),
        }
    }

    /// The case with everything in its place, where that can be done.
    pub(crate) fn resolve(mut self, case: &mut Value) -> Result<Origins, Vec<Mistake>> {
        if let Value::Object(fields) = case {
            if let Some(because) = fields.get_mut("because") {
                self.reason(because, &["because".into()]);
            }
            if let Some(outcomes) = fields.get_mut("outcomes") {
                self.outcomes(outcomes);
            }
            for (name, value) in fields.iter_mut() {
                let path = [PathPart::Field(name.clone())];
                let source = self.origins.of(&path);
                self.repeat(value, &path, &source);
            }
        }
        if self.mistakes.is_empty() {
            Ok(self.origins)
        } else {
            Err(self.mistakes)
        }
    }

    fn reason(&mut self, because: &mut Value, path: &[PathPart]) {
        let Some(name) = because.as_str().and_then(reference) else {
            return;
        };
        match self.file.reason(name) {
            Some(text) => *because = substitute(&Value::String(text.clone()), self.row),
            None => self.unknown(Named::Reason, name, path),
        }
    }

    fn outcomes(&mut self, outcomes: &mut Value) {
        let field = PathPart::from("outcomes");
        if outcomes.is_string() {
            *outcomes = Value::Array(vec![outcomes.take()]);
            // The one reference is written where the list would be.
            let written = self.origins.of(std::slice::from_ref(&field));
            self.origins.add(&[field.clone(), 0.into()], &written);
        }
        let Value::Array(list) = outcomes else {
            return;
        };
        let mut all = Vec::with_capacity(list.len());
        let written: Vec<Vec<PathPart>> = (0..list.len())
            .map(|at| self.origins.of(&[field.clone(), at.into()]))
            .collect();
        for (outcome, written) in list.drain(..).zip(written) {
            let Some(name) = outcome.as_str().and_then(reference) else {
                self.origins
                    .add(&[field.clone(), all.len().into()], &written);
                all.push(outcome);
                continue;
            };
            match self.file.outcomes(name) {
                Some(named) => {
                    for (at, outcome) in named.iter().enumerate() {
                        let there = [field.clone(), name.into(), at.into()];
                        self.origins.add(&[field.clone(), all.len().into()], &there);
                        all.push(substitute(outcome, self.row));
                    }
                }
                None => self.unknown_at(Named::Outcomes, name, written),
            }
        }
        for (at, outcome) in all.iter_mut().enumerate() {
            if let Some(because) = outcome.get_mut("because") {
                self.reason(because, &[field.clone(), at.into(), "because".into()]);
            }
        }
        *outcomes = Value::Array(all);
    }

    fn unknown(&mut self, named: Named, name: &str, path: &[PathPart]) {
        self.unknown_at(named, name, self.origins.of(path));
    }

    fn unknown_at(&mut self, named: Named, name: &str, written: Vec<PathPart>) {
        let suggestion = nearest(name, self.file.names(named)).map(str::to_owned);
        let name = name.to_owned();
        let kind = CaseErrorKind::UnknownName {
            named,
            name,
            suggestion,
        };
        self.mistakes.push((written, kind));
    }

    /// Repeats what has `each`, at any depth.
    fn repeat(&mut self, value: &mut Value, here: &[PathPart], there: &[PathPart]) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    let part = PathPart::Field(name.clone());
                    self.repeat(value, &with(here, part.clone()), &with(there, part));
                }
            }
            Value::Array(list) => {
                // What was put in its place before has another origin than its index.
                let written: Vec<Vec<PathPart>> = (0..list.len())
                    .map(|at| match here {
                        [_] => self.origins.of(&with(here, at.into())),
                        _ => with(there, at.into()),
                    })
                    .collect();
                let mut all = Vec::with_capacity(list.len());
                let mut has_moved = false;
                for (element, there) in list.drain(..).zip(written) {
                    let repeated = self.repeated(element, &there);
                    has_moved |= repeated.len() != 1;
                    for (mut element, there) in repeated {
                        let here = with(here, all.len().into());
                        if has_moved {
                            self.origins.add(&here, &there);
                        }
                        self.repeat(&mut element, &here, &there);
                        all.push(element);
                    }
                }
                *list = all;
            }
            _ => {}
        }
    }

    /// What an element of a list stands for, and where each of it is written.
    fn repeated(&mut self, element: Value, written: &[PathPart]) -> Vec<(Value, Vec<PathPart>)> {
        let Value::Object(mut fields) = element else {
            return vec![(element, written.to_vec())];
        };
        let Some(each) = fields.shift_remove("each") else {
            return vec![(Value::Object(fields), written.to_vec())];
        };
        let elements = elements(fields, written);
        let is_inside = elements.iter().any(|(element, _)| holds_each(element));
        let Some(values) = values(&each).filter(|_| !is_inside) else {
            let written = with(written, "each".into());
            self.mistakes.push((written, CaseErrorKind::Each));
            return Vec::new();
        };
        let mut all = Vec::with_capacity(values.len() * elements.len());
        for value in values {
            let row = Map::from_iter([("each".to_owned(), value)]);
            let put = |(element, written): &(Value, Vec<PathPart>)| {
                (substitute(element, &row), written.clone())
            };
            all.extend(elements.iter().map(put));
        }
        all
    }
}

/// What is repeated: the elements of `all`, or one.
fn elements(mut fields: Map<String, Value>, written: &[PathPart]) -> Vec<(Value, Vec<PathPart>)> {
    match fields.get_mut("all").map(Value::take) {
        Some(Value::Array(list)) if fields.len() == 1 => {
            let written = with(written, "all".into());
            let place = |(at, element): (usize, Value)| (element, with(&written, at.into()));
            list.into_iter().enumerate().map(place).collect()
        }
        Some(other) => {
            fields.insert("all".into(), other);
            vec![(Value::Object(fields), written.to_vec())]
        }
        None => vec![(Value::Object(fields), written.to_vec())],
    }
}

/// The values that `each` goes through: those from the first number to the last, or those
/// of a list.
fn values(each: &Value) -> Option<Vec<Value>> {
    match each {
        Value::Array(values) => Some(values.clone()),
        Value::String(range) => {
            let (first, last) = range.split_once("..")?;
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            let is_bounded = first <= last && last - first < EACH_MAX;
            is_bounded.then(|| (first..=last).map(Value::from).collect())
        }
        _ => None,
    }
}

fn holds_each(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.contains_key("each") || fields.values().any(holds_each),
        Value::Array(list) => list.iter().any(holds_each),
        _ => false,
    }
}

fn with(path: &[PathPart], part: PathPart) -> Vec<PathPart> {
    let mut longer = path.to_vec();
    longer.push(part);
    longer
}
