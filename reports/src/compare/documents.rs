//! The comparison as text, Markdown and HTML.

use std::fmt::Write as _;

use serde::Serialize;
use tera::{Context, Tera};
use wsspec_record::results::Grade;

use super::{Change, Comparison, Group, numbers};
use crate::words;

/// How many cases of a group are named.
const CASES_MAX: usize = 40;

/// As text, for a terminal.
pub fn text(comparison: &Comparison) -> String {
    let mut out = String::new();
    for target in &comparison.targets {
        let _ = writeln!(
            out,
            "{}: {}",
            words::clean(&target.name, 80),
            numbers(target)
        );
        for group in &target.groups {
            let _ = writeln!(out, "  {}", headline(group));
            for line in cases(group) {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    for line in targets(comparison) {
        let _ = writeln!(out, "{line}");
    }
    out
}

/// As Markdown, for the comment on a change.
pub fn markdown(comparison: &Comparison) -> String {
    let conclusion = match comparison.is_worse() {
        true => "❌ Something is worse, gone, or new and bad",
        false => "✅ Nothing is worse",
    };
    let mut out = format!("## WebSocket conformance, compared\n\n**{conclusion}**\n");
    for target in &comparison.targets {
        // Indented blocks have no end that hostile text could bring about.
        let name = words::clean(&target.name, 80);
        let _ = writeln!(out, "\n    {name}: {}", numbers(target));
        for group in &target.groups {
            let _ = writeln!(out, "    {} {}", mark(group), headline(group));
            for line in cases(group) {
                let _ = writeln!(out, "        {line}");
            }
        }
    }
    for line in targets(comparison) {
        let _ = writeln!(out, "\n    {line}");
    }
    out
}

/// As a page that needs no other file.
///
/// # Errors
/// Where the template asks for what is not there, which is a mistake of ours.
pub fn html(comparison: &Comparison) -> Result<String, tera::Error> {
    #[derive(Serialize)]
    struct View {
        css: &'static str,
        started: [String; 2],
        is_worse: bool,
        targets: Vec<Target>,
        lines: Vec<String>,
    }
    #[derive(Serialize)]
    struct Target {
        name: String,
        numbers: String,
        groups: Vec<GroupView>,
    }
    #[derive(Serialize)]
    struct GroupView {
        verdict: &'static str,
        headline: String,
        cases: Vec<[String; 3]>,
        more: usize,
    }
    let group = |group: &Group| GroupView {
        verdict: match group.change {
            Change::Otherwise => "info",
            Change::Gone => "error",
            Change::Worse | Change::New if group.grade >= Grade::Bad => "fail",
            Change::Worse | Change::New if group.grade == Grade::NonStrict => "non-strict",
            Change::Better | Change::Worse | Change::New => "pass",
        },
        headline: headline(group),
        cases: (group.cases.iter().take(CASES_MAX))
            .map(|case| {
                let [old, new] = case.results.clone();
                [words::clean(&case.case, 120), old, new]
            })
            .collect(),
        more: group.cases.len().saturating_sub(CASES_MAX),
    };
    let view = View {
        css: include_str!("../html/assets/report.css"),
        started: comparison
            .started
            .clone()
            .map(|when| words::clean(&when, 40)),
        is_worse: comparison.is_worse(),
        targets: (comparison.targets.iter())
            .map(|target| Target {
                name: words::clean(&target.name, 80),
                numbers: numbers(target),
                groups: target.groups.iter().map(group).collect(),
            })
            .collect(),
        lines: targets(comparison).collect(),
    };
    let mut tera = Tera::default();
    tera.set_escape_fn(crate::html::escape);
    tera.add_raw_template("compare.html", include_str!("compare.html"))?;
    tera.render("compare.html", &Context::from_serialize(&view)?)
}

fn mark(group: &Group) -> &'static str {
    match group.change {
        Change::Worse | Change::Gone => "❌",
        Change::New if group.grade >= Grade::Bad => "❌",
        Change::Better => "✅",
        Change::New | Change::Otherwise => "ℹ️",
    }
}

/// What a group is, in one line.
fn headline(group: &Group) -> String {
    let cases = words::counted(group.cases.len() as u64, "case", "cases");
    let change = group.change.name();
    let whole = match (group.change, group.is_whole) {
        (Change::Worse | Change::New, true) => " (a new cause)",
        (Change::Better, true) => " (mended)",
        _ => "",
    };
    match &group.cause {
        Some(cause) => format!("{change}: {cases}{whole}: {}", words::clean(cause, 500)),
        None => format!("{change}: {cases}"),
    }
}

fn cases(group: &Group) -> impl Iterator<Item = String> {
    let named = group.cases.iter().take(CASES_MAX).map(|case| {
        let [old, new] = &case.results;
        format!("{}: {old} → {new}", words::clean(&case.case, 120))
    });
    let more = group.cases.len().saturating_sub(CASES_MAX);
    named.chain((more > 0).then(|| format!("and {more} more")))
}

fn targets(comparison: &Comparison) -> impl Iterator<Item = String> {
    let told = |word: &'static str, names: &[String]| {
        let names: Vec<String> = names.iter().map(|name| words::clean(name, 80)).collect();
        names.into_iter().map(move |name| format!("{name}: {word}"))
    };
    let gone = told("only in the older run", &comparison.gone_targets);
    gone.chain(told("only in the newer run", &comparison.new_targets))
}
