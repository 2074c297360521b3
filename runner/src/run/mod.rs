//! Playing many cases: order, concurrency, patience, canaries, and accounting for
//! every selected case.

mod agents;
mod canary;
mod grade;
mod record;
mod spawned;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use wsspec_cases::{Case, Suite, Target};
use wsspec_record::results::{FORMAT, Header, Tool, VERSION};
use wsspec_record::{CaseResult, Results, TargetInfo};

use crate::drive::ServerAddress;
use crate::target::{SpawnCommand, SpawnError};

pub use agents::{Hall, Publish, run_agents};
pub use canary::CanarySays;
use record::Recorder;
pub use spawned::{SpawnedClient, run_client};

/// What to play, and how.
#[derive(Debug)]
pub struct Plan {
    /// The selected cases, in the order of the suite.
    pub cases: Vec<Arc<Case>>,
    /// How many cases are played at once.
    pub jobs: usize,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// The seed: the same seed plays the same octets.
    pub seed: u64,
    /// Where results and reports go.
    pub out: PathBuf,
    /// What a replay command has to repeat, such as `--header`.
    pub replay_options: Vec<String>,
}

/// A server to grade.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name in results and reports.
    pub name: String,
    /// How it is written in a replay command: a URL, or `--spawn '…'`.
    pub replay: String,
    /// Its URL; for a spawned server the port is still to be known.
    pub url: Option<String>,
    /// How to reach it.
    pub address: ServerAddress,
    /// How to start it, where we do.
    pub spawn: Option<SpawnCommand>,
}

/// What results are recorded under, and how a case is played again.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) role: Target,
    /// What stands before the options of a replay command,
    pub(crate) replay: String,
    /// and what stands behind them.
    pub(crate) replay_end: String,
}

impl Server {
    fn subject(&self) -> Subject {
        Subject {
            name: self.name.clone(),
            role: Target::Server,
            replay: format!("wsspec server {}", self.replay),
            replay_end: String::new(),
        }
    }

    fn info(&self) -> TargetInfo {
        TargetInfo {
            name: self.name.clone(),
            role: "server".into(),
            url: self.url.clone(),
            command: self.spawn.as_ref().map(|spawn| spawn.command.clone()),
            product: None,
            trouble: None,
            duration_ms: None,
        }
    }
}

/// What happens during a run, for whoever shows it.
pub trait Progress: Sync {
    /// A target's turn begins.
    fn target_begins(&self, name: &str, cases: usize);
    /// A case was judged.
    fn judged(&self, result: &CaseResult);
    /// Something that the user should know.
    fn notice(&self, words: &str);
    /// A target's turn is over.
    fn target_ends(&self);
}

/// Why a run came to no end at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A target could not be started.
    #[error("{0}")]
    Spawn(#[from] SpawnError),
    /// A client could not be started.
    #[error("cannot start {command:?}: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// We cannot listen.
    #[error("cannot listen: {0}")]
    Listen(std::io::Error),
    /// Results could not be written.
    #[error("cannot write to {}: {source}", dir.display())]
    Write {
        /// The report's folder.
        dir: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
}

/// Plays a plan with servers, one after the other. Every selected case has a result for
/// every server at the end.
///
/// # Errors
/// [`RunError`]; results that were written before stay.
pub async fn run_servers(
    plan: &Plan,
    servers: &[Server],
    suite: &Suite,
    progress: &dyn Progress,
) -> Result<Results, RunError> {
    let began = Instant::now();
    let infos = servers.iter().map(Server::info).collect();
    let mut recorder = Recorder::new(plan, header(plan, suite, infos));
    for server in servers {
        progress.target_begins(&server.name, plan.cases.len());
        let turn = Instant::now();
        let graded = grade::grade(plan, server, &mut recorder, progress).await;
        recorder.turn_took(&server.name, turn.elapsed());
        progress.target_ends();
        graded?;
    }
    recorder.finish(began.elapsed())
}

fn header(plan: &Plan, suite: &Suite, targets: Vec<TargetInfo>) -> Header {
    // Only the cases that were selected: a report needs no others.
    let by_id = |case: &Arc<Case>| {
        let located = suite.find(&case.id);
        let case = located.map_or_else(|| (**case).clone(), |located| located.case.clone());
        (case.id.clone(), case)
    };
    Header {
        format: FORMAT.into(),
        version: VERSION,
        tool: Tool {
            name: "wsspec".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        },
        seed: plan.seed,
        started: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
        targets,
        cases: plan.cases.iter().map(by_id).collect(),
        order: plan.cases.iter().map(|case| case.id.clone()).collect(),
    }
}

/// Whether a folder holds results of an earlier run.
pub(crate) fn has_results(dir: &Path) -> bool {
    dir.join("results.json").exists()
}
