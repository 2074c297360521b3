//! The frame layer of the observer (RFC 6455 §5).

use wsspec_cases::Target;
use wsspec_record::Oddity;
use wsspec_record::transcript::{Frame, Message, What};

use super::digest::{OctetsDigest, octets};
use super::utf8::Utf8Pieces;

/// Decodes what a target sends after the opening handshake.
///
/// Any split of the octets gives the same frames.
pub struct Observer {
    /// Which side the target is: it decides what its masking should be.
    target: Target,
    /// The octets of a header that is not complete yet, 14 at the most.
    header: Vec<u8>,
    frame: Option<OpenFrame>,
    message: Option<OpenMessage>,
    close_came: bool,
}

/// A frame whose header is complete.
struct OpenFrame {
    fin: bool,
    rsv: u8,
    opcode: u8,
    key: Option<[u8; 4]>,
    length: u64,
    extended_length_octets: u8,
    payload: OctetsDigest,
    utf8: Option<Utf8Pieces>,
    oddities: Vec<Oddity>,
}

/// A fragmented message that is not complete yet.
struct OpenMessage {
    opcode: u8,
    fragments: u64,
    payload: OctetsDigest,
    utf8: Utf8Pieces,
}

impl Observer {
    /// An observer of a target of this kind.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            header: Vec::with_capacity(14),
            frame: None,
            message: None,
            close_came: false,
        }
    }

    /// Takes octets and hands out the frames that they complete.
    pub fn receive(&mut self, mut octets: &[u8], mut seen: impl FnMut(What)) {
        loop {
            match &mut self.frame {
                None => {
                    let Some((&octet, rest)) = octets.split_first() else {
                        return;
                    };
                    octets = rest;
                    self.header.push(octet);
                    self.frame = self.parse_header();
                }
                Some(frame) => {
                    let missing = frame.length - frame.payload.length();
                    let here = usize::try_from(missing)
                        .unwrap_or(usize::MAX)
                        .min(octets.len());
                    let (payload, rest) = octets.split_at(here);
                    octets = rest;
                    take_payload(frame, self.message.as_mut(), payload);
                    if frame.payload.length() < frame.length {
                        return;
                    }
                    if let Some(frame) = self.frame.take() {
                        seen(What::ReceivedFrame(self.finish_frame(frame)));
                    }
                }
            }
        }
    }

    /// Says that the connection is over; hands out what was not complete.
    pub fn finish(&mut self, mut seen: impl FnMut(What)) {
        if let Some(mut frame) = self.frame.take() {
            frame.oddities.push(Oddity::CutShort);
            let mut frame = frame.record(None);
            note_http(&mut frame);
            seen(What::ReceivedFrame(frame));
        } else if !self.header.is_empty() {
            seen(What::ReceivedOctets(octets(&self.header)));
            self.header.clear();
        }
    }

    /// Makes a frame of the header as soon as it is complete.
    fn parse_header(&mut self) -> Option<OpenFrame> {
        let header = &self.header[..];
        let (first, second) = (*header.first()?, *header.get(1)?);
        let extended_length_octets = match second & 0x7f {
            126 => 2_u8,
            127 => 8,
            _ => 0,
        };
        let is_masked = second & 0x80 != 0;
        let length_end = 2 + usize::from(extended_length_octets);
        let header_length = length_end + if is_masked { 4 } else { 0 };
        if header.len() < header_length {
            return None;
        }
        let length = match extended_length_octets {
            0 => u64::from(second & 0x7f),
            _ => header[2..length_end]
                .iter()
                .fold(0_u64, |length, octet| length << 8 | u64::from(*octet)),
        };
        let key = header[length_end..header_length].try_into().ok();
        let mut frame = OpenFrame {
            fin: first & 0x80 != 0,
            rsv: first >> 4 & 0x7,
            opcode: first & 0x0f,
            key,
            length,
            extended_length_octets,
            payload: OctetsDigest::default(),
            utf8: None,
            oddities: Vec::new(),
        };
        self.header.clear();
        self.note_header_oddities(&mut frame);
        self.begin_message(&mut frame);
        Some(frame)
    }

    fn note_header_oddities(&self, frame: &mut OpenFrame) {
        let is_control = frame.opcode >= 0x8;
        let is_minimal = match frame.extended_length_octets {
            0 => true,
            2 => frame.length > 125,
            _ => frame.length > 0xffff,
        };
        let found = [
            (self.close_came && !is_control, Oddity::AfterClose),
            (self.close_came && frame.opcode == 0x8, Oddity::SecondClose),
            (
                self.target == Target::Server && frame.key.is_some(),
                Oddity::MaskedByServer,
            ),
            (
                self.target == Target::Client && frame.key.is_none(),
                Oddity::UnmaskedByClient,
            ),
            (frame.rsv != 0, Oddity::ReservedBits),
            (
                matches!(frame.opcode, 0x3..=0x7 | 0xb..=0xf),
                Oddity::ReservedOpcode,
            ),
            (!is_minimal, Oddity::LengthNotMinimal),
            (frame.length >> 63 != 0, Oddity::LengthTopBit),
            (is_control && frame.length > 125, Oddity::ControlTooLong),
            (is_control && !frame.fin, Oddity::ControlFragmented),
            (
                frame.opcode == 0x0 && self.message.is_none(),
                Oddity::ContinuationOfNothing,
            ),
            (
                matches!(frame.opcode, 0x1..=0x7) && self.message.is_some(),
                Oddity::MessageInsideMessage,
            ),
        ];
        frame
            .oddities
            .extend(found.into_iter().filter_map(|(is, odd)| is.then_some(odd)));
    }

    fn begin_message(&mut self, frame: &mut OpenFrame) {
        match frame.opcode {
            0x1 | 0x2 if frame.fin => {
                // A new message puts an end to an unfinished one.
                self.message = None;
                frame.utf8 = (frame.opcode == 0x1).then(Utf8Pieces::default);
            }
            0x1 | 0x2 => {
                self.message = Some(OpenMessage {
                    opcode: frame.opcode,
                    fragments: 0,
                    payload: OctetsDigest::default(),
                    utf8: Utf8Pieces::default(),
                });
            }
            _ => {}
        }
    }

    fn finish_frame(&mut self, mut frame: OpenFrame) -> Frame {
        let mut message = None;
        match frame.opcode {
            0x0..=0x2 => {
                if let Some(open) = &mut self.message {
                    open.fragments += 1;
                    let is_text = open.opcode == 0x1;
                    let sound = if frame.fin {
                        open.utf8.is_complete()
                    } else {
                        open.utf8.is_valid_so_far()
                    };
                    if is_text && !sound {
                        frame.oddities.push(Oddity::TextNotUtf8);
                    }
                    if frame.fin {
                        message = self.message.take();
                    }
                } else if frame.utf8.as_ref().is_some_and(|utf8| !utf8.is_complete()) {
                    frame.oddities.push(Oddity::TextNotUtf8);
                }
            }
            0x8 => self.close_came = true,
            _ => {}
        }
        let mut frame = frame.record(message);
        note_http(&mut frame);
        if frame.opcode == 0x8 {
            note_close_oddities(&mut frame);
        }
        frame
    }
}

