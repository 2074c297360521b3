//! Performing a case on a connection and recording what happened.
//!
//! Nothing here knows verdicts. A [`Watch`] sees each entry of the transcript as it
//! is made and says whether to wait, to close or to stop; the judge is one.
//!
//! One conversation goes through the phases of
//! [`Phase`](wsspec_record::transcript::Phase): opening, liveness, script, barrier,
//! waiting, closing.

mod converse;
mod deflate;
mod encode;
mod excerpt;
mod fitting;
mod handshake;
mod link;
mod log;
mod opening;
mod place;
mod play;
mod session;

use std::time::Duration;

use wsspec_cases::Observation;
use wsspec_record::transcript::{Entry, Transcript};
use wsspec_reference::net::{Stream, TlsClient};

use wsspec_judge::observe::UrlFacts;
use wsspec_judge::{Judge, Next};

pub use link::{Connect, End, Link, LinkError, Pending, pair};
pub use place::Place;
pub use play::{play_client, play_server, play_server_over};

/// Sees a conversation while it takes place.
pub trait Watch {
    /// Takes the next entry of the transcript.
    fn observe(&mut self, entry: &Entry);
    /// What should happen next.
    fn next(&self) -> Next;
    /// Whether the target has done this since the present phase of the case began.
    fn has_seen(&self, observation: &Observation) -> bool;
}

impl Watch for Judge<'_> {
    fn observe(&mut self, entry: &Entry) {
        self.observe(entry);
    }

    fn next(&self) -> Next {
        self.next()
    }

    fn has_seen(&self, observation: &Observation) -> bool {
        self.has_seen(observation)
    }
}

/// How long to wait. Every wait ends with the event that it waits for; these only
/// bound it.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the target to accept a connection, and for its side of the handshake: who serves
    /// one after the other keeps others waiting, which is no answer to anything.
    pub opening: Duration,
    /// For an answer of the target, such as an echo, and for the end of TCP: §7.1.1 names no
    /// time in which it has to come.
    pub answer: Duration,
    /// How much longer than written a quiet period inside of a frame lasts, for
    /// targets that take long for everything.
    pub quiet_factor: u32,
}

impl Patience {
    /// Patience that follows from the time to wait for an answer.
    pub fn new(answer: Duration) -> Self {
        Self {
            opening: answer,
            answer,
            quiet_factor: 1,
        }
    }
}

/// A server as the driver sees it.
#[derive(Debug, Clone)]
pub struct ServerAddress {
    /// Where to connect to over TCP, tried in order.
    pub addresses: Vec<std::net::SocketAddr>,
    /// Whom to speak TLS with, where it is a `wss` server.
    pub secure: Option<SecureName>,
    /// The value of the Host field.
    pub host: String,
    /// Path and query.
    pub path: String,
    /// Header fields for every opening handshake, such as credentials.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that are offered unless a case offers its own.
    pub subprotocols: Vec<String>,
}

/// Who answers over TLS.
#[derive(Debug, Clone)]
pub struct SecureName {
    /// Whose certificates are trusted.
    pub client: TlsClient,
    /// The name that the certificate has to have, which is also sent (SNI).
    pub name: String,
}

/// A client that has connected and sent the head of its request.
#[derive(Debug)]
pub struct Caller {
    link: Box<dyn Link>,
    head: Vec<u8>,
    behind: Vec<u8>,
    reception: Reception,
    /// Over TLS: the name that it asked for, if any.
    server_name: Option<Option<String>>,
}

impl Caller {
    /// A client over a connection from which `head` was read, up to and with the empty
    /// line, and `behind` too.
    ///
    /// # Errors
    /// Where the connection is gone already.
    pub fn new(
        stream: Stream,
        head: Vec<u8>,
        behind: Vec<u8>,
        reception: Reception,
    ) -> std::io::Result<Self> {
        let name = stream.server_name().map(str::to_owned);
        let server_name = stream.is_secure().then_some(name);
        let caller = Self::over(<dyn Link>::over(stream)?, head, behind, reception);
        Ok(Self {
            server_name,
            ..caller
        })
    }

    /// The same over any link.
    pub fn over(link: Box<dyn Link>, head: Vec<u8>, behind: Vec<u8>, reception: Reception) -> Self {
        Self {
            link,
            head,
            behind,
            reception,
            server_name: None,
        }
    }
}

/// How a client is received: what is known of it, and what we are as a server, whatever
/// the case.
#[derive(Debug, Clone, Default)]
pub struct Reception {
    /// What the URL can be taken for that the client was given, where it is known.
    pub urls: Vec<UrlFacts>,
    /// What the client was given, where that is no plain URL.
    pub given: Option<String>,
    /// Keys of earlier connections of the same client, where the case looks at them.
    pub earlier_keys: Vec<String>,
    /// Header fields for every response.
    pub headers: Vec<(String, String)>,
    /// Subprotocols that we speak, unless a case selects one.
    pub subprotocols: Vec<String>,
}

/// A mistake of ours: the case asks for something that cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// A payload cannot be made.
    #[error(transparent)]
    Payload(#[from] wsspec_cases::payload::PayloadError),
    /// A frame cannot be made.
    #[error(transparent)]
    Frame(#[from] encode::EncodeError),
}

/// What one playing of a case gave.
#[derive(Debug)]
pub struct Played {
    /// What was seen on the wire.
    pub transcript: Transcript,
    /// What the target calls itself, if it says so.
    pub product: Option<String>,
    /// The time from the proof of life's message to its echo.
    pub round_trip: Option<Duration>,
}
