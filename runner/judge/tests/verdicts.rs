//! Verdicts of transcripts that are written by hand: one line each, without a network.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use wsspec_cases::{Case, Target};
use wsspec_judge::judge::judge;
use wsspec_judge::observe::{Observer, octets};
use wsspec_record::transcript::{Awaited, Entry, Frame, NoConnection, Phase, Transcript, What};
use wsspec_record::{Fault, Head, HeadFault};

/// A case with these outcomes.
fn case(outcomes: &str) -> Case {
    serde_json::from_str(&format!(
        r#"{{
            "id": "mine/case", "title": "", "because": "", "requirements": ["6455-5.2-4"],
            "connections": ["other"],
            "script": [{{ "send": [{{ "text": "a" }}] }}], "outcomes": [{outcomes}]
        }}"#
    ))
    .unwrap()
}

const CASES: &[(&str, &str)] = &[
    ("echo", r#"{ "pass": [{ "text": "a" }] }"#),
    (
        "fail",
        r#"{ "pass": [{ "text": "a" }, { "fails": { "best": 1002 } }] },
           { "non-strict": [{ "fails": { "best": 1002 } }], "because": "It is late." }"#,
    ),
    (
        "only",
        r#"{ "pass": [{ "fails": { "only": 1002 } }] },
           { "info": [{ "anything": true }], "because": "It is open." }"#,
    ),
    (
        "close",
        r#"{ "pass": [{ "answers_close": { "best": 1000 } }] }"#,
    ),
    (
        "opened",
        r#"{ "pass": [{ "opened": {} }, { "text": "a" }] }"#,
    ),
    (
        "refused",
        r#"{ "pass": [{ "refused": { "status": [400] } }] }"#,
    ),
    ("pong", r#"{ "pass": [{ "pong": "p" }] }"#),
    ("pinged", r#"{ "pass": [{ "ping": "" }, { "text": "a" }] }"#),
    (
        "mute",
        r#"{ "pass": [{ "nothing": true }, { "text": "a" }] }"#,
    ),
    (
        "other",
        r#"{ "pass": [{ "fails": { "best": 1002 } }, { "text": "b", "on": "other" }] }"#,
    ),
];

/// A transcript of words, each an entry: `>` sent and `<` received; `other/` before a word
/// is the connection.
fn transcript(text: &str) -> Transcript {
    let mut observer = Observer::new(Target::Server);
    let mut entries = Vec::new();
    for word in text.split_whitespace() {
        let (on, word) = word.split_once('/').unwrap_or(("main", word));
        let mut push = |what| entries.push(Entry::on(on, 0, what));
        let (word, value) = word.split_once(':').unwrap_or((word, ""));
        match word {
            "refused" => push(What::NotConnected {
                reason: NoConnection::System(value.into()),
            }),
            "open" => {
                push(What::Phase(Phase::Opening));
                push(What::Connected);
                push(head(101, None));
                push(What::Phase(Phase::Script));
            }
            "head" => push(head(value.parse().unwrap(), None)),
            "bad-head" => push(head(101, Some(Fault::NotHttp))),
            "odd-head" => push(head(
                101,
                Some(Fault::Missing {
                    field: "Upgrade".into(),
                }),
            )),
            "quiet" => push(What::Quiet { waited_ms: 1 }),
            "opening" => push(What::Phase(Phase::Opening)),
            "liveness" => push(What::Phase(Phase::Liveness)),
            "script" => push(What::Phase(Phase::Script)),
            "waiting" => push(What::Phase(Phase::Waiting)),
            "barrier" => push(What::Phase(Phase::Barrier)),
            "closing" => push(What::Phase(Phase::Closing)),
            "timeout" => push(What::TimedOut {
                awaited: Awaited::Outcome,
                waited_ms: 1,
            }),
            "flood" => push(What::Flooded { octets: 1 << 30 }),
            "died" => push(What::TargetDied {
                status: "signal 11".into(),
            }),
            "fin" => {
                observer.finish(&mut push);
                push(What::ReceivedFin);
            }
            "reset" => push(What::ReceivedReset),
            "closed" => push(What::Closed),
            ">" => push(What::SentFrame(sent(value))),
            "<" => observer.receive(&octets_of(value), &mut push),
            other => panic!("{other} is no word of transcripts"),
        }
    }
    Transcript {
        entries,
        omitted: 0,
    }
}

fn head(status: u16, fault: Option<Fault>) -> What {
    let requirement = "6455-4.1-v2a".to_owned();
    What::ReceivedHead(Head {
        start: format!("HTTP/1.1 {status} x"),
        status: Some(status),
        faults: fault
            .map(|fault| HeadFault { requirement, fault })
            .into_iter()
            .collect(),
        ..Head::default()
    })
}

/// `text=a`, `ping=p`, `close=1000`, or a frame in hexadecimal.
fn octets_of(value: &str) -> Vec<u8> {
    let (kind, value) = value.split_once('=').unwrap_or(("", value));
    let (first, payload) = match kind {
        "text" => (0x81, value.replace('_', " ").into_bytes()),
        "binary" => (0x82, value.into()),
        "ping" => (0x89, value.into()),
        "pong" => (0x8a, value.into()),
        "close" if value.is_empty() => (0x88, Vec::new()),
        "close" => (0x88, value.parse::<u16>().unwrap().to_be_bytes().to_vec()),
        _ => return wsspec_cases::payload::parse_hex(value).unwrap(),
    };
    [&[first, payload.len() as u8], &payload[..]].concat()
}

fn sent(value: &str) -> Frame {
    let whole = octets_of(value);
    Frame {
        fin: true,
        rsv: 0,
        opcode: whole[0] & 0x0f,
        mask: Some("00000000".into()),
        length: whole[1].into(),
        extended_length_octets: 0,
        payload: octets(&whole[2..]),
        oddities: Vec::new(),
        message: None,
    }
}

#[test]
fn verdicts_of_transcripts() {
    let table = include_str!("verdicts.txt");
    let rows = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut wrong = String::new();
    for row in rows {
        let columns: Vec<&str> = row.split('|').map(str::trim).collect();
        let [name, seen, expected, reason] = columns[..] else {
            panic!("a row has four columns: {row}");
        };
        let (_, outcomes) = CASES.iter().find(|(case, _)| *case == name).unwrap();
        let judged = judge(&case(outcomes), Target::Server, &transcript(seen));
        let failure = judged
            .failure
            .map_or("-".to_owned(), |failure| failure.to_string());
        let found = format!("{} {} {failure}", judged.verdict, judged.closing);
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let why = serde_json::to_string(&judged.reason).unwrap();
        if found != expected.join(" ") || !why.contains(reason) {
            wrong.push_str(&format!("{row}\n  {found} | {why}\n"));
        }
    }
    assert!(wrong.is_empty(), "expected otherwise:\n{wrong}");
}
