//! What a run prints at its end: the causes of what failed, each with one example in full, and
//! on the last screen what is wrong in a few lines and a table of counts.

mod table;
mod text;

use std::fmt::Write as _;

use anstyle::AnsiColor;
use wsspec_record::results::{CaseResult, Grade};

use crate::account;
use crate::causes::{Cause, Seen, names};
use crate::tally::{Tally, TargetResults};
use crate::words;

use text::{cut, width, wrap};

/// How many causes are told in full; the report has all of them.
pub const FULL_MAX: usize = 25;
/// How many cases are named for a cause.
pub const NAMED_MAX: usize = 40;
/// How many lines the last screen has for what is wrong.
const LAST_SCREEN_LINES: usize = 16;

/// How the text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether escape sequences for colours are written.
    pub color: bool,
    /// Columns of the terminal; 80 where that is unknown.
    pub width: usize,
    /// 0 tells the causes of failures in full and the rest in short; 1 tells everything that
    /// is not good in full, with more of the transcript.
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
    for target in &tally.targets {
        page.failures(target);
    }
    for target in &tally.targets {
        page.known(target);
        page.allowed(target);
    }
    page.last_screen();
    page.table();
    page.conclusions();
    page.out
}

struct Page<'a> {
    out: String,
    style: Style,
    tally: &'a Tally<'a>,
}

const FIRST_COLUMN: usize = 12;

impl<'a> Page<'a> {
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

    fn label(&self, cause: &Cause<'_>) -> String {
        let (text, color) = match (&cause.seen, cause.grade) {
            (Seen::Died, _) => ("DIED", AnsiColor::Magenta),
            (_, Grade::Error) => ("ERROR", AnsiColor::Magenta),
            (_, Grade::Bad) => ("FAIL", AnsiColor::Red),
            (_, Grade::NonStrict | Grade::Good) => ("NON-STRICT", AnsiColor::Yellow),
        };
        self.paint(text, color.on_default().bold())
    }

    fn failures(&mut self, target: &TargetResults<'a>) {
        let causes = self.unknown_faults(target);
        for cause in causes.iter().take(FULL_MAX) {
            self.full(target, cause);
        }
        let more = causes.len().saturating_sub(FULL_MAX) as u64;
        if more > 0 {
            let number = words::counted(more, "more fault", "more faults");
            let hint = format!("and {number}; the report in the output folder tells all of them.");
            let _ = writeln!(self.out, "{}\n", self.dim(&hint));
        }
    }

