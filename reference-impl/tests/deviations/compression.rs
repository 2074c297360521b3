//! Conversations with compression (RFC 7692 §6, §7.2).

use crate::talk::*;
use flate2::{Compress, Compression, FlushCompress};
use wsspec_reference::Deviation as D;
use wsspec_reference::deflate::{Agreement, WindowBits};

pub(crate) fn talks() -> Vec<Talk> {
    let separate = Agreement {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        ..Agreement::default()
    };
    let narrow = Agreement {
        server_max_window_bits: WindowBits::new(9),
        client_max_window_bits: WindowBits::new(9),
        ..Agreement::default()
    };
    vec![
        Talk::new(
            "the examples of RFC 7692 §7.2.3.1 and §7.2.3.2",
            BOTH,
            [text(HELLO).rsv(4), text(HELLO_AGAIN).rsv(4)].map(But::said),
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x00\\x11\\x00\\x00)",
            &[(D::AppendToLastMessage, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x80\\x13\\x00\\x00)"),
(D::MaskServerFrames, "text rsv1 masked(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 masked(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SendUnmaskedFrames, "text rsv1 unmasked(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 unmasked(\\xf2\\x00\\x11\\x00\\x00)"),
(D::IgnoreMaskingKey, "close(1007) fin"),
(D::MaskWithZeroKey, "text rsv1 key=0(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 key=0(\\xf2\\x00\\x11\\x00\\x00)"),
(D::MaskWithHalfKeys, "text rsv1 key=half(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 key=half(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SetMaskBitOnly, "text rsv1(\\xa3D\\x8b\\xd0\\x98\\x0bF) text rsv1(\\x12.D>\\xe0)"),
(D::SendRsv1, "text rsv1(Hello) text rsv1(Hello)"),
(D::SendRsv2, "text rsv1 rsv2(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 rsv2(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SendRsv3, "text rsv1 rsv3(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 rsv3(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SendReservedDataOpcode, "0x3 rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) 0x3 rsv1(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SendTextAsBinary, "binary rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) binary rsv1(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SendLong16BitLengths, "text rsv1 16-bit(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 16-bit(\\xf2\\x00\\x11\\x00\\x00)"),
(D::NeverSetFin, "text !fin rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text !fin rsv1(\\xf2\\x00\\x11\\x00\\x00)"),
(D::SendStrayContinuation, "continuation rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) continuation rsv1(\\xf2\\x00\\x11\\x00\\x00)"),
(D::RepeatOpcodeInFragments, "text !fin rsv1(\\xf2H\\xcd) text rsv1(\\xc9\\xc9\\x07\\x00) text !fin rsv1(\\xf2\\x00) text rsv1(\\x11\\x00\\x00)"),
(D::SendFinInFirstFragment, "text rsv1(\\xf2H\\xcd) continuation !fin rsv1(\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x00) continuation !fin rsv1(\\x11\\x00\\x00)"),
(D::CompressWithoutRsv1, "text(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text(\\xf2\\x00\\x11\\x00\\x00)"),
(D::KeepTail, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00\\x00\\x00\\xff\\xff) text rsv1(\\xf2\\x00\\x11\\x00\\x00\\x00\\x00\\xff\\xff)"),
(D::SendRsv1OnContinuation, "text !fin rsv1(\\xf2H\\xcd) continuation rsv1(\\xc9\\xc9\\x07\\x00) text !fin rsv1(\\xf2\\x00) continuation rsv1(\\x11\\x00\\x00)"),
(D::ForgetContext, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) close(1007) fin"),],
        )
        .ordinary(&["text rsv1("])
        .agreeing(Agreement::default()),
        Talk::new(
            "a message twice without context takeover",
            BOTH,
            [text("Hello"), text("Hello")].map(But::said),
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)",
            &[(D::InflateEverything, "close(1007) fin"),(D::AppendToLastMessage, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2H\\xcd\\xc9\\xc9\\xf7\\x00\\x11\\x00\\x00)"),
(D::MaskServerFrames, "text rsv1 masked(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 masked(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SendUnmaskedFrames, "text rsv1 unmasked(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 unmasked(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::IgnoreMaskingKey, "close(1007) fin"),
(D::MaskWithZeroKey, "text rsv1 key=0(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 key=0(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::MaskWithHalfKeys, "text rsv1 key=half(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 key=half(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SetMaskBitOnly, "text rsv1(\\xa3D\\x8b\\xd0\\x98\\x0bF) text rsv1(\\x12f\\x98\\xf7))U)"),
(D::SendRsv1, "text rsv1(Hello) text rsv1(Hello)"),
(D::SendRsv2, "text rsv1 rsv2(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 rsv2(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SendRsv3, "text rsv1 rsv3(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 rsv3(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SendReservedDataOpcode, "0x3 rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) 0x3 rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SendTextAsBinary, "binary rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) binary rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SendLong16BitLengths, "text rsv1 16-bit(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1 16-bit(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::NeverSetFin, "text !fin rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text !fin rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::SendStrayContinuation, "continuation rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) continuation rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::RepeatOpcodeInFragments, "text !fin rsv1(\\xf2H\\xcd) text rsv1(\\xc9\\xc9\\x07\\x00) text !fin rsv1(\\xf2H\\xcd) text rsv1(\\xc9\\xc9\\x07\\x00)"),
(D::SendFinInFirstFragment, "text rsv1(\\xf2H\\xcd) continuation !fin rsv1(\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2H\\xcd) continuation !fin rsv1(\\xc9\\xc9\\x07\\x00)"),
(D::CompressWithoutRsv1, "text(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::KeepTail, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00\\x00\\x00\\xff\\xff) text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00\\x00\\x00\\xff\\xff)"),
(D::SendRsv1OnContinuation, "text !fin rsv1(\\xf2H\\xcd) continuation rsv1(\\xc9\\xc9\\x07\\x00) text !fin rsv1(\\xf2H\\xcd) continuation rsv1(\\xc9\\xc9\\x07\\x00)"),
(D::TakeContextOver, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x00\\x11\\x00\\x00)"),],
        )
        .agreeing(separate),
        Talk::new(
            "what repeats itself outside of a small window",
            BOTH,
            [binary([noise(), noise()].concat()).said()],
            "binary rsv1(\\x04\\xc1\\x0b0…1229)",
            &[(D::InflateEverything, "close(1007) fin"),
(D::MaskServerFrames, "binary rsv1 masked(\\x04\\xc1\\x0b0…1229)"),
(D::SendUnmaskedFrames, "binary rsv1 unmasked(\\x04\\xc1\\x0b0…1229)"),
(D::IgnoreMaskingKey, "binary rsv1(\\x04\\xc1\\x0b0…1230)"),
(D::MaskWithZeroKey, "binary rsv1 key=0(\\x04\\xc1\\x0b0…1229)"),
(D::MaskWithHalfKeys, "binary rsv1 key=half(\\x04\\xc1\\x0b0…1229)"),
(D::SetMaskBitOnly, "binary rsv1(U\\xcdM)…1229)"),
(D::SendRsv1, "binary rsv1(<^\\x81\\xb4…1200)"),
(D::SendRsv2, "binary rsv1 rsv2(\\x04\\xc1\\x0b0…1229)"),
(D::SendRsv3, "binary rsv1 rsv3(\\x04\\xc1\\x0b0…1229)"),
(D::SendReservedDataOpcode, "0x3 rsv1(\\x04\\xc1\\x0b0…1229)"),
(D::SendBinaryAsText, "text rsv1(\\x04\\xc1\\x0b0…1229)"),
(D::Read16BitLengthsLittleEndian, ""),
(D::SendLengthsLittleEndian, "?…"),
(D::SendLong64BitLengths, "binary rsv1 64-bit(\\x04\\xc1\\x0b0…1229)"),
(D::NeverSetFin, "binary !fin rsv1(\\x04\\xc1\\x0b0…1229)"),
(D::SendStrayContinuation, "continuation rsv1(\\x04\\xc1\\x0b0…1229)"),
(D::RepeatOpcodeInFragments, "binary !fin rsv1(\\x04\\xc1\\x0b0…614) binary rsv1(\\x9a\\xfb\\xc9m…615)"),
(D::SendFinInFirstFragment, "binary rsv1(\\x04\\xc1\\x0b0…614) continuation !fin rsv1(\\x9a\\xfb\\xc9m…615)"),
(D::ValidateBinaryAsText, "close(1007) fin"),
(D::CompressWithoutRsv1, "binary(\\x04\\xc1\\x0b0…1229)"),
(D::KeepTail, "binary rsv1(\\x04\\xc1\\x0b0…1233)"),
(D::SendRsv1OnContinuation, "binary !fin rsv1(\\x04\\xc1\\x0b0…614) continuation rsv1(\\x9a\\xfb\\xc9m…615)"),
(D::ExceedWindow, "binary rsv1(\\xb2\\x89k\\xdc…649)"),],
        )
        .agreeing(narrow),
        Talk::new(
            "a bomb",
            BOTH,
            [binary(deflate(&vec![0; 256 << 10])).rsv(4).said()],
            "close(1009) fin",
            &[(D::ForgetAgreement, "close(1002) fin"),(D::ReportLimitsAs1007, "close(1007) fin"),
(D::IgnoreMaskingKey, "close(1007) fin"),

(D::InflateWithoutLimit, "binary rsv1(\\xec\\xc11\\x01…271)"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "RSV1 in the second fragment of a compressed message",
            BOTH,
            [
                text(&HELLO[..3]).rsv(4).not_final(),
                continuation(&HELLO[3..]).rsv(4),
            ]
            .map(But::said),
            "close(1002) fin",
            &[(D::ValidateCompressedText, "close(1007) fin"),(D::InflateFramesSingly, "close(1007) fin"),
(D::AcceptRsv1, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::AcceptRsvOnContinuationFrames, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),
(D::EchoFragmentsSingly, "text rsv1(\\xf2H\\x05\\x00) close(1002) fin"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "a message that is not compressed between two that are",
            BOTH,
            [text(HELLO).rsv(4), text("12345"), text(HELLO_AGAIN).rsv(4)].map(But::said),
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(24261\\x05\\x00) text rsv1(\\xf2\\x00\\xb1\\x00\\x00)",
            &[(D::RememberUncompressed, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(24261\\x05\\x00) text rsv1(\\xf2\\x00\\x11\\x00\\x00)"),(D::InflateEverything, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) close(1007) fin"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "what repeats itself over two messages",
            BOTH,
            repeated().map(|octets| binary(octets).rsv(4).said()),
            "binary rsv1(\\x00X\\x02\\xa7…606) binary rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)",
            &[(D::InflateInSmallWindow, "binary rsv1(\\x00X\\x02\\xa7…606) close(1007) fin"),(D::ForgetContext, "binary rsv1(\\x00X\\x02\\xa7…606) close(1007) fin"),(D::SendRsv1OnContinuation, "binary !fin rsv1(\\x00X\\x02\\xa7…303) continuation rsv1(%\\x01\\xb7\\xe1…303) binary !fin rsv1(\\xb2\\x19MW\\xf3) continuation rsv1(\\x88MW\\x00\\x00)"),(D::KeepTail, "binary rsv1(\\x00X\\x02\\xa7…610) binary rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00\\x00\\x00\\xff\\xff)"),(D::CompressWithoutRsv1, "binary(\\x00X\\x02\\xa7…606) binary(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::ValidateBinaryAsText, "close(1007) fin"),(D::AppendToLastMessage, "binary rsv1(\\x00X\\x02\\xa7…606) binary rsv1(\\xb2\\x19MW\\xa3\\xe9j4]E\\x0edy\\x05\\x00)"),(D::SendFinInFirstFragment, "binary rsv1(\\x00X\\x02\\xa7…303) continuation !fin rsv1(%\\x01\\xb7\\xe1…303) binary rsv1(\\xb2\\x19MW\\xf3) continuation !fin rsv1(\\x88MW\\x00\\x00)"),(D::RepeatOpcodeInFragments, "binary !fin rsv1(\\x00X\\x02\\xa7…303) binary rsv1(%\\x01\\xb7\\xe1…303) binary !fin rsv1(\\xb2\\x19MW\\xf3) binary rsv1(\\x88MW\\x00\\x00)"),(D::SendStrayContinuation, "continuation rsv1(\\x00X\\x02\\xa7…606) continuation rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::NeverSetFin, "binary !fin rsv1(\\x00X\\x02\\xa7…606) binary !fin rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendLong64BitLengths, "binary rsv1 64-bit(\\x00X\\x02\\xa7…606) binary rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendLong16BitLengths, "binary rsv1(\\x00X\\x02\\xa7…606) binary rsv1 16-bit(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendLengthsLittleEndian, "?\\xc2…"),(D::Read16BitLengthsLittleEndian, "close(1007) fin"),(D::SendBinaryAsText, "text rsv1(\\x00X\\x02\\xa7…606) text rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendReservedDataOpcode, "0x3 rsv1(\\x00X\\x02\\xa7…606) 0x3 rsv1(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendRsv3, "binary rsv1 rsv3(\\x00X\\x02\\xa7…606) binary rsv1 rsv3(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendRsv2, "binary rsv1 rsv2(\\x00X\\x02\\xa7…606) binary rsv1 rsv2(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::SendRsv1, "binary rsv1(<^\\x81\\xb4…600) binary rsv1(<^\\x81\\xb4…300)"),(D::SetMaskBitOnly, "binary rsv1(QTD\\xbe…606) binary rsv1(R7\\x18i\\x13\\xa6\\x18i\\xe0.)"),(D::MaskWithHalfKeys, "binary rsv1 key=half(\\x00X\\x02\\xa7…606) binary rsv1 key=half(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::MaskWithZeroKey, "binary rsv1 key=0(\\x00X\\x02\\xa7…606) binary rsv1 key=0(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::IgnoreMaskingKey, "close(1007) fin"),(D::SendUnmaskedFrames, "binary rsv1 unmasked(\\x00X\\x02\\xa7…606) binary rsv1 unmasked(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),(D::MaskServerFrames, "binary rsv1 masked(\\x00X\\x02\\xa7…606) binary rsv1 masked(\\xb2\\x19MW\\xf3\\x88MW\\x00\\x00)"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "data that are not DEFLATE",
            BOTH,
            [binary(b"\xff\xff".to_vec()).rsv(4).said()],
            "close(1007) fin",
            &[(D::AcceptInvalidDeflate, "binary rsv1(\\x00)"),(D::ForgetAgreement, "close(1002) fin"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "data behind a final block",
            BOTH,
            [text([&b"\xf3"[..], &HELLO[1..], HELLO].concat()).rsv(4).said()],
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\xf7\\x00\\x11\\x00\\x00)",
            &[(D::StopAtFinalBlock, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),(D::RefuseFinalBlocks, "close(1007) fin"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "compressed text that is not UTF-8",
            BOTH,
            [text(deflate(b"\xff")).rsv(4).said()],
            "close(1007) fin",
            &[(D::SkipInflatedValidation, "text rsv1(\\xfa\\x0f\\x00)"),(D::ForgetAgreement, "close(1002) fin"),(D::ReportInvalidTextAs1002, "close(1002) fin"),(D::ReplaceInvalidUtf8, "text rsv1(z\\xbf\\x7f/\\x00)"),(D::SkipUtf8Validation, "text rsv1(\\xfa\\x0f\\x00)"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "an empty compressed message",
            BOTH,
            [text(b"\0".to_vec()).rsv(4).said()],
            "text rsv1(\\x00)",
            &[(D::DropEmptyMessages, ""),(D::SendNothingForEmpty, "text rsv1()"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "a compressed message in two frames",
            BOTH,
            [
                text(&HELLO[..3]).rsv(4).not_final(),
                continuation(&HELLO[3..]),
            ]
            .map(But::said),
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)",
            &[(D::InflateFramesSingly, "close(1007) fin"),(D::TakeFragmentedTextAsBinary, "binary rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)"),(D::KeepLastFragmentOnly, "text rsv1(\\xca\\xc9\\xc9\\x07\\x00)"),(D::KeepFirstFragmentOnly, "text rsv1(\\xf2H\\x05\\x00)"),(D::ReverseFragments, "text rsv1(\\xca\\xc9\\xc9\\xf7H\\x05\\x00)"),(D::EchoFragmentsSingly, "text rsv1(\\xf2H\\x05\\x00) text rsv1(\\xca\\xc9\\xc9\\x07\\x00)"),(D::IgnoreFinOfContinuation, ""),(D::RefuseFragmentedMessages, "close(1002) fin"),],
        )
        .agreeing(Agreement::default()),
        Talk::new(
            "a message twice where the server gave its context up",
            SERVER,
            [text("Hello"), text("Hello")].map(But::said),
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00)",
            &[(D::InflateEverything, "close(1007) fin"),(D::SwapDirections, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x00\\x11\\x00\\x00)"),(D::TakeContextOver, "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) text rsv1(\\xf2\\x00\\x11\\x00\\x00)"),],
        )
        .agreeing(Agreement {
            server_no_context_takeover: true,
            ..Agreement::default()
        }),
    ]
}

const HELLO_AGAIN: &[u8] = b"\xf2\x00\x11\x00\x00";

/// The payload of the compressed message for `payload`.
fn deflate(payload: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(64 << 10);
    let mut compress = Compress::new(Compression::best(), false);
    let compressed = compress.compress_vec(payload, &mut octets, FlushCompress::Sync);
    compressed.expect("there is room");
    octets.truncate(octets.len() - 4);
    octets
}

/// The payloads of two compressed messages, the second of which refers far back into the first.
fn repeated() -> [Vec<u8>; 2] {
    let mut compress = Compress::new(Compression::best(), false);
    [noise(), noise()[..300].to_vec()].map(|message| {
        let mut octets = Vec::with_capacity(2 << 10);
        let compressed = compress.compress_vec(&message, &mut octets, FlushCompress::Sync);
        compressed.expect("there is room");
        octets.truncate(octets.len() - 4);
        octets
    })
}
