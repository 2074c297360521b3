//! Writing frame headers (RFC 6455 §5.2).

use super::{FrameHeader, LengthForm};

impl FrameHeader {
    /// Appends the octets of the header to `out`, the length in its shortest form.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mask_bit = u8::from(self.masking_key.is_some()) << 7;
        let length = self.payload_length.to_be_bytes();
        let first = u8::from(self.fin) << 7 | self.rsv.bits() << 4 | self.opcode.value();
        match LengthForm::shortest_for(self.payload_length) {
            LengthForm::Minimal | LengthForm::SevenBit => {
                out.extend_from_slice(&[first, mask_bit | length[7]]);
            }
            LengthForm::SixteenBit => {
                out.extend_from_slice(&[first, mask_bit | 126, length[6], length[7]]);
            }
            LengthForm::SixtyFourBit => {
                out.extend_from_slice(&[first, mask_bit | 127]);
                out.extend_from_slice(&length);
            }
        }
        if let Some(key) = self.masking_key {
            out.extend_from_slice(&key.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{HeaderRules, MaskingKey, Opcode, RawFrame, Rsv};
    use super::*;
    use crate::Role;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_encoded_is_parsed(
            fin: bool,
            text: bool,
            key: Option<[u8; 4]>,
            payload_length in prop_oneof![0..200u64, 65_000..66_000u64, 0..=u64::MAX >> 1],
        ) {
            let header = FrameHeader {
                fin,
                rsv: Rsv::NONE,
                opcode: if text { Opcode::TEXT } else { Opcode::BINARY },
                masking_key: key.map(MaskingKey),
                payload_length,
            };
            let mut octets = Vec::new();
            header.encode(&mut octets);
            let sender = if key.is_some() { Role::Client } else { Role::Server };
            let rules = HeaderRules::new(sender);
            prop_assert_eq!(FrameHeader::parse(&octets, &rules), Ok(Some((header, octets.len()))));
            for end in 0..octets.len() {
                prop_assert_eq!(FrameHeader::parse(&octets[..end], &rules), Ok(None));
            }
            let raw = RawFrame {
                fin,
                masking_key: header.masking_key,
                declared_length: Some(payload_length),
                ..RawFrame::new(header.opcode, [])
            };
            prop_assert_eq!(raw.to_octets(), octets);
        }
    }
}
