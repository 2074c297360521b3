//! `wsspec fuzz client`.

use std::sync::Arc;

use clap::Args;
use wsspec_cases::Target;

use super::fuzzing::fuzz;
use super::options::FuzzOptions;
use crate::cli::Exit;
use crate::cli::client::Started;
use crate::cli::options::{HandshakeOptions, OutputOptions};
use crate::cli::tls::ListenTlsOptions;

/// Hold invented conversations with a client that is started for each.
#[derive(Debug, Args)]
pub(in crate::cli) struct FuzzClientArguments {
    #[command(flatten)]
    fuzz: FuzzOptions,
    #[command(flatten)]
    handshake: HandshakeOptions,
    #[command(flatten)]
    tls: ListenTlsOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// The client: started for each conversation with its URL for {url}, it has to echo until it is closed
    #[arg(last = true, required = true, value_name = "CMD … {url} …")]
    command: Vec<String>,
}

pub(super) async fn run(arguments: FuzzClientArguments) -> Exit {
    arguments.output.apply();
    let options = &arguments.fuzz;
    let seed = options.seed();
    let hunt = match options.hunt(Target::Client, seed) {
        Ok(hunt) => hunt,
        Err(exit) => return exit,
    };
    let client = Started {
        command: &arguments.command,
        tls: &arguments.tls,
        out: &options.playing.out,
        handshake: &arguments.handshake,
        seed,
        timeout: options.playing.timeout,
        before: "wsspec client",
        options: String::new(),
    };
    match client.subject() {
        Ok(client) => {
            let subjects = vec![Arc::new(client) as _];
            fuzz(hunt, subjects, seed, &options.playing, &arguments.output).await
        }
        Err(exit) => exit,
    }
}
