//! Sending: what the script asks for, and what no case describes.

use std::time::Duration;

use tokio::time::Instant;
use wsspec_cases::Frame;
use wsspec_record::transcript::{Awaited, What};

use super::Session;
use crate::drive::Watch;
use crate::drive::encode::{EncodeError, Encoded};
use crate::drive::link::WroteOrRead;

impl<W: Watch> Session<'_, W> {
    /// Encodes frames, notes them in the transcript and sends them.
    ///
    /// # Errors
    /// Where a frame cannot be made; that the connection breaks is no error but an
    /// entry.
    pub(in crate::drive) async fn send(
        &mut self,
        send: &wsspec_cases::step::Send,
        patience: Duration,
    ) -> Result<(), EncodeError> {
        let encoded = self.encode(&send.frames)?;
        let mut octets = encoded.octets;
        let kept = usize::try_from(send.withhold).unwrap_or(usize::MAX);
        self.withheld = octets.split_off(octets.len().saturating_sub(kept));
        let mut sizes = send.cut.sizes(&encoded.lengths);
        let mut rest = &octets[..];
        let mut first = true;
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(usize::MAX);
            if !first && send.pause_milliseconds > 0 {
                let pause = Duration::from_millis(u64::from(send.pause_milliseconds));
                self.pause(pause).await;
            }
            first = false;
            let (piece, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            self.write(piece, patience).await;
            if self.cannot_write || self.ended {
                break;
            }
        }
        Ok(())
    }

    /// Sends octets that were kept back.
    pub(in crate::drive) async fn release(&mut self, octets: Option<u32>, patience: Duration) {
        let count = octets
            .and_then(|octets| usize::try_from(octets).ok())
            .unwrap_or(usize::MAX)
            .min(self.withheld.len());
        let released: Vec<u8> = self.withheld.drain(..count).collect();
        self.record(What::SentOctets(wsspec_judge::observe::octets(&released)));
        self.write(&released, patience).await;
    }

    /// Sends one lawful frame that no case describes.
    pub(in crate::drive) async fn send_lawful(
        &mut self,
        opcode: u8,
        payload: Vec<u8>,
        patience: Duration,
    ) {
        let encoded = self.encoder.lawful(opcode, payload);
        self.count_sent(&encoded);
        self.note(encoded.records);
        self.write(&encoded.octets, patience).await;
    }

    pub(in crate::drive) fn encode(&mut self, frames: &[Frame]) -> Result<Encoded, EncodeError> {
        let mut encoded = self.encoder.encode(frames)?;
        self.count_sent(&encoded);
        self.note(std::mem::take(&mut encoded.records));
        Ok(encoded)
    }

    pub(super) fn count_sent(&mut self, encoded: &Encoded) {
        self.sent.octets += encoded.octets.len() as u64;
        self.sent.inflated_octets += encoded.inflated_octets;
        for what in &encoded.records {
            if let What::SentFrame(frame) = what {
                self.sent.count(frame);
            }
        }
    }

    pub(super) fn note(&mut self, records: Vec<What>) {
        for what in records {
            if let What::SentFrame(frame) = &what {
                self.we_closed |= frame.opcode == 0x8;
            }
            self.record(what);
        }
    }

    /// Writes octets; reads meanwhile. Gives up where the time is over, the target
    /// refuses them or ends the connection.
    pub(in crate::drive) async fn write(&mut self, octets: &[u8], patience: Duration) {
        let mut rest = octets;
        let deadline = Instant::now() + patience;
        while !rest.is_empty() && !self.cannot_write && !self.ended {
            let Some(link) = &mut self.link else { return };
            let buffer = self.reading.then_some(&mut self.buffer[..]);
            let what = tokio::time::timeout_at(deadline, link.write_or_read(rest, buffer)).await;
            match what {
                Ok(WroteOrRead::Wrote(Ok(count))) => {
                    self.boundary.pass(&rest[..count]);
                    rest = &rest[count..];
                }
                Ok(WroteOrRead::Wrote(Err(_))) => self.cannot_write = true,
                // While there is always something to read, the deadline of this has no say.
                Ok(WroteOrRead::Read(read)) if Instant::now() < deadline => {
                    self.take(&read);
                }
                late => {
                    if let Ok(WroteOrRead::Read(read)) = late {
                        self.take(&read);
                    }
                    self.cannot_write = true;
                    if !self.ended {
                        self.timed_out(Awaited::Reading, patience);
                    }
                }
            }
        }
    }

    pub(in crate::drive) async fn half_close(&mut self) {
        if let Some(link) = &mut self.link {
            self.cannot_write = true;
            // That the target is gone already shows when we read.
            let _ = link.half_close().await;
            self.record(What::HalfClosed);
        }
    }

    pub(in crate::drive) fn reset(&mut self) {
        if let Some(link) = self.link.take() {
            link.reset();
            self.record(What::Reset);
            self.ended = true;
        }
    }
}
