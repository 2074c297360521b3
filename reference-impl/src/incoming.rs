//! From octets to messages and control frames (RFC 6455 §6.2).

use crate::close::ClosePayload;
use crate::deflate::Inflater;
use crate::deviation::Receiving;
use crate::error::ProtocolError;
use crate::frame::{FrameHeader, HEADER_OCTETS_MAX, HeaderRules, Opcode, Rsv, apply_mask};
use crate::message::{Message, MessageKind, PartialMessage};
use crate::{Deviation, Deviations, Limits, Role};
use std::collections::VecDeque;

/// What the octets of the peer turned out to be.
#[derive(Debug)]
pub(crate) enum Received {
    Message(Message),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    /// A Close frame; nothing follows it but [`Received::TcpEnd`].
    Close(ClosePayload),
    /// A breach of the protocol; nothing follows it but [`Received::TcpEnd`].
    Violation(ProtocolError),
    /// The end of TCP; nothing follows it.
    TcpEnd,
}

/// The receiving half of a connection.
///
/// It keeps what it found in a queue and reacts to nothing itself, so that replies can be
/// put in the order of what they answer.
#[derive(Debug)]
pub(crate) struct Incoming {
    rules: HeaderRules,
    gate: Receiving,
    /// The start of a header whose end has not arrived.
    header: [u8; HEADER_OCTETS_MAX],
    header_length: usize,
    frame: Option<FrameInProgress>,
    message: Option<PartialMessage>,
    /// Inflates compressed messages, if that was agreed on.
    inflater: Option<Inflater>,
    /// The payload of the control frame in progress, unmasked.
    control_payload: Vec<u8>,
    spare_payload: Vec<u8>,
    queue: VecDeque<Received>,
    progress: Progress,
    discarded_octets: u64,
    discarded_octets_max: u64,
}

#[derive(Debug)]
struct FrameInProgress {
    header: FrameHeader,
    /// How many octets of the payload have arrived.
    received: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Progress {
    Reading,
    /// What still arrives is counted and dropped.
    Discarding,
    /// Nothing arrives any more.
    Ended,
}

impl Incoming {
    pub(crate) fn new(sender: Role, limits: &Limits, deviations: Deviations) -> Self {
        Self {
            rules: HeaderRules {
                frame_octets_max: limits.frame_octets_max,
                message_octets_max: limits.message_octets_max,
                deviations,
                ..HeaderRules::new(sender)
            },
            gate: Receiving::new(deviations),
            header: [0; HEADER_OCTETS_MAX],
            header_length: 0,
            frame: None,
            message: None,
            inflater: None,
            control_payload: Vec::new(),
            spare_payload: Vec::new(),
            queue: VecDeque::new(),
            progress: Progress::Reading,
            discarded_octets: 0,
            discarded_octets_max: limits.discarded_octets_max,
        }
    }

    /// From now on RSV1 marks compressed messages (RFC 7692 §6).
    pub(crate) fn inflate_with(&mut self, inflater: Inflater) {
        self.rules.rsv_in_use = self.rules.rsv_in_use.union(Rsv::RSV1);
        self.inflater = Some(inflater);
    }

    pub(crate) fn receive(&mut self, mut octets: &[u8]) {
        while self.progress == Progress::Reading && !octets.is_empty() {
            let step = match &mut self.frame {
                None => self.read_header(octets),
                Some(_) => self.read_payload(octets),
            };
            match step {
                Ok(_) if self.loses_rest() => return,
                Ok(taken) => octets = &octets[taken..],
                Err(violation) => {
                    let understood = &mut self.rules.deviations;
                    if !self.gate.is_lawful() && self.gate.goes_on_after(&violation, understood) {
                        self.queue.push_back(Received::Violation(violation));
                    } else {
                        self.finish_with(Received::Violation(violation));
                    }
                }
            }
        }
        if self.progress == Progress::Discarding {
            self.discarded_octets += octets.len() as u64;
            if self.discarded_octets > self.discarded_octets_max {
                self.end();
            }
        }
    }

