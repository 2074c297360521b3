//! `wsspec echo`: the reference implementation as a target.

mod client;
mod server;

use clap::{Args, Subcommand};
use wsspec_reference::{Deviation, Deviations, Liberties, Liberty, Role};

use super::{Exit, problem};

/// Run the reference implementation as a target.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(super) struct EchoArguments {
    /// List the ways in which it can be told to depart from the RFC, and end
    #[arg(long)]
    list_deviations: bool,
    /// List what it can be told to do otherwise where the RFC leaves it open, and end
    #[arg(long)]
    list_liberties: bool,
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

/// How both ends depart from the RFC or use what it leaves open, and what they negotiate.
#[derive(Debug, Args)]
struct EndpointOptions {
    /// Depart from the RFC in this way; repeatable
    #[arg(long, value_name = "NAME", value_parser = deviation)]
    deviate: Vec<Deviation>,
    /// List the deviations and end
    #[arg(long)]
    list_deviations: bool,
    /// Do this otherwise than usual, as the RFC leaves it open; repeatable, one of each group
    #[arg(long, value_name = "NAME", value_parser = liberty)]
    liberty: Vec<Liberty>,
    /// List the liberties, by group, and end
    #[arg(long)]
    list_liberties: bool,
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

    /// The liberties asked for, all of them for `role` and no two of a group.
    fn liberties(&self, role: Role) -> Result<Liberties, String> {
        for liberty in &self.liberty {
            let facts = liberty.facts();
            if let Some(other) = facts.role.filter(|&other| other != role) {
                return Err(format!("{} is a liberty of {other}s", facts.name));
            }
        }
        let liberties: Liberties = self.liberty.iter().copied().collect();
        match liberties.contradiction() {
            Some((one, other)) => Err(format!("{one} and {other} exclude each other")),
            None => Ok(liberties),
        }
    }

    /// Prints the list that was asked for, if one was.
    fn list(&self) -> Option<Exit> {
        list(self.list_deviations, self.list_liberties)
    }
}

fn deviation(name: &str) -> Result<Deviation, String> {
    Deviation::from_name(name)
        .ok_or_else(|| "no such deviation; `wsspec echo --list-deviations` lists them".into())
}

fn liberty(name: &str) -> Result<Liberty, String> {
    Liberty::from_name(name)
        .ok_or_else(|| "no such liberty; `wsspec echo --list-liberties` lists them".into())
}

pub(super) async fn run(arguments: EchoArguments) -> Exit {
    match arguments.command {
        Some(EchoCommand::Server(arguments)) => server::run(arguments).await,
        Some(EchoCommand::Client(arguments)) => client::run(*arguments).await,
        // Without a command one of the lists was asked for, or clap would have said so.
        None => list(arguments.list_deviations, arguments.list_liberties).unwrap_or(Exit::Usage),
    }
}

fn list(deviations: bool, liberties: bool) -> Option<Exit> {
    if deviations {
        for facts in Deviation::ALL.iter().map(|deviation| deviation.facts()) {
            print_row(facts.name, facts.title, facts.role, facts.requirements);
        }
    }
    if liberties {
        let mut group = None;
        for facts in Liberty::ALL.iter().map(|liberty| liberty.facts()) {
            if group.replace(facts.group) != Some(facts.group) {
                anstream::println!("\n{}", facts.group.title());
            }
            print_row(facts.name, facts.title, facts.role, facts.left_open_by);
        }
    }
    (deviations || liberties).then_some(Exit::Conforms)
}

fn print_row(name: &str, title: &str, role: Option<Role>, requirements: &[&str]) {
    let role = role.map(|role| format!(" ({role}s only)"));
    let role = role.unwrap_or_default();
    anstream::println!("{name:<36}{title}{role}");
    anstream::println!("{:<36}{}", "", requirements.join(", "));
}
