//! `wsspec report`: what is made of several runs.

use std::path::Path;

use wsspec_record::{Results, Verdict};
use wsspec_reference::net::{EchoServer, ServerConfig};
use wsspec_reference::{Deviation, Deviations};

use wsspec_reports::FailOn;

use crate::support::{Run, Wsspec, results_in};

async fn serving() -> (String, EchoServer) {
    let deviations = Deviations::NONE.with(Deviation::AcceptReservedOpcodes);
    let config = ServerConfig::default().deviating(deviations);
    let (address, server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
    (format!("echo=ws://{address}/"), server)
}

async fn graded(url: &str, out: &Path, more: &[&str]) -> Run {
    let out = format!("--out={}", out.display());
    let fixed = [
        "server",
        url,
        &out,
        "--case=framing",
        "--case=control-frames",
    ];
    let fixed = fixed.into_iter().chain(["--timeout=0.5", "--format=none"]);
    Wsspec::new(fixed.chain(more.iter().copied())).run().await
}

/// The results without what hangs on time: how long everything took, and which of two things
/// that are wrong was seen first.
fn timeless(folder: &Path) -> Results {
    let mut results = results_in(folder);
    results.duration_ms = 0;
    results.header.started = String::new();
    for target in &mut results.header.targets {
        target.duration_ms = None;
    }
    for result in &mut results.results {
        result.duration_ms = 0.0;
        result.attempts = 1;
        result.transcript = None;
        (result.why, result.reason, result.observed) = (None, String::new(), String::new());
    }
    results
}

async fn merged(folder: &Path, shards: &[&str]) -> Run {
    let out = format!("--out={}", folder.join("merged").display());
    let shards = shards.iter().map(|name| folder.join(name));
    let shards = shards.map(|path| path.display().to_string());
    let arguments = ["report".to_owned(), "merge".to_owned(), out];
    Wsspec::new(arguments.into_iter().chain(shards)).run().await
}

#[tokio::test]
async fn three_shards_merged_are_one_run_but_for_times() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (url, _server) = serving().await;
    let whole = graded(&url, &folder.join("whole"), &[]).await;
    assert_eq!(whole.exit, Some(1), "{}", whole.said());
    for index in 1..=3 {
        let shard = format!("--shard={index}/3");
        let out = folder.join(index.to_string());
        let run = graded(&url, &out, &[&shard, "--fail-on=never"]).await;
        assert_eq!(run.exit, Some(0), "{}", run.said());
    }

    let run = merged(folder, &["2", "3", "1"]).await;
    assert_eq!(run.exit, Some(1), "as the whole run: {}", run.said());
    let (merged_results, due) = (
        timeless(&folder.join("merged")),
        timeless(&folder.join("whole")),
    );
    assert_eq!(merged_results.header, due.header);
    for (found, due) in merged_results.results.iter().zip(&due.results) {
        assert_eq!(found, due);
    }
    assert_eq!(merged_results.results.len(), due.results.len());
    let page = std::fs::read_to_string(folder.join("merged/index.html")).unwrap();
    assert!(page.contains("framing/reserved-opcodes"));

    let compared = |old: &str, new: &str| {
        let runs = [old, new].map(|name| folder.join(name).display().to_string());
        Wsspec::new(["report", "compare", &runs[0], &runs[1]]).run()
    };
    let run = compared("whole", "merged").await;
    assert_eq!(run.exit, Some(0), "{}", run.said());

    let run = merged(folder, &["1", "3"]).await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(
        run.stderr
            .contains("echo: of 3 shards, number 2 is missing"),
        "{}",
        run.said()
    );
    let run = compared("whole", "merged").await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    assert!(run.stdout.contains(" gone"), "{}", run.said());
}

#[tokio::test]
async fn a_bug_report_shows_the_fault_without_us() {
    let (url, _server) = serving().await;
    let run = Wsspec::new([
        "server",
        &url,
        "--case=framing/reserved-opcodes",
        "--fail-on=never",
    ])
    .run()
    .await;
    let results = run.results();
    let failed = results
        .results
        .iter()
        .find(|result| result.verdict == Verdict::Fail);
    let case = failed.unwrap().case.clone();
    let run = Wsspec::in_folder(run.into_folder(), ["report", "upstream", &case])
        .run()
        .await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    for words in [
        "RFC 6455 §5.2",
        "import socket",
        "bytes.fromhex(",
        "--case ",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.said());
    }
    let run = Wsspec::in_folder(run.into_folder(), ["report", "upstream", "no/such"])
        .run()
        .await;
    assert_eq!(run.exit, Some(2), "{}", run.said());
}

#[tokio::test]
async fn secrets_stand_in_no_document() {
    let (url, _server) = serving().await;
    let url = url.replace("ws://", "ws://user:verysecretword@");
    let run = Wsspec::new([
        "server",
        &url,
        "--case=framing/reserved-opcodes",
        "--fail-on=never",
        "--header=X-Token: topsecrettoken",
        "--format=all,tap,jsonl,github",
    ])
    .run()
    .await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let pages = run.path("wsspec-report/cases");
    let files = run.files().into_iter().chain(crate::support::files(&pages));
    let files: Vec<_> = files.collect();
    assert!(files.len() > 10, "{}", files.len());
    let basic = "dXNlcjp2ZXJ5c2VjcmV0d29yZA";
    for (name, octets) in files {
        let text = String::from_utf8_lossy(&octets);
        for secret in ["verysecretword", "topsecrettoken", basic] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
    }
    for secret in ["verysecretword", "topsecrettoken", basic] {
        assert!(!run.said().contains(secret), "{}", run.said());
    }
}

#[tokio::test]
async fn what_failed_is_played_again_and_enough_is_enough() {
    let (url, _server) = serving().await;
    let server = ["server", &url, "--case=framing", "--jobs=1"];
    let with = |more: &[&'static str]| {
        server
            .iter()
            .copied()
            .chain(more.iter().copied())
            .collect::<Vec<_>>()
    };
    let run = Wsspec::new(with(&["--rfc=5.2"])).run().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let failed = |run: &Run| {
        let results = run.results().results;
        results
            .iter()
            .filter(|result| FailOn::Fail.fails(result))
            .count()
    };
    let all = failed(&run);
    assert!(all > 1);
    let again = Wsspec::in_folder(run.into_folder(), with(&["--last-failed", "--list"]))
        .run()
        .await;
    assert_eq!(again.stdout.lines().count(), all, "{}", again.said());
    let again = Wsspec::in_folder(again.into_folder(), with(&["--last-failed"]))
        .run()
        .await;
    assert_eq!(again.results().results.len(), all);
    assert_eq!(failed(&again), all);

    let run = Wsspec::new(with(&["--max-fail=1"])).run().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let played = results_in(&run.path("wsspec-report"));
    assert!(played.results.len() < played.header.order.len());
}
