//! What is received, altered.

use super::{Deviation, Deviations};
use crate::deflate::Inflater;
use crate::error::ProtocolError;
use crate::frame::{FrameError, FrameHeader, LengthForm, MaskingKey, Opcode, Rsv};
use crate::incoming::Received;
use crate::message::{Message, MessageError, MessageKind, PartialMessage};
use std::collections::VecDeque;

use Deviation as D;

/// The gate through which frames and messages reach a deviating endpoint.
#[derive(Debug)]
pub(crate) struct Receiving {
    deviations: Deviations,
    /// How many fragments the message in progress has so far.
    fragments: usize,
    /// Pings that wait for the end of a message.
    delayed: Vec<Received>,
    /// Whether a violation was answered and passed over.
    went_on: bool,
    messages: u64,
    /// The payload of the last message.
    last: Vec<u8>,
}

impl Receiving {
    pub(crate) const fn new(deviations: Deviations) -> Self {
        Self {
            deviations,
            fragments: 0,
            delayed: Vec::new(),
            went_on: false,
            messages: 0,
            last: Vec::new(),
        }
    }

    /// Whether everything arrives as it is.
    #[inline]
    pub(crate) const fn is_lawful(&self) -> bool {
        self.deviations.is_empty()
    }

    #[inline]
    pub(crate) const fn include(&self, deviation: Deviation) -> bool {
        self.deviations.include(deviation)
    }

    /// Whether nothing more is read.
    #[inline]
    pub(crate) const fn has_stopped(&self) -> bool {
        self.messages >= 3 && self.include(D::StopReading)
    }

    /// The same outcome, unless a deviation overlooks that data are not DEFLATE.
    pub(crate) fn overlook_in_data(
        &self,
        outcome: Result<(), MessageError>,
    ) -> Result<(), MessageError> {
        outcome.or_else(|error| match self.deviations.overlook_in_data(&error) {
            true => Ok(()),
            false => Err(error),
        })
    }

    /// A fragment of a message has ended, where compression was agreed on.
    ///
    /// # Errors
    /// A deviation takes the end of the fragment for that of the data.
    #[cold]
    pub(crate) fn end_data(
        &self,
        header: FrameHeader,
        compressed: bool,
        message: &PartialMessage,
        inflater: &mut Inflater,
    ) -> Result<(), MessageError> {
        if !header.fin && compressed && self.include(D::InflateFramesSingly) {
            message.finish_data(inflater)?;
            inflater.start_message();
        }
        if header.fin && !compressed && self.include(D::RememberUncompressed) {
            inflater.remember_uncompressed(message.payload());
        }
        Ok(())
    }

    /// The header that is understood where `header` was read, with `message` in progress, and
    /// with reserved bits that mean nothing if it `has_unknown_bits`.
    ///
    /// # Errors
    /// A deviation refuses it.
    #[cold]
    pub(crate) fn alter_header(
        &mut self,
        mut header: FrameHeader,
        has_unknown_bits: bool,
        message: Option<&mut PartialMessage>,
    ) -> Result<FrameHeader, FrameError> {
        let opcode = header.opcode;
        if header.masking_key == Some(MaskingKey([0; 4])) && self.include(D::RefuseZeroMaskingKey) {
            return Err(FrameError::NotMasked);
        }
        if self.include(D::IgnoreMaskingKey) {
            header.masking_key = None;
        }
        if self.include(D::ReadMaskingKeyAsPayload) {
            header.payload_length = header.payload_length.saturating_sub(4);
        }
        if has_unknown_bits && self.include(D::SkipFramesWithReservedBits) {
            header.opcode = SKIPPED;
        } else if opcode.is_reserved() {
            header.opcode = self.deviations.alter_reserved_opcode(opcode);
        } else if opcode.is_control() {
            self.alter_control_header(&mut header, message)?;
        } else {
            self.alter_data_header(&mut header, message.is_some())?;
        }
        Ok(header)
    }

    fn alter_control_header(
        &self,
        header: &mut FrameHeader,
        message: Option<&mut PartialMessage>,
    ) -> Result<(), FrameError> {
        let opcode = header.opcode;
        if header.payload_length == 125 && self.include(D::RefuseControlFramesOf125Octets) {
            return Err(FrameError::ControlFrameTooLong { opcode });
        }
        if opcode == Opcode::PONG && self.include(D::RefusePongs) {
            return Err(FrameError::ReservedOpcode { opcode });
        }
        let Some(message) = message else {
            return Ok(());
        };
        if self.include(D::RefuseControlBetweenFragments) {
            return Err(FrameError::MessageUnfinished { opcode });
        }
        if opcode == Opcode::PING && self.include(D::DropControlBetweenFragments)
            || opcode == Opcode::CLOSE && self.include(D::IgnoreCloseInMessage)
        {
            header.opcode = SKIPPED;
        }
        if self.include(D::ForgetFragmentsAtControl) {
            message.payload_mut().clear();
        }
        Ok(())
    }

