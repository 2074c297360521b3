//! Receiving: octets, what the observer sees in them, and waiting for them.

use std::io;
use std::time::Duration;

use tokio::time::Instant;
use wsspec_record::transcript::{Awaited, What};

use super::Session;
use crate::drive::Watch;

/// How often is read once the time is over: what lies ready then came in time, but
/// a target that never stops sending is not read for ever.
const LATE_READS_MAX: u32 = 16;
/// How much is looked at before the limits are asked again.
const PIECE_OCTETS: usize = 1024;

impl<W: Watch> Session<'_, W> {
    /// Takes what has come already, without waiting.
    pub(in crate::drive) fn glance(&mut self) {
        while self.reading && !self.ended {
            let Some(link) = &mut self.link else { return };
            let Some(read) = link.try_read(&mut self.buffer) else {
                return;
            };
            self.take(&read);
        }
    }

    /// Waits for something to come, and takes it. False where nothing did in time.
    pub(in crate::drive) async fn read(&mut self, deadline: Instant) -> bool {
        self.flush(deadline).await;
        if self.ended {
            return true;
        }
        let is_late = Instant::now() >= deadline;
        self.late_reads = if is_late { self.late_reads + 1 } else { 0 };
        if self.late_reads > LATE_READS_MAX {
            return false;
        }
        let Some(link) = &mut self.link else {
            return false;
        };
        match tokio::time::timeout_at(deadline, link.read(&mut self.buffer)).await {
            Ok(read) => {
                self.take(&read);
                self.flush(deadline).await;
                true
            }
            Err(_) => false,
        }
    }

    /// Reads octets that are no frames yet: the head of the opening handshake.
    pub(in crate::drive) async fn read_raw(
        &mut self,
        deadline: Instant,
    ) -> Option<io::Result<&[u8]>> {
        let link = self.link.as_mut()?;
        let read = tokio::time::timeout_at(deadline, link.read(&mut self.buffer))
            .await
            .ok()?;
        Some(match read {
            Ok(count) => Ok(&self.buffer[..count]),
            Err(error) => Err(error),
        })
    }

    /// Takes octets behind the head.
    pub(in crate::drive) fn receive(&mut self, octets: &[u8]) {
        for piece in octets.chunks(PIECE_OCTETS) {
            if self.ended {
                return;
            }
            self.received.octets += piece.len() as u64;
            let mut seen = Vec::new();
            self.observer.receive(piece, |what| seen.push(what));
            for what in seen {
                self.see(what);
            }
            if self.received.is_flood(&self.sent) || self.log.is_full() {
                let octets = self.received.octets;
                self.record(What::Flooded { octets });
                self.ended = true;
            }
        }
    }

    /// Notes the end of the connection.
    pub(in crate::drive) fn receive_end(&mut self, reset: bool) {
        self.observe_end();
        self.record(if reset {
            What::ReceivedReset
        } else {
            What::ReceivedFin
        });
        self.ended = true;
    }

    /// Has the observer say what is left of an unfinished frame.
    pub(super) fn observe_end(&mut self) {
        let mut seen = Vec::new();
        self.observer.finish(|what| seen.push(what));
        for what in seen {
            self.see(what);
        }
    }

    /// Waits while reading, for pauses that a case asks for; no longer than the target
    /// keeps the connection.
    pub(in crate::drive) async fn pause(&mut self, pause: Duration) {
        let deadline = Instant::now() + pause;
        while !self.ended && !self.they_closed && self.reading && self.read(deadline).await {}
        if !self.reading {
            tokio::time::sleep_until(deadline).await;
        }
    }

    pub(super) fn take(&mut self, read: &io::Result<usize>) {
        match read {
            Ok(0) => self.receive_end(false),
            Ok(count) => {
                let buffer = std::mem::take(&mut self.buffer);
                self.receive(&buffer[..*count]);
                self.buffer = buffer;
            }
            Err(_) => self.receive_end(true),
        }
    }

    fn see(&mut self, what: What) {
        let What::ReceivedFrame(frame) = &what else {
            return self.record(what);
        };
        self.received.count(frame);
        if self.is_echo(frame) {
            return;
        }
        self.reply_to(frame);
        self.record(what);
    }
}

/// Waits until `done` or until nothing came for too long; says whether it was done.
pub(in crate::drive) async fn read_until<W: Watch>(
    session: &mut Session<'_, W>,
    patience: Duration,
    awaited: Awaited,
    mut done: impl FnMut(&Session<'_, W>) -> bool,
) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if done(session) {
            return true;
        }
        if session.has_ended() {
            return false;
        }
        if !session.read(deadline).await {
            session.timed_out(awaited, patience);
            return false;
        }
    }
}
