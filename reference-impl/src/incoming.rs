//! From octets to messages and control frames (RFC 6455 §6.2).

use crate::close::ClosePayload;
use crate::deflate::Inflater;
use crate::deviation::Receiving;
use crate::error::ProtocolError;
use crate::frame::{FrameHeader, HEADER_OCTETS_MAX, HeaderRules, Opcode, Rsv, apply_mask};
use crate::message::{Fragment, Message, MessageKind, PartialMessage};
use crate::unread::Unread;
use crate::{Deviation, Deviations, Liberties, Liberty, Limits, Role};
use std::collections::VecDeque;

/// What the octets of the peer turned out to be.
#[derive(Debug)]
pub(crate) enum Received {
    Message(Message),
    Fragment(Fragment),
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
/// It looks at octets when it is asked what they are and not before, so that replies come in the
/// order of what they answer, and what a frame became can be reused for the next one.
#[derive(Debug)]
pub(crate) struct Incoming {
    rules: HeaderRules,
    gate: Receiving,
    liberties: Liberties,
    unread: Unread,
    frame: Option<FrameInProgress>,
    message: Option<PartialMessage>,
    /// Inflates compressed messages, if that was agreed on.
    inflater: Option<Inflater>,
    /// The payload of the control frame in progress, unmasked.
    control_payload: Vec<u8>,
    spare_payload: Vec<u8>,
    /// The lengths of the fragments of the message in progress, where they are to be kept.
    fragments: Vec<usize>,
    /// What a deviation made of things received, before anything else is read.
    altered: VecDeque<Received>,
    /// Whether no more frames count: what still arrives is counted and dropped.
    discarding: bool,
    discarded_octets: u64,
    discarded_octets_max: u64,
    tcp_end: TcpEnd,
}

#[derive(Clone, Copy, Debug)]
struct FrameInProgress {
    header: FrameHeader,
    /// How many octets of the payload were read.
    received: u64,
    /// How many octets behind those lie masked at the end of the message.
    in_message: usize,
}

impl FrameInProgress {
    /// How many octets of the payload are still to be read.
    const fn left(&self) -> u64 {
        self.header.payload_length - self.received
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum TcpEnd {
    NotYet,
    /// Nothing arrives any more; what has arrived counts.
    Due,
    Told,
}

impl Incoming {
    pub(crate) fn new(
        sender: Role,
        limits: &Limits,
        deviations: Deviations,
        liberties: Liberties,
    ) -> Self {
        Self {
            rules: HeaderRules {
                frame_octets_max: limits.frame_octets_max,
                message_octets_max: limits.message_octets_max,
                fragments_max: limits.fragments_max,
                deviations,
                ..HeaderRules::new(sender)
            },
            gate: Receiving::new(deviations),
            liberties,
            unread: Unread::new(),
            frame: None,
            message: None,
            inflater: None,
            control_payload: Vec::new(),
            spare_payload: Vec::new(),
            fragments: Vec::new(),
            altered: VecDeque::new(),
            discarding: false,
            discarded_octets: 0,
            discarded_octets_max: limits.discarded_octets_max,
            tcp_end: TcpEnd::NotYet,
        }
    }

    /// From now on RSV1 marks compressed messages (RFC 7692 §6).
    pub(crate) fn inflate_with(&mut self, inflater: Inflater) {
        self.rules.rsv_in_use = self.rules.rsv_in_use.union(Rsv::RSV1);
        self.inflater = Some(inflater);
    }

    pub(crate) fn receive(&mut self, octets: &[u8]) {
        if self.tcp_end == TcpEnd::NotYet {
            self.unread.push(octets);
        }
    }

    /// Receives what `read` appends to the buffer it is handed, which has room for some.
    pub(crate) fn receive_from<T>(&mut self, read: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        if !self.is_in_long_payload() {
            return self.unread.push_from(read);
        }
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else {
            return self.unread.push_from(read);
        };
        self.unread.read_little();
        let left = frame.left();
        // With room for one header more the next frame is found without a read of its own, and a
        // read that does not fill its buffer tells that there is no more.
        let payload = message.room(left.saturating_add(HEADER_OCTETS_MAX as u64));
        let before = payload.len();
        let outcome = read(payload);
        frame.in_message = payload.len().saturating_sub(before);
        if frame.in_message as u64 > left {
            frame.in_message = left as usize;
            let end = before + frame.in_message;
            self.unread.push(&payload[end..]);
            payload.truncate(end);
        }
        outcome
    }

    /// The peer closed its half of TCP, or we stop waiting for that.
    pub(crate) fn end(&mut self) {
        if self.tcp_end == TcpEnd::NotYet {
            self.tcp_end = TcpEnd::Due;
        }
    }

    /// From now on nothing received counts, not even what was and has not been taken.
    pub(crate) fn discard(&mut self) {
        self.altered.clear();
        self.unread.clear();
        self.stop_reading();
    }

    /// The next thing that the octets are; `None` if more of them are needed.
    pub(crate) fn next(&mut self) -> Option<Received> {
        if let Some(received) = self.altered.pop_front() {
            return Some(received);
        }
        if !self.discarding {
            match self.read() {
                Ok(None) => {}
                Ok(received) => return received,
                Err(violation) => return Some(self.refuse(violation)),
            }
        }
        if self.discarding {
            self.discard_unread();
        }
        (self.tcp_end == TcpEnd::Due).then(|| {
            self.tcp_end = TcpEnd::Told;
            Received::TcpEnd
        })
    }

    pub(crate) fn reuse_payload(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        if buffer.capacity() <= SPARE_OCTETS_MAX {
            self.spare_payload = buffer;
        }
    }

    /// Reads frames up to the first that makes something whole.
    fn read(&mut self) -> Result<Option<Received>, ProtocolError> {
        if self.gate.has_stopped() {
            return Ok(None);
        }
        while self.frame.is_some() || self.is_frame_there() && self.read_header()? {
            let Some(header) = self.read_payload()? else {
                return self.read_partial_frame();
            };
            let received = self.finish_frame(header)?;
            // A deviation loses what comes at once with the frame that has just ended.
            if self.gate.include(Deviation::LoseFramesInOneRead) {
                self.unread.clear();
            }
            if received.is_some() {
                return Ok(received);
            }
        }
        Ok(None)
    }

    /// What a deviation makes of a frame of which not all has come.
    fn read_partial_frame(&mut self) -> Result<Option<Received>, ProtocolError> {
        if !self.gate.include(Deviation::EchoPartialFrames) {
            return Ok(None);
        }
        let in_data = self
            .frame
            .is_some_and(|frame| !frame.header.opcode.is_control());
        match self
            .message
            .take_if(|message| in_data && message.length() > 0)
        {
            None => Ok(None),
            Some(message) => {
                self.start_message(message.kind());
                self.deliver(Received::Message(message.finish()?))
            }
        }
    }

    /// Stops reading because of `violation`, unless a deviation goes on.
    fn refuse(&mut self, violation: ProtocolError) -> Received {
        let understood = &mut self.rules.deviations;
        if self.gate.is_lawful() || !self.gate.goes_on_after(&violation, understood) {
            self.stop_reading();
        }
        Received::Violation(violation)
    }

    fn stop_reading(&mut self) {
        self.discarding = true;
        self.message = None;
    }

    fn discard_unread(&mut self) {
        self.discarded_octets += self.unread.octets().len() as u64;
        self.unread.clear();
        if self.discarded_octets > self.discarded_octets_max {
            self.end();
        }
    }

    /// Whether the next frame can be looked at: as soon as anything of it is there, or not until
    /// all of it is, unless that is more than would be taken.
    #[inline]
    fn is_frame_there(&self) -> bool {
        if !self.liberties.include(Liberty::ReadWholeFrames) {
            return true;
        }
        let octets = self.unread.octets();
        let octets_max = self
            .rules
            .frame_octets_max
            .min(self.rules.message_octets_max);
        FrameHeader::frame_octets(octets)
            .is_some_and(|length| length <= octets.len() as u64 || length > octets_max)
    }

    /// Reads a header and says whether it was complete.
    fn read_header(&mut self) -> Result<bool, ProtocolError> {
        match FrameHeader::parse(self.unread.octets(), &self.rules)? {
            Some((header, octets)) => {
                self.start_frame(header)?;
                self.unread.take(octets as u64);
                Ok(true)
            }
            None => {
                if self.gate.include(Deviation::LoseHeadersInPieces) {
                    self.unread.clear();
                }
                Ok(false)
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
            in_message: 0,
        });
        Ok(())
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

    /// Whether what comes next can go right into the message in progress: it is so much that this
    /// is worth it, and nothing has to be done to it but to unmask it.
    fn is_in_long_payload(&self) -> bool {
        self.frame.is_some_and(|frame| {
            frame.left() >= LONG_OCTETS_MIN
                && frame.in_message == 0
                && !frame.header.opcode.is_control()
        }) && self.unread.octets().is_empty()
            && !self.rules.message_compressed
            && self.gate.is_lawful()
    }

    /// Reads payload of the frame in progress and gives its header if that was all.
    fn read_payload(&mut self) -> Result<Option<FrameHeader>, ProtocolError> {
        let Some(frame) = &mut self.frame else {
            return Ok(None);
        };
        let header = frame.header;
        let offset = match self.gate.include(Deviation::RestartMaskingKey) {
            true => 0,
            false => frame.received,
        };
        let in_message = std::mem::take(&mut frame.in_message);
        frame.received += in_message as u64;
        let octets = self.unread.take(frame.left());
        frame.received += octets.len() as u64;
        let complete = frame.left() == 0;

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
                    let outcome = message.append_compressed(octets, key, offset, inflater);
                    self.gate.overlook_in_data(outcome)?;
                }
                _ => {
                    message.unmask_last(in_message, key, offset)?;
                    message.append(octets, key, offset + in_message as u64)?;
                }
            }
        }
        Ok(complete.then_some(header))
    }

