//! That what the documents of this crate say is so.

use serde_json::{Value, json};
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
fn the_schema_accepts_every_case_file_and_not_everything() {
    let mut compiler = boon::Compiler::new();
    let schema: Value = serde_json::from_str(include_str!("../schema.json")).unwrap();
    compiler.add_resource("schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let schema = compiler.compile("schema.json", &mut schemas).unwrap();
    let mut files = 0;
    for (name, text) in case_files() {
        let file: Value = serde_json::from_str(&text).unwrap();
        if let Err(error) = schemas.validate(&file, schema) {
            panic!("{name}: {error:#}");
        }
        files += 1;
    }
    assert!(files > 60, "{files} files");
    for wrong in [
        json!({"title": "T"}),
        json!({"title": "T", "cases": [{"id": "a/b", "becuase": ""}]}),
        json!({"title": "T", "cases": [{"script": [{"send": [{"txt": ""}]}]}]}),
        json!({"title": "T", "cases": [{"outcomes": [{"passes": []}]}]}),
        json!({"title": "T", "cases": [{"outcomes": [{"pass": [{"failed": [1002]}]}]}]}),
    ] {
        assert!(schemas.validate(&wrong, schema).is_err(), "{wrong}");
    }
}

/// The files of the suite, by name.
fn case_files() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_topic = |path: &std::path::Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_dir() && !matches!(&*name, "src" | "tests" | "requirements")
    };
    let entries = |folder: &std::path::Path| {
        let entries = std::fs::read_dir(folder).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .collect::<Vec<_>>()
    };
    let topics = entries(root).into_iter().filter(|path| is_topic(path));
    topics
        .flat_map(|topic| entries(&topic))
        .map(|file| {
            let text = std::fs::read_to_string(&file).expect("text");
            (file.display().to_string(), text)
        })
        .collect()
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
