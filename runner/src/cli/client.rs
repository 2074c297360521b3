//! `wsspec client`: grades clients.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use wsspec_cases::Target;
use wsspec_record::{Results, TargetInfo};
use wsspec_reports::tally::Tally;
use wsspec_reports::write_all;

use super::conclude::conclude;
use super::grade::Grading;
use super::options::{CaseOptions, HandshakeOptions, OutputOptions, RunOptions};
use super::progress::Shown;
use super::tls::{ListenTlsOptions, Listening};
use super::values::{command_name, shell_word};
use super::{Exit, problem};
use crate::drive::Reception;
use crate::listen::{AgentOptions, Listen, SharedRecord};
use crate::run::{Record, Secrets};
use crate::subject::{Client, ClientCommand, Doors, Facts, Replay, Trusted, Way};

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
    pub(super) cases: CaseOptions,
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
    let (run, output) = (&arguments.run, &arguments.output);
    let grading = match Grading::load(Target::Client, &arguments.cases, run, output) {
        Ok(grading) => grading,
        Err(exit) => return exit,
    };
    match &arguments.listen {
        Some(address) => listen(&arguments, address, grading).await,
        None => match started(&arguments).subject() {
            Ok(client) => {
                grading
                    .grade(vec![Arc::new(client)], secrets(&arguments))
                    .await
            }
            Err(exit) => exit,
        },
    }
}

/// Listens for clients until one of them, or the user, asks for the end.
async fn listen(arguments: &ClientArguments, address: &str, grading: Grading<'_>) -> Exit {
    let tls = match tls(arguments, address) {
        Ok(tls) => tls,
        Err(exit) => return exit,
    };
    let (server, ca) = match tls {
        Some(tls) => (Some(tls.server), tls.is_throw_away.then_some(tls.ca)),
        None => (None, None),
    };
    let is_secure = server.is_some();
    let (report, out) = (
        arguments.run.report.clone(),
        arguments.run.report.out.clone(),
    );
    let publish = move |results: &Results| {
        let written = write_all(
            &report.out,
            &Tally::new(results, report.fail_on),
            &report.format.0,
        );
        let errors = written.map(drop);
        errors
            .map_err(|errors| problem::complain(Exit::NoRun, &errors.to_string()))
            .is_ok()
    };
    let listen = Listen {
        address: address.to_owned(),
        tls: server,
        agents: AgentOptions {
            reception: reception(&arguments.handshake),
            replay: Replay {
                before: format!("wsspec client --listen {}", shell_word(address)),
                behind: replay_options(arguments),
            },
            is_secure,
            seed: arguments.run.seed,
        },
        out: out.clone(),
        publish: Arc::new(publish),
    };
    let record = Record::new(out, grading.header(), Vec::new());
    let mut record = SharedRecord::new(record.hiding(secrets(arguments)));
    let opened = listen.open(&grading.cases, record.clone()).await;
    let (listener, mut agents) = match opened {
        Ok(opened) => opened,
        Err(error) => return problem::fail(Exit::NoRun, &error),
    };
    say_where(listener.address, is_secure, ca, arguments.output.quiet);
    let mut shown = Shown::new(&arguments.output);
    let mut enough = grading.enough();
    let stop = enough.or_asked_to_stop();
    let played = crate::run::run(
        &mut agents,
        Vec::new(),
        &grading.policy(),
        &mut [&mut record, &mut shown, &mut enough],
        grading.jobs(),
        stop,
    )
    .await;
    drop(listener);
    agents.finish().await;
    let finished = played.and_then(|_| record.lock().finish());
    match finished {
        Ok(results) if results.header.targets.is_empty() => {
            problem::complain(Exit::NoRun, "no client ran a case")
        }
        Ok(results) => conclude(
            &arguments.run.report,
            &arguments.output,
            &grading.suite,
            &results,
        ),
        Err(error) => problem::fail(Exit::NoRun, &error),
    }
}