    /// The faults that no baseline knows.
    fn unknown_faults<'b>(&self, target: &'b TargetResults<'a>) -> Vec<&'b Cause<'a>> {
        let is_unknown = |cause: &&Cause<'_>| self.tally.known_cause(cause).is_none();
        target.faults().filter(is_unknown).collect()
    }

    /// What a baseline knows, and why that is accepted.
    fn known(&mut self, target: &TargetResults<'a>) {
        let known = target.faults().filter_map(|cause| {
            let known = self.tally.known_cause(cause)?;
            Some((cause, known))
        });
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            return;
        }
        let number = words::counted(known.len() as u64, "fault is", "faults are");
        let title = format!("{number} known{}:", self.on(target));
        let _ = writeln!(self.out, "{}", self.bold(&title));
        for (cause, known) in known.iter().take(FULL_MAX) {
            let number = words::grouped(cause.results.len() as u64);
            let line = format!("{}: {}", words::clean(&known.reason, 200), cause.sentence());
            let line = cut(&line, self.style.width - 8);
            let _ = writeln!(self.out, "{number:>6}  {line}");
        }
        self.out.push('\n');
    }

    /// What is allowed, and not strictly right.
    fn allowed(&mut self, target: &TargetResults<'a>) {
        let causes: Vec<&Cause<'_>> = target.allowed().collect();
        if causes.is_empty() {
            return;
        }
        if self.style.verbose > 0 {
            for cause in causes.iter().take(FULL_MAX) {
                self.full(target, cause);
            }
            return;
        }
        let found: usize = causes.iter().map(|cause| cause.results.len()).sum();
        let number = words::counted(found as u64, "result is", "results are");
        let title = format!(
            "{number} allowed, but not strictly right{}:",
            self.on(target)
        );
        let _ = writeln!(self.out, "{}", self.bold(&title));
        for cause in causes.iter().take(FULL_MAX) {
            let number = words::grouped(cause.results.len() as u64);
            let sentence = cut(&cause.sentence(), self.style.width - 8);
            let _ = writeln!(self.out, "{number:>6}  {sentence}");
        }
        let more = causes.len().saturating_sub(FULL_MAX) as u64;
        if more > 0 {
            let _ = writeln!(self.out, "{:>6}  and {} more", "", words::grouped(more));
        }
        self.out.push('\n');
    }

    fn on(&self, target: &TargetResults<'_>) -> String {
        match self.tally.targets.len() {
            0 | 1 => String::new(),
            _ => format!(" on {}", words::clean(&target.info.name, 40)),
        }
    }

    /// A cause with one example in full and the other cases by name.
    fn full(&mut self, target: &TargetResults<'_>, cause: &Cause<'_>) {
        let number = words::counted(cause.results.len() as u64, "case", "cases");
        let _ = write!(self.out, "{} {}", self.label(cause), self.bold(&number));
        let on = self.on(target);
        let _ = writeln!(self.out, "{}", self.dim(&on));
        if let Some(stake) =
            account::stake(cause.requirement, cause.is_broken, &self.tally.catalogue)
        {
            self.wrapped(stake.label, &stake.text);
        }
        self.wrapped("seen", &cause.sentence());
        for name in &cause.flags {
            self.wrapped("known as", &words::clean(name, 60));
        }
        self.wrapped("where", &cause.places());
        self.example(cause.example());
        let others = &cause.results[1..];
        if !others.is_empty() {
            self.wrapped("also in", &names(others, NAMED_MAX));
        }
        self.out.push('\n');
    }

    fn example(&mut self, result: &CaseResult) {
        let id = words::clean(&result.case, 120);
        let id = match &result.autobahn {
            Some(number) => format!("{id} (Autobahn {})", words::clean(number, 12)),
            None => id,
        };
        self.wrapped("example", &id);
        if let Some(case) = self.tally.case_of(result) {
            self.wrapped("", &words::clean(&case.title, 300));
        }
        self.wrapped("why", &words::reason(result));
        for fact in account::course(result) {
            self.wrapped(fact.label, &fact.text);
        }
        self.last_frames(result);
        if !result.replay.is_empty() {
            // Not wrapped, so that it can be copied.
            let command = words::clean(&result.replay, 2_000);
            self.line("replay", &command);
        }
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

    /// What there is to know of the targets besides their results.
    fn notices(&mut self) {
        for target in &self.tally.targets {
            let told = target.notices();
            if told.is_empty() {
                continue;
            }
            let name = words::clean(&target.info.name, 60);
            let _ = writeln!(self.out, "{}", self.bold(&name));
            for (is_trouble, text) in told {
                let mark = if is_trouble { "!" } else { "·" };
                for (index, line) in wrap(&text, self.style.width - 4).iter().enumerate() {
                    let mark = if index == 0 { mark } else { " " };
                    let _ = writeln!(self.out, "  {mark} {line}");
                }
            }
            self.out.push('\n');
        }
    }

    /// What is wrong, in a few lines: whoever looks at the end of a log sees it.
    fn last_screen(&mut self) {
        let told: Vec<&TargetResults<'_>> = self
            .tally
            .targets
            .iter()
            .filter(|target| !self.unknown_faults(target).is_empty())
            .collect();
        self.notices();
        let room = LAST_SCREEN_LINES / told.len().max(1);
        for target in told {
            let causes = self.unknown_faults(target);
            let number = words::counted(causes.len() as u64, "fault", "faults");
            let name = words::clean(&target.info.name, 40);
            let _ = writeln!(self.out, "{}", self.bold(&format!("{number} of {name}")));
            let mut left = room.max(4);
            for (at, cause) in causes.iter().enumerate() {
                let lines = wrap(&cause.in_short(&self.tally.catalogue), self.style.width - 8);
                if lines.len() > left {
                    let more = words::counted((causes.len() - at) as u64, "more", "more");
                    let _ = writeln!(self.out, "{:>6}  {}", "", self.dim(&format!("and {more}")));
                    break;
                }
                left -= lines.len();
                for (index, line) in lines.iter().enumerate() {
                    let number = match index {
                        0 => words::grouped(cause.results.len() as u64),
                        _ => String::new(),
                    };
                    let _ = writeln!(self.out, "{number:>6}  {line}");
                }
            }
            self.out.push('\n');
        }
    }

    fn conclusions(&mut self) {
        let policy = self.tally.policy;
        for target in &self.tally.targets {
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
            } else if counts.troubles > 0 {
                let text =
                    "no case alone counts against it, but what is noted above does".to_owned();
                (AnsiColor::Red, text)
            } else {
                let text = format!("none of {total} counts against it (--fail-on {policy})");
                (AnsiColor::Green, text)
            };
            let text = match counts.known {
                0 => text,
                known => format!("{text}, {} known", words::grouped(known)),
            };
            let room = self.style.width.saturating_sub(width(&text) + 2);
            let name = self.bold(&cut(&name, room.max(6)));
            let text = self.paint(&text, mark.on_default());
            let _ = writeln!(self.out, "{name}: {text}");
        }
    }
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
        assert!(text.lines().count() < 200, "one cause, told once");
    }
}
