//! From messages and control frames to octets (RFC 6455 §6.1).

use crate::deflate::Deflater;
use crate::deviation::Sending;
use crate::frame::{FrameHeader, MaskSource, Opcode, RawFrame, Rsv, apply_mask};
use crate::liberty::{Liberties, Liberty, Piece, PongOrder};
use crate::message::Fragment;
use std::collections::VecDeque;

/// The sending half of a connection: octets in the order in which they are to be sent.
pub(crate) struct Outgoing {
    /// Gives the masking keys; `None` leaves frames unmasked.
    masks: Option<Box<dyn MaskSource>>,
    gate: Sending,
    liberties: Liberties,
    /// Compresses messages, if that was agreed on.
    deflater: Option<Deflater>,
    messages: u64,
    /// Buffers that are full, to be sent before those in `queue`.
    full: VecDeque<Vec<u8>>,
    full_octets: usize,
    queue: Vec<u8>,
    spare: Vec<u8>,
    /// How many of the queued octets are payloads of Pongs.
    queued_pong_octets: usize,
    queued_pong_octets_max: usize,
    /// The payloads of Pongs that are sent behind what is queued: the one for which there is no
    /// room yet, or more if all are to come late.
    late_pongs: Vec<Vec<u8>>,
}

impl Outgoing {
    pub(crate) fn new(
        masks: Option<Box<dyn MaskSource>>,
        queued_pong_octets_max: usize,
        gate: Sending,
        liberties: Liberties,
    ) -> Self {
        Self {
            masks,
            gate,
            liberties,
            deflater: None,
            messages: 0,
            full: VecDeque::new(),
            full_octets: 0,
            queue: Vec::new(),
            spare: Vec::new(),
            queued_pong_octets: 0,
            queued_pong_octets_max,
            late_pongs: Vec::new(),
        }
    }

    /// From now on messages are compressed (RFC 7692 §6).
    pub(crate) fn deflate_with(&mut self, deflater: Deflater) {
        self.deflater = Some(deflater);
    }

    /// Queues a message that came in fragments of so many octets, in one frame unless a liberty
    /// fragments it, and compressed if that was agreed on.
    pub(crate) fn push_message(&mut self, opcode: Opcode, payload: &[u8], came_in: &[usize]) {
        let compresses = self.liberties.compresses(payload.len(), self.messages);
        self.messages += 1;
        match self.deflater.take() {
            Some(mut deflater) if compresses => {
                // RFC 7692 §6.1: compressed messages have "the "Per-Message Compressed" bit" set
                // on their first frame.
                let payload = deflater.deflate(self.gate.alter_uncompressed(payload));
                self.push_data(Rsv::RSV1, opcode, payload, came_in);
                self.deflater = Some(deflater);
            }
            deflater => {
                self.push_data(Rsv::NONE, opcode, payload, came_in);
                self.deflater = deflater;
            }
        }
    }

    fn push_data(&mut self, rsv: Rsv, opcode: Opcode, payload: &[u8], came_in: &[usize]) {
        let pieces = match self.liberties.is_empty() {
            true => None,
            false => self.liberties.pieces(payload, came_in),
        };
        let Some(pieces) = pieces else {
            return self.push(true, rsv, opcode, payload);
        };
        let (mut rsv, mut opcode) = (rsv, opcode);
        let last = pieces.len() - 1;
        for (at, piece) in pieces.into_iter().enumerate() {
            match piece {
                Piece::Control(opcode, payload) => self.push_frame(opcode, payload),
                Piece::Fragment(payload) => {
                    self.push(at == last, rsv, opcode, payload);
                    (rsv, opcode) = (Rsv::NONE, Opcode::CONTINUATION);
                }
            }
            if self.liberties.include(Liberty::SendFragmentsSlowly) {
                self.end_buffer();
            }
        }
    }

