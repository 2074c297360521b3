//! An echo server.

use super::company::Company;
use super::endpoint::Endpoint;
use super::pace::write_head;
use super::random::random_masks;
use super::stream::Stream;
use super::tls::TlsServer;
use super::{prepare, read_to_end};
use crate::deflate::LEVEL_DEFAULT;
use crate::handshake::{Acceptance, Refusal, ServerHandshake, ServerOptions};
use crate::{CloseCode, Config, Connection, Deviation, Deviations, Liberties, Liberty, Role};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

/// How a server behaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerConfig {
    /// How handshakes are answered.
    pub handshake: ServerOptions,
    /// What holds once a connection is open.
    pub connection: Config,
    /// How hard to compress, from 0 to 9, if that is agreed on.
    pub compression_level: u8,
    /// How to speak TLS; `None` speaks none.
    pub tls: Option<TlsServer>,
    /// How many connections are served at once; others wait to be accepted.
    pub connections_max: usize,
    /// How long a client may take to ask.
    pub handshake_timeout: Duration,
    /// How long a client may take no octet while some wait for it.
    pub stall_timeout: Duration,
    /// What its connections share by deviations that are about several.
    pub company: Company,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            handshake: ServerOptions::default(),
            connection: Config::default(),
            compression_level: LEVEL_DEFAULT,
            tls: None,
            connections_max: 10_000,
            handshake_timeout: Duration::from_secs(10),
            stall_timeout: Duration::from_secs(30),
            company: Company::default(),
        }
    }
}

impl ServerConfig {
    /// The same server, departing from the RFC in handshake and connection.
    #[must_use]
    pub const fn deviating(mut self, deviations: Deviations) -> Self {
        self.handshake.deviations = deviations;
        self.connection.deviations = deviations;
        self
    }

    /// The same server, which does otherwise what the RFC leaves open.
    #[must_use]
    pub const fn taking(mut self, liberties: Liberties) -> Self {
        self.handshake.liberties = liberties;
        self.connection.liberties = liberties;
        if liberties.include(Liberty::WaitBeyond4) {
            self.connections_max = 4;
        }
        self
    }
}

/// A running echo server. It stops when this is dropped.
#[derive(Debug)]
pub struct EchoServer {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl EchoServer {
    /// Listens on `address` (port 0 for any) and echoes messages. Gives the address it listens on.
    ///
    /// # Errors
    /// `address` cannot be listened on.
    pub async fn start(
        address: impl ToSocketAddrs,
        config: ServerConfig,
    ) -> io::Result<(SocketAddr, Self)> {
        let listener = TcpListener::bind(address).await?;
        let local_address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(serve(listener, config, stopped));
        Ok((local_address, Self { stop, task }))
    }