    fn alter_data_header(
        &mut self,
        header: &mut FrameHeader,
        in_message: bool,
    ) -> Result<(), FrameError> {
        let opcode = header.opcode;
        if opcode != Opcode::CONTINUATION && self.include(D::InflateEverything) {
            // It means nothing where compression was not agreed on.
            header.rsv = header.rsv.union(Rsv::RSV1);
        }
        if in_message && self.include(D::JoinInterruptingMessage) {
            header.opcode = Opcode::CONTINUATION;
        }
        self.fragments = if in_message { self.fragments + 1 } else { 1 };
        let empty = header.payload_length == 0;
        if !header.fin && self.include(D::RefuseFragmentedMessages)
            || self.fragments > 16 && self.include(D::RefuseManyFragments)
            || in_message && empty && self.include(D::RefuseEmptyFragments)
        {
            return Err(FrameError::MessageUnfinished { opcode });
        }
        if in_message && empty && self.include(D::DropEmptyFragments)
            || !in_message
                && opcode == Opcode::CONTINUATION
                && self.include(D::SkipStrayContinuation)
        {
            header.opcode = SKIPPED;
        }
        if in_message && self.include(D::IgnoreFinOfContinuation) {
            header.fin = false;
        }
        Ok(())
    }

    /// A fragment of `message` has ended, whose payload starts at `start`.
    ///
    /// # Errors
    /// A deviation refuses the text so far.
    #[cold]
    pub(crate) fn end_fragment(
        &self,
        header: FrameHeader,
        message: &mut PartialMessage,
        start: usize,
    ) -> Result<(), MessageError> {
        if !header.fin {
            message.end_frame()?;
        }
        if header.opcode != Opcode::CONTINUATION {
            return Ok(());
        }
        let payload = message.payload_mut();
        let start = start.min(payload.len());
        if self.include(D::ReverseFragments) {
            payload.rotate_left(start);
        }
        if self.include(D::KeepFirstFragmentOnly) {
            payload.truncate(start);
        }
        if self.include(D::KeepLastFragmentOnly) {
            payload.drain(..start);
        }
        if self.include(D::TakeFragmentedTextAsBinary) {
            message.make_binary();
        }
        Ok(())
    }

    /// Queues what was `received`, with `message` in progress.
    ///
    /// # Errors
    /// A deviation makes text of it that is none.
    #[cold]
    pub(crate) fn deliver(
        &mut self,
        received: Received,
        message: Option<&mut PartialMessage>,
        queue: &mut VecDeque<Received>,
    ) -> Result<(), MessageError> {
        match (received, message) {
            (Received::Ping(payload), Some(_)) if self.include(D::DelayControlBetweenFragments) => {
                self.delayed.push(Received::Ping(payload));
            }
            (Received::Ping(payload), Some(message)) if self.include(D::JoinControlToMessage) => {
                message.append(&payload, None, 0)?;
                queue.push_back(Received::Ping(payload));
            }
            (Received::Message(whole), _)
                if whole.payload().is_empty() && self.include(D::DropEmptyMessages) => {}
            (Received::Message(whole), _) => {
                queue.push_back(Received::Message(self.alter_message(whole)));
                queue.extend(self.delayed.drain(..));
            }
            (received, _) => queue.push_back(received),
        }
        Ok(())
    }

    fn alter_message(&mut self, message: Message) -> Message {
        let kind = message.kind();
        let mut payload = message.into_payload();
        self.messages += 1;
        if self.include(D::AppendToLastMessage) {
            let last = std::mem::replace(&mut self.last, payload.clone());
            payload.splice(..0, last);
        }
        if self.include(D::CutLongMessages) {
            payload.truncate(65_535);
        }
        match kind {
            MessageKind::Text => Message::unchecked_text(self.alter_text(payload)),
            MessageKind::Binary => Message::binary(payload),
        }
    }

