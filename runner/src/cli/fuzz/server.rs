//! `wsspec fuzz server`.

use clap::Args;
use wsspec_cases::Target;

use super::fuzzing::fuzz;
use super::options::FuzzOptions;
use crate::cli::Exit;
use crate::cli::options::{HandshakeOptions, OutputOptions};
use crate::cli::server::Servers;
use crate::cli::tls::TrustOptions;
use crate::subject::NamedServer;

/// Hold invented conversations with servers; without one, with the bundled reference server.
#[derive(Debug, Args)]
pub(in crate::cli) struct FuzzServerArguments {
    /// Servers to hold them with; each gets the same
    #[arg(value_name = "URL|NAME=URL")]
    targets: Vec<NamedServer>,
    /// Start the target on a free port, wait until it listens, and stop it at the end; repeatable
    #[arg(long, value_name = "CMD {port}")]
    spawn: Vec<String>,
    /// Speak TLS (wss) with the bundled server, or with the servers of --spawn
    #[arg(long, conflicts_with = "targets")]
    tls: bool,
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    fuzz: FuzzOptions,
    #[command(flatten)]
    handshake: HandshakeOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) async fn run(arguments: FuzzServerArguments) -> Exit {
    arguments.output.apply();
    let options = &arguments.fuzz;
    let seed = options.seed();
    let hunt = match options.hunt(Target::Server, seed) {
        Ok(hunt) => hunt,
        Err(exit) => return exit,
    };
    let servers = Servers {
        targets: &arguments.targets,
        spawn: &arguments.spawn,
        tls: arguments.tls,
        trust: &arguments.trust,
        handshake: &arguments.handshake,
        seed,
        timeout: options.playing.timeout,
        command: "wsspec server",
        options: Vec::new(),
    };
    // The bundled server lives as long as the run.
    match servers.subjects().await {
        Ok((servers, _bundled)) => {
            fuzz(hunt, servers, seed, &options.playing, &arguments.output).await
        }
        Err(exit) => exit,
    }
}
