//! Playing many cases with many targets.
//!
//! ```text
//! Source ──case──▶ dispatcher ──job──▶ Subject        (an executor: one conversation)
//!    ▲                 │  ▲                │
//!    └────settled──────┤  └─────meeting────┘
//!                      ├── Policy: what now?
//!                      └──event──▶ Sink, Sink, …      (record, terminal, findings)
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `dispatch` | the loop that begins everything and takes what comes of it |
//! | `turn` | what is played next with one target |
//! | `settle` | what becomes of what was played |
//! | `death` | what becomes of a target that died, and of what was in flight |
//! | `policy` | every decision and every number, without time and without waiting |
//! | `source` | where cases come from |
//! | `event` | what happens, for whoever wants to know |
//! | `record` | a sink: results.json |
//! | `secrets` | what must not stand in it |

mod canary;
mod death;
mod dispatch;
mod event;
mod policy;
mod record;
mod result;
mod secrets;
mod seen;
mod settle;
mod source;
mod turn;

use std::path::PathBuf;

pub(crate) use canary::canary;
pub use dispatch::{Ended, run};
pub use event::{Event, Sink};
pub use policy::{AfterDeath, Conduct, Decision, Playing, Policy};
pub use record::{Record, header, header_without_cases};
pub use secrets::{REDACTED, Secrets, is_secret};
pub(crate) use source::unmet;
pub use source::{Next, Selected, Source, Stir};

/// Why a run came to no end at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A client could not be started.
    #[error("cannot start {command:?}: {source}")]
    Start {
        /// The command.
        command: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// We cannot listen.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: String,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Results could not be written.
    #[error("cannot write to {}: {source}", dir.display())]
    Write {
        /// The report's folder.
        dir: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
}
