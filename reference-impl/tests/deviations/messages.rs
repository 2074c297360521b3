//! Conversations about fragmentation, Pings and UTF-8 (RFC 6455 §5.4 to §5.6, §8.1).

use crate::talk::*;
use wsspec_reference::Deviation as D;

pub(crate) fn talks() -> Vec<Talk> {
    [fragmentation(), control_frames(), utf8()].concat()
}

const REFUSED: &str = "close(1002) fin";
const NOT_TEXT: &str = "close(1007) fin";

fn fragmentation() -> Vec<Talk> {
    let many_fragments = std::iter::once(text("a").not_final())
        .chain((0..15).map(|_| continuation("b").not_final()))
        .chain([continuation("c")])
        .map(But::said);
    vec![
        Talk::new(
            "a message in three fragments",
            BOTH,
            [
                text("ab").not_final(),
                continuation("cd").not_final(),
                continuation("ef"),
            ]
            .map(But::said),
            "text(abcdef)",
            &[
                (D::RefuseFragmentedMessages, REFUSED),
                (D::IgnoreFinOfContinuation, ""),
                (D::EchoFragmentsSingly, "text(ab) text(cd) text(ef)"),
                (D::ReverseFragments, "text(efcdab)"),
                (D::KeepFirstFragmentOnly, "text(ab)"),
                (D::KeepLastFragmentOnly, "text(ef)"),
                (D::TakeFragmentedTextAsBinary, "binary(abcdef)"),
            ],
        ),
        Talk::new(
            "a message in 17 fragments",
            BOTH,
            many_fragments,
            "text(abbbbbbbbbbbbbbbc)",
            &[
                (D::RefuseManyFragments, REFUSED),
                (D::RefuseFragmentedMessages, REFUSED),
                (D::IgnoreFinOfContinuation, ""),
                (D::EchoFragmentsSingly, "text(a) text(b) …"),
                (D::ReverseFragments, "text(cbbbbbbbbbbbbbbba)"),
                (D::KeepFirstFragmentOnly, "text(a)"),
                (D::KeepLastFragmentOnly, "text(c)"),
                (D::TakeFragmentedTextAsBinary, "binary(abbbbbbbbbbbbbbbc)"),
            ],
        ),
        Talk::new(
            "a message whose last fragment is empty, and another",
            BOTH,
            [text("a").not_final(), continuation(""), text("b")].map(But::said),
            "text(a) text(b)",
            &[
                (D::AppendToLastMessage, "text(a) text(ab)"),
                (D::RefuseFragmentedMessages, REFUSED),
                (D::RefuseEmptyFragments, REFUSED),
                (D::DropEmptyFragments, REFUSED),
                (D::IgnoreFinOfContinuation, REFUSED),
                (D::EchoFragmentsSingly, "text(a) text() text(b)"),
                (D::KeepLastFragmentOnly, "text() text(b)"),
                (D::TakeFragmentedTextAsBinary, "binary(a) text(b)"),
            ],
        ),
        Talk::new(
            "a continuation of nothing, and a message",
            BOTH,
            [continuation("a"), text("b")].map(But::said),
            REFUSED,
            &[
                (D::AcceptStrayContinuation, "binary(a) text(b)"),
                (D::SkipStrayContinuation, "text(b)"),
            ],
        ),
        Talk::new(
            "a message within another",
            BOTH,
            [text("a").not_final(), text("b"), text("c")].map(But::said),
            REFUSED,
            &[
                (D::EchoFragmentsSingly, "text(a) close(1002) fin"),
                (D::AbandonInterruptedMessage, "text(b) text(c)"),
                (D::JoinInterruptingMessage, "text(ab) text(c)"),
            ],
        ),
        Talk::new(
            "Pings between the fragments of a message",
            BOTH,
            [
                text("a").not_final(),
                ping("1"),
                continuation("b").not_final(),
                ping("2"),
                continuation("c"),
            ]
            .map(But::said),
            "pong(1) pong(2) text(abc)",
            &[
                (D::AnswerFirstPingOnly, "pong(1) text(abc)"),
                (D::RefuseFragmentedMessages, "close(1002) fin"),
                (D::IgnoreFinOfContinuation, "pong(1) pong(2)"),
                (
                    D::EchoFragmentsSingly,
                    "text(a) pong(1) text(b) pong(2) text(c)",
                ),
                (D::ReverseFragments, "pong(1) pong(2) text(cba)"),
                (D::KeepFirstFragmentOnly, "pong(1) pong(2) text(a)"),
                (D::KeepLastFragmentOnly, "pong(1) pong(2) text(c)"),
                (D::TakeFragmentedTextAsBinary, "pong(1) pong(2) binary(abc)"),
                (D::RefuseControlBetweenFragments, "close(1002) fin"),
                (D::DropControlBetweenFragments, "text(abc)"),
                (D::DelayControlBetweenFragments, "text(abc) pong(1) pong(2)"),
                (D::ForgetFragmentsAtControl, "pong(1) pong(2) text(c)"),
                (D::JoinControlToMessage, "pong(1) pong(2) text(a1b2c)"),
            ],
        ),
        Talk::new(
            "a Close frame between the fragments of a message",
            SERVER,
            [text("a").not_final(), close(1000), continuation("b")].map(But::said),
            "close(1000) fin",
            &[
                (D::RefuseFragmentedMessages, "close(1002) fin"),
                (D::EchoFragmentsSingly, "text(a) close(1000) fin"),
                (D::RefuseControlBetweenFragments, "close(1002) fin"),
                (D::IgnoreCloseInMessage, "text(ab)"),
            ],
        ),
    ]
}

