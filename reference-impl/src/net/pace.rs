//! When and in which pieces an endpoint sends, for liberties: the core knows no time.

use crate::frame::Opcode;
use crate::{Liberties, Liberty as L};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::Instant;

/// When an endpoint sends, and what it sends by itself.
#[derive(Debug)]
pub(super) struct Pace {
    liberties: Liberties,
    heartbeat: Option<Heartbeat>,
    next_beat: Option<Instant>,
    /// When what waits may be written.
    write_at: Option<Instant>,
    /// When our half of TCP may be closed.
    half_close_at: Option<Instant>,
    /// Which of these times is waited for.
    waits_until: Option<Instant>,
}

/// A control frame that is sent again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heartbeat {
    pub(super) opcode: Opcode,
    interval: Duration,
    /// Whether it goes on behind our Close frame.
    pub(super) until_tcp_ends: bool,
}

/// What a heartbeat carries.
pub(super) const HEARTBEAT: &[u8] = b"heartbeat";

const HEARTBEATS: &[(L, Heartbeat)] = &[
    (L::PingEvery2Ms, heartbeat(Opcode::PING, 2, false)),
    (L::PongEvery2Ms, heartbeat(Opcode::PONG, 2, false)),
    (L::PingUntilTcpEnds, heartbeat(Opcode::PING, 5, true)),
    (L::PongUntilTcpEnds, heartbeat(Opcode::PONG, 5, true)),
];

const fn heartbeat(opcode: Opcode, milliseconds: u64, until_tcp_ends: bool) -> Heartbeat {
    Heartbeat {
        opcode,
        interval: Duration::from_millis(milliseconds),
        until_tcp_ends,
    }
}

const LATE: Duration = Duration::from_millis(20);
const BETWEEN_FRAGMENTS: Duration = Duration::from_millis(5);
const TCP_CLOSED_LATE: Duration = Duration::from_secs(1);

/// Of what waits, no more than so many octets at the end are written one by one: millions would
/// take minutes.
const SINGLE_OCTETS_MAX: usize = 2_048;

impl Pace {
    pub(super) fn new(liberties: Liberties) -> Self {
        let heartbeat = HEARTBEATS
            .iter()
            .find(|(liberty, _)| liberties.include(*liberty));
        Self {
            liberties,
            heartbeat: heartbeat.map(|&(_, heartbeat)| heartbeat),
            next_beat: None,
            write_at: None,
            half_close_at: None,
            waits_until: None,
        }
    }

    /// Whether everything is sent at once and nothing unasked.
    pub(super) const fn is_usual(&self) -> bool {
        self.liberties.is_empty()
    }

    /// The payload of the Ping that is sent first of all, if there is one.
    pub(super) fn first_ping(&self) -> Option<Vec<u8>> {
        if self.liberties.include(L::Ping125Octets) {
            return Some((131..=255).collect());
        }
        let pings = self.liberties.include(L::PingAtOnce);
        pings.then(|| b"first".to_vec())
    }

    /// How many of so many octets are written at once.
    pub(super) fn octets_at_once(&self, waiting: usize) -> usize {
        if self.liberties.include(L::WriteSingleOctets) {
            return waiting.saturating_sub(SINGLE_OCTETS_MAX).max(1);
        }
        waiting
    }

    /// Whether buffers are written one by one, with time between.
    pub(super) fn writes_buffers_singly(&self) -> bool {
        self.liberties.include(L::SendFragmentsSlowly)
    }

    /// Whether what waits may be written now. If not, [`next`](Self::next) tells when.
    pub(super) fn may_write(&mut self) -> bool {
        if self.liberties.include(L::Answer20MsLate) {
            self.write_at.get_or_insert_with(|| Instant::now() + LATE);
        }
        self.has_come(self.write_at)
    }

    /// All that waited was written.
    pub(super) fn wrote(&mut self) {
        self.write_at = match self.writes_buffers_singly() {
            true => Some(Instant::now() + BETWEEN_FRAGMENTS),
            false => None,
        };
    }

    /// Whether our half of TCP may be closed now. If not, [`next`](Self::next) tells when.
    pub(super) fn may_half_close(&mut self) -> bool {
        if self.liberties.include(L::CloseTcpLate) {
            self.half_close_at
                .get_or_insert_with(|| Instant::now() + TCP_CLOSED_LATE);
        }
        self.has_come(self.half_close_at)
    }

    fn has_come(&mut self, time: Option<Instant>) -> bool {
        self.waits_until = time.filter(|&at| at > Instant::now());
        self.waits_until.is_none()
    }

    /// The heartbeat, if it is due, of which the next one is due then after a while.
    pub(super) fn beat(&mut self) -> Option<Heartbeat> {
        let heartbeat = self.heartbeat?;
        let now = Instant::now();
        let due = self.next_beat.is_some_and(|at| at <= now);
        if due || self.next_beat.is_none() {
            self.next_beat = Some(now + heartbeat.interval);
        }
        due.then_some(heartbeat)
    }

    /// When writing is to be attempted again.
    pub(super) fn next(&self) -> Option<Instant> {
        let times = [self.next_beat, self.waits_until];
        times.into_iter().flatten().min()
    }
}

/// Writes a head of the opening handshake.
pub(super) async fn write_head(
    stream: &mut (impl AsyncWrite + Unpin),
    head: &[u8],
    liberties: Liberties,
) -> io::Result<()> {
    if liberties.include(L::Answer20MsLate) {
        tokio::time::sleep(LATE).await;
    }
    let at_once = match liberties.include(L::WriteSingleOctets) {
        true => 1,
        false => head.len().max(1),
    };
    for octets in head.chunks(at_once) {
        stream.write_all(octets).await?;
        stream.flush().await?;
    }
    Ok(())
}
