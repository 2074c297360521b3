//! The reference implementation: lawful, it passes everything; with one departure
//! from the RFC, something fails.

use serde_json::Value;
use wsspec_record::transcript::{Phase, What};
use wsspec_record::{CaseResult, Results, Verdict};
use wsspec_reference::net::{EchoServer, ServerConfig};
use wsspec_reference::{Deviation, Deviations};

use crate::support::{Run, Wsspec, passes_the_core};

const ALL: &str = "--case=autobahn:*";

#[tokio::test]
async fn the_reference_passes_everything() {
    let run = Wsspec::new(["server", ALL]).run().await;
    let results = passes_the_core(&run);
    for result in &results.results {
        assert_eq!(
            result.attempts, 1,
            "{} was not answered in time at first",
            result.case
        );
    }
    assert!(
        results.header.targets[0].trouble.is_none(),
        "{}",
        run.said()
    );
}

/// Checks that an object has these fields, of these kinds.
fn check_fields(object: &Value, fields: &[(&str, &str)]) {
    for (name, kinds) in fields {
        let value = object.get(name);
        let kind = match value {
            None => "missing",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "bool",
            Some(Value::Number(number)) if number.is_u64() => "integer",
            Some(Value::Number(_)) => "number",
            Some(Value::String(_)) => "string",
            Some(Value::Array(_)) => "array",
            Some(Value::Object(_)) => "object",
        };
        assert!(
            kinds.split('|').any(|one| one == kind),
            "{name} is {kind}, not {kinds}: {object}"
        );
    }
}

#[tokio::test]
async fn results_have_the_form_that_scripts_rely_on() {
    let run = Wsspec::new(["server", ALL, "--seed=7"]).run().await;
    let text = std::fs::read_to_string(run.path("wsspec-report/results.json")).unwrap();
    let results: Value = serde_json::from_str(&text).unwrap();
    check_fields(
        &results,
        &[
            ("format", "string"),
            ("version", "integer"),
            ("tool", "object"),
            ("seed", "integer"),
            ("started", "string"),
            ("duration_ms", "integer"),
            ("targets", "array"),
            ("results", "array"),
        ],
    );
    assert_eq!(results["format"], "wsspec-results");
    assert_eq!(results["version"], 2);
    assert_eq!(results["seed"], 7);
    check_fields(
        &results["tool"],
        &[("name", "string"), ("version", "string")],
    );
    for target in results["targets"].as_array().unwrap() {
        check_fields(
            target,
            &[("name", "string"), ("role", "string"), ("url", "string")],
        );
        assert_eq!(target["role"], "server");
    }
    let names = [
        "pass",
        "non-strict",
        "fail",
        "info",
        "unimplemented",
        "skipped",
        "error",
    ];
    let closings = [
        "ok",
        "wrong-code",
        "unclean",
        "failed-by-client",
        "info",
        "fail",
        "none",
    ];
    for result in results["results"].as_array().unwrap() {
        check_fields(
            result,
            &[
                ("target", "string"),
                ("case", "string"),
                ("autobahn", "string|null"),
                ("verdict", "string"),
                ("closing", "string"),
                ("failure", "string|null"),
                ("reason", "string"),
                ("close_code", "integer|null"),
                ("duration_ms", "integer|number"),
                ("requirements", "array"),
            ],
        );
        assert!(
            names.contains(&result["verdict"].as_str().unwrap()),
            "{result}"
        );
        assert!(
            closings.contains(&result["closing"].as_str().unwrap()),
            "{result}"
        );
    }
}

