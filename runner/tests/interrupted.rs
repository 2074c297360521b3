//! Runs that do not come to their end: what was found is kept, and documents of it say that
//! it is not all.
#![cfg(unix)]

use std::time::Duration;

use wsspec_record::store;

use crate::support::{Peer, Run, Wsspec, finish, lawful_echo};

const CASES: &str = "--case=autobahn:{1.*,2.*,3.*,5.*,7.*}";

/// Makes documents of what a run left behind, and holds that they say what it is.
async fn says_that_it_is_not_all(run: Run) {
    let results = store::load(&run.path("wsspec-report")).unwrap();
    let missing = results.header.order.len() - results.results.len();
    assert!(missing > 0, "{}", run.said());
    let render = ["report", "render", "wsspec-report/results.json"];
    let render = Wsspec::in_folder(run.into_folder(), render).run().await;
    assert_eq!(render.exit, Some(0), "{}", render.said());
    for (document, words) in [
        ("summary.md", "The run did not come to its end"),
        ("junit.xml", "The run did not come to its end"),
        ("index.html", "did not come to its end"),
        ("badge.svg", "#c0282d"),
    ] {
        let path = render.path("wsspec-report").join(document);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(words), "{document}: {text}");
    }
}

#[tokio::test]
async fn a_killed_run_keeps_what_it_found() {
    for connections in [1, 13, 25, 37, 49, 61] {
        let peer = Peer::start(lawful_echo).await;
        let arguments = ["server", &peer.url(), CASES, "--jobs=4"];
        let (mut child, folder) = Wsspec::new(arguments).start();
        peer.connected(connections).await;
        // A run that has found nothing yet has nothing to lose.
        while !folder.path().join("wsspec-report/results.json").exists() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        child.start_kill().unwrap();
        let run = finish(child, folder).await;
        assert_eq!(run.exit, None, "{}", run.said());
        says_that_it_is_not_all(run).await;
    }
}

#[tokio::test]
async fn a_full_disk_costs_nothing_that_was_written() {
    let whole = Wsspec::new(["server", CASES, "--format=json"]).run().await;
    let file = whole.path("wsspec-report/results.json");
    let octets = std::fs::metadata(file).unwrap().len();
    // A file that cannot grow fails as a full disk does: with a part of what was written.
    let blocks = octets * 9 / 10 / 512;
    let program = env!("CARGO_BIN_EXE_wsspec");
    let line = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{program}' server '{CASES}'");
    let run = Wsspec::shell(&line).run().await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(run.stderr.contains("cannot write to"), "{}", run.said());
    assert!(!run.stdout.contains("Report:"), "{}", run.said());
    says_that_it_is_not_all(run).await;
}
