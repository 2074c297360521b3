//! Conversations with unusual peers.

use crate::talk::*;
use wsspec_reference::Deviation as D;
use wsspec_reference::frame::LengthForm;

pub(crate) fn talks() -> Vec<Talk> {
    vec![
        Talk::new(
            "a frame header in two pieces",
            BOTH,
            [Say::Halves(text(""))],
            "text()",
            &[
                (D::LoseHeadersInPieces, "close(1002) fin"),
                (D::DropEmptyMessages, ""),
            ],
        ),
        Talk::new(
            "three frames at once",
            BOTH,
            [Say::AtOnce(vec![text("a"), ping("b"), text("c")])],
            "text(a) pong(b) text(c)",
            &[
                (D::AppendToLastMessage, "text(a) pong(b) text(ac)"),
                (D::LoseFramesInOneRead, "text(a)"),
                (D::DelayPongs, "text(a) text(c) pong(b)"),
            ],
        ),
        Talk::new(
            "two empty messages",
            BOTH,
            [text(""), binary("")].map(But::said),
            "text() binary()",
            &[(D::DropEmptyMessages, "")],
        ),
        Talk::new(
            "four messages and a Ping",
            BOTH,
            [text("a"), text("b"), text("c"), text("d"), ping("e")].map(But::said),
            "text(a) text(b) text(c) text(d) pong(e)",
            &[
                (D::StopReading, "text(a) text(b) text(c)"),
                (
                    D::AppendToLastMessage,
                    "text(a) text(ab) text(bc) text(cd) pong(e)",
                ),
                (D::FallSilent, "text(a) text(b) text(c)"),
            ],
        ),
        Talk::new(
            "a length beyond the limit",
            BOTH,
            [binary("abc")
                .form(LengthForm::SixtyFourBit)
                .declaring(2 << 20)
                .said()],
            "close(1009) fin",
            &[
                (D::ReportLimitsAs1007, "close(1007) fin"),
                (D::Refuse64BitLengths, "close(1002) fin"),
                (D::TruncateLengthsTo16Bits, "binary() close(1002) fin"),
                (D::CrashOnLargeLengths, "end"),
                (D::IgnoreSizeLimits, ""),
            ],
        ),
    ]
}
