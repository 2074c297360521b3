//! Frames to send, with every field settable or lied about (RFC 6455 §5.2).
//!
//! In JSON a frame names its opcode by its first field and states only what is
//! unusual: `{ "text": "Hello", "rsv": [2] }`. FIN is set, RSV is zero, the length
//! takes the shortest form and masking is what the runner's role asks for, unless
//! said otherwise.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::payload::{HexPayload, Payload};

/// One frame (or message in fragments, or raw octets) to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "FrameFields", into = "FrameFields")]
pub struct Frame {
    /// Opcode and payload.
    pub kind: FrameKind,
    /// The FIN bit; set unless said otherwise.
    pub fin: bool,
    /// The three RSV bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub rsv: u8,
    /// The masking of the payload.
    pub mask: Mask,
    /// The form of the payload length; the shortest unless said otherwise.
    pub length_form: Option<LengthForm>,
    /// A payload length to declare in place of the true one.
    pub declared_length: Option<u64>,
    /// Send the message as fragments of this many octets, after compression where it is
    /// compressed. The last one has FIN as `fin` says, so that a message can go on in
    /// further frames.
    pub fragment_size: Option<u32>,
    /// Compress the message with permessage-deflate (RFC 7692) and set RSV1.
    pub compress: Option<Compress>,
}

/// Opcode and payload of a frame to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameKind {
    /// A data or control frame: opcode (four bits) and payload.
    Frame {
        /// The opcode, 0 to 15.
        opcode: u8,
        /// The application data before masking.
        payload: Payload,
    },
    /// A Close frame with a status code and a reason.
    Close {
        /// The status code, lawful or not.
        code: u16,
        /// The reason; octets, since a case may send a reason that is no UTF-8.
        reason: Option<Payload>,
    },
    /// Octets that are no frame: they go on the wire as they are.
    Octets(Payload),
}

/// The form of a payload length (RFC 6455 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LengthForm {
    /// In the second octet of the header, 0 to 125.
    #[serde(rename = "7-bit")]
    SevenBit,
    /// 126 and two more octets.
    #[serde(rename = "16-bit")]
    SixteenBit,
    /// 127 and eight more octets.
    #[serde(rename = "64-bit")]
    SixtyFourBit,
}

/// The masking of a frame to send (RFC 6455 §5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mask {
    /// As the runner's role asks: a fresh random key as a client, none as a server.
    #[default]
    Lawful,
    /// Masked with a fresh random key, whatever the role.
    Random,
    /// Not masked, whatever the role.
    None,
    /// Masked with this key.
    Key([u8; 4]),
}

/// How a message is compressed (RFC 7692 §7.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Compress {
    /// LZ77 window as a power of two, 9 to 15; the one that was agreed on by default.
    #[schemars(range(min = 9, max = 15))]
    pub window_bits: Option<u8>,
    /// How the DEFLATE blocks are made.
    pub blocks: DeflateBlocks,
    /// Leave the final `00 00 ff ff` in place, which §7.2.1 tells to remove.
    pub keep_tail: bool,
    /// What of earlier messages this one may refer to.
    pub context: Context,
    /// Leave RSV1 clear although the payload is compressed.
    pub rsv1_clear: bool,
}

/// What of the messages before it a compressed message refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// As far as was agreed on.
    #[default]
    Agreed,
    /// Nothing: it begins with an empty window, and those behind it know nothing older.
    Forgotten,
    /// What there is, agreed on or not.
    Kept,
}

/// How the DEFLATE blocks of a compressed message are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeflateBlocks {
    /// As the compressor likes, ended by an empty stored block (a sync flush).
    #[default]
    Usual,
    /// Stored blocks only.
    Stored,
    /// A block with the fixed codes.
    Fixed,
    /// A block with codes of its own.
    Dynamic,
    /// A block boundary in the middle of the message.
    Split,
    /// The last block has BFINAL set.
    Final,
}

