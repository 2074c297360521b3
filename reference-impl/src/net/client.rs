//! A client.

use super::connect_error::ConnectError;
use super::endpoint::Endpoint;
use super::pace::write_head;
use super::random::{random_masks, random_nonce};
use super::url::WebSocketUrl;
use super::{prepare, read_to_end};
use crate::deflate::LEVEL_DEFAULT;
use crate::handshake::{AsGiven, ClientHandshake, ClientOptions, Welcome};
use crate::{Config, Connection, Deviations, Liberties, Liberty, Role};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::{TcpStream, ToSocketAddrs};

/// How a client behaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientConfig {
    /// What to ask for.
    pub handshake: ClientOptions,
    /// What holds once the connection is open.
    pub connection: Config,
    /// How hard to compress, from 0 to 9, if that is agreed on.
    pub compression_level: u8,
    /// How long the server may take to answer.
    pub handshake_timeout: Duration,
    /// How long the server may take no octet while some wait for it.
    pub stall_timeout: Duration,
}

impl ClientConfig {
    /// A client that asks for `resource_name` of `host`, with or without a port.
    pub fn new(host: impl Into<String>, resource_name: impl Into<String>) -> Self {
        Self {
            handshake: ClientOptions::new(host, resource_name),
            connection: Config::default(),
            compression_level: LEVEL_DEFAULT,
            handshake_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(30),
        }
    }

    /// The same client, departing from the RFC in handshake and connection.
    #[must_use]
    pub const fn deviating(mut self, deviations: Deviations) -> Self {
        self.handshake.deviations = deviations;
        self.connection.deviations = deviations;
        self
    }

    /// The same client, which does otherwise what the RFC leaves open.
    #[must_use]
    pub const fn taking(mut self, liberties: Liberties) -> Self {
        self.handshake.liberties = liberties;
        self.connection.liberties = liberties;
        self
    }

    /// The same client, asking for `url`.
    ///
    /// User and password in the URL are sent as basic authentication, unless the options have
    /// an Authorization field.
    #[must_use]
    pub fn for_url(mut self, url: &WebSocketUrl) -> Self {
        self.handshake.host = url.authority();
        self.handshake.resource_name = url.resource_name();
        self.handshake.as_given = url.as_given.as_deref().cloned();
        let liberties = self.handshake.liberties;
        if url.as_given.is_none() && liberties.include(Liberty::AskForAbsoluteUri) {
            self.handshake.as_given = Some(absolute(url));
        }
        let fields = &mut self.handshake.fields;
        let has_authorization = fields
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("Authorization"));
        if let Some(authorization) = url.authorization().filter(|_| !has_authorization) {
            fields.push(("Authorization".to_owned(), authorization));
        }
        self
    }
}

/// What is sent where the request target is an absolute URI (§4.1 item 3).
fn absolute(url: &WebSocketUrl) -> AsGiven {
    let scheme = if url.is_secure() { "https" } else { "http" };
    let host = url.authority();
    AsGiven {
        target: format!("{scheme}://{host}{}", url.resource_name()),
        host,
    }
}

/// Connects to `address` and opens a WebSocket connection.
///
/// # Errors
/// By variant of [`ConnectError`].
pub async fn connect(
    address: impl ToSocketAddrs,
    config: ClientConfig,
) -> Result<(Endpoint<TcpStream>, Welcome), ConnectError> {
    let timeout = config.handshake_timeout;
    let stream = tokio::time::timeout(timeout, TcpStream::connect(address)).await;
    let stream = stream.map_err(|_| ConnectError::TimedOut { timeout })??;
    prepare(&stream, &config.connection)?;
    open(stream, config).await
}

/// Opens a WebSocket connection over `stream`.
///
/// # Errors
/// By variant of [`ConnectError`]. The stream is closed then.
pub async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    config: ClientConfig,
) -> Result<(Endpoint<S>, Welcome), ConnectError> {
    let timeout = config.handshake_timeout;
    tokio::time::timeout(timeout, shake_hands(stream, config))
        .await
        .map_err(|_| ConnectError::TimedOut { timeout })?
}

async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    config: ClientConfig,
) -> Result<(Endpoint<S>, Welcome), ConnectError> {
    let stalls = config.handshake.deviations.stall_on_refusal();
    let liberties = config.handshake.liberties;
    let mut handshake = ClientHandshake::new(config.handshake, random_nonce())?;
    write_head(&mut stream, &handshake.request(), liberties).await?;
    let mut buffer = vec![0; 4 << 10];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(ConnectError::Closed);
        }
        let received = handshake.receive(&buffer[..count]);
        if received.is_err() && stalls {
            read_to_end(&mut stream, &mut buffer).await?;
        }
        if let Some(welcome) = received? {
            let mut connection = Connection::new(Role::Client, &config.connection, random_masks());
            if let Some(agreement) = &welcome.deflate {
                connection.use_deflate(agreement, config.compression_level);
            }
            let rest = &buffer[welcome.taken..count];
            let endpoint = Endpoint::new(stream, connection, rest, config.stall_timeout);
            return Ok((endpoint, welcome));
        }
    }
}
