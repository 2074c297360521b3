//! That what the documents of this crate say is so.

use wsspec_cases::expand::Dose;
use wsspec_cases::load::load_text;
use wsspec_cases::select::Pattern;
use wsspec_cases::{Suite, check};

const README: &str = include_str!("../README.md");
const DIFFERENCES: &str = include_str!("../DIFFERENCES.md");

#[test]
fn the_samples_of_the_readme_are_sound() {
    let suite = Suite::embedded(Dose::Small).unwrap();
    let samples: Vec<&str> = README
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(!samples.is_empty());
    for sample in samples {
        let loaded = load_text("README.md", sample, Dose::Small);
        assert_eq!(loaded.errors, [], "{sample}");
        let errors = check::check(&loaded.cases, suite.catalogue(), suite.flags());
        assert_eq!(errors, [], "{sample}");
    }
}

#[test]
fn the_readme_lists_every_rule() {
    let source = include_str!("../src/error.rs");
    let (_, names) = source.split_once("pub fn rule(&self)").unwrap();
    let (names, _) = names.split_once("\n    }\n").unwrap();
    let rules: Vec<&str> = names.split('"').skip(1).step_by(2).collect();
    assert!(rules.len() > 15, "{rules:?}");
    let (_, table) = README.split_once("| rule | asks |").unwrap();
    for rule in &rules {
        assert!(table.contains(&format!("`{rule}`")), "{rule} is not listed");
    }
    let listed = table
        .lines()
        .filter_map(|line| line.strip_prefix('|')?.split('|').next())
        .flat_map(|names| names.split('`').skip(1).step_by(2));
    for rule in listed {
        assert!(rules.contains(&rule), "{rule} is no rule");
    }
}

#[test]
fn the_differences_name_cases_that_exist() {
    let suite = Suite::embedded(Dose::Small).unwrap();
    let rows: Vec<&str> = DIFFERENCES
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert!(!rows.is_empty());
    for row in rows {
        let columns: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [numbers, axis, _, _] = columns[..] else {
            panic!("four columns: {row}");
        };
        // An axis, or several, and perhaps the peers of which it is said.
        let known = |word: &str| matches!(word, "verdict" | "closing" | "closing-when-failed");
        assert!(axis.split(", ").next().is_some_and(known), "{row}");
        for number in numbers.split('`').skip(1).step_by(2) {
            let pattern: Pattern = format!("autobahn:{number}").parse().unwrap();
            assert!(suite.cases().any(|case| pattern.matches(case)), "{number}");
        }
    }
}
