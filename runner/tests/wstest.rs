//! `wsspec wstest`: spec files as they are in the wild.

use std::time::Duration;

use serde_json::Value;
use wsspec_reference::net::{EchoServer, ServerConfig};

use crate::support::{Wsspec, finish};

/// The part of the report that scripts read.
fn index(text: &str) -> Vec<(String, Vec<String>)> {
    let index: Value = serde_json::from_str(text).unwrap();
    let agents = index.as_object().unwrap().iter();
    let cases = |agent: &Value| agent.as_object().unwrap().keys().cloned().collect();
    agents
        .map(|(name, agent)| (name.clone(), cases(agent)))
        .collect()
}

#[tokio::test]
async fn a_fuzzingclient_grades_what_its_spec_file_says() {
    let (address, _server) = EchoServer::start("127.0.0.1:0", ServerConfig::default())
        .await
        .unwrap();
    let spec = format!(
        r#"{{
   "outdir": "./reports/servers",
   "servers": [
      {{"agent": "First/1.0: plain", "url": "ws://{address}", "options": {{"version": 18}}}},
      {{"agent": "Second", "url": "ws://{address}/chat", "hostname": "example.org",
        "origin": "http://example.org", "protocols": ["chat"]}}
   ],
   "options": {{"failByDrop": false}},
   "cases": ["1.1.*", "2.1*"],
   "exclude-cases": ["1.1.2", "9.*"],
   "exclude-agent-cases": {{"Second*": ["2.1*"]}}
}}"#
    );
    let run = Wsspec::new([
        "wstest",
        "-m",
        "fuzzingclient",
        "-s",
        "config/fuzzingclient.json",
    ])
    .file("config/fuzzingclient.json", &spec)
    .run()
    .await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let reports = run.path("reports/servers");
    let text = std::fs::read_to_string(reports.join("index.json")).unwrap();
    let found = index(&text);
    let of = |cases: &[&str]| {
        cases
            .iter()
            .map(|case| (*case).to_owned())
            .collect::<Vec<_>>()
    };
    let ones = [
        "1.1.1", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7", "1.1.8",
    ];
    let twos = [&ones[..], &["2.1", "2.10", "2.11"]].concat();
    assert_eq!(found[0], ("First/1.0: plain".to_owned(), of(&twos)));
    assert_eq!(found[1], ("Second".to_owned(), of(&ones)));
    let index: Value = serde_json::from_str(&text).unwrap();
    let file = index["Second"]["1.1.1"]["reportfile"].as_str().unwrap();
    let case = std::fs::read_to_string(reports.join(file)).unwrap();
    let case: Value = serde_json::from_str(&case).unwrap();
    assert_eq!(
        (&case["agent"], &case["behavior"]),
        (&"Second".into(), &"OK".into())
    );
    let request = case["httpRequest"].as_str().unwrap();
    for field in [
        "GET /chat ",
        "Host: example.org\r\n",
        "Origin: http://example.org\r\n",
        "Sec-WebSocket-Protocol: chat\r\n",
    ] {
        assert!(request.contains(field), "{field}: {request}");
    }
}

#[tokio::test]
async fn a_fuzzingserver_serves_drivers_that_know_autobahn() {
    let probe = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = probe.local_addr().unwrap();
    drop(probe);
    let spec = format!(
        r#"{{"url": "ws://{address}", "outdir": "reports/clients", "cases": ["1.1.*"],
            "exclude-cases": [""], "exclude-agent-cases": {{}}, "webport": 0}}"#
    );
    let (server, folder) = Wsspec::new(["wstest", "--mode=fuzzingserver", "--webport=0"])
        .file("fuzzingserver.json", &spec)
        .start();
    let base = format!("ws://{address}");
    let arguments = ["wstest", "-m", "testeeclient", "-w", &base, "-i", "mine"];
    // The server listens when it listens.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    while tokio::net::TcpStream::connect(address).await.is_err() {
        assert!(tokio::time::Instant::now() < deadline, "nobody listens");
        tokio::task::yield_now().await;
    }
    let run = Wsspec::new(arguments).run().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let text = std::fs::read_to_string(folder.path().join("reports/clients/index.json")).unwrap();
    let found = index(&text);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].0.as_str(), found[0].1.len()),
        ("mine", 8),
        "{found:?}"
    );
    let run = Wsspec::new([
        "wstest",
        "-m",
        "echoclient",
        "-w",
        &format!("{base}/stopServer"),
    ])
    .run()
    .await;
    let server = finish(server, folder).await;
    assert_eq!(server.exit, Some(0), "{}\n{}", server.said(), run.said());
}

#[tokio::test]
async fn what_is_wrong_with_a_spec_file_is_told() {
    for (spec, words) in [
        ("{", "fuzzingclient.json: "),
        ("{}", "names no servers"),
        (
            r#"{"servers": [{"url": "http://h"}]}"#,
            "expected ws or wss",
        ),
        (
            r#"{"servers": [{"url": "ws://h"}], "cases": ["77.*"]}"#,
            "matches no case",
        ),
    ] {
        let run = Wsspec::new(["wstest", "-m", "fuzzingclient"])
            .file("fuzzingclient.json", spec)
            .run()
            .await;
        assert_eq!(run.exit, Some(2), "{spec}: {}", run.said());
        assert!(run.stderr.contains(words), "{spec}: {}", run.said());
    }
}
