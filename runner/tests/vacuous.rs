//! Peers that do the opening handshake properly and then nothing of worth. Whoever
//! passes a case has shown something; these show nothing, so they pass none.

use tokio::io::{AsyncWriteExt as _, copy};
use tokio::net::TcpStream;
use wsspec_cases::select::Pattern;
use wsspec_reports::{Failure, Results, Verdict};

use crate::support::{Peer, Run, Wsspec, frame, open_properly, read_frame, read_to_end};

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

/// Grades a peer on everything that is Autobahn's.
async fn graded<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> (Run, Results)
where
    F: Future<Output = ()> + Send + 'static,
{
    let peer = Peer::start(conduct).await;
    let run = Wsspec::new([
        "server",
        &peer.url(),
        "--case=autobahn:*",
        "--jobs=64",
        "--timeout=0.5",
    ])
    .run()
    .await;
    let results = run.results();
    assert_eq!(results.results.len(), 247);
    (run, results)
}

/// The cases that were passed, by Autobahn's number.
fn passed(results: &Results) -> Vec<&str> {
    results
        .results
        .iter()
        .filter(|result| matches!(result.verdict, Verdict::Pass | Verdict::NonStrict))
        .map(|result| result.autobahn.as_deref().unwrap())
        .collect()
}

async fn passes_nothing<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> Results
where
    F: Future<Output = ()> + Send + 'static,
{
    let (run, results) = graded(conduct).await;
    assert_eq!(passed(&results), [""; 0], "{}", run.said());
    assert_eq!(run.exit, Some(1), "{}", run.said());
    results
}

/// How often each kind of failure is there.
fn failures(results: &Results, failure: Failure) -> usize {
    let is_it = |result: &&wsspec_reports::CaseResult| result.failure == Some(failure);
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
    let (run, results) = graded(|mut stream| async move {
        open_properly(&mut stream).await;
        read_to_end(&mut stream).await;
    })
    .await;
    assert_eq!(passed(&results), [""; 0]);
    assert_eq!(run.exit, Some(1), "{}", run.said());
    // 247 cases, 64 at a time, half a second each, and the canaries.
    assert!(run.took.as_secs() < 15, "{}", run.said());
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
    let (run, results) = graded(|mut stream| async move {
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
        .map(|case| case.autobahn.as_deref().unwrap())
        .collect();
    assert_eq!(passed(&results), expected);
    assert_eq!(run.exit, Some(1), "{}", run.said());
}
