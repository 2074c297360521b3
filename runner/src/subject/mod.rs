//! What is graded, and how it is met: one file for each way.
//!
//! | file | the target is |
//! |---|---|
//! | `url` | a server at a URL |
//! | `server` | a server that we start |
//! | `client` | a client that is started for each case |
//! | `agent` | a client that comes by itself |
//!
//! A [`Subject`] knows how to get a target ready, how to hold one conversation with it,
//! and how it shows that it is gone. It decides nothing: that is [`crate::run`]'s affair.

mod address;
mod agent;
mod client;
mod command;
mod desk;
mod process;
mod server;
mod spawn;
mod url;

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use wsspec_cases::{Case, Target};
use wsspec_judge::judge::Judgement;
use wsspec_record::results::ProcessEnd;
use wsspec_record::{Skip, TargetInfo, Transcript};

use crate::drive::{Patience, PlayError};

pub use address::{NamedServer, TargetError};
pub(crate) use agent::Agent;
pub use client::{Client, Doors, Program, Run};
pub use command::{ClientCommand, ClientCommandError, Trusted};
pub use process::{Status, Stopped};
pub use server::Server;
pub use spawn::{SpawnCommand, SpawnError, SpawnedServer};
pub use url::Url;

/// Something that comes later, of an interface that is used by reference.
pub type Promise<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A target, and the way to meet it.
pub trait Subject: Send + Sync {
    /// What does not change while it is graded.
    fn facts(&self) -> &Facts;

    /// Why a case cannot be played with it.
    fn unfit(&self, case: &Case) -> Option<Skip> {
        let is_secure = self.facts().is_secure;
        (case.is_for_tls() && !is_secure).then_some(Skip::NotOverTls)
    }

    /// Whether nothing else may be played with it while this case is.
    fn wants_alone(&self, case: &Case) -> bool {
        case.exclusive
    }

    /// Gets it ready; once more where it is gone, for which `again` is how long that may
    /// take.
    fn rise(&self, again: Option<Duration>) -> Promise<'_, Result<Vitals, Absence>>;

    /// Waits until it is gone; for ever where nothing but conversations can tell.
    fn gone(&self) -> Promise<'_, Death> {
        Box::pin(std::future::pending())
    }

    /// Plays a case.
    fn meet<'a>(&'a self, job: &'a Job, waits: Waits) -> Promise<'a, Result<Meeting, MeetError>>;

    /// Leaves nothing of it behind that we made.
    fn fall(&self) -> Promise<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// What is known of a target from the beginning.
#[derive(Debug, Clone)]
pub struct Facts {
    /// How results name it.
    pub info: TargetInfo,
    /// What kind of target it is.
    pub role: Target,
    /// How a case is played again with it.
    pub replay: Replay,
    /// Whether it is graded over TLS.
    pub is_secure: bool,
    /// How it comes to a conversation.
    pub way: Way,
}

/// How a target comes to a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// We connect to it: it can go away, and then all conversations with it end.
    Connected,
    /// As above, and we can start it again.
    Spawned,
    /// A process of its own comes to each case.
    Started,
    /// It comes when it likes and asks for the case that it likes.
    ByItself,
}

/// A command that plays a case again, around the options that name the case.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// What stands before them.
    pub before: String,
    /// What stands behind them.
    pub behind: String,
}

impl Replay {
    /// The command for a case.
    pub(crate) fn command(&self, case: &Case) -> String {
        let options = format!("--case {}", case.id);
        let words = [self.before.trim_end(), &options, &self.behind];
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        words.join(" ")
    }
}

/// One case to play, and the number under which a source of cases knows it.
#[derive(Debug, Clone)]
pub struct Job {
    /// Of the source's own.
    pub number: u64,
    /// The case.
    pub case: std::sync::Arc<Case>,
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// For the events of a conversation.
    pub conversation: Patience,
    /// Until a client that was started has connected.
    pub start: Duration,
    /// Until its process has ended by itself, once its connection has.
    pub end: Duration,
}

/// What is known of a target once it is ready.
#[derive(Debug, Clone, Default)]
pub struct Vitals {
    /// Where it is.
    pub url: Option<String>,
}

/// Why a target is not there.
#[derive(Debug, thiserror::Error)]
pub enum Absence {
    /// It could not be started.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// We cannot listen for it.
    #[error("cannot listen: {0}")]
    Listen(std::io::Error),
    /// It did not come back.
    #[error("It did not come back within {} s.", .0.as_secs_f32())]
    StaysAway(Duration),
}

/// How a target went away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// The exit status or signal, or what a connection met.
    pub status: String,
    /// The end of what it printed.
    pub output: String,
}

/// What one conversation gave.
#[derive(Debug)]
pub struct Meeting {
    /// What was seen.
    pub transcript: Transcript,
    /// What that is worth.
    pub judgement: Judgement,
    /// What the target calls itself.
    pub product: Option<String>,
    /// When the conversation began,
    pub began: Instant,
    /// and how long it took.
    pub took: Duration,
    /// How long a client that was started took to connect.
    pub start_took: Option<Duration>,
    /// How its process ended.
    pub process: Option<ProcessEnd>,
}

/// Why there was no conversation, through no doing of the target's.
#[derive(Debug, thiserror::Error)]
pub enum MeetError {
    /// The case cannot be sent.
    #[error(transparent)]
    Play(#[from] PlayError),
    /// The client cannot be started.
    #[error("cannot start {command:?}: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The connection is gone before the case began.
    #[error(transparent)]
    Connection(std::io::Error),
}
