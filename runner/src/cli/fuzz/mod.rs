//! `wsspec fuzz`: invents conversations, and makes a case file of what goes wrong.

mod client;
mod fuzzing;
mod known;
mod options;
mod replay;
mod server;
mod shown;

use clap::Subcommand;

use super::Exit;

/// Invent conversations, and make a case file of each fault that they show.
#[derive(Debug, Subcommand)]
pub(super) enum FuzzCommand {
    /// Hold them with servers; without one, with the bundled reference server
    Server(server::FuzzServerArguments),
    /// Hold them with a client that is started for each
    Client(client::FuzzClientArguments),
    /// Play findings again: each is fixed, still there, or differs
    Replay(replay::ReplayArguments),
}

pub(super) async fn run(command: FuzzCommand) -> Exit {
    match command {
        FuzzCommand::Server(arguments) => server::run(arguments).await,
        FuzzCommand::Client(arguments) => client::run(arguments).await,
        FuzzCommand::Replay(arguments) => replay::run(arguments).await,
    }
}
