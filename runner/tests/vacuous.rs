//! Peers that do the opening handshake properly and then nothing of worth. Whoever
//! passes a case has shown something; these show nothing, so they pass none.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;
use wsspec::drive::{Caller, Patience, Reception, play_client};
use wsspec_cases::select::Pattern;
use wsspec_cases::{Case, Target};
use wsspec_judge::judge::Judge;
use wsspec_record::{Failure, Results, Verdict};
use wsspec_reference::net::Stream;

use crate::matrix::{cases_of, read_head};
use crate::support::{self, Peer, Run, Wsspec, frame, open_properly, read_frame, read_to_end};

/// What needs nothing but lawful data frames, whole or in fragments, sent back.
const LAWFUL_DATA: &[&str] = &[
    "autobahn:1",
    "autobahn:5.[345]",
    "autobahn:6.[12579].*",
    "autobahn:6.6.{2,5,7,9,11}",
    "autobahn:6.11.[1234]",
    "autobahn:6.2[23].*",
    "autobahn:10",
];

const AUTOBAHN: &str = "autobahn:*";
const ALL: &str = "*";

/// Grades a peer.
async fn graded<F>(cases: &str, conduct: impl Fn(TcpStream) -> F + Send + 'static) -> (Run, Results)
where
    F: Future<Output = ()> + Send + 'static,
{
    let peer = Peer::start(conduct).await;
    let run = Wsspec::new([
        "server",
        &peer.url(),
        &format!("--case={cases}"),
        "--jobs=64",
        "--timeout=0.5",
        "--force",
    ])
    .run()
    .await;
    let results = run.results();
    (run, results)
}

/// The cases that were passed.
fn passed(results: &Results) -> Vec<&Case> {
    results
        .results
        .iter()
        .filter(|result| matches!(result.verdict, Verdict::Pass | Verdict::NonStrict))
        .map(|result| &results.header.cases[&result.case])
        .collect()
}

/// The ids of those that ask for more than an opening handshake, which is what the peers
/// here are good at.
fn more_than_handshakes<'a>(passed: &[&'a Case]) -> Vec<&'a str> {
    passed
        .iter()
        .filter(|case| !case.is_on_handshake_alone())
        .map(|case| case.id.as_str())
        .collect()
}

async fn passes_nothing<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> Results
where
    F: Future<Output = ()> + Send + 'static,
{
    let (run, results) = graded(ALL, conduct).await;
    assert_eq!(
        more_than_handshakes(&passed(&results)),
        [""; 0],
        "{}",
        run.said()
    );
    assert_eq!(run.exit, Some(1), "{}", run.said());
    results
}

/// How often each kind of failure is there.
fn failures(results: &Results, failure: Failure) -> usize {
    let is_it = |result: &&wsspec_record::CaseResult| result.failure == Some(failure);
    results.results.iter().filter(is_it).count()
}

#[tokio::test]
async fn who_closes_tcp_passes_nothing() {
    let results = passes_nothing(|mut stream| async move {
        open_properly(&mut stream).await;
        // Without this the octets that we never read would make it a reset.
        let _ = stream.shutdown().await;
        read_to_end(&mut stream).await;
    })
    .await;
    assert_eq!(failures(&results, Failure::Timeout), 0);
}

#[tokio::test]
async fn who_sends_a_close_frame_and_closes_passes_nothing() {
    passes_nothing(|mut stream| async move {
        open_properly(&mut stream).await;
        let _ = stream
            .write_all(&frame(0x88, &1002_u16.to_be_bytes()))
            .await;
        let _ = stream.shutdown().await;
        read_to_end(&mut stream).await;
    })
    .await;
}

#[tokio::test]
async fn who_stays_mute_passes_nothing_and_is_not_waited_for_long() {
    let (run, results) = graded(ALL, |mut stream| async move {
        open_properly(&mut stream).await;
        read_to_end(&mut stream).await;
    })
    .await;
    assert_eq!(more_than_handshakes(&passed(&results)), [""; 0]);
    assert_eq!(run.exit, Some(1), "{}", run.said());
    // 64 cases at a time, half a second each, and the canaries.
    assert!(run.took.as_secs() < 30, "{}", run.said());
}

#[tokio::test]
async fn who_sends_every_octet_back_passes_nothing() {
    passes_nothing(|mut stream| async move {
        if open_properly(&mut stream).await {
            let (mut reader, mut writer) = stream.split();
            let _ = copy(&mut reader, &mut writer).await;
        }
    })
    .await;
}