    /// The peer closed its half of TCP, or we stop waiting for that.
    pub(crate) fn end(&mut self) {
        if self.progress != Progress::Ended {
            self.queue.push_back(Received::TcpEnd);
            self.progress = Progress::Ended;
        }
    }

    /// From now on nothing received counts, not even what was and has not been taken.
    pub(crate) fn discard(&mut self) {
        self.queue
            .retain(|received| matches!(received, Received::TcpEnd));
        if self.progress == Progress::Reading {
            self.progress = Progress::Discarding;
        }
        self.message = None;
    }

    pub(crate) fn next(&mut self) -> Option<Received> {
        self.queue.pop_front()
    }

    pub(crate) fn reuse_payload(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        if buffer.capacity() <= SPARE_OCTETS_MAX {
            self.spare_payload = buffer;
        }
    }

    /// Whether a deviation loses what comes at once with the frame that has just ended.
    fn loses_rest(&self) -> bool {
        let between_frames = self.frame.is_none() && self.header_length == 0;
        between_frames && self.gate.include(Deviation::LoseFramesInOneRead)
    }

    /// Queues the last thing that counts.
    fn finish_with(&mut self, last: Received) {
        self.queue.push_back(last);
        self.progress = Progress::Discarding;
        self.message = None;
    }

    /// Reads a header, or a part of it, and gives the number of octets taken.
    fn read_header(&mut self, octets: &[u8]) -> Result<usize, ProtocolError> {
        if self.header_length == 0 {
            return match FrameHeader::parse(octets, &self.rules)? {
                Some((header, taken)) => self.start_frame(header).map(|()| taken),
                None if self.gate.include(Deviation::LoseHeadersInPieces) => Ok(octets.len()),
                None => {
                    // An incomplete header is shorter than the longest complete one.
                    self.header[..octets.len()].copy_from_slice(octets);
                    self.header_length = octets.len();
                    Ok(octets.len())
                }
            };
        }
        let before = self.header_length;
        let added = octets.len().min(HEADER_OCTETS_MAX - before);
        let known = before + added;
        self.header[before..known].copy_from_slice(&octets[..added]);
        match FrameHeader::parse(&self.header[..known], &self.rules)? {
            Some((header, taken)) => {
                self.header_length = 0;
                self.start_frame(header).map(|()| taken - before)
            }
            None => {
                self.header_length = known;
                Ok(added)
            }
        }
    }

    fn start_frame(&mut self, mut header: FrameHeader) -> Result<(), ProtocolError> {
        if !self.gate.is_lawful() {
            let check = self.rules.check_reserved_bits(header.rsv, header.opcode);
            header = self
                .gate
                .alter_header(header, check.is_err(), self.message.as_mut())?;
        }
        let compressed = self.rules.is_compressed(header.rsv, header.opcode);
        match header.opcode {
            Opcode::TEXT => self.start_message(MessageKind::Text),
            Opcode::BINARY => self.start_message(MessageKind::Binary),
            // Without a message in progress this one was let through by a deviation.
            Opcode::CONTINUATION if self.message.is_none() => {
                self.start_message(MessageKind::Binary);
            }
            _ => {}
        }
        if !header.opcode.is_control() && !header.opcode.is_reserved() {
            self.expect_payload(&header, compressed);
        }
        self.frame = Some(FrameInProgress {
            header,
            received: 0,
        });
        match header.payload_length {
            0 => self.finish_frame(header),
            _ => Ok(()),
        }
    }

    /// Prepares for the payload of a data frame.
    fn expect_payload(&mut self, header: &FrameHeader, compressed: bool) {
        let starts_message = header.opcode != Opcode::CONTINUATION;
        self.rules.message_compressed = compressed;
        match &mut self.inflater {
            Some(inflater) if compressed && starts_message => inflater.start_message(),
            Some(_) if compressed => {}
            _ => {
                if let Some(message) = &mut self.message {
                    let reserve_all = self.gate.include(Deviation::ReserveDeclaredLengths);
                    message.expect_octets(header.payload_length, reserve_all);
                }
            }
        }
    }

    /// The inflater, if the message in progress is compressed.
    fn inflater(&mut self) -> Option<&mut Inflater> {
        let compressed = self.rules.message_compressed;
        self.inflater.as_mut().filter(|_| compressed)
    }

