//! The cases for clients that look at more than one conversation, or at what the client
//! was told: the lawful reference passes them, and each is failed by a deviation.

use wsspec_record::Verdict;
use wsspec_reference::net::{EchoServer, Identity, ServerConfig, TlsServer, local_names};
use wsspec_reference::{Deviation, Deviations};

use crate::support::{Run, Wsspec, count};

const CASES: &[&str] = &[
    "opening-handshake/given-url/*",
    "opening-handshake/request/*",
    "opening-handshake/response/subprotocol/*",
    "opening-handshake/response/extension/empty-elements",
    "masking/client-keys/*",
    "closing/by-target/*",
];

/// A deviation and cases that see it.
const SEEN_BY: &[(&str, &str)] = &[
    (
        "refuse-scheme-in-capitals",
        "opening-handshake/given-url/scheme-in-capitals",
    ),
    ("drop-queries", "opening-handshake/given-url/query*"),
    ("unescape-urls", "opening-handshake/given-url/escaped-*"),
    (
        "accept-invalid-urls",
        "opening-handshake/given-url/invalid/*",
    ),
    (
        "accept-invalid-urls",
        "opening-handshake/given-url/repaired/*",
    ),
    (
        "accept-invalid-urls",
        "opening-handshake/given-url/line-end",
    ),
    ("keep-fragments", "opening-handshake/given-url/fragment"),
    (
        "send-urls-unconverted",
        "opening-handshake/given-url/characters/*",
    ),
    (
        "offer-invalid-extension",
        "opening-handshake/request/extensions",
    ),
    (
        "offer-unknown-parameter",
        "opening-handshake/request/extension-parameters",
    ),
    (
        "offer-unregistered-extension",
        "opening-handshake/request/registered-extensions",
    ),
    ("send-constant-key", "opening-handshake/request/fresh-key"),
    ("send-malformed-origin", "opening-handshake/request/origin"),
    (
        "send-malformed-origin",
        "opening-handshake/request/origin-of-browser",
    ),
    (
        "accept-unoffered-subprotocol",
        "opening-handshake/response/subprotocol/other-case",
    ),
    (
        "omit-host",
        "opening-handshake/response/subprotocol/offered",
    ),
    (
        "refuse-empty-extension-elements",
        "opening-handshake/response/extension/empty-elements",
    ),
    ("reuse-masking-keys", "masking/client-keys/distinct"),
    ("mask-with-half-keys", "masking/client-keys/spread"),
    ("mask-with-counted-key", "masking/client-keys/unrelated"),
    ("end-tcp-instead-of-closing", "closing/by-target/*"),
    ("start-closing-with-1000", "closing/by-target/[34]*"),
];

/// Those for which it is only not strict.
const NOT_STRICT: &[&str] = &["opening-handshake/response/extension/empty-elements"];

/// The same over TLS.
const CASES_OF_TLS: &[&str] = &["tls/*"];
const SEEN_OVER_TLS: &[(&str, &str)] = &[
    ("skip-tls", "tls/echo"),
    ("send-unmasked-frames", "tls/client-goes-through-it"),
    ("skip-tls", "tls/client-goes-through-it"),
    ("trust-any-certificate", "tls/certificate/*"),
    ("skip-tls", "tls/server-name/*"),
    ("omit-server-name", "tls/server-name/with-a-dot"),
    (
        "refuse-scheme-in-capitals",
        "tls/given-url/scheme-in-capitals",
    ),
    ("send-urls-unconverted", "tls/given-url/characters-*"),
];
/// And of servers.
const SEEN_OF_SERVERS: &[(&str, &str)] = &[
    ("never-answer-handshake", "tls/echo"),
    ("answer-with-200", "tls/server-goes-through-it"),
    ("accept-plain-on-tls-port", "tls/plain-request"),
    ("keep-tcp-open-without-tls", "tls/broken-hello/*"),
];

/// Grades the bundled client, which offers and says all that a case may need.
async fn graded(cases: &[&str], deviation: Option<&str>, tls: bool) -> Run {
    let mut arguments: Vec<String> = ["client", "--format=none", "--timeout=5", "--jobs=4"]
        .map(str::to_owned)
        .to_vec();
    arguments.extend(tls.then(|| "--tls".to_owned()));
    arguments.extend(cases.iter().map(|case| format!("--case={case}")));
    let program = env!("CARGO_BIN_EXE_wsspec");
    let client = [
        "--",
        program,
        "echo",
        "client",
        "--subprotocol=chat",
        "--header=Origin: http://example.com",
        "--header=User-Agent: Mozilla/5.0",
        "{url}",
    ];
    arguments.extend(client.map(str::to_owned));
    arguments.extend(deviation.map(|name| format!("--deviate={name}")));
    Wsspec::new(arguments).run().await
}

