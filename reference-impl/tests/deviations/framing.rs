//! Conversations about masking, reserved bits, opcodes and lengths (RFC 6455 §5.1 to §5.3).

use crate::talk::*;
use wsspec_reference::Deviation as D;
use wsspec_reference::frame::{LengthForm, MaskingKey, RawFrame};

pub(crate) fn talks() -> Vec<Talk> {
    [ordinary(), masking(), reserved_bits(), opcodes(), lengths()].concat()
}

/// What goes without saying in all other conversations with the same kind of frame.
fn ordinary() -> Vec<Talk> {
    vec![
        Talk::new(
            "a text message",
            BOTH,
            [text("hello").said()],
            "text(hello)",
            &[
                (
                    D::CompressUnagreed,
                    "text rsv1(\\xcaH\\xcd\\xc9\\xc9\\x07\\x00)",
                ),
                (D::NeverSetFin, "text !fin(hello)"),
                (D::SendStrayContinuation, "continuation(hello)"),
                (D::RepeatOpcodeInFragments, "text !fin(he) text(llo)"),
                (D::SendFinInFirstFragment, "text(he) continuation !fin(llo)"),
                (D::MaskServerFrames, "text masked(hello)"),
                (D::SendUnmaskedFrames, "text unmasked(hello)"),
                (D::IgnoreMaskingKey, "close(1007) fin"),
                (D::MaskWithZeroKey, "text key=0(hello)"),
                (D::MaskWithHalfKeys, "text key=half(hello)"),
                (D::SetMaskBitOnly, "text(9i*u>)"),
                (D::SendRsv1, "text rsv1(hello)"),
                (D::SendRsv2, "text rsv2(hello)"),
                (D::SendRsv3, "text rsv3(hello)"),
                (D::SendReservedDataOpcode, "0x3(hello)"),
                (D::SendTextAsBinary, "binary(hello)"),
                (D::SendLong16BitLengths, "text 16-bit(hello)"),
            ],
        )
        .ordinary(&["text("]),
        Talk::new(
            "a binary message",
            BOTH,
            [binary("data").said()],
            "binary(data)",
            &[
                (D::CompressUnagreed, "binary rsv1(JI,I\\x04\\x00)"),
                (D::NeverSetFin, "binary !fin(data)"),
                (D::SendStrayContinuation, "continuation(data)"),
                (D::RepeatOpcodeInFragments, "binary !fin(da) binary(ta)"),
                (
                    D::SendFinInFirstFragment,
                    "binary(da) continuation !fin(ta)",
                ),
                (D::MaskServerFrames, "binary masked(data)"),
                (D::SendUnmaskedFrames, "binary unmasked(data)"),
                (D::IgnoreMaskingKey, "binary(S\\x9bU\\\\)"),
                (D::MaskWithZeroKey, "binary key=0(data)"),
                (D::MaskWithHalfKeys, "binary key=half(data)"),
                (D::SetMaskBitOnly, "binary(5m2x)"),
                (D::SendRsv1, "binary rsv1(data)"),
                (D::SendRsv2, "binary rsv2(data)"),
                (D::SendRsv3, "binary rsv3(data)"),
                (D::SendReservedDataOpcode, "0x3(data)"),
                (D::SendBinaryAsText, "text(data)"),
                (D::SendLong16BitLengths, "binary 16-bit(data)"),
            ],
        )
        .ordinary(&["binary("]),
        Talk::new(
            "a Ping",
            BOTH,
            [ping("abc").said()],
            "pong(abc)",
            &[
                (D::AnswerPingsEmptily, "pong()"),
                (D::AnswerPingsWithPings, "ping(abc)"),
                (D::AnswerPingsWithText, "text(abc)"),
                (D::AnswerPingsTwice, "pong(abc) pong(abc)"),
                (D::DelayPongs, ""),
                (D::CloseOnPing, "close(1000)"),
                (D::SendFragmentedPongs, "pong !fin(abc)"),
                (D::SendLongPongs, "pong(abc.…126)"),
                (D::MaskServerFrames, "pong masked(abc)"),
                (D::MaskServerControlFrames, "pong masked(abc)"),
                (D::SendUnmaskedFrames, "pong unmasked(abc)"),
                (D::SendUnmaskedControlFrames, "pong unmasked(abc)"),
                (D::IgnoreMaskingKey, "pong(V\\x98B)"),
                (D::MaskWithZeroKey, "pong key=0(abc)"),
                (D::MaskWithHalfKeys, "pong key=half(abc)"),
                (D::SetMaskBitOnly, "pong(0n%)"),
                (D::SendRsvOnControlFrames, "pong rsv1(abc)"),
                (D::SendReservedControlOpcode, "0xb(abc)"),
                (D::SendLong16BitLengths, "pong 16-bit(abc)"),
                (D::IgnorePings, ""),
                (D::AlterPongPayload, "pong(\\x9ebc)"),
            ],
        )
        .ordinary(&["pong("]),
        Talk::new(
            "a Ping and a message",
            BOTH,
            [ping("1").said(), text("2").said()],
            "pong(1) text(2)",
            &[
                (D::MaskWithFixedKey, "pong(1) text key=last(2)"),
                (D::ReuseMaskingKeys, "pong(1) text key=last(2)"),
                (D::MaskWithCountedKey, "pong(1) text key=last+1(2)"),
                (D::MaskFirstFrameOnly, "pong(1) text unmasked(2)"),
            ],
        )
        .ordinary(&[") "]),
        Talk::new(
            "a violation",
            BOTH,
            [text("x").rsv(7).said()],
            "close(1002) fin",
            &[
                (D::SendDataAfterClose, "close(1002) text(late) fin"),
                (D::SendCloseTwice, "close(1002) close(1002) fin"),
                (D::SendHalfCloseCode, "close(\\x03) fin"),
                (D::SendCloseCodeLittleEndian, "close(59907) fin"),
                (D::SendLongCloseReason, "close(1002 xxxx…124) fin"),
                (D::SendInvalidCloseReason, "close(1002 caf\\xc3) fin"),
                (D::SendFragmentedClose, "close !fin(1002) fin"),
                (D::ResetTcp, "close(1002) end"),
                (D::KeepTcpOpenAfterFailure, "close(1002)"),
                (D::GoOnAfterFailure, "close(1002) text(x)"),
                (D::FailWithoutClose, "fin"),
                (D::FailWith1000, "close(1000) fin"),
                (D::FailWith1006, "close(1006) fin"),
                (D::FailWith1010, "close(1010) fin"),
                (D::FailWith1011, "close(1011) fin"),
                (D::AcceptReservedBits, "text(x)"),
                (D::SkipFramesWithReservedBits, ""),
                (D::MaskServerFrames, "close masked(1002) fin"),
                (D::MaskServerControlFrames, "close masked(1002) fin"),
                (D::SendUnmaskedFrames, "close unmasked(1002) fin"),
                (D::SendUnmaskedControlFrames, "close unmasked(1002) fin"),
                (D::MaskWithZeroKey, "close key=0(1002) fin"),
                (D::MaskWithHalfKeys, "close key=half(1002) fin"),
                (D::SetMaskBitOnly, "close(21222) fin"),
                (D::SendLong16BitLengths, "close 16-bit(1002) fin"),
            ],
        )
        .ordinary(&["close(1002) fin", "close(1007) fin", "close(1009) fin"]),
    ]
}

