//! The command line: what it offers, what it prints, and what the exit status says.

use tokio::io::AsyncWriteExt as _;
use wsspec_record::{Verdict, store};
use wsspec_reference::net::{EchoServer, ServerConfig};
use wsspec_reference::{Deviation, Deviations};

use crate::support::{
    Peer, Wsspec, count, files, finish, frame, lawful_echo, open_properly, read_frame, read_to_end,
    redacted, results_in,
};

#[tokio::test]
async fn help_is_what_it_was() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help-server", &["server", "--help"]),
        ("help-client", &["client", "--help"]),
        ("help-fuzz", &["fuzz", "--help"]),
        ("help-fuzz-server", &["fuzz", "server", "--help"]),
        ("help-fuzz-client", &["fuzz", "client", "--help"]),
        ("help-fuzz-replay", &["fuzz", "replay", "--help"]),
        ("help-echo", &["echo", "--help"]),
        ("help-echo-server", &["echo", "server", "--help"]),
        ("help-cases", &["cases", "--help"]),
        ("help-cases-list", &["cases", "list", "--help"]),
        ("help-cases-show", &["cases", "show", "--help"]),
        ("help-cases-check", &["cases", "check", "--help"]),
        ("help-cases-schema", &["cases", "schema", "--help"]),
        ("help-report", &["report", "--help"]),
        ("help-report-render", &["report", "render", "--help"]),
    ] {
        let run = Wsspec::new(arguments).run().await;
        assert_eq!(run.exit, Some(0), "{name}: {}", run.said());
        insta::assert_snapshot!(name, redacted(&run));
    }
}

#[tokio::test]
async fn cases_are_listed_shown_and_checked() {
    let list = Wsspec::new(["cases", "list", "--case=autobahn:*"])
        .run()
        .await;
    assert_eq!(list.exit, Some(0), "{}", list.said());
    assert_eq!(list.stdout.lines().count(), 247);

    let list = Wsspec::new(["cases", "list", "--case=framing/rsv", "--json"])
        .run()
        .await;
    let cases: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    let ids = cases
        .as_array()
        .unwrap()
        .iter()
        .map(|case| case["id"].as_str().unwrap());
    assert!(ids.clone().count() > 0);
    for id in ids {
        assert!(id.starts_with("framing/rsv/"), "{id}");
    }

    let show = Wsspec::new(["cases", "show", "autobahn:3.2"]).run().await;
    assert_eq!(show.exit, Some(0), "{}", show.said());
    insta::assert_snapshot!("cases-show", redacted(&show));

    let check = Wsspec::new(["cases", "check"]).run().await;
    assert_eq!(check.exit, Some(0), "{}", check.said());
    assert!(
        check.stdout.ends_with(" cases, no mistakes\n"),
        "{}",
        check.said()
    );

    let schema = Wsspec::new(["cases", "schema"]).run().await;
    assert_eq!(schema.stdout, include_str!("../../cases/schema.json"));
}

