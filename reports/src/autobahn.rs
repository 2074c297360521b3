//! `index.json` and a file for each case, in the form that Autobahn|Testsuite gives them.
//!
//! Scripts of many projects read these. `index.json` has its exact layout: keys sorted
//! by code point, three spaces of indentation, ASCII only, no line end at the end. The
//! files of the cases hold what is known of what Autobahn puts there; where it records
//! Python objects (`expected`), they hold words.
//!
//! Only cases with one of Autobahn's numbers are there. Skipped ones are left out, as
//! Autobahn leaves out what it does not run. A closing of `none` becomes `OK` where the
//! verdict is no failure, since there `FAILED` would say what nobody saw.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::tally::Tally;
use crate::words;
use wsspec_record::results::{CaseResult, Closing, TargetInfo, Verdict};
use wsspec_record::transcript::{Frame, Octets, What};

/// How many characters of a target's name go into a file name.
const SLUG_CHARS_MAX: usize = 80;

/// A file of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The name, made of `a` to `z`, digits, `_` and `.`.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// `index.json` and the files that it names, the index last.
pub fn render(tally: &Tally<'_>) -> Vec<File> {
    let mut files = Vec::new();
    let mut index: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    let mut slugs = BTreeSet::new();
    for target in &tally.targets {
        let slug = unused_slug(&target.info.name, &mut slugs);
        let agent = index.entry(target.info.name.clone()).or_default();
        for (place, (number, result)) in numbered(&target.results).into_iter().enumerate() {
            let name = format!("{slug}_case_{}.json", number.replace('.', "_"));
            let entry = json!({
                "behavior": behavior(result.verdict),
                "behaviorClose": behavior_close(result),
                "duration": duration(result),
                "remoteCloseCode": result.close_code,
                "reportfile": name,
            });
            agent.insert(number.to_owned(), entry);
            let detail = detail(tally, &target.info, result, place + 1);
            files.push(File {
                name,
                text: python_json(&detail),
            });
        }
    }
    files.push(File {
        name: "index.json".to_owned(),
        text: python_json(&json!(index)),
    });
    files
}

/// Writes the files; the index last, so that whoever waits for it finds the others.
///
/// # Errors
/// What the file system says.
pub fn write(dir: &Path, tally: &Tally<'_>) -> io::Result<()> {
    for file in render(tally) {
        std::fs::write(dir.join(file.name), file.text)?;
    }
    Ok(())
}

/// The results with one of Autobahn's numbers; of several with the same, the worst.
fn numbered<'a>(results: &[&'a CaseResult]) -> Vec<(&'a str, &'a CaseResult)> {
    let mut found: Vec<(&str, &CaseResult)> = Vec::new();
    for result in results {
        let Some(number) = result.autobahn.as_deref().filter(|text| is_number(text)) else {
            continue;
        };
        if result.verdict == Verdict::Skipped {
            continue;
        }
        match found.iter_mut().find(|(other, _)| *other == number) {
            Some((_, other)) if other.grade() < result.grade() => *other = result,
            Some(_) => {}
            None => found.push((number, result)),
        }
    }
    found
}

/// Whether it is a number such as `1.1.10`, and so may be a part of a file name.
fn is_number(text: &str) -> bool {
    text.len() <= 20
        && text
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit()))
}

/// The word for a verdict.
pub fn behavior(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "OK",
        Verdict::NonStrict => "NON-STRICT",
        Verdict::Fail | Verdict::Error => "FAILED",
        Verdict::Info => "INFORMATIONAL",
        Verdict::Unimplemented | Verdict::Skipped => "UNIMPLEMENTED",
    }
}

/// The word for the closing of a result.
pub fn behavior_close(result: &CaseResult) -> &'static str {
    let failed = matches!(result.verdict, Verdict::Fail | Verdict::Error);
    match result.closing {
        Closing::None if failed => "FAILED",
        Closing::Fail => "FAILED",
        Closing::Ok | Closing::None => "OK",
        Closing::WrongCode => "WRONG CODE",
        Closing::Unclean => "UNCLEAN",
        Closing::FailedByClient => "FAILED BY CLIENT",
        Closing::Info => "INFORMATIONAL",
    }
}

fn duration(result: &CaseResult) -> i64 {
    result.duration_ms.round() as i64
}

