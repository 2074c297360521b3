//! A frame, of which every field can be set or lied about (RFC 6455 §5.2).

use wsspec_cases::{LengthForm, Target};

use super::Payload;

/// A frame to send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Whether it is the last of its message.
    pub fin: bool,
    /// The reserved bits: RSV1 counts 4, RSV2 counts 2, RSV3 counts 1.
    pub rsv: u8,
    /// Four bits.
    pub opcode: u8,
    /// Whether and with what it is masked.
    pub masking: Masking,
    /// How the length is written; the shortest form unless said otherwise.
    pub form: Option<LengthForm>,
    /// The length that is declared in place of the true one.
    pub declared: Option<u64>,
    /// What it carries.
    pub payload: Payload,
}

/// The masking of a frame (§5.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Masking {
    /// As our role asks.
    Lawful,
    /// The other way round.
    Wrong,
    /// With this key.
    Key([u8; 4]),
}

impl Frame {
    /// A lawful frame.
    pub fn new(opcode: u8, payload: impl Into<Payload>) -> Self {
        Self {
            fin: true,
            rsv: 0,
            opcode,
            masking: Masking::Lawful,
            form: None,
            declared: None,
            payload: payload.into(),
        }
    }

    /// A Close frame with a status code.
    pub fn close(code: u16, reason: &[u8]) -> Self {
        Self::new(0x8, [&code.to_be_bytes(), reason].concat())
    }

    /// Whether the opcode is that of a control frame (§5.5).
    pub const fn is_control(&self) -> bool {
        self.opcode & 0x8 != 0
    }

    /// Whether the header declares another length than the payload has.
    pub fn lies_about_length(&self) -> bool {
        let length = self.payload.len() as u64;
        let written = match (self.form, self.declared.unwrap_or(length)) {
            (Some(LengthForm::SevenBit), declared) => declared & 0x7f,
            (Some(LengthForm::SixteenBit), declared) => declared & 0xffff,
            (_, declared) => declared,
        };
        written != length || self.form == Some(LengthForm::SevenBit) && length > 125
    }

    /// Whether the frame is masked when it is sent to `target`.
    pub fn is_masked(&self, target: Target) -> bool {
        match self.masking {
            Masking::Lawful => target == Target::Server,
            Masking::Wrong => target != Target::Server,
            Masking::Key(_) => true,
        }
    }
}
