//! Invented conversations: the lawful are let be, faults become case files, and those can be
//! played again.

use crate::support::{Run, Wsspec};

/// The command that starts the bundled server with a departure from the RFC.
fn deviating(deviation: &str) -> String {
    let program = env!("CARGO_BIN_EXE_wsspec");
    format!("'{program}' echo server --listen 127.0.0.1:{{port}} --deviate {deviation}")
}

fn findings(run: &Run) -> Vec<String> {
    let files = run.files().into_iter().map(|(name, _)| name);
    files.filter(|name| name.starts_with("finding-")).collect()
}

#[tokio::test]
async fn nothing_is_found_in_the_bundled_server() {
    let run = Wsspec::new(["fuzz", "server", "--max-cases=200", "--seed=7"]);
    let run = run.run().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert!(run.stdout.starts_with("seed 7\n"), "{}", run.said());
    assert!(
        run.stdout.contains("200 conversations invented, 200 held"),
        "{}",
        run.said()
    );
}

#[tokio::test]
async fn nothing_is_found_in_the_bundled_client() {
    let program = env!("CARGO_BIN_EXE_wsspec");
    let run = Wsspec::new([
        "fuzz",
        "client",
        "--max-cases=40",
        "--seed=7",
        "--",
        program,
        "echo",
        "client",
        "{url}",
    ]);
    let run = run.run().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert!(
        run.stdout.contains("40 conversations invented, 40 held"),
        "{}",
        run.said()
    );
}

/// Found, played again, known: the life of a finding.
#[tokio::test]
async fn a_fault_becomes_a_case_file() {
    let spawn = deviating("accept-rsv2");
    let fuzz = [
        "fuzz",
        "server",
        "--spawn",
        &spawn,
        "--max-cases=200",
        "--seed=7",
    ];
    let run = Wsspec::new(fuzz).run().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    assert_eq!(
        findings(&run),
        ["finding-went-on-6455-5-2-4.json"],
        "{}",
        run.said()
    );
    assert!(
        run.path("wsspec-report/index.html").exists(),
        "{}",
        run.said()
    );

    let file = "wsspec-report/finding-went-on-6455-5-2-4.json";
    let replay = ["fuzz", "replay", file, "--spawn", &spawn];
    let run = Wsspec::in_folder(run.into_folder(), replay).run().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    assert!(run.stdout.contains("still there"), "{}", run.said());

    let run = Wsspec::in_folder(run.into_folder(), ["fuzz", "replay", file])
        .run()
        .await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert!(run.stdout.contains("fixed"), "{}", run.said());

    let again = [
        "fuzz",
        "replay",
        "wsspec-report",
        "--spawn",
        &deviating("accept-unmasked-frames"),
    ];
    let run = Wsspec::in_folder(run.into_folder(), again).run().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());

    let case = ["server", "--spawn", &spawn, "--cases", file, "--out=graded"];
    let run = Wsspec::in_folder(run.into_folder(), case).run().await;
    assert_eq!(run.exit, Some(1), "{}", run.said());

    let known = fuzz.iter().chain(&["--known=wsspec-report", "--out=new"]);
    let run = Wsspec::in_folder(run.into_folder(), known).run().await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
}

#[tokio::test]
async fn a_run_that_reaches_nobody_is_none() {
    let run = Wsspec::new(["fuzz", "server", "ws://127.0.0.1:1", "--max-cases=5"]);
    let run = run.run().await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
}

#[tokio::test]
async fn a_kind_that_is_none_is_a_mistake() {
    let run = Wsspec::new(["fuzz", "server", "--case=nonsense"])
        .run()
        .await;
    assert_eq!(run.exit, Some(2), "{}", run.said());
}