fn take_payload(frame: &mut OpenFrame, message: Option<&mut OpenMessage>, payload: &[u8]) {
    let unmasked: Vec<u8>;
    let offset = frame.payload.length();
    let payload = match frame.key {
        None => payload,
        Some(key) => {
            unmasked = payload
                .iter()
                .enumerate()
                .map(|(at, octet)| octet ^ key[((offset + at as u64) % 4) as usize])
                .collect();
            &unmasked
        }
    };
    frame.payload.update(payload);
    if let Some(utf8) = &mut frame.utf8 {
        utf8.update(payload);
    }
    if frame.opcode <= 0x2
        && let Some(message) = message
    {
        message.payload.update(payload);
        if message.opcode == 0x1 {
            message.utf8.update(payload);
        }
    }
}

impl OpenFrame {
    fn record(self, message: Option<OpenMessage>) -> Frame {
        Frame {
            fin: self.fin,
            rsv: self.rsv,
            opcode: self.opcode,
            mask: self
                .key
                .map(|[a, b, c, d]| format!("{a:02x}{b:02x}{c:02x}{d:02x}")),
            length: self.length,
            extended_length_octets: self.extended_length_octets,
            payload: self.payload.finish(),
            oddities: self.oddities,
            message: message.map(|message| Message {
                opcode: message.opcode,
                fragments: message.fragments,
                payload: message.payload.finish(),
            }),
        }
    }
}

/// Says of a frame that it is the beginning of HTTP/1 taken for a frame: "HT" makes the
/// header, "TP/1." comes behind it.
fn note_http(frame: &mut Frame) {
    let is_header = (frame.fin, frame.rsv, frame.opcode, frame.length) == (false, 4, 0x8, 0x54);
    if is_header && frame.mask.is_none() && frame.payload.kept().starts_with(b"TP/1.") {
        frame.oddities = vec![Oddity::Http];
    }
}

