//! Clients that are started for each case: lawful ones pass, and whatever another one
//! does, every case has its verdict and the run ends.

use std::net::ToSocketAddrs as _;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use wsspec_record::results::Ending;
use wsspec_record::{CaseResult, Closing, Failure, Results, Verdict};
use wsspec_reference::net::{ClientConfig, WebSocketUrl, connect};

use crate::support::{Run, Wsspec, count, dial, read_to_end};

const ONE: &str = "--case=autobahn:1.1.1";
/// The bound of a run here, on a machine that has much else to do.
const RUN_MAX: Duration = Duration::from_secs(60);

/// No test but a program: this one, started once more with its conduct and a URL in the
/// environment, is a client.
#[test]
fn a_client() {
    let Ok(conduct) = std::env::var("WSSPEC_TEST_CONDUCT") else {
        return;
    };
    let url: WebSocketUrl = std::env::var("WSSPEC_TEST_URL").unwrap().parse().unwrap();
    // To be in a case is to do what the conduct is about; the canary is played lawfully.
    let is_canary = url.to_string().contains("/canary/");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        match conduct.as_str() {
            _ if is_canary => echo(&url).await,
            "stays away" => std::future::pending().await,
            "goes away" => {}
            "stays silent" => {
                let mut stream = dial(address(&url), &url.resource_name()).await.unwrap();
                read_to_end(&mut stream).await;
            }
            "comes twice" => {
                let second = async {
                    let address = address(&url);
                    let config = ClientConfig::new(address.to_string(), url.resource_name());
                    connect(address, config).await.is_err()
                };
                let (_, was_refused) = tokio::join!(echo(&url), second);
                assert!(was_refused, "one connection is enough");
            }
            "aborts" => {
                let _stream = dial(address(&url), &url.resource_name()).await.unwrap();
                eprintln!("this is the end");
                std::process::abort();
            }
            "chatters" => {
                let line = "x".repeat(1023);
                for _ in 0..1024 {
                    eprintln!("{line}");
                }
                eprintln!("</pre><script>alert(1)</script>\u{1b}[2J");
                echo(&url).await;
            }
            "asks for something else" => {
                dial(address(&url), "/elsewhere").await;
            }
            "speaks no protocol" => {
                let mut stream = tokio::net::TcpStream::connect(address(&url)).await.unwrap();
                stream.write_all(b"HELO there\r\n\r\n").await.unwrap();
                read_to_end(&mut stream).await;
            }
            other => panic!("{other} is no conduct"),
        }
    });
}

fn address(url: &WebSocketUrl) -> std::net::SocketAddr {
    let mut addresses = (url.host(), url.port()).to_socket_addrs().unwrap();
    addresses.next().unwrap()
}

async fn echo(url: &WebSocketUrl) {
    let address = address(url);
    let config = ClientConfig::new(address.to_string(), url.resource_name());
    if let Ok((mut endpoint, _)) = connect(address, config).await {
        endpoint.echo().await;
    }
}

async fn graded(options: &[&str], command: &[&str]) -> (Run, Results) {
    let words = ["client"]
        .iter()
        .chain(options)
        .chain(&["--"])
        .chain(command);
    let run = Wsspec::new(words).run().await;
    assert!(run.took < RUN_MAX, "{}", run.said());
    let results = run.results();
    (run, results)
}

/// Grades the program above with a conduct on one case.
async fn played(conduct: &str) -> (Run, CaseResult) {
    let program = std::env::current_exe().unwrap();
    let (conduct, program) = (format!("WSSPEC_TEST_CONDUCT={conduct}"), program.display());
    let command = [
        "env",
        &conduct,
        "WSSPEC_TEST_URL={url}",
        &program.to_string(),
        "--exact",
        "client::a_client",
        "--nocapture",
    ];
    let (run, mut results) = graded(&[ONE, "--timeout=2"], &command).await;
    assert_eq!(results.results.len(), 1);
    (run, results.results.remove(0))
}

#[tokio::test]
async fn the_bundled_client_passes_everything() {
    let wsspec = env!("CARGO_BIN_EXE_wsspec");
    let (run, results) = graded(&[], &[wsspec, "echo", "client", "{url}"]).await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let numbered: Vec<_> = results
        .results
        .iter()
        .filter(|result| result.autobahn.is_some())
        .collect();
    assert_eq!(numbered.len(), 247);
    for result in &results.results {
        let closing = result.closing;
        assert!(
            matches!(closing, Closing::Ok | Closing::Info | Closing::None),
            "{}: {closing}",
            result.case
        );
        let is_core = result.autobahn.is_some();
        let fine = match result.verdict {
            Verdict::Pass | Verdict::Info => true,
            // It is no browser, offers no subprotocol unless asked, and is here without TLS.
            Verdict::Unimplemented | Verdict::Skipped => !is_core,
            _ => false,
        };
        assert!(fine, "{}: {}", result.case, run.said());
    }
}