#[tokio::test]
async fn the_bundled_client_passes_them() {
    for (cases, tls) in [(CASES, false), (CASES, true), (CASES_OF_TLS, true)] {
        let run = graded(cases, None, tls).await;
        passes(&run);
    }
}

fn passes(run: &Run) {
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let results = run.results();
    assert_eq!(
        count(&results, Verdict::Pass),
        results.results.len(),
        "{}",
        run.said()
    );
}

#[tokio::test]
async fn each_is_failed_by_a_deviation() {
    let plain = SEEN_BY.iter().map(|seen| (seen, false));
    let secure = SEEN_OVER_TLS.iter().map(|seen| (seen, true));
    for ((deviation, cases), tls) in plain.chain(secure) {
        let run = graded(&[cases], Some(deviation), tls).await;
        let results = run.results();
        assert!(!results.results.is_empty(), "{cases}");
        for result in &results.results {
            let (case, verdict) = (&result.case, result.verdict);
            let expected = match NOT_STRICT.contains(&case.as_str()) {
                true => Verdict::NonStrict,
                false => Verdict::Fail,
            };
            assert_eq!(verdict, expected, "{deviation}: {case}: {}", result.reason);
        }
    }
}

#[tokio::test]
async fn no_case_is_without_a_deviation() {
    let run = graded(CASES, None, false).await;
    let patterns: Vec<wsspec_cases::select::Pattern> = SEEN_BY
        .iter()
        .map(|(_, cases)| cases.parse().unwrap())
        .collect();
    let results = run.results();
    let new = results.header.order.iter().filter(|id| {
        // These are older, and others see to them.
        !["/request/", "/response/subprotocol/"]
            .iter()
            .any(|part| id.contains(part))
    });
    for id in new {
        let case = &results.header.cases[id];
        assert!(patterns.iter().any(|pattern| pattern.matches(case)), "{id}");
    }
}

#[tokio::test]
async fn a_needed_case_that_fails_has_others_skipped() {
    let case = |id: &str, needs: &str, expected: &str| {
        format!(
            r#"{{"id": "{id}", "title": "t", "because": "b", "requirements": ["6455-5.2-2"], "needs": [{needs}],
                "script": [{{"send": [{{"text": "a"}}]}}],
                "outcomes": [{{"pass": [{{"text": "{expected}"}}]}}]}}"#
        )
    };
    let cases = [
        case("needs/failing-first", r#"{"case": "needs/wrong"}"#, "a"),
        case("needs/wrong", "", "b"),
        case("needs/right", "", "a"),
        case("needs/passing", r#"{"case": "needs/right"}"#, "a"),
        case("needs/deflate", r#"{"feature": "permessage-deflate"}"#, "a"),
    ];
    let text = format!(r#"{{"title": "T", "cases": [{}]}}"#, cases.join(","));
    let wsspec = Wsspec::new(["server", "--cases=mine", "--format=none"]);
    let run = wsspec.file("mine/cases.json", &text).run().await;
    let verdicts: Vec<Verdict> = run.results().results.iter().map(|r| r.verdict).collect();
    let expected = [
        Verdict::Skipped,
        Verdict::Fail,
        Verdict::Pass,
        Verdict::Pass,
        Verdict::Unimplemented,
    ];
    assert_eq!(verdicts, expected, "{}", run.said());
}

#[tokio::test]
async fn the_bundled_server_passes_what_is_about_tls_and_deviations_do_not() {
    let run = Wsspec::new(["server", "--tls", "--case=tls/*", "--format=none"]);
    passes(&run.run().await);
    for (deviation, cases) in SEEN_OF_SERVERS {
        let deviation = Deviation::from_name(deviation).expect(deviation);
        let (identity, _) = Identity::issued_by_nobody(&local_names("localhost")).unwrap();
        let config = ServerConfig {
            tls: Some(TlsServer::new(identity).unwrap()),
            ..ServerConfig::default()
        };
        let config = config.deviating(Deviations::NONE.with(deviation));
        let (address, _server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
        let url = format!("wss://{address}/");
        let case = format!("--case={cases}");
        let arguments = [
            "server",
            &url,
            &case,
            "--insecure",
            "--timeout=0.5",
            "--format=none",
            // Some of them are no echo endpoints any more.
            "--force",
        ];
        let run = Wsspec::new(arguments).run().await;
        for result in &run.results().results {
            let (case, verdict) = (&result.case, result.verdict);
            assert_eq!(
                verdict,
                Verdict::Fail,
                "{deviation}: {case}: {}",
                result.reason
            );
        }
    }
}
