//! What goes wrong is said in so many words, on stderr, with the exit status that
//! belongs to it; what an earlier run has written stays.

use tempfile::TempDir;

use crate::support::{Run, Wsspec, files, redacted};

/// A case file with two places where a mistake can be put.
fn case_file(requirement: &str, extra: &str) -> String {
    format!(
        r#"{{
  "title": "Mine",
  "cases": [
    {{
      "id": "mine/echo",
      "title": "A text message is echoed",
      "requirements": ["{requirement}"],
      "because": "It is an echo server.",
      "script": [{{ "send": [{{ "text": "Hello" }}] }}],
      "outcomes": [{{ "pass": [{{ "text": "Hello" }}] }}]{extra}
    }}
  ]
}}
"#
    )
}

const GOOD_REQUIREMENT: &str = "6455-6.2-1";

/// A folder with the report of an earlier run.
async fn earlier_report() -> TempDir {
    let run = Wsspec::new(["server", "--case=autobahn:1.1.1", "-q"])
        .run()
        .await;
    assert_eq!(run.exit, Some(0), "{}", run.said());
    run.into_folder()
}

/// Runs, and holds that the earlier report is what it was.
async fn complaint(arguments: &[&str], case_file: &str) -> Run {
    let folder = earlier_report().await;
    let before = files(&folder.path().join("wsspec-report"));
    let run = Wsspec::in_folder(folder, arguments)
        .file("mine/echo.json", case_file)
        .run()
        .await;
    assert_eq!(run.files(), before, "{}", run.said());
    assert_eq!(run.stdout, "", "{}", run.said());
    run
}

#[tokio::test]
async fn mistakes_in_case_files_are_shown_where_they_are() {
    let mine = &["server", "--cases", "mine"][..];
    for (name, text) in [
        ("case-file-syntax", case_file(GOOD_REQUIREMENT, ",,")),
        (
            "case-file-unknown-field",
            case_file(GOOD_REQUIREMENT, r#", "becuase": "typo""#),
        ),
        ("case-file-requirement", case_file("6455-6.2-1x", "")),
        ("case-file-not-json", "cases: none".to_owned()),
    ] {
        let run = complaint(mine, &text).await;
        assert_eq!(run.exit, Some(2), "{name}: {}", run.said());
        insta::assert_snapshot!(name, redacted(&run));
    }
    let fine = Wsspec::new(mine)
        .file("mine/echo.json", &case_file(GOOD_REQUIREMENT, ""))
        .run()
        .await;
    assert_eq!(fine.exit, Some(0), "{}", fine.said());
    assert_eq!(fine.results().results.len(), 1);
}

#[tokio::test]
async fn mistakes_on_the_command_line_are_named() {
    for (name, arguments) in [
        ("unknown-option", &["server", "--job=3"][..]),
        ("unknown-format", &["server", "--format=pdf"]),
        ("unknown-policy", &["server", "--fail-on=maybe"]),
        ("no-number-of-jobs", &["server", "--jobs=0"]),
        ("no-number-of-seconds", &["server", "--timeout=soon"]),
        ("no-pattern", &["server", "--case=[a"]),
        ("no-header-field", &["server", "--header=A b"]),
        ("nothing-selected", &["server", "--case=no/such/case"]),
        ("everything-excluded", &["server", "--exclude=*"]),
        ("no-url", &["server", "127.0.0.1:9001"]),
        ("other-scheme", &["server", "http://127.0.0.1:9001/"]),
        ("trust-both-ways", &["server", "--ca=ca.pem", "--insecure"]),
        (
            "certificate-without-key",
            &["client", "--cert=cert.pem", "--", "c", "{url}"],
        ),
        (
            "ca-without-tls",
            &["client", "--", "c", "--ca={ca}", "{url}"],
        ),
        ("fragment", &["server", "ws://127.0.0.1:9001/#top"]),
        ("no-case-folder", &["server", "--cases=no/such/folder"]),
        ("no-such-case", &["cases", "show", "no/such/case"]),
        (
            "two-of-one-name",
            &["server", "a=ws://127.0.0.1:9/", "a=ws://127.0.0.1:9/x"],
        ),
        (
            "two-of-one-url",
            &["server", "ws://127.0.0.1:9/", "ws://127.0.0.1:9/x"],
        ),
        (
            "no-such-deviation",
            &["echo", "server", "--deviate=nonsense"],
        ),
        (
            "liberties-of-one-group",
            &[
                "echo",
                "server",
                "--liberty=fail-with-1003",
                "--liberty=fail-with-1008",
            ],
        ),
        (
            "liberty-of-the-other-role",
            &[
                "echo",
                "client",
                "ws://[::1]:9/",
                "--liberty=refuse-with-404",
            ],
        ),
        ("no-results", &["report", "render", "no/such/results.json"]),
        ("other-results", &["report", "render", "mine/echo.json"]),
    ] {
        let run = complaint(arguments, &case_file(GOOD_REQUIREMENT, "")).await;
        assert_eq!(run.exit, Some(2), "{name}: {}", run.said());
        insta::assert_snapshot!(name, redacted(&run));
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said() {
    for (name, arguments) in [
        (
            "no-such-host",
            &["server", "ws://no-such-host.invalid/"][..],
        ),
        (
            "out-below-a-file",
            &[
                "server",
                "--out=mine/echo.json/report",
                "--case=autobahn:1.1.1",
            ],
        ),
    ] {
        let run = complaint(arguments, &case_file(GOOD_REQUIREMENT, "")).await;
        assert_eq!(run.exit, Some(3), "{name}: {}", run.said());
        // What the resolver says differs between systems.
        if name != "no-such-host" {
            insta::assert_snapshot!(name, redacted(&run));
        }
    }
}