#[tokio::test]
async fn who_never_connects_is_an_error() {
    for (conduct, ending) in [
        ("stays away", Ending::Asked),
        ("goes away", Ending::ByItself),
    ] {
        let (run, result) = played(conduct).await;
        assert_eq!(run.exit, Some(3), "{conduct}: {}", run.said());
        assert_eq!(result.verdict, Verdict::Error, "{conduct}");
        assert_eq!(result.failure, Some(Failure::Unreachable), "{conduct}");
        let process = result.process.unwrap();
        assert_eq!(
            (process.ended, process.connections),
            (ending, 0),
            "{conduct}"
        );
    }
}

#[tokio::test]
async fn a_command_that_does_nothing_ends_the_run_at_once() {
    let (run, results) = graded(&["--case=autobahn:*"], &["sh", "-c", "exit 7", "{url}"]).await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert_eq!(count(&results, Verdict::Error), 247);
    assert!(run.stderr.contains("exit status: 7"), "{}", run.said());

    let run = Wsspec::new(["client", ONE, "--", "/no/such/program", "{url}"]);
    let run = run.run().await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(run.stderr.contains("/no/such/program"), "{}", run.said());
}

#[tokio::test]
async fn the_first_connection_is_the_one_that_counts() {
    let (run, result) = played("comes twice").await;
    // Which of the two comes first is for the scheduler to say; the other is refused.
    let process = result.process.unwrap();
    assert_eq!(process.connections, 2, "{}", run.said());
    assert_ne!(result.verdict, Verdict::Error, "{}", run.said());
}

#[tokio::test]
async fn who_stays_silent_fails() {
    let (run, result) = played("stays silent").await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    assert_eq!(result.verdict, Verdict::Fail);
    assert_eq!(result.failure, Some(Failure::Timeout));
}

#[tokio::test]
async fn who_crashes_has_died() {
    let (run, result) = played("aborts").await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    assert_eq!(result.verdict, Verdict::Fail);
    assert_eq!(
        result.failure,
        Some(Failure::TargetDied),
        "{}",
        result.reason
    );
    assert!(
        result.reason.contains("this is the end"),
        "{}",
        result.reason
    );
    let process = result.process.unwrap();
    assert_eq!((process.code, process.ended), (None, Ending::ByItself));
}

#[tokio::test]
async fn what_a_client_prints_is_bounded_and_harmless() {
    let (run, result) = played("chatters").await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    assert_eq!(result.verdict, Verdict::Pass, "{}", run.said());
    let output = result.process.unwrap().output;
    assert!(output.chars().count() <= 2000);
    assert!(output.contains("alert(1)"), "{output}");
    let pages = run.path("wsspec-report/cases");
    for page in std::fs::read_dir(pages).unwrap() {
        let page = std::fs::read_to_string(page.unwrap().path()).unwrap();
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains('\u{1b}'), "{page}");
    }
}

#[tokio::test]
async fn who_asks_for_something_else_fails_in_the_opening_handshake() {
    for conduct in ["asks for something else", "speaks no protocol"] {
        let (run, result) = played(conduct).await;
        assert_eq!(run.exit, Some(1), "{conduct}: {}", run.said());
        assert_eq!(result.verdict, Verdict::Fail, "{conduct}");
        assert_eq!(result.failure, Some(Failure::OpeningHandshake), "{conduct}");
    }
}

#[tokio::test]
async fn who_does_not_go_is_made_to() {
    let wsspec = env!("CARGO_BIN_EXE_wsspec");
    // The inner one ends as it should; the outer one neither then nor when it is asked.
    let script = r#"trap "" TERM; "$0" echo client "$1"; while :; do sleep 1; done"#;
    let command = ["sh", "-c", script, wsspec, "{url}"];
    let (run, results) = graded(&[ONE, "--timeout=0.5"], &command).await;
    let result = &results.results[0];
    assert_eq!(result.verdict, Verdict::Pass, "{}", run.said());
    let process = result.process.as_ref().unwrap();
    assert_eq!(process.ended, Ending::Killed, "{}", run.said());
    assert!(
        run.stderr.contains("did not end by themselves"),
        "{}",
        run.said()
    );
}

#[tokio::test]
async fn an_interrupted_run_leaves_no_client_behind() {
    let command = [
        "client",
        ONE,
        "--",
        "sh",
        "-c",
        "echo $$ >pid; exec sleep 600",
        "{url}",
    ];
    let (child, folder) = Wsspec::new(command).start();
    let file = folder.path().join("pid");
    let pid: i32 = loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Some(pid) = text.strip_suffix('\n') {
            break pid.parse().unwrap();
        }
        // Nothing tells when a file is written.
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let id = child.id().unwrap().to_string();
    let kill = |arguments: &[&str]| {
        let mut kill = std::process::Command::new("kill");
        kill.args(arguments).stderr(Stdio::null()).status().unwrap()
    };
    assert!(kill(&["-TERM", &id]).success());
    let run = crate::support::finish(child, folder).await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    let gone = async {
        while kill(&["-0", &pid.to_string()]).success() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), gone).await;
    assert!(waited.is_ok(), "process {pid} is left");
}
