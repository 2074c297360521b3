//! Reading frame headers (RFC 6455 §5.2).

use super::{LengthForm, MaskingKey, Opcode, Rsv};
use crate::close::CloseCode;
use crate::{Deviations, Role};

/// The longest payload of a control frame, in octets (RFC 6455 §5.5).
pub const CONTROL_PAYLOAD_OCTETS_MAX: u64 = 125;

/// The longest frame header, in octets: two, a 64-bit length, a masking key.
pub const HEADER_OCTETS_MAX: usize = 14;

/// A lawful frame header (RFC 6455 §5.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameHeader {
    /// Whether this is the final fragment of a message.
    pub fin: bool,
    /// The reserved bits.
    pub rsv: Rsv,
    /// The opcode.
    pub opcode: Opcode,
    /// The masking key; `None` if the MASK bit is clear.
    pub masking_key: Option<MaskingKey>,
    /// How many octets of payload follow.
    pub payload_length: u64,
}

/// What a header has to keep to, where that depends on more than the header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderRules {
    /// The end that sends: a client masks, a server does not (§5.1).
    pub sender: Role,
    /// Whether a fragmented message has begun and not ended (§5.4).
    pub message_in_progress: bool,
    /// The reserved bits that a negotiated extension gives a meaning in the first frame of a message.
    pub rsv_in_use: Rsv,
    /// Whether the message in progress is compressed: the length of its frames says nothing of its
    /// own then, which is limited as it is inflated.
    pub message_compressed: bool,
    /// The longest payload of a frame, in octets.
    pub frame_octets_max: u64,
    /// The longest message, in octets.
    pub message_octets_max: u64,
    /// How many octets of the message in progress came with earlier fragments.
    pub message_octets: u64,
    /// How many fragments a message may have.
    pub fragments_max: u64,
    /// How many fragments of the message in progress came before.
    pub message_fragments: u64,
    /// The violations to overlook.
    pub deviations: Deviations,
}

impl HeaderRules {
    /// The rules for the first frame that `sender` sends, without extensions or limits.
    pub const fn new(sender: Role) -> Self {
        Self {
            sender,
            message_in_progress: false,
            rsv_in_use: Rsv::NONE,
            message_compressed: false,
            frame_octets_max: u64::MAX,
            message_octets_max: u64::MAX,
            message_octets: 0,
            fragments_max: u64::MAX,
            message_fragments: 0,
            deviations: Deviations::NONE,
        }
    }
}

impl FrameHeader {
    /// How many octets a frame has whose header is at the start of `octets`, lawful or not;
    /// `None` if too few of them are there to tell.
    pub(crate) fn frame_octets(octets: &[u8]) -> Option<u64> {
        let [_, second, rest @ ..] = octets else {
            return None;
        };
        let (length, extended) = match second & 0x7f {
            126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), 2),
            127 => (u64::from_be_bytes(*rest.first_chunk()?), 8),
            length => (u64::from(length), 0),
        };
        let key = if second & 0x80 == 0 { 0 } else { 4 };
        Some(length.saturating_add(2 + extended + key))
    }

    /// Reads the header at the start of `octets` and says how many of them it takes;
    /// `None` if it is not complete.
    ///
    /// An incomplete header is checked as far as it goes. Called again with the same
    /// octets and more, it gives the same error.
    ///
    /// # Errors
    /// The first violation in the order of the octets, by variant of [`FrameError`].
    #[inline]
    pub fn parse(octets: &[u8], rules: &HeaderRules) -> Result<Option<(Self, usize)>, FrameError> {
        let [first, rest @ ..] = octets else {
            return Ok(None);
        };
        let fin = first & 0x80 != 0;
        let rsv = Rsv::from_first_octet(*first);
        let opcode = Opcode::from_first_octet(*first);
        rules.overlook(opcode, rules.check_reserved_bits(rsv, opcode))?;
        rules.overlook(opcode, rules.check_opcode(fin, opcode))?;

        let [second, rest @ ..] = rest else {
            return Ok(None);
        };
        let masked = second & 0x80 != 0;
        rules.overlook(opcode, rules.check_masking(masked))?;
        let Some((payload_length, length_octets)) =
            rules.payload_length(opcode, *second & 0x7f, rest)?
        else {
            return Ok(None);
        };
        let payload_length = if rules.deviations.is_empty() {
            payload_length
        } else {
            rules
                .deviations
                .alter_length(payload_length, length_octets)?
        };
        rules.overlook(opcode, rules.check_size(rsv, opcode, payload_length))?;

        let mut header = Self {
            fin,
            rsv,
            opcode,
            masking_key: None,
            payload_length,
        };
        if !masked {
            return Ok(Some((header, 2 + length_octets)));
        }
        let Some(&key) = rest[length_octets..].first_chunk::<4>() else {
            return Ok(None);
        };
        header.masking_key = Some(MaskingKey(key));
        Ok(Some((header, 2 + length_octets + 4)))
    }
}