fn masking() -> Vec<Talk> {
    let zero = RawFrame {
        masking_key: Some(MaskingKey([0; 4])),
        ..text("zero")
    };
    vec![
        Talk::new(
            "an unmasked message",
            SERVER,
            [Say::Mismasked(text("a"))],
            "close(1002) fin",
            &[(D::AcceptUnmaskedFrames, "text(a)")],
        ),
        Talk::new(
            "an unmasked Ping",
            SERVER,
            [Say::Mismasked(ping("a"))],
            "close(1002) fin",
            &[
                (D::AcceptUnmaskedFrames, "pong(a)"),
                (D::AcceptUnmaskedControlFrames, "pong(a)"),
            ],
        ),
        Talk::new(
            "a masked message",
            CLIENT,
            [Say::Mismasked(text("a"))],
            "close(1002) fin",
            &[(D::AcceptMaskedFrames, "text(a)")],
        ),
        Talk::new(
            "a masked Ping",
            CLIENT,
            [Say::Mismasked(ping("a"))],
            "close(1002) fin",
            &[
                (D::AcceptMaskedFrames, "pong(a)"),
                (D::AcceptMaskedControlFrames, "pong(a)"),
            ],
        ),
        Talk::new(
            "a masking key of zero",
            SERVER,
            [zero.said()],
            "text(zero)",
            &[(D::RefuseZeroMaskingKey, "close(1002) fin")],
        ),
        Talk::new(
            "a masked message that comes in two pieces",
            SERVER,
            [Say::Halves(binary("abcdefgh"))],
            "binary(abcdefgh)",
            &[
                (D::EchoPartialFrames, "binary(a) binary(bcdefgh)"),
                (D::RestartMaskingKey, "binary(a\\xaf\\xb8xo\\xab\\xbct)"),
            ],
        ),
        Talk::new(
            "four messages",
            CLIENT,
            [text("1"), text("2"), text("3"), ping("4")].map(But::said),
            "text(1) text(2) text(3) pong(4)",
            &[
                (D::StopReading, "text(1) text(2) text(3)"),
                (D::AppendToLastMessage, "text(1) text(12) text(23) pong(4)"),
                (D::FallSilent, "text(1) text(2) text(3)"),
                (
                    D::MaskWithFixedKey,
                    "text(1) text key=last(2) text key=last(3) pong key=last(4)",
                ),
                (
                    D::ReuseMaskingKeys,
                    "text(1) text key=last(2) text(3) pong key=last(4)",
                ),
                (
                    D::MaskWithCountedKey,
                    "text(1) text key=last+1(2) text key=last+1(3) pong key=last+1(4)",
                ),
                (
                    D::MaskFirstFrameOnly,
                    "text(1) text unmasked(2) text unmasked(3) pong unmasked(4)",
                ),
            ],
        ),
    ]
}

