//! `wsspec cases`: what there is to play.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use wsspec_cases::coverage::{Coverage, Gaps};
use wsspec_cases::expand::Dose;
use wsspec_cases::requirement::Requirement;
use wsspec_cases::{Suite, Target};
use wsspec_reports::words;

use super::options::CaseOptions;
use super::{Exit, problem};

/// List, show and check cases.
#[derive(Debug, Subcommand)]
pub(super) enum CasesCommand {
    /// List the selected cases, one a line: id, Autobahn's number, title.
    List(ListArguments),
    /// Show one case: what is sent, what is accepted, and why.
    Show(ShowArguments),
    /// Check case files and say what is wrong with them, with line and column.
    Check(CheckArguments),
    /// List the requirements of the RFCs with the cases that test them, or why none does.
    Coverage(CoverageArguments),
    /// Print the JSON Schema of case files.
    Schema,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    cases: CaseOptions,
    /// Print the cases as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The case's id, or autobahn:NUMBER
    id: String,
    #[command(flatten)]
    cases: CaseOptions,
    /// Print the case as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Folders or files; the built-in cases if there are none
    paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct CoverageArguments {
    #[command(flatten)]
    cases: CaseOptions,
    /// Only this RFC, by its number
    #[arg(long, value_name = "NUMBER")]
    rfc: Option<String>,
    /// List every requirement, and not only those without a case
    #[arg(long)]
    all: bool,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: CasesCommand) -> Exit {
    match command {
        CasesCommand::Coverage(arguments) => coverage(&arguments),
        CasesCommand::List(arguments) => list(&arguments),
        CasesCommand::Show(arguments) => show(&arguments),
        CasesCommand::Check(arguments) => check(&arguments),
        CasesCommand::Schema => {
            anstream::print!("{}", wsspec_cases::schema::schema_text());
            Exit::Conforms
        }
    }
}

fn coverage(arguments: &CoverageArguments) -> Exit {
    let suite = match arguments.cases.suite() {
        Ok(suite) => suite,
        Err(errors) => return problem::case_errors(&errors),
    };
    let gaps = match Gaps::embedded() {
        Ok(gaps) => gaps,
        Err(error) => return problem::fail(Exit::NoRun, &error),
    };
    let mut rfcs: Vec<&str> = suite.catalogue().iter().map(Requirement::rfc).collect();
    rfcs.sort_unstable();
    rfcs.dedup();
    if let Some(only) = &arguments.rfc {
        rfcs.retain(|rfc| rfc == only);
        if rfcs.is_empty() {
            let words = format!("the catalogue has no RFC {only}");
            return problem::complain(Exit::Usage, &words);
        }
    }
    let cases = suite.select(Target::Endpoint, &arguments.cases.selection());
    let coverages: Vec<Coverage<'_>> = rfcs
        .into_iter()
        .flat_map(|rfc| [(rfc, Target::Server), (rfc, Target::Client)])
        .map(|(rfc, target)| {
            Coverage::of(suite.catalogue(), cases.iter().copied(), &gaps, rfc, target)
        })
        .collect();
    if arguments.json {
        return print_json(&coverages);
    }
    for coverage in &coverages {
        print_coverage(coverage, arguments.all);
    }
    Exit::Conforms
}

fn print_coverage(coverage: &Coverage<'_>, all: bool) {
    let (musts, distinct) = (coverage.of_musts(), coverage.of_distinct());
    anstream::println!(
        "RFC {}, {}s: {} of {} MUST and MUST NOT ({:.1} %), {} of {} with the other levels",
        coverage.rfc,
        coverage.target.name(),
        musts.tested,
        musts.all,
        musts.percent(),
        distinct.tested,
        distinct.all,
    );
    for covered in &coverage.requirements {
        let requirement = covered.requirement;
        let counts = requirement.is_distinct() && requirement.is_must();
        if !(all || counts && covered.cases.is_empty()) {
            continue;
        }
        let (id, level, summary) = (&requirement.id, &requirement.level, &requirement.summary);
        anstream::println!("  {id} ({level}): {summary}");
        match (&covered.cases[..], covered.gap) {
            ([], Some(reason)) => anstream::println!("    no case: {reason}"),
            ([], None) => anstream::println!("    no case"),
            (cases, _) => anstream::println!("    {}", cases.join(" ")),
        }
    }
    anstream::println!();
}

fn list(arguments: &ListArguments) -> Exit {
    let suite = match arguments.cases.suite() {
        Ok(suite) => suite,
        Err(errors) => return problem::case_errors(&errors),
    };
    let cases = suite.select(Target::Endpoint, &arguments.cases.selection());
    if cases.is_empty() {
        return problem::complain(Exit::Usage, "the selection matches no case");
    }
    if arguments.json {
        return print_json(&cases);
    }
    let width = cases.iter().map(|case| case.id.len()).max().unwrap_or(0);
    for case in cases {
        let number = case.autobahn.as_deref().unwrap_or("-");
        anstream::println!("{:<width$}  {number:<8}{}", case.id, case.title);
    }
    Exit::Conforms
}

fn show(arguments: &ShowArguments) -> Exit {
    let suite = match arguments.cases.suite() {
        Ok(suite) => suite,
        Err(errors) => return problem::case_errors(&errors),
    };
    let by_number = arguments.id.strip_prefix("autobahn:");
    let found = suite.cases().find(|case| match by_number {
        Some(number) => case.autobahn.as_deref() == Some(number),
        None => case.id == arguments.id,
    });
    let Some(case) = found else {
        let words = format!("there is no case {:?}", arguments.id);
        return problem::complain(Exit::Usage, &words);
    };
    if arguments.json {
        return print_json(case);
    }
    anstream::println!("{}\n{}\n", case.id, case.title);
    if let Some(number) = &case.autobahn {
        anstream::println!("Autobahn's number: {number}");
    }
    anstream::println!("For: {}s", case.target.name());
    for id in &case.requirements {
        if let Some(requirement) = suite.catalogue().find(id) {
            let (citation, level) = (requirement.citation(), &requirement.level);
            anstream::println!("{citation} ({level}, {id}): {}", requirement.summary);
        }
    }
    for need in &case.needs {
        anstream::println!("Needs: {}", words::need(need));
    }
    for name in &case.flags {
        if let Some(flag) = suite.flags().find(name) {
            let advisories = match &flag.advisories[..] {
                [] => String::new(),
                some => format!(" ({})", some.join(", ")),
            };
            let (title, effect) = (&flag.title, &flag.effect);
            anstream::println!("Known vulnerability, {name}{advisories}: {title} {effect}");
        }
    }
    anstream::println!("\n{}\n", case.because);
    let opening = words::opening(&case.opening);
    if !opening.is_empty() {
        anstream::println!("Unusual about the opening handshake:");
        for line in opening {
            anstream::println!("  {line}");
        }
        anstream::println!();
    }
    if case.keys_of > 1 {
        anstream::println!("Connections that are compared: {}\n", case.keys_of);
    }
    anstream::println!("Sent:");
    for step in &case.script {
        anstream::println!("  {}", words::step(step));
    }
    anstream::println!("\nAccepted:");
    for outcome in &case.outcomes {
        anstream::println!("  {}: {}", outcome.verdict.name(), words::course(outcome));
        if let Some(because) = &outcome.because {
            anstream::println!("    {because}");
        }
    }
    Exit::Conforms
}

fn check(arguments: &CheckArguments) -> Exit {
    for dose in [Dose::Small, Dose::Full] {
        let suite = if arguments.paths.is_empty() {
            Suite::embedded(dose)
        } else {
            Suite::from_paths(arguments.paths.iter().map(PathBuf::as_path), dose)
        };
        match suite {
            Ok(suite) if dose == Dose::Small => {
                anstream::println!("{} cases, no mistakes", suite.cases().count());
            }
            Ok(_) => {}
            Err(errors) => return problem::case_errors(&errors),
        }
    }
    Exit::Conforms
}

fn print_json(value: &impl serde::Serialize) -> Exit {
    match serde_json::to_string_pretty(value) {
        Ok(text) => {
            anstream::println!("{text}");
            Exit::Conforms
        }
        Err(error) => problem::fail(Exit::NoRun, &error),
    }
}
