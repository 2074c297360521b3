//! `wsspec server`: grades servers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use wsspec_cases::Target;
use wsspec_record::TargetInfo;
use wsspec_reference::net::{
    EchoServer, Identity, ServerConfig, TlsClient, TlsError, TlsServer, Trust, local_names,
};

use super::grade::Grading;
use super::options::{CaseOptions, HandshakeOptions, OutputOptions, RunOptions};
use super::tls::TrustOptions;
use super::values::{command_name, shell_word};
use super::{Exit, problem};
use crate::drive::{SecureName, ServerAddress};
use crate::subject::{
    Facts, NamedServer, Replay, Server, SpawnCommand, Subject, TargetError, Url, Way,
};

/// How long a server may take to start, at least.
const SPAWN_PATIENCE: Duration = Duration::from_secs(30);

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
    let (run, output) = (&arguments.run, &arguments.output);
    let grading = match Grading::load(Target::Server, &arguments.cases, run, output) {
        Ok(grading) => grading,
        Err(exit) => return exit,
    };
    let servers = Servers {
        targets: &arguments.targets,
        spawn: &arguments.spawn,
        tls: arguments.tls,
        trust: &arguments.trust,
        handshake: &arguments.handshake,
        seed: run.seed,
        timeout: run.timeout,
        command: "wsspec server",
        options: arguments.cases.replay_options().collect(),
    };
    // The bundled server lives as long as the run.
    match servers.subjects().await {
        Ok((servers, _bundled)) => grading.grade(servers).await,
        Err(exit) => exit,
    }
}

/// Servers, and how they are met.
pub(super) struct Servers<'a> {
    /// Those at URLs; without any, and without a command, it is the bundled one.
    pub(super) targets: &'a [NamedServer],
    /// Commands that start one.
    pub(super) spawn: &'a [String],
    /// Whether the bundled one, or those that are started, speak TLS.
    pub(super) tls: bool,
    pub(super) trust: &'a TrustOptions,
    pub(super) handshake: &'a HandshakeOptions,
    pub(super) seed: u64,
    /// How long to wait for an answer.
    pub(super) timeout: Duration,
    /// What plays a case again,
    pub(super) command: &'static str,
    /// and with which options besides.
    pub(super) options: Vec<String>,
}

impl Servers<'_> {
    /// The servers, and the bundled one if it was started.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) async fn subjects(
        &self,
    ) -> Result<(Vec<Arc<dyn Subject>>, Option<EchoServer>), Exit> {
        let mut named = self.targets.to_vec();
        let mut bundled = None;
        if named.is_empty() && self.spawn.is_empty() {
            let (url, server, secure) = start_bundled(self.tls).await?;
            bundled = Some((server, secure));
            named.extend(format!("wsspec={url}").parse::<NamedServer>());
        }
        let mut subjects: Vec<Arc<dyn Subject>> = Vec::new();
        for target in &named {
            let secure = match &bundled {
                Some((_, secure)) => secure.clone(),
                None if target.is_secure() => Some(self.secure(&target.url)?),
                None => None,
            };
            subjects.push(Arc::new(
                self.at_url(target, secure, bundled.is_some()).await?,
            ));
        }
        for command in self.spawn {
            subjects.push(Arc::new(self.spawned(command)?));
        }
        let mut names = HashSet::new();
        for subject in &subjects {
            let name = &subject.facts().info.name;
            if !names.insert(name) {
                let words = format!("two targets have the name {name:?}; write NAME=URL");
                return Err(problem::complain(Exit::Usage, &words));
            }
        }
        Ok((subjects, bundled.map(|(server, _)| server)))
    }

    /// A server at a URL.
    async fn at_url(
        &self,
        target: &NamedServer,
        secure: Option<SecureName>,
        is_bundled: bool,
    ) -> Result<Url, Exit> {
        let handshake = self.handshake;
        let resolved = target.resolve(&handshake.header, &handshake.subprotocol, secure);
        let address = resolved.await;
        let address = address.map_err(|error: TargetError| problem::fail(Exit::NoRun, &error))?;
        let (url, seed) = (target.url.to_string(), self.seed);
        let written = if is_bundled {
            String::new()
        } else {
            shell_word(&url)
        };
        let info = TargetInfo {
            url: Some(url),
            ..TargetInfo::new(target.name.clone(), "server")
        };
        let is_secure = address.secure.is_some();
        let facts = self.facts(info, &written, Way::Connected, is_secure);
        Ok(Url::new(facts, address, seed))
    }

    /// A server that we start.
    fn spawned(&self, command: &str) -> Result<Server, Exit> {
        if !command.contains("{port}") {
            let words = format!(
                "--spawn {command:?} has no {{port}} in it, where the port to listen on goes"
            );
            return Err(problem::complain(Exit::Usage, &words));
        }
        let address = ServerAddress {
            addresses: Vec::new(),
            host: String::new(),
            path: "/".into(),
            headers: self.handshake.header.clone(),
            subprotocols: self.handshake.subprotocol.clone(),
            secure: match self.tls {
                true => {
                    let here = "wss://localhost/".parse().expect("this is a URL");
                    Some(self.secure(&here)?)
                }
                false => None,
            },
        };
        let info = TargetInfo {
            command: Some(command.to_owned()),
            ..TargetInfo::new(command_name(command, "{port}"), "server")
        };
        let written = format!("--spawn {}", shell_word(command));
        let facts = self.facts(info, &written, Way::Spawned, self.tls);
        let command = SpawnCommand {
            command: command.to_owned(),
            patience: self.timeout.max(SPAWN_PATIENCE),
        };
        Ok(Server::new(facts, command, address, self.seed))
    }

    fn facts(&self, info: TargetInfo, written: &str, way: Way, is_secure: bool) -> Facts {
        let options = std::iter::once(format!("--seed {}", self.seed))
            .chain(self.options.iter().cloned())
            .chain(self.handshake.replay_options())
            .chain(self.tls.then(|| "--tls".to_owned()))
            .chain(self.trust.replay_options());
        let options: Vec<String> = options.collect();
        Facts {
            info,
            role: Target::Server,
            replay: Replay {
                before: format!("{} {written}", self.command),
                behind: options.join(" "),
            },
            is_secure,
            way,
        }
    }

    /// Whom to speak TLS with at a URL.
    fn secure(&self, url: &url::Url) -> Result<SecureName, Exit> {
        let host = url.host_str().unwrap_or_default();
        let secure = self.trust.secure(host);
        secure.map_err(|error| problem::fail(Exit::Usage, &error))
    }
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