fn reserved_bits() -> Vec<Talk> {
    let refused = "close(1002) fin";
    vec![
        Talk::new(
            "a message with RSV1",
            BOTH,
            [text("a").rsv(4).said()],
            refused,
            &[
                (D::AcceptReservedBits, "text(a)"),
                (D::AcceptRsv1, "text(a)"),
                (D::SkipFramesWithReservedBits, ""),
            ],
        ),
        Talk::new(
            "a message with RSV2",
            BOTH,
            [text("a").rsv(2).said()],
            refused,
            &[
                (D::AcceptReservedBits, "text(a)"),
                (D::AcceptRsv2, "text(a)"),
                (D::SkipFramesWithReservedBits, ""),
            ],
        ),
        Talk::new(
            "a message with RSV3",
            BOTH,
            [text("a").rsv(1).said()],
            refused,
            &[
                (D::AcceptReservedBits, "text(a)"),
                (D::AcceptRsv3, "text(a)"),
                (D::SkipFramesWithReservedBits, ""),
            ],
        ),
        Talk::new(
            "a Ping with RSV1 and RSV3",
            BOTH,
            [ping("a").rsv(5).said()],
            refused,
            &[
                (D::AcceptReservedBits, "pong(a)"),
                (D::AcceptRsvOnControlFrames, "pong(a)"),
                (D::SkipFramesWithReservedBits, ""),
            ],
        ),
        Talk::new(
            "a continuation frame with RSV1 and RSV2",
            BOTH,
            [
                text("a").not_final().said(),
                continuation("b").rsv(6).said(),
            ],
            refused,
            &[
                (D::EchoFragmentsSingly, "text(a) close(1002) fin"),
                (D::AcceptReservedBits, "text(ab)"),
                (D::AcceptRsvOnContinuationFrames, "text(ab)"),
                (D::SkipFramesWithReservedBits, ""),
            ],
        ),
    ]
}

fn opcodes() -> Vec<Talk> {
    let refused = "close(1002) fin";
    vec![
        Talk::new(
            "a reserved data frame and a Ping",
            BOTH,
            [frame(3, "abc").said(), ping("p").said()],
            refused,
            &[
                (D::AcceptReservedOpcodes, "pong(p)"),
                (D::SkipReservedDataOpcodes, "pong(p)"),
                (D::TakeReservedDataAsText, "text(abc) pong(p)"),
                (D::TakeReservedDataAsBinary, "binary(abc) pong(p)"),
            ],
        ),
        Talk::new(
            "a reserved control frame and a Ping",
            BOTH,
            [frame(0xf, "abc").said(), ping("p").said()],
            refused,
            &[
                (D::AcceptReservedOpcodes, "pong(p)"),
                (D::SkipReservedControlOpcodes, "pong(p)"),
                (D::TakeReservedControlAsPing, "pong(abc) pong(p)"),
            ],
        ),
    ]
}