    /// Ends the frame in progress and gives what it makes whole.
    fn finish_frame(&mut self, header: FrameHeader) -> Result<Option<Received>, ProtocolError> {
        self.frame = None;
        match header.opcode {
            Opcode::PING => {
                let payload = std::mem::take(&mut self.control_payload);
                self.deliver(Received::Ping(payload))
            }
            Opcode::PONG => {
                let payload = std::mem::take(&mut self.control_payload);
                self.deliver(Received::Pong(payload))
            }
            Opcode::CLOSE => {
                let close =
                    ClosePayload::parse_with(&self.control_payload, &self.rules.deviations)?;
                self.control_payload.clear();
                if self.gate.include(Deviation::IgnoreCloseFrames) {
                    return Ok(None);
                }
                if !self.gate.include(Deviation::EchoAfterClose) {
                    self.stop_reading();
                }
                Ok(Some(Received::Close(close)))
            }
            Opcode::TEXT | Opcode::BINARY | Opcode::CONTINUATION => self.finish_fragment(header),
            _ => Ok(None),
        }
    }

    fn finish_fragment(&mut self, header: FrameHeader) -> Result<Option<Received>, ProtocolError> {
        let is_whole = header.fin && header.opcode != Opcode::CONTINUATION;
        let streams = self.liberties.include(Liberty::StreamFragments);
        if streams && !is_whole && !self.rules.message_compressed {
            return self.stream_fragment(header);
        }
        if self.liberties.include(Liberty::KeepFragments)
            && self.fragments.len() < KEPT_FRAGMENTS_MAX
        {
            self.fragments.push(header.payload_length as usize);
        }
        if !self.gate.is_lawful()
            && let Some(message) = &mut self.message
        {
            let start = self.rules.message_octets as usize;
            self.gate.end_fragment(header, message, start)?;
            if let Some(inflater) = &mut self.inflater {
                let compressed = self.rules.message_compressed;
                self.gate.end_data(header, compressed, message, inflater)?;
            }
        }
        if header.fin {
            self.rules.message_in_progress = false;
            self.rules.message_octets = 0;
            self.rules.message_fragments = 0;
            let Some(message) = self.message.take() else {
                return Ok(None);
            };
            let data = match self.inflater() {
                Some(inflater) => message.finish_data(inflater),
                None => Ok(()),
            };
            self.gate.overlook_in_data(data)?;
            let message = message.finish();
            self.rules.message_compressed = false;
            let fragments = std::mem::take(&mut self.fragments);
            return self.deliver(Received::Message(message?.with_fragments(fragments)));
        }
        self.rules.message_in_progress = true;
        self.rules.message_fragments += 1;
        let mut received = None;
        if self.gate.include(Deviation::EchoFragmentsSingly)
            && let Some(fragment) = self.message.take()
        {
            self.start_message(fragment.kind());
            received = self.deliver(Received::Message(fragment.finish()?))?;
        }
        self.rules.message_octets = self.message.as_ref().map_or(0, PartialMessage::length);
        Ok(received)
    }

