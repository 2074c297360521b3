//! Servers that we start ourselves: on a free port, until they listen, and stopped
//! with everything that they started.

use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::time::Instant;

use super::process::Process;

/// The command of `--spawn`, such as `./server --port {port}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpawnCommand {
    /// The command line for the shell, with `{port}` where the port goes.
    pub command: String,
    /// How long the target may take until it listens.
    pub patience: Duration,
}

/// Why a target could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// The command does not say where the port goes.
    #[error("the command {command:?} has no {{port}} in it, where the port to listen on goes")]
    NoPort {
        /// The command.
        command: String,
    },
    /// The shell could not be started, or no port was free.
    #[error("cannot start {command:?}: {source}")]
    NotStarted {
        /// The command.
        command: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The process ended before it listened.
    #[error(
        "{command:?} ended before it listened on port {port}: {status}{}",
        output_words(output)
    )]
    Ended {
        /// The command.
        command: String,
        /// The port it was told.
        port: u16,
        /// The exit status in words.
        status: String,
        /// The end of what it printed.
        output: String,
    },
    /// The process does not listen.
    #[error("{command:?} does not listen on port {port} after {} s{}", waited.as_secs(), output_words(output))]
    NotListening {
        /// The command.
        command: String,
        /// The port it was told.
        port: u16,
        /// How long we waited.
        waited: Duration,
        /// The end of what it printed.
        output: String,
    },
}

fn output_words(output: &str) -> String {
    if output.trim().is_empty() {
        "; it printed nothing".into()
    } else {
        let lines: Vec<&str> = output.trim().lines().collect();
        format!("; it printed at the end: {}", lines.join(" | "))
    }
}

/// A server that we started. It is killed when this is dropped.
#[derive(Debug)]
pub struct SpawnedServer {
    process: Process,
    port: u16,
}

impl SpawnCommand {
    /// Starts the command on a free port and waits until it listens.
    ///
    /// # Errors
    /// [`SpawnError`], with the end of what the command printed.
    pub async fn start(&self) -> Result<SpawnedServer, SpawnError> {
        let command = self.command.clone();
        if !command.contains("{port}") {
            return Err(SpawnError::NoPort { command });
        }
        let not_started = |source| SpawnError::NotStarted {
            command: command.clone(),
            source,
        };
        let port = free_port().await.map_err(not_started)?;
        let mut server = self.launch(port).map_err(not_started)?;
        let began = Instant::now();
        loop {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(server);
            }
            if let Some(status) = server.exit_status() {
                return Err(SpawnError::Ended {
                    command,
                    port,
                    status,
                    output: server.last_output().await,
                });
            }
            if began.elapsed() > self.patience {
                let output = server.output();
                server.stop().await;
                return Err(SpawnError::NotListening {
                    command,
                    port,
                    waited: self.patience,
                    output,
                });
            }
            // There is no event for "somebody listens": this is the pace of asking.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn launch(&self, port: u16) -> std::io::Result<SpawnedServer> {
        let line = self.command.replace("{port}", &port.to_string());
        let command = if cfg!(windows) {
            shell("cmd", "/C", &line)
        } else {
            shell("sh", "-c", &line)
        };
        let process = Process::start(command)?;
        Ok(SpawnedServer { process, port })
    }
}

impl SpawnedServer {
    /// The port that it was told to listen on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the process ended, where it has.
    pub fn exit_status(&mut self) -> Option<String> {
        self.process.exit_status().map(|status| status.words)
    }

    /// Waits until the process ends.
    pub async fn ended(&mut self) -> String {
        self.process.ended().await.words
    }

    /// The end of what the process printed, both streams together.
    pub fn output(&self) -> String {
        self.process.output()
    }

    /// As [`SpawnedServer::output`], once the process has ended: what it printed last
    /// may come a moment later than its exit status.
    pub async fn last_output(&mut self) -> String {
        self.process.last_output().await
    }

    /// Asks the process and what it started to stop, and makes them after a while.
    pub async fn stop(mut self) {
        self.process.stop().await;
    }
}

fn shell(name: &str, option: &str, line: &str) -> Command {
    let mut command = Command::new(name);
    command.args([option, line]);
    command
}

async fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(listener.local_addr()?.port())
}