fn lengths() -> Vec<Talk> {
    let refused = "close(1002) fin";
    let sixteen = LengthForm::SixteenBit;
    let sixty_four = LengthForm::SixtyFourBit;
    vec![
        Talk::new(
            "5 octets in the 16-bit form",
            BOTH,
            [text("hello").form(sixteen).said()],
            refused,
            &[
                (D::AcceptLongLengthForms, "text(hello)"),
                (D::AcceptLong16BitLengths, "text(hello)"),
            ],
        ),
        Talk::new(
            "5 octets in the 64-bit form",
            BOTH,
            [text("hello").form(sixty_four).said()],
            refused,
            &[
                (D::AcceptLongLengthForms, "text(hello)"),
                (D::AcceptLong64BitLengths, "text(hello)"),
            ],
        ),
        Talk::new(
            "125 octets in the 16-bit form",
            BOTH,
            [text(many(125)).form(sixteen).said()],
            refused,
            &[
                (D::AcceptLongLengthForms, "text(xxxx…125)"),
                (D::AcceptLong16BitLengths, "text(xxxx…125)"),
                (D::Accept125In16Bits, "text(xxxx…125)"),
            ],
        ),
        Talk::new(
            "65535 octets in the 64-bit form",
            BOTH,
            [text(many(65_535)).form(sixty_four).said()],
            refused,
            &[
                (D::AcceptLongLengthForms, "text(xxxx…65535)"),
                (D::AcceptLong64BitLengths, "text(xxxx…65535)"),
                (D::Accept65535In64Bits, "text(xxxx…65535)"),
            ],
        ),
        Talk::new(
            "125 octets",
            BOTH,
            [binary(many(125)).said()],
            "binary(xxxx…125)",
            &[(D::Send125In16Bits, "binary 16-bit(xxxx…125)")],
        ),
        Talk::new(
            "126 octets",
            BOTH,
            [binary(many(126)).said()],
            "binary(xxxx…126)",
            &[
                (D::Refuse126In16Bits, refused),
                (D::Read16BitLengthsLittleEndian, ""),
                (D::SendLengthsLittleEndian, "?…"),
                (D::SendLong64BitLengths, "binary 64-bit(xxxx…126)"),
            ],
        ),
        Talk::new(
            "257 octets, a length that reads the same from both ends",
            BOTH,
            [binary(many(257)).said()],
            "binary(xxxx…257)",
            &[(D::SendLong64BitLengths, "binary 64-bit(xxxx…257)")],
        ),
        Talk::new(
            "65535 octets",
            BOTH,
            [binary(many(65_535)).said()],
            "binary(xxxx…65535)",
            &[
                (D::SendLong64BitLengths, "binary 64-bit(xxxx…65535)"),
                (D::Send65535In64Bits, "binary 64-bit(xxxx…65535)"),
            ],
        ),
        Talk::new(
            "65536 octets",
            BOTH,
            [binary(many(65_536)).said()],
            "binary(xxxx…65536)",
            &[
                (D::SendLengthTopBit, "?\\x82…"),
                (D::CutLongMessages, "binary(xxxx…65535)"),
                (D::Refuse65536In64Bits, refused),
                (D::Refuse64BitLengths, refused),
                (D::TruncateLengthsTo16Bits, "binary() close(1002) fin"),
                (D::Read64BitLengthsLittleEndian, "close(1009) fin"),
                (D::SendLengthsLittleEndian, "?…"),
                (D::SendLengthsModulo65536, "binary 16-bit() …"),
            ],
        ),
        Talk::new(
            "65541 octets",
            BOTH,
            [binary(many(65_541)).said()],
            "binary(xxxx…65541)",
            &[
                (D::SendLengthTopBit, "?\\x82…"),
                (D::CutLongMessages, "binary(xxxx…65535)"),
                (D::Refuse64BitLengths, refused),
                (D::TruncateLengthsTo16Bits, "binary(xxxxx) close(1002) fin"),
                (D::Read64BitLengthsLittleEndian, "close(1009) fin"),
                (D::SendLengthsLittleEndian, "?…"),
                (D::SendLengthsModulo65536, "binary 16-bit(xxxxx) …"),
            ],
        ),
        Talk::new(
            "a length of 2 to the power of 63 and 5",
            BOTH,
            [text("hello").form(sixty_four).declaring(1 << 63 | 5).said()],
            refused,
            &[(D::AcceptLengthTopBit, "text(hello)")],
        ),
        Talk::new(
            "a length of 2 to the power of 32 and 5",
            BOTH,
            [text("hello").form(sixty_four).declaring(1 << 32 | 5).said()],
            "close(1009) fin",
            &[
                (D::ReportLimitsAs1007, "close(1007) fin"),
                (D::IgnoreSizeLimits, ""),
                (D::CrashOnLargeLengths, "end"),
                (D::Refuse64BitLengths, refused),
                (D::TruncateLengthsTo16Bits, "text(hello)"),
                (D::TruncateLengthsTo32Bits, "text(hello)"),
            ],
        ),
    ]
}
