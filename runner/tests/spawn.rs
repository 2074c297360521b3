//! Targets that the program starts itself: commands that do not work, and nothing left
//! behind.

use std::time::Duration;

use tokio::net::TcpListener;
use wsspec::subject::{SpawnCommand, SpawnError};

use crate::dying::{self, DiesOf};
use crate::support::{Wsspec, redacted};

/// A variable that no other run of these tests sets.
fn variable(mark: &str) -> String {
    format!("WSSPEC_TEST_MARK={mark}-{}", std::process::id())
}

/// The command that starts a server that dies of reserved bits. `mark` is found in the
/// environment of every process that comes of it.
fn command(mark: &str) -> String {
    dying::command(&variable(mark), DiesOf::ReservedBits)
}

/// Waits until no process has the mark in its environment.
#[cfg(target_os = "linux")]
async fn nothing_is_left(mark: &str) {
    let mark = variable(mark);
    let is_left = |process: &std::fs::DirEntry| {
        // What is gone in the meantime, and what is not ours, cannot be read.
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        environment
            .split(|octet| *octet == 0)
            .any(|variable| variable == mark.as_bytes())
    };
    let gone = async {
        loop {
            let mut processes = std::fs::read_dir("/proc").unwrap().map(Result::unwrap);
            if !processes.any(|process| is_left(&process)) {
                return;
            }
            // Who was killed takes a moment to be gone, and nothing tells us.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), gone).await;
    assert!(waited.is_ok(), "a process with {mark} is left");
}

#[cfg(not(target_os = "linux"))]
async fn nothing_is_left(_mark: &str) {}

#[tokio::test]
async fn nothing_of_a_pipeline_is_left_behind() {
    for (mark, around, case) in [
        ("pipeline", "SERVER | cat", "--case=autobahn:1.1.1"),
        ("crashing-pipeline", "SERVER | cat", "--case=autobahn:3.1"),
        (
            "deaf",
            "(trap '' TERM; MARK sleep 1000) & SERVER",
            "--case=autobahn:1.1.1",
        ),
        (
            "orphan",
            "MARK sleep 1000 & SERVER; exit 3",
            "--case=autobahn:3.1",
        ),
    ] {
        let command = around
            .replace("MARK", &variable(mark))
            .replace("SERVER", &command(mark));
        let run = Wsspec::new(["server", "--spawn", &command, case])
            .run()
            .await;
        assert_eq!(run.results().results.len(), 1);
        nothing_is_left(mark).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nothing_is_left_behind_by_an_interrupted_run() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    for (signal, mark) in [
        (Signal::SIGINT, "interrupted"),
        (Signal::SIGTERM, "terminated"),
        (Signal::SIGHUP, "hung-up"),
    ] {
        // The target listens and goes no further, and asks somebody to tell us so.
        let told = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = told.local_addr().unwrap().port();
        let command = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; {}", command(mark));
        let command = format!("exec bash -c '{}'", command.replace('\'', r"'\''"));
        let (child, folder) = Wsspec::new([
            "server",
            "--spawn",
            &command,
            "--jobs=1",
            "--case=autobahn:*",
        ])
        .start();
        told.accept().await.unwrap();
        let id = i32::try_from(child.id().unwrap()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
        let run = crate::support::finish(child, folder).await;
        assert_eq!(run.exit, Some(3), "{signal}: {}", run.said());
        nothing_is_left(mark).await;
    }
}

#[tokio::test]
async fn commands_that_start_no_server_are_named() {
    for (name, command, exit) in [
        ("ends-at-once", "echo no such luck; exit 7 # {port}", 3),
        ("says-nothing", "exit 127 # {port}", 3),
        ("has-no-port", "./server --port 9001", 2),
    ] {
        let run = Wsspec::new(["server", "--spawn", command, "--case=autobahn:1.1.1"])
            .run()
            .await;
        assert_eq!(run.exit, Some(exit), "{name}: {}", run.said());
        insta::assert_snapshot!(name, redacted(&run));
    }
}

#[tokio::test]
async fn a_command_that_never_listens_is_not_waited_for_for_ever() {
    let command = SpawnCommand {
        command: format!("echo here I am; {} sleep 1000 # {{port}}", variable("idle")),
        patience: Duration::from_millis(100),
    };
    let error = command.start().await.unwrap_err();
    assert!(matches!(error, SpawnError::NotListening { .. }), "{error}");
    assert!(error.to_string().contains("here I am"), "{error}");
    nothing_is_left("idle").await;
}
