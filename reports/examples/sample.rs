//! Writes every document of an invented run of some 250 cases, to look at and to time:
//! `cargo run --release -p wsspec-reports --example sample -- DIR [TARGETS [TIMES]]`, where
//! TIMES multiplies the cases: 7 make some 1,800.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use wsspec_cases::Case;
use wsspec_record::results::{FORMAT, Grade, Header, TargetInfo, Tool, VERSION};
use wsspec_record::transcript::{Awaited, Entry, Frame, Head, Octets, Phase, What};
use wsspec_record::{CaseResult, Closing, Failure, Oddity, Results, Transcript, Verdict};
use wsspec_reports::tally::Tally;
use wsspec_reports::terminal::Style;
use wsspec_reports::{FailOn, Format, terminal, words, write_all};

const TOPICS: [(&str, &str, u32); 14] = [
    ("framing/rsv", "RSV bits {n} are set on a text message", 12),
    ("framing/length", "A payload of {n} octets is echoed", 24),
    (
        "framing/opcode",
        "A frame with the reserved opcode {n} is sent",
        10,
    ),
    (
        "framing/mask",
        "A frame is masked with a key of kind {n}",
        9,
    ),
    ("fragmentation/order", "Fragments come in the order {n}", 22),
    (
        "fragmentation/control",
        "A Ping stands between fragments, kind {n}",
        14,
    ),
    (
        "utf-8/valid",
        "A text message holds the code point sequence {n}",
        30,
    ),
    (
        "utf-8/invalid",
        "A text message holds invalid UTF-8 of kind {n}",
        36,
    ),
    (
        "ping/payload",
        "A Ping with {n} octets of payload is answered",
        11,
    ),
    (
        "closing/code",
        "A Close frame carries the status code {n}",
        28,
    ),
    (
        "closing/reason",
        "A Close frame has a reason of {n} octets",
        8,
    ),
    (
        "opening/request",
        "The request lacks or repeats field {n}",
        18,
    ),
    (
        "deflate/negotiation",
        "Parameter set {n} of permessage-deflate is offered",
        16,
    ),
    (
        "limits/size",
        "A message of 2 to the {n} octets is echoed",
        12,
    ),
];

const TARGETS: [(&str, u32, &str); 8] = [
    ("quick-ws 3.1", 2, "quick-ws/3.1"),
    ("sock-server", 8, "Sock/0.9 (linux) </script>"),
    ("legacy-httpd", 25, ""),
    ("bun-like", 5, ""),
    ("tiny", 12, ""),
    ("A server with quite a long name, as some have", 3, ""),
    ("seven", 1, ""),
    ("eight", 4, ""),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let dir = PathBuf::from(arguments.next().ok_or("a folder is missing")?);
    let targets = match arguments.next() {
        Some(number) => number.parse()?,
        None => 3,
    };
    let times = match arguments.next() {
        Some(number) => number.parse()?,
        None => 1,
    };
    let results = results(targets, times);
    let tally = Tally::new(&results, FailOn::Fail);
    for format in Format::ALL {
        let start = Instant::now();
        write_all(&dir, &tally, &[*format])?;
        eprintln!("{format:>9} {:>8.1?}", start.elapsed());
    }
    let style = Style {
        color: true,
        ..Style::default()
    };
    print!("{}", terminal::report(&tally, style));
    Ok(())
}

/// A generator of one line; the sample is always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

fn results(targets: usize, times: u32) -> Results {
    let mut dice = Dice(7);
    let mut order = Vec::new();
    let mut cases = BTreeMap::new();
    for (place, (topic, title, number)) in TOPICS.iter().enumerate() {
        for n in 1..=*number * times {
            let id = format!("{topic}/kind-{n}");
            let title = title.replace("{n}", &n.to_string());
            let number = format!("{}.{n}", place + 1);
            let case = case(&id, &title, (n % 3 > 0).then_some(&number));
            order.push(case.id.clone());
            cases.insert(case.id.clone(), case);
        }
    }
    let mut results = Vec::new();
    for (name, flaws, _) in &TARGETS[..targets.min(TARGETS.len())] {
        for id in &order {
            results.push(result(&mut dice, name, *flaws, &cases[id]));
        }
    }
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
            targets: TARGETS[..targets.min(TARGETS.len())]
                .iter()
                .enumerate()
                .map(|(place, (name, _, product))| TargetInfo {
                    url: Some(format!("ws://127.0.0.1:{}/", 9001 + place)),
                    product: (!product.is_empty()).then(|| (*product).into()),
                    ..TargetInfo::new(*name, "server")
                })
                .collect(),
            cases,
            order,
        },
        results,
        duration_ms: 8_312,
    }
}

fn case(id: &str, title: &str, autobahn: Option<&str>) -> Case {
    let text = serde_json::json!({
        "id": id,
        "title": title,
        "autobahn": autobahn,
        "requirements": ["6455-5.2-3", "6455-7.1.7-1"],
        "because": "RSV2 belongs to no extension that was negotiated, so the frame that sets it fails the connection; what came before it was valid and is delivered.",
        "script": [
            {"send": [{"text": "Hello, world!"}]},
            {"send": [{"text": "Hello, world!", "rsv": [2]}, {"ping": ""}], "cut": [1, 7], "pause_ms": 5},
        ],
        "outcomes": [
            {"pass": [{"text": "Hello, world!"}, {"fails": {"best": 1002}}]},
            {"non-strict": [{"fails": {"best": 1002}}],
             "because": "The valid message before the violation was not echoed."},
        ],
    });
    serde_json::from_value(text).expect("the invented cases are well formed")
}

