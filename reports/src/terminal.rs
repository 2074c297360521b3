//! What a run prints at its end: what failed and why, and a table of counts.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use crate::account;
use crate::tally::{Counts, Tally, TargetResults};
use crate::words;
use wsspec_record::results::{CaseResult, Grade, Verdict};

/// How many failures are told in full; the others are listed by id.
pub const FULL_MAX: usize = 25;
/// How many ids a list has before it ends in a number.
pub const LISTED_MAX: usize = 200;

/// How the text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colours are written.
    pub color: bool,
    /// Columns of the terminal; 80 where that is unknown.
    pub width: usize,
    /// 0 tells failures in full and the rest in a line; 1 tells everything that is
    /// not good in full, with more of the transcript.
    pub verbose: u8,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            verbose: 0,
        }
    }
}

/// The end of a run, in text.
pub fn report(tally: &Tally<'_>, style: Style) -> String {
    let mut page = Page {
        out: String::new(),
        style: Style {
            width: style.width.clamp(40, 200),
            ..style
        },
        tally,
    };
    let graded = |lowest: Grade, highest: Grade| -> Vec<&CaseResult> {
        let all = tally.targets.iter().flat_map(|target| &target.results);
        all.copied()
            .filter(|result| (lowest..=highest).contains(&result.grade()))
            .collect()
    };
    page.failures(&graded(Grade::Bad, Grade::Error));
    page.non_strict(&graded(Grade::NonStrict, Grade::NonStrict));
    page.table(&tally.targets);
    page.conclusions(&tally.targets);
    page.out
}

struct Page<'a> {
    out: String,
    style: Style,
    tally: &'a Tally<'a>,
}

const FIRST_COLUMN: usize = 12;
const TIME_WIDTH: usize = 7;

/// A column of the table at the end.
struct Column {
    heading: &'static str,
    color: anstyle::Style,
    number: Box<dyn Fn(&Counts) -> u64>,
}

fn columns() -> Vec<Column> {
    let plain = anstyle::Style::new();
    let of_verdicts = Verdict::ALL.iter().map(|verdict| Column {
        heading: match verdict {
            Verdict::Unimplemented => "unimpl",
            verdict => verdict.name(),
        },
        color: match verdict {
            Verdict::Pass => AnsiColor::Green.on_default(),
            Verdict::NonStrict => AnsiColor::Yellow.on_default(),
            Verdict::Fail => AnsiColor::Red.on_default(),
            Verdict::Error => AnsiColor::Magenta.on_default(),
            Verdict::Info | Verdict::Unimplemented | Verdict::Skipped => plain,
        },
        number: Box::new(|counts| counts.verdict(*verdict)),
    });
    of_verdicts
        .chain([
            Column {
                heading: "bad close",
                color: AnsiColor::Red.on_default(),
                number: Box::new(|counts| counts.closing_not_ok),
            },
            Column {
                heading: "not run",
                color: AnsiColor::Magenta.on_default(),
                number: Box::new(|counts| counts.missing),
            },
        ])
        .collect()
}

