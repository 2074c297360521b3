//! A server at a URL: it is there, or it is not.

use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use wsspec_cases::Target;
use wsspec_judge::judge::Judge;

use super::{Absence, Facts, Job, MeetError, Meeting, Promise, Subject, Vitals, Waits};
use crate::drive::{ServerAddress, play_server};

/// The pace of asking whether a server is there again: nothing tells when it is.
const KNOCK_INTERVAL: Duration = Duration::from_millis(50);

/// A server at a URL.
#[derive(Debug)]
pub struct Url {
    facts: Facts,
    address: ServerAddress,
    seed: u64,
}

impl Url {
    /// The server at an address; the same seed plays the same octets.
    pub fn new(facts: Facts, address: ServerAddress, seed: u64) -> Self {
        Self {
            facts,
            address,
            seed,
        }
    }
}

impl Subject for Url {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn rise(&self, again: Option<Duration>) -> Promise<'_, Result<Vitals, Absence>> {
        Box::pin(async move {
            if let Some(patience) = again {
                let knocks = listens(&self.address);
                let came = tokio::time::timeout(patience, knocks).await;
                came.map_err(|_| Absence::StaysAway(patience))?;
            }
            Ok(Vitals {
                url: self.facts.info.url.clone(),
            })
        })
    }

    fn meet<'a>(&'a self, job: &'a Job, waits: Waits) -> Promise<'a, Result<Meeting, MeetError>> {
        Box::pin(meet_server(job, &self.address, waits, self.seed))
    }
}

/// Waits until somebody listens.
async fn listens(address: &ServerAddress) {
    loop {
        for address in &address.addresses {
            if TcpStream::connect(address).await.is_ok() {
                return;
            }
        }
        tokio::time::sleep(KNOCK_INTERVAL).await;
    }
}

/// Plays a case with a server.
pub(super) async fn meet_server(
    job: &Job,
    address: &ServerAddress,
    waits: Waits,
    seed: u64,
) -> Result<Meeting, MeetError> {
    let began = Instant::now();
    let mut judge = Judge::new(&job.case, Target::Server);
    let played = play_server(&job.case, address, waits.conversation, seed, &mut judge).await?;
    Ok(Meeting {
        transcript: played.transcript,
        judgement: judge.conclude(),
        product: played.product,
        began,
        took: began.elapsed(),
        start_took: None,
        process: None,
    })
}
