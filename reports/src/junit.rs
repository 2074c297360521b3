//! `junit.xml`: what CI systems read.
//!
//! A test suite for each target, a test case for each case. What the policy holds
//! against a target is a failure (or an error, where no judgement was possible); what
//! it does not is a success that says so in its output, whatever the verdict.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use crate::account;
use crate::tally::{self, Tally, TargetResults};
use crate::words;
use wsspec_record::results::{CaseResult, Grade, Results, Verdict};

/// The document.
///
/// # Errors
/// Where the XML cannot be written, which is a mistake of ours.
pub fn render(tally: &Tally<'_>) -> Result<String, quick_junit::SerializeError> {
    let results = tally.results;
    let mut report = Report::new("wsspec");
    report.set_time(Duration::from_millis(results.duration_ms));
    for target in &tally.targets {
        report.add_test_suite(suite(tally, target));
    }
    report.to_string()
}

fn suite(tally: &Tally<'_>, target: &TargetResults<'_>) -> TestSuite {
    let mut suite = TestSuite::new(words::clean(&target.info.name, 200));
    suite.set_time(milliseconds(target.counts.duration_ms));
    let header = &tally.results.header;
    suite.add_property(Property::new("tool", version(tally.results)));
    suite.add_property(Property::new("seed", header.seed.to_string()));
    suite.add_property(Property::new("started", words::clean(&header.started, 40)));
    suite.add_property(Property::new("policy", tally.policy.name()));
    suite.add_property(Property::new("role", words::clean(&target.info.role, 20)));
    if let Some(url) = &target.info.url {
        suite.add_property(Property::new("url", words::clean(url, 400)));
    }
    for result in &target.results {
        suite.add_test_case(test_case(result, tally));
    }
    suite
}

fn test_case(result: &CaseResult, tally: &Tally<'_>) -> TestCase {
    let mut status = status(result, tally);
    let told = match &status {
        TestCaseStatus::NonSuccess { .. } => {
            status.set_description(account::text(result, &tally.catalogue));
            None
        }
        TestCaseStatus::Success { .. } if result.grade() > Grade::Good => {
            Some(account::text(result, &tally.catalogue))
        }
        _ => None,
    };
    let mut case = TestCase::new(words::clean(&result.case, 400), status);
    case.set_classname(words::clean(tally::topic(&result.case), 400));
    case.set_time(milliseconds(result.duration_ms));
    case.add_property(Property::new("verdict", result.verdict.name()));
    case.add_property(Property::new("closing", result.closing.name()));
    if let Some(number) = &result.autobahn {
        case.add_property(Property::new("autobahn", words::clean(number, 40)));
    }
    if let Some(told) = told {
        case.set_system_out(told);
    }
    case
}

fn status(result: &CaseResult, tally: &Tally<'_>) -> TestCaseStatus {
    let mut status = if tally.fails(result) {
        let mut status = TestCaseStatus::non_success(match result.grade() {
            Grade::Error => NonSuccessKind::Error,
            Grade::Good | Grade::NonStrict | Grade::Bad => NonSuccessKind::Failure,
        });
        status.set_type(kind(result));
        status
    } else if matches!(result.verdict, Verdict::Skipped | Verdict::Unimplemented) {
        TestCaseStatus::skipped()
    } else {
        return TestCaseStatus::success();
    };
    status.set_message(words::reason(result));
    status
}

/// The name of the failure; where there is none, of the axis that is to blame.
fn kind(result: &CaseResult) -> &'static str {
    match (result.failure, result.verdict) {
        (Some(failure), _) => failure.name(),
        (None, Verdict::Fail | Verdict::NonStrict | Verdict::Error) => result.verdict.name(),
        (None, _) => result.closing.name(),
    }
}

fn milliseconds(ms: f64) -> Duration {
    // Stored results are data from outside: not a number, negative, beyond all bounds.
    Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default()
}

fn version(results: &Results) -> String {
    let tool = &results.header.tool;
    words::clean(&format!("{} {}", tool.name, tool.version), 80)
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::{BytesStart, Event};

    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;

    fn rendered(results: &Results, policy: FailOn) -> String {
        render(&Tally::new(results, policy)).unwrap()
    }

    fn attribute(element: &BytesStart<'_>, name: &str) -> u64 {
        let attribute = element.try_get_attribute(name).unwrap().unwrap();
        std::str::from_utf8(&attribute.value)
            .unwrap()
            .parse()
            .unwrap()
    }

    /// The attributes `tests`, `failures`, `errors` and `skipped`, and how many
    /// elements there are of each kind, for each suite.
    fn counts(xml: &str) -> Vec<([u64; 4], [u64; 4])> {
        let mut reader = Reader::from_str(xml);
        let mut suites: Vec<([u64; 4], [u64; 4])> = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => match element.name().as_ref() {
                    b"testsuite" => suites.push((
                        ["tests", "failures", "errors", "skipped"]
                            .map(|name| attribute(&element, name)),
                        [0; 4],
                    )),
                    b"testcase" => suites.last_mut().unwrap().1[0] += 1,
                    b"failure" => suites.last_mut().unwrap().1[1] += 1,
                    b"error" => suites.last_mut().unwrap().1[2] += 1,
                    b"skipped" => suites.last_mut().unwrap().1[3] += 1,
                    _ => {}
                },
                Event::Eof => return suites,
                _ => {}
            }
        }
    }

    #[test]
    fn a_run_as_junit() {
        insta::assert_snapshot!(rendered(&fixtures::results(), FailOn::Fail));
    }

    #[test]
    fn counts_add_up() {
        let results = fixtures::results();
        for (policy, expected) in [
            (FailOn::Fail, [[8, 2, 1, 2], [8, 6, 2, 0]]),
            (FailOn::NonStrict, [[8, 3, 1, 2], [8, 6, 2, 0]]),
            (FailOn::Never, [[8, 0, 0, 2], [8, 0, 0, 0]]),
        ] {
            let xml = rendered(&results, policy);
            let suites = counts(&xml);
            assert_eq!(suites.len(), 2);
            for ((said, found), expected) in suites.into_iter().zip(expected) {
                assert_eq!(found, expected, "{policy}");
                assert_eq!(said, found, "{policy}");
            }
        }
    }

    #[test]
    fn no_character_is_there_that_xml_forbids() {
        let xml = rendered(&fixtures::results(), FailOn::NonStrict);
        let forbidden = |c: char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
        assert!(!xml.contains(forbidden));
        assert!(!xml.contains('\u{202e}') && !xml.contains("]]>"));
    }
}