/// Says where we listen, once we do.
fn say_where(address: SocketAddr, is_secure: bool, ca: Option<PathBuf>, quiet: bool) {
    let secure = if is_secure { "s" } else { "" };
    anstream::println!("listening on ws{secure}://{address}/");
    if quiet {
        return;
    }
    anstream::println!("A browser runs the cases at http{secure}://{address}/");
    if let Some(ca) = ca {
        anstream::println!("The certificate to trust is in {}", ca.display());
    }
}

fn tls(arguments: &ClientArguments, listen: &str) -> Result<Option<Listening>, Exit> {
    let listening = arguments.tls.listening(listen, &arguments.run.report.out);
    listening.map_err(|error| problem::fail(Exit::Usage, &error))
}

/// The client that is started for each case.
fn started(arguments: &ClientArguments) -> Started<'_> {
    Started {
        command: &arguments.command,
        tls: &arguments.tls,
        out: &arguments.run.report.out,
        handshake: &arguments.handshake,
        seed: arguments.run.seed,
        timeout: arguments.run.timeout,
        before: "wsspec client",
        options: replay_options(arguments),
    }
}

/// What must not be told of the header fields.
fn secrets(arguments: &ClientArguments) -> Secrets {
    Secrets::among(&arguments.handshake.header)
}

/// A client that is started for each case, and how it is met.
pub(super) struct Started<'a> {
    pub(super) command: &'a [String],
    pub(super) tls: &'a ListenTlsOptions,
    /// Where the certificate to trust is written.
    pub(super) out: &'a Path,
    pub(super) handshake: &'a HandshakeOptions,
    pub(super) seed: u64,
    /// How long to wait for an answer.
    pub(super) timeout: Duration,
    /// What plays a case again,
    pub(super) before: &'static str,
    /// and with which options besides.
    pub(super) options: String,
}

impl Started<'_> {
    /// The client.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn subject(&self) -> Result<Client, Exit> {
        let tls = self.tls.listening("localhost", self.out);
        let tls = tls.map_err(|error| problem::fail(Exit::Usage, &error))?;
        let trusted = tls.as_ref().map(|tls| Trusted {
            ca: tls.ca.clone(),
            tells_environment: tls.is_throw_away,
        });
        let command = ClientCommand::new(self.command.to_vec(), trusted)
            .map_err(|error| problem::fail(Exit::Usage, &error))?;
        let words: Vec<String> = self.command.iter().map(|word| shell_word(word)).collect();
        let written = words.join(" ");
        let facts = Facts {
            info: TargetInfo {
                command: Some(written.clone()),
                ..TargetInfo::new(command_name(&self.command.join(" "), "{url}"), "client")
            },
            role: Target::Client,
            replay: Replay {
                before: self.before.into(),
                behind: format!("{} -- {written}", self.options),
            },
            is_secure: tls.is_some(),
            way: Way::Started,
        };
        let doors = match tls {
            Some(tls) => Doors {
                tls: Some(tls.server),
                impostors: tls.impostors,
            },
            None => Doors::default(),
        };
        // Sooner than the client is given up, so that the reason is known by then.
        let head_patience = self.timeout.mul_f32(0.8);
        Ok(Client::new(
            facts,
            Box::new(command),
            reception(self.handshake),
            doors,
            head_patience,
            self.seed,
        ))
    }
}

fn reception(handshake: &HandshakeOptions) -> Reception {
    Reception {
        headers: handshake.header.clone(),
        subprotocols: handshake.subprotocol.clone(),
        ..Reception::default()
    }
}

/// What stands behind the case in a command that plays it again.
fn replay_options(arguments: &ClientArguments) -> String {
    let options = std::iter::once(format!("--seed {}", arguments.run.seed))
        .chain(arguments.cases.replay_options())
        .chain(arguments.handshake.replay_options())
        .chain(arguments.tls.replay_options());
    let options: Vec<String> = options.collect();
    options.join(" ")
}
