//! Messages, and how fragments become one (RFC 6455 §5.4, §5.6).

use crate::Deviations;
use crate::close::CloseCode;
use crate::deflate::{InflateError, Inflater};
use crate::deviation::DeviatingText;
use crate::frame::{HEADER_OCTETS_MAX, MaskingKey, Opcode, apply_mask};
use crate::utf8::{Utf8Error, Utf8Validator};

/// Whether a message is text or binary (RFC 6455 §5.6).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Any octets.
    Binary,
}

impl MessageKind {
    /// The opcode of the first frame of such a message.
    pub(crate) const fn opcode(self) -> Opcode {
        match self {
            Self::Text => Opcode::TEXT,
            Self::Binary => Opcode::BINARY,
        }
    }
}

impl std::fmt::Display for MessageKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Binary => "binary",
        })
    }
}

/// A whole message (RFC 6455 §6.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    kind: MessageKind,
    payload: Vec<u8>,
    /// The lengths of the fragments in which it came, where they are to be kept.
    fragments: Vec<usize>,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            kind: MessageKind::Text,
            payload: text.into().into_bytes(),
            fragments: Vec::new(),
        }
    }

    /// A binary message.
    pub fn binary(payload: impl Into<Vec<u8>>) -> Self {
        Self {
            kind: MessageKind::Binary,
            payload: payload.into(),
            fragments: Vec::new(),
        }
    }

    /// A text message whose payload need not be text, for deviations.
    pub(crate) const fn unchecked_text(payload: Vec<u8>) -> Self {
        Self {
            kind: MessageKind::Text,
            payload,
            fragments: Vec::new(),
        }
    }

    /// The same message, which came in fragments of these lengths.
    pub(crate) fn with_fragments(self, fragments: Vec<usize>) -> Self {
        Self { fragments, ..self }
    }

    /// The application data, and the lengths of the fragments in which it came.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Vec<usize>) {
        (self.payload, self.fragments)
    }

    /// The lengths of the fragments in which it came, if they were kept.
    pub(crate) fn fragments(&self) -> &[usize] {
        &self.fragments
    }

    /// Whether it is text or binary.
    pub const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The application data.
    ///
    /// That of a text message is UTF-8, unless it was received by an endpoint that
    /// deviates in not validating it.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The application data, for keeping.
    pub fn into_payload(self) -> Vec<u8> {
        self.payload
    }

    /// The text, if it is a text message.
    pub fn as_text(&self) -> Option<&str> {
        match self.kind {
            MessageKind::Text => simdutf8::basic::from_utf8(&self.payload).ok(),
            MessageKind::Binary => None,
        }
    }
}

/// A part of a message, where messages are not put together: an endpoint that takes
/// [`Liberty::StreamFragments`](crate::Liberty::StreamFragments) gets these.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fragment {
    /// Whether the message is text or binary.
    pub kind: MessageKind,
    /// The application data; that of text may end within a character.
    pub payload: Vec<u8>,
    /// Whether the message begins with it.
    pub is_first: bool,
    /// Whether the message ends with it.
    pub is_last: bool,
}

/// The data of a message does not fit its type or our limits.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// A text message is not UTF-8 (§8.1).
    #[error("a text message is not UTF-8: {0}")]
    TextNotUtf8(#[from] Utf8Error),
    /// A message is of a kind that is not understood (§7.4.1).
    #[error("a {kind} message came, which is not understood")]
    NotUnderstood {
        /// The kind.
        kind: MessageKind,
    },
    /// A compressed message cannot be inflated (RFC 7692 §6.2).
    #[error("a compressed message cannot be inflated: {0}")]
    NotInflatable(#[from] InflateError),
}

impl MessageError {
    /// The section of RFC 6455 that was not kept, or of RFC 7692, as in `"7692 7.2.2"`.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::TextNotUtf8(_) => "8.1",
            Self::NotUnderstood { .. } => "7.4.1",
            Self::NotInflatable(InflateError::TooBig { .. }) => "10.4",
            Self::NotInflatable(_) => "7692 7.2.2",
        }
    }

    /// The status code to fail the connection with.
    pub const fn close_code(&self) -> CloseCode {
        match self {
            // RFC 7692 §6.2 names no code for data that are not DEFLATE. The frames are in order and
            // it is their payload that is not what RSV1 says, which is what 1007 is for.
            Self::TextNotUtf8(_)
            | Self::NotInflatable(InflateError::Invalid | InflateError::EndMissing) => {
                CloseCode::INVALID_FRAME_PAYLOAD_DATA
            }
            Self::NotInflatable(InflateError::TooBig { .. }) => CloseCode::MESSAGE_TOO_BIG,
            Self::NotUnderstood { .. } => CloseCode::UNSUPPORTED_DATA,
        }
    }
}

