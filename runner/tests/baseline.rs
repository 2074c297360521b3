//! Baselines: a library that fails stays green, and goes red on whatever changes.

use std::path::Path;

use wsspec_reference::net::{EchoServer, ServerConfig};
use wsspec_reference::{Deviation, Deviations};

use crate::support::{Run, Wsspec};

async fn serving(deviations: Deviations) -> (String, EchoServer) {
    let config = ServerConfig::default().deviating(deviations);
    let (address, server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
    (format!("echo=ws://{address}/"), server)
}

async fn graded(url: &str, baseline: &Path, more: &[&str]) -> Run {
    let baseline = format!("--baseline={}", baseline.display());
    let fixed = [
        "server",
        url,
        &baseline,
        "--case=control-frames",
        "--timeout=0.3",
    ];
    Wsspec::new(fixed.iter().chain(more)).run().await
}

#[tokio::test]
async fn a_known_failure_is_green_and_every_change_is_red() {
    let folder = tempfile::tempdir().unwrap();
    let baseline = folder.path().join("known.toml");
    let (bad, _bad) = serving(Deviations::NONE.with(Deviation::IgnorePings)).await;
    let (good, _good) = serving(Deviations::NONE).await;

    let run = graded(&bad, &baseline, &[]).await;
    assert_eq!(run.exit, Some(2), "there is no such file: {}", run.said());
    let run = graded(&bad, &baseline, &["--update-baseline"]).await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let run = graded(&bad, &baseline, &[]).await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert!(run.stdout.contains("known"), "{}", run.said());

    let run = graded(&good, &baseline, &[]).await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    assert!(run.stdout.contains("vanished: "), "{}", run.said());

    let text = std::fs::read_to_string(&baseline).unwrap();
    let typed = text.replacen("control-frames/", "control-farmes/", 1);
    std::fs::write(&baseline, typed).unwrap();
    let run = graded(&bad, &baseline, &[]).await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    for word in ["new: ", "unmatched: "] {
        assert!(run.stdout.contains(word), "{word}: {}", run.said());
    }

    // What the author wrote stays, what does not hold any more goes.
    std::fs::write(
        &baseline,
        format!("# Ours.\n{text}").replace("not looked at yet", "it sleeps"),
    )
    .unwrap();
    let run = graded(&bad, &baseline, &["--update-baseline"]).await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let kept = std::fs::read_to_string(&baseline).unwrap();
    assert!(
        kept.starts_with("# Ours.\n") && kept.contains("it sleeps"),
        "{kept}"
    );
    let run = graded(&good, &baseline, &["--update-baseline"]).await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let kept = std::fs::read_to_string(&baseline).unwrap();
    assert!(!kept.contains("[[known]]"), "{kept}");
}
