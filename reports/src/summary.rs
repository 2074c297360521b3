//! `summary.md`: what a CI job shows beside its log.

use std::fmt::Write as _;

use crate::account;
use crate::causes::Cause;
use crate::tally::{Tally, TargetResults};
use crate::words;
use wsspec_record::results::{Grade, Verdict};

/// The bound of the document, in octets. GitHub refuses more than 1 MiB for all steps of a job
/// together, and nobody reads as much.
pub const OCTETS_MAX: usize = 64 * 1024;
/// How many other cases are named for a cause.
const NAMED_MAX: usize = 20;
/// How many causes of what is allowed are listed for a target.
const ALLOWED_MAX: usize = 20;

/// The document.
pub fn render(tally: &Tally<'_>) -> String {
    let sum = tally.sum();
    let mut out = String::from("## WebSocket conformance\n\n");
    let failing = || {
        let total = words::counted(sum.total(), "result", "results");
        let failing = words::grouped(sum.failing);
        format!("❌ {failing} of {total} count against the targets")
    };
    let conclusion = match (sum.failing, sum.missing) {
        (0, 0) if sum.troubles > 0 => {
            "❌ What is noted of the targets counts against them".to_owned()
        }
        (0, 0) => "✅ Nothing counts against the targets".to_owned(),
        (0, _) => "⚠️ The run did not come to its end".to_owned(),
        (_, 0) => failing(),
        _ => format!("⚠️ The run did not come to its end. {}", failing()),
    };
    let _ = writeln!(
        out,
        "**{conclusion}** (policy `{}`, seed `{}`).\n",
        tally.policy, tally.results.header.seed
    );
    table(&mut out, &tally.targets);
    let told: Vec<&TargetResults<'_>> = tally
        .targets
        .iter()
        .filter(|target| !target.causes.is_empty() || !target.notices().is_empty())
        .collect();
    // Each has its share, and what one leaves goes to those behind it.
    for (at, target) in told.iter().enumerate() {
        let left = OCTETS_MAX.saturating_sub(out.len() + CLOSING_OCTETS);
        let share = left / (told.len() - at);
        out.push_str(&section(tally, target, share));
    }
    out
}

/// What is kept free at the end of a section for how much was left out.
const CLOSING_OCTETS: usize = 200;

