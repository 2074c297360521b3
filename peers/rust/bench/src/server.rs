//! An echo server as a process of its own.

use std::{
    fs, io,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A running echo server. It is killed when this is dropped.
pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    /// Starts the binary `server-NAME` that lies beside this one.
    pub fn start(name: &str) -> io::Result<Self> {
        let binary = std::env::current_exe()?.with_file_name(format!("server-{name}"));
        let mut process = Command::new(&binary)
            .arg("0")
            // One core for the server and one for the load.
            .env("TOKIO_WORKER_THREADS", "1")
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", binary.display()))
            })?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut server = Self { process, port: 0 };
        server.port = line
            .strip_prefix("listening ")
            .and_then(|port| port.trim().parse().ok())
            .ok_or_else(|| io::Error::other(format!("{name} does not say where it listens")))?;
        Ok(server)
    }

    /// The CPU time that all threads of the process have used, in user space and in the kernel.
    pub fn cpu_time(&self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let statistics = fs::read_to_string(thread?.path().join("schedstat"))?;
            let running = statistics
                .split(' ')
                .next()
                .and_then(|number| number.parse::<u64>().ok());
            nanoseconds += running.ok_or_else(|| io::Error::other("no CPU time in schedstat"))?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has ended before, there is nothing to kill.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
