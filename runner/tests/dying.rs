//! Targets that die: who did it is found out, nobody else is blamed, and every document says
//! what the exit status says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use wsspec_cases::{Case, StepKind};
use wsspec_record::results::Grade;
use wsspec_record::{Closing, Failure, Notice, Results, Verdict};

use crate::support::{Run, Wsspec, frame, lawful_echo, open_properly, read_frame};

/// How often the same run is made, for what it finds to be the same.
const RUNS: usize = 2;

/// What a target dies of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DiesOf {
    /// Reserved bits, with a word about it.
    ReservedBits,
    /// Reserved bits, a moment later: it swallows them and whatever else comes.
    ReservedBitsInSilence,
    /// Reserved bits, right behind the Close frame that fails the connection.
    ReservedBitsWithItsClose,
    /// Reserved bits, and while others are played that may have been it.
    ReservedBitsAndReplays,
    /// Having had sixty connections.
    SixtyConnections,
    /// Time.
    Time,
}

impl DiesOf {
    const ALL: [Self; 6] = [
        Self::ReservedBits,
        Self::ReservedBitsInSilence,
        Self::ReservedBitsWithItsClose,
        Self::ReservedBitsAndReplays,
        Self::SixtyConnections,
        Self::Time,
    ];

    /// Whether there are cases that it dies of.
    fn has_culprits(self) -> bool {
        !matches!(self, Self::SixtyConnections | Self::Time)
    }

    /// Cases that the server below passes, but for those with reserved bits.
    fn cases(self) -> &'static str {
        match self.has_culprits() {
            true => "--case=autobahn:{1.*,2.[1-4],3.*}",
            false => "--case=autobahn:{1.*,2.*,5.*,7.*}",
        }
    }

    /// What the reason of a culprit tells.
    fn last_words(self) -> &'static [&'static str] {
        match self {
            Self::ReservedBits => &["exit status: 42", "reserved bits, of all things"],
            Self::ReservedBitsInSilence => &["exit status: 0"],
            _ => &[],
        }
    }

    fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|dies_of| format!("{dies_of:?}") == name)
    }
}

