//! What is sent, altered.

use super::{Deviation, Deviations};
use crate::CloseCode;
use crate::frame::{LengthForm, MaskingKey, Opcode, RawFrame, Rsv, apply_mask};

use Deviation as D;

/// The gate through which the frames of a deviating endpoint leave.
#[derive(Debug)]
pub(crate) struct Sending {
    deviations: Deviations,
    frames: u64,
    messages: u64,
    pongs: u64,
    /// Pongs that wait for the next message.
    delayed: Vec<RawFrame>,
    last_key: Option<MaskingKey>,
    /// Whether a deviation has ended all sending.
    closed: bool,
    noise: u32,
}

impl Sending {
    pub(crate) const fn new(deviations: Deviations) -> Self {
        Self {
            deviations,
            frames: 0,
            messages: 0,
            pongs: 0,
            delayed: Vec::new(),
            last_key: None,
            closed: false,
            noise: 1,
        }
    }

    /// Whether frames leave as they are.
    #[inline]
    pub(crate) const fn is_lawful(&self) -> bool {
        self.deviations.is_empty()
    }

    /// What is compressed where `payload` is a message.
    pub(crate) fn alter_uncompressed<'payload>(&self, payload: &'payload [u8]) -> &'payload [u8] {
        match payload {
            [rest @ .., _] if self.include(D::CompressAllButLast) => rest,
            payload => payload,
        }
    }

    /// Whether Pongs are compressed.
    pub(crate) fn compresses_pongs(&self) -> bool {
        self.include(D::CompressPongs)
    }

    /// Appends what is sent in place of the lawful `frame` to `out`.
    #[cold]
    pub(crate) fn push(&mut self, mut frame: RawFrame, out: &mut Vec<u8>) {
        let lawful = frame.opcode;
        if lawful == Opcode::PONG && self.drops_pong(&frame) || self.is_silent() {
            return;
        }
        if !lawful.is_control() {
            self.messages += 1;
        }
        for &(deviation, of, alteration) in ALTERATIONS {
            if self.include(deviation) && of.includes(lawful) {
                alteration.apply(&mut frame);
            }
        }
        if frame.rsv.has(Rsv::RSV1) && !lawful.is_control() {
            self.alter_compressed(&mut frame);
        }
        if lawful == Opcode::PONG && self.include(D::DelayPongs) {
            self.delayed.push(frame);
            return;
        }
        let masks = frame.masking_key;
        for frame in self.multiply(lawful, frame) {
            self.encode(frame, out);
        }
        if !lawful.is_control() {
            for pong in std::mem::take(&mut self.delayed) {
                self.encode(pong, out);
            }
        }
        if self.messages == 1 && self.include(D::CloseAfterOneEcho) {
            self.closed = true;
            self.encode(close_frame(masks, CloseCode::PROTOCOL_ERROR), out);
        }
    }

    /// Whether nothing more is sent.
    fn is_silent(&self) -> bool {
        self.closed
            || self.include(D::SayNothing)
            || self.messages == 3 && self.include(D::FallSilent)
    }

    fn alter_compressed(&self, frame: &mut RawFrame) {
        if self.include(D::KeepTail) {
            frame.payload.extend_from_slice(&[0x00, 0x00, 0xff, 0xff]);
        }
        if self.include(D::CutCompressedMessages) {
            frame.payload.pop();
        }
        if frame.payload == [0] && self.include(D::SendNothingForEmpty) {
            frame.payload.clear();
        }
        if self.include(D::CompressWithoutRsv1) {
            frame.rsv = frame.rsv.without(Rsv::RSV1);
        }
    }

    fn drops_pong(&mut self, pong: &RawFrame) -> bool {
        self.pongs += 1;
        self.include(D::IgnorePings)
            || pong.payload.is_empty() && self.include(D::IgnoreEmptyPings)
            || self.pongs > 1 && self.include(D::AnswerFirstPingOnly)
    }

    /// The frames that are sent for one whose opcode was `lawful`.
    fn multiply(&self, lawful: Opcode, frame: RawFrame) -> Vec<RawFrame> {
        match lawful {
            Opcode::PONG if self.include(D::AnswerPingsTwice) => vec![another(&frame), frame],
            Opcode::CLOSE if self.include(D::SendCloseTwice) => vec![another(&frame), frame],
            Opcode::CLOSE if self.include(D::SendDataAfterClose) => {
                let late = RawFrame {
                    opcode: Opcode::TEXT,
                    payload: b"late".to_vec(),
                    ..another(&frame)
                };
                vec![frame, late]
            }
            Opcode::TEXT | Opcode::BINARY => self.fragment(frame),
            _ => vec![frame],
        }
    }

    fn fragment(&self, mut first: RawFrame) -> Vec<RawFrame> {
        let mut second = another(&first);
        if self.include(D::SendFinInFirstFragment) {
            second.fin = false;
            second.opcode = Opcode::CONTINUATION;
        } else if first.rsv.has(Rsv::RSV1) && self.include(D::SendRsv1OnContinuation) {
            first.fin = false;
            second.opcode = Opcode::CONTINUATION;
        } else if self.include(D::RepeatOpcodeInFragments) {
            first.fin = false;
        } else if self.include(D::InterleaveMessages) {
            second.rsv = Rsv::NONE;
            let inside = RawFrame {
                payload: b"inside".to_vec(),
                ..another(&second)
            };
            first.fin = false;
            second.opcode = Opcode::CONTINUATION;
            second.payload = first.payload.split_off(first.payload.len() / 2);
            return vec![first, inside, second];
        } else {
            return vec![first];
        }
        second.payload = first.payload.split_off(first.payload.len() / 2);
        vec![first, second]
    }

    fn include(&self, deviation: Deviation) -> bool {
        self.deviations.include(deviation)
    }

    /// Encodes a frame, in an unusual form if the deviations are about that.
    fn encode(&mut self, mut frame: RawFrame, out: &mut Vec<u8>) {
        self.alter_mask(&mut frame);
        self.alter_length(&mut frame);
        let start = out.len();
        if self.include(D::SendMaskBitWithoutKey) {
            frame.masking_key = None;
        }
        frame.encode(out);
        if self.include(D::SendMaskBitWithoutKey) {
            out[start + 1] |= 0x80;
        }
        if out[start + 1] & 0x7f == 127 && self.include(D::SendLengthTopBit) {
            out[start + 2] |= 0x80;
        }
        if self.include(D::SendNoise) {
            out[start..].fill_with(|| self.next_noise());
        }
        if self.include(D::SendLengthsLittleEndian) {
            match out[start + 1] & 0x7f {
                126 => out[start + 2..start + 4].reverse(),
                127 => out[start + 2..start + 10].reverse(),
                _ => {}
            }
        }
        self.frames += 1;
    }

    /// The next of octets that mean nothing, the same ones each time.
    fn next_noise(&mut self) -> u8 {
        self.noise = self
            .noise
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        (self.noise >> 24) as u8
    }

    fn alter_mask(&mut self, frame: &mut RawFrame) {
        let Some(key) = frame.masking_key else {
            return;
        };
        let control = frame.opcode.is_control();
        let key = match self.last_key {
            _ if self.include(D::MaskWithZeroKey) => MaskingKey([0; 4]),
            _ if self.include(D::MaskWithHalfKeys) => {
                let MaskingKey([first, second, ..]) = key;
                MaskingKey([first, second, 0, 0])
            }
            Some(last) if self.include(D::MaskWithFixedKey) => last,
            Some(last) if self.include(D::ReuseMaskingKeys) && self.frames % 2 == 1 => last,
            Some(last) if self.include(D::MaskWithCountedKey) => {
                let next = u32::from_be_bytes(last.0).wrapping_add(1);
                MaskingKey(next.to_be_bytes())
            }
            _ => key,
        };
        self.last_key = Some(key);
        let unmasked = control && self.include(D::SendUnmaskedControlFrames)
            || !control && self.include(D::MaskServerControlFrames)
            || self.frames > 0 && self.include(D::MaskFirstFrameOnly);
        frame.masking_key = (!unmasked).then_some(key);
        if self.include(D::SetMaskBitOnly) {
            // Masking twice is not masking.
            apply_mask(&mut frame.payload, key, 0);
        }
    }

    fn alter_length(&self, frame: &mut RawFrame) {
        let length = frame.payload.len();
        if self.include(D::CountMaskingKey) {
            frame.declared_length = Some(length as u64 + 4);
        }
        if length > 0 && !frame.opcode.is_control() && self.include(D::SendLengthsOneShort) {
            frame.declared_length = Some(length as u64 - 1);
        }
        let forms: &[_] = match length {
            125 => &[
                (D::SendLong16BitLengths, LengthForm::SixteenBit),
                (D::Send125In16Bits, LengthForm::SixteenBit),
            ],
            0..=124 => &[(D::SendLong16BitLengths, LengthForm::SixteenBit)],
            65_535 => &[
                (D::SendLong64BitLengths, LengthForm::SixtyFourBit),
                (D::Send65535In64Bits, LengthForm::SixtyFourBit),
            ],
            126..=65_534 => &[(D::SendLong64BitLengths, LengthForm::SixtyFourBit)],
            _ => &[(D::SendLengthsModulo65536, LengthForm::SixteenBit)],
        };
        if let Some((_, form)) = forms.iter().find(|(deviation, _)| self.include(*deviation)) {
            frame.length_form = *form;
        }
    }
}

