//! Conversations about messages and control frames, and how much of them is taken.

use crate::Talk;
use crate::talk::*;
use wsspec_reference::Liberty as L;
use wsspec_reference::frame::LengthForm;

pub(crate) fn talks() -> Vec<Talk> {
    [ordinary(), limits(), pongs(), reading()].concat()
}

/// What goes without saying in all other conversations with the same kind of frame.
fn ordinary() -> Vec<Talk> {
    vec![
        Talk::new(
            "a text message",
            BOTH,
            [text("hello, world").said()],
            "text(hello, world)",
            &[
                (L::FragmentInTwo, "text !fin(hello,) continuation( world)"),
                (L::FragmentBySeven, "text !fin(hello, ) continuation(world)"),
                (L::FragmentSingly, "text !fin(h) continuation !fin(e) continuation !fin(l)…"),
                (
                    L::FragmentWithEmpty,
                    "text !fin() continuation !fin(hello,) continuation !fin() continuation !fin( world) continuation()",
                ),
                (
                    L::FragmentAroundControl,
                    "text !fin(hello,) ping(between) pong(nobody asked) continuation( world)",
                ),
                (
                    L::SendFragmentsSlowly,
                    "text !fin(hell) continuation !fin(o, w) continuation(orld)",
                ),
                (L::UnderstandBinaryOnly, "close(1003) fin"),
            ],
        )
        .ordinary(&["text(", "text rsv1("]),
        Talk::new(
            "a binary message",
            BOTH,
            [binary("some data here").said()],
            "binary(some data here)",
            &[
                (L::FragmentInTwo, "binary !fin(some da) continuation(ta here)"),
                (L::FragmentBySeven, "binary !fin(some da) continuation(ta here)"),
                (L::FragmentSingly, "binary !fin(s) continuation !fin(o)…"),
                (
                    L::FragmentWithEmpty,
                    "binary !fin() continuation !fin(some da) continuation !fin() continuation !fin(ta here) continuation()",
                ),
                (
                    L::FragmentAroundControl,
                    "binary !fin(some da) ping(between) pong(nobody asked) continuation(ta here)",
                ),
                (
                    L::SendFragmentsSlowly,
                    "binary !fin(some ) continuation !fin(data ) continuation(here)",
                ),
                (L::UnderstandTextOnly, "close(1003) fin"),
            ],
        )
        .ordinary(&["binary(", "binary rsv1("]),
        Talk::new(
            "a message in three fragments",
            BOTH,
            [
                text("hel").not_final(),
                continuation("").not_final(),
                continuation("lo"),
            ]
            .map(But::said),
            "text(hello)",
            &[
                (
                    L::KeepFragments,
                    "text !fin(hel) continuation !fin() continuation(lo)",
                ),
                (
                    L::StreamFragments,
                    "text !fin(hel) continuation !fin() continuation(lo)",
                ),
            ],
        ),
        Talk::new(
            "two messages, the second in one frame",
            BOTH,
            [text("a").not_final(), continuation("b"), text("c")].map(But::said),
            "text(ab) text(c)",
            &[
                (L::KeepFragments, "text !fin(a) continuation(b) text(c)"),
                (L::StreamFragments, "text !fin(a) continuation(b) text(c)"),
            ],
        ),
        Talk::new(
            "a message that has not ended",
            BOTH,
            [text("hel").not_final(), ping("")].map(But::said),
            "pong()",
            &[(L::StreamFragments, "text !fin(hel) pong()")],
        ),
        Talk::new(
            "a fragmented message that is not UTF-8 at its end",
            BOTH,
            [text("a").not_final(), continuation(b"\xc3".to_vec())].map(But::said),
            "close(1007) fin",
            &[(L::StreamFragments, "text !fin(a) close(1007) fin")],
        ),
    ]
}