/// A target's name as a part of a file name: letters of English and digits, everything
/// else an underscore, as Autobahn makes it; but bounded and never empty.
pub fn slug(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let spaced: String = lower
        .chars()
        .take(SLUG_CHARS_MAX)
        .map(|character| match character {
            'a'..='z' | '0'..='9' => character,
            _ => ' ',
        })
        .collect();
    match spaced.trim() {
        "" => "agent".to_owned(),
        text => text.replace(' ', "_"),
    }
}

/// A slug that no other target has.
fn unused_slug(name: &str, taken: &mut BTreeSet<String>) -> String {
    let slug = slug(name);
    let mut unused = slug.clone();
    let mut number = 2;
    while !taken.insert(unused.clone()) {
        unused = format!("{slug}_{number}");
        number += 1;
    }
    unused
}

fn detail(tally: &Tally<'_>, info: &TargetInfo, result: &CaseResult, place: usize) -> Value {
    let case = tally.case_of(result);
    let entries = match &result.transcript {
        Some(transcript) => transcript.entries.as_slice(),
        None => &[],
    };
    let sent = |what: &What| match what {
        What::SentFrame(frame) => Some(frame.clone()),
        _ => None,
    };
    let received = |what: &What| match what {
        What::ReceivedFrame(frame) => Some(frame.clone()),
        _ => None,
    };
    let frames = |pick: &dyn Fn(&What) -> Option<Frame>| -> Vec<Frame> {
        entries
            .iter()
            .filter_map(|entry| pick(&entry.what))
            .collect()
    };
    let (sent, received) = (frames(&sent), frames(&received));
    let local = last_close(&sent);
    let remote = last_close(&received);
    let any = |wanted: &dyn Fn(&What) -> bool| entries.iter().any(|entry| wanted(&entry.what));
    let timed_out = any(&|what| matches!(what, What::TimedOut { .. }));
    let client = info.role == "client";
    let (request, response) = heads(entries.iter().map(|entry| &entry.what), client);

    json!({
        "agent": info.name,
        "behavior": behavior(result.verdict),
        "behaviorClose": behavior_close(result),
        "case": place,
        "closedByMe": local.is_some() && remote.is_none(),
        "createStats": true,
        "createWirelog": true,
        "description": case.map_or("", |case| &case.title),
        "droppedByMe": any(&|what| matches!(what, What::Closed | What::Reset)),
        "duration": duration(result),
        "expectation": case.map_or("", |case| &case.because),
        "expected": expected(case),
        "expectedClose": Value::Object(Map::new()),
        "failedByMe": false,
        "httpRequest": request,
        "httpResponse": response,
        "id": result.autobahn,
        "isServer": client,
        "localCloseCode": local.as_ref().map(|(code, _)| *code),
        "localCloseReason": local.and_then(|(_, reason)| reason),
        "received": received.iter().filter_map(event).collect::<Vec<_>>(),
        "remoteCloseCode": result.close_code,
        "remoteCloseReason": remote.and_then(|(_, reason)| reason),
        "reportCompressionRatio": false,
        "reportTime": case.is_some_and(|case| case.exclusive),
        "result": words::reason(result),
        "resultClose": words::closing(result.closing),
        "rxFrameStats": frame_stats(&received),
        "rxOctetStats": Value::Null,
        "started": words::clean(&tally.results.header.started, 40),
        "trafficStats": Value::Null,
        "txFrameStats": frame_stats(&sent),
        "txOctetStats": Value::Null,
        "wasClean": result.closing == Closing::Ok,
        "wasCloseHandshakeTimeout": timed_out && local_without_remote(&sent, &received),
        "wasNotCleanReason": match result.closing {
            Closing::Ok => Value::Null,
            closing => json!(words::closing(closing)),
        },
        "wasOpenHandshakeTimeout": timed_out && response.is_none(),
        "wasServerConnectionDropTimeout": result.closing == Closing::FailedByClient,
        "wirelog": entries.iter().filter_map(|entry| logged(&entry.what)).collect::<Vec<_>>(),
    })
}

fn last_close(frames: &[Frame]) -> Option<(Option<u16>, Option<String>)> {
    let frame = frames.iter().rev().find(|frame| frame.opcode == 0x8)?;
    let reason = frame.payload.kept().get(2..).and_then(|octets| {
        let reason = String::from_utf8(octets.to_vec()).ok()?;
        (!reason.is_empty()).then_some(reason)
    });
    Some((frame.close_code(), reason))
}

fn local_without_remote(sent: &[Frame], received: &[Frame]) -> bool {
    last_close(sent).is_some() && last_close(received).is_none()
}