fn control_frames() -> Vec<Talk> {
    vec![
        Talk::new(
            "a Ping and a Close frame without FIN",
            SERVER,
            [ping("a").not_final(), close(1000).not_final()].map(But::said),
            REFUSED,
            &[(D::AcceptFragmentedControlFrames, "pong(a) close(1000) fin")],
        ),
        Talk::new(
            "a Ping of 126 octets",
            BOTH,
            [ping(many(126)).said()],
            REFUSED,
            &[(D::AcceptLongControlFrames, "pong(xxxx…126)")],
        ),
        Talk::new(
            "a Ping of 125 octets",
            BOTH,
            [ping(many(125)).said()],
            "pong(xxxx…125)",
            &[
                (D::Send125In16Bits, "pong 16-bit(xxxx…125)"),
                (D::RefuseControlFramesOf125Octets, "close(1002) fin"),
                (D::TruncatePongPayload, "pong(xxxx…64)"),
            ],
        ),
        Talk::new(
            "an empty Ping",
            BOTH,
            [ping("").said()],
            "pong()",
            &[(D::IgnoreEmptyPings, "")],
        ),
        Talk::new(
            "three Pings one after the other",
            BOTH,
            [ping("1"), ping("2"), ping("3")].map(But::said),
            "pong(1) pong(2) pong(3)",
            &[(D::AnswerFirstPingOnly, "pong(1)")],
        ),
        Talk::new(
            "a Ping before a message",
            BOTH,
            [ping("1"), text("a"), text("b")].map(But::said),
            "pong(1) text(a) text(b)",
            &[
                (D::AppendToLastMessage, "pong(1) text(a) text(ab)"),
                (D::DelayPongs, "text(a) pong(1) text(b)"),
                (D::CloseOnPing, "close(1000)"),
                (D::AnswerPingsTwice, "pong(1) pong(1) text(a) text(b)"),
            ],
        ),
        Talk::new(
            "a Pong that nobody asked for, and a message",
            BOTH,
            [pong("1"), text("a")].map(But::said),
            "text(a)",
            &[
                (D::AnswerPongs, "pong(1) text(a)"),
                (D::RefusePongs, "close(1002) fin"),
            ],
        ),
    ]
}