fn result(dice: &mut Dice, target: &str, flaws: u32, case: &Case) -> CaseResult {
    let deflate = case.id.starts_with("deflate") && flaws > 6;
    let (verdict, closing, failure) = match dice.below(100) {
        _ if deflate => (Verdict::Unimplemented, Closing::None, None),
        roll if roll < flaws => match dice.below(6) {
            0 => (Verdict::Fail, Closing::None, Some(Failure::Timeout)),
            1 => (Verdict::Fail, Closing::Fail, Some(Failure::UnlawfulFrame)),
            2 => (Verdict::Error, Closing::None, Some(Failure::TargetDied)),
            _ => (Verdict::Fail, Closing::Fail, Some(Failure::WrongAnswer)),
        },
        roll if roll < flaws + 4 => (Verdict::NonStrict, Closing::Ok, None),
        roll if roll < flaws + 6 => (Verdict::Pass, Closing::Unclean, None),
        roll if roll < flaws + 8 => (Verdict::Info, Closing::Info, None),
        _ => (Verdict::Pass, Closing::Ok, None),
    };
    let mut result = CaseResult {
        target: target.into(),
        case: case.id.clone(),
        autobahn: case.autobahn.clone(),
        verdict,
        closing,
        failure,
        reason: String::new(),
        why: None,
        notes: Vec::new(),
        expected: words::expected(case),
        observed: "Text \"Hello, world!\" (13 octets), then Text \"Hello, world!\" (13 octets, RSV2), then nothing until 5,000 ms were over".into(),
        close_code: (closing == Closing::Ok).then_some(1002),
        duration_ms: f64::from(dice.below(9_000)) / 1_000.0,
        requirements: case.requirements.clone(),
        broken: (verdict == Verdict::Fail).then(|| "6455-5.2-3".into()),
        replay: format!("wsspec server 'ws://127.0.0.1:9001/' --case {} --seed 7", case.id),
        attempts: 1,
        in_company: None,
        process: None,
        transcript: Some(transcript(verdict)),
    };
    if result.grade() > Grade::Good {
        result.reason = match verdict {
            Verdict::Fail => {
                "The message whose RSV2 is set was echoed; it had to fail the connection.".into()
            }
            Verdict::NonStrict => "The valid message before the violation was not echoed.".into(),
            _ => String::new(),
        };
    }
    result
}

fn octets(octets: &[u8]) -> Octets {
    Octets {
        length: octets.len() as u64,
        hex: octets
            .iter()
            .take(128)
            .map(|o| format!("{o:02x}"))
            .collect(),
        sha1: (octets.len() > 128).then(|| "da39a3ee5e6b4b0d3255bfef95601890afd80709".into()),
    }
}

fn frame(opcode: u8, payload: &[u8], mask: Option<&str>) -> Frame {
    Frame {
        fin: true,
        rsv: 0,
        opcode,
        mask: mask.map(str::to_owned),
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

fn transcript(verdict: Verdict) -> Transcript {
    let key = Some("37fa213d");
    let head = |text: &str, status| Head {
        status,
        ..Head::from_text(text)
    };
    let mut entries = vec![
        (0, What::Phase(Phase::Opening)),
        (212, What::Connected),
        (
            220,
            What::SentHead(head(
                "GET /chat HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
                None,
            )),
        ),
        (
            801,
            What::ReceivedHead(head(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nServer: quick-ws/3.1\r\n\r\n",
                Some(101),
            )),
        ),
        (900, What::Phase(Phase::Script)),
        (910, What::SentFrame(frame(1, b"Hello, world!", key))),
        (
            950,
            What::SentFrame(Frame {
                rsv: 2,
                ..frame(1, b"Hello, world!", key)
            }),
        ),
        (980, What::SentFrame(frame(9, b"", key))),
        (1_400, What::ReceivedFrame(frame(1, b"Hello, world!", None))),
    ];
    match verdict {
        Verdict::Fail | Verdict::Error => entries.extend([
            (
                1_480,
                What::ReceivedFrame(Frame {
                    rsv: 2,
                    oddities: vec![Oddity::ReservedBits],
                    ..frame(1, b"Hello, world!", None)
                }),
            ),
            (1_500, What::ReceivedFrame(frame(2, &[0xfe; 70_000], None))),
            (1_600, What::Phase(Phase::Barrier)),
            (
                5_001_600,
                What::TimedOut {
                    awaited: Awaited::Outcome,
                    waited_ms: 5_000,
                },
            ),
            (5_001_700, What::Closed),
        ]),
        _ => entries.extend([
            (
                1_600,
                What::ReceivedFrame(frame(8, b"\x03\xeareserved bits must be 0", None)),
            ),
            (1_650, What::SentFrame(frame(8, b"\x03\xea", key))),
            (1_800, What::ReceivedFin),
        ]),
    }
    Transcript {
        entries: entries
            .into_iter()
            .map(|(at_us, what)| Entry::new(at_us, what))
            .collect(),
        omitted: 0,
    }
}