    /// Queues a message like [`push_message`](Self::push_message). Gives the buffer back, unless it
    /// is itself queued: copying a long payload costs more than sending one buffer more.
    pub(crate) fn push_own_message(
        &mut self,
        opcode: Opcode,
        mut payload: Vec<u8>,
        came_in: &[usize],
    ) -> Option<Vec<u8>> {
        let altered =
            self.deflater.is_some() || !self.gate.is_lawful() || !self.liberties.is_empty();
        if altered || payload.len() <= COPIED_OCTETS_MAX {
            self.push_message(opcode, &payload, came_in);
            return Some(payload);
        }
        let header = self.header(true, Rsv::NONE, opcode, &payload);
        header.encode(&mut self.queue);
        if let Some(key) = header.masking_key {
            apply_mask(&mut payload, key, 0);
        }
        self.end_buffer();
        self.full_octets += payload.len();
        self.full.push_back(payload);
        None
    }

    /// What is queued is one buffer, and what follows another one.
    fn end_buffer(&mut self) {
        if self.queue.is_empty() {
            return;
        }
        let queue = std::mem::replace(&mut self.queue, std::mem::take(&mut self.spare));
        self.full_octets += queue.len();
        self.full.push_back(queue);
    }

    /// Queues a part of a message.
    pub(crate) fn push_fragment(&mut self, fragment: &Fragment) {
        let opcode = match fragment.is_first {
            true => fragment.kind.opcode(),
            false => Opcode::CONTINUATION,
        };
        self.push(fragment.is_last, Rsv::NONE, opcode, &fragment.payload);
    }

    /// Queues an unfragmented frame.
    pub(crate) fn push_frame(&mut self, opcode: Opcode, payload: &[u8]) {
        if opcode == Opcode::PONG
            && self.gate.compresses_pongs()
            && let Some(mut deflater) = self.deflater.take()
        {
            self.push(true, Rsv::RSV1, opcode, deflater.deflate(payload));
            self.deflater = Some(deflater);
            return;
        }
        self.push(true, Rsv::NONE, opcode, payload);
    }

    fn push(&mut self, fin: bool, rsv: Rsv, opcode: Opcode, payload: &[u8]) {
        let header = self.header(fin, rsv, opcode, payload);
        if !self.gate.is_lawful() {
            let frame = RawFrame {
                fin,
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

    fn header(&mut self, fin: bool, rsv: Rsv, opcode: Opcode, payload: &[u8]) -> FrameHeader {
        FrameHeader {
            fin,
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
        if self.liberties.include(Liberty::PongBeforePongs) {
            self.push_frame(Opcode::PONG, b"nobody asked");
        }
        // An empty one takes room as well.
        let octets = payload.len() + 1;
        if self.queued_pong_octets + octets > self.queued_pong_octets_max {
            self.late_pongs.clear();
            self.late_pongs.push(payload);
            return;
        }
        self.queued_pong_octets += octets;
        match self.liberties.pong_order() {
            PongOrder::InOrder => self.push_frame(Opcode::PONG, &payload),
            PongOrder::BehindEchoes => self.late_pongs.push(payload),
        }
    }

    /// Queues a Close frame, the last frame of all.
    pub(crate) fn push_close(&mut self, payload: &[u8]) {
        self.push_late_pongs();
        self.push_frame(Opcode::CLOSE, payload);
    }

    /// Takes the first buffer of what is queued.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        if let Some(octets) = self.full.pop_front() {
            self.full_octets -= octets.len();
            return Some(octets);
        }
        if self.queue.is_empty() {
            self.push_late_pongs();
        }
        if self.queue.is_empty() {
            return None;
        }
        let octets = std::mem::replace(&mut self.queue, std::mem::take(&mut self.spare));
        self.queued_pong_octets = 0;
        self.push_late_pongs();
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

    fn push_late_pongs(&mut self) {
        for payload in std::mem::take(&mut self.late_pongs) {
            self.push_frame(Opcode::PONG, &payload);
        }
    }
}

/// Payloads of messages up to this length are copied, so that many are sent as one buffer.
const COPIED_OCTETS_MAX: usize = 4 << 10;

/// Larger buffers are given back to the allocator, where other connections find them.
const SPARE_OCTETS_MAX: usize = 32 << 10;