#[tokio::test]
async fn who_resets_the_connection_passes_nothing() {
    passes_nothing(|mut stream| async move {
        open_properly(&mut stream).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
}

#[tokio::test]
async fn who_answers_everything_with_the_same_message_passes_nothing() {
    passes_nothing(|mut stream| async move {
        open_properly(&mut stream).await;
        while read_frame(&mut stream).await.is_some() {
            if stream.write_all(&frame(0x81, b"Hello")).await.is_err() {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_echoes_and_knows_nothing_else_passes_what_is_about_echoes() {
    let (run, results) = graded(AUTOBAHN, |mut stream| async move {
        open_properly(&mut stream).await;
        while let Some(came) = read_frame(&mut stream).await {
            let is_data = came.opcode() < 0x8;
            if is_data
                && stream
                    .write_all(&frame(came.first, &came.payload))
                    .await
                    .is_err()
            {
                return;
            }
        }
    })
    .await;
    let lawful: Vec<Pattern> = LAWFUL_DATA
        .iter()
        .map(|text| text.parse().unwrap())
        .collect();
    let cases = results
        .header
        .order
        .iter()
        .map(|id| &results.header.cases[id]);
    let expected: Vec<&str> = cases
        .filter(|case| lawful.iter().any(|pattern| pattern.matches(case)))
        .map(|case| case.id.as_str())
        .collect();
    let passed = passed(&results);
    let passed: Vec<&str> = passed.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(passed, expected);
    assert_eq!(run.exit, Some(1), "{}", run.said());
}

/// The cases that a client passes that asks properly and then does `conduct`.
async fn passed_by_client<F>(conduct: fn(TcpStream) -> F) -> Vec<String>
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = Arc::new(Mutex::new(listener));
    let permits = Arc::new(Semaphore::new(64));
    let mut tasks = JoinSet::new();
    let cases = cases_of(Target::Client);
    let is_conversation = |case: &Arc<Case>| !case.starts_client() && case.keys_of < 2;
    for case in cases.into_iter().filter(is_conversation) {
        let permit = Arc::clone(&permits).acquire_owned().await;
        let listener = Arc::clone(&listener);
        tasks.spawn(async move {
            let _permit = permit;
            // One at a time, so that each accepts what it has connected.
            let listener = listener.lock().await;
            let mut client = TcpStream::connect(address).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            drop(listener);
            let request = format!(
                "GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            );
            client.write_all(request.as_bytes()).await.unwrap();
            let client = tokio::spawn(conduct(client));
            let (stream, head, behind) = read_head(stream).await.unwrap();
            let caller =
                Caller::new(Stream::Tcp(stream), head, behind, Reception::default()).unwrap();
            let mut judge = Judge::new(&case, Target::Client);
            let patience = Patience::new(Duration::from_millis(500));
            let played = play_client(&case, caller, patience, 1, &mut judge).await;
            played.unwrap();
            client.abort();
            let verdict = judge.conclude().verdict;
            let is_good = matches!(verdict, Verdict::Pass | Verdict::NonStrict);
            (is_good && !case.is_on_handshake_alone()).then(|| case.id.clone())
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_client_that_closes_tcp_passes_nothing() {
    let passed = passed_by_client(|mut stream| async move {
        skip_head(&mut stream).await;
        let _ = stream.shutdown().await;
        read_to_end(&mut stream).await;
    });
    assert_eq!(passed.await, [""; 0]);
}

#[tokio::test]
async fn a_client_that_sends_a_close_frame_passes_nothing() {
    let passed = passed_by_client(|mut stream| async move {
        skip_head(&mut stream).await;
        let _ = stream.write_all(b"\x88\x82\0\0\0\0\x03\xea").await;
        let _ = stream.shutdown().await;
        read_to_end(&mut stream).await;
    });
    assert_eq!(passed.await, [""; 0]);
}

#[tokio::test]
async fn a_client_that_stays_mute_passes_nothing() {
    let passed = passed_by_client(|mut stream| async move { read_to_end(&mut stream).await });
    assert_eq!(passed.await, [""; 0]);
}

#[tokio::test]
async fn a_client_that_sends_every_octet_back_passes_nothing() {
    let passed = passed_by_client(|mut stream| async move {
        skip_head(&mut stream).await;
        let (mut reader, mut writer) = stream.split();
        let _ = copy(&mut reader, &mut writer).await;
    });
    assert_eq!(passed.await, [""; 0]);
}

/// Reads the response, whatever it says.
async fn skip_head(stream: &mut TcpStream) {
    // Where it never ends there is nothing more to do.
    let _ = support::read_head(stream).await;
}
