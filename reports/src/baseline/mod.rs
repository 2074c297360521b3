//! What is known of targets: failures that are accepted for a reason.
//!
//! Nearly every library fails some case. A baseline names those failures, so that a run is
//! green as long as nothing else fails, and red as soon as something changes, for better or
//! worse:
//!
//! | what | when |
//! |---|---|
//! | new | a result counts against its target, and no entry says so |
//! | vanished | an entry speaks of a result that is another one now |
//! | unmatched | an entry speaks of no case of the suite |
//! | disappeared | a case that an entry speaks of has no result, or fewer cases were played than are known |
//!
//! Each of them fails the run.

mod update;

use std::collections::HashMap;

use globset::{Glob, GlobMatcher};
use serde::Deserialize;
use wsspec_cases::Case;
use wsspec_cases::select::{Pattern, PatternError};
use wsspec_record::results::{CaseResult, Closing, Results, Verdict};

use crate::policy::FailOn;
use crate::tally::TargetResults;

pub use update::{NOT_LOOKED_AT, updated};

/// A baseline file.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// Whether every result that is no plain pass has to be known, and not only those that
    /// count against a target.
    pub everything: bool,
    /// How many cases a whole run plays; fewer have disappeared.
    pub cases: Option<u64>,
    /// What is known.
    pub known: Vec<Known>,
}

/// An entry: some cases on some targets, and how they end.
#[derive(Debug, Clone)]
pub struct Known {
    /// The cases, as `--case` takes them.
    pub cases: Vec<CasePattern>,
    /// The targets; every one where nothing is said.
    pub target: Option<GlobMatcher>,
    /// The verdict; none where it varies from run to run.
    pub verdict: Option<Verdict>,
    /// The closing; any where nothing is said.
    pub closing: Option<Closing>,
    /// Why that is accepted.
    pub reason: String,
    /// Where it is discussed.
    pub link: Option<String>,
    /// Since when it is known.
    pub since: Option<String>,
}

/// A pattern for cases, with the text that it was made of.
#[derive(Debug, Clone)]
pub struct CasePattern {
    /// As the file has it.
    pub text: String,
    pattern: Pattern,
}

/// Why a baseline is of no use.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is no TOML, or not of this form.
    #[error("{0}")]
    Form(Box<toml_edit::de::Error>),
    /// A pattern for cases is none.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A pattern for targets is none.
    #[error("{text:?} is no pattern for targets: {source}")]
    Target {
        /// What stands there.
        text: String,
        /// What is wrong with it.
        source: globset::Error,
    },
    /// An entry gives no reason.
    #[error("the entry for {cases:?} gives no reason; say why it is accepted")]
    NoReason {
        /// The cases of the entry.
        cases: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    everything: bool,
    cases: Option<u64>,
    #[serde(default)]
    known: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    case: OneOrMore,
    target: Option<String>,
    verdict: VerdictOrVaries,
    closing: Option<Closing>,
    #[serde(default)]
    reason: String,
    link: Option<String>,
    since: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a case or a list of cases")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a verdict or \"varies\"")]
enum VerdictOrVaries {
    Varies(Varies),
    Verdict(Verdict),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Varies {
    Varies,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File =
            toml_edit::de::from_str(text).map_err(|error| BaselineError::Form(Box::new(error)))?;
        Ok(Self {
            everything: file.everything,
            cases: file.cases,
            known: file
                .known
                .into_iter()
                .map(Known::of)
                .collect::<Result<_, _>>()?,
        })
    }

    /// The entry that says what a result is.
    pub fn knows(&self, result: &CaseResult, case: Option<&Case>) -> Option<&Known> {
        self.known
            .iter()
            .find(|known| known.speaks_of(result, case) && known.fits(result))
    }