/// A message of which not all has arrived.
#[derive(Debug)]
pub(crate) struct PartialMessage {
    kind: MessageKind,
    payload: Vec<u8>,
    text_check: TextCheck,
}

/// How the payload of a message is validated.
#[derive(Debug)]
enum TextCheck {
    /// Not at all: it is binary.
    None,
    Lawful(Utf8Validator),
    /// Boxed, so that what is unusual makes no message larger.
    Deviating(Box<DeviatingText>),
}

impl TextCheck {
    #[inline]
    fn new(kind: MessageKind, deviations: Deviations) -> Self {
        if !deviations.is_empty()
            && let Some(deviating) = DeviatingText::new(kind, deviations)
        {
            return Self::Deviating(Box::new(deviating));
        }
        match kind {
            MessageKind::Text => Self::Lawful(Utf8Validator::new()),
            MessageKind::Binary => Self::None,
        }
    }

    #[inline]
    fn push(&mut self, octets: &[u8]) -> Result<(), Utf8Error> {
        match self {
            Self::None => Ok(()),
            Self::Lawful(validator) => validator.push(octets),
            Self::Deviating(deviating) => deviating.push(octets),
        }
    }

    /// Takes text that was compressed.
    #[inline]
    fn push_inflated(&mut self, octets: &[u8]) -> Result<(), Utf8Error> {
        match self {
            Self::Deviating(deviating) if deviating.skips_inflated() => Ok(()),
            check => check.push(octets),
        }
    }

    /// Sees octets that are compressed, which only a deviation takes for text.
    #[inline]
    fn see_compressed(&self, octets: &[u8]) -> Result<(), Utf8Error> {
        match self {
            Self::Deviating(deviating) => deviating.see_compressed(octets),
            _ => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), Utf8Error> {
        match self {
            Self::None => Ok(()),
            Self::Lawful(validator) => validator.finish(),
            Self::Deviating(deviating) => deviating.finish(),
        }
    }
}

impl PartialMessage {
    /// Starts a message whose payload goes to `buffer`, an empty one.
    pub(crate) fn new(kind: MessageKind, deviations: Deviations, buffer: Vec<u8>) -> Self {
        debug_assert!(buffer.is_empty(), "a message starts with no octets");
        Self {
            kind,
            payload: buffer,
            text_check: TextCheck::new(kind, deviations),
        }
    }

    pub(crate) const fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The octets that have arrived since this was last asked for.
    pub(crate) fn take_payload(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.payload)
    }

    /// How many octets have arrived.
    pub(crate) fn length(&self) -> u64 {
        self.payload.len() as u64
    }

    /// Makes room for `octets` more and the header after them, or for some if they are many.
    ///
    /// A declared length costs the peer nothing, so that it must not cost us much, unless a
    /// deviation is to `reserve_all`.
    pub(crate) fn expect_octets(&mut self, octets: u64, reserve_all: bool) {
        let max = if reserve_all {
            DECLARED_OCTETS_MAX
        } else {
            RESERVED_AHEAD_OCTETS_MAX
        };
        self.payload
            .reserve(octets.min(max) as usize + HEADER_OCTETS_MAX);
    }

    /// Makes room for some of the `octets` that are still to come, and gives the buffer to append
    /// them to. Then [`unmask_last`](Self::unmask_last) takes them.
    pub(crate) fn room(&mut self, octets: u64) -> &mut Vec<u8> {
        let octets = usize::try_from(octets).unwrap_or(usize::MAX);
        if self.payload.len() == self.payload.capacity() {
            // What was declared is believed as far as much of it has come.
            let ahead = self.payload.len().saturating_mul(RESERVED_AHEAD_FACTOR);
            let ahead = ahead.max(RESERVED_AHEAD_OCTETS_MAX as usize);
            self.payload.reserve_exact(octets.min(ahead));
        }
        &mut self.payload
    }

