//! From messages and control frames to octets (RFC 6455 §6.1).

use crate::deflate::Deflater;
use crate::deviation::Sending;
use crate::frame::{FrameHeader, MaskSource, Opcode, RawFrame, Rsv, apply_mask};
use std::collections::VecDeque;

/// The sending half of a connection: octets in the order in which they are to be sent.
pub(crate) struct Outgoing {
    /// Gives the masking keys; `None` leaves frames unmasked.
    masks: Option<Box<dyn MaskSource>>,
    gate: Sending,
    /// Compresses messages, if that was agreed on.
    deflater: Option<Deflater>,
    /// Buffers that are full, to be sent before those in `queue`.
    full: VecDeque<Vec<u8>>,
    full_octets: usize,
    queue: Vec<u8>,
    spare: Vec<u8>,
    /// How many of the queued octets are payloads of Pongs.
    queued_pong_octets: usize,
    queued_pong_octets_max: usize,
    /// The payload of a Pong for which there is no room yet.
    late_pong: Option<Vec<u8>>,
}

impl Outgoing {
    pub(crate) fn new(
        masks: Option<Box<dyn MaskSource>>,
        queued_pong_octets_max: usize,
        gate: Sending,
    ) -> Self {
        Self {
            masks,
            gate,
            deflater: None,
            full: VecDeque::new(),
            full_octets: 0,
            queue: Vec::new(),
            spare: Vec::new(),
            queued_pong_octets: 0,
            queued_pong_octets_max,
            late_pong: None,
        }
    }

    /// From now on messages are compressed (RFC 7692 §6).
    pub(crate) fn deflate_with(&mut self, deflater: Deflater) {
        self.deflater = Some(deflater);
    }

    /// Queues a message in one frame, compressed if that was agreed on.
    pub(crate) fn push_message(&mut self, opcode: Opcode, payload: &[u8]) {
        match self.deflater.take() {
            None => self.push_frame(opcode, payload),
            Some(mut deflater) => {
                // RFC 7692 §6.1: compressed messages have "the "Per-Message Compressed" bit" set
                // on their first frame.
                self.push(Rsv::RSV1, opcode, deflater.deflate(payload));
                self.deflater = Some(deflater);
            }
        }
    }

    /// Queues a message in one frame. Gives the buffer back, unless it is itself queued: copying a
    /// long payload costs more than sending one buffer more.
    pub(crate) fn push_own_message(
        &mut self,
        opcode: Opcode,
        mut payload: Vec<u8>,
    ) -> Option<Vec<u8>> {
        let altered = self.deflater.is_some() || !self.gate.is_lawful();
        if altered || payload.len() <= COPIED_OCTETS_MAX {
            self.push_message(opcode, &payload);
            return Some(payload);
        }
        let header = self.header(Rsv::NONE, opcode, &payload);
        header.encode(&mut self.queue);
        if let Some(key) = header.masking_key {
            apply_mask(&mut payload, key, 0);
        }
        let queue = std::mem::replace(&mut self.queue, std::mem::take(&mut self.spare));
        self.full_octets += queue.len() + payload.len();
        self.full.extend([queue, payload]);
        None
    }

    /// Queues an unfragmented frame.
    pub(crate) fn push_frame(&mut self, opcode: Opcode, payload: &[u8]) {
        self.push(Rsv::NONE, opcode, payload);
    }

    fn push(&mut self, rsv: Rsv, opcode: Opcode, payload: &[u8]) {
        let header = self.header(rsv, opcode, payload);
        if !self.gate.is_lawful() {
            let frame = RawFrame {
                rsv,
                masking_key: header.masking_key,
                ..RawFrame::new(opcode, payload)
            };
            return self.gate.push(frame, &mut self.queue);
        }
        header.encode(&mut self.queue);
        let start = self.queue.len();
        self.queue.extend_from_slice(payload);
        if let Some(key) = header.masking_key {
            apply_mask(&mut self.queue[start..], key, 0);
        }
    }

    /// The header of an unfragmented frame.
    fn header(&mut self, rsv: Rsv, opcode: Opcode, payload: &[u8]) -> FrameHeader {
        FrameHeader {
            fin: true,
            rsv,
            opcode,
            // §5.3: "The masking key is a 32-bit value chosen at random by the client", a fresh
            // one for each frame.
            masking_key: self.masks.as_mut().map(|masks| masks.next_key()),
            payload_length: payload.len() as u64,
        }
    }

    /// Queues a Pong.
    ///
    /// A peer may send Pings and read no Pongs. When too many wait, only the last one is kept:
    /// §5.5.3 allows to answer "only the most recently processed Ping frame".
    pub(crate) fn push_pong(&mut self, payload: Vec<u8>) {
        // An empty one takes room as well.
        let octets = payload.len() + 1;
        if self.queued_pong_octets + octets > self.queued_pong_octets_max {
            self.late_pong = Some(payload);
        } else {
            self.queued_pong_octets += octets;
            self.push_frame(Opcode::PONG, &payload);
        }
    }

    /// Queues a Close frame, the last frame of all.
    pub(crate) fn push_close(&mut self, payload: &[u8]) {
        self.push_late_pong();
        self.push_frame(Opcode::CLOSE, payload);
    }

    /// Takes the first buffer of what is queued.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        if let Some(octets) = self.full.pop_front() {
            self.full_octets -= octets.len();
            return Some(octets);
        }
        if self.queue.is_empty() {
            return None;
        }
        let octets = std::mem::replace(&mut self.queue, std::mem::take(&mut self.spare));
        self.queued_pong_octets = 0;
        self.push_late_pong();
        Some(octets)
    }

    pub(crate) fn queued_octets(&self) -> usize {
        self.full_octets + self.queue.len()
    }

    pub(crate) fn reuse(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        if buffer.capacity() > SPARE_OCTETS_MAX {
            return;
        }
        if self.queue.capacity() == 0 {
            self.queue = buffer;
        } else {
            self.spare = buffer;
        }
    }

    fn push_late_pong(&mut self) {
        if let Some(payload) = self.late_pong.take() {
            self.push_frame(Opcode::PONG, &payload);
        }
    }
}

/// Payloads of messages up to this length are copied, so that many are sent as one buffer.
const COPIED_OCTETS_MAX: usize = 4 << 10;

/// Larger buffers are given back to the allocator, where other connections find them.
const SPARE_OCTETS_MAX: usize = 32 << 10;
