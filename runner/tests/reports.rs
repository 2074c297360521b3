//! `wsspec report`: what is made of several runs.

use std::path::Path;

use wsspec_record::{Results, Verdict};
use wsspec_reference::net::{EchoServer, ServerConfig};
use wsspec_reference::{Deviation, Deviations};

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
