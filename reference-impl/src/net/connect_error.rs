//! Why there is no connection.

use super::tls::TlsError;
use super::url::UrlError;
use crate::handshake::{OptionsError, ProxyError, ResponseError};
use std::io;
use std::time::Duration;

/// Why no connection was established.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The options do not make a lawful request.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The server's response does not establish a connection.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The server closed TCP before its response was complete.
    #[error("the server closed TCP before its response was complete")]
    Closed,
    /// The server did not answer in time.
    #[error("the server did not answer within {timeout:?}")]
    TimedOut {
        /// The time it had.
        timeout: Duration,
    },
    /// There was no connection in time: TCP, proxy and TLS took too long.
    #[error("no connection was made within {timeout:?}")]
    ConnectTimedOut {
        /// The time there was.
        timeout: Duration,
    },
    /// TLS failed.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The proxy gave no tunnel.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// A redirection is not followed.
    #[error(transparent)]
    Redirect(#[from] RedirectError),
    /// The network failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ConnectError {
    /// Whether the options make no lawful request, so that nothing was tried.
    pub const fn is_callers_fault(&self) -> bool {
        matches!(self, Self::Options(_))
    }
}

/// A redirection is not followed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RedirectError {
    /// There were more than wanted.
    #[error("more than {max} redirections, the last one to {location:?}")]
    TooMany {
        /// How many were to be followed.
        max: u32,
        /// Where this one leads.
        location: String,
    },
    /// It names no place.
    #[error("a redirection with status {status} says nowhere to go")]
    LocationMissing {
        /// The status of the response.
        status: u16,
    },
    /// It leads to what is no WebSocket URL.
    #[error("a redirection leads to {location:?}: {error}")]
    Location {
        /// Where it leads.
        location: String,
        /// Why that is no WebSocket URL.
        error: UrlError,
    },
    /// It leads from TLS to no TLS.
    #[error("a redirection leads to {location} and so away from TLS")]
    Insecure {
        /// Where it leads.
        location: String,
    },
}
