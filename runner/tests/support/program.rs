//! The program under test.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::{Child, Command};
use wsspec_record::{CaseResult, Closing, Results, Verdict, store};

/// The program with its arguments, in a folder of its own.
pub(crate) struct Wsspec {
    command: Command,
    folder: TempDir,
}

/// What it did.
pub(crate) struct Run {
    /// The exit status; nothing where a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    /// The most memory that it has taken, where the system tells.
    pub(crate) memory_kib: Option<u64>,
    folder: TempDir,
}

impl Wsspec {
    pub(crate) fn new<S: AsRef<str>>(arguments: impl IntoIterator<Item = S>) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), arguments)
    }

    /// In the folder of an earlier run, where its report is.
    pub(crate) fn in_folder<S: AsRef<str>>(
        folder: TempDir,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsspec"));
        command.args(arguments.into_iter().map(|word| word.as_ref().to_owned()));
        Self::of(command, folder)
    }

    /// As a line of a shell has it, in a folder of its own.
    #[cfg(unix)]
    pub(crate) fn shell(line: &str) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", line]);
        Self::of(command, tempfile::tempdir().unwrap())
    }

    fn of(mut command: Command, folder: TempDir) -> Self {
        command
            .current_dir(folder.path())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Self { command, folder }
    }

    /// A file that the program finds in its folder.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    pub(crate) async fn run(self) -> Run {
        let (child, folder) = self.start();
        finish(child, folder).await
    }

    /// Starts the program, for tests that do something to it.
    pub(crate) fn start(mut self) -> (Child, TempDir) {
        (self.command.spawn().unwrap(), self.folder)
    }
}

/// Waits until the program ends.
pub(crate) async fn finish(child: Child, folder: TempDir) -> Run {
    let began = Instant::now();
    let memory = most_memory(child.id());
    let (output, memory_kib) = tokio::join!(child.wait_with_output(), memory);
    let output = output.unwrap();
    Run {
        memory_kib,
        exit: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        took: began.elapsed(),
        folder,
    }
}

/// The most memory that a process has taken until it ends, in KiB, where the system tells.
/// What all children have taken together would count what they share with this process
/// before they are programs of their own.
async fn most_memory(process: Option<u32>) -> Option<u64> {
    let status = format!("/proc/{}/status", process?);
    let mut most = None;
    // It only grows, so that a look now and then sees nearly all; the last one finds nothing.
    let look = || high_water_mark(&std::fs::read_to_string(&status).ok()?);
    while let Some(kib) = look() {
        most = Some(kib);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    most
}

fn high_water_mark(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

impl Run {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything in the report's folder.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        files(&self.path("wsspec-report"))
    }

    /// Gives the folder away, so that another run can begin where this one ended.
    pub(crate) fn into_folder(self) -> TempDir {
        self.folder
    }

    /// What is in results.json, which has one result for each selected case of each
    /// target whatever happened.
    pub(crate) fn results(&self) -> Results {
        let results = results_in(&self.path("wsspec-report"));
        let mut found = HashSet::new();
        for result in &results.results {
            assert!(
                found.insert((&result.target, &result.case)),
                "{} has two results",
                result.case
            );
        }
        for target in &results.header.targets {
            for case in &results.header.order {
                assert!(
                    found.contains(&(&target.name, case)),
                    "{case} has no result"
                );
            }
        }
        let expected = results.header.targets.len() * results.header.order.len();
        assert_eq!(results.results.len(), expected);
        results
    }

    /// For messages of assertions.
    pub(crate) fn said(&self) -> String {
        format!(
            "exit {:?} after {:?}\n{}\n{}",
            self.exit, self.took, self.stdout, self.stderr
        )
    }
}

/// What is in a report's folder.
pub(crate) fn results_in(folder: &Path) -> Results {
    store::load(folder).unwrap()
}

/// How many results there are of a verdict.
pub(crate) fn count(results: &Results, verdict: Verdict) -> usize {
    let is_it = |result: &&CaseResult| result.verdict == verdict;
    results.results.iter().filter(is_it).count()
}

/// Every file of a folder, with its name, in order.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// What the program printed, without what differs from run to run.
pub(crate) fn redacted(run: &Run) -> String {
    let mut text = format!("exit status: {}\n", run.exit.unwrap_or(-1));
    for (name, printed) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
        if !printed.is_empty() {
            text.push_str(&format!("----- {name} -----\n{printed}"));
        }
    }
    let folder = run.folder.path().display().to_string();
    let text = text.replace(&folder, "[FOLDER]");
    replace_ports(&text)
}

fn replace_ports(text: &str) -> String {
    let mut redacted = String::new();
    let mut rest = text;
    let marks = ["127.0.0.1:", "on port ", "--port "];
    while let Some((at, mark)) = marks
        .iter()
        .filter_map(|mark| rest.find(mark).map(|at| (at, mark)))
        .min()
    {
        let (before, after) = rest.split_at(at + mark.len());
        redacted.push_str(before);
        rest = after.trim_start_matches(|character: char| character.is_ascii_digit());
        if rest.len() < after.len() {
            redacted.push_str("[PORT]");
        }
    }
    redacted + rest
}

/// Checks that a run of Autobahn's core cases found nothing wrong, and gives its results.
pub(crate) fn passes_the_core(run: &Run) -> Results {
    assert_eq!(run.exit, Some(0), "{}", run.said());
    let results = run.results();
    assert_eq!(count(&results, Verdict::Pass), 244, "{}", run.said());
    assert_eq!(count(&results, Verdict::Info), 3, "{}", run.said());
    for result in &results.results {
        let closing = result.closing;
        assert!(
            matches!(closing, Closing::Ok | Closing::Info),
            "{}: {closing}",
            result.case
        );
    }
    results
}