/// The heads of request and response.
fn heads<'a>(
    whats: impl Iterator<Item = &'a What>,
    client: bool,
) -> (Option<String>, Option<String>) {
    let (mut ours, mut theirs) = (None, None);
    for what in whats {
        match what {
            What::SentHead(head) => ours = ours.or(Some(head.text())),
            What::ReceivedHead(head) => theirs = theirs.or(Some(head.text())),
            _ => {}
        }
    }
    if client {
        (theirs, ours)
    } else {
        (ours, theirs)
    }
}

/// What would have been accepted, by verdict, each in words.
fn expected(case: Option<&wsspec_cases::Case>) -> Value {
    let mut expected: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for outcome in case.into_iter().flat_map(|case| &case.outcomes) {
        let behavior = match outcome.verdict {
            wsspec_cases::OutcomeVerdict::Pass => "OK",
            wsspec_cases::OutcomeVerdict::NonStrict => "NON-STRICT",
            wsspec_cases::OutcomeVerdict::Info => "INFORMATIONAL",
            wsspec_cases::OutcomeVerdict::Unimplemented => "UNIMPLEMENTED",
            wsspec_cases::OutcomeVerdict::Fail => continue,
        };
        let course = words::course(outcome);
        expected.entry(behavior).or_default().push(course);
    }
    json!(expected)
}

/// A message or control frame as an event.
fn event(frame: &Frame) -> Option<Value> {
    let whole = match &frame.message {
        Some(message) => (message.opcode, &message.payload),
        None if frame.fin => (frame.opcode, &frame.payload),
        None => return None,
    };
    match whole {
        (opcode @ (0x1 | 0x2), payload) => {
            Some(json!(["message", payload_text(payload), opcode == 0x2]))
        }
        (0x9, payload) => Some(json!(["ping", payload_text(payload)])),
        (0xa, payload) => Some(json!(["pong", payload_text(payload)])),
        _ => None,
    }
}

fn frame_stats(frames: &[Frame]) -> Value {
    let mut stats: BTreeMap<u8, u64> = BTreeMap::new();
    for frame in frames {
        *stats.entry(frame.opcode).or_default() += 1;
    }
    // By hand, since keys are sorted as numbers here and as texts elsewhere.
    let sorted = stats.into_iter();
    Value::Object(
        sorted
            .map(|(opcode, number)| (opcode.to_string(), json!(number)))
            .collect(),
    )
}

fn logged(what: &What) -> Option<Value> {
    let key = |frame: &Frame| frame.mask.clone();
    match what {
        What::SentFrame(frame) => Some(json!([
            "TF",
            [frame.payload.length, payload_text(&frame.payload)],
            frame.opcode,
            frame.fin,
            frame.rsv,
            key(frame),
            null,
            null,
            false
        ])),
        What::ReceivedFrame(frame) => Some(json!([
            "RF",
            [frame.payload.length, payload_text(&frame.payload)],
            frame.opcode,
            frame.fin,
            frame.rsv,
            frame.mask.is_some(),
            key(frame)
        ])),
        What::SentHead(head) => Some(json!(["TO", limited(head.text().as_bytes()), false])),
        What::ReceivedHead(head) => Some(json!(["RO", limited(head.text().as_bytes())])),
        What::SentOctets(octets) => Some(json!(["TO", [octets.length, octets.hex], false])),
        What::ReceivedOctets(octets) => Some(json!(["RO", [octets.length, octets.hex]])),
        _ => None,
    }
}

/// The number of octets and the first of them in hexadecimal.
fn limited(octets: &[u8]) -> Value {
    const OCTETS_MAX: usize = 64;
    let shown: String = octets
        .iter()
        .take(OCTETS_MAX)
        .map(|octet| format!("{octet:02x}"))
        .collect();
    let more = if octets.len() > OCTETS_MAX {
        " ..."
    } else {
        ""
    };
    json!([octets.len(), format!("{shown}{more}")])
}

/// A payload as text where it is UTF-8, in hexadecimal behind `0x` where it is not.
fn payload_text(octets: &Octets) -> String {
    let more = if octets.is_whole() { "" } else { " ..." };
    match String::from_utf8(octets.kept()) {
        Ok(text) => format!("{text}{more}"),
        Err(_) => format!("0x{}{more}", octets.hex),
    }
}

