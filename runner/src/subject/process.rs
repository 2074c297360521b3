//! Processes that we start: in a group of their own, read from so that they never wait
//! for us, and stopped with everything that they started.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How much of what a process prints is kept, in octets.
const OUTPUT_OCTETS_KEPT: usize = 8 * 1024;
/// How long a process may take to stop when it is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(3);
/// How long the rest of its output may take to come once a process has ended.
const OUTPUT_PATIENCE: Duration = Duration::from_millis(500);

/// A process that we started. Its group is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// The id of the group that the process and everything it started are in. It is
    /// kept here because the process may end before the others do.
    group: Option<i32>,
    output: Arc<Mutex<VecDeque<u8>>>,
    readers: JoinSet<()>,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The exit status or signal, in words.
    pub words: String,
    /// The exit status, unless a signal ended it.
    pub code: Option<i32>,
    /// Whether a signal ended it.
    pub by_signal: bool,
}

/// What it took to end a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing; it had ended.
    ByItself,
    /// It was asked.
    Asked,
    /// It did not do as it was asked.
    Killed,
}

impl Process {
    /// Starts a command.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn start(mut command: Command) -> std::io::Result<Self> {
        // A group of its own, so that what it starts can be stopped with it.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let output = Arc::new(Mutex::new(VecDeque::new()));
        let mut readers = JoinSet::new();
        keep_output(&mut readers, child.stdout.take(), &output);
        keep_output(&mut readers, child.stderr.take(), &output);
        Ok(Self {
            group: child.id().and_then(|id| i32::try_from(id).ok()),
            child,
            output,
            readers,
        })
    }

    /// How the process ended, where it has.
    pub(crate) fn exit_status(&mut self) -> Option<Status> {
        match self.child.try_wait() {
            Ok(status) => status.map(of),
            Err(error) => Some(lost(&error)),
        }
    }

    /// Waits until the process ends. Nothing is lost where this is dropped before.
    pub(crate) async fn ended(&mut self) -> Status {
        match self.child.wait().await {
            Ok(status) => of(status),
            Err(error) => lost(&error),
        }
    }

    /// The end of what the process printed, both streams together.
    pub(crate) fn output(&self) -> String {
        let kept = self.output.lock().map(|kept| Vec::from(kept.clone()));
        String::from_utf8_lossy(&kept.unwrap_or_default()).into_owned()
    }

    /// As [`Process::output`], once the process has ended: what it printed last may come
    /// a moment later than its exit status.
    pub(crate) async fn last_output(&mut self) -> String {
        let all = async { while self.readers.join_next().await.is_some() {} };
        // Others that it started may hold the streams open for as long as they like.
        let _ = tokio::time::timeout(OUTPUT_PATIENCE, all).await;
        self.output()
    }

    /// Asks the process and what it started to stop, and makes them after a while.
    pub(crate) async fn stop(&mut self) -> (Status, Stopped) {
        let ended_before = self.exit_status();
        self.ask_group_to_stop();
        let deadline = Instant::now() + STOP_PATIENCE;
        let ended = tokio::time::timeout_at(deadline, self.ended()).await.ok();
        while self.group_is_there() && Instant::now() < deadline {
            // Nothing tells when processes that are not our children end.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.kill_group();
        match (ended_before, ended) {
            (Some(status), _) => (status, Stopped::ByItself),
            (None, Some(status)) => (status, Stopped::Asked),
            (None, None) => (self.ended().await, Stopped::Killed),
        }
    }

    #[cfg(unix)]
    fn ask_group_to_stop(&mut self) {
        self.signal_group(nix::sys::signal::Signal::SIGTERM);
    }

    #[cfg(unix)]
    fn kill_group(&mut self) {
        self.signal_group(nix::sys::signal::Signal::SIGKILL);
        self.group = None;
    }

    #[cfg(unix)]
    fn signal_group(&mut self, signal: impl Into<Option<nix::sys::signal::Signal>>) -> bool {
        use nix::sys::signal::killpg;
        use nix::unistd::Pid;

        // The group may be gone already.
        self.group
            .is_some_and(|group| killpg(Pid::from_raw(group), signal).is_ok())
    }

    #[cfg(unix)]
    fn group_is_there(&mut self) -> bool {
        self.signal_group(None)
    }

    #[cfg(not(unix))]
    fn ask_group_to_stop(&mut self) {
        let _ = self.child.start_kill();
    }

    #[cfg(not(unix))]
    fn kill_group(&mut self) {
        let _ = self.child.start_kill();
    }

    #[cfg(not(unix))]
    fn group_is_there(&mut self) -> bool {
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Also where the process has ended: others of its group may not have.
        self.kill_group();
    }
}

fn of(status: ExitStatus) -> Status {
    Status {
        words: status.to_string(),
        code: status.code(),
        by_signal: status.code().is_none(),
    }
}

fn lost(error: &std::io::Error) -> Status {
    Status {
        words: error.to_string(),
        code: None,
        by_signal: false,
    }
}

/// Reads a stream to its end, so that the process never waits for us, and keeps the
/// last octets.
fn keep_output(
    readers: &mut JoinSet<()>,
    stream: Option<impl AsyncRead + Unpin + Send + 'static>,
    kept: &Arc<Mutex<VecDeque<u8>>>,
) {
    let Some(mut stream) = stream else { return };
    let kept = Arc::clone(kept);
    readers.spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            let Ok(mut kept) = kept.lock() else { return };
            kept.extend(&buffer[..count]);
            let excess = kept.len().saturating_sub(OUTPUT_OCTETS_KEPT);
            kept.drain(..excess);
        }
    });
}
