//! From the frames of a case to octets (RFC 6455 §5.2), and the record of them.

use rand_chacha::ChaCha8Rng;
use rand_core::Rng;
use wsspec_cases::frame::Compress;
use wsspec_cases::{Frame, FrameKind, LengthForm, Mask, Target};
use wsspec_record::transcript::{self, Message, What};
use wsspec_reference::frame::{self as wire, MaskingKey, Opcode, RawFrame, Rsv};

use wsspec_judge::observe::{Agreement, octets};

use super::deflate::{self, Deflater, Position};

/// The bit that marks compressed messages (RFC 7692 §6).
const RSV1: u8 = 4;

/// Makes octets of frames as the runner's role asks, with keys from a seed.
#[derive(Debug)]
pub(super) struct Encoder {
    /// What the runner talks to: it masks what it sends to a server.
    target: Target,
    /// Where compression was agreed on.
    deflater: Option<Deflater>,
    keys: ChaCha8Rng,
}

/// Octets to send and what the transcript says of them.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    pub(super) octets: Vec<u8>,
    /// How many octets there were before compression, where something was compressed.
    pub(super) inflated_octets: u64,
    /// How many of them each frame has.
    pub(super) lengths: Vec<usize>,
    pub(super) records: Vec<What>,
}

/// A frame that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Its payload cannot be made.
    #[error(transparent)]
    Payload(#[from] wsspec_cases::payload::PayloadError),
}

impl Encoder {
    pub(super) fn new(target: Target, keys: ChaCha8Rng) -> Self {
        Self {
            target,
            deflater: None,
            keys,
        }
    }

    /// Says what was agreed on compression.
    pub(super) fn agree(&mut self, agreement: Agreement) {
        let ours = match self.target {
            Target::Client => agreement.server,
            _ => agreement.client,
        };
        self.deflater = Some(Deflater::new(ours));
    }

    /// Makes the octets of several frames, one behind the other.
    pub(super) fn encode(&mut self, frames: &[Frame]) -> Result<Encoded, EncodeError> {
        let mut encoded = Encoded::default();
        for frame in frames {
            self.encode_one(frame, &mut encoded)?;
        }
        Ok(encoded)
    }

    /// A lawful frame that no case describes, such as the Pong that answers a Ping.
    pub(super) fn lawful(&mut self, opcode: u8, payload: Vec<u8>) -> Encoded {
        let mut encoded = Encoded::default();
        let mut raw = RawFrame::new(Opcode::from_first_octet(opcode), payload);
        raw.masking_key = self.key(Mask::Lawful);
        push(&raw, None, &mut encoded);
        encoded
    }

    fn encode_one(&mut self, frame: &Frame, encoded: &mut Encoded) -> Result<(), EncodeError> {
        let (opcode, plain) = match &frame.kind {
            FrameKind::Octets(payload) => {
                let raw = payload.octets()?;
                encoded.records.push(What::SentOctets(octets(&raw)));
                encoded.octets.extend_from_slice(&raw);
                encoded.lengths.push(raw.len());
                return Ok(());
            }
            FrameKind::Frame { opcode, payload } => (*opcode, payload.octets()?.into_owned()),
            FrameKind::Close { code, reason } => {
                let mut body = code.to_be_bytes().to_vec();
                if let Some(reason) = reason {
                    body.extend_from_slice(&reason.octets()?);
                }
                (0x8, body)
            }
        };
        let mut rsv = frame.rsv;
        let mut message = None;
        let payload = match &frame.compress {
            None => plain,
            Some(how) => {
                rsv |= if opcode == 0x0 || how.rsv1_clear {
                    0
                } else {
                    RSV1
                };
                encoded.inflated_octets += plain.len() as u64;
                if frame.fin && matches!(opcode, 0x1 | 0x2) {
                    message = Some(octets(&plain));
                }
                self.deflate(opcode, &plain, how, frame.fin)
            }
        };
        let size = frame.fragment_size.map_or(usize::MAX, |size| {
            usize::try_from(size).unwrap_or(usize::MAX)
        });
        let mut chunks: Vec<&[u8]> = payload.chunks(size.max(1)).collect();
        if chunks.is_empty() {
            chunks.push(&[]);
        }
        let count = chunks.len();
        for (at, chunk) in chunks.into_iter().enumerate() {
            let (is_first, is_last) = (at == 0, at + 1 == count);
            let opcode_here = if is_first { opcode } else { 0x0 };
            let mut raw = RawFrame::new(Opcode::from_first_octet(opcode_here), chunk);
            raw.fin = is_last && frame.fin;
            raw.rsv = Rsv::new(if is_first { rsv } else { 0 });
            raw.masking_key = self.key(frame.mask);
            raw.length_form = match frame.length_form {
                None => wire::LengthForm::Minimal,
                Some(LengthForm::SevenBit) => wire::LengthForm::SevenBit,
                Some(LengthForm::SixteenBit) => wire::LengthForm::SixteenBit,
                Some(LengthForm::SixtyFourBit) => wire::LengthForm::SixtyFourBit,
            };
            raw.declared_length = frame.declared_length;
            let message = message.take_if(|_| is_last).map(|payload| Message {
                opcode,
                fragments: count as u64,
                payload,
            });
            push(&raw, message, encoded);
        }
        Ok(())
    }