/// Which frames are altered.
#[derive(Clone, Copy)]
enum Of {
    Text,
    Binary,
    Data,
    Pongs,
    Closes,
}

impl Of {
    fn includes(self, opcode: Opcode) -> bool {
        match self {
            Self::Text => opcode == Opcode::TEXT,
            Self::Binary => opcode == Opcode::BINARY,
            Self::Data => !opcode.is_control(),
            Self::Pongs => opcode == Opcode::PONG,
            Self::Closes => opcode == Opcode::CLOSE,
        }
    }
}

/// What is altered in a frame.
#[derive(Clone, Copy)]
enum Alteration {
    Rsv(Rsv),
    Opcode(u8),
    NotFinal,
    /// Of a Close frame, or any other payload.
    Payload(fn(&mut Vec<u8>)),
    /// The reason of a Close frame.
    Reason(&'static [u8]),
}

impl Alteration {
    fn apply(self, frame: &mut RawFrame) {
        match self {
            Self::Rsv(bits) => frame.rsv = frame.rsv.union(bits),
            Self::Opcode(value) => frame.opcode = Opcode::from_first_octet(value),
            Self::NotFinal => frame.fin = false,
            Self::Payload(alter) => alter(&mut frame.payload),
            Self::Reason(reason) => {
                let code = frame.payload.first_chunk().copied();
                let code = code.unwrap_or(CloseCode::NORMAL.value().to_be_bytes());
                frame.payload = [&code, reason].concat();
            }
        }
    }
}

const ALTERATIONS: &[(Deviation, Of, Alteration)] = &[
    (D::SendRsv1, Of::Data, Alteration::Rsv(Rsv::RSV1)),
    (D::SendRsv2, Of::Data, Alteration::Rsv(Rsv::RSV2)),
    (D::SendRsv3, Of::Data, Alteration::Rsv(Rsv::RSV3)),
    (
        D::SendRsvOnControlFrames,
        Of::Pongs,
        Alteration::Rsv(Rsv::RSV1),
    ),
    (D::SendReservedDataOpcode, Of::Data, Alteration::Opcode(0x3)),
    (
        D::SendReservedControlOpcode,
        Of::Pongs,
        Alteration::Opcode(0xb),
    ),
    (D::SendTextAsBinary, Of::Text, Alteration::Opcode(0x2)),
    (D::SendBinaryAsText, Of::Binary, Alteration::Opcode(0x1)),
    (D::SendStrayContinuation, Of::Data, Alteration::Opcode(0x0)),
    (D::NeverSetFin, Of::Data, Alteration::NotFinal),
    (
        D::SendExtensionData,
        Of::Data,
        Alteration::Payload(|payload| drop(payload.splice(..0, *b"ext!"))),
    ),
    (D::SendCloseAsPing, Of::Closes, Alteration::Opcode(0x9)),
    (D::AnswerPingsWithPings, Of::Pongs, Alteration::Opcode(0x9)),
    (D::AnswerPingsWithText, Of::Pongs, Alteration::Opcode(0x1)),
    (D::SendFragmentedPongs, Of::Pongs, Alteration::NotFinal),
    (
        D::AnswerPingsEmptily,
        Of::Pongs,
        Alteration::Payload(Vec::clear),
    ),
    (
        D::TruncatePongPayload,
        Of::Pongs,
        Alteration::Payload(|payload| payload.truncate(64)),
    ),
    (
        D::SendLongPongs,
        Of::Pongs,
        Alteration::Payload(|payload| payload.resize(126, b'.')),
    ),
    (
        D::AlterPongPayload,
        Of::Pongs,
        Alteration::Payload(invert_first),
    ),
    (D::SendFragmentedClose, Of::Closes, Alteration::NotFinal),
    (
        D::SendHalfCloseCode,
        Of::Closes,
        Alteration::Payload(|payload| payload.truncate(1)),
    ),
    (
        D::SendCloseCodeLittleEndian,
        Of::Closes,
        Alteration::Payload(|payload| swap_code(payload)),
    ),
    (
        D::SendLongCloseReason,
        Of::Closes,
        Alteration::Reason(&[b'x'; 124]),
    ),
    (
        D::SendInvalidCloseReason,
        Of::Closes,
        Alteration::Reason(b"caf\xc3"),
    ),
];

/// The same frame once more, under a key of its own.
fn another(frame: &RawFrame) -> RawFrame {
    let mut other = frame.clone();
    if let Some(key) = &mut other.masking_key {
        key.0.rotate_left(1);
    }
    other
}

/// A Close frame under this key.
fn close_frame(masking_key: Option<MaskingKey>, code: CloseCode) -> RawFrame {
    another(&RawFrame {
        masking_key,
        ..RawFrame::new(Opcode::CLOSE, code.value().to_be_bytes())
    })
}

fn invert_first(payload: &mut Vec<u8>) {
    match payload.first_mut() {
        Some(octet) => *octet = !*octet,
        None => payload.push(0),
    }
}

fn swap_code(payload: &mut [u8]) {
    if let [high, low, ..] = payload {
        std::mem::swap(high, low);
    }
}
