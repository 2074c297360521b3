//! One run for the tests of all documents: two targets, every verdict, every closing,
//! every failure, and targets that say what would break a careless document.

use std::collections::BTreeMap;

use wsspec_cases::Case;

use crate::head::{Fault, Head, HeadFault};
use crate::oddity::Oddity;
use crate::results::{
    CaseResult, Closing, Ending, FORMAT, Failure, Header, ProcessEnd, Results, TargetInfo, Tool,
    VERSION, Verdict,
};
use crate::transcript::{Awaited, Entry, Frame, KEPT_OCTETS_MAX, Octets, Phase, Transcript, What};

/// What a target may say to break out of a document.
pub const HOSTILE: &str =
    "</script>&\u{0}\"'<img src=x onerror=alert(1)>]]>\u{202e}\u{1b}[31m\r\n## `|` {{ x }} ${y}";
/// A name that a target may choose.
pub const HOSTILE_NAME: &str = "../../x <b>\u{202e}|`]]>";

/// Octets in hexadecimal.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Octets as a transcript keeps them.
pub fn octets(octets: &[u8]) -> Octets {
    let kept = octets.len().min(KEPT_OCTETS_MAX);
    Octets {
        length: octets.len() as u64,
        hex: hex(&octets[..kept]),
        sha1: (kept < octets.len()).then(|| "da39a3ee5e6b4b0d3255bfef95601890afd80709".into()),
    }
}

/// A final frame without a mask.
pub fn frame(opcode: u8, payload: &[u8]) -> Frame {
    Frame {
        fin: true,
        rsv: 0,
        opcode,
        mask: None,
        length: payload.len() as u64,
        extended_length_octets: match payload.len() {
            0..=125 => 0,
            126..=65_535 => 2,
            _ => 8,
        },
        payload: octets(payload),
        oddities: Vec::new(),
        message: None,
    }
}

/// A result with nothing but its axes.
pub fn result(target: &str, case: &str, verdict: Verdict, closing: Closing) -> CaseResult {
    CaseResult {
        target: target.into(),
        case: case.into(),
        autobahn: None,
        verdict,
        closing,
        failure: None,
        reason: String::new(),
        why: None,
        notes: Vec::new(),
        expected: Vec::new(),
        observed: String::new(),
        close_code: None,
        duration_ms: 1.25,
        requirements: vec!["6455-5.2-2".into()],
        broken: None,
        replay: format!("wsspec server ws://127.0.0.1:9001/ --case {case} --seed 7"),
        attempts: 1,
        in_company: None,
        process: None,
        transcript: None,
    }
}

fn process(ended: Ending, connections: u32, output: &str) -> ProcessEnd {
    ProcessEnd {
        status: "signal: 9 (SIGKILL)".into(),
        code: None,
        ended,
        connections,
        output: output.into(),
    }
}

fn case(id: &str, autobahn: Option<&str>, title: &str) -> Case {
    let text = serde_json::json!({
        "id": id,
        "title": title,
        "autobahn": autobahn,
        "requirements": ["6455-5.2-2", "6455-7.1.7-1"],
        "because": "RSV2 belongs to no extension that was negotiated.",
        "script": [
            {"send": [{"text": "Hello, world!"}]},
            {"send": [{"text": "Hello, world!", "rsv": [2]}, {"ping": ""}], "cut": "octets"},
        ],
        "outcomes": [
            {"pass": [{"text": "Hello, world!"}, {"fails": {"best": 1002}}]},
            {"non-strict": [{"fails": {"best": 1002}}],
             "because": "The valid message before it was not echoed."},
        ],
    });
    serde_json::from_value(text).expect("the cases of the fixture are well formed")
}

fn transcript() -> Transcript {
    let entry = |at_us, what| Entry::new(at_us, what);
    let masked = |frame| Frame {
        mask: Some("37fa213d".into()),
        ..frame
    };
    let head = Head::from_text;
    Transcript {
        entries: vec![
            entry(0, What::Phase(Phase::Opening)),
            entry(212, What::Connected),
            entry(
                220,
                What::SentHead(head(
                    "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\n\r\n",
                )),
            ),
            entry(
                801,
                What::ReceivedHead(Head {
                    status: Some(101),
                    faults: vec![HeadFault {
                        requirement: "6455-4.2.2-5".into(),
                        fault: Fault::Missing {
                            field: "Upgrade".into(),
                        },
                    }],
                    ..head("HTTP/1.1 101 Switching Protocols\r\nServer: </pre><b>x\\x00\r\n\r\n")
                }),
            ),
            entry(900, What::Phase(Phase::Script)),
            entry(910, What::SentFrame(masked(frame(0x1, b"Hello, world!")))),
            entry(
                950,
                What::SentFrame(Frame {
                    rsv: 2,
                    ..masked(frame(0x1, b"Hello, world!"))
                }),
            ),
            entry(1_400, What::ReceivedFrame(frame(0x1, b"Hello, world!"))),
            entry(
                1_480,
                What::ReceivedFrame(Frame {
                    oddities: vec![Oddity::ReservedBits, Oddity::MaskedByServer],
                    rsv: 2,
                    ..masked(frame(0x1, HOSTILE.as_bytes()))
                }),
            ),
            entry(1_500, What::ReceivedFrame(frame(0x2, &[0xfe; 70_000]))),
            entry(1_600, What::Phase(Phase::Barrier)),
            entry(
                5_001_600,
                What::TimedOut {
                    awaited: Awaited::Outcome,
                    waited_ms: 5_000,
                },
            ),
            entry(5_001_700, What::Closed),
        ],
        omitted: 3,
    }
}

