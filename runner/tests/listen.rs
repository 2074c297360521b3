//! Clients that connect by themselves: the driver protocol, several agents at a time,
//! names that mean harm, and connections that follow no protocol.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use wsspec_record::{Failure, Results, Verdict};

use crate::support::{
    Listening, Wsspec, count, dial, files, masked, read_frame, read_head, read_to_end, results_in,
};

const SOME: &str = "--case=autobahn:1.1.*";

fn of_agent<'a>(results: &'a Results, agent: &str) -> Vec<&'a wsspec_record::CaseResult> {
    let is_theirs = |result: &&wsspec_record::CaseResult| result.target == agent;
    results.results.iter().filter(is_theirs).collect()
}

#[tokio::test]
async fn the_bundled_client_passes_everything() {
    let listening = Listening::open(&["--case=autobahn:*"]).await;
    let base = format!("ws://{}", listening.address());
    let words = ["echo", "client", "--autobahn", &base, "--agent=mine"];
    let played = Wsspec::new(words).run().await;
    assert_eq!(played.exit, Some(0), "{}", played.said());
    let run = listening.stop().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let results = run.results();
    assert_eq!(count(&results, Verdict::Pass), 244, "{}", run.said());
    assert_eq!(count(&results, Verdict::Info), 3, "{}", run.said());
}

