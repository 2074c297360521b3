//! Where connections are handed to the cases that wait for them.

use std::collections::HashMap;
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpSocket;
use tokio::sync::oneshot;
use wsspec_record::transcript::Stray;

use crate::listen::{Content, Silence, Status, Visit, Visitor, respond};

/// How much of a request target is kept, in characters.
const TARGET_CHARS_KEPT: usize = 200;

/// Hands connections to the cases that wait for them.
#[derive(Debug, Default)]
pub(super) struct Desk {
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    /// The number of the next case.
    next: u64,
    /// Cases that are under way.
    open: HashMap<u64, Expected>,
    /// Connections of our own, by which we know that those before them were seen, by the
    /// address that they come from.
    knocks: HashMap<SocketAddr, oneshot::Sender<()>>,
    /// Connections that belong to no case.
    strays: u64,
    stray: Option<Stray>,
}

#[derive(Debug)]
struct Expected {
    /// Where the first connection goes.
    first: Option<oneshot::Sender<Visitor>>,
    connections: u32,
}

/// A case's place at the desk, until it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    desk: Arc<Desk>,
    pub(super) number: u64,
    strays_before: u64,
}

impl Desk {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        // Nothing that holds the lock can panic half-way through a change.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Expects a connection.
    pub(super) fn expect(self: &Arc<Self>) -> (Ticket, oneshot::Receiver<Visitor>) {
        let (sender, receiver) = oneshot::channel();
        let mut entries = self.entries();
        let number = entries.next;
        entries.next += 1;
        let expected = Expected {
            first: Some(sender),
            connections: 0,
        };
        entries.open.insert(number, expected);
        let ticket = Ticket {
            desk: Arc::clone(self),
            number,
            strays_before: entries.strays,
        };
        (ticket, receiver)
    }

    /// Comes through the door, says nothing, and waits until that is noticed.
    pub(super) async fn knock(&self, address: SocketAddr) -> std::io::Result<()> {
        let (socket, here) = if address.is_ipv4() {
            (TcpSocket::new_v4()?, SocketAddr::from(([127, 0, 0, 1], 0)))
        } else {
            let here = SocketAddr::from((Ipv6Addr::LOCALHOST, 0));
            (TcpSocket::new_v6()?, here)
        };
        socket.bind(here)?;
        let (sender, heard) = oneshot::channel();
        self.entries().knocks.insert(socket.local_addr()?, sender);
        drop(socket.connect(address).await?);
        let _ = heard.await;
        Ok(())
    }

    /// Brings a connection to the case that it asks for.
    pub(super) async fn receive(&self, from: SocketAddr, visit: Visit) {
        let knock = self.entries().knocks.remove(&from);
        if let Some(heard) = knock {
            let _ = heard.send(());
            return;
        }
        let visitor = match visit {
            Visit::Request(visitor) => visitor,
            Visit::Plain(visitor) => {
                let target = bounded(&visitor.request.target);
                return self.astray(Stray::AskedWithoutTls { target });
            }
            Visit::Mute(silence) => {
                return self.astray(match silence {
                    Silence::Tls(error) => Stray::NoTls { error },
                    Silence::Unspoken => Stray::Unspoken,
                    Silence::Ended => Stray::CutShort,
                    Silence::Late => Stray::Late,
                    Silence::NotHttp => Stray::NotHttp,
                    Silence::Endless => Stray::Endless,
                });
            }
        };
        let (status, text) = match self.first_for(number_in(&visitor)) {
            Some(Some(sender)) => {
                // A case that has given up meanwhile closes the connection by not taking it.
                let _ = sender.send(visitor);
                return;
            }
            Some(None) => (Status::Conflict, "This case is under way already."),
            None => {
                let target = bounded(&visitor.request.target);
                self.astray(Stray::Asked { target });
                (Status::NotFound, "There is no case here.")
            }
        };
        respond(visitor.stream, status, Content::Text(text.into())).await;
    }

    /// Counts a connection for a case: where it goes if it is the first one.
    fn first_for(&self, number: Option<u64>) -> Option<Option<oneshot::Sender<Visitor>>> {
        let mut entries = self.entries();
        let expected = entries.open.get_mut(&number?)?;
        expected.connections += 1;
        Some(expected.first.take())
    }

    fn astray(&self, stray: Stray) {
        let mut entries = self.entries();
        entries.strays += 1;
        entries.stray = Some(stray);
    }
}

/// As much of a request target as is kept.
fn bounded(target: &str) -> String {
    target.chars().take(TARGET_CHARS_KEPT).collect()
}

/// The number of the case that is asked for.
fn number_in(visitor: &Visitor) -> Option<u64> {
    let query = visitor.query();
    let mut segments = query.segments();
    match (segments.next(), segments.next(), query.parameter("run")) {
        (Some("run"), Some(number), _) | (Some(""), None, Some(number)) => number.parse().ok(),
        _ => None,
    }
}

impl Ticket {
    /// What a client asks for who comes for this case.
    pub(super) fn path(&self, case: &str) -> String {
        format!("/run/{}/{case}", self.number)
    }

    /// How many connections came for the case.
    pub(super) fn connections(&self) -> u32 {
        let entries = self.desk.entries();
        let expected = entries.open.get(&self.number);
        expected.map_or(0, |expected| expected.connections)
    }

    /// A connection that came while this case was under way and belongs to none.
    pub(super) fn stray(&self) -> Option<Stray> {
        let entries = self.desk.entries();
        (entries.strays > self.strays_before).then(|| entries.stray.clone())?
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.desk.entries().open.remove(&self.number);
    }
}
