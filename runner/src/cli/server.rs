//! `wsspec server`: grades servers.

use std::time::Duration;

use clap::Args;
use url::Url;
use wsspec_cases::Target;
use wsspec_reference::net::{
    EchoServer, Identity, ServerConfig, TlsClient, TlsError, TlsServer, Trust, local_names,
};

use super::conclude::conclude;
use super::options::{CaseOptions, HandshakeOptions, OutputOptions, RunOptions};
use super::progress::Shown;
use super::signal::asked_to_stop;
use super::tls::TrustOptions;
use super::values::{command_name, shell_word};
use super::{Exit, problem};
use crate::drive::SecureName;
use crate::run::{Plan, Server, run_servers};
use crate::target::{NamedServer, SpawnCommand, TargetError};

/// Grade servers; without one, the bundled reference server is started and graded.
#[derive(Debug, Args)]
pub(super) struct ServerArguments {
    /// Servers to grade; several make a matrix
    #[arg(value_name = "URL|NAME=URL")]
    targets: Vec<NamedServer>,
    /// Start the target on a free port, wait until it listens, grade it and stop it; repeatable
    #[arg(long, value_name = "CMD {port}")]
    spawn: Vec<String>,
    /// Speak TLS (wss) with the bundled server, or with the servers of --spawn
    #[arg(long, conflicts_with = "targets")]
    tls: bool,
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    cases: CaseOptions,
    #[command(flatten)]
    run: RunOptions,
    #[command(flatten)]
    handshake: HandshakeOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn run(arguments: ServerArguments) -> Exit {
    arguments.output.apply();
    if let Err(exit) = arguments.run.baseline.load() {
        return exit;
    }
    let (suite, cases) = match arguments.cases.load(Target::Server) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    // The bundled server lives as long as the run.
    let (servers, _bundled) = match targets(&arguments).await {
        Ok(servers) => servers,
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
            .chain(arguments.tls.then(|| "--tls".to_owned()))
            .chain(arguments.trust.replay_options())
            .collect(),
    };
    let shown = Shown::new(&arguments.output);
    let results = tokio::select! {
        // Looked at first, so that a signal is heard before the first target is started.
        biased;
        () = asked_to_stop() => return problem::interrupted(&plan.out),
        results = run_servers(&plan, &servers, &suite, &shown) => results,
    };
    match results {
        Ok(results) => conclude(&arguments.run, &arguments.output, &suite, &results),
        Err(error) => problem::fail(Exit::NoRun, &error),
    }
}

async fn targets(arguments: &ServerArguments) -> Result<(Vec<Server>, Option<EchoServer>), Exit> {
    let mut named = arguments.targets.clone();
    let mut bundled = None;
    if named.is_empty() && arguments.spawn.is_empty() {
        let (url, server, secure) = start_bundled(arguments.tls).await?;
        bundled = Some((server, secure));
        named.extend(format!("wsspec={url}").parse::<NamedServer>());
    }
    let mut servers: Vec<Server> = Vec::new();
    for target in &named {
        let secure = match &bundled {
            Some((_, secure)) => secure.clone(),
            None if target.is_secure() => Some(secure(arguments, &target.url)?),
            None => None,
        };
        let address = target
            .resolve(
                &arguments.handshake.header,
                &arguments.handshake.subprotocol,
                secure,
            )
            .await;
        let address = address.map_err(|error: TargetError| problem::fail(Exit::NoRun, &error))?;
        let replay = if bundled.is_some() {
            String::new()
        } else {
            shell_word(target.url.as_str())
        };
        servers.push(Server {
            name: target.name.clone(),
            replay,
            url: Some(target.url.to_string()),
            address,
            spawn: None,
        });
    }
    let spawned = "wss://localhost/".parse::<Url>().expect("this is a URL");
    for command in &arguments.spawn {
        if !command.contains("{port}") {
            let words = format!(
                "--spawn {command:?} has no {{port}} in it, where the port to listen on goes"
            );
            return Err(problem::complain(Exit::Usage, &words));
        }
        servers.push(Server {
            name: command_name(command, "{port}"),
            replay: format!("--spawn {}", shell_word(command)),
            url: None,
            address: crate::drive::ServerAddress {
                addresses: Vec::new(),
                host: String::new(),
                path: "/".into(),
                headers: arguments.handshake.header.clone(),
                subprotocols: arguments.handshake.subprotocol.clone(),
                secure: match arguments.tls {
                    true => Some(secure(arguments, &spawned)?),
                    false => None,
                },
            },
            spawn: Some(SpawnCommand {
                command: command.clone(),
                patience: arguments.run.timeout.max(Duration::from_secs(30)),
            }),
        });
    }
    for (at, server) in servers.iter().enumerate() {
        if servers[..at].iter().any(|other| other.name == server.name) {
            let words = format!(
                "two targets have the name {:?}; write NAME=URL",
                server.name
            );
            return Err(problem::complain(Exit::Usage, &words));
        }
    }
    Ok((servers, bundled.map(|(server, _)| server)))
}

/// Whom to speak TLS with at a URL.
fn secure(arguments: &ServerArguments, url: &Url) -> Result<SecureName, Exit> {
    let host = url.host_str().unwrap_or_default();
    let secure = arguments.trust.secure(host);
    secure.map_err(|error| problem::fail(Exit::Usage, &error))
}

/// Starts the bundled server, and says where it is and whom to expect there.
async fn start_bundled(tls: bool) -> Result<(String, EchoServer, Option<SecureName>), Exit> {
    const LISTEN: &str = "127.0.0.1:0";
    let mut config = ServerConfig::default();
    let mut secure = None;
    if tls {
        let name = "localhost".to_owned();
        let (server, client) = bundled_tls().map_err(|error| problem::fail(Exit::NoRun, &error))?;
        config.tls = Some(server);
        secure = Some(SecureName { client, name });
    }
    let started = EchoServer::start(LISTEN, config).await;
    let (address, server) = started.map_err(|error| problem::fail(Exit::NoRun, &error))?;
    let scheme = if tls { "wss" } else { "ws" };
    Ok((format!("{scheme}://{address}/"), server, secure))
}

fn bundled_tls() -> Result<(TlsServer, TlsClient), TlsError> {
    let (identity, authority) = Identity::issued_by_nobody(&local_names("localhost"))?;
    let client = TlsClient::new(&Trust::Pem(authority))?;
    Ok((TlsServer::new(identity)?, client))
}
