//! What shows wherever anything of a kind is sent or received, and is not told of again.

use crate::talk::*;
use wsspec_reference::Deviation as D;
use wsspec_reference::deflate::Agreement;

pub(crate) fn talks() -> Vec<Talk> {
    vec![
        Talk::new(
            "some text",
            BOTH,
            [text("hello").said()],
            "text(hello)",
            &[
                (D::SendMaskBitWithoutKey, "?\\x81\\x85hello"),
                (D::CountMaskingKey, "?\\x81\\x89…"),
                (D::SendLengthsOneShort, "text(hell) ?…"),
                (D::SendExtensionData, "text(ext!hello)"),
                (
                    D::InterleaveMessages,
                    "text !fin(he) text(inside) continuation(llo)",
                ),
                (D::CloseAfterOneEcho, "text(hello) close(1002)"),
                (D::SayNothing, ""),
                (D::SendNoise, "?<^\\x81\\xb4…"),
            ],
        )
        .ordinary(&["text(", "text rsv1("]),
        Talk::new(
            "some octets",
            BOTH,
            [binary("data").said()],
            "binary(data)",
            &[
                (D::SendMaskBitWithoutKey, "?\\x82\\x84data"),
                (D::CountMaskingKey, "?\\x82\\x88…"),
                (D::SendLengthsOneShort, "binary(dat) ?…"),
                (D::SendExtensionData, "binary(ext!data)"),
                (
                    D::InterleaveMessages,
                    "binary !fin(da) binary(inside) continuation(ta)",
                ),
                (D::CloseAfterOneEcho, "binary(data) close(1002)"),
                (D::SayNothing, ""),
                (D::SendNoise, "?<^\\x81\\xb4…"),
            ],
        )
        .ordinary(&["binary(", "binary rsv1("]),
        Talk::new(
            "some Ping",
            BOTH,
            [ping("abc").said()],
            "pong(abc)",
            &[
                (D::SendMaskBitWithoutKey, "?\\x8a\\x83abc"),
                (D::CountMaskingKey, "?\\x8a\\x87…"),
                (D::SayNothing, ""),
                (D::SendNoise, "?<^\\x81\\xb4…"),
            ],
        )
        .ordinary(&["pong("]),
        Talk::new(
            "some violation",
            BOTH,
            [text("hello").rsv(1).said()],
            "close(1002) fin",
            &[
                (D::SendMaskBitWithoutKey, "?\\x88\\x82\\x03\\xea fin"),
                (D::CountMaskingKey, "?\\x88\\x86…"),
                (D::AcceptRsv3, "text(hello)"),
                (D::SendCloseAsPing, "ping(\\x03\\xea) fin"),
                (D::SayNothing, "fin"),
                (D::SendNoise, "?<^\\x81\\xb4…"),
            ],
        )
        .ordinary(&["close("]),
        Talk::new(
            "some masked frame",
            SERVER,
            [text("hello").said()],
            "text(hello)",
            &[(D::ReadMaskingKeyAsPayload, "text(h) close(1002) fin")],
        )
        .ordinary(&[""]),
        Talk::new(
            "a compressed message and a Ping",
            BOTH,
            [text(HELLO).rsv(4).said(), ping("Hello").said()],
            "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) pong(Hello)",
            &[
                (D::ForgetAgreement, "close(1002) fin"),
                (D::ValidateCompressedText, "close(1007) fin"),
                (
                    D::OmitEmptyBlock,
                    "text rsv1(\\xf3H\\xcd\\xc9\\xc9\\x07\\x00) pong(Hello)",
                ),
                (
                    D::CutCompressedMessages,
                    "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07) pong(Hello)",
                ),
                (
                    D::CompressAllButLast,
                    "text rsv1(\\xf2H\\xcd\\xc9\\x01\\x00) pong(Hello)",
                ),
                (
                    D::CompressPongs,
                    "text rsv1(\\xf2H\\xcd\\xc9\\xc9\\x07\\x00) pong rsv1(\\xf2\\x00\\x11\\x00\\x00)",
                ),
            ],
        )
        .ordinary(&["text rsv1(", "binary rsv1("])
        .agreeing(Agreement::default()),
    ]
}
