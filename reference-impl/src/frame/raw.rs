//! Frames that need not be lawful: what a tester sends.

use super::{MaskingKey, Opcode, Rsv, apply_mask};

/// A frame whose every field can be set, lawfully or not (RFC 6455 §5.2).
///
/// Endpoints never send one of these; there is no way from here to the lawful
/// sending functions of a connection other than encoding and parsing the octets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawFrame {
    /// Whether this is the final fragment of a message.
    pub fin: bool,
    /// The three reserved bits.
    pub rsv: Rsv,
    /// The opcode, reserved values included.
    pub opcode: Opcode,
    /// The key the payload is masked with; `None` leaves the MASK bit clear and the payload plain.
    pub masking_key: Option<MaskingKey>,
    /// In how many octets the payload length is written.
    pub length_form: LengthForm,
    /// The payload length that is written; `None` tells the truth.
    pub declared_length: Option<u64>,
    /// The payload that is sent, before masking.
    pub payload: Vec<u8>,
}

/// In which of its three forms a payload length is written (RFC 6455 §5.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LengthForm {
    /// The shortest form that holds the length, the only lawful choice.
    #[default]
    Minimal,
    /// Seven bits in the second octet.
    ///
    /// Of a greater length the low seven bits are written; 126 and 127 come out
    /// as the marks of the longer forms, with no octets after them.
    SevenBit,
    /// The mark 126 and two octets. Of a greater length the low 16 bits are written.
    SixteenBit,
    /// The mark 127 and eight octets.
    SixtyFourBit,
}

impl LengthForm {
    /// The shortest form that holds `length`; never [`LengthForm::Minimal`].
    pub const fn shortest_for(length: u64) -> Self {
        match length {
            0..=125 => Self::SevenBit,
            126..=0xffff => Self::SixteenBit,
            _ => Self::SixtyFourBit,
        }
    }
}

impl RawFrame {
    /// An unfragmented, unmasked frame that tells the truth about its length.
    pub fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            fin: true,
            rsv: Rsv::NONE,
            opcode,
            masking_key: None,
            length_form: LengthForm::Minimal,
            declared_length: None,
            payload: payload.into(),
        }
    }

    /// The same frame, masked with `key`.
    #[must_use]
    pub fn masked(mut self, key: impl Into<MaskingKey>) -> Self {
        self.masking_key = Some(key.into());
        self
    }

    /// Appends the octets of the frame to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.encode_header(out);
        let start = out.len();
        out.extend_from_slice(&self.payload);
        if let Some(key) = self.masking_key {
            apply_mask(&mut out[start..], key, 0);
        }
    }

    /// Appends the octets of the header alone, up to and with the masking key, to `out`.
    ///
    /// For payloads that are streamed rather than held; mask them with [`apply_mask`].
    pub fn encode_header(&self, out: &mut Vec<u8>) {
        let length = self.declared_length.unwrap_or(self.payload.len() as u64);
        out.push(u8::from(self.fin) << 7 | self.rsv.bits() << 4 | self.opcode.value());
        let mask_bit = u8::from(self.masking_key.is_some()) << 7;
        let form = match self.length_form {
            LengthForm::Minimal => LengthForm::shortest_for(length),
            form => form,
        };
        let octets = length.to_be_bytes();
        match form {
            LengthForm::Minimal | LengthForm::SevenBit => out.push(mask_bit | (octets[7] & 0x7f)),
            LengthForm::SixteenBit => {
                out.push(mask_bit | 126);
                out.extend_from_slice(&octets[6..]);
            }
            LengthForm::SixtyFourBit => {
                out.push(mask_bit | 127);
                out.extend_from_slice(&octets);
            }
        }
        if let Some(key) = self.masking_key {
            out.extend_from_slice(&key.0);
        }
    }

    /// The octets of the frame.
    pub fn to_octets(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(14 + self.payload.len());
        self.encode(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_section_5_7_are_encoded() {
        let hello = RawFrame::new(Opcode::TEXT, "Hello");
        assert_eq!(hello.to_octets(), b"\x81\x05Hello");
        assert_eq!(
            hello.clone().masked([0x37, 0xfa, 0x21, 0x3d]).to_octets(),
            [
                0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58
            ]
        );
        let first = RawFrame {
            fin: false,
            ..RawFrame::new(Opcode::TEXT, "Hel")
        };
        assert_eq!(first.to_octets(), b"\x01\x03Hel");
        let last = RawFrame::new(Opcode::CONTINUATION, "lo");
        assert_eq!(last.to_octets(), b"\x80\x02lo");
    }

    #[test]
    fn lengths_take_the_shortest_form_by_default() {
        for (length, header) in [
            (0, &[0x82, 0][..]),
            (125, &[0x82, 125]),
            (126, &[0x82, 126, 0, 126]),
            (65_535, &[0x82, 126, 0xff, 0xff]),
            (65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let octets = RawFrame::new(Opcode::BINARY, vec![0; length]).to_octets();
            assert_eq!(&octets[..header.len()], header, "length {length}");
            assert_eq!(octets.len(), header.len() + length, "length {length}");
        }
    }

    #[test]
    fn every_field_can_be_set_unlawfully() {
        let base = RawFrame::new(Opcode::TEXT, "ab");
        for (frame, octets) in [
            (
                RawFrame {
                    rsv: Rsv::new(7),
                    ..base.clone()
                },
                &b"\xf1\x02ab"[..],
            ),
            (
                RawFrame {
                    opcode: Opcode::from_first_octet(0xf),
                    ..base.clone()
                },
                b"\x8f\x02ab",
            ),
            (
                RawFrame {
                    length_form: LengthForm::SixteenBit,
                    ..base.clone()
                },
                b"\x81\x7e\x00\x02ab",
            ),
            (
                RawFrame {
                    length_form: LengthForm::SixtyFourBit,
                    ..base.clone()
                },
                b"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x02ab",
            ),
            (
                RawFrame {
                    declared_length: Some(u64::MAX),
                    ..base.clone()
                },
                b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffab",
            ),
            (
                RawFrame {
                    declared_length: Some(0x1_0003),
                    length_form: LengthForm::SixteenBit,
                    ..base.clone()
                },
                b"\x81\x7e\x00\x03ab",
            ),
            (
                RawFrame {
                    declared_length: Some(126),
                    length_form: LengthForm::SevenBit,
                    ..base.clone()
                },
                b"\x81\x7eab",
            ),
        ] {
            assert_eq!(frame.to_octets(), octets, "{frame:?}");
        }
    }
}
