//! `summary.md`: what a CI job shows beside its log.

use std::fmt::Write as _;

use wsspec_cases::requirement::Catalogue;

use crate::account;
use crate::tally::{Tally, TargetResults};
use crate::words;
use wsspec_record::results::{CaseResult, Grade, Verdict};

/// How many results are told in full. GitHub refuses a summary beyond 1 MiB.
pub const FULL_MAX: usize = 50;

/// The document.
pub fn render(tally: &Tally<'_>) -> String {
    let (results, policy) = (tally.results, tally.policy);
    let sum = tally.sum();
    let mut out = String::from("## WebSocket conformance\n\n");
    let conclusion = match (sum.failing, sum.missing) {
        (0, 0) => "✅ Nothing counts against the targets".to_owned(),
        (0, _) => "⚠️ The run did not come to its end".to_owned(),
        _ => format!(
            "❌ {} of {} count against the targets",
            words::grouped(sum.failing),
            words::counted(sum.total(), "result", "results")
        ),
    };
    let _ = writeln!(
        out,
        "**{conclusion}** (policy `{policy}`, seed `{}`).\n",
        results.header.seed
    );
    table(&mut out, &tally.targets);
    let mut left = FULL_MAX;
    for target in &tally.targets {
        told(&mut out, target, tally, &mut left);
    }
    out
}

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

fn told(out: &mut String, target: &TargetResults<'_>, tally: &Tally<'_>, left: &mut usize) {
    let failed: Vec<&CaseResult> = target
        .results
        .iter()
        .copied()
        .filter(|result| tally.fails(result))
        .collect();
    let noted: Vec<&CaseResult> = target
        .results
        .iter()
        .copied()
        .filter(|result| !tally.fails(result) && result.grade() > Grade::Good)
        .collect();
    if failed.is_empty() && noted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n### {}\n", escaped(&target.info.name, 80));
    let shown = failed.len().min(*left);
    *left -= shown;
    for result in &failed[..shown] {
        full(out, result, &tally.catalogue);
    }
    let more = (failed.len() - shown) as u64;
    if more > 0 {
        let _ = writeln!(
            out,
            "\n… and {}; the report tells all of them.",
            words::counted(more, "more", "more")
        );
    }
    if !noted.is_empty() {
        listed(out, &noted);
    }
}

fn full(out: &mut String, result: &CaseResult, catalogue: &Catalogue) {
    let mark = match result.grade() {
        Grade::Error => "⚠️ error",
        Grade::Bad => "❌ fail",
        Grade::NonStrict => "🟡 non-strict",
        Grade::Good => "✅",
    };
    // In HTML, since Markdown is not read inside of <summary>.
    let _ = writeln!(
        out,
        "<details><summary>{mark} <code>{}</code> — {}</summary>\n",
        html_escaped(&words::clean(&result.case, 120)),
        html_escaped(&words::clean(&words::reason(result), 160)),
    );
    // An indented block has no end that hostile text could bring about.
    for line in account::text(result, catalogue).lines() {
        let _ = writeln!(out, "    {line}");
    }
    out.push_str("\n</details>\n");
}

fn listed(out: &mut String, noted: &[&CaseResult]) {
    let number = words::counted(noted.len() as u64, "result", "results");
    let _ = writeln!(
        out,
        "\n<details><summary>{number} not strictly right, but not counted</summary>\n"
    );
    for result in noted.iter().take(FULL_MAX) {
        let (id, reason) = (
            escaped(&result.case, 120),
            escaped(&words::reason(result), 200),
        );
        let _ = writeln!(out, "- {id}: {reason}");
    }
    if noted.len() > FULL_MAX {
        let _ = writeln!(out, "- … and {} more", noted.len() - FULL_MAX);
    }
    out.push_str("\n</details>\n");
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
    use wsspec_record::Results;

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
    fn a_thousand_failures_are_bounded() {
        let mut results = fixtures::results();
        let worst = results.results[3].clone();
        results.results = (0..1_000)
            .map(|index| CaseResult {
                case: format!("many/{index}"),
                ..worst.clone()
            })
            .collect();
        let text = rendered(&results, FailOn::Fail);
        assert!(text.contains("… and 950 more; the report tells all of them."));
        assert!(text.len() < 200_000);
    }
}