/// A frame as it is written in JSON: one field names the opcode, others modify.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Frame")]
pub(crate) struct FrameFields {
    /// A text frame (opcode 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Payload>,
    /// A binary frame (opcode 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary: Option<Payload>,
    /// A continuation frame (opcode 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    continuation: Option<Payload>,
    /// A Ping frame (opcode 9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ping: Option<Payload>,
    /// A Pong frame (opcode 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pong: Option<Payload>,
    /// A Close frame (opcode 8): a status code, or a payload as it is (`""` for none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    close: Option<CloseBody>,
    /// Any opcode, 0 to 15; goes with `payload`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 15))]
    opcode: Option<u8>,
    /// Octets that are no frame and go on the wire as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    octets: Option<Payload>,

    /// The payload of a frame that is given by `opcode`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<Payload>,
    /// The reason of a Close frame that has a status code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Payload>,
    /// The FIN bit; `true` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fin: Option<bool>,
    /// The RSV bits that are set: 1, 2 and 3 for RSV1, RSV2 and RSV3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(range(min = 1, max = 3)))]
    rsv: Option<Vec<u8>>,
    /// `true` or `false` to mask or not to whatever the role, or a key of eight
    /// hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mask: Option<MaskField>,
    /// The form of the payload length; the shortest unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length_form: Option<LengthForm>,
    /// A payload length to declare in place of the true one; a number, or a string
    /// with hexadecimal digits such as `"0x8000000000000000"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    declared_length: Option<WideNumber>,
    /// Send the message as fragments of this many octets each; `fin` is then that of
    /// the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    fragment_size: Option<u32>,
    /// Compress the message (permessage-deflate): `true`, or what is special.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compress: Option<CompressField>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a status code (0 to 65535) or a payload"
)]
enum CloseBody {
    Code(u16),
    Payload(Payload),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected true, false, or eight hexadecimal digits"
)]
enum MaskField {
    Switch(bool),
    Key(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a number, or a string such as \"0xffffffffffffffff\""
)]
enum WideNumber {
    Number(u64),
    Hexadecimal(String),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected true, or an object that says what is special"
)]
enum CompressField {
    Switch(bool),
    Special(Compress),
}

impl Frame {
    /// A lawful frame with this opcode and payload.
    pub fn new(opcode: u8, payload: Payload) -> Self {
        Self {
            kind: FrameKind::Frame { opcode, payload },
            fin: true,
            rsv: 0,
            mask: Mask::Lawful,
            length_form: None,
            declared_length: None,
            fragment_size: None,
            compress: None,
        }
    }

    /// The opcode, where the frame is one.
    pub fn opcode(&self) -> Option<u8> {
        match &self.kind {
            FrameKind::Frame { opcode, .. } => Some(*opcode),
            FrameKind::Close { .. } => Some(0x8),
            FrameKind::Octets(_) => None,
        }
    }

    /// Whether the frame declares a longer payload than it has, so that it is unfinished
    /// when all of it was sent.
    pub fn declares_more(&self) -> bool {
        let octets: u64 = self
            .payloads()
            .filter_map(|payload| payload.len().ok())
            .sum();
        self.declared_length.is_some_and(|length| length > octets)
    }

    /// Every payload that the frame names, for checks.
    pub fn payloads(&self) -> impl Iterator<Item = &Payload> {
        let (one, two) = match &self.kind {
            FrameKind::Frame { payload, .. } | FrameKind::Octets(payload) => (Some(payload), None),
            FrameKind::Close { reason, .. } => (reason.as_ref(), None),
        };
        one.into_iter().chain::<Option<&Payload>>(two)
    }
}

impl TryFrom<FrameFields> for Frame {
    type Error = String;