async fn deviating(deviation: Deviation) -> (String, EchoServer) {
    let config = ServerConfig::default().deviating(Deviations::NONE.with(deviation));
    let (address, server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
    (format!("ws://{address}/"), server)
}

#[tokio::test]
async fn quiet_means_quiet() {
    let run = Wsspec::new(["server", "-q", "--case=autobahn:1.1.1"])
        .run()
        .await;
    assert_eq!((run.exit, &*run.stdout, &*run.stderr), (Some(0), "", ""));

    // Not a word either where something fails: the exit status says it.
    let (url, _server) = deviating(Deviation::IgnorePings).await;
    let run = Wsspec::new(["server", "-q", &url, "--case=autobahn:2.1", "--timeout=0.2"])
        .run()
        .await;
    assert_eq!((run.exit, &*run.stdout, &*run.stderr), (Some(1), "", ""));
}

#[tokio::test]
async fn the_policy_decides_the_exit_status() {
    let (url, _server) = deviating(Deviation::IgnorePings).await;
    for (policy, exit) in [("fail", 1), ("non-strict", 1), ("never", 0)] {
        let policy = format!("--fail-on={policy}");
        let run = Wsspec::new([
            "server",
            &url,
            &policy,
            "--case=autobahn:2.1",
            "--timeout=0.2",
        ])
        .run()
        .await;
        assert_eq!(run.exit, Some(exit), "{policy}: {}", run.said());
    }
    // Fails the connection as it should, but says nothing before it: fine is not the best.
    let peer = Peer::start(|mut stream| async move {
        open_properly(&mut stream).await;
        while let Some(came) = read_frame(&mut stream).await {
            let is_proof = came.payload.starts_with(b"alive ");
            let answer = match came.opcode() {
                0x1 if is_proof || came.payload == b"wsspec canary" => frame(0x81, &came.payload),
                0x8 => frame(0x88, &came.payload),
                _ => frame(0x88, &1002_u16.to_be_bytes()),
            };
            let ends = answer[0] == 0x88;
            if stream.write_all(&answer).await.is_err() || ends {
                return;
            }
        }
    })
    .await;
    for (policy, exit) in [("fail", 0), ("non-strict", 1)] {
        let policy = format!("--fail-on={policy}");
        let run = Wsspec::new(["server", &peer.url(), &policy, "--case=autobahn:3.2"])
            .run()
            .await;
        assert_eq!(
            count(&run.results(), Verdict::NonStrict),
            1,
            "{}",
            run.said()
        );
        assert_eq!(run.exit, Some(exit), "{policy}: {}", run.said());
    }
}

#[tokio::test]
async fn several_servers_make_a_matrix() {
    let (bad, _bad) = deviating(Deviation::SkipUtf8Validation).await;
    let good = Peer::start(lawful_echo).await;
    let run = Wsspec::new([
        "server",
        &format!("good={}", good.url()),
        &bad,
        "--case=autobahn:6.3.*",
        "--case=autobahn:1.1.*",
    ])
    .run()
    .await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let results = run.results();
    let names: Vec<&str> = results
        .header
        .targets
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "good",
            bad.trim_start_matches("ws://").trim_end_matches('/')
        ]
    );
    let fails = |name: &str| {
        let of_target = results
            .results
            .iter()
            .filter(|result| result.target == name);
        of_target
            .filter(|result| result.verdict == Verdict::Fail)
            .count()
    };
    assert_eq!(fails(names[0]), 0, "{}", run.said());
    assert!(fails(names[1]) > 0, "{}", run.said());
    // In the order of the command line, and of the suite.
    let first_bad = results
        .results
        .iter()
        .position(|result| result.target == names[1]);
    assert_eq!(first_bad, Some(results.results.len() / 2));
}

#[cfg(unix)]
#[tokio::test]
async fn an_interrupted_run_keeps_what_it_found() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let connections = std::sync::atomic::AtomicUsize::new(0);
    let peer = Peer::start(move |mut stream| {
        let nth = connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move {
            if nth < 50 {
                lawful_echo(stream).await;
            } else {
                open_properly(&mut stream).await;
                read_to_end(&mut stream).await;
            }
        }
    })
    .await;
    let (child, folder) = Wsspec::new([
        "server",
        &peer.url(),
        "--case=autobahn:*",
        "--jobs=4",
        "--timeout=600",
    ])
    .start();
    // With the fourth mute connection all four jobs hang, and all before are judged.
    peer.connected(54).await;
    kill(
        Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    let run = finish(child, folder).await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(run.stderr.contains("interrupted"), "{}", run.said());
    let results = results_in(&run.path("wsspec-report"));
    // Fifty conversations came to their end. The first was the canary, and no more than one
    // other may have been the question whether the target is still there.
    let kept = results.results.len();
    assert!((48..=49).contains(&kept), "{kept} are kept");
    assert_eq!(count(&results, Verdict::Fail), 0);
    assert_eq!(results.header.order.len(), 247);
}

#[tokio::test]
async fn documents_are_made_again_of_stored_results() {
    let (url, _server) = deviating(Deviation::SkipUtf8Validation).await;
    let run = Wsspec::new(["server", &url, "--case=autobahn:[36].*"])
        .run()
        .await;
    assert_eq!(run.exit, Some(1), "{}", run.said());
    let before = run.files();
    assert!(before.len() > 5);
    let again = Wsspec::in_folder(
        run.into_folder(),
        [
            "report",
            "render",
            "wsspec-report/results.json",
            "--out=again",
        ],
    )
    .run()
    .await;
    assert_eq!(again.exit, Some(0), "{}", again.said());
    let differing: Vec<String> = files(&again.path("again"))
        .into_iter()
        .zip(before)
        .filter(|(new, old)| new != old)
        .map(|(new, old)| format!("{} or {}", new.0, old.0))
        .collect();
    assert_eq!(differing, [""; 0]);
    assert!(store::load(&again.path("again")).is_ok());
}
