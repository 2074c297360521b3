//! Clients that we start, one process for each case.

use tokio::process::Command;

use super::process::Process;

/// The command of `wsspec client -- CMD … {url} …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCommand {
    words: Vec<String>,
}

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
}

impl ClientCommand {
    /// A command of these words; `{url}` may be a part of any of them.
    ///
    /// # Errors
    /// [`ClientCommandError`].
    pub fn new(words: Vec<String>) -> Result<Self, ClientCommandError> {
        if words.is_empty() {
            return Err(ClientCommandError::Missing);
        }
        if !words.iter().any(|word| word.contains("{url}")) {
            return Err(ClientCommandError::NoUrl { words });
        }
        Ok(Self { words })
    }

    /// The words, with `{url}` where the URL goes.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Starts the client with the URL of a case.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn start(&self, url: &str) -> std::io::Result<Process> {
        let mut words = self.words.iter().map(|word| word.replace("{url}", url));
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        Process::start(command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_says_where_the_url_goes() {
        let command = |words: &[&str]| {
            ClientCommand::new(words.iter().map(|word| (*word).to_owned()).collect())
        };
        assert!(command(&["client", "{url}"]).is_ok());
        assert!(command(&["client", "--url={url}", "-v"]).is_ok());
        assert_eq!(command(&[]), Err(ClientCommandError::Missing));
        assert!(matches!(
            command(&["client"]),
            Err(ClientCommandError::NoUrl { .. })
        ));
    }
}
