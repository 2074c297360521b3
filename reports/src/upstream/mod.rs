//! The text of a bug report, for a maintainer who has never heard of wsspec.

mod python;

use std::fmt::Write as _;

use wsspec_record::results::{CaseResult, Grade};

use crate::account;
use crate::tally::{Tally, TargetResults};
use crate::words;

/// How many lines of the conversation are told.
const ENTRIES_MAX: usize = 60;

/// The bug report on one result, in Markdown; nothing where there is nothing to report.
///
/// What a target said stands in indented blocks, which no text can end.
pub fn report(
    tally: &Tally<'_>,
    target: &TargetResults<'_>,
    result: &CaseResult,
) -> Option<String> {
    if result.grade() == Grade::Good {
        return None;
    }
    let case = tally.case_of(result);
    let name = words::clean(&target.info.name, 80);
    let mut out = String::new();
    let title = target.cause_of(result).map_or_else(
        || words::reason(result),
        |cause| cause.in_short(&tally.catalogue),
    );
    let _ = writeln!(out, "    {name}: {title}\n");
    if let Some(product) = &target.info.product {
        let _ = writeln!(out, "Graded was\n\n    {}\n", words::clean(product, 200));
    }

    let _ = writeln!(out, "## What the RFC says\n");
    let cited = result
        .broken
        .as_ref()
        .into_iter()
        .chain(&result.requirements);
    let found = cited.filter_map(|id| tally.catalogue.find(id));
    let mut told: Vec<&str> = Vec::new();
    for requirement in found {
        if !told.contains(&requirement.id.as_str()) {
            let _ = writeln!(
                out,
                "- [{}](https://www.rfc-editor.org/rfc/rfc{}#section-{}), {}: {}",
                requirement.citation(),
                requirement.rfc(),
                requirement.section,
                requirement.level,
                requirement.summary
            );
            told.push(&requirement.id);
        }
    }
    let _ = writeln!(out, "\n## What happened\n");
    if let Some(case) = case {
        block(&mut out, &words::clean(&case.title, 300));
        block(&mut out, &words::clean(&case.because, 1_000));
        out.push('\n');
    }
    for fact in account::course(result) {
        block(&mut out, &format!("{:<10}{}", fact.label, fact.text));
    }
    block(&mut out, &format!("{:<10}{}", "so", words::reason(result)));
    let _ = writeln!(out, "\nThe conversation; → is sent to {}:\n", role(target));
    for entry in account::last_entries(result, ENTRIES_MAX) {
        block(&mut out, &words::entry(entry));
        for complaint in words::complaints(&entry.what) {
            block(&mut out, &format!("{:>16} {complaint}", "!"));
        }
    }
    let _ = writeln!(out, "\n## To see it again\n");
    if !result.replay.is_empty() {
        let _ = writeln!(out, "With [wsspec](https://github.com/wsspec/wsspec):\n");
        block(&mut out, &words::clean(&result.replay, 2_000));
        out.push('\n');
    }
    match python::script(target, case, result) {
        Some(script) => {
            let _ = writeln!(out, "Without, in Python:\n");
            for line in script.lines() {
                block(&mut out, line);
            }
        }
        None => {
            let _ = writeln!(
                out,
                "It takes more than one plain connection to see it without."
            );
        }
    }
    Some(out)
}

fn role(target: &TargetResults<'_>) -> &'static str {
    match target.info.role.as_str() {
        "client" => "the client",
        _ => "the server",
    }
}

fn block(out: &mut String, line: &str) {
    let _ = writeln!(out, "    {line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;

    #[test]
    fn a_bug_report_tells_everything_and_holds_hostile_text() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let target = &tally.targets[0];
        let result = target.results[0];
        let text = report(&tally, target, result).unwrap();
        assert!(
            !text.contains('\u{202e}') && !text.contains('\u{1b}'),
            "{text}"
        );
        insta::assert_snapshot!(text);
    }

    #[test]
    fn of_what_is_good_there_is_nothing_to_report() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let target = &tally.targets[0];
        let good = target
            .results
            .iter()
            .find(|found| found.grade() == Grade::Good);
        assert_eq!(report(&tally, target, good.unwrap()), None);
    }
}
