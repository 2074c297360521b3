//! Conversations about closing and failing the connection (RFC 6455 §7).

use crate::talk::*;
use wsspec_reference::{CloseCode, Connection, Deviation as D};

pub(crate) fn talks() -> Vec<Talk> {
    [handshake(), codes(), failing()].concat()
}

const REFUSED: &str = "close(1002) fin";

/// The answers to Close frames in the conversations below.
const ANSWERS_OF_SERVERS: &[&str] = &[
    "close() fin",
    "close(1000) fin",
    "close(1012) fin",
    "close(1014) fin",
    "close(3000) fin",
    "close(3999) fin",
    "close(4000) fin",
    "close(4999) fin",
];

fn handshake() -> Vec<Talk> {
    let start: fn(&mut Connection) = |connection| {
        let started = connection.start_closing_handshake(CloseCode::NORMAL, "bye");
        started.expect("it is open");
    };
    vec![
        Talk::new(
            "a closing handshake with a server",
            SERVER,
            [close(1000).said(), Say::Eof],
            "close(1000) fin end",
            &[
                (D::MaskServerFrames, "close masked(1000) fin end"),
                (D::IgnoreMaskingKey, "close(1002) fin end"),
                (D::MaskServerControlFrames, "close masked(1000) fin end"),
                (D::SendLong16BitLengths, "close 16-bit(1000) fin end"),
                (D::KeepTcpOpen, "close(1000) end"),
                (D::IgnoreCloseFrames, "end"),
                (D::CloseTcpWithoutReply, "end"),
                (D::EchoAfterClose, "close(1000) end"),
                (D::SendDataAfterClose, "close(1000) text(late) fin end"),
                (D::SendCloseTwice, "close(1000) close(1000) fin end"),
                (D::AnswerCloseWith1005, "close(1005) fin end"),
                (D::AnswerCloseWith1006, "close(1006) fin end"),
                (D::AnswerCloseWithOtherCode, "close(4000) fin end"),
                (D::AnswerCloseEmptily, "close() fin end"),
                (D::SendHalfCloseCode, "close(\\x03) fin end"),
                (D::SendCloseCodeLittleEndian, "close(59395) fin end"),
                (D::SendLongCloseReason, "close(1000 xxxx…124) fin end"),
                (D::SendInvalidCloseReason, "close(1000 caf\\xc3) fin end"),
                (D::SendFragmentedClose, "close !fin(1000) fin end"),
                (D::ResetTcp, "close(1000) end"),
            ],
        )
        .ordinary(ANSWERS_OF_SERVERS),
        Talk::new(
            "a closing handshake with a client",
            CLIENT,
            [close(1000).said(), Say::Eof],
            "close(1000) end",
            &[
                (D::SendUnmaskedFrames, "close unmasked(1000) end"),
                (D::MaskWithZeroKey, "close key=0(1000) end"),
                (D::MaskWithHalfKeys, "close key=half(1000) end"),
                (D::SendUnmaskedControlFrames, "close unmasked(1000) end"),
                (D::SetMaskBitOnly, "close(21220) end"),
                (D::SendLong16BitLengths, "close 16-bit(1000) end"),
                (D::IgnoreCloseFrames, "end"),
                (D::CloseTcpWithoutReply, "end"),
                (D::SendDataAfterClose, "close(1000) text(late) end"),
                (D::SendCloseTwice, "close(1000) close(1000) end"),
                (D::AnswerCloseWith1005, "close(1005) end"),
                (D::AnswerCloseWith1006, "close(1006) end"),
                (D::AnswerCloseWithOtherCode, "close(4000) end"),
                (D::AnswerCloseEmptily, "close() end"),
                (D::SendHalfCloseCode, "close(\\x03) end"),
                (D::SendCloseCodeLittleEndian, "close(59395) end"),
                (D::SendLongCloseReason, "close(1000 xxxx…124) end"),
                (D::SendInvalidCloseReason, "close(1000 caf\\xc3) end"),
                (D::SendFragmentedClose, "close !fin(1000) end"),
                (D::CloseTcpFirst, "close(1000) fin end"),
            ],
        )
        .ordinary(&["close(1000) end", "close(1001)"]),
        Talk::new(
            "a Close frame for a client that waits for the end of TCP",
            CLIENT,
            [close(1001).said()],
            "close(1001)",
            &[(D::ResetTcp, "close(1001) end")],
        ),
        Talk::new(
            "a Close frame, and what nobody should hear any more",
            SERVER,
            [close(1000), text("a"), ping("b"), close(1000)].map(But::said),
            "close(1000) fin",
            &[
                (D::EchoAfterClose, "close(1000) text(a) pong(b) close(1000)"),
                (D::IgnoreCloseFrames, "text(a) pong(b)"),
                (D::KeepTcpOpen, "close(1000)"),
            ],
        ),
        Talk::new(
            "an empty Close frame",
            SERVER,
            [close_body("").said()],
            "close() fin",
            &[(D::AnswerEmptyCloseWith1005, "close(1005) fin")],
        ),
        Talk::new(
            "a closing handshake that a server starts",
            SERVER,
            [Say::Local(start), text("a").said(), close(1000).said()],
            "close(1000 bye) fin",
            &[
                (D::EndTcpAfterOwnClose, "close(1000 bye) end"),
                (D::EndTcpInsteadOfClosing, "end"),
                (D::StartClosingWith1000, "close(1000) fin"),
                (D::MaskServerFrames, "close masked(1000 bye) fin"),
                (D::MaskServerControlFrames, "close masked(1000 bye) fin"),
                (D::SendLong16BitLengths, "close 16-bit(1000 bye) fin"),
                (D::KeepTcpOpen, "close(1000 bye)"),
                (D::IgnoreCloseFrames, "close(1000 bye)"),
                (D::EchoAfterClose, "close(1000 bye) close(1000)"),
                (D::SendDataAfterClose, "close(1000 bye) text(late) fin"),
                (D::SendCloseTwice, "close(1000 bye) close(1000 bye) fin"),
                (D::SendHalfCloseCode, "close(\\x03) fin"),
                (D::SendCloseCodeLittleEndian, "close(59395 bye) fin"),
                (D::SendLongCloseReason, "close(1000 xxxx…124) fin"),
                (D::SendInvalidCloseReason, "close(1000 caf\\xc3) fin"),
                (D::SendFragmentedClose, "close !fin(1000 bye) fin"),
                (D::ResetTcp, "close(1000 bye) end"),
            ],
        ),
    ]
}

