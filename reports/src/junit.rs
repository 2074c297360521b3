//! `junit.xml`: what CI systems read.
//!
//! A test suite for each target, a test case for each case. What the policy holds
//! against a target is a failure (or an error, where no judgement was possible); what
//! it does not is a success that says so in its output, whatever the verdict. A failure leads
//! with its cause; the case that shows the cause best tells it in full, the others name that
//! one. The suite's own output lists the causes.
//!
//! The form is the narrowest of those in use, that of Jenkins: properties belong to suites
//! alone, and the root counts no skipped tests. Whoever shows tests by class and name alone, as
//! GitLab does, finds the target in the class, and each pair once.

use std::collections::HashSet;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use wsspec_record::results::{CaseResult, Grade, Results, Verdict};

use crate::account;
use crate::tally::{self, Tally, TargetResults};
use crate::words;

/// How many other cases are named for a cause.
const NAMED_MAX: usize = 40;

/// The document.
///
/// # Errors
/// Where the XML cannot be written, which is a mistake of ours.
pub fn render(tally: &Tally<'_>) -> io::Result<String> {
    let suites: Vec<Suite> = tally
        .targets
        .iter()
        .map(|target| Suite::of(tally, target))
        .collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>().to_string();
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer
        .create_element("testsuites")
        .with_attribute(("name", "wsspec"))
        .with_attribute(("tests", sum(|suite| suite.cases.len()).as_str()))
        .with_attribute(("failures", sum(|suite| suite.count("failure")).as_str()))
        .with_attribute(("errors", sum(|suite| suite.count("error")).as_str()))
        .with_attribute(("time", seconds(tally.results.duration_ms as f64).as_str()))
        .write_inner_content(|writer| suites.iter().try_for_each(|suite| suite.write(writer)))?;
    let mut text = writer.into_inner();
    text.push(b'\n');
    String::from_utf8(text).map_err(io::Error::other)
}

/// A target.
struct Suite {
    name: String,
    time: String,
    properties: Vec<(&'static str, String)>,
    cases: Vec<TestCase>,
    output: String,
}

/// A case on a target.
struct TestCase {
    class: String,
    name: String,
    time: String,
    /// `failure`, `error` or `skipped`, with type, message and text.
    state: Option<State>,
    output: String,
}

struct State {
    element: &'static str,
    kind: &'static str,
    message: String,
    text: String,
}

impl Suite {
    fn of(tally: &Tally<'_>, target: &TargetResults<'_>) -> Self {
        let (header, info) = (&tally.results.header, &target.info);
        let mut properties = vec![
            ("tool", version(tally.results)),
            ("seed", header.seed.to_string()),
            ("started", words::clean(&header.started, 40)),
            ("policy", tally.policy.name().to_owned()),
            ("role", words::clean(&info.role, 20)),
        ];
        if let Some(url) = &info.url {
            properties.push(("url", words::clean(url, 400)));
        }
        for (_, text) in target.notices() {
            properties.push(("notice", words::clean(&text, 2_000)));
        }
        if target.counts.missing > 0 {
            properties.push(("not-run", target.counts.missing.to_string()));
        }
        let mut taken = HashSet::new();
        let name = words::clean(&info.name, 200);
        let results = target.results.iter();
        let cases = results.map(|result| TestCase::of(tally, target, &name, result, &mut taken));
        let cases = cases.collect::<Vec<_>>().into_iter();
        let whole = TestCase::of_target(target, &name);
        let missing = TestCase::of_missing(target, &name);
        Self {
            cases: cases.chain(whole).chain(missing).collect(),
            name,
            time: seconds(target.counts.duration_ms),
            properties,
            output: causes(tally, target),
        }
    }

    fn count(&self, element: &str) -> usize {
        let states = self.cases.iter().filter_map(|case| case.state.as_ref());
        states.filter(|state| state.element == element).count()
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let count = |element| self.count(element).to_string();
        writer
            .create_element("testsuite")
            .with_attribute(("name", self.name.as_str()))
            .with_attribute(("tests", self.cases.len().to_string().as_str()))
            .with_attribute(("failures", count("failure").as_str()))
            .with_attribute(("errors", count("error").as_str()))
            .with_attribute(("skipped", count("skipped").as_str()))
            .with_attribute(("time", self.time.as_str()))
            .write_inner_content(|writer| {
                writer
                    .create_element("properties")
                    .write_inner_content(|writer| {
                        for (name, value) in &self.properties {
                            writer
                                .create_element("property")
                                .with_attribute(("name", *name))
                                .with_attribute(("value", value.as_str()))
                                .write_empty()?;
                        }
                        Ok(())
                    })?;
                self.cases.iter().try_for_each(|case| case.write(writer))?;
                text_element(writer, "system-out", &self.output)
            })?;
        Ok(())
    }
}

impl TestCase {
    fn of(
        tally: &Tally<'_>,
        target: &TargetResults<'_>,
        suite: &str,
        result: &CaseResult,
        taken: &mut HashSet<String>,
    ) -> Self {
        let topic = words::clean(tally::topic(&result.case), 400).replace('/', ".");
        let state = state(tally, target, result);
        let told = result.grade() > Grade::Good && state.is_none();
        Self {
            class: format!("{suite}.{topic}"),
            name: unused(&words::clean(&result.case, 400), taken),
            time: seconds(result.duration_ms),
            output: match told {
                true => account::text(result, &tally.catalogue),
                false => String::new(),
            },
            state,
        }
    }

