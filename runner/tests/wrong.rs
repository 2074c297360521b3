//! Something else than what could be graded: one message that says what it is and what can be
//! done, and nothing that looks like a grade.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use wsspec_record::Verdict;
use wsspec_reference::net::{EchoServer, Identity, ServerConfig, TlsServer, local_names};

use crate::support::{Peer, Run, Wsspec, count, frame, open_properly, read_frame, read_head};

const SOME: &str = "--case=autobahn:1.1.*";
const DEADLINE: Duration = Duration::from_secs(3);

/// Tries to grade what is at a URL, and holds that it says this.
async fn is_not_graded(url: &str, hint: &str) {
    let run = Wsspec::new(["server", url, SOME, "--timeout=3"])
        .run()
        .await;
    is_told(&run, hint);
}

fn is_told(run: &Run, hint: &str) {
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(run.took < 2 * DEADLINE, "{}", run.said());
    assert!(run.stderr.contains(hint), "{hint:?}: {}", run.said());
    let errors = run.stderr.lines().filter(|line| line.starts_with("error:"));
    assert_eq!(errors.count(), 1, "{}", run.said());
    assert_eq!(run.stdout, "", "{}", run.said());
    let results = run.results();
    let errors = count(&results, Verdict::Error);
    assert_eq!(errors, results.results.len(), "{}", run.said());
}

/// A server of HTTP that answers everything in the same way.
async fn answering(response: &'static str) -> Peer {
    Peer::start(move |mut stream: TcpStream| async move {
        read_head(&mut stream).await;
        let _ = stream.write_all(response.as_bytes()).await;
    })
    .await
}

#[tokio::test]
async fn who_answers_with_another_status() {
    for (response, hint) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
            "plain HTTP",
        ),
        (
            "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
            "--header",
        ),
        (
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "path",
        ),
        (
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            "--subprotocol",
        ),
        ("HTTP/1.1 302 Found\r\nLocation: /ws\r\n\r\n", "redirects"),
    ] {
        is_not_graded(&answering(response).await.url(), hint).await;
    }
}

#[tokio::test]
async fn who_speaks_no_http() {
    is_not_graded(
        &answering("SSH-2.0-OpenSSH_9.6\r\n").await.url(),
        "is no HTTP",
    )
    .await;
}

#[tokio::test]
async fn who_speaks_tls_where_it_is_not_asked_for() {
    let (identity, _) = Identity::issued_by_nobody(&local_names("localhost")).unwrap();
    let config = ServerConfig {
        tls: Some(TlsServer::new(identity).unwrap()),
        ..ServerConfig::default()
    };
    let (address, _server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
    is_not_graded(&format!("ws://{address}/"), "wss:").await;
}

#[tokio::test]
async fn who_speaks_no_tls_where_it_is_asked_for() {
    let started = EchoServer::start("127.0.0.1:0", ServerConfig::default()).await;
    let (address, _server) = started.unwrap();
    is_not_graded(&format!("wss://{address}/"), "ws:").await;
}

#[tokio::test]
async fn who_does_not_echo() {
    let silent = Peer::start(|mut stream| async move {
        open_properly(&mut stream).await;
        while read_frame(&mut stream).await.is_some() {}
    })
    .await;
    is_not_graded(&silent.url(), "has to echo").await;
    let chatty = Peer::start(|mut stream| async move {
        open_properly(&mut stream).await;
        let _ = stream.write_all(&frame(0x81, b"welcome")).await;
        while read_frame(&mut stream).await.is_some() {}
    })
    .await;
    is_not_graded(&chatty.url(), "has to echo").await;
}

#[tokio::test]
async fn cases_that_need_no_echo_are_played_with_who_does_not() {
    let peer = Peer::start(|mut stream| async move {
        open_properly(&mut stream).await;
        while let Some(came) = read_frame(&mut stream).await {
            let answer = match came.opcode() {
                0x8 => 0x88,
                0x9 => 0x8a,
                _ => continue,
            };
            let _ = stream.write_all(&frame(answer, &came.payload)).await;
            if answer == 0x88 {
                return;
            }
        }
    })
    .await;
    let own = r#"{
  "title": "Mine",
  "cases": [
    {
      "id": "mine/pong",
      "title": "A Ping is answered",
      "requirements": ["6455-5.5.2-3"],
      "because": "It is all that this server does.",
      "script": [{ "send": [{ "ping": "alive" }] }],
      "outcomes": [{ "pass": [{ "pong": "alive" }] }]
    }
  ]
}"#;
    let run = Wsspec::new(["server", &peer.url(), "--cases=mine", "--case=mine/*"])
        .file("mine/pong.json", own)
        .run()
        .await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert_eq!(count(&run.results(), Verdict::Pass), 1, "{}", run.said());
    assert!(!run.stderr.contains("note:"), "{}", run.said());
}