fn codes() -> Vec<Talk> {
    let mut talks = Vec::new();
    let refused: [(&str, u16, &str, D); 9] = [
        (
            "the status code 999",
            999,
            "close(999) fin",
            D::AcceptCloseCodesBelow1000,
        ),
        (
            "the status code 0",
            0,
            "close(0) fin",
            D::AcceptCloseCodesBelow1000,
        ),
        (
            "the status code 1004",
            1004,
            "close(1004) fin",
            D::AcceptCloseCode1004,
        ),
        (
            "the status code 1005",
            1005,
            "close(1005) fin",
            D::AcceptCloseCode1005,
        ),
        (
            "the status code 1006",
            1006,
            "close(1006) fin",
            D::AcceptCloseCode1006,
        ),
        (
            "the status code 1015",
            1015,
            "close(1015) fin",
            D::AcceptCloseCode1015,
        ),
        (
            "the status code 1016",
            1016,
            "close(1016) fin",
            D::AcceptUnassignedCloseCodes,
        ),
        (
            "the status code 2999",
            2999,
            "close(2999) fin",
            D::AcceptUnassignedCloseCodes,
        ),
        (
            "the status code 5000",
            5000,
            "close(5000) fin",
            D::AcceptCloseCodesAbove4999,
        ),
    ];
    for (title, code, accepted, deviation) in refused {
        talks.push(Talk::new(
            title,
            SERVER,
            [close(code).said()],
            REFUSED,
            &[
                (deviation, accepted),
                (D::AcceptInvalidCloseCodes, accepted),
            ],
        ));
    }
    let accepted: [(&str, u16, &'static str, D); 6] = [
        (
            "the status code 1012",
            1012,
            "close(1012) fin",
            D::RefuseRegisteredCloseCodes,
        ),
        (
            "the status code 1014",
            1014,
            "close(1014) fin",
            D::RefuseRegisteredCloseCodes,
        ),
        (
            "the status code 3000",
            3000,
            "close(3000) fin",
            D::RefuseLibraryCloseCodes,
        ),
        (
            "the status code 3999",
            3999,
            "close(3999) fin",
            D::RefuseLibraryCloseCodes,
        ),
        (
            "the status code 4000",
            4000,
            "close(4000) fin",
            D::RefusePrivateCloseCodes,
        ),
        (
            "the status code 4999",
            4999,
            "close(4999) fin",
            D::RefusePrivateCloseCodes,
        ),
    ];
    for (title, code, accepted, deviation) in accepted {
        talks.push(Talk::new(
            title,
            SERVER,
            [close(code).said()],
            accepted,
            &[(deviation, REFUSED)],
        ));
    }
    talks.extend([
        Talk::new(
            "half a status code",
            SERVER,
            [close_body(b"\x03").said()],
            REFUSED,
            &[(D::AcceptHalfCloseCode, "close(1000) fin")],
        ),
        Talk::new(
            "a close reason that is not UTF-8",
            SERVER,
            [close_body(b"\x03\xe8\xff").said()],
            "close(1007) fin",
            &[
                (D::IgnoreMaskingKey, "close(1002) fin"),
                (D::SkipUtf8Validation, "close(1000) fin"),
                (D::SkipCloseReasonValidation, "close(1000) fin"),
            ],
        ),
    ]);
    talks
}

fn failing() -> Vec<Talk> {
    vec![
        Talk::new(
            "a violation, and the end of TCP",
            BOTH,
            [frame(3, "").said(), Say::Eof],
            "close(1002) fin end",
            &[
                (D::AcceptReservedOpcodes, "end"),
                (D::SkipReservedDataOpcodes, "end"),
                (D::TakeReservedDataAsText, "text() end"),
                (D::TakeReservedDataAsBinary, "binary() end"),
            ],
        ),
        Talk::new(
            "a violation, and what nobody should hear any more",
            BOTH,
            [frame(3, ""), text("a"), ping("b")].map(But::said),
            REFUSED,
            &[
                (D::AcceptReservedOpcodes, "text(a) pong(b)"),
                (D::SkipReservedDataOpcodes, "text(a) pong(b)"),
                (D::TakeReservedDataAsText, "text() text(a) pong(b)"),
                (D::TakeReservedDataAsBinary, "binary() text(a) pong(b)"),
            ],
        ),
    ]
}