impl HeaderRules {
    /// What a check found, unless an endpoint that deviates overlooks it.
    #[inline]
    fn overlook(&self, opcode: Opcode, check: Result<(), FrameError>) -> Result<(), FrameError> {
        check.or_else(|violation| {
            if self.deviations.overlook_in_frame(opcode, &violation) {
                Ok(())
            } else {
                Err(violation)
            }
        })
    }

    #[inline]
    pub(crate) fn check_reserved_bits(&self, rsv: Rsv, opcode: Opcode) -> Result<(), FrameError> {
        let starts_message = !opcode.is_control() && opcode != Opcode::CONTINUATION;
        let rsv_in_use = if starts_message {
            self.rsv_in_use
        } else {
            Rsv::NONE
        };
        // §5.2: "If a nonzero value is received and none of the negotiated extensions defines the
        // meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket
        // Connection_."
        let unknown = rsv.without(rsv_in_use);
        if !unknown.is_none() {
            return Err(self.unknown_bits(unknown, opcode));
        }
        Ok(())
    }

    #[inline]
    fn check_opcode(&self, fin: bool, opcode: Opcode) -> Result<(), FrameError> {
        // §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
        // Connection_."
        if opcode.is_reserved() {
            return Err(FrameError::ReservedOpcode { opcode });
        }
        // §5.5: control frames "MUST NOT be fragmented".
        if opcode.is_control() {
            return if fin {
                Ok(())
            } else {
                Err(FrameError::ControlFrameFragmented { opcode })
            };
        }
        // §5.4: a continuation frame follows a first fragment, and nothing but continuation frames
        // follows it until the final one.
        let starts_message = opcode != Opcode::CONTINUATION;
        match (starts_message, self.message_in_progress) {
            (true, true) => Err(FrameError::MessageUnfinished { opcode }),
            (false, false) => Err(FrameError::StrayContinuation),
            _ => Ok(()),
        }
    }

    /// Whether a data frame with these fields belongs to a compressed message (RFC 7692 §6).
    pub(crate) fn is_compressed(&self, rsv: Rsv, opcode: Opcode) -> bool {
        match opcode {
            Opcode::CONTINUATION => self.message_compressed,
            _ if opcode.is_control() || opcode.is_reserved() => false,
            _ => rsv.has(Rsv::RSV1) && self.rsv_in_use.has(Rsv::RSV1),
        }
    }

    /// The error for reserved bits that mean nothing in a frame with this opcode.
    const fn unknown_bits(&self, unknown: Rsv, opcode: Opcode) -> FrameError {
        if !self.rsv_in_use.has(Rsv::RSV1) || !unknown.has(Rsv::RSV1) {
            return FrameError::ReservedBits { rsv: unknown };
        }
        // RFC 7692 §6.1: an endpoint that receives such a frame fails the connection.
        if opcode.is_control() {
            FrameError::ControlFrameCompressed { opcode }
        } else {
            FrameError::ContinuationCompressed
        }
    }

