//! What is graded: where a server is, and the processes that we start ourselves.

mod address;
mod client;
mod process;
mod spawn;

pub use address::{NamedServer, TargetError};
pub use client::{ClientCommand, ClientCommandError, Trusted};
pub(crate) use process::{Process, Status, Stopped};
pub use spawn::{SpawnCommand, SpawnError, SpawnedServer};
