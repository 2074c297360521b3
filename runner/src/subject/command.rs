//! Clients that we start, one process for each case.

use std::path::PathBuf;

use tokio::process::Command;

use super::process::Process;
use super::{Program, Promise, Run, Status, Stopped};

/// The command of `wsspec client -- CMD … {url} …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCommand {
    words: Vec<String>,
    trusted: Option<Trusted>,
}

/// What a client over TLS has to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// The file of the certificate, as PEM.
    pub ca: PathBuf,
    /// Whether it is told by way of the environment, where OpenSSL, Rust and Node.js look.
    pub tells_environment: bool,
}

/// The environment variables that name the file of the certificate to trust.
const VARIABLES: [&str; 3] = ["WSSPEC_CA", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/// A command that cannot be a client's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientCommandError {
    /// There is none.
    #[error("the command is missing")]
    Missing,
    /// It does not say where the URL goes.
    #[error("the command {words:?} has no {{url}} in it, where the URL to connect to goes")]
    NoUrl {
        /// The command.
        words: Vec<String>,
    },
    /// It asks for a certificate where there is none.
    #[error(
        "the command {words:?} has {{ca}} in it, and there is no certificate without --tls or --cert"
    )]
    NoCa {
        /// The command.
        words: Vec<String>,
    },
}

impl ClientCommand {
    /// A command of these words; `{url}` may be a part of any of them, and `{ca}` too where
    /// the client is to use TLS.
    ///
    /// # Errors
    /// [`ClientCommandError`].
    pub fn new(words: Vec<String>, trusted: Option<Trusted>) -> Result<Self, ClientCommandError> {
        if words.is_empty() {
            return Err(ClientCommandError::Missing);
        }
        if !words.iter().any(|word| word.contains("{url}")) {
            return Err(ClientCommandError::NoUrl { words });
        }
        if trusted.is_none() && words.iter().any(|word| word.contains("{ca}")) {
            return Err(ClientCommandError::NoCa { words });
        }
        Ok(Self { words, trusted })
    }

    /// The words, with `{url}` where the URL goes.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

impl Program for ClientCommand {
    fn written(&self) -> String {
        self.words.join(" ")
    }

    fn start(&self, url: &str) -> std::io::Result<Box<dyn Run>> {
        let ca = self.trusted.as_ref().map(|trusted| &trusted.ca);
        let ca = ca.map_or_else(String::new, |ca| ca.display().to_string());
        let named = |word: &String| word.replace("{ca}", &ca).replace("{url}", url);
        let mut words = self.words.iter().map(named);
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        if self
            .trusted
            .as_ref()
            .is_some_and(|trusted| trusted.tells_environment)
        {
            command.envs(VARIABLES.map(|name| (name, &ca)));
        }
        Ok(Box::new(Process::start(command)?))
    }
}

impl Run for Process {
    fn ended(&mut self) -> Promise<'_, ()> {
        Box::pin(async { drop(Process::ended(self).await) })
    }

    fn stop(&mut self) -> Promise<'_, (Status, Stopped, String)> {
        Box::pin(async {
            let (status, stopped) = Process::stop(self).await;
            (status, stopped, self.last_output().await)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_says_where_the_url_goes() {
        let command = |words: &[&str]| {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            ClientCommand::new(words, None)
        };
        assert!(command(&["client", "{url}"]).is_ok());
        assert!(command(&["client", "--url={url}", "-v"]).is_ok());
        assert_eq!(command(&[]), Err(ClientCommandError::Missing));
        assert!(matches!(
            command(&["client"]),
            Err(ClientCommandError::NoUrl { .. })
        ));
        assert!(matches!(
            command(&["client", "{ca}", "{url}"]),
            Err(ClientCommandError::NoCa { .. })
        ));
    }
}