    #[inline]
    fn check_masking(&self, masked: bool) -> Result<(), FrameError> {
        match (self.sender, masked) {
            // §5.1: "The server MUST close the connection upon receiving a frame that is not
            // masked."
            (Role::Client, false) => Err(FrameError::NotMasked),
            // §5.1: "A client MUST close a connection if it detects a masked frame."
            (Role::Server, true) => Err(FrameError::Masked),
            _ => Ok(()),
        }
    }

    /// The payload length and how many octets beyond the second it takes, from the seven
    /// bits in the second octet and the octets after it; `None` if these are too few.
    #[inline]
    fn payload_length(
        &self,
        opcode: Opcode,
        seven_bits: u8,
        extended: &[u8],
    ) -> Result<Option<(u64, usize)>, FrameError> {
        let form = match seven_bits {
            0..=125 => return Ok(Some((u64::from(seven_bits), 0))),
            126 => LengthForm::SixteenBit,
            _ => LengthForm::SixtyFourBit,
        };
        // §5.5: "All control frames MUST have a payload length of 125 bytes or less". The mark of
        // a longer form tells already.
        if opcode.is_control() && !opcode.is_reserved() {
            self.overlook(opcode, Err(FrameError::ControlFrameTooLong { opcode }))?;
        }
        let accept_long = |octets| self.deviations.overlook_long_form(form, octets);
        // §5.2: "the minimal number of bytes MUST be used to encode the length". We refuse the
        // frame where it is not: §10.7 asks for the validation of incoming data.
        let not_minimal = FrameError::LengthNotMinimal { form };
        match form {
            LengthForm::SixteenBit => {
                let Some(&octets) = extended.first_chunk::<2>() else {
                    return Ok(None);
                };
                let length = u64::from(u16::from_be_bytes(octets));
                if length <= 125 && !accept_long(&octets) {
                    return Err(not_minimal);
                }
                Ok(Some((length, 2)))
            }
            _ => {
                // §5.2: "the most significant bit MUST be 0".
                if extended.first().is_some_and(|octet| octet & 0x80 != 0) {
                    self.overlook(opcode, Err(FrameError::LengthTopBitSet))?;
                }
                // Six octets of zero leave no length that needs this form.
                if extended.starts_with(&[0; 6]) && !accept_long(extended) {
                    return Err(not_minimal);
                }
                Ok(extended
                    .first_chunk::<8>()
                    .map(|&octets| (u64::from_be_bytes(octets), 8)))
            }
        }
    }

    #[inline]
    fn check_size(&self, rsv: Rsv, opcode: Opcode, length: u64) -> Result<(), FrameError> {
        if length > self.frame_octets_max {
            return Err(FrameError::FrameTooBig {
                octets: length,
                max: self.frame_octets_max,
            });
        }
        if opcode == Opcode::CONTINUATION && self.message_fragments >= self.fragments_max {
            let max = self.fragments_max;
            return Err(FrameError::TooManyFragments { max });
        }
        // The sum of fragments must not wrap: lengths go up to 2^63 - 1.
        let octets = self.message_octets.saturating_add(length);
        if !opcode.is_control()
            && !self.is_compressed(rsv, opcode)
            && octets > self.message_octets_max
        {
            return Err(FrameError::MessageTooBig {
                octets,
                max: self.message_octets_max,
            });
        }
        Ok(())
    }
}

