//! `wsspec client`: grades clients.

use std::sync::Arc;

use clap::Args;
use wsspec_cases::{Suite, Target};
use wsspec_record::Results;
use wsspec_reports::tally::Tally;
use wsspec_reports::write_all;

use super::conclude::conclude;
use super::options::{CaseOptions, HandshakeOptions, OutputOptions, RunOptions};
use super::progress::Shown;
use super::signal::asked_to_stop;
use super::tls::{ListenTlsOptions, Listening};
use super::values::{command_name, shell_word};
use super::{Exit, problem};
use crate::run::{Hall, Plan, RunError, SpawnedClient, run_agents, run_client};
use crate::target::{ClientCommand, Trusted};

/// Grade a client that is started for each case, or clients and browsers that connect.
#[derive(Debug, Args)]
pub(super) struct ClientArguments {
    /// Listen on this address for clients that speak Autobahn's driver protocol, and for browsers; port 0 takes a free one
    #[arg(
        long,
        value_name = "ADDR",
        conflicts_with = "command",
        required_unless_present = "command"
    )]
    listen: Option<String>,
    #[command(flatten)]
    cases: CaseOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    handshake: HandshakeOptions,
    #[command(flatten)]
    tls: ListenTlsOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// The client: started for each case with its URL for {url}, and the file of the certificate to trust for {ca}, it has to echo until it is closed
    #[arg(last = true, value_name = "CMD … {url} …")]
    command: Vec<String>,
}

pub(super) async fn run(arguments: ClientArguments) -> Exit {
    arguments.output.apply();
    if let Err(exit) = arguments.run.baseline.load() {
        return exit;
    }
    let (suite, cases) = match arguments.cases.load(Target::Client) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let plan = Plan {
        cases,
        jobs: usize::from(arguments.run.jobs),
        timeout: arguments.run.timeout,
        seed: arguments.run.seed,
        out: arguments.run.out.clone(),
        replay_options: arguments
            .cases
            .replay_options()
            .chain(arguments.handshake.replay_options())
            .chain(arguments.tls.replay_options())
            .collect(),
    };
    let results = match &arguments.listen {
        Some(address) => listen(&arguments, address, plan, &suite).await,
        None => start(&arguments, &plan, &suite).await,
    };
    match results {
        Ok(results) => conclude(&arguments.run, &arguments.output, &suite, &results),
        Err(exit) => exit,
    }
}

/// Starts a client for each case.
async fn start(arguments: &ClientArguments, plan: &Plan, suite: &Suite) -> Result<Results, Exit> {
    let client = spawned(arguments, tls(arguments, "localhost")?)?;
    let shown = Shown::new(&arguments.output);
    tokio::select! {
        // Looked at first, so that a signal is heard before the first client is started.
        biased;
        () = asked_to_stop() => Err(problem::interrupted(&plan.out)),
        results = run_client(plan, &client, suite, &shown) => {
            results.map_err(|error| problem::fail(Exit::NoRun, &error))
        }
    }
}

/// Listens for clients until one of them, or the user, asks for the end.
async fn listen(
    arguments: &ClientArguments,
    address: &str,
    plan: Plan,
    suite: &Suite,
) -> Result<Results, Exit> {
    let (run, quiet) = (arguments.run.clone(), arguments.output.quiet);
    let (tls, ca) = match tls(arguments, address)? {
        Some(Listening {
            server,
            ca,
            is_throw_away,
            ..
        }) => (Some(server), is_throw_away.then_some(ca)),
        None => (None, None),
    };
    let secure = if tls.is_some() { "s" } else { "" };
    let hall = Hall {
        address: address.to_owned(),
        tls,
        headers: arguments.handshake.header.clone(),
        subprotocols: arguments.handshake.subprotocol.clone(),
        replay: shell_word(address),
        publish: Arc::new(move |results| {
            write_all(&run.out, &Tally::new(results, run.fail_on), &run.format.0)
                .map(drop)
                .map_err(|errors| errors.to_string())
        }),
        listening: Box::new(move |address| {
            anstream::println!("listening on ws{secure}://{address}/");
            if quiet {
                return;
            }
            anstream::println!("A browser runs the cases at http{secure}://{address}/");
            if let Some(ca) = ca {
                anstream::println!("The certificate to trust is in {}", ca.display());
            }
        }),
    };
    let shown = Shown::new(&arguments.output);
    let results = run_agents(&Arc::new(plan), hall, suite, &shown, asked_to_stop()).await;
    let results = results.map_err(|error| {
        let error = match error {
            RunError::Listen(source) => format!("cannot listen on {address}: {source}"),
            error => error.to_string(),
        };
        problem::complain(Exit::NoRun, &error)
    })?;
    if results.header.targets.is_empty() {
        return Err(problem::complain(Exit::NoRun, "no client ran a case"));
    }
    Ok(results)
}

fn tls(arguments: &ClientArguments, listen: &str) -> Result<Option<Listening>, Exit> {
    let listening = arguments.tls.listening(listen, &arguments.run.out);
    listening.map_err(|error| problem::fail(Exit::Usage, &error))
}

fn spawned(arguments: &ClientArguments, tls: Option<Listening>) -> Result<SpawnedClient, Exit> {
    let trusted = tls.as_ref().map(|tls| Trusted {
        ca: tls.ca.clone(),
        tells_environment: tls.is_throw_away,
    });
    let command = ClientCommand::new(arguments.command.clone(), trusted)
        .map_err(|error| problem::fail(Exit::Usage, &error))?;
    let (tls, impostors) = match tls {
        Some(tls) => (Some(tls.server), tls.impostors),
        None => (None, Vec::new()),
    };
    let written: Vec<String> = command
        .words()
        .iter()
        .map(|word| shell_word(word))
        .collect();
    let written = written.join(" ");
    Ok(SpawnedClient {
        name: command_name(&command.words().join(" "), "{url}"),
        command,
        written,
        tls,
        impostors,
        headers: arguments.handshake.header.clone(),
        subprotocols: arguments.handshake.subprotocol.clone(),
    })
}