/// JSON as Python's `json.dumps(…, sort_keys=True, indent=3)` of version 2 writes it.
fn python_json(value: &Value) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"   ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
    let written = serde::Serialize::serialize(value, &mut serializer);
    written.expect("a value has text for keys, and a vector takes everything");
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    // What is not ASCII can only stand inside of strings.
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;

    /// What wstest 25.10.1 wrote of an echo server, octet for octet.
    const OF_AUTOBAHN: &str = r#"{
   "My/Agent 1.0": {
      "1.1.1": {
         "behavior": "OK",
         "behaviorClose": "OK",
         "duration": 1,
         "remoteCloseCode": 1000,
         "reportfile": "my_agent_1_0_case_1_1_1.json"
      },
      "1.1.2": {
         "behavior": "OK",
         "behaviorClose": "OK",
         "duration": 1,
         "remoteCloseCode": 1000,
         "reportfile": "my_agent_1_0_case_1_1_2.json"
      },
      "10.1.1": {
         "behavior": "OK",
         "behaviorClose": "OK",
         "duration": 3,
         "remoteCloseCode": 1000,
         "reportfile": "my_agent_1_0_case_10_1_1.json"
      },
      "3.2": {
         "behavior": "NON-STRICT",
         "behaviorClose": "OK",
         "duration": 0,
         "remoteCloseCode": 1002,
         "reportfile": "my_agent_1_0_case_3_2.json"
      },
      "7.7.1": {
         "behavior": "OK",
         "behaviorClose": "OK",
         "duration": 0,
         "remoteCloseCode": 1000,
         "reportfile": "my_agent_1_0_case_7_7_1.json"
      }
   }
}"#;

    #[test]
    fn the_index_is_what_autobahn_writes() {
        let mut results = fixtures::results();
        results.header.targets.truncate(1);
        results.header.targets[0].name = "My/Agent 1.0".into();
        let result = |case: &str, number, verdict, ms, code| CaseResult {
            autobahn: Some(String::from(number)),
            duration_ms: ms,
            close_code: Some(code),
            ..fixtures::result("My/Agent 1.0", case, verdict, Closing::Ok)
        };
        results.results = vec![
            result("a", "3.2", Verdict::NonStrict, 0.4, 1002),
            result("b", "1.1.1", Verdict::Pass, 0.9, 1000),
            result("c", "1.1.2", Verdict::Pass, 1.4, 1000),
            result("d", "7.7.1", Verdict::Pass, 0.1, 1000),
            result("e", "10.1.1", Verdict::Pass, 3.4, 1000),
            result("f", "10.1.2", Verdict::Skipped, 0.0, 1000),
            result("g", "../1", Verdict::Pass, 0.0, 1000),
        ];
        let files = render(&Tally::new(&results, FailOn::Fail));
        assert_eq!(files.len(), 6);
        assert_eq!(files[5].name, "index.json");
        assert_eq!(files[5].text, OF_AUTOBAHN);
    }

    #[test]
    fn a_run_as_autobahn_writes_it() {
        let files = render(&Tally::new(&fixtures::results(), FailOn::Fail));
        let index = files.last().unwrap();
        insta::assert_snapshot!("index", index.text);
        let detail = files.iter().find(|file| file.name == "echo_case_3_2.json");
        insta::assert_snapshot!("detail", detail.unwrap().text);
        for file in &files {
            assert!(file.text.is_ascii(), "{}", file.name);
            serde_json::from_str::<Value>(&file.text).unwrap();
        }
    }

    #[test]
    fn no_target_chooses_its_file_names() {
        for (name, expected) in [
            ("My/Agent 1.0", "my_agent_1_0"),
            ("../../x", "x"),
            (fixtures::HOSTILE_NAME, "x__b"),
            ("  \u{202e}", "agent"),
            ("Ünïcode", "n_code"),
        ] {
            assert_eq!(slug(name), expected, "{name:?}");
        }
        assert!(slug(&"x".repeat(10_000)).len() == SLUG_CHARS_MAX);

        let mut taken = BTreeSet::new();
        assert_eq!(unused_slug("a b", &mut taken), "a_b");
        assert_eq!(unused_slug("a-b", &mut taken), "a_b_2");
        assert_eq!(unused_slug("A/B", &mut taken), "a_b_3");
    }

    #[test]
    fn of_several_results_with_a_number_the_worst_counts() {
        let result = |verdict| CaseResult {
            autobahn: Some("1.1".into()),
            ..fixtures::result("echo", "a", verdict, Closing::Ok)
        };
        let all = [Verdict::Pass, Verdict::Fail, Verdict::NonStrict].map(result);
        let all: Vec<&CaseResult> = all.iter().collect();
        let found = numbered(&all);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1.verdict, Verdict::Fail);
    }
}