fn note_close_oddities(frame: &mut Frame) {
    // A longer payload is an oddity of its own, and not kept whole.
    let payload = frame.payload.kept();
    match payload[..] {
        [] => {}
        [_] => frame.oddities.push(Oddity::ClosePayloadOneOctet),
        [high, low, ref reason @ ..] => {
            // §7.4.1 and §7.4.2 forbid these. That 1004, 1016 to 2999 and 5000
            // upwards are not to be sent is a matter of registration, and not noted.
            if matches!(
                u16::from_be_bytes([high, low]),
                0..=999 | 1005 | 1006 | 1015
            ) {
                frame.oddities.push(Oddity::CloseCodeForbidden);
            }
            if frame.payload.is_whole() && std::str::from_utf8(reason).is_err() {
                frame.oddities.push(Oddity::CloseReasonNotUtf8);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(octets: &[u8]) -> Vec<What> {
        let mut observer = Observer::new(Target::Server);
        let mut seen = Vec::new();
        observer.receive(octets, |what| seen.push(what));
        observer.finish(|what| seen.push(what));
        seen
    }

    fn oddities(octets: &[u8]) -> Vec<Oddity> {
        observe(octets)
            .into_iter()
            .filter_map(|what| match what {
                What::ReceivedFrame(frame) => Some(frame.oddities),
                _ => None,
            })
            .flatten()
            .collect()
    }

    #[test]
    fn nothing_odd_about_lawful_frames() {
        for octets in [
            &b"\x81\x05Hello"[..],
            b"\x01\x03Hel\x80\x02lo",
            b"\x01\x01\xce\x89\x00\x80\x01\xba",
            b"\x82\x00",
            b"\x88\x00",
            b"\x88\x05\x03\xe8bye",
            // §5.5.1 forbids data after Close, and §5.5.2 leaves Pings to everybody.
            b"\x88\x00\x89\x00\x8a\x00",
            b"\x8a\x01x",
        ] {
            assert_eq!(oddities(octets), [], "{octets:02x?}");
        }
    }

    #[test]
    fn every_oddity_is_noted() {
        for (octets, expected) in [
            (&b"\x81\x81\x01\x02\x03\x04\x49"[..], Oddity::MaskedByServer),
            (b"\xa1\x00", Oddity::ReservedBits),
            (b"\x83\x00", Oddity::ReservedOpcode),
            (b"\x8f\x00", Oddity::ReservedOpcode),
            (b"\x82\x7e\x00\x01x", Oddity::LengthNotMinimal),
            (b"\x09\x00", Oddity::ControlFragmented),
            (b"\x80\x00", Oddity::ContinuationOfNothing),
            (b"\x01\x00\x81\x00", Oddity::MessageInsideMessage),
            (b"\x81\x01\xff", Oddity::TextNotUtf8),
            (b"\x81\x01\xce", Oddity::TextNotUtf8),
            (b"\x01\x01\xce\x80\x00", Oddity::TextNotUtf8),
            (b"\x88\x01\x03", Oddity::ClosePayloadOneOctet),
            (b"\x88\x02\x03\xed", Oddity::CloseCodeForbidden),
            (b"\x88\x03\x03\xe8\xff", Oddity::CloseReasonNotUtf8),
            (b"\x88\x00\x81\x00", Oddity::AfterClose),
            (b"\x88\x00\x88\x00", Oddity::SecondClose),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", Oddity::Http),
            (b"\x81\x02x", Oddity::CutShort),
        ] {
            assert_eq!(oddities(octets), [expected], "{octets:02x?}");
        }
        let long_ping = [&b"\x89\x7e\x00\x7e"[..], &[0; 126]].concat();
        assert_eq!(oddities(&long_ping), [Oddity::ControlTooLong]);
        let top_bit = b"\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00";
        assert_eq!(oddities(top_bit), [Oddity::LengthTopBit, Oddity::CutShort]);
    }

    #[test]
    fn a_message_in_fragments_is_put_together() {
        let seen = observe(b"\x01\x03Hel\x89\x01p\x80\x02lo");
        let What::ReceivedFrame(last) = &seen[2] else {
            panic!("{seen:?}");
        };
        let message = last.message.as_ref().unwrap();
        assert_eq!(message.payload, octets(b"Hello"));
        assert_eq!((message.opcode, message.fragments), (0x1, 2));
    }

    #[test]
    fn any_split_gives_the_same() {
        let stream =
            b"\x01\x83\x01\x02\x03\x04Hel\x89\x00\x80\x7e\x00\x82lo\xa0\x88\x02\x03\xe8\x82\x05ab";
        let whole = observe(stream);
        for cut in 0..stream.len() {
            let mut observer = Observer::new(Target::Server);
            let mut seen = Vec::new();
            observer.receive(&stream[..cut], |what| seen.push(what));
            observer.receive(&stream[cut..], |what| seen.push(what));
            observer.finish(|what| seen.push(what));
            assert_eq!(seen, whole, "cut at {cut}");
        }
    }
}