/// What is wrong with a frame header, in the order of its octets.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FrameError {
    /// A reserved bit is set that no extension defines (§5.2).
    #[error("reserved bits are set that no extension defines: {rsv}")]
    ReservedBits {
        /// The bits without a meaning.
        rsv: Rsv,
    },
    /// A control frame has RSV1 set, which marks compressed messages (RFC 7692 §6.1).
    #[error("control frame {opcode} is marked as compressed")]
    ControlFrameCompressed {
        /// The opcode received.
        opcode: Opcode,
    },
    /// A frame other than the first of its message has RSV1 set (RFC 7692 §6.1).
    #[error("a continuation frame is marked as compressed")]
    ContinuationCompressed,
    /// The opcode is not defined (§5.2).
    #[error("opcode {opcode} is reserved")]
    ReservedOpcode {
        /// The opcode received.
        opcode: Opcode,
    },
    /// A control frame has its FIN bit clear (§5.5).
    #[error("control frame {opcode} is fragmented")]
    ControlFrameFragmented {
        /// The opcode received.
        opcode: Opcode,
    },
    /// A new message starts before the one in progress has ended (§5.4).
    #[error("a {opcode} frame comes before the fragmented message in progress has ended")]
    MessageUnfinished {
        /// The opcode of the new message.
        opcode: Opcode,
    },
    /// A continuation frame comes while no message is in progress (§5.4).
    #[error("a continuation frame continues no message")]
    StrayContinuation,
    /// A client's frame is not masked (§5.1).
    #[error("a frame from the client is not masked")]
    NotMasked,
    /// A server's frame is masked (§5.1).
    #[error("a frame from the server is masked")]
    Masked,
    /// A control frame has more than 125 octets of payload (§5.5).
    #[error("control frame {opcode} carries more than 125 octets")]
    ControlFrameTooLong {
        /// The opcode received.
        opcode: Opcode,
    },
    /// A payload length is written in a longer form than it needs (§5.2).
    #[error("the payload length is not in the shortest form")]
    LengthNotMinimal {
        /// The form it is in.
        form: LengthForm,
    },
    /// The most significant bit of a 64-bit payload length is set (§5.2).
    #[error("the most significant bit of a 64-bit payload length is set")]
    LengthTopBitSet,
    /// The frame is longer than our limit (§10.4).
    #[error("a frame of {octets} octets is longer than {max}")]
    FrameTooBig {
        /// The payload length.
        octets: u64,
        /// The limit.
        max: u64,
    },
    /// The message is longer than our limit (§10.4).
    #[error("a message of at least {octets} octets is longer than {max}")]
    MessageTooBig {
        /// The payload lengths of its fragments so far, this one included.
        octets: u64,
        /// The limit.
        max: u64,
    },
    /// The message has more fragments than our limit (§10.4).
    #[error("a message has more than {max} fragments")]
    TooManyFragments {
        /// The limit.
        max: u64,
    },
}