#[tokio::test]
async fn the_driver_protocol_is_spoken() {
    let listening = Listening::open(&["--case=autobahn:2.1", "--case=autobahn:1.1.*"]).await;
    assert_eq!(listening.ask("/getCaseCount").await, ["9"]);
    // Numbers follow the selection, in the order of Autobahn's.
    for (resource, id) in [
        ("/getCaseInfo?case=1", "1.1.1"),
        ("/getCaseInfo?case=9", "2.1"),
        ("/getCaseInfo?casetuple=1.1.8", "1.1.8"),
    ] {
        let texts = listening.ask(resource).await;
        let info: Value = serde_json::from_str(&texts[0]).unwrap();
        assert_eq!(info["id"], id, "{resource}");
        assert!(info["description"].is_string(), "{resource}");
    }
    for resource in [
        "/getCaseInfo",
        "/getCaseInfo?case=0",
        "/getCaseInfo?case=10",
        "/getCaseInfo?case=-1",
        "/getCaseInfo?case=99999999999999999999999",
        "/getCaseInfo?casetuple=9.9.9",
        "/runCase?case=1",
        "/runCase?agent=a",
        "/runCase?case=1&case=2&agent=a",
        "/getCaseStatus?case=1&agent=a",
        "/updateReports",
        "/elsewhere",
    ] {
        assert!(
            listening.refuses(resource).await.contains("40"),
            "{resource}"
        );
    }

    assert_eq!(listening.ask("/runCase?case=1&agent=a").await, [""]);
    listening.ask("/runCase?casetuple=2.1&agent=a").await;
    for resource in [
        "/getCaseStatus?case=1&agent=a",
        "/getCaseStatus?casetuple=2.1&agent=a",
    ] {
        assert_eq!(
            listening.ask(resource).await,
            [r#"{"behavior": "OK"}"#],
            "{resource}"
        );
    }
    assert!(
        listening
            .refuses("/getCaseStatus?case=1&agent=b")
            .await
            .contains("40")
    );
    // One that fails: it sends nothing back.
    let mut mute = dial(listening.address(), "/runCase?case=2&agent=a")
        .await
        .unwrap();
    read_frame(&mut mute).await.unwrap();
    drop(mute);
    let status = listening.ask("/getCaseStatus?case=2&agent=a").await;
    assert_eq!(status, [r#"{"behavior": "FAILED"}"#]);

    // The documents are there as soon as the connection is closed.
    listening.ask("/updateReports?agent=a").await;
    let index = listening.folder().path().join("wsspec-report/index.json");
    let index: Value = serde_json::from_slice(&std::fs::read(index).unwrap()).unwrap();
    assert_eq!(index["a"].as_object().unwrap().len(), 3);
    assert_eq!(index["a"]["1.1.2"]["behavior"], "FAILED");

    // Case 2 once more, and better.
    listening.ask("/runCase?case=2&agent=a").await;
    listening
        .ask("/updateReports?agent=a&shutdownOnComplete=true")
        .await;
    let run = listening.ended().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let results = run.results();
    assert_eq!(count(&results, Verdict::Pass), 3, "{}", run.said());
    assert_eq!(count(&results, Verdict::Skipped), 6, "{}", run.said());
    let of = |number: &str| {
        let is_it =
            |result: &&wsspec_record::CaseResult| result.autobahn.as_deref() == Some(number);
        results.results.iter().find(is_it).unwrap()
    };
    assert_eq!((of("1.1.2").attempts, of("1.1.1").attempts), (2, 1));
}

#[tokio::test]
async fn results_are_kept_as_they_come() {
    let listening = Listening::open(&[SOME]).await;
    listening.ask("/runCase?case=1&agent=a").await;
    // The status is known once the result is.
    listening.ask("/getCaseStatus?case=1&agent=a").await;
    let results = results_in(&listening.folder().path().join("wsspec-report"));
    assert_eq!(results.results.len(), 1);
    listening.stop().await;
}

#[tokio::test]
async fn a_run_without_an_agent_finds_nothing() {
    let run = Listening::open(&[SOME]).await.stop().await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(
        run.stderr.contains("no client ran a case"),
        "{}",
        run.said()
    );
}

#[tokio::test]
async fn agents_may_come_at_the_same_time() {
    const AGENTS: usize = 8;
    let listening = Listening::open(&[SOME]).await;
    let mut agents = JoinSet::new();
    let listening = std::sync::Arc::new(listening);
    for agent in 0..AGENTS {
        let listening = std::sync::Arc::clone(&listening);
        agents.spawn(async move {
            for case in 1..=8 {
                let resource = format!("/runCase?case={case}&agent=agent-{agent}");
                // The first of them does nothing of what it should.
                if agent == 0 {
                    drop(dial(listening.address(), &resource).await);
                } else {
                    listening.ask(&resource).await;
                }
                let resource = format!("/getCaseStatus?case={case}&agent=agent-{agent}");
                let status = listening.ask(&resource).await;
                let is_ok = status[0].contains("OK");
                assert_eq!(is_ok, agent != 0, "{resource}: {status:?}");
            }
            listening
                .ask(&format!("/updateReports?agent=agent-{agent}"))
                .await;
        });
    }
    while let Some(agent) = agents.join_next().await {
        agent.unwrap();
    }
    let run = std::sync::Arc::into_inner(listening).unwrap().stop().await;
    let results = run.results();
    assert_eq!(results.header.targets.len(), AGENTS, "{}", run.said());
    assert_eq!(results.results.len(), AGENTS * 8);
    for result in &results.results {
        let is_passed = result.verdict == Verdict::Pass;
        assert_eq!(is_passed, result.target != "agent-0", "{}", result.target);
    }
}

#[tokio::test]
async fn reports_are_written_for_all_who_ask_together() {
    let listening = std::sync::Arc::new(Listening::open(&[SOME]).await);
    listening.ask("/runCase?case=1&agent=a").await;
    let mut asking = JoinSet::new();
    for _ in 0..100 {
        let listening = std::sync::Arc::clone(&listening);
        asking.spawn(async move { listening.ask("/updateReports?agent=a").await });
    }
    // Cases are played meanwhile.
    listening.ask("/runCase?case=2&agent=a").await;
    while let Some(asked) = asking.join_next().await {
        assert_eq!(asked.unwrap(), [""; 0]);
    }
    listening.ask("/updateReports?agent=a").await;
    let index = listening.folder().path().join("wsspec-report/index.json");
    let index: Value = serde_json::from_slice(&std::fs::read(index).unwrap()).unwrap();
    assert_eq!(index["a"].as_object().unwrap().len(), 2);
    std::sync::Arc::into_inner(listening).unwrap().stop().await;
}

#[tokio::test]
async fn names_are_hostile_text() {
    let long = "x".repeat(10_000);
    let names = [
        "..%2f..%2f..%2fetc%2fpasswd",
        "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "%7B%7B%207*7%20%7D%7D",
        "%1b%5B2J%07%00%0d%0a",
        "%E2%80%AEtxt.exe",
        "%ff%fe",
        "CON",
        &long,
    ];
    let listening = Listening::open(&["--case=autobahn:1.1.1"]).await;
    for name in names {
        listening
            .ask(&format!("/runCase?case=1&agent={name}"))
            .await;
        let status = listening
            .ask(&format!("/getCaseStatus?case=1&agent={name}"))
            .await;
        assert_eq!(status, [r#"{"behavior": "OK"}"#], "{name}");
        listening.ask(&format!("/updateReports?agent={name}")).await;
    }
    let run = listening.stop().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let results = run.results();
    assert_eq!(results.header.targets.len(), names.len());
    for target in &results.header.targets {
        assert!(target.name.chars().count() <= 101, "{}", target.name);
        assert!(
            !target.name.chars().any(char::is_control),
            "{:?}",
            target.name
        );
        assert_eq!(of_agent(&results, &target.name).len(), 1);
    }
    // Nothing is where it should not be; Autobahn's detail files have the name of the
    // agent in theirs, as far as it is letters and digits.
    let report = run.path("wsspec-report");
    for folder in [report.clone(), report.join("cases"), report.join("assets")] {
        for (name, text) in files(&folder) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            assert!(name.chars().all(plain) && name.len() < 200, "{name}");
            assert!(!name.starts_with('.') && !name.contains(".."), "{name}");
            let text = String::from_utf8(text).unwrap();
            if name.ends_with(".html") || name.ends_with(".svg") || name.ends_with(".xml") {
                for markup in ["<script>alert", "<img src=x"] {
                    assert!(!text.contains(markup), "{name} has {markup}");
                }
                let harmless = |c: char| !c.is_control() || c == '\n' || c == '\t';
                assert!(text.chars().all(harmless), "{name} has control characters");
            }
        }
    }
    assert!(!run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'));
}

#[tokio::test]
async fn who_follows_no_protocol_does_no_harm() {
    let listening = Listening::open(&[SOME]).await;
    let address = listening.address();
    let endless = format!("GET / HTTP/1.1\r\n{}", "X-A: b\r\n".repeat(20_000));
    let long = format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(1 << 20));
    let client_hello = "\u{16}\u{3}\u{1}\0\u{1}\u{1}\0";
    // Some are told so, some are left; none may keep the listener from the others.
    for octets in [
        "",
        "\r\n\r\n",
        "HELO there\r\n\r\n",
        "GET /\r\n\r\n",
        client_hello,
        &endless,
        &long,
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /report/../../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /report/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /report/cases/..%2f..%2fCargo.html HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /getCaseCount HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /getCaseCount HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
        "GET /runCase?case=1&agent=a HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // We may be refused before all of it is read.
        let _ = stream.write_all(octets.as_bytes()).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        let start = &octets[..octets.len().min(60)];
        assert!(!answer.contains(" 200 "), "{start:?}: {answer}");
        assert!(!answer.contains("root:"), "{start:?}: {answer}");
    }
    // Those who stay and say nothing, or nothing more.
    let mut idle = Vec::new();
    for at in 0..200 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        if at % 2 == 0 {
            stream.write_all(b"GET /getCaseCount HT").await.unwrap();
        }
        idle.push(stream);
    }
    // Those who are answered and do not close.
    let mut mute = dial(address, "/getCaseCount").await.unwrap();
    assert_eq!(read_frame(&mut mute).await.unwrap().payload, b"8");
    let mut noisy = dial(address, "/getCaseCount").await.unwrap();
    noisy.write_all(&[0xff; 1000]).await.unwrap();

    assert_eq!(listening.ask("/getCaseCount").await, ["8"]);
    listening.ask("/runCase?case=2&agent=lawful").await;
    let status = listening.ask("/getCaseStatus?case=2&agent=lawful").await;
    assert_eq!(status, [r#"{"behavior": "OK"}"#]);
    // With those two still there.
    let run = listening.stop().await;
    drop((idle, mute, noisy));
    // What asked for a case with half a handshake has played it and failed.
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let results = run.results();
    assert_eq!(count(&results, Verdict::Pass), 1, "{}", run.said());
    assert_eq!(
        of_agent(&results, "a")[0].failure,
        Some(Failure::OpeningHandshake),
        "{}",
        run.said()
    );
}

/// Lets this process, and those that it starts, have as many descriptors as they may.
#[cfg(unix)]
fn with_many_descriptors() -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let many = most.min(20_000);
    setrlimit(Resource::RLIMIT_NOFILE, many, most).unwrap();
    many
}

#[cfg(unix)]
#[tokio::test]
async fn a_silent_crowd_keeps_nobody_waiting() {
    let crowd = 2_000.min(with_many_descriptors() / 2);
    let listening = Listening::open(&[SOME]).await;
    let mut silent = Vec::new();
    for _ in 0..crowd {
        silent.push(TcpStream::connect(listening.address()).await.unwrap());
    }
    let began = Instant::now();
    assert_eq!(listening.ask("/getCaseCount").await, ["8"]);
    let took = began.elapsed();
    drop(silent);
    let run = listening.stop().await;
    // Nobody had to wait until the silent ones were given up.
    assert!(took < Duration::from_secs(5), "{took:?}\n{}", run.said());
}

#[tokio::test]
async fn there_is_a_page_for_browsers() {
    let listening = Listening::open(&[SOME]).await;
    listening.ask("/runCase?case=1&agent=a").await;
    listening.ask("/updateReports?agent=a").await;
    for (path, status, part) in [
        ("/", "200", "<html"),
        ("/cases.json", "200", "\"1.1.8\""),
        ("/result.json?case=1&agent=a", "200", "\"pass\""),
        ("/result.json?case=2&agent=a", "404", ""),
        ("/report/", "302", "Location: /report/index.html"),
        ("/report/index.html", "200", "<html"),
        ("/report/results.json", "200", "wsspec-results"),
        ("/report/ca.pem", "404", ""),
        ("/runCase?case=1&agent=a", "426", "Upgrade: websocket"),
    ] {
        let mut stream = TcpStream::connect(listening.address()).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let head = read_head(&mut stream).await.unwrap();
        let mut body = String::new();
        stream.read_to_string(&mut body).await.unwrap();
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {head}"
        );
        assert!(head.contains("nosniff"), "{path}: {head}");
        assert!((head + &body).contains(part), "{path}: {body}");
    }
    listening.stop().await;
}

/// Plays all of Autobahn's cases with an agent of this conduct, which passes none.
async fn passes_nothing<F>(conduct: impl Fn(TcpStream) -> F + Send + Sync + Copy + 'static)
where
    F: Future<Output = ()> + Send + 'static,
{
    const AT_ONCE: u32 = 64;
    let listening = Listening::open(&["--case=autobahn:*", "--timeout=0.5"]).await;
    let address = listening.address();
    let mut workers = JoinSet::new();
    for worker in 0..AT_ONCE {
        workers.spawn(async move {
            for case in (1..=247).skip(worker as usize).step_by(AT_ONCE as usize) {
                let resource = format!("/runCase?case={case}&agent=vacuous");
                conduct(dial(address, &resource).await.unwrap()).await;
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.unwrap();
    }
    let run = listening.stop().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let results = run.results();
    assert_eq!(results.results.len(), 247);
    for result in &results.results {
        // What is large may be declined by any end of the connection, which shows nothing.
        let shows_nothing = matches!(result.verdict, Verdict::Fail | Verdict::Info);
        assert!(shows_nothing, "{}: {}", result.case, result.reason);
    }
}

#[tokio::test]
async fn who_closes_tcp_passes_nothing() {
    passes_nothing(|mut stream| async move {
        // Without this the octets that we never read would make it a reset.
        let _ = stream.shutdown().await;
        read_to_end(&mut stream).await;
    })
    .await;
}

#[tokio::test]
async fn who_resets_the_connection_passes_nothing() {
    passes_nothing(|stream| async move { stream.set_zero_linger().unwrap() }).await;
}

#[tokio::test]
async fn who_sends_a_close_frame_and_closes_passes_nothing() {
    passes_nothing(|mut stream| async move {
        let close = masked(0x88, &1002_u16.to_be_bytes());
        let _ = stream.write_all(&close).await;
        let _ = stream.shutdown().await;
        read_to_end(&mut stream).await;
    })
    .await;
}

#[tokio::test]
async fn who_stays_mute_passes_nothing() {
    passes_nothing(|mut stream| async move { read_to_end(&mut stream).await }).await;
}

#[tokio::test]
async fn who_sends_every_octet_back_passes_nothing() {
    passes_nothing(|mut stream| async move {
        let (mut reader, mut writer) = stream.split();
        let _ = tokio::io::copy(&mut reader, &mut writer).await;
    })
    .await;
}

#[tokio::test]
async fn who_sends_every_octet_back_in_masked_frames_passes_nothing() {
    passes_nothing(|mut stream| async move {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let parroted = masked(0x82, &buffer[..count]);
            if stream.write_all(&parroted).await.is_err() {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_answers_everything_with_the_same_message_passes_nothing() {
    passes_nothing(|mut stream| async move {
        while read_frame(&mut stream).await.is_some() {
            if stream.write_all(&masked(0x81, b"Hello")).await.is_err() {
                return;
            }
        }
    })
    .await;
}