    /// Holds the results of a run against what is known.
    ///
    /// `suite` are all cases that could have been selected; `is_whole` says that all of them
    /// were, so that they can be counted.
    pub fn compare<'a>(
        &'a self,
        results: &'a Results,
        targets: &[TargetResults<'a>],
        policy: FailOn,
        suite: &[&Case],
        is_whole: bool,
    ) -> Comparison<'a> {
        let mut comparison = Comparison::default();
        for target in targets {
            let played: HashMap<&str, &CaseResult> = target
                .results
                .iter()
                .map(|result| (result.case.as_str(), *result))
                .collect();
            for result in &target.results {
                let case = results.header.cases.get(&result.case);
                let mut speaking = self
                    .known
                    .iter()
                    .filter(|known| known.speaks_of(result, case));
                match speaking.clone().find(|known| known.fits(result)) {
                    Some(known) => comparison.known.push((result, known)),
                    None => {
                        if let Some(known) = speaking.next() {
                            comparison.vanished.push((result, known));
                        }
                        if self.has_to_be_known(result, policy) {
                            comparison.new.push(result);
                        }
                    }
                }
            }
            let selected = results.header.order.iter();
            for id in selected.filter(|id| !played.contains_key(id.as_str())) {
                let case = results.header.cases.get(id);
                let is_known = |known: &&Known| {
                    known.is_about(&target.info.name)
                        && case.is_some_and(|case| {
                            case.target.includes(target.role()) && known.names(case)
                        })
                };
                if let Some(known) = self.known.iter().find(is_known) {
                    comparison.disappeared.push((id, known));
                }
            }
            let number = target.results.len() as u64;
            if let Some(due) = self.cases.filter(|due| is_whole && number < *due) {
                comparison
                    .fewer
                    .push((target.info.name.clone(), number, due));
            }
        }
        for known in &self.known {
            let is_there = |pattern: &&CasePattern| !suite.iter().any(|case| pattern.matches(case));
            comparison.unmatched.extend(
                known
                    .cases
                    .iter()
                    .filter(is_there)
                    .map(|pattern| (pattern, known)),
            );
        }
        comparison
    }

    /// Whether a result fails the run unless an entry knows it.
    pub fn has_to_be_known(&self, result: &CaseResult, policy: FailOn) -> bool {
        let is_plain = match result.verdict {
            Verdict::Pass => matches!(result.closing, Closing::Ok | Closing::None),
            Verdict::Skipped => true,
            _ => false,
        };
        policy.fails(result) || (self.everything && !is_plain)
    }
}

impl Known {
    fn of(entry: Entry) -> Result<Self, BaselineError> {
        let texts = match entry.case {
            OneOrMore::One(text) => vec![text],
            OneOrMore::More(texts) => texts,
        };
        if entry.reason.trim().is_empty() {
            let cases = texts.join(", ");
            return Err(BaselineError::NoReason { cases });
        }
        let cases = texts.into_iter().map(|text| {
            let pattern = text.parse()?;
            Ok(CasePattern { text, pattern })
        });
        let target = entry.target.map(|text| match Glob::new(&text) {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(source) => Err(BaselineError::Target { text, source }),
        });
        Ok(Self {
            cases: cases.collect::<Result<_, BaselineError>>()?,
            target: target.transpose()?,
            verdict: match entry.verdict {
                VerdictOrVaries::Varies(Varies::Varies) => None,
                VerdictOrVaries::Verdict(verdict) => Some(verdict),
            },
            closing: entry.closing,
            reason: entry.reason,
            link: entry.link,
            since: entry.since,
        })
    }

    fn is_about(&self, target: &str) -> bool {
        self.target
            .as_ref()
            .is_none_or(|glob| glob.is_match(target))
    }

    fn names(&self, case: &Case) -> bool {
        self.cases.iter().any(|pattern| pattern.matches(case))
    }

    /// Whether the entry speaks of the case and target of a result.
    pub fn speaks_of(&self, result: &CaseResult, case: Option<&Case>) -> bool {
        self.is_about(&result.target)
            && match case {
                Some(case) => self.names(case),
                None => self.cases.iter().any(|pattern| pattern.text == result.case),
            }
    }