impl FrameError {
    /// The section of RFC 6455 that was not kept, or of RFC 7692, as in `"7692 6.1"`.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::ReservedBits { .. }
            | Self::ReservedOpcode { .. }
            | Self::LengthNotMinimal { .. }
            | Self::LengthTopBitSet => "5.2",
            Self::ControlFrameCompressed { .. } | Self::ContinuationCompressed => "7692 6.1",
            Self::NotMasked | Self::Masked => "5.1",
            Self::MessageUnfinished { .. } | Self::StrayContinuation => "5.4",
            Self::ControlFrameFragmented { .. } | Self::ControlFrameTooLong { .. } => "5.5",
            Self::FrameTooBig { .. }
            | Self::MessageTooBig { .. }
            | Self::TooManyFragments { .. } => "10.4",
        }
    }

    /// The status code to fail the connection with.
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::FrameTooBig { .. }
            | Self::MessageTooBig { .. }
            | Self::TooManyFragments { .. } => CloseCode::MESSAGE_TOO_BIG,
            _ => CloseCode::PROTOCOL_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Deviation;

    /// Parses every prefix of `octets`, as if they arrived singly, and gives the first
    /// outcome with the number of octets it took to know it.
    fn parse_growing(
        octets: &[u8],
        rules: &HeaderRules,
    ) -> (Result<Option<(FrameHeader, usize)>, FrameError>, usize) {
        for end in 0..octets.len() {
            let outcome = FrameHeader::parse(&octets[..end], rules);
            if outcome != Ok(None) {
                return (outcome, end);
            }
        }
        (FrameHeader::parse(octets, rules), octets.len())
    }

    fn expect_error(octets: &[u8], rules: &HeaderRules, error: &FrameError, known_after: usize) {
        let whole = FrameHeader::parse(octets, rules);
        assert_eq!(whole, Err(error.clone()), "whole {octets:02x?}");
        let grown = parse_growing(octets, rules);
        assert_eq!(
            grown,
            (Err(error.clone()), known_after),
            "grown {octets:02x?}"
        );
    }

    #[test]
    fn payload_lengths_are_read_in_all_forms() {
        let rules = HeaderRules::new(Role::Server);
        for (octets, length) in [
            (&[0x82, 0][..], Some(0)),
            (&[0x82, 125], Some(125)),
            (&[0x82, 126], None),
            (&[0x82, 126, 0], None),
            (&[0x82, 126, 0, 126], Some(126)),
            (&[0x82, 126, 0xff, 0xff], Some(65_535)),
            (&[0x82, 127, 0, 0, 0, 0, 0, 1, 0], None),
            (&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], Some(65_536)),
            (
                &[0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                Some(u64::MAX >> 1),
            ),
        ] {
            let parsed = FrameHeader::parse(octets, &rules).map(|parsed| {
                parsed.map(|(header, taken)| {
                    assert_eq!(taken, octets.len());
                    header.payload_length
                })
            });
            assert_eq!(parsed, Ok(length), "octets {octets:02x?}");
        }
    }

    #[test]
    fn violations_are_known_with_the_octet_that_shows_them() {
        let server = HeaderRules::new(Role::Server);
        let client = HeaderRules::new(Role::Client);
        let in_message = HeaderRules {
            message_in_progress: true,
            ..server.clone()
        };
        let ping = Opcode::PING;
        let sixteen = FrameError::LengthNotMinimal {
            form: LengthForm::SixteenBit,
        };
        let sixty_four = FrameError::LengthNotMinimal {
            form: LengthForm::SixtyFourBit,
        };
        for (octets, rules, error, known_after) in [
            (
                &[0xc1, 0][..],
                &server,
                FrameError::ReservedBits { rsv: Rsv::RSV1 },
                1,
            ),
            (
                &[0x91, 0],
                &server,
                FrameError::ReservedBits { rsv: Rsv::RSV3 },
                1,
            ),
            (
                &[0x83, 0],
                &server,
                FrameError::ReservedOpcode {
                    opcode: Opcode::from_first_octet(3),
                },
                1,
            ),
            (
                &[0x8b, 0],
                &server,
                FrameError::ReservedOpcode {
                    opcode: Opcode::from_first_octet(0xb),
                },
                1,
            ),
            (
                &[0x09, 0],
                &server,
                FrameError::ControlFrameFragmented { opcode: ping },
                1,
            ),
            (&[0x80, 0], &server, FrameError::StrayContinuation, 1),
            (&[0x00, 0], &server, FrameError::StrayContinuation, 1),
            (
                &[0x81, 0],
                &in_message,
                FrameError::MessageUnfinished {
                    opcode: Opcode::TEXT,
                },
                1,
            ),
            (&[0x81, 0x80, 0, 0, 0, 0], &server, FrameError::Masked, 2),
            (&[0x81, 0x00], &client, FrameError::NotMasked, 2),
            (
                &[0x89, 126, 0, 126],
                &server,
                FrameError::ControlFrameTooLong { opcode: ping },
                2,
            ),
            (&[0x82, 126, 0, 125], &server, sixteen, 4),
            (
                &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
                &server,
                sixty_four,
                8,
            ),
            (
                &[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
                &server,
                FrameError::LengthTopBitSet,
                3,
            ),
        ] {
            expect_error(octets, rules, &error, known_after);
        }
    }

    #[test]
    fn limits_are_kept_before_the_masking_key_has_come() {
        let rules = HeaderRules {
            frame_octets_max: 1_000,
            message_octets_max: 1_500,
            message_octets: 600,
            message_in_progress: true,
            ..HeaderRules::new(Role::Client)
        };
        let frame = |length: u16| {
            let [high, low] = length.to_be_bytes();
            [0x80, 0xfe, high, low, 1, 2, 3, 4]
        };
        assert!(matches!(
            FrameHeader::parse(&frame(900), &rules),
            Ok(Some((_, 8)))
        ));
        let too_big = FrameError::MessageTooBig {
            octets: 1_501,
            max: 1_500,
        };
        expect_error(&frame(901), &rules, &too_big, 4);
        let too_big = FrameError::FrameTooBig {
            octets: 1_001,
            max: 1_000,
        };
        expect_error(&frame(1_001), &rules, &too_big, 4);
        let ping = FrameHeader::parse(&[0x89, 0xfd, 1, 2, 3, 4], &rules);
        assert!(
            matches!(ping, Ok(Some((_, 6)))),
            "control frames are no part of the message"
        );
    }

    #[test]
    fn the_lengths_of_fragments_do_not_wrap() {
        let rules = HeaderRules {
            message_octets: u64::MAX - 1,
            message_octets_max: u64::MAX - 1,
            message_in_progress: true,
            ..HeaderRules::new(Role::Server)
        };
        let too_big = FrameError::MessageTooBig {
            octets: u64::MAX,
            max: u64::MAX - 1,
        };
        assert_eq!(FrameHeader::parse(&[0x80, 2], &rules), Err(too_big));
    }

    #[test]
    fn an_extension_lends_a_bit_to_the_first_frame_of_a_message_only() {
        let rules = HeaderRules {
            rsv_in_use: Rsv::RSV1,
            ..HeaderRules::new(Role::Server)
        };
        let in_message = HeaderRules {
            message_in_progress: true,
            ..rules.clone()
        };
        assert!(FrameHeader::parse(&[0xc1, 0], &rules).is_ok());
        let continuation = Err(FrameError::ContinuationCompressed);
        assert_eq!(FrameHeader::parse(&[0xc0, 0], &in_message), continuation);
        let opcode = Opcode::PING;
        let ping = Err(FrameError::ControlFrameCompressed { opcode });
        assert_eq!(FrameHeader::parse(&[0xc9, 0], &rules), ping);
        let rsv1 = Err(FrameError::ReservedBits { rsv: Rsv::RSV1 });
        let without = HeaderRules::new(Role::Server);
        assert_eq!(FrameHeader::parse(&[0xc9, 0], &without), rsv1);
        let rsv2 = Err(FrameError::ReservedBits { rsv: Rsv::RSV2 });
        assert_eq!(FrameHeader::parse(&[0xe1, 0], &rules), rsv2);
    }

    #[test]
    fn deviations_overlook_what_they_name() {
        let with = |sender, deviation| HeaderRules {
            deviations: Deviations::NONE.with(deviation),
            ..HeaderRules::new(sender)
        };
        for (octets, sender, deviation) in [
            (&[0xf1, 0][..], Role::Server, Deviation::AcceptReservedBits),
            (&[0x87, 0], Role::Server, Deviation::AcceptReservedOpcodes),
            (&[0x0b, 0], Role::Server, Deviation::AcceptReservedOpcodes),
            (&[0x80, 0], Role::Server, Deviation::AcceptStrayContinuation),
            (&[0x81, 0], Role::Client, Deviation::AcceptUnmaskedFrames),
            (
                &[0x81, 0x80, 0, 0, 0, 0],
                Role::Server,
                Deviation::AcceptMaskedFrames,
            ),
            (
                &[0x81, 126, 0, 1],
                Role::Server,
                Deviation::AcceptLongLengthForms,
            ),
            (
                &[0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1],
                Role::Server,
                Deviation::AcceptLongLengthForms,
            ),
        ] {
            let lawful = FrameHeader::parse(octets, &HeaderRules::new(sender));
            assert!(lawful.is_err(), "{octets:02x?}");
            let parsed = FrameHeader::parse(octets, &with(sender, deviation));
            assert!(
                matches!(parsed, Ok(Some(_))),
                "{octets:02x?} with {deviation}: {parsed:?}"
            );
        }
    }
}
