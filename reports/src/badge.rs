//! `badge.svg`: how much of the suite was kept to, small enough for a README.

use std::fmt::Write as _;

use crate::tally::Tally;

const LABEL: &str = "RFC 6455";
const HEIGHT: u32 = 20;

/// The document.
pub fn render(tally: &Tally<'_>) -> String {
    let (value, sentence, color) = score(tally);
    let (left, right) = (width(LABEL), width(&value));
    let all = left + right;
    let mut svg = String::new();
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="{HEIGHT}" viewBox="0 0 {all} {HEIGHT}" role="img" aria-label="{LABEL}: {value}">
  <title>{sentence}</title>
  <clipPath id="round"><rect width="{all}" height="{HEIGHT}" rx="4"/></clipPath>
  <g clip-path="url(#round)">
    <rect width="{left}" height="{HEIGHT}" fill="#2f3640"/>
    <rect x="{left}" width="{right}" height="{HEIGHT}" fill="{color}"/>
  </g>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
    <text x="{}" y="14" textLength="{}">{LABEL}</text>
    <text x="{}" y="14" textLength="{}">{value}</text>
  </g>
</svg>
"##,
        left / 2,
        left - 14,
        left + right / 2,
        right - 14,
    );
    svg
}

/// What stands on the right, in full, and the colour of it.
///
/// Good are the results that kept to every MUST; those that no judgement was asked of
/// (skipped, or an optional feature that is not there) do not count.
fn score(tally: &Tally<'_>) -> (String, String, &'static str) {
    let counts = tally.sum();
    let (kept, judged) = (counts.kept, counts.judged() + counts.missing);
    if judged == 0 {
        let sentence = "wsspec: no case was played".to_owned();
        return ("no results".to_owned(), sentence, GREY);
    }
    let sentence = format!("wsspec: {kept} of {judged} cases keep to every MUST of RFC 6455");
    let color = match () {
        () if kept < judged || counts.troubles > 0 => RED,
        () if counts.non_strict > 0 => AMBER,
        () => GREEN,
    };
    (format!("{kept}/{judged}"), sentence, color)
}

// White text on each of them has a contrast of at least 4.5 to 1.
const GREEN: &str = "#1a7f37";
const AMBER: &str = "#946200";
const RED: &str = "#c0282d";
const GREY: &str = "#6a737d";

/// The width of a text of digits and capitals at 11 px, with 7 px on either side.
fn width(text: &str) -> u32 {
    let widths = text.chars().map(|character| match character {
        ' ' => 4,
        '/' => 5,
        _ => 7,
    });
    widths.sum::<u32>() + 14
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;
    use wsspec_record::results::{Closing, Verdict};

    fn of(verdicts: &[(Verdict, Closing)]) -> (String, &'static str) {
        let mut results = fixtures::results();
        results.header.targets.truncate(1);
        results.header.order.clear();
        results.results = verdicts
            .iter()
            .map(|(verdict, closing)| fixtures::result("echo", "a/b", *verdict, *closing))
            .collect();
        let (value, _, color) = score(&Tally::new(&results, FailOn::Fail));
        (value, color)
    }

    #[test]
    fn a_run_as_a_badge() {
        insta::assert_snapshot!(render(&Tally::new(&fixtures::results(), FailOn::Fail)));
    }

    #[test]
    fn the_colour_follows_the_worst() {
        let pass = (Verdict::Pass, Closing::Ok);
        for (verdicts, expected) in [
            (&[pass, pass][..], ("2/2", GREEN)),
            (&[pass, (Verdict::NonStrict, Closing::Ok)], ("2/2", AMBER)),
            (&[pass, (Verdict::Pass, Closing::WrongCode)], ("2/2", AMBER)),
            (&[pass, (Verdict::Fail, Closing::Ok)], ("1/2", RED)),
            (&[pass, (Verdict::Error, Closing::None)], ("1/2", RED)),
            (&[pass, (Verdict::Skipped, Closing::None)], ("1/1", GREEN)),
            (&[], ("no results", GREY)),
        ] {
            let (value, color) = of(verdicts);
            assert_eq!((value.as_str(), color), expected, "{verdicts:?}");
        }
    }
}