    /// Takes the last `count` octets of the payload, which came from that of a frame, and unmasks
    /// them with `key`; `offset` is the place of the first in that payload.
    ///
    /// # Errors
    /// They make the text invalid, at the latest with the last of them.
    pub(crate) fn unmask_last(
        &mut self,
        count: usize,
        key: Option<MaskingKey>,
        offset: u64,
    ) -> Result<(), MessageError> {
        let start = self.payload.len() - count;
        let added = &mut self.payload[start..];
        if let Some(key) = key {
            apply_mask(added, key, offset);
        }
        self.text_check.push(added)?;
        Ok(())
    }

    /// Takes octets from the payload of a frame, as they came, and unmasks them with `key`;
    /// `offset` is their place in that payload.
    ///
    /// # Errors
    /// They make the text invalid, at the latest with the last of them.
    pub(crate) fn append(
        &mut self,
        octets: &[u8],
        key: Option<MaskingKey>,
        offset: u64,
    ) -> Result<(), MessageError> {
        self.payload.extend_from_slice(octets);
        self.unmask_last(octets.len(), key, offset)
    }

    /// Takes octets from the payload of a compressed frame, as they came, unmasks them with `key`
    /// and inflates them; `offset` is their place in that payload.
    ///
    /// # Errors
    /// They make the data or the text invalid, or the message too long; whichever is first.
    pub(crate) fn append_compressed(
        &mut self,
        octets: &[u8],
        key: Option<MaskingKey>,
        mut offset: u64,
        inflater: &mut Inflater,
    ) -> Result<(), MessageError> {
        let mut unmasked = [0; UNMASKED_OCTETS_MAX];
        for masked in octets.chunks(UNMASKED_OCTETS_MAX) {
            let octets = &mut unmasked[..masked.len()];
            octets.copy_from_slice(masked);
            if let Some(key) = key {
                apply_mask(octets, key, offset);
            }
            offset += octets.len() as u64;
            self.text_check.see_compressed(octets)?;
            let start = self.payload.len();
            let outcome = inflater.inflate(octets, &mut self.payload);
            // What was inflated before an error comes before it, however the octets were cut.
            let end = inflater.within_limit(self.payload.len());
            self.text_check.push_inflated(&self.payload[start..end])?;
            outcome?;
        }
        Ok(())
    }

    /// Ends the compressed data of the message, `inflater` being its own.
    ///
    /// # Errors
    /// The data end too early.
    pub(crate) fn finish_data(&self, inflater: &mut Inflater) -> Result<(), MessageError> {
        Ok(inflater.finish_message(&self.payload)?)
    }

    /// Ends the message.
    ///
    /// # Errors
    /// The text ends within a character.
    #[inline]
    pub(crate) fn finish(mut self) -> Result<Message, MessageError> {
        self.text_check.finish()?;
        Ok(Message {
            kind: self.kind,
            payload: self.payload,
            fragments: Vec::new(),
        })
    }
}

/// What deviations do to a message that is not complete.
impl PartialMessage {
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(crate) const fn payload_mut(&mut self) -> &mut Vec<u8> {
        &mut self.payload
    }

    pub(crate) const fn make_binary(&mut self) {
        self.kind = MessageKind::Binary;
    }

    /// A frame of the message has ended.
    pub(crate) fn end_frame(&mut self) -> Result<(), MessageError> {
        if let TextCheck::Deviating(deviating) = &mut self.text_check {
            deviating.end_frame()?;
        }
        Ok(())
    }
}

/// How many octets there is room for as soon as they are declared.
const RESERVED_AHEAD_OCTETS_MAX: u64 = 64 << 10;

/// How many times what has arrived there is room for, if that much is declared.
const RESERVED_AHEAD_FACTOR: usize = 15;

/// How many octets are unmasked at a time on their way to being inflated.
const UNMASKED_OCTETS_MAX: usize = 4 << 10;

/// Even who believes declared lengths is not to bring a test run down.
const DECLARED_OCTETS_MAX: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_length_costs_no_more_than_it_should() {
        // No peer can see this deviation.
        for (reserve_all, expected) in [(false, false), (true, true)] {
            let mut message =
                PartialMessage::new(MessageKind::Binary, Deviations::NONE, Vec::new());
            message.expect_octets(16 << 20, reserve_all);
            assert_eq!(message.payload.capacity() >= 16 << 20, expected);
        }
    }
}
