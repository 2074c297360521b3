//! Where a server is (RFC 6455 §3).

use std::net::SocketAddr;

use url::Url;

use crate::drive::{SecureName, ServerAddress};

/// A server to grade, as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedServer {
    /// Its name in results and reports.
    pub name: String,
    /// Its URL, normalised.
    pub url: Url,
}

/// Why a target cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The text is no URL.
    #[error("{text:?} is no URL: {reason}; expected something like ws://127.0.0.1:9001/path")]
    NotAUrl {
        /// The text as the user wrote it.
        text: String,
        /// What the URL parser says.
        reason: String,
    },
    /// The scheme is neither `ws` nor `wss`.
    #[error("{url} has the scheme {scheme}, expected ws or wss")]
    Scheme {
        /// The URL.
        url: String,
        /// Its scheme.
        scheme: String,
    },
    /// The URL has a fragment, which §3 forbids.
    #[error("{url} has a fragment, and RFC 6455 §3 allows none; write # as %23 in a path")]
    Fragment {
        /// The URL.
        url: String,
    },
    /// The host has no address.
    #[error("{host} has no address: {reason}")]
    NoAddress {
        /// The host and port.
        host: String,
        /// What the resolver says.
        reason: String,
    },
}

impl std::str::FromStr for NamedServer {
    type Err = TargetError;

    /// Reads `URL` or `NAME=URL`.
    fn from_str(text: &str) -> Result<Self, TargetError> {
        // A name has no colon, so that `ws://h/?a=b` is not taken for one.
        let (name, address) = match text.split_once('=') {
            Some((name, address)) if !name.contains(':') && !name.is_empty() => {
                (Some(name), address)
            }
            _ => (None, text),
        };
        let url = Url::parse(address).map_err(|error| TargetError::NotAUrl {
            text: address.to_owned(),
            reason: error.to_string(),
        })?;
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(TargetError::Scheme {
                url: url.to_string(),
                scheme: url.scheme().to_owned(),
            });
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment {
                url: url.to_string(),
            });
        }
        let name = name.map_or_else(|| host_field(&url), str::to_owned);
        Ok(Self { name, url })
    }
}

impl NamedServer {
    /// Whether it is reached over TLS.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// Looks the host up and says how to reach the server.
    ///
    /// # Errors
    /// [`TargetError::NoAddress`].
    pub async fn resolve(
        &self,
        headers: &[(String, String)],
        subprotocols: &[String],
        secure: Option<SecureName>,
    ) -> Result<ServerAddress, TargetError> {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port_or_known_default().unwrap_or(80);
        let no_address = |reason: String| TargetError::NoAddress {
            host: format!("{host}:{port}"),
            reason,
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<SocketAddr> = tokio::net::lookup_host((bare, port))
            .await
            .map_err(|error| no_address(error.to_string()))?
            .collect();
        if addresses.is_empty() {
            return Err(no_address("the resolver knows none".into()));
        }
        let path = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        Ok(ServerAddress {
            addresses,
            host: host_field(&self.url),
            path,
            headers: headers.to_vec(),
            subprotocols: subprotocols.to_vec(),
            secure,
        })
    }
}

/// The value of the Host field: the port is named unless it is the scheme's own.
fn host_field(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_names_are_told_apart() {
        for (text, name, url) in [
            (
                "ws://127.0.0.1:9001",
                "127.0.0.1:9001",
                "ws://127.0.0.1:9001/",
            ),
            ("ws://h/p?a=b", "h", "ws://h/p?a=b"),
            ("mine=ws://h:80/?a=b", "mine", "ws://h/?a=b"),
            ("ws://[::1]:9/", "[::1]:9", "ws://[::1]:9/"),
            ("wss://h:443/", "h", "wss://h/"),
        ] {
            let server: NamedServer = text.parse().unwrap();
            assert_eq!(
                (server.name.as_str(), server.url.as_str()),
                (name, url),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_graded_is_refused() {
        for (text, expected) in [
            ("127.0.0.1:9001", "is no URL"),
            ("http://h/", "has the scheme http, expected ws or wss"),
            ("ws://h/#x", "RFC 6455 §3 allows none"),
            ("ws://", "is no URL"),
        ] {
            let error = text.parse::<NamedServer>().unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