fn utf8() -> Vec<Talk> {
    let invalid = |title, octets: &[u8], deviant| {
        Talk::new(title, BOTH, [text(octets).said()], NOT_TEXT, deviant)
    };
    vec![
        Talk::new(
            "a character cut by a fragment",
            BOTH,
            [text(b"a\xc3").not_final(), continuation(b"\xa9b")].map(But::said),
            "text(a\\xc3\\xa9b)",
            &[
                (D::RefuseFragmentedMessages, "close(1002) fin"),
                (D::IgnoreFinOfContinuation, ""),
                (D::EchoFragmentsSingly, "close(1007) fin"),
                (D::ReverseFragments, "text(\\xa9ba\\xc3)"),
                (D::KeepFirstFragmentOnly, "text(a\\xc3)"),
                (D::KeepLastFragmentOnly, "text(\\xa9b)"),
                (D::TakeFragmentedTextAsBinary, "binary(a\\xc3\\xa9b)"),
                (D::ValidateUtf8PerFrame, "close(1007) fin"),
                (D::ReplaceNonAscii, "text(a?b)"),
            ],
        ),
        Talk::new(
            "invalid text in a second fragment",
            BOTH,
            [text("a").not_final(), continuation(b"\xff")].map(But::said),
            NOT_TEXT,
            &[
                (D::RefuseFragmentedMessages, "close(1002) fin"),
                (D::EchoFragmentsSingly, "text(a) close(1007) fin"),
                (D::SkipUtf8Validation, "text(a\\xff)"),
                (D::ValidateFirstFragmentOnly, "text(a\\xff)"),
                (D::ReplaceInvalidUtf8, "text(a\\xef\\xbf\\xbd)"),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        Talk::new(
            "invalid text in a first fragment",
            BOTH,
            [text(b"\xff").not_final().said()],
            NOT_TEXT,
            &[
                (D::IgnoreMaskingKey, ""),
                (D::RefuseFragmentedMessages, "close(1002) fin"),
                (D::SkipUtf8Validation, ""),
                (D::ValidateUtf8AtEnd, ""),
                (D::ReplaceInvalidUtf8, ""),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        Talk::new(
            "invalid text in a frame that is not complete",
            BOTH,
            [Say::Start(text(b"a\xffbcdefgh"), 8)],
            NOT_TEXT,
            &[
                (D::IgnoreMaskingKey, ""),
                (D::SkipUtf8Validation, ""),
                (D::ValidateUtf8AtEnd, ""),
                (D::ReplaceInvalidUtf8, ""),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        invalid(
            "a lone octet 0xFF",
            b"a\xffb",
            &[
                (D::IgnoreMaskingKey, "text(V\\x05C)"),
                (D::SkipUtf8Validation, "text(a\\xffb)"),
                (D::ReplaceInvalidUtf8, "text(a\\xef\\xbf\\xbdb)"),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        invalid(
            "text that ends within a character",
            b"a\xe2\x82",
            &[
                (D::SkipUtf8Validation, "text(a\\xe2\\x82)"),
                (D::AcceptIncompleteUtf8, "text(a\\xe2\\x82)"),
                (D::ReplaceInvalidUtf8, "text(a\\xef\\xbf\\xbd)"),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        invalid(
            "a surrogate",
            b"\xed\xa0\x80",
            &[
                (D::SkipUtf8Validation, "text(\\xed\\xa0\\x80)"),
                (D::AcceptSurrogates, "text(\\xed\\xa0\\x80)"),
                (
                    D::ReplaceInvalidUtf8,
                    "text(\\xef\\xbf\\xbd\\xef\\xbf\\xbd\\xef\\xbf\\xbd)",
                ),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        invalid(
            "U+002F in two octets",
            b"\xc0\xaf",
            &[
                (D::SkipUtf8Validation, "text(\\xc0\\xaf)"),
                (D::AcceptOverlongUtf8, "text(\\xc0\\xaf)"),
                (
                    D::ReplaceInvalidUtf8,
                    "text(\\xef\\xbf\\xbd\\xef\\xbf\\xbd)",
                ),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        invalid(
            "U+002F in three octets",
            b"\xe0\x80\xaf",
            &[
                (D::SkipUtf8Validation, "text(\\xe0\\x80\\xaf)"),
                (D::AcceptOverlongUtf8, "text(\\xe0\\x80\\xaf)"),
                (
                    D::ReplaceInvalidUtf8,
                    "text(\\xef\\xbf\\xbd\\xef\\xbf\\xbd\\xef\\xbf\\xbd)",
                ),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        invalid(
            "U+110000",
            b"\xf4\x90\x80\x80",
            &[
                (D::SkipUtf8Validation, "text(\\xf4\\x90\\x80\\x80)"),
                (D::AcceptUtf8BeyondUnicode, "text(\\xf4\\x90\\x80\\x80)"),
                (
                    D::ReplaceInvalidUtf8,
                    "text(\\xef\\xbf\\xbd\\xef\\xbf\\xbd\\xef\\xbf\\xbd\\xef\\xbf\\xbd)",
                ),
                (D::ReportInvalidTextAs1002, "close(1002) fin"),
            ],
        ),
        Talk::new(
            "noncharacters",
            BOTH,
            [text("\u{fdd0}\u{fffe}\u{1ffff}").said()],
            "text(\\xef\\xb7\\x90\\xef\\xbf\\xbe\\xf0\\x9f\\xbf\\xbf)",
            &[
                (D::RefuseNoncharacters, "close(1007) fin"),
                (D::RefuseFourOctetCharacters, "close(1007) fin"),
                (D::ReplaceNonAscii, "text(???)"),
            ],
        ),
        Talk::new(
            "U+0000",
            BOTH,
            [text("a\0b").said()],
            "text(a\\x00b)",
            &[
                (D::RefuseNul, "close(1007) fin"),
                (D::CutTextAtNul, "text(a)"),
            ],
        ),
        Talk::new(
            "U+1F600",
            BOTH,
            [text("\u{1f600}").said()],
            "text(\\xf0\\x9f\\x98\\x80)",
            &[
                (D::RefuseFourOctetCharacters, "close(1007) fin"),
                (D::ReplaceNonAscii, "text(?)"),
            ],
        ),
        Talk::new(
            "a byte order mark",
            BOTH,
            [text("\u{feff}a").said()],
            "text(\\xef\\xbb\\xbfa)",
            &[
                (D::StripByteOrderMark, "text(a)"),
                (D::ReplaceNonAscii, "text(?a)"),
            ],
        ),
        Talk::new(
            "a binary message that is no text",
            BOTH,
            [binary(b"\xff\xfe").said()],
            "binary(\\xff\\xfe)",
            &[(D::ValidateBinaryAsText, "close(1007) fin")],
        ),
    ]
}
