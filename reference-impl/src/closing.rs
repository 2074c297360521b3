//! How a connection ends: the closing handshake and the end of TCP (RFC 6455 §7.1).

use crate::close::{CloseCode, ClosePayload};
use crate::{Deviation, Deviations, Liberties, Liberty, Limits, Role};
use std::time::{Duration, Instant};

/// How far the end of a connection has come.
#[derive(Debug)]
pub(crate) struct Closing {
    role: Role,
    phase: Phase,
    /// When [`Closing::deadline`] was first asked for in this phase.
    phase_started: Option<Instant>,
    close_timeout: Duration,
    tcp_close_timeout: Duration,
    /// The peer's Close frame.
    peer_close: Option<ClosePayload>,
    /// Whether the connection was failed (§7.1.7), which is never a clean end.
    failed: bool,
    half_close: HalfClose,
    deviations: Deviations,
    liberties: Liberties,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Open,
    /// We sent a Close frame and wait for the peer's (§7.1.2).
    CloseSent,
    /// No more frames are expected, only the end of TCP (§7.1.1).
    TcpEnding,
    /// TCP has ended (§7.1.4).
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum HalfClose {
    NotYet,
    Due,
    Done,
}

/// What to do about a Close frame of the peer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CloseReply {
    /// Send a Close frame.
    Send,
    /// Ours was sent before; the exchange is complete.
    Sent,
}

/// How a connection ended (RFC 6455 §7.1.4 to §7.1.6).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ending {
    /// Whether TCP ended after a completed closing handshake (§7.1.4).
    pub clean: bool,
    /// The status code in the peer's Close frame (§7.1.5): 1005 if it had none, 1006 if
    /// there was no Close frame.
    pub code: CloseCode,
    /// The reason in the peer's Close frame, empty if there was none (§7.1.6).
    pub reason: String,
}

impl Closing {
    pub(crate) fn new(
        role: Role,
        limits: &Limits,
        deviations: Deviations,
        liberties: Liberties,
    ) -> Self {
        Self {
            role,
            phase: Phase::Open,
            phase_started: None,
            close_timeout: limits.close_timeout,
            tcp_close_timeout: limits.tcp_close_timeout,
            peer_close: None,
            failed: false,
            half_close: HalfClose::NotYet,
            deviations,
            liberties,
        }
    }

    /// Whether data may be sent: no Close frame was sent or received, TCP has not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Whether the peer's frames still count.
    pub(crate) fn is_receiving(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::CloseSent)
    }

    /// Whether control frames may still be sent: TCP is open, and the connection was not failed.
    pub(crate) fn may_send_control(&self) -> bool {
        let tcp_is_open = self.phase != Phase::Closed && self.half_close == HalfClose::NotYet;
        tcp_is_open && !self.failed
    }

    /// We sent a Close frame.
    pub(crate) fn close_sent(&mut self) {
        self.enter(Phase::CloseSent);
    }

    /// The peer sent a Close frame. The caller sends the reply.
    pub(crate) fn close_received(&mut self, close: ClosePayload) -> CloseReply {
        // §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close
        // frame, the endpoint MUST send a Close frame in response."
        let reply = match self.phase {
            Phase::Open => CloseReply::Send,
            _ => CloseReply::Sent,
        };
        self.peer_close = Some(close);
        self.enter(Phase::TcpEnding);
        // §7.1.1: the server closes TCP first, so that it holds the TIME_WAIT state; a client
        // waits for that.
        let closes = match self.role {
            Role::Server => !self.deviations.include(Deviation::KeepTcpOpen),
            Role::Client => self.deviations.include(Deviation::CloseTcpFirst),
        };
        if closes {
            self.request_half_close();
        }
        reply
    }

    /// The connection is failed (§7.1.7). Says whether a Close frame may still be sent.
    pub(crate) fn fail(&mut self) -> bool {
        let close_may_be_sent = self.phase == Phase::Open;
        self.failed = true;
        self.enter(Phase::TcpEnding);
        // Octets that arrive at a closed socket provoke a reset, which may overtake our Close
        // frame. So our half is closed, and what arrives on the other is read and dropped.
        // A server that is told nothing has no reason to close its half either.
        let silent = self.deviations.include(Deviation::FailWithoutClose);
        let waits = self.deviations.include(Deviation::KeepTcpOpenAfterFailure)
            || self.liberties.include(Liberty::LeaveTcpEndToServer) && !silent;
        if !waits {
            self.request_half_close();
        }
        close_may_be_sent
    }

    /// Whether the connection was failed (§7.1.7).
    pub(crate) const fn was_failed(&self) -> bool {
        self.failed
    }

    /// TCP has ended, or we stop waiting for it.
    pub(crate) fn tcp_ended(&mut self) -> Ending {
        self.request_half_close();
        self.enter(Phase::Closed);
        match self.peer_close.take() {
            Some(close) => Ending {
                clean: !self.failed,
                code: close.code.unwrap_or(CloseCode::NO_STATUS_RECEIVED),
                reason: close.reason,
            },
            None => Ending {
                clean: false,
                code: CloseCode::ABNORMAL_CLOSURE,
                reason: String::new(),
            },
        }
    }

    /// Whether our half of TCP is to be closed now. Says so once.
    pub(crate) fn take_half_close(&mut self) -> bool {
        let due = self.half_close == HalfClose::Due;
        if due {
            self.half_close = HalfClose::Done;
        }
        due
    }

    /// When to stop waiting. The time counts from the first call in this phase.
    pub(crate) fn deadline(&mut self, now: Instant) -> Option<Instant> {
        let timeout = match self.phase {
            Phase::CloseSent => self.close_timeout,
            Phase::TcpEnding if !self.keeps_tcp_open() => self.tcp_close_timeout,
            _ => return None,
        };
        Some(*self.phase_started.get_or_insert(now) + timeout)
    }

    /// Whether a deviation leaves the end of TCP to the peer.
    const fn keeps_tcp_open(&self) -> bool {
        self.deviations.include(if self.failed {
            Deviation::KeepTcpOpenAfterFailure
        } else {
            Deviation::KeepTcpOpen
        })
    }

    fn request_half_close(&mut self) {
        // A reset comes in place of the FIN, not after it.
        let resets = self.deviations.include(Deviation::ResetTcp)
            || self.failed && self.liberties.include(Liberty::FailByReset);
        if self.half_close == HalfClose::NotYet && !resets {
            self.half_close = HalfClose::Due;
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.phase_started = None;
    }
}