    fn start_message(&mut self, kind: MessageKind) {
        let buffer = std::mem::take(&mut self.spare_payload);
        self.message = Some(PartialMessage::new(kind, self.rules.deviations, buffer));
    }

    /// Reads payload of the frame in progress and gives the number of octets taken.
    fn read_payload(&mut self, octets: &[u8]) -> Result<usize, ProtocolError> {
        let Some(frame) = &mut self.frame else {
            return Ok(0);
        };
        let header = frame.header;
        let mut offset = frame.received;
        let left = header.payload_length - offset;
        let taken = usize::try_from(left).map_or(octets.len(), |left| left.min(octets.len()));
        let octets = &octets[..taken];
        frame.received += taken as u64;
        let complete = frame.received == header.payload_length;
        if self.gate.include(Deviation::RestartMaskingKey) {
            offset = 0;
        }

        if header.opcode.is_reserved() {
            // A deviation lets it through, and nobody knows what it means.
        } else if header.opcode.is_control() {
            let start = self.control_payload.len();
            self.control_payload.extend_from_slice(octets);
            if let Some(key) = header.masking_key {
                apply_mask(&mut self.control_payload[start..], key, offset);
            }
        } else if let Some(message) = &mut self.message {
            let key = header.masking_key;
            match &mut self.inflater {
                Some(inflater) if self.rules.message_compressed => {
                    message.append_compressed(octets, key, offset, inflater)?;
                }
                _ => message.append(octets, key, offset)?,
            }
        }
        if complete {
            self.finish_frame(header)?;
        }
        Ok(taken)
    }

    fn finish_frame(&mut self, header: FrameHeader) -> Result<(), ProtocolError> {
        self.frame = None;
        match header.opcode {
            Opcode::PING => {
                let payload = std::mem::take(&mut self.control_payload);
                self.deliver(Received::Ping(payload))?;
            }
            Opcode::PONG => {
                let payload = std::mem::take(&mut self.control_payload);
                self.deliver(Received::Pong(payload))?;
            }
            Opcode::CLOSE => {
                let close =
                    ClosePayload::parse_with(&self.control_payload, &self.rules.deviations)?;
                self.control_payload.clear();
                if self.gate.include(Deviation::EchoAfterClose) {
                    self.queue.push_back(Received::Close(close));
                } else if !self.gate.include(Deviation::IgnoreCloseFrames) {
                    self.finish_with(Received::Close(close));
                }
            }
            Opcode::TEXT | Opcode::BINARY | Opcode::CONTINUATION => self.finish_fragment(header)?,
            _ => {}
        }
        Ok(())
    }

    fn finish_fragment(&mut self, header: FrameHeader) -> Result<(), ProtocolError> {
        if !self.gate.is_lawful()
            && let Some(message) = &mut self.message
        {
            let start = self.rules.message_octets as usize;
            self.gate.end_fragment(header, message, start)?;
        }
        if header.fin {
            self.rules.message_in_progress = false;
            self.rules.message_octets = 0;
            if let Some(message) = self.message.take() {
                let message = match self.inflater() {
                    Some(inflater) => message.finish_compressed(inflater),
                    None => message.finish(),
                };
                self.rules.message_compressed = false;
                self.deliver(Received::Message(message?))?;
            }
        } else {
            self.rules.message_in_progress = true;
            if self.gate.include(Deviation::EchoFragmentsSingly)
                && let Some(fragment) = self.message.take()
            {
                self.start_message(fragment.kind());
                self.deliver(Received::Message(fragment.finish()?))?;
            }
            self.rules.message_octets = self.message.as_ref().map_or(0, PartialMessage::length);
        }
        Ok(())
    }

    fn deliver(&mut self, received: Received) -> Result<(), ProtocolError> {
        if self.gate.is_lawful() {
            self.queue.push_back(received);
        } else {
            self.gate
                .deliver(received, self.message.as_mut(), &mut self.queue)?;
        }
        Ok(())
    }
}

/// Larger buffers are given back to the allocator rather than kept for the next message.
const SPARE_OCTETS_MAX: usize = 256 << 10;