/// What was sent in a case up to the end of its script, which no timing decides.
fn sent(result: &CaseResult) -> Vec<String> {
    let transcript = result.transcript.as_ref().unwrap();
    assert_eq!(transcript.omitted, 0, "{}", result.case);
    let is_after_script = |what: &What| {
        matches!(
            what,
            What::Phase(Phase::Waiting | Phase::Barrier | Phase::Closing)
        )
    };
    transcript
        .entries
        .iter()
        .map(|entry| &entry.what)
        .take_while(|what| !is_after_script(what))
        .filter_map(|what| match what {
            What::SentFrame(frame) => Some(format!("{frame:?}")),
            What::SentOctets(octets) => Some(format!("{octets:?}")),
            // The port is another one each time.
            What::SentHead(head) => {
                let is_host = |line: &String| line.starts_with("Host:");
                let lines: Vec<String> = head.lines().filter(|line| !is_host(line)).collect();
                Some(lines.join("\n"))
            }
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn the_same_seed_sends_the_same_octets() {
    let mut runs = Vec::new();
    for seed in ["--seed=42", "--seed=42", "--seed=43"] {
        runs.push(
            Wsspec::new(["server", ALL, seed, "--format=none"])
                .run()
                .await
                .results(),
        );
    }
    let [first, second, other] = &runs[..] else {
        unreachable!()
    };
    for ((first, second), other) in first
        .results
        .iter()
        .zip(&second.results)
        .zip(&other.results)
    {
        let (once, again) = (sent(first), sent(second));
        // A target that fails the connection early is not sent the rest of a script.
        let both = once.len().min(again.len());
        assert_eq!(once[..both], again[..both], "{}", first.case);
        assert_ne!(
            once[0],
            sent(other)[0],
            "{}: the key is the seed's",
            first.case
        );
    }
    let octets =
        |results: &Results| -> usize { results.results.iter().map(|r| sent(r).len()).sum() };
    assert!(octets(first) > 247 * 2);
}

/// Deviations of servers, one or two of each family, with cases that see them; and some
/// that no case of Autobahn's sees, with the reason.
const SEEN_BY: &[(&str, &str)] = &[
    ("mask-server-frames", "autobahn:1.1.1"),
    ("accept-reserved-bits", "autobahn:3"),
    ("accept-reserved-opcodes", "autobahn:4"),
    ("accept-stray-continuation", "autobahn:5"),
    ("skip-utf8-validation", "autobahn:6"),
    ("ignore-pings", "autobahn:2"),
    ("alter-pong-payload", "autobahn:2"),
    ("accept-invalid-close-codes", "autobahn:7"),
    ("keep-tcp-open", "autobahn:7.1.1"),
    ("send-wrong-accept", "opening-handshake/key"),
];
const SEEN_BY_NONE: &[(&str, &str)] = &[
    (
        "accept-unmasked-frames",
        "Autobahn masks all it sends to a server.",
    ),
    (
        "accept-long-length-forms",
        "Autobahn sends the shortest form only.",
    ),
];

#[tokio::test]
async fn a_deviation_is_seen() {
    for (name, _) in SEEN_BY.iter().chain(SEEN_BY_NONE) {
        let deviation = Deviation::from_name(name).expect(name);
        let facts = deviation.facts();
        let config = ServerConfig::default().deviating(Deviations::NONE.with(deviation));
        let (address, server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
        let cases = SEEN_BY.iter().find(|(name, _)| *name == facts.name);
        let cases = cases.map_or("autobahn:*", |(_, cases)| cases);
        let url = format!("ws://{address}/");
        let run = Wsspec::new([
            "server",
            &url,
            &format!("--case={cases}"),
            "--timeout=0.5",
            "--jobs=64",
            "--format=none",
        ])
        .run()
        .await;
        server.shut_down().await;
        let unseen = SEEN_BY_NONE.iter().any(|(name, _)| *name == facts.name);
        let expected = Some(i32::from(!unseen));
        assert_eq!(run.exit, expected, "{}: {}", facts.name, run.said());
    }
}

/// The deviations of the command line are those of the library.
#[tokio::test]
async fn a_deviation_is_told_to_the_bundled_server() {
    let program = env!("CARGO_BIN_EXE_wsspec");
    let command = format!(
        "exec '{program}' echo server --listen 127.0.0.1:{{port}} --deviate ignore-pings --deviate skip-utf8-validation"
    );
    let run = Wsspec::new([
        "server",
        "--spawn",
        &command,
        "--case=autobahn:2.1",
        "--case=autobahn:6.3.1",
        "--case=autobahn:1.1.1",
    ])
    .run()
    .await;
    let results = run.results();
    let verdicts: Vec<(Option<&str>, Verdict)> = results
        .results
        .iter()
        .map(|result| (result.autobahn.as_deref(), result.verdict))
        .collect();
    for expected in [
        (Some("1.1.1"), Verdict::Pass),
        (Some("2.1"), Verdict::Fail),
        (Some("6.3.1"), Verdict::Fail),
    ] {
        assert!(verdicts.contains(&expected), "{}", run.said());
    }
}

/// A stored transcript that is judged again gives the verdict that was stored.
fn judged_again(run: &Run) -> usize {
    let results = run.results();
    let mut judged = 0;
    for result in &results.results {
        let Some(transcript) = &result.transcript else {
            continue;
        };
        if transcript.omitted > 0 {
            continue;
        }
        let case = &results.header.cases[&result.case];
        let again = wsspec_judge::judge::judge(case, wsspec_cases::Target::Server, transcript);
        let case = &result.case;
        assert_eq!(again.verdict, result.verdict, "{case}");
        assert_eq!(again.closing, result.closing, "{case}");
        assert_eq!(again.failure, result.failure, "{case}");
        assert_eq!(again.close_code, result.close_code, "{case}");
        assert_eq!(Some(again.reason), result.why, "{case}");
        judged += 1;
    }
    judged
}

#[tokio::test]
async fn a_stored_transcript_is_judged_as_it_was() {
    let lawful = Wsspec::new(["server", ALL, "--format=none"]).run().await;
    assert_eq!(judged_again(&lawful), 247);

    let deviations: Deviations = [
        Deviation::AcceptReservedBits,
        Deviation::IgnorePings,
        Deviation::SkipUtf8Validation,
        Deviation::AcceptInvalidCloseCodes,
        Deviation::KeepTcpOpen,
    ]
    .into_iter()
    .collect();
    let config = ServerConfig::default().deviating(deviations);
    let (address, server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
    let url = format!("ws://{address}/");
    let deviating = Wsspec::new([
        "server",
        &url,
        ALL,
        "--timeout=0.3",
        "--jobs=64",
        "--format=none",
    ])
    .run()
    .await;
    server.shut_down().await;
    assert_eq!(deviating.exit, Some(1), "{}", deviating.said());
    assert_eq!(judged_again(&deviating), 247);
}