/// No test but a program: this one, started once more with the port in the environment, is
/// a server that dies.
#[test]
fn server_that_dies() {
    let variable = |name| std::env::var(name).ok();
    let (Some(port), Some(dies_of)) = (
        variable("WSSPEC_TEST_PORT"),
        variable("WSSPEC_TEST_DIES_OF").and_then(|name| DiesOf::named(&name)),
    ) else {
        return;
    };
    let folder = PathBuf::from(variable("WSSPEC_TEST_FOLDER").unwrap_or_default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(serve(port.parse().unwrap(), dies_of, &folder));
}

async fn serve(port: u16, dies_of: DiesOf, folder: &Path) {
    let most = match dies_of {
        DiesOf::SixtyConnections => 60,
        // Every other of its lives is a short one.
        DiesOf::ReservedBitsAndReplays if lives_begun(folder).is_multiple_of(2) => 3,
        _ => usize::MAX,
    };
    if dies_of == DiesOf::Time {
        std::thread::spawn(|| {
            std::thread::sleep(Duration::from_millis(600));
            std::process::exit(3);
        });
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    for _ in 0..most {
        let (stream, _) = listener.accept().await.unwrap();
        if dies_of.has_culprits() {
            tokio::spawn(echo_until_reserved_bits(stream, dies_of));
        } else {
            tokio::spawn(async move {
                if dies_of == DiesOf::Time {
                    // The pace of it, so that many conversations take longer than a life.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                lawful_echo(stream).await;
            });
        }
    }
    eprintln!("enough of it");
    std::process::exit(3);
}

/// How many lives this is, with those before.
fn lives_begun(folder: &Path) -> usize {
    let life = folder.join(format!("life-{}", std::process::id()));
    std::fs::write(life, "").unwrap();
    std::fs::read_dir(folder).unwrap().count()
}

async fn echo_until_reserved_bits(mut stream: TcpStream, dies_of: DiesOf) {
    open_properly(&mut stream).await;
    while let Some(came) = read_frame(&mut stream).await {
        if came.has_reserved_bits() {
            die(&mut stream, dies_of).await;
        }
        let first = match came.opcode() {
            0x9 => 0x8a,
            0xa => continue,
            _ => came.first,
        };
        let sent = stream.write_all(&frame(first, &came.payload)).await;
        if sent.is_err() || first == 0x88 {
            return;
        }
    }
}

async fn die(stream: &mut TcpStream, dies_of: DiesOf) {
    match dies_of {
        DiesOf::ReservedBitsInSilence => {
            // Others are being played by then, and this one waits.
            tokio::time::sleep(Duration::from_millis(100)).await;
            std::process::exit(0);
        }
        DiesOf::ReservedBitsWithItsClose => {
            let close = frame(0x88, &1002_u16.to_be_bytes());
            let _ = stream.write_all(&close).await;
            let _ = stream.shutdown().await;
            while read_frame(stream).await.is_some() {}
        }
        _ => eprintln!("reserved bits, of all things"),
    }
    std::process::exit(42);
}

/// The command that starts the server above, with another variable in its environment.
pub(crate) fn command(variable: &str, dies_of: DiesOf) -> String {
    let program = std::env::current_exe().unwrap();
    format!(
        "{variable} WSSPEC_TEST_PORT={{port}} WSSPEC_TEST_DIES_OF={dies_of:?} '{}' --exact \
         dying::server_that_dies --nocapture",
        program.display()
    )
}

/// Grades a server that dies of this.
async fn graded(dies_of: DiesOf) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let variable = format!("WSSPEC_TEST_FOLDER='{}'", folder.path().display());
    let command = command(&variable, dies_of);
    let arguments = [
        "server",
        "--spawn",
        &command,
        dies_of.cases(),
        "--timeout=3",
    ];
    // One after the other takes longer than a life.
    let jobs = (dies_of == DiesOf::Time).then_some("--jobs=1");
    Wsspec::new(arguments.into_iter().chain(jobs)).run().await
}

fn sends_reserved_bits(case: &Case) -> bool {
    case.script.iter().any(|step| match &step.kind {
        StepKind::Send(send) => send.frames.iter().any(|frame| frame.rsv != 0),
        _ => false,
    })
}

/// What was found of each case.
fn found(results: &Results) -> BTreeMap<&str, (Verdict, Closing, Option<Failure>)> {
    let results = results.results.iter();
    results
        .map(|result| {
            let found = (result.verdict, result.closing, result.failure);
            (result.case.as_str(), found)
        })
        .collect()
}

/// Every document says that the target does not conform, as the exit status does.
fn all_documents_are_red(run: &Run) {
    assert_eq!(run.exit, Some(1), "{}", run.said());
    for (document, green, red) in [
        ("summary.md", "✅", "❌"),
        ("badge.svg", "#1a7f37", "#c0282d"),
        ("junit.xml", "failures=\"0\"", "<failure "),
        ("index.html", ">conforms<", "does not conform"),
    ] {
        let path = run.path("wsspec-report").join(document);
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains(red), "{document} is not red\n{}", run.said());
        assert!(!text.contains(green), "{document} is green\n{text}");
        if document != "badge.svg" {
            assert!(
                text.contains("The target went away"),
                "{document} says nothing"
            );
        }
    }
    assert!(!run.stdout.contains(": none of"), "{}", run.said());
    assert!(
        run.stdout.contains("The target went away"),
        "{}",
        run.said()
    );
}

/// Autobahn's index has a failure for each case with a number that has one.
fn the_index_agrees(run: &Run, results: &Results) {
    let text = std::fs::read(run.path("wsspec-report/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let agent = &index[&results.header.targets[0].name];
    for result in &results.results {
        let number = result.autobahn.as_deref().unwrap();
        let failed = result.verdict == Verdict::Fail;
        assert_eq!(
            agent[number]["behavior"] == "FAILED",
            failed,
            "{}: {}",
            result.case,
            agent[number]
        );
    }
}

async fn dies(dies_of: DiesOf) {
    let first = graded(dies_of).await;
    let results = first.results();
    for result in &results.results {
        let is_culprit =
            dies_of.has_culprits() && sends_reserved_bits(&results.header.cases[&result.case]);
        let (case, reason) = (&result.case, &result.reason);
        if is_culprit {
            let died = Some(Failure::TargetDied);
            assert_eq!(result.failure, died, "{case}: {reason}\n{}", first.said());
            assert_eq!(result.verdict, Verdict::Fail, "{case}: {reason}");
            let words = dies_of.last_words();
            assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
        } else {
            assert_eq!(
                result.grade(),
                Grade::Good,
                "{case}: {reason}\n{}",
                first.said()
            );
        }
    }
    let notices = &results.header.targets[0].notices;
    let is_death = |notice: &Notice| matches!(notice, Notice::Died { .. });
    assert!(notices.iter().any(is_death), "{notices:?}");
    all_documents_are_red(&first);
    the_index_agrees(&first, &results);
    for _ in 1..RUNS {
        let again = graded(dies_of).await;
        assert_eq!(found(&again.results()), found(&results), "{}", again.said());
        all_documents_are_red(&again);
    }
}

#[tokio::test]
async fn of_one_input() {
    dies(DiesOf::ReservedBits).await;
}

#[tokio::test]
async fn without_a_word() {
    dies(DiesOf::ReservedBitsInSilence).await;
}

#[tokio::test]
#[ignore = "how soon a process ends behind its Close hangs on the load of the machine"]
async fn with_its_right_close() {
    dies(DiesOf::ReservedBitsWithItsClose).await;
}

#[tokio::test]
async fn while_being_replayed() {
    dies(DiesOf::ReservedBitsAndReplays).await;
}

#[tokio::test]
async fn every_sixty_connections() {
    dies(DiesOf::SixtyConnections).await;
}

#[tokio::test]
async fn by_a_timer() {
    dies(DiesOf::Time).await;
}
