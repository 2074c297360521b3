//! `wsspec echo server`.

use std::path::{Path, PathBuf};

use clap::Args;
use wsspec_reference::Role;
use wsspec_reference::net::{EchoServer, Identity, ServerConfig, TlsServer, local_names};

use super::{EndpointOptions, problem};
use crate::cli::{Exit, signal};

#[derive(Debug, Args)]
pub(super) struct ServerArguments {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9001")]
    listen: String,
    /// Speak TLS (wss) with a certificate made for this run
    #[arg(long, conflicts_with_all = ["cert", "key"])]
    tls: bool,
    /// Save the certificate made for this run, as PEM, for clients to trust
    #[arg(long, value_name = "FILE", requires = "tls")]
    save_cert: Option<PathBuf>,
    /// Save the key of the certificate made for this run, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    save_key: Option<PathBuf>,
    /// Speak TLS (wss) with the certificate chain in this PEM file
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The private key that belongs to --cert, as PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    #[command(flatten)]
    endpoint: EndpointOptions,
}

pub(super) async fn run(arguments: ServerArguments) -> Exit {
    let options = &arguments.endpoint;
    if let Some(exit) = options.list() {
        return exit;
    }
    let ways = options
        .deviations(Role::Server)
        .and_then(|deviations| Ok((deviations, options.liberties(Role::Server)?)));
    let mut config = match ways {
        Ok((deviations, liberties)) => ServerConfig::default()
            .deviating(deviations)
            .taking(liberties),
        Err(words) => return problem::complain(Exit::Usage, &words),
    };
    if arguments.endpoint.no_compression {
        config.handshake.deflate = None;
    }
    config.tls = match tls(&arguments) {
        Ok(tls) => tls,
        Err(error) => return problem::fail(Exit::Usage, error.as_ref()),
    };
    let scheme = if config.tls.is_some() { "wss" } else { "ws" };
    let (address, server) = match EchoServer::start(&arguments.listen, config).await {
        Ok(started) => started,
        Err(error) => {
            let words = format!("cannot listen on {}: {error}", arguments.listen);
            return problem::complain(Exit::NoRun, &words);
        }
    };
    anstream::println!("listening on {scheme}://{address}/");
    signal::asked_to_stop().await;
    server.shut_down().await;
    Exit::Conforms
}

fn tls(arguments: &ServerArguments) -> Result<Option<TlsServer>, Box<dyn std::error::Error>> {
    let identity = match (&arguments.cert, &arguments.key) {
        (Some(certificates), Some(key)) => Identity::from_files(certificates, key)?,
        _ if arguments.tls => Identity::throw_away(&local_names(&arguments.listen))?,
        _ => return Ok(None),
    };
    if let Some((certificate, key)) = identity.pem() {
        save(arguments.save_cert.as_deref(), certificate)?;
        save(arguments.save_key.as_deref(), key)?;
    }
    Ok(Some(TlsServer::new(identity)?))
}

fn save(path: Option<&Path>, pem: &str) -> Result<(), String> {
    match path {
        None => Ok(()),
        Some(path) => std::fs::write(path, pem)
            .map_err(|error| format!("cannot write {}: {error}", path.display())),
    }
}