    fn try_from(fields: FrameFields) -> Result<Self, String> {
        let named = [
            (0x1, &fields.text),
            (0x2, &fields.binary),
            (0x0, &fields.continuation),
            (0x9, &fields.ping),
            (0xa, &fields.pong),
        ];
        let mut kinds: Vec<FrameKind> = named
            .into_iter()
            .filter_map(|(opcode, payload)| {
                payload
                    .clone()
                    .map(|payload| FrameKind::Frame { opcode, payload })
            })
            .collect();
        match &fields.close {
            Some(CloseBody::Code(code)) => kinds.push(FrameKind::Close {
                code: *code,
                reason: fields.reason.clone(),
            }),
            Some(CloseBody::Payload(payload)) => kinds.push(FrameKind::Frame {
                opcode: 0x8,
                payload: payload.clone(),
            }),
            None => {}
        }
        if let Some(opcode) = fields.opcode {
            kinds.push(FrameKind::Frame {
                opcode,
                payload: fields.payload.clone().unwrap_or_else(|| "".into()),
            });
        }
        if let Some(octets) = &fields.octets {
            kinds.push(FrameKind::Octets(octets.clone()));
        }

        let [kind] = <[FrameKind; 1]>::try_from(kinds).map_err(|kinds| {
            format!(
                "a frame has exactly one of text, binary, continuation, ping, pong, close, opcode \
                 and octets; this one has {}",
                kinds.len()
            )
        })?;
        if fields.opcode.is_some_and(|opcode| opcode > 0xf) {
            return Err("an opcode has four bits: expected 0 to 15".into());
        }
        let rsv = fields.rsv.as_deref().map(rsv_bits).transpose()?;
        if fields.payload.is_some() && fields.opcode.is_none() {
            return Err("payload goes with opcode; other frames have their payload in the field that names them".into());
        }
        if fields.reason.is_some() && !matches!(kind, FrameKind::Close { .. }) {
            return Err("a reason goes with a Close frame that has a status code".into());
        }
        if fields.fragment_size == Some(0) {
            return Err("a fragment_size is at least 1".into());
        }
        if let Some(CompressField::Special(Compress {
            window_bits: Some(bits),
            ..
        })) = &fields.compress
            && !(9..=15).contains(bits)
        {
            return Err("a window that can be compressed with has 9 to 15 bits".into());
        }
        if matches!(kind, FrameKind::Octets(_))
            && (fields.fin.is_some() || rsv.is_some() || fields.mask.is_some())
        {
            return Err("octets go on the wire as they are: fin, rsv and mask mean nothing".into());
        }
        Ok(Self {
            kind,
            fin: fields.fin.unwrap_or(true),
            rsv: rsv.unwrap_or(0),
            mask: match fields.mask {
                None => Mask::Lawful,
                Some(MaskField::Switch(true)) => Mask::Random,
                Some(MaskField::Switch(false)) => Mask::None,
                Some(MaskField::Key(key)) => Mask::Key(parse_key(&key)?),
            },
            length_form: fields.length_form,
            declared_length: fields.declared_length.map(parse_wide).transpose()?,
            fragment_size: fields.fragment_size,
            compress: match fields.compress {
                None | Some(CompressField::Switch(false)) => None,
                Some(CompressField::Switch(true)) => Some(Compress::default()),
                Some(CompressField::Special(special)) => Some(special),
            },
        })
    }
}

impl From<Frame> for FrameFields {
    fn from(frame: Frame) -> Self {
        let mut fields = Self {
            fin: (!frame.fin).then_some(false),
            rsv: (frame.rsv != 0).then(|| {
                let is_set = |bit: &u8| frame.rsv & rsv_bit(*bit) != 0;
                (1..=3).filter(is_set).collect()
            }),
            mask: match frame.mask {
                Mask::Lawful => None,
                Mask::Random => Some(MaskField::Switch(true)),
                Mask::None => Some(MaskField::Switch(false)),
                Mask::Key([a, b, c, d]) => {
                    Some(MaskField::Key(format!("{a:02x}{b:02x}{c:02x}{d:02x}")))
                }
            },
            length_form: frame.length_form,
            declared_length: frame.declared_length.map(WideNumber::Number),
            fragment_size: frame.fragment_size,
            compress: frame.compress.map(CompressField::Special),
            ..Self::default()
        };
        match frame.kind {
            FrameKind::Frame { opcode, payload } => match opcode {
                0x0 => fields.continuation = Some(payload),
                0x1 => fields.text = Some(payload),
                0x2 => fields.binary = Some(payload),
                0x8 => fields.close = Some(CloseBody::Payload(payload)),
                0x9 => fields.ping = Some(payload),
                0xa => fields.pong = Some(payload),
                _ => {
                    fields.opcode = Some(opcode);
                    fields.payload = Some(payload);
                }
            },
            FrameKind::Close { code, reason } => {
                fields.close = Some(CloseBody::Code(code));
                fields.reason = reason;
            }
            FrameKind::Octets(octets) => fields.octets = Some(octets),
        }
        fields
    }
}