    /// That cases have no result, where the run did not come to its end.
    fn of_missing(target: &TargetResults<'_>, suite: &str) -> Option<Self> {
        let missing = target.counts.missing;
        let cases = words::counted(missing, "case has", "cases have");
        (missing > 0).then(|| Self {
            class: format!("{suite}.target"),
            name: "end of the run".to_owned(),
            time: seconds(0.0),
            state: Some(State {
                element: "error",
                kind: "not-run",
                message: format!("The run did not come to its end: {cases} no result."),
                text: String::new(),
            }),
            output: String::new(),
        })
    }

    /// What counts against the target as a whole, where something does: a failure of no case.
    fn of_target(target: &TargetResults<'_>, suite: &str) -> Option<Self> {
        let told = target.notices().into_iter();
        let told: Vec<String> = told
            .filter_map(|(is_trouble, text)| is_trouble.then_some(text))
            .collect();
        (target.counts.troubles > 0).then(|| Self {
            class: format!("{suite}.target"),
            name: "target".to_owned(),
            time: seconds(0.0),
            state: Some(State {
                element: "failure",
                kind: "target",
                message: told.first().cloned().unwrap_or_default(),
                text: told.join("\n"),
            }),
            output: String::new(),
        })
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let element = writer
            .create_element("testcase")
            .with_attribute(("name", self.name.as_str()))
            .with_attribute(("classname", self.class.as_str()))
            .with_attribute(("time", self.time.as_str()));
        if self.state.is_none() && self.output.is_empty() {
            element.write_empty()?;
            return Ok(());
        }
        element.write_inner_content(|writer| {
            if let Some(state) = &self.state {
                let element = writer
                    .create_element(state.element)
                    .with_attribute(("message", state.message.as_str()))
                    .with_attribute(("type", state.kind));
                if state.text.is_empty() {
                    element.write_empty()?;
                } else {
                    element.write_text_content(BytesText::new(&state.text))?;
                }
            }
            text_element(writer, "system-out", &self.output)
        })?;
        Ok(())
    }
}

fn text_element(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    if !text.is_empty() {
        let element = writer.create_element(name);
        element.write_text_content(BytesText::new(text))?;
    }
    Ok(())
}

fn state(tally: &Tally<'_>, target: &TargetResults<'_>, result: &CaseResult) -> Option<State> {
    if let Some(known) = tally.known(result).filter(|_| tally.policy.fails(result)) {
        return Some(State {
            element: "skipped",
            kind: "known",
            message: format!("known: {}", words::clean(&known.reason, 600)),
            text: account::text(result, &tally.catalogue),
        });
    }
    if !tally.fails(result) {
        return (!tally::is_judged(result)).then(|| State {
            element: "skipped",
            kind: result.verdict.name(),
            message: words::reason(result),
            text: String::new(),
        });
    }
    let reason = words::reason(result);
    let (message, text) = match target.cause_of(result) {
        Some(cause) if std::ptr::eq(cause.example(), result) => (
            cause.in_short(&tally.catalogue),
            account::cause(cause, tally, NAMED_MAX),
        ),
        Some(cause) => (
            cause.in_short(&tally.catalogue),
            format!(
                "{}\n{:<10}{}",
                account::text(result, &tally.catalogue),
                "same as",
                words::clean(&cause.example().case, 400)
            ),
        ),
        None => (reason, account::text(result, &tally.catalogue)),
    };
    Some(State {
        element: match result.grade() {
            Grade::Error => "error",
            Grade::Good | Grade::NonStrict | Grade::Bad => "failure",
        },
        kind: kind(result),
        message,
        text,
    })
}

/// The causes in a line each.
fn causes(tally: &Tally<'_>, target: &TargetResults<'_>) -> String {
    let lines = target.causes.iter().map(|cause| {
        let number = words::counted(cause.results.len() as u64, "case", "cases");
        format!("{number}: {}", cause.in_short(&tally.catalogue))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A name that no case of the suite has yet.
fn unused(name: &str, taken: &mut HashSet<String>) -> String {
    let mut unused = name.to_owned();
    let mut number = 2;
    while !taken.insert(unused.clone()) {
        unused = format!("{name} #{number}");
        number += 1;
    }
    unused
}

/// The name of the failure; where there is none, of the axis that is to blame.
fn kind(result: &CaseResult) -> &'static str {
    match (result.failure, result.verdict) {
        (Some(failure), _) => failure.name(),
        (None, Verdict::Fail | Verdict::NonStrict | Verdict::Error) => result.verdict.name(),
        (None, _) => result.closing.name(),
    }
}

/// Milliseconds as seconds. Stored results are data from outside: not a number, negative,
/// beyond all bounds.
fn seconds(ms: f64) -> String {
    let seconds = ms / 1_000.0;
    let seconds = if (0.0..1e9).contains(&seconds) {
        seconds
    } else {
        0.0
    };
    format!("{seconds:.3}")
}

fn version(results: &Results) -> String {
    let tool = &results.header.tool;
    words::clean(&format!("{} {}", tool.name, tool.version), 80)
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::BytesStart;

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
    fn each_case_of_a_target_has_a_name_of_its_own() {
        let mut results = fixtures::results();
        let twice = results.results.clone();
        results.results.extend(twice);
        let xml = rendered(&results, FailOn::Fail);
        let mut reader = Reader::from_str(&xml);
        let mut names = HashSet::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element)
                    if element.name().as_ref() == b"testcase" =>
                {
                    let of = |name: &str| {
                        let attribute = element.try_get_attribute(name).unwrap();
                        attribute.unwrap().value.into_owned()
                    };
                    assert!(names.insert((of("classname"), of("name"))));
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(names.len(), 32);
    }

    #[test]
    fn no_character_is_there_that_xml_forbids() {
        let xml = rendered(&fixtures::results(), FailOn::NonStrict);
        let forbidden = |c: char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
        assert!(!xml.contains(forbidden));
        assert!(!xml.contains('\u{202e}') && !xml.contains("]]>"));
    }
}