    fn deflate(&mut self, opcode: u8, payload: &[u8], how: &Compress, is_last: bool) -> Vec<u8> {
        let at = Position {
            is_first: opcode != 0x0,
            is_last,
        };
        // Control frames are not compressed; one that is all the same is no part of the context.
        if opcode >= 0x8 {
            return Deflater::new(deflate::USUAL).deflate(payload, how, at);
        }
        let deflater = self
            .deflater
            .get_or_insert_with(|| Deflater::new(deflate::USUAL));
        deflater.deflate(payload, how, at)
    }

    fn key(&mut self, mask: Mask) -> Option<MaskingKey> {
        match mask {
            Mask::None => None,
            Mask::Lawful if self.target == Target::Client => None,
            Mask::Key(key) => Some(MaskingKey(key)),
            Mask::Lawful | Mask::Random => {
                let mut key = [0; 4];
                self.keys.fill_bytes(&mut key);
                Some(MaskingKey(key))
            }
        }
    }
}

fn push(raw: &RawFrame, message: Option<Message>, encoded: &mut Encoded) {
    let length = raw.declared_length.unwrap_or(raw.payload.len() as u64);
    let form = match raw.length_form {
        wire::LengthForm::Minimal => wire::LengthForm::shortest_for(length),
        form => form,
    };
    encoded.records.push(What::SentFrame(transcript::Frame {
        fin: raw.fin,
        rsv: raw.rsv.bits(),
        opcode: raw.opcode.value(),
        mask: raw
            .masking_key
            .map(|MaskingKey([a, b, c, d])| format!("{a:02x}{b:02x}{c:02x}{d:02x}")),
        length,
        extended_length_octets: match form {
            wire::LengthForm::SixteenBit => 2,
            wire::LengthForm::SixtyFourBit => 8,
            _ => 0,
        },
        payload: octets(&raw.payload),
        oddities: Vec::new(),
        message,
    }));
    let before = encoded.octets.len();
    raw.encode(&mut encoded.octets);
    encoded.lengths.push(encoded.octets.len() - before);
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    use super::*;

    fn encode(target: Target, json: &str) -> Encoded {
        let frames: Vec<Frame> = serde_json::from_str(json).unwrap();
        Encoder::new(target, ChaCha8Rng::seed_from_u64(1))
            .encode(&frames)
            .unwrap()
    }

    #[test]
    fn a_server_gets_masked_frames_and_a_client_gets_plain_ones() {
        let to_server = encode(Target::Server, r#"[{"text": "ab"}]"#);
        assert_eq!(to_server.octets[..2], [0x81, 0x82]);
        assert_eq!(to_server.octets.len(), 2 + 4 + 2);
        let to_client = encode(Target::Client, r#"[{"text": "ab"}]"#);
        assert_eq!(to_client.octets, b"\x81\x02ab");
    }

    #[test]
    fn every_field_can_be_lied_about() {
        for (json, octets) in [
            (
                r#"[{"text": "ab", "mask": "00000000"}]"#,
                &b"\x81\x82\0\0\0\0ab"[..],
            ),
            (
                r#"[{"text": "", "fin": false, "rsv": [1, 3]}]"#,
                b"\x51\x00",
            ),
            (r#"[{"opcode": 15, "payload": "x"}]"#, b"\x8f\x01x"),
            (
                r#"[{"ping": "x", "length_form": "16-bit"}]"#,
                b"\x89\x7e\x00\x01x",
            ),
            (r#"[{"binary": "x", "declared_length": 3}]"#, b"\x82\x03x"),
            (
                r#"[{"close": 1000, "reason": "ok"}]"#,
                b"\x88\x04\x03\xe8ok",
            ),
            (r#"[{"close": {"hex": "03"}}]"#, b"\x88\x01\x03"),
            (
                r#"[{"text": "abc", "fragment_size": 2, "rsv": [1]}]"#,
                b"\x41\x02ab\x80\x01c",
            ),
            (r#"[{"text": "", "fragment_size": 2}]"#, b"\x81\x00"),
            (r#"[{"octets": "xyz"}]"#, b"xyz"),
            (
                r#"[{"text": "Hello", "compress": true}, {"text": "Hello", "compress": true}]"#,
                b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00",
            ),
            (
                r#"[{"text": "Hello", "compress": true, "fragment_size": 3}]"#,
                b"\x41\x03\xf2\x48\xcd\x00\x03\xc9\xc9\x07\x80\x01\x00",
            ),
            (
                r#"[{"ping": "", "compress": {"keep_tail": true, "rsv1_clear": true}}]"#,
                b"\x89\x05\x00\x00\x00\xff\xff",
            ),
        ] {
            assert_eq!(encode(Target::Client, json).octets, octets, "{json}");
        }
    }
}