fn table(out: &mut String, targets: &[TargetResults<'_>]) {
    out.push_str("| target |");
    for verdict in Verdict::ALL {
        let _ = write!(out, " {verdict} |");
    }
    out.push_str(" bad closing | not run | time |\n|:--|");
    out.push_str(&"--:|".repeat(Verdict::ALL.len() + 3));
    out.push('\n');
    for target in targets {
        let counts = &target.counts;
        let _ = write!(out, "| {} |", escaped(&target.info.name, 80));
        let numbers = Verdict::ALL
            .iter()
            .map(|verdict| counts.verdict(*verdict))
            .chain([counts.closing_not_ok, counts.missing]);
        for number in numbers {
            let _ = write!(out, " {} |", words::grouped(number));
        }
        let _ = writeln!(out, " {} |", words::milliseconds(counts.duration_ms));
    }
}

/// A target's causes, as many as there is room for.
fn section(tally: &Tally<'_>, target: &TargetResults<'_>, room: usize) -> String {
    let faults = words::counted(target.faults().count() as u64, "fault", "faults");
    let mut out = format!("\n### {}: {faults}\n\n", escaped(&target.info.name, 80));
    for (is_trouble, text) in target.notices() {
        let mark = if is_trouble { "⚠️" } else { "ℹ️" };
        let _ = writeln!(out, "{mark} {}\n", escaped(&text, 600));
    }
    let mut left_out = 0;
    // What is known stands behind.
    let mut faults: Vec<&Cause<'_>> = target.faults().collect();
    faults.sort_by_key(|cause| tally.known_cause(cause).is_some());
    for cause in faults {
        let block = folded(tally, cause);
        if left_out > 0 || out.len() + block.len() + CLOSING_OCTETS > room {
            left_out += 1;
        } else {
            out.push_str(&block);
        }
    }
    if left_out > 0 {
        let more = words::counted(left_out, "more", "more");
        let _ = writeln!(out, "\n… and {more}; the report tells all of them.");
    }
    let block = allowed(target);
    if out.len() + block.len() <= room {
        out.push_str(&block);
    }
    out
}

/// A cause, folded up.
fn folded(tally: &Tally<'_>, cause: &Cause<'_>) -> String {
    let known = tally.known_cause(cause);
    let mark = match cause.grade {
        _ if known.is_some() => "📌",
        Grade::Error => "⚠️",
        Grade::Bad => "❌",
        Grade::NonStrict | Grade::Good => "🟡",
    };
    // In HTML, since Markdown is not read inside of <summary>.
    let mut out = format!(
        "<details><summary>{mark} <strong>{}</strong> {}</summary>\n\n",
        words::counted(cause.results.len() as u64, "case", "cases"),
        html_escaped(&cause.in_short(&tally.catalogue)),
    );
    if let Some(known) = known {
        let _ = writeln!(out, "Known: {}\n", escaped(&known.reason, 600));
    }
    // An indented block has no end that hostile text could bring about.
    for line in account::cause(cause, tally, NAMED_MAX).lines() {
        let _ = writeln!(out, "    {line}");
    }
    out.push_str("\n</details>\n");
    out
}

fn allowed(target: &TargetResults<'_>) -> String {
    let found: usize = target.allowed().map(|cause| cause.results.len()).sum();
    if found == 0 {
        return String::new();
    }
    let number = words::counted(found as u64, "result is", "results are");
    let mut out =
        format!("\n<details><summary>🟡 {number} allowed, but not strictly right</summary>\n\n");
    for cause in target.allowed().take(ALLOWED_MAX) {
        let cases = words::counted(cause.results.len() as u64, "case", "cases");
        let _ = writeln!(out, "- {cases}: {}", escaped(&cause.sentence(), 300));
    }
    let more = target.allowed().count().saturating_sub(ALLOWED_MAX);
    if more > 0 {
        let _ = writeln!(out, "- … and {more} more");
    }
    out.push_str("\n</details>\n");
    out
}

/// Hostile text as plain text in Markdown, in a table too.
fn escaped(text: &str, max: usize) -> String {
    let mut out = String::new();
    for character in words::clean(text, max).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A mention or a link to an issue would call people.
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '|' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

fn html_escaped(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '`' | '*' | '_' | '[' | ']' | '|' | '@' | '#' | '~' | '$' | '!' | ':' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;
    use wsspec_record::{CaseResult, Results};

    fn rendered(results: &Results, policy: FailOn) -> String {
        render(&Tally::new(results, policy))
    }

    #[test]
    fn a_run_as_markdown() {
        insta::assert_snapshot!(rendered(&fixtures::results(), FailOn::Fail));
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = rendered(&fixtures::results(), FailOn::NonStrict);
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            assert!(!line.contains("<img") && !line.contains("<b>"), "{line}");
            assert!(!line.contains("</script>"), "{line}");
        }
        let cells = |line: &str| line.replace("\\|", "").matches('|').count();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), 4);
        assert!(
            rows.iter().all(|row| cells(row) == cells(rows[0])),
            "{rows:?}"
        );
    }

    #[test]
    fn a_thousand_causes_are_bounded_and_each_target_has_its_share() {
        let mut results = fixtures::results();
        let worst = results.results[3].clone();
        results.results = (0..1_000)
            .map(|index| CaseResult {
                case: format!("many/{index}"),
                target: results.header.targets[index % 2].name.clone(),
                broken: Some(format!("6455-1-{index}")),
                observed: "<&|".repeat(2_000),
                ..worst.clone()
            })
            .collect();
        let text = rendered(&results, FailOn::Fail);
        assert!(text.len() <= OCTETS_MAX, "{}", text.len());
        let sections: Vec<&str> = text.split("\n### ").skip(1).collect();
        let told = |section: &str| section.matches("<details>").count();
        assert_eq!(sections.len(), 2);
        assert!(told(sections[0]) > 5 && told(sections[1]) > 5);
        assert_eq!(text.matches("the report tells all of them").count(), 2);
    }
}