    /// Ends a fragment and gives it by itself, if the message is not to be put together.
    fn stream_fragment(&mut self, header: FrameHeader) -> Result<Option<Received>, ProtocolError> {
        let Some(message) = &mut self.message else {
            return Ok(None);
        };
        let fragment = Fragment {
            kind: message.kind(),
            payload: message.take_payload(),
            is_first: header.opcode != Opcode::CONTINUATION,
            is_last: header.fin,
        };
        self.rules.message_in_progress = !header.fin;
        if header.fin {
            self.rules.message_octets = 0;
            self.rules.message_fragments = 0;
            self.message
                .take()
                .map(PartialMessage::finish)
                .transpose()?;
        } else {
            self.rules.message_octets += header.payload_length;
            self.rules.message_fragments += 1;
        }
        Ok(Some(Received::Fragment(fragment)))
    }

    /// What is given for what was received: just that, unless a deviation alters it.
    fn deliver(&mut self, received: Received) -> Result<Option<Received>, ProtocolError> {
        if self.gate.is_lawful() {
            return Ok(Some(received));
        }
        let message = self.message.as_mut();
        self.gate.deliver(received, message, &mut self.altered)?;
        Ok(self.altered.pop_front())
    }
}

/// What is left of a frame is read into its message if it is at least this much. Of less, the
/// copy costs less than the read that gets nothing else.
const LONG_OCTETS_MIN: u64 = 4 << 10;

/// Of how many fragments a message may be that is sent back in the same ones.
const KEPT_FRAGMENTS_MAX: usize = 64 << 10;

/// Larger buffers are given back to the allocator, where other connections find them.
const SPARE_OCTETS_MAX: usize = 32 << 10;
