//! The table of counts at the end.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use wsspec_record::results::Verdict;

use super::Page;
use super::text::{cut, wrap};
use crate::tally::{Counts, TargetResults};
use crate::words;

const TIME_WIDTH: usize = 7;

/// A column of the table.
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
    pub(super) fn table(&mut self) {
        let targets = &self.tally.targets;
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
        let widest = names.iter().map(|name| super::text::width(name)).max();
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
            let name = cut(name, first);
            let blank = first - super::text::width(&name);
            let _ = write!(self.out, "{name}{:blank$}", "");
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
}