impl Page<'_> {
    fn paint(&self, text: &str, style: anstyle::Style) -> String {
        if self.style.color {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_owned()
        }
    }

    fn dim(&self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().dimmed())
    }

    fn bold(&self, text: &str) -> String {
        self.paint(text, anstyle::Style::new().bold())
    }

    fn label(&self, result: &CaseResult) -> String {
        let (text, color) = match result.grade() {
            Grade::Error => ("ERROR", AnsiColor::Magenta),
            Grade::Bad => ("FAIL", AnsiColor::Red),
            Grade::NonStrict => ("NON-STRICT", AnsiColor::Yellow),
            Grade::Good => ("PASS", AnsiColor::Green),
        };
        self.paint(text, color.on_default().bold())
    }

    fn failures(&mut self, failed: &[&CaseResult]) {
        for result in failed.iter().take(FULL_MAX) {
            self.full(result);
        }
        let rest = failed.get(FULL_MAX..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        let number = words::counted(rest.len() as u64, "more failure", "more failures");
        let _ = writeln!(self.out, "{}", self.bold(&format!("and {number}:")));
        self.listed(rest);
        let hint = "The report in the output folder tells all of them in full.";
        let _ = writeln!(self.out, "  {}\n", self.dim(hint));
    }

    fn non_strict(&mut self, found: &[&CaseResult]) {
        if found.is_empty() {
            return;
        }
        if self.style.verbose > 0 {
            for result in found.iter().take(FULL_MAX) {
                self.full(result);
            }
            self.listed(found.get(FULL_MAX..).unwrap_or_default());
            return;
        }
        let number = words::counted(found.len() as u64, "result is", "results are");
        let title = format!("{number} allowed, but not strictly right:");
        let _ = writeln!(self.out, "{}", self.bold(&title));
        self.listed(found);
        self.out.push('\n');
    }

    /// Ids under the reason that they share.
    fn listed(&mut self, found: &[&CaseResult]) {
        let mut reasons: Vec<(String, Vec<&CaseResult>)> = Vec::new();
        for result in found.iter().take(LISTED_MAX) {
            let reason = words::reason(result);
            match reasons.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, same)) => same.push(result),
                None => reasons.push((reason, vec![result])),
            }
        }
        for (reason, results) in reasons {
            let _ = writeln!(self.out, "  {}", cut(&reason, self.style.width - 2));
            for result in results {
                let id = words::clean(&result.case, 120);
                let _ = write!(self.out, "    {id}");
                if self.tally.targets.len() > 1 {
                    let target = words::clean(&result.target, 32);
                    let _ = write!(self.out, "  {}", self.dim(&target));
                }
                self.out.push('\n');
            }
        }
        let more = found.len().saturating_sub(LISTED_MAX) as u64;
        if more > 0 {
            let _ = writeln!(self.out, "  … and {} more", words::grouped(more));
        }
    }

    fn full(&mut self, result: &CaseResult) {
        let label = self.label(result);
        let id = self.bold(&words::clean(&result.case, 120));
        let _ = write!(self.out, "{label} {id}");
        let mut length = result.case.chars().count().min(120) + "FAIL ".len();
        let mut aside = Vec::new();
        if self.tally.targets.len() > 1 {
            aside.push(format!("on {}", words::clean(&result.target, 40)));
        }
        if let Some(number) = &result.autobahn {
            aside.push(format!("Autobahn {}", words::clean(number, 12)));
        }
        let aside = aside.join(", ");
        length += aside.chars().count() + 2;
        if !aside.is_empty() && length <= self.style.width {
            let _ = write!(self.out, "  {}", self.dim(&aside));
        }
        self.out.push('\n');
        if length > self.style.width {
            self.wrapped("", &aside);
        }
        let case = self.tally.case_of(result);
        if let Some(case) = case {
            self.wrapped("", &words::clean(&case.title, 300));
        }

        for fact in account::facts(result, &self.tally.catalogue) {
            self.wrapped(fact.label, &fact.text);
        }
        self.last_frames(result);
        if !result.replay.is_empty() {
            // Not wrapped, so that it can be copied.
            let command = words::clean(&result.replay, 2_000);
            self.line("replay", &command);
        }
        self.out.push('\n');
    }

    fn last_frames(&mut self, result: &CaseResult) {
        let shown_max = if self.style.verbose > 0 { 24 } else { 6 };
        let entries = account::last_entries(result, shown_max);
        for (index, entry) in entries.into_iter().enumerate() {
            let word = if index == 0 { "wire" } else { "" };
            let room = self.style.width - FIRST_COLUMN;
            self.line(word, &cut(&words::entry(entry), room));
            for complaint in words::complaints(&entry.what) {
                let complaint = cut(&format!("{:>16} {complaint}", "!"), room);
                let complaint = self.paint(&complaint, AnsiColor::Red.on_default());
                self.line("", &complaint);
            }
        }
    }

    fn line(&mut self, word: &str, text: &str) {
        let word = self.dim(&format!("  {word:<width$}", width = FIRST_COLUMN - 2));
        let _ = writeln!(self.out, "{word}{text}");
    }

    fn wrapped(&mut self, word: &str, text: &str) {
        let lines = wrap(text, self.style.width - FIRST_COLUMN);
        for (index, line) in lines.iter().enumerate() {
            self.line(if index == 0 { word } else { "" }, line);
        }
    }

    fn table(&mut self, targets: &[TargetResults<'_>]) {
        let mut columns = columns();
        // Columns of zeros only make the others harder to find.
        columns.retain(|column| {
            matches!(column.heading, "pass" | "fail")
                || targets
                    .iter()
                    .any(|target| (column.number)(&target.counts) > 0)
        });
        let names: Vec<String> = targets
            .iter()
            .map(|target| words::clean(&target.info.name, 60))
            .collect();
        let taken: usize = columns.iter().map(|column| column.heading.len() + 2).sum();
        let taken = taken + TIME_WIDTH + 2;
        let widest = names.iter().map(|name| name.chars().count()).max();
        let widest = widest.unwrap_or(0).max("target".len());
        let first = self.style.width.saturating_sub(taken).min(widest);
        if first < "target".len() {
            return self.counts_in_lines(targets, &columns, &names);
        }

        let mut head = format!("{:<first$}", "target");
        for column in &columns {
            let _ = write!(head, "  {}", column.heading);
        }
        let _ = write!(head, "  {:>TIME_WIDTH$}", "time");
        let _ = writeln!(self.out, "{}", self.dim(&head));
        for (target, name) in targets.iter().zip(&names) {
            let _ = write!(self.out, "{:<first$}", cut(name, first));
            for column in &columns {
                let width = column.heading.len();
                let text = match (column.number)(&target.counts) {
                    0 => format!("  {:>width$}", "·"),
                    number => {
                        let text = format!("  {:>width$}", words::grouped(number));
                        self.paint(&text, column.color)
                    }
                };
                self.out.push_str(&text);
            }
            let time = target
                .info
                .duration_ms
                .map_or(target.counts.duration_ms, |ms| ms as f64);
            let time = words::milliseconds(time);
            let _ = writeln!(self.out, "  {time:>TIME_WIDTH$}");
        }
        self.out.push('\n');
    }

    /// The table of a terminal that is too narrow for one.
    fn counts_in_lines(
        &mut self,
        targets: &[TargetResults<'_>],
        columns: &[Column],
        names: &[String],
    ) {
        for (target, name) in targets.iter().zip(names) {
            let _ = writeln!(self.out, "{}", cut(name, self.style.width));
            let counts: Vec<String> = columns
                .iter()
                .map(|column| ((column.number)(&target.counts), column.heading))
                .filter(|(number, _)| *number > 0)
                .map(|(number, heading)| format!("{} {heading}", words::grouped(number)))
                .collect();
            for line in wrap(&counts.join(", "), self.style.width - 2) {
                let _ = writeln!(self.out, "  {line}");
            }
        }
        self.out.push('\n');
    }

    fn conclusions(&mut self, targets: &[TargetResults<'_>]) {
        let policy = self.tally.policy;
        for target in targets {
            let counts = &target.counts;
            let name = words::clean(&target.info.name, 60);
            let total = words::counted(counts.total(), "case", "cases");
            let (mark, text) = if counts.missing > 0 {
                let missing = words::counted(counts.missing, "case has", "cases have");
                let text = format!("{missing} no result: the run did not come to its end");
                (AnsiColor::Magenta, text)
            } else if counts.failing > 0 {
                let failing = words::grouped(counts.failing);
                let text = format!("{failing} of {total} count against it (--fail-on {policy})");
                (AnsiColor::Red, text)
            } else {
                let text = format!("none of {total} counts against it (--fail-on {policy})");
                (AnsiColor::Green, text)
            };
            let room = self.style.width.saturating_sub(text.chars().count() + 2);
            let name = self.bold(&cut(&name, room.max(6)));
            let text = self.paint(&text, mark.on_default());
            let _ = writeln!(self.out, "{name}: {text}");
        }
    }
}

fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Text in lines of at most `width` characters, broken at spaces where there are some.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        while word.len() > width {
            let rest = word.split_off(width);
            lines.push(word.into_iter().collect());
            word = rest;
        }
        length += word.len();
        line.extend(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;
    use wsspec_record::Results;

    fn told(results: &Results, policy: FailOn, style: Style) -> String {
        report(&Tally::new(results, policy), style)
    }

    #[test]
    fn a_run_in_text() {
        insta::assert_snapshot!(told(&fixtures::results(), FailOn::Fail, Style::default()));
    }

    #[test]
    fn nothing_is_wider_than_the_terminal_but_what_is_copied() {
        for width in [60, 80, 120] {
            let style = Style {
                width,
                verbose: 1,
                ..Style::default()
            };
            let text = told(&fixtures::results(), FailOn::Never, style);
            for line in text.lines() {
                let wide = line.chars().count() > width;
                assert!(!wide || line.starts_with("  replay"), "{width}: {line}");
            }
        }
    }

    #[test]
    fn only_our_own_escape_sequences_are_written() {
        for color in [false, true] {
            let style = Style {
                color,
                ..Style::default()
            };
            let text = told(&fixtures::results(), FailOn::Fail, style);
            assert_eq!(text.contains('\u{1b}'), color);
            assert!(!text.contains("\u{1b}[31mr") && !text.contains('\u{202e}'));
            assert!(!text.contains('\0'));
        }
    }

    #[test]
    fn a_thousand_failures_are_bounded() {
        let mut results = fixtures::results();
        results.results = (0..1_000)
            .map(|index| {
                let mut result = fixtures::results().results[3].clone();
                result.case = format!("many/{index}");
                result
            })
            .collect();
        let text = told(&results, FailOn::Fail, Style::default());
        assert!(text.contains("and 975 more failures:"));
        assert!(text.lines().count() < 25 * 60 + 2 * LISTED_MAX + 100);
    }

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(wrap("aa bb cc", 5), ["aa bb", "cc"]);
        assert_eq!(wrap("aaaaaaa b", 3), ["aaa", "aaa", "a b"]);
        assert_eq!(wrap("", 3), Vec::<String>::new());
    }
}
