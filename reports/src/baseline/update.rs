//! Writing a baseline anew, with its reasons and comments kept.

use std::collections::BTreeMap;

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, Value, value};
use wsspec_cases::Case;
use wsspec_record::results::{CaseResult, Closing, Results, Verdict};

use super::{Baseline, BaselineError, Known};
use crate::policy::FailOn;
use crate::tally::Tally;
use crate::words;

/// The reason of an entry that nobody has given one yet.
pub const NOT_LOOKED_AT: &str = "not looked at yet";

/// The text of a baseline that knows the results of a run: entries keep their reasons, lose the
/// cases that are otherwise now, and go where none is left; new failures get entries, one for
/// each cause.
///
/// `since` is the date for new entries.
///
/// # Errors
/// [`BaselineError`], where the old text is of no use.
pub fn updated(
    text: &str,
    tally: &Tally<'_>,
    since: &str,
    is_whole: bool,
) -> Result<String, BaselineError> {
    let baseline = Baseline::parse(text)?;
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| BaselineError::Form(Box::new(error.into())))?;
    if is_whole && let Some(number) = tally.targets.iter().map(|found| found.results.len()).min() {
        set_cases(&mut document, number);
    }
    let known = document
        .entry("known")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(tables) = known.as_array_of_tables_mut() else {
        return Ok(document.to_string());
    };
    let mut at = 0;
    for known in &baseline.known {
        let kept = kept(known, tally.results);
        match &kept[..] {
            [] => drop(tables.remove(at)),
            _ => {
                if let Some(table) = tables.get_mut(at) {
                    set_case(table, &kept);
                }
                at += 1;
            }
        }
    }
    for table in new_entries(&baseline, tally, since) {
        tables.push(table);
    }
    Ok(document.to_string())
}

/// The number of cases stands before the entries: in TOML it could not stand behind them.
fn set_cases(document: &mut DocumentMut, number: usize) {
    let decor = document
        .get("cases")
        .and_then(Item::as_value)
        .map(|old| old.decor().clone());
    let mut new = Value::from(number as i64);
    if let Some(decor) = decor {
        *new.decor_mut() = decor;
    }
    document["cases"] = Item::Value(new);
}

/// The patterns of an entry that still hold. One that holds for some of its cases is replaced
/// by these.
fn kept(known: &Known, results: &Results) -> Vec<String> {
    let mut kept = Vec::new();
    for pattern in &known.cases {
        let case_of = |result: &CaseResult| results.header.cases.get(&result.case);
        let selects = |case: Option<&Case>, result: &CaseResult| match case {
            Some(case) => pattern.matches(case),
            None => pattern.text == result.case,
        };
        let found: Vec<&CaseResult> = results
            .results
            .iter()
            .filter(|result| known.is_about(&result.target) && selects(case_of(result), result))
            .collect();
        let holding = found.iter().filter(|result| known.fits(result));
        let number = holding.clone().count();
        if number == found.len() && number > 0 {
            kept.push(pattern.text.clone());
        } else {
            kept.extend(holding.map(|result| result.case.clone()));
        }
    }
    kept.dedup();
    kept
}

fn set_case(table: &mut Table, cases: &[String]) {
    let old = table.get("case").and_then(Item::as_value);
    let is_as_before = match old {
        Some(Value::String(text)) => cases == std::slice::from_ref(text.value()),
        Some(Value::Array(array)) => {
            let texts = array.iter().filter_map(Value::as_str);
            texts.eq(cases.iter().map(String::as_str))
        }
        _ => false,
    };
    if !is_as_before {
        table["case"] = case_item(cases);
    }
}

fn case_item(cases: &[String]) -> Item {
    if let [case] = cases {
        return value(case.as_str());
    }
    let mut array = Array::new();
    for case in cases {
        let mut text = Value::from(case.as_str());
        text.decor_mut().set_prefix("\n    ");
        array.push_formatted(text);
    }
    array.set_trailing_comma(true);
    array.set_trailing("\n");
    value(array)
}

/// Entries for what is not known yet, one for each cause and way to end.
fn new_entries(baseline: &Baseline, tally: &Tally<'_>, since: &str) -> Vec<Table> {
    let several = tally.targets.len() > 1;
    let mut entries = Vec::new();
    for target in &tally.targets {
        let mut groups: BTreeMap<(usize, Verdict, Closing), Vec<&CaseResult>> = BTreeMap::new();
        for result in &target.results {
            let case = tally.case_of(result);
            let has_to_be_known = [FailOn::Fail, tally.policy]
                .iter()
                .any(|policy| baseline.has_to_be_known(result, *policy));
            // What could not be judged is nothing to get used to.
            if !has_to_be_known
                || result.verdict == Verdict::Error
                || baseline.knows(result, case).is_some()
            {
                continue;
            }
            let cause = target.cause_place(result);
            let key = (cause.unwrap_or(usize::MAX), result.verdict, result.closing);
            groups.entry(key).or_default().push(result);
        }
        for ((cause, verdict, closing), results) in groups {
            let cases: Vec<String> = results.iter().map(|result| result.case.clone()).collect();
            let mut table = Table::new();
            table["case"] = case_item(&cases);
            if several {
                table["target"] = value(glob_of(&target.info.name));
            }
            table["verdict"] = value(verdict.name());
            table["closing"] = value(closing.name());
            table["reason"] = value(NOT_LOOKED_AT);
            table["since"] = value(since);
            let words = target.causes.get(cause);
            let words = words.map(|cause| cause.in_short(&tally.catalogue));
            let comment = words
                .map(|words| format!("# {words}\n"))
                .unwrap_or_default();
            table.decor_mut().set_prefix(format!("\n{comment}"));
            entries.push(table);
        }
    }
    entries
}

/// A glob for a target's name, in which a star stands for what could deceive.
fn glob_of(name: &str) -> String {
    let harmless = |character: char| {
        let text = character.to_string();
        match words::clean(&text, 1) == text {
            true => globset::escape(&text),
            false => "*".to_owned(),
        }
    };
    name.chars().map(harmless).collect()
}
