//! `wsspec echo`: the reference implementation as a target.

mod client;
mod server;

use clap::{Args, Subcommand};
use wsspec_reference::{Deviation, Deviations, Role};

use super::{Exit, problem};

/// Run the reference implementation as a target.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(super) struct EchoArguments {
    /// List the ways in which it can be told to depart from the RFC, and end
    #[arg(long)]
    list_deviations: bool,
    #[command(subcommand)]
    command: Option<EchoCommand>,
}

#[derive(Debug, Subcommand)]
enum EchoCommand {
    /// An echo server, lawful or with deviations.
    Server(server::ServerArguments),
    /// An echo client, lawful or with deviations: it echoes until it is closed.
    Client(Box<client::ClientArguments>),
}

/// How both ends depart from the RFC, and what they negotiate.
#[derive(Debug, Args)]
struct EndpointOptions {
    /// Depart from the RFC in this way; repeatable
    #[arg(long, value_name = "NAME", value_parser = deviation)]
    deviate: Vec<Deviation>,
    /// List the deviations and end
    #[arg(long)]
    list_deviations: bool,
    /// Negotiate no compression (RFC 7692)
    #[arg(long)]
    no_compression: bool,
}

impl EndpointOptions {
    /// The deviations asked for, all of them for `role`.
    fn deviations(&self, role: Role) -> Result<Deviations, String> {
        for deviation in &self.deviate {
            let facts = deviation.facts();
            if let Some(other) = facts.role.filter(|&other| other != role) {
                return Err(format!("{} is a deviation of {other}s", facts.name));
            }
        }
        Ok(self.deviate.iter().copied().collect())
    }
}

fn deviation(name: &str) -> Result<Deviation, String> {
    Deviation::from_name(name)
        .ok_or_else(|| "no such deviation; `wsspec echo --list-deviations` lists them".into())
}

pub(super) async fn run(arguments: EchoArguments) -> Exit {
    match arguments.command {
        Some(EchoCommand::Server(arguments)) => server::run(arguments).await,
        Some(EchoCommand::Client(arguments)) => client::run(*arguments).await,
        None => list_deviations(),
    }
}

fn list_deviations() -> Exit {
    for deviation in Deviation::ALL {
        let facts = deviation.facts();
        let role = facts.role.map(|role| format!(" ({role}s only)"));
        let role = role.unwrap_or_default();
        anstream::println!("{:<36}{}{role}", facts.name, facts.title);
        anstream::println!("{:<36}{}", "", facts.requirements.join(", "));
    }
    Exit::Conforms
}