    fn alter_text(&self, mut text: Vec<u8>) -> Vec<u8> {
        if self.include(D::StripByteOrderMark) && text.starts_with(b"\xef\xbb\xbf") {
            text.drain(..3);
        }
        if self.include(D::CutTextAtNul) {
            let end = text.iter().position(|&octet| octet == 0);
            text.truncate(end.unwrap_or(text.len()));
        }
        if self.include(D::ReplaceNonAscii) {
            let in_ascii = |char: char| if char.is_ascii() { char } else { '?' };
            let known = String::from_utf8_lossy(&text)
                .chars()
                .map(in_ascii)
                .collect();
            text = String::into_bytes(known);
        }
        if self.include(D::ReplaceInvalidUtf8) {
            text = String::from_utf8_lossy(&text).into_owned().into_bytes();
        }
        text
    }

    /// Whether a violation is answered and then passed over. From then on `understood`
    /// overlooks others like it.
    #[cold]
    pub(crate) fn goes_on_after(
        &mut self,
        violation: &ProtocolError,
        understood: &mut Deviations,
    ) -> bool {
        if self.went_on || !self.deviations.go_on_after(violation) {
            return false;
        }
        self.went_on = true;
        *understood = PASSED_OVER
            .iter()
            .copied()
            .fold(*understood, Deviations::with);
        true
    }
}

/// What an endpoint that goes on after a violation has to overlook.
const PASSED_OVER: &[Deviation] = &[
    D::AcceptReservedBits,
    D::AcceptReservedOpcodes,
    D::AcceptUnmaskedFrames,
    D::AcceptMaskedFrames,
    D::AcceptStrayContinuation,
    D::AbandonInterruptedMessage,
];

impl Deviations {
    /// Whether `violation` is answered with a Close frame and then passed over.
    #[cold]
    pub(crate) fn go_on_after(&self, violation: &ProtocolError) -> bool {
        let passable = matches!(
            violation,
            ProtocolError::Frame(
                FrameError::ReservedBits { .. }
                    | FrameError::ReservedOpcode { .. }
                    | FrameError::NotMasked
                    | FrameError::Masked
                    | FrameError::StrayContinuation
                    | FrameError::MessageUnfinished { .. }
            )
        );
        passable && self.include(D::GoOnAfterFailure)
    }

    /// The payload length that is understood where `length` was written in so many extended `octets`.
    ///
    /// # Errors
    /// A deviation refuses it.
    #[cold]
    pub(crate) fn alter_length(&self, length: u64, octets: usize) -> Result<u64, FrameError> {
        let form = match octets {
            0 => return Ok(length),
            2 => LengthForm::SixteenBit,
            _ => LengthForm::SixtyFourBit,
        };
        let refused = match (form, length) {
            (LengthForm::SixteenBit, 126) => self.include(D::Refuse126In16Bits),
            (LengthForm::SixtyFourBit, 65_536) => {
                self.include_any(&[D::Refuse64BitLengths, D::Refuse65536In64Bits])
            }
            (LengthForm::SixtyFourBit, _) => self.include(D::Refuse64BitLengths),
            _ => false,
        };
        if refused {
            return Err(FrameError::LengthNotMinimal { form });
        }
        if form == LengthForm::SixteenBit {
            let swapped = self.include(D::Read16BitLengthsLittleEndian);
            return Ok(if swapped {
                length.swap_bytes() >> 48
            } else {
                length
            });
        }
        let mut length = length;
        if self.include(D::Read64BitLengthsLittleEndian) {
            length = length.swap_bytes();
        }
        if self.include(D::AcceptLengthTopBit) {
            length &= u64::MAX >> 1;
        }
        if self.include(D::TruncateLengthsTo32Bits) {
            length &= 0xffff_ffff;
        }
        if self.include(D::TruncateLengthsTo16Bits) {
            length &= 0xffff;
        }
        Ok(length)
    }

    fn alter_reserved_opcode(&self, opcode: Opcode) -> Opcode {
        let taken_as: &[_] = if opcode.is_control() {
            &[(D::TakeReservedControlAsPing, Opcode::PING)]
        } else {
            &[
                (D::TakeReservedDataAsText, Opcode::TEXT),
                (D::TakeReservedDataAsBinary, Opcode::BINARY),
            ]
        };
        taken_as
            .iter()
            .find(|(deviation, _)| self.include(*deviation))
            .map_or(opcode, |&(_, other)| other)
    }
}

/// The payload of a reserved opcode is read and dropped, since nobody knows what it means.
const SKIPPED: Opcode = Opcode::from_first_octet(0xf);
