//! A server that we start: on a free port, again where it died, and stopped at the end.

use std::time::Duration;

use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::JoinHandle;

use super::url::meet_server;
use super::{
    Absence, Death, Facts, Job, MeetError, Meeting, Promise, SpawnCommand, SpawnedServer, Subject,
    Vitals, Waits,
};
use crate::drive::ServerAddress;

/// A server that we start.
pub struct Server {
    facts: Facts,
    command: SpawnCommand,
    /// Where it is going to be, but for the port.
    address: ServerAddress,
    seed: u64,
    running: Mutex<Option<Running>>,
    /// Where it is and what became of it, once it was started.
    seen: watch::Sender<Option<Seen>>,
}

#[derive(Clone)]
struct Seen {
    address: ServerAddress,
    death: Option<Death>,
}

/// A process, and the task that looks after it.
struct Running {
    stop: oneshot::Sender<()>,
    keeper: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process is killed with the task that holds it.
        self.keeper.abort();
    }
}

impl Server {
    /// A server that a command starts; `address` lacks the port. The same seed plays the
    /// same octets.
    pub fn new(facts: Facts, command: SpawnCommand, address: ServerAddress, seed: u64) -> Self {
        Self {
            facts,
            command,
            address,
            seed,
            running: Mutex::default(),
            seen: watch::Sender::new(None),
        }
    }

    /// The address at a port, and its URL.
    fn at(&self, port: u16) -> (ServerAddress, String) {
        // Certificates for this machine are most often for its name.
        let (scheme, host) = match self.address.secure {
            Some(_) => ("wss", "localhost"),
            None => ("ws", "127.0.0.1"),
        };
        let address = ServerAddress {
            addresses: vec![([127, 0, 0, 1], port).into()],
            host: format!("{host}:{port}"),
            ..self.address.clone()
        };
        (address, format!("{scheme}://{host}:{port}/"))
    }

    async fn start(&self) -> Result<Vitals, Absence> {
        self.stop().await;
        let process = self.command.start().await?;
        let (address, url) = self.at(process.port());
        let death = None;
        self.seen.send_replace(Some(Seen { address, death }));
        let (stop, stopped) = oneshot::channel();
        let keeper = tokio::spawn(keep(process, stopped, self.seen.clone()));
        *self.running.lock().await = Some(Running { stop, keeper });
        Ok(Vitals { url: Some(url) })
    }

    async fn stop(&self) {
        let running = self.running.lock().await.take();
        if let Some(mut running) = running {
            let stop = std::mem::replace(&mut running.stop, oneshot::channel().0);
            let _ = stop.send(());
            let _ = (&mut running.keeper).await;
        }
    }

    fn here(&self) -> ServerAddress {
        let seen = self.seen.borrow();
        seen.as_ref()
            .map_or_else(|| self.address.clone(), |seen| seen.address.clone())
    }
}

/// Looks after a process until it ends or is to be stopped.
async fn keep(
    mut process: SpawnedServer,
    stopped: oneshot::Receiver<()>,
    seen: watch::Sender<Option<Seen>>,
) {
    let status = tokio::select! {
        status = process.ended() => status,
        _ = stopped => return process.stop().await,
    };
    let output = process.last_output().await;
    seen.send_modify(|seen| {
        if let Some(seen) = seen {
            seen.death = Some(Death { status, output });
        }
    });
    // What it started may be there yet.
    process.stop().await;
}

impl Subject for Server {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn rise(&self, _again: Option<Duration>) -> Promise<'_, Result<Vitals, Absence>> {
        Box::pin(self.start())
    }

    fn gone(&self) -> Promise<'_, Death> {
        let mut seen = self.seen.subscribe();
        Box::pin(async move {
            let is_dead =
                |seen: &Option<Seen>| seen.as_ref().is_some_and(|seen| seen.death.is_some());
            let death = match seen.wait_for(is_dead).await {
                Ok(seen) => seen.as_ref().and_then(|seen| seen.death.clone()),
                Err(_) => None,
            };
            match death {
                Some(death) => death,
                None => std::future::pending().await,
            }
        })
    }

    fn meet<'a>(&'a self, job: &'a Job, waits: Waits) -> Promise<'a, Result<Meeting, MeetError>> {
        Box::pin(async move { meet_server(job, &self.here(), waits, self.seed).await })
    }

    fn fall(&self) -> Promise<'_, ()> {
        Box::pin(self.stop())
    }
}