/// All of it: two targets, every verdict, every closing, every failure.
pub fn results() -> Results {
    let cases = [
        case(
            "framing/rsv/rsv2-on-second-message",
            Some("3.2"),
            "RSV2 is set on the second message",
        ),
        case(
            "framing/text/empty",
            Some("1.1.1"),
            "An empty text message <is> echoed",
        ),
        case(
            "framing/text/hello",
            Some("1.1.10"),
            "A text message is echoed & more",
        ),
        case(
            "closing/code/invalid/999",
            None,
            "A Close frame carries 999",
        ),
        case(
            "deflate/bits/8",
            Some("13.1.1"),
            "A window of 8 bits is offered",
        ),
        case("limits/bomb", None, "A bomb"),
        case("timing/slow", None, "Slow"),
        case(
            "utf-8/cut",
            Some("6.4.3"),
            "Text is cut inside of a character",
        ),
    ];
    let order: Vec<String> = cases.iter().map(|case| case.id.clone()).collect();
    let cases: BTreeMap<String, Case> = cases
        .into_iter()
        .map(|case| (case.id.clone(), case))
        .collect();

    let axes = [
        (Verdict::Fail, Closing::Fail, Some(Failure::WrongAnswer)),
        (Verdict::Pass, Closing::Ok, None),
        (Verdict::NonStrict, Closing::WrongCode, None),
        (
            Verdict::Fail,
            Closing::Unclean,
            Some(Failure::UnlawfulFrame),
        ),
        (Verdict::Unimplemented, Closing::None, None),
        (Verdict::Error, Closing::None, Some(Failure::TargetDied)),
        (Verdict::Skipped, Closing::None, None),
        (Verdict::Info, Closing::Info, None),
        (Verdict::Fail, Closing::None, Some(Failure::Timeout)),
        (Verdict::Pass, Closing::FailedByClient, None),
        (Verdict::Fail, Closing::Fail, Some(Failure::Dropped)),
        (Verdict::Fail, Closing::None, Some(Failure::NotAlive)),
        (
            Verdict::Fail,
            Closing::None,
            Some(Failure::OpeningHandshake),
        ),
        (Verdict::Fail, Closing::Fail, Some(Failure::Flood)),
        (Verdict::Error, Closing::None, Some(Failure::Unreachable)),
        (Verdict::Error, Closing::None, Some(Failure::Harness)),
    ];
    let mut results = Vec::new();
    for (index, (verdict, closing, failure)) in axes.into_iter().enumerate() {
        let target = if index < order.len() {
            "echo"
        } else {
            HOSTILE_NAME
        };
        let id = &order[index % order.len()];
        let found = &cases[id];
        results.push(CaseResult {
            autobahn: found.autobahn.clone(),
            failure,
            reason: match index {
                0 => HOSTILE.into(),
                3 => "x".repeat(10_000),
                _ => format!("{}, in words.", verdict.name()),
            },
            observed: "Text \"Hello, world!\" (13 octets), then FIN".into(),
            close_code: (closing == Closing::WrongCode).then_some(1000),
            duration_ms: 1.25 * (index + 1) as f64,
            requirements: found.requirements.clone(),
            broken: (index == 0).then(|| "6455-5.2-2".into()),
            transcript: (index == 0).then(transcript),
            process: match index {
                0 => Some(process(Ending::Killed, 2, HOSTILE)),
                5 => Some(process(Ending::ByItself, 0, "")),
                _ => None,
            },
            ..result(target, id, verdict, closing)
        });
    }
    // As they come from concurrent runs: in no particular order.
    results.swap(0, 5);
    results.swap(2, 9);

    let target = |name: &str, url: &str| TargetInfo {
        url: Some(url.into()),
        product: Some(HOSTILE.into()),
        ..TargetInfo::new(name, "server")
    };
    Results {
        header: Header {
            format: FORMAT.into(),
            version: VERSION,
            tool: Tool {
                name: "wsspec".into(),
                version: "0.1.0".into(),
            },
            seed: 7,
            started: "2026-08-01T12:00:00Z".into(),
            targets: vec![
                target("echo", "ws://127.0.0.1:9001/"),
                target(HOSTILE_NAME, "ws://127.0.0.1:9002/"),
            ],
            cases,
            order,
        },
        results,
        duration_ms: 6_543,
    }
}