    /// Whether the result is the one that the entry expects.
    pub fn fits(&self, result: &CaseResult) -> bool {
        self.verdict.is_none_or(|verdict| verdict == result.verdict)
            && self.closing.is_none_or(|closing| closing == result.closing)
    }
}

impl CasePattern {
    /// Whether it selects the case.
    pub fn matches(&self, case: &Case) -> bool {
        self.pattern.matches(case)
    }
}

/// A run beside what is known.
#[derive(Debug, Default)]
pub struct Comparison<'a> {
    /// Results as an entry has them.
    pub known: Vec<(&'a CaseResult, &'a Known)>,
    /// Results that count, and that no entry has.
    pub new: Vec<&'a CaseResult>,
    /// Results that are another than an entry has them.
    pub vanished: Vec<(&'a CaseResult, &'a Known)>,
    /// Patterns that no case of the suite fits.
    pub unmatched: Vec<(&'a CasePattern, &'a Known)>,
    /// Selected cases that an entry speaks of, without a result.
    pub disappeared: Vec<(&'a str, &'a Known)>,
    /// Targets on which fewer cases were played than are known: how many, and how many were due.
    pub fewer: Vec<(String, u64, u64)>,
}

impl Comparison<'_> {
    /// Whether all is as it is known.
    pub fn holds(&self) -> bool {
        self.new.is_empty()
            && self.vanished.is_empty()
            && self.unmatched.is_empty()
            && self.disappeared.is_empty()
            && self.fewer.is_empty()
    }

    /// What differs, in lines; `max` of each kind.
    pub fn lines(&self, max: usize) -> Vec<String> {
        use crate::words::clean;
        let result = |result: &CaseResult| {
            let (case, target) = (clean(&result.case, 120), clean(&result.target, 40));
            format!(
                "{case} on {target}: {}, closing {}",
                result.verdict, result.closing
            )
        };
        let mut lines = Vec::new();
        let mut tell = |kind: &str, found: Vec<String>| {
            let more = found.len().saturating_sub(max);
            lines.extend(
                found
                    .into_iter()
                    .take(max)
                    .map(|words| format!("{kind}: {words}")),
            );
            if more > 0 {
                lines.push(format!("{kind}: and {more} more"));
            }
        };
        tell("new", self.new.iter().map(|found| result(found)).collect());
        let vanished = self.vanished.iter().map(|(found, known)| {
            let due = known.verdict.map_or("varies", Verdict::name);
            let due = match known.closing {
                Some(closing) => format!("{due}, closing {closing}"),
                None => due.to_owned(),
            };
            format!("{}; known was {due}", result(found))
        });
        tell("vanished", vanished.collect());
        let unmatched = self.unmatched.iter();
        let unmatched =
            unmatched.map(|(pattern, _)| format!("no case is {}", clean(&pattern.text, 120)));
        tell("unmatched", unmatched.collect());
        let disappeared = self.disappeared.iter();
        let disappeared = disappeared.map(|(id, _)| format!("{} has no result", clean(id, 120)));
        tell("disappeared", disappeared.collect());
        let fewer = self.fewer.iter().map(|(target, number, due)| {
            format!(
                "{} cases on {} in place of {due}",
                number,
                clean(target, 40)
            )
        });
        tell("disappeared", fewer.collect());
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::tally::Tally;

    const BASELINE: &str = r#"# What is known of echo.
cases = 8

# Its author is about to mend it.
[[known]]
case = "framing/rsv"
target = "echo"
verdict = "fail"
closing = "fail"
reason = "RSV bits are passed on to the application"
link = "https://example.org/1"
since = "2026-01-01"

[[known]]
case = ["closing/code/*", "limits/bomb"]
target = "ec*"
verdict = "varies"
reason = "hangs on the order of frames"
"#;

    fn compared(text: &str, change: fn(&mut Results)) -> Vec<String> {
        let mut results = fixtures::results();
        results.results.retain(|result| result.target == "echo");
        results.header.targets.truncate(1);
        change(&mut results);
        let tally = Tally::new(&results, FailOn::Fail);
        let baseline = Baseline::parse(text).unwrap();
        let suite: Vec<&Case> = results.header.cases.values().collect();
        let compared = baseline.compare(&results, &tally.targets, FailOn::Fail, &suite, true);
        assert_eq!(compared.holds(), compared.lines(9).is_empty());
        compared.lines(9)
    }

    #[test]
    fn what_differs_is_told() {
        assert_eq!(compared(BASELINE, |_| {}), [""; 0]);
        let without = BASELINE.split("# Its").next().unwrap();
        assert_eq!(compared(without, |_| {}).len(), 3, "all that counts is new");
        for (text, change, expected) in [
            (
                BASELINE.to_owned(),
                (|results| {
                    let at = results
                        .results
                        .iter()
                        .position(|r| r.case == "framing/rsv/rsv2-on-second-message");
                    results.results[at.unwrap()].verdict = Verdict::Pass;
                    results.results[at.unwrap()].closing = Closing::Ok;
                }) as fn(&mut Results),
                "vanished: framing/rsv/rsv2-on-second-message on echo: pass, closing ok; known was fail, closing fail",
            ),
            (
                BASELINE
                    .replace("framing/rsv\"", "framing/rsv\", \"framing/rvs\"")
                    .replace("case = \"framing", "case = [\"framing")
                    .replace("rvs\"", "rvs\"]"),
                |_| {},
                "unmatched: no case is framing/rvs",
            ),
            (
                BASELINE.replace("cases = 8", "cases = 9"),
                |_| {},
                "disappeared: 8 cases on echo in place of 9",
            ),
            (
                BASELINE.replace("cases = 8", ""),
                |results| {
                    results
                        .results
                        .retain(|result| result.case != "limits/bomb");
                },
                "disappeared: limits/bomb has no result",
            ),
        ] {
            assert_eq!(compared(&text, change), [expected]);
        }
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        for (text, expected) in [
            ("known = 1", "invalid type: integer"),
            (
                "[[known]]\ncase = \"a\"\nverdict = \"fail\"",
                "the entry for \"a\" gives no reason",
            ),
            (
                "[[known]]\ncase = \"a\"\nverdict = \"wrong\"\nreason = \"r\"",
                "expected a verdict or \"varies\"",
            ),
            (
                "[[known]]\ncase = \"a[\"\nverdict = \"fail\"\nreason = \"r\"",
                "is no pattern",
            ),
            (
                "[[known]]\ncase = 1\nverdict = \"fail\"\nreason = \"r\"",
                "expected a case or a list of cases",
            ),
            (
                "[[known]]\ncase = \"a\"\nverdict = \"fail\"\nreason = \"r\"\nwhy = 1",
                "unknown field `why`",
            ),
        ] {
            let error = Baseline::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn writing_it_anew_keeps_reasons_and_comments() {
        let mut results = fixtures::results();
        // What could not be judged stays out of it.
        results
            .results
            .retain(|result| result.verdict != Verdict::Error || result.target == "echo");
        let tally = Tally::new(&results, FailOn::Fail);
        let text = updated(BASELINE, &tally, "2026-02-02", false).unwrap();
        insta::assert_snapshot!(text);
        // It knows the run that it was made of, and another writing changes nothing.
        let baseline = Baseline::parse(&text).unwrap();
        let suite: Vec<&Case> = results.header.cases.values().collect();
        let compared = baseline.compare(&results, &tally.targets, FailOn::Fail, &suite, false);
        assert_eq!(compared.lines(9), [""; 0]);
        assert_eq!(updated(&text, &tally, "2027-01-01", false).unwrap(), text);
        let known = Tally::new(&results, FailOn::Fail).with_known(&compared.known);
        assert_eq!(known.sum().failing, 0);
        assert_eq!(known.sum().known, tally.sum().failing);
    }
}