fn limits() -> Vec<Talk> {
    let too_big = "close(1009) fin";
    let beyond = |octets: usize, title, others: &[(L, &'static str)], sent| {
        Talk::new(title, BOTH, [binary(many(octets)).said()], sent, others)
    };
    vec![
        beyond(8_192, "a frame of 8,192 octets", &[], "binary(xxxx…8192)"),
        beyond(
            8_193,
            "a frame of 8,193 octets",
            &[
                (L::LimitMessagesTo8192, too_big),
                (L::LimitFramesTo8192, too_big),
            ],
            "binary(xxxx…8193)",
        ),
        beyond(
            32_769,
            "a frame of 32,769 octets",
            &[
                (L::LimitMessagesTo8192, too_big),
                (L::LimitFramesTo8192, too_big),
                (L::LimitMessagesTo32768, too_big),
                (L::LimitFramesTo32768, too_big),
            ],
            "binary(xxxx…32769)",
        ),
        beyond(
            65_537,
            "a frame of 65,537 octets",
            &[
                (L::LimitMessagesTo8192, too_big),
                (L::LimitFramesTo8192, too_big),
                (L::LimitMessagesTo32768, too_big),
                (L::LimitFramesTo32768, too_big),
                (L::LimitMessagesTo65536, too_big),
                (L::LimitFramesTo65536, too_big),
            ],
            "binary(xxxx…65537)",
        ),
        Talk::new(
            "a message of 10,000 octets in two frames",
            BOTH,
            [binary(many(5_000)).not_final(), continuation(many(5_000))].map(But::said),
            "binary(xxxx…10000)",
            &[
                (L::LimitMessagesTo8192, too_big),
                (
                    L::KeepFragments,
                    "binary !fin(xxxx…5000) continuation(xxxx…5000)",
                ),
                (
                    L::StreamFragments,
                    "binary !fin(xxxx…5000) continuation(xxxx…5000)",
                ),
            ],
        ),
        Talk::new(
            "a message in 129 fragments",
            BOTH,
            (0..129).map(|at| match at {
                0 => binary("").not_final().said(),
                128 => continuation("hello, world").said(),
                _ => continuation("").not_final().said(),
            }),
            "binary(hello, world)",
            &[
                (L::LimitFragmentsTo128, too_big),
                (L::KeepFragments, "binary !fin() continuation !fin()…"),
                (L::StreamFragments, "binary !fin() continuation !fin()…"),
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
                (L::AnswerLimitsWith1008, "close(1008) fin"),
                (L::AnswerLimitsWith1011, "close(1011) fin"),
                (L::FailWithReason, "close(1009 this is not allowed) fin"),
                (L::FailWithoutCode, "close() fin"),
                (L::FailWithoutClose, "fin"),
                (L::FailByReset, "end"),
                (L::ResetTcp, "close(1009) end"),
                (L::DropTcp, "close(1009) end"),
                (L::LeaveTcpEndToServer, "close(1009)"),
            ],
        )
        .ordinary(&["close(1009"]),
    ]
}

fn pongs() -> Vec<Talk> {
    vec![
        Talk::new(
            "a Ping",
            BOTH,
            [ping("a").said()],
            "pong(a)",
            &[
                (L::PongBeforePongs, "pong(nobody asked) pong(a)"),
                (L::AnswerPingsTwice, "pong(a) pong(a)"),
            ],
        )
        .ordinary(&["pong("]),
        Talk::new(
            "Pings around a message, together",
            BOTH,
            [Say::AtOnce(vec![
                ping("a"),
                ping("b"),
                text("hello, world"),
                ping("c"),
            ])],
            "pong(a) pong(b) text(hello, world) pong(c)",
            &[
                (L::AnswerLastPingOnly, "text(hello, world) pong(c)"),
                (
                    L::PongBehindEchoes,
                    "text(hello, world) pong(a) pong(b) pong(c)",
                ),
            ],
        ),
        Talk::new(
            "a Ping and a Close frame, together",
            SERVER,
            [Say::AtOnce(vec![ping("a"), ping("b"), close(1000)])],
            "pong(a) pong(b) close(1000) fin",
            &[(L::AnswerLastPingOnly, "pong(b) close(1000) fin")],
        ),
    ]
}

fn reading() -> Vec<Talk> {
    vec![
        Talk::new(
            "the start of a frame with RSV3",
            BOTH,
            [Say::Start(text("hello").rsv(1), 4)],
            "close(1002) fin",
            &[(L::ReadWholeFrames, "")],
        ),
        Talk::new(
            "the start of text that is not UTF-8",
            BOTH,
            [
                text("a\u{e9}").said(),
                Say::Start(text([0xff; 20].to_vec()), 8),
            ],
            "text(a\\xc3\\xa9) close(1007) fin",
            &[
                (L::ReadWholeFrames, "text(a\\xc3\\xa9)"),
                (L::ValidateTextAtEnd, "text(a\\xc3\\xa9)"),
            ],
        ),
        Talk::new(
            "the first fragment of text that is not UTF-8",
            BOTH,
            [text(b"\xff".to_vec()).not_final().said()],
            "close(1007) fin",
            &[(L::ValidateTextAtEnd, "")],
        ),
        Talk::new(
            "a length in a longer form",
            BOTH,
            [text("hello, world").form(LengthForm::SixteenBit).said()],
            "close(1002) fin",
            &[(L::TakeLongLengthForms, "text(hello, world)")],
        ),
    ]
}
