//! Errors in words: the one place where the program complains.

use std::fmt::Write as _;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use wsspec_cases::CaseErrors;

use super::Exit;

/// How many mistakes of case files are shown.
const SHOWN_MAX: usize = 20;

/// Prints an error with everything that caused it.
pub(super) fn fail(exit: Exit, error: &dyn std::error::Error) -> Exit {
    let mut words = format!("error: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        let text = error.to_string();
        if !words.contains(&text) {
            let _ = write!(words, ": {text}");
        }
        source = error.source();
    }
    anstream::eprintln!("{words}");
    exit
}

/// Prints a complaint that is no error value.
pub(super) fn complain(exit: Exit, words: &str) -> Exit {
    anstream::eprintln!("error: {words}");
    exit
}

/// Prints that somebody asked for the end of the run, and where its results are if there are any.
pub(super) fn interrupted(out: &Path) -> Exit {
    let file = out.join("results.json");
    if file.exists() {
        let file = file.display();
        complain(
            Exit::NoRun,
            &format!("interrupted; what was found so far is in {file}"),
        )
    } else {
        complain(Exit::NoRun, "interrupted before anything was found")
    }
}

/// Prints the mistakes in case files, with the lines where they stand.
pub(super) fn case_errors(errors: &CaseErrors) -> Exit {
    let renderer = Renderer::styled();
    for error in errors.errors.iter().take(SHOWN_MAX) {
        let title = format!("{} [{}]", error.words(), error.kind.rule());
        let snippet = Snippet::source(&*error.place.text)
            .path(error.place.file.as_str())
            .annotation(AnnotationKind::Primary.span(error.place.range.clone()));
        let report = [Level::ERROR.primary_title(title).element(snippet)];
        anstream::eprintln!("{}\n", renderer.render(&report));
    }
    let more = errors.errors.len().saturating_sub(SHOWN_MAX);
    if more > 0 {
        anstream::eprintln!("and {more} more\n");
    }
    anstream::eprintln!("error: {errors}; the rules are described in cases/README.md");
    Exit::Usage
}