    /// Accepts no more connections, starts the closing handshake on all there are with status
    /// code 1001, and waits until they are closed, within the timeouts of the configuration.
    pub async fn shut_down(self) {
        self.stop.send_replace(true);
        // The task ends in no other way than by returning.
        let _ = self.task.await;
    }
}

/// Echoes messages on all connections that `listener` accepts, until `stop` is set or its
/// sender dropped.
pub async fn serve(listener: TcpListener, config: ServerConfig, stop: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(config.connections_max));
    let refuses = config.connection.liberties.include(Liberty::RefuseBeyond8);
    let welcome = Arc::new(Semaphore::new(if refuses {
        8
    } else {
        config.connections_max
    }));
    let config = Arc::new(config);
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = stopped(stop.clone()) => break,
        };
        // Forget the connections that have ended.
        while connections.try_join_next().is_some() {}
        let Ok((stream, permit)) = accepted else {
            // Out of descriptors, most likely: connections have to end first.
            tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            continue;
        };
        let (config, stop) = (Arc::clone(&config), stop.clone());
        let place = Arc::clone(&welcome).try_acquire_owned();
        connections.spawn(async move {
            serve_connection(stream, &config, place.is_err(), stop).await;
            drop((permit, place));
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await;
    let permit = permit.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

/// Serves a connection, or tells the client that the server is `busy`.
async fn serve_connection(
    stream: TcpStream,
    config: &ServerConfig,
    busy: bool,
    stop: watch::Receiver<bool>,
) {
    // Without these replies are late, or a deviation does not show; nothing is wrong.
    let _ = prepare(&stream, &config.connection);
    let handshake = tokio::time::timeout(config.handshake_timeout, open(stream, config, busy));
    let opened = tokio::select! {
        opened = handshake => opened,
        () = stopped(stop.clone()) => return,
    };
    // Neither a client that took too long nor one whose TCP broke can be told anything.
    let Ok(Ok(Some(endpoint))) = opened else {
        return;
    };
    echo(endpoint, config, stop).await;
}

/// Echoes messages until the connection is closed, which is begun when `stop` is set.
async fn echo<S: AsyncRead + AsyncWrite + Unpin>(
    mut endpoint: Endpoint<S>,
    config: &ServerConfig,
    stop: watch::Receiver<bool>,
) {
    let deviations = config.connection.deviations;
    let (stopped, failure) = (stopped(stop), config.company.failure(deviations));
    tokio::pin!(stopped, failure);
    let mut stopping = false;
    loop {
        tokio::select! {
            biased;
            event = endpoint.next_event() => match event {
                Some(event) if deviations.is_empty() => endpoint.echo_event(event),
                Some(event) => {
                    if let Some(event) = config.company.share(event, deviations) {
                        endpoint.echo_event(event);
                    }
                }
                None => return,
            },
            () = &mut stopped, if !stopping => {
                stopping = true;
                // If it is not open any more, it is on its way to be closed.
                let _ = endpoint.connection().start_closing_handshake(CloseCode::GOING_AWAY, "");
            }
            () = &mut failure => return,
        }
    }
}

/// Answers the handshake that comes over `stream`, and echoes messages until the connection
/// is closed. There is no TLS.
pub async fn serve_stream<S: AsyncRead + AsyncWrite + Unpin>(stream: S, config: &ServerConfig) {
    let handshake =
        tokio::time::timeout(config.handshake_timeout, shake_hands(stream, config, false));
    // Nobody can be told what else there is.
    if let Ok(Ok(Some(endpoint))) = handshake.await {
        let (_never, stop) = watch::channel(false);
        echo(endpoint, config, stop).await;
    }
}

/// Speaks TLS, if that is wanted, and answers the handshake; `None` if it was refused.
async fn open(
    stream: TcpStream,
    config: &ServerConfig,
    busy: bool,
) -> io::Result<Option<Endpoint<Stream>>> {
    let deviations = config.connection.deviations;
    let stream = match &config.tls {
        None => Stream::Tcp(stream),
        Some(_) if answers_without_tls(&stream, config).await? => Stream::Tcp(stream),
        Some(tls) => match tls.accept_or_keep(stream).await {
            Ok(stream) => Stream::Tls(Box::new(stream)),
            // The client was told by an alert what is wrong.
            Err((_, stream)) => {
                if deviations.include(Deviation::KeepTcpOpenWithoutTls) {
                    // Until the time for the handshake is over.
                    std::future::pending::<()>().await;
                }
                drop(stream);
                return Ok(None);
            }
        },
    };
    shake_hands(stream, config, busy).await
}

/// Whether a client that does not speak TLS is answered all the same.
async fn answers_without_tls(stream: &TcpStream, config: &ServerConfig) -> io::Result<bool> {
    if !config
        .connection
        .deviations
        .include(Deviation::AcceptPlainOnTlsPort)
    {
        return Ok(false);
    }
    // A TLS handshake begins with a record of type 22 (RFC 8446 §5.1).
    let mut first = [0];
    Ok(stream.peek(&mut first).await? == 1 && first[0] != 22)
}

/// Answers the handshake; `None` if it was refused.
async fn shake_hands<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    config: &ServerConfig,
    busy: bool,
) -> io::Result<Option<Endpoint<S>>> {
    if config.company.is_over(config.connection.deviations) {
        std::future::pending::<()>().await;
    }
    let liberties = config.handshake.liberties;
    let keeps = liberties.include(Liberty::KeepRefusedConnections);
    let mut handshake = ServerHandshake::new(config.handshake.clone());
    let mut buffer = Vec::with_capacity(4 << 10);
    loop {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(None);
        }
        // One round, unless the connection is kept after a refusal and more is there already.
        loop {
            let refusal = match handshake.receive(&buffer) {
                Ok(None) => {
                    buffer.clear();
                    break;
                }
                Ok(Some(_)) if busy => handshake.refuse_as_busy(),
                Ok(Some(acceptance)) => {
                    write_head(&mut stream, &acceptance.response, liberties).await?;
                    let endpoint = endpoint(stream, config, &acceptance, &buffer);
                    return Ok(Some(endpoint));
                }
                Err(refusal) => refusal,
            };
            if config.handshake.deviations.stall_on_refusal() {
                read_to_end(&mut stream, &mut [0; 4 << 10]).await?;
                return Ok(None);
            }
            let Refusal {
                response, taken, ..
            } = *refusal;
            write_head(&mut stream, &response, liberties).await?;
            let Some(taken) = taken.filter(|_| keeps && !response.is_empty()) else {
                close_gently(stream).await?;
                return Ok(None);
            };
            handshake = ServerHandshake::new(config.handshake.clone());
            buffer.drain(..taken);
        }
    }
}

/// The connection that was opened; `received` came with the end of the request.
fn endpoint<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    config: &ServerConfig,
    acceptance: &Acceptance,
    received: &[u8],
) -> Endpoint<S> {
    let mut conduct = config.connection.clone();
    if conduct.deviations.include(Deviation::ShareFragments) {
        // Who puts them together is the company.
        conduct.liberties = conduct.liberties.with(Liberty::StreamFragments);
    }
    let mut connection = Connection::new(Role::Server, &conduct, random_masks());
    if let Some(agreement) = &acceptance.deflate {
        connection.use_deflate(agreement, config.compression_level);
    }
    let rest = &received[acceptance.taken..];
    Endpoint::new(stream, connection, rest, config.stall_timeout)
}

/// Closes our half and reads on for a while, lest a reset overtake what was written.
async fn close_gently<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    stream.shutdown().await?;
    let mut buffer = [0; 4 << 10];
    let mut left = DISCARDED_OCTETS_MAX;
    while left > 0 {
        match stream.read(&mut buffer).await? {
            0 => break,
            count => left = left.saturating_sub(count),
        }
    }
    Ok(())
}

/// Ready when `stop` is set or its sender is gone.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error says that the sender is gone.
    let _ = stop.wait_for(|&stop| stop).await;
}

const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);

/// How much of a refused request is read and dropped.
const DISCARDED_OCTETS_MAX: usize = 1 << 20;
