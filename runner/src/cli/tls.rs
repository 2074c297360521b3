//! TLS on the command line: whom we trust, and as whom we listen.

use std::path::{Path, PathBuf};

use clap::Args;
use wsspec_cases::opening::OpeningTls;
use wsspec_reference::net::{
    Authority, Identity, TlsClient, TlsError, TlsServer, Trust, local_names,
};

use super::values::shell_word;
use crate::drive::SecureName;

/// Whom to trust as a client of servers over TLS.
#[derive(Debug, Clone, Args)]
pub(super) struct TrustOptions {
    /// Trust the certificates in this PEM file, and no others, when grading wss servers
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    /// Trust any certificate when grading wss servers
    #[arg(long)]
    insecure: bool,
    /// The name that the certificate of a wss server has to have, if it is not the host of the URL
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
}

impl TrustOptions {
    /// Whom to speak TLS with where a URL has this host.
    ///
    /// # Errors
    /// Where the certificates to trust cannot be had.
    pub(super) fn secure(&self, host: &str) -> Result<SecureName, TlsError> {
        let trust = match &self.ca {
            Some(path) => Trust::File(path.clone()),
            None if self.insecure => Trust::Anything,
            None => Trust::System,
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Ok(SecureName {
            client: TlsClient::new(&trust)?,
            name: self.server_name.clone().unwrap_or_else(|| bare.to_owned()),
        })
    }

    /// Options that a replay has to repeat.
    pub(super) fn replay_options(&self) -> impl Iterator<Item = String> {
        let ca = self.ca.iter().map(|path| option("--ca", path));
        let insecure = self.insecure.then(|| "--insecure".to_owned());
        let name = self.server_name.iter();
        let name = name.map(|name| format!("--server-name {}", shell_word(name)));
        ca.chain(insecure).chain(name)
    }
}

/// As whom to listen for clients over TLS.
#[derive(Debug, Clone, Args)]
pub(super) struct ListenTlsOptions {
    /// Speak TLS (wss) with a certificate made for this run; the one to trust is written to ca.pem in --out
    #[arg(long, conflicts_with_all = ["cert", "key"])]
    tls: bool,
    /// Speak TLS (wss) with the certificate chain in this PEM file
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// The private key that belongs to --cert, as PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
}

/// How we listen over TLS.
#[derive(Debug)]
pub(super) struct Listening {
    pub(super) server: TlsServer,
    /// The file of what to trust, by its whole path.
    pub(super) ca: PathBuf,
    /// Whether the certificate was made for this run, so that nobody trusts it yet.
    pub(super) is_throw_away: bool,
    /// With certificates that no client may take.
    pub(super) impostors: Vec<(OpeningTls, TlsServer)>,
}

/// Why we cannot listen over TLS.
#[derive(Debug, thiserror::Error)]
pub(super) enum ListeningError {
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl ListenTlsOptions {
    /// Makes or reads the certificate.
    ///
    /// # Errors
    /// [`ListeningError`].
    pub(super) fn listening(
        &self,
        listen: &str,
        out: &Path,
    ) -> Result<Option<Listening>, ListeningError> {
        if let (Some(cert), Some(key)) = (&self.cert, &self.key) {
            return Ok(Some(Listening {
                server: TlsServer::new(Identity::from_files(cert, key)?)?,
                ca: absolute(cert),
                is_throw_away: false,
                impostors: vec![(OpeningTls::Untrusted, untrusted(listen)?)],
            }));
        }
        if !self.tls {
            return Ok(None);
        }
        let (authority, names) = (Authority::throw_away()?, names(listen));
        let other_name = ["other.example".to_owned()];
        let impostors = vec![
            (OpeningTls::Untrusted, untrusted(listen)?),
            (
                OpeningTls::Expired,
                TlsServer::new(authority.issue_expired(&names)?)?,
            ),
            (
                OpeningTls::OtherName,
                TlsServer::new(authority.issue(&other_name)?)?,
            ),
        ];
        let identity = authority.issue(&names)?;
        let path = absolute(&out.join("ca.pem"));
        std::fs::create_dir_all(out)
            .and_then(|()| std::fs::write(&path, authority.pem()))
            .map_err(|source| ListeningError::Unwritable {
                path: path.clone(),
                source,
            })?;
        Ok(Some(Listening {
            server: TlsServer::new(identity)?,
            ca: path,
            is_throw_away: true,
            impostors,
        }))
    }

    /// Options that a replay has to repeat.
    pub(super) fn replay_options(&self) -> impl Iterator<Item = String> {
        let tls = self.tls.then(|| "--tls".to_owned());
        let cert = self.cert.iter().map(|path| option("--cert", path));
        let key = self.key.iter().map(|path| option("--key", path));
        tls.into_iter().chain(cert).chain(key)
    }
}

/// With a certificate of an authority that nobody knows.
fn untrusted(listen: &str) -> Result<TlsServer, TlsError> {
    let (identity, _) = Identity::issued_by_nobody(&names(listen))?;
    TlsServer::new(identity)
}

/// The names that clients may know us under, those in URLs of cases among them.
fn names(listen: &str) -> Vec<String> {
    let mut names = local_names(listen);
    names.extend(["wsspec.localhost", "xn--bcher-kva.localhost"].map(str::to_owned));
    names
}

fn option(name: &str, path: &Path) -> String {
    format!("{name} {}", shell_word(&path.display().to_string()))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
