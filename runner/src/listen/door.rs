//! Accepting connections and reading what they ask for.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use wsspec_reference::net::{Stream, TlsServer};

use super::Query;
use crate::drive::{Caller, Reception};
use wsspec_judge::observe::{HeadReader, Request};

/// How many connections are open at once. For another one, who has been silent for longest
/// has to leave; where nobody is silent, it waits to be accepted.
const CONNECTIONS_MAX: usize = 1024;
/// How long to wait where no connection can be accepted.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(50);
const BUFFER_OCTETS: usize = 4 * 1024;

/// A listener that we open to strangers.
#[derive(Debug)]
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsServer>,
}

/// What came through the door.
#[derive(Debug)]
pub(crate) enum Visit {
    /// Somebody who asks for something.
    Request(Visitor),
    /// Somebody who asks for something without TLS, where it is to be spoken.
    Plain(Visitor),
    /// Somebody who asked for nothing that could be read.
    Mute(Silence),
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    #[error("sent no whole request in time")]
    Late,
    #[error("ended without a word")]
    Unspoken,
    #[error("ended before it sent a whole request")]
    Ended,
    #[error("sent something that is no HTTP request")]
    NotHttp,
    #[error("sent a request without an end")]
    Endless,
    /// What our side of TLS says.
    #[error("{0}")]
    Tls(String),
}

/// Somebody who has sent a request.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(crate) stream: Stream,
    pub(crate) request: Request,
    /// The head as it came, up to and with the empty line.
    pub(crate) head: Vec<u8>,
    /// What was read behind it.
    pub(crate) behind: Vec<u8>,
}

impl Door {
    /// Listens, and speaks TLS where that is given.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) async fn open(address: &str, tls: Option<TlsServer>) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            tls,
        })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Receives everybody who comes, with the address they come from, each in a task of its
    /// own, until this is dropped.
    pub(crate) async fn receive<F>(
        self,
        patience: Duration,
        receive: impl Fn(SocketAddr, Visit) -> F + Send + Sync + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let receive = Arc::new(receive);
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut visits = JoinSet::new();
        let mut silent = VecDeque::new();
        loop {
            if permits.available_permits() == 0 {
                send_away(&mut silent, 1);
            }
            let permit = Arc::clone(&permits).acquire_owned().await;
            // Forget those that have left.
            while visits.try_join_next().is_some() {}
            let Ok((stream, from)) = self.listener.accept().await else {
                // Out of descriptors, most likely: others have to leave first.
                let half = silent.len().div_ceil(2);
                send_away(&mut silent, half);
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                continue;
            };
            let (receive, tls) = (Arc::clone(&receive), self.tls.clone());
            let (leave, asked_to_leave) = oneshot::channel();
            silent.push_back(leave);
            if silent.len() > CONNECTIONS_MAX {
                silent.retain(|leave| !leave.is_closed());
            }
            visits.spawn(async move {
                let visit = tokio::select! {
                    visit = listen_to(stream, tls.as_ref(), patience) => visit,
                    _ = asked_to_leave => Visit::Mute(Silence::Late),
                };
                receive(from, visit).await;
                drop(permit);
            });
        }
    }
}

/// Has so many of those leave who have said nothing for longest.
fn send_away(silent: &mut VecDeque<oneshot::Sender<()>>, count: usize) {
    let mut left = count;
    while left > 0
        && let Some(leave) = silent.pop_front()
    {
        left -= usize::from(leave.send(()).is_ok());
    }
}

async fn listen_to(stream: TcpStream, tls: Option<&TlsServer>, patience: Duration) -> Visit {
    let listen = async {
        let stream = match tls {
            None => Stream::Tcp(stream),
            Some(_) if !begins_tls(&stream).await => {
                return match read_head(Stream::Tcp(stream)).await {
                    Visit::Request(visitor) => Visit::Plain(visitor),
                    visit => visit,
                };
            }
            Some(tls) => match tls.accept(stream).await {
                Ok(stream) => Stream::Tls(Box::new(stream)),
                Err(error) => return Visit::Mute(Silence::Tls(error.to_string())),
            },
        };
        read_head(stream).await
    };
    let visit = tokio::time::timeout(patience, listen).await;
    visit.unwrap_or(Visit::Mute(Silence::Late))
}

/// Whether the first octet is that of a TLS handshake (RFC 8446 §5.1). Who sends nothing
/// may be about to.
async fn begins_tls(stream: &TcpStream) -> bool {
    let mut first = [0];
    !matches!(stream.peek(&mut first).await, Ok(1) if first[0] != 22)
}

async fn read_head(mut stream: Stream) -> Visit {
    let mut reader = HeadReader::default();
    let mut buffer = [0; BUFFER_OCTETS];
    loop {
        let octets = match stream.read(&mut buffer).await {
            Ok(0) | Err(_) if reader.octets().is_empty() => return Visit::Mute(Silence::Unspoken),
            Ok(0) | Err(_) => return Visit::Mute(Silence::Ended),
            Ok(count) => &buffer[..count],
        };
        if let Some(behind) = reader.receive(octets) {
            let behind = octets[octets.len() - behind..].to_vec();
            let head = reader.octets().to_vec();
            return match Request::parse(&head) {
                None => Visit::Mute(Silence::NotHttp),
                Some(request) => Visit::Request(Visitor {
                    stream,
                    request,
                    head,
                    behind,
                }),
            };
        }
        if reader.is_too_large() {
            return Visit::Mute(Silence::Endless);
        }
    }
}

impl Visitor {
    /// What is asked for.
    pub(crate) fn query(&self) -> Query {
        Query::of(&self.request.target)
    }

    /// As a client that a case is played with.
    ///
    /// # Errors
    /// Where the connection is gone.
    pub(crate) fn into_caller(self, reception: Reception) -> io::Result<Caller> {
        Caller::new(self.stream, self.head, self.behind, reception)
    }
}