impl JsonSchema for Frame {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        FrameFields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        FrameFields::json_schema(generator)
    }
}

/// The value of RSV1, RSV2 or RSV3 in the field of all three.
fn rsv_bit(number: u8) -> u8 {
    0b1000 >> number
}

fn rsv_bits(numbers: &[u8]) -> Result<u8, String> {
    if numbers.iter().any(|number| !(1..=3).contains(number)) {
        return Err("there are three RSV bits: expected a list of 1, 2 and 3".into());
    }
    Ok(numbers
        .iter()
        .map(|number| rsv_bit(*number))
        .fold(0, |all, bit| all | bit))
}

fn parse_key(text: &str) -> Result<[u8; 4], String> {
    crate::payload::parse_hex(text)
        .ok()
        .and_then(|octets| <[u8; 4]>::try_from(octets).ok())
        .ok_or_else(|| format!("a masking key is eight hexadecimal digits, not {text:?}"))
}

fn parse_wide(number: WideNumber) -> Result<u64, String> {
    match number {
        WideNumber::Number(number) => Ok(number),
        WideNumber::Hexadecimal(text) => text
            .strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .ok_or_else(|| {
                format!("expected a number such as \"0xffffffffffffffff\", not {text:?}")
            }),
    }
}

impl From<HexPayload> for Payload {
    fn from(hex: HexPayload) -> Self {
        Self::Hex(hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_states_only_what_is_unusual() {
        let frame: Frame = serde_json::from_str(r#"{"text": "Hello"}"#).unwrap();
        assert_eq!(frame, Frame::new(0x1, "Hello".into()));

        let frame: Frame = serde_json::from_str(
            r#"{"ping": "", "fin": false, "rsv": [1, 2, 3], "mask": "01020304", "length_form": "64-bit",
                "declared_length": "0xfffffffffffffffc"}"#,
        )
        .unwrap();
        assert_eq!(frame.opcode(), Some(0x9));
        assert!(!frame.fin);
        assert_eq!(frame.rsv, 7);
        assert_eq!(frame.mask, Mask::Key([1, 2, 3, 4]));
        assert_eq!(frame.length_form, Some(LengthForm::SixtyFourBit));
        assert_eq!(frame.declared_length, Some(u64::MAX - 3));
    }

    #[test]
    fn frames_survive_a_round_trip() {
        for json in [
            r#"{"text":"Hello","rsv":[2]}"#,
            r#"{"text":"Hello","rsv":[1,3]}"#,
            r#"{"close":1000,"reason":"bye"}"#,
            r#"{"close":{"hex":"03"}}"#,
            r#"{"close":""}"#,
            r#"{"opcode":3,"payload":"x","mask":false}"#,
            r#"{"octets":{"hex":"8100"}}"#,
            r#"{"binary":{"repeat":"x","times":3},"fragment_size":1}"#,
            r#"{"continuation":"","fin":false}"#,
        ] {
            let frame: Frame = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&frame).unwrap(), json);
        }
    }

    #[test]
    fn frames_that_mean_nothing_are_refused() {
        for (json, expected) in [
            (r"{}", "exactly one of"),
            (r#"{"text": "", "ping": ""}"#, "this one has 2"),
            (r#"{"opcode": 16}"#, "four bits"),
            (r#"{"text": "", "rsv": [4]}"#, "three RSV bits"),
            (r#"{"text": "", "payload": ""}"#, "payload goes with opcode"),
            (r#"{"text": "", "reason": ""}"#, "a reason goes with"),
            (
                r#"{"text": "", "mask": "0102"}"#,
                "eight hexadecimal digits",
            ),
            (
                r#"{"text": "", "declared_length": "12"}"#,
                "expected a number",
            ),
            (r#"{"text": "", "fragment_size": 0}"#, "at least 1"),
            (r#"{"octets": "", "fin": false}"#, "mean nothing"),
            (
                r#"{"text": "", "compress": {"window_bits": 8}}"#,
                "9 to 15 bits",
            ),
            (r#"{"text": "", "masked": true}"#, "unknown field `masked`"),
        ] {
            let error = serde_json::from_str::<Frame>(json).unwrap_err().to_string();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
