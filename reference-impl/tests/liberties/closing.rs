//! Conversations about closing and failing.

use crate::Talk;
use crate::talk::*;
use wsspec_reference::{CloseCode, Connection, Liberty as L};

pub(crate) fn talks() -> Vec<Talk> {
    [closing(), failing()].concat()
}

fn start_closing(connection: &mut Connection) {
    let started = connection.start_closing_handshake(CloseCode::GOING_AWAY, "");
    started.expect("it is open");
}

const LONG: &str = "close(1000 xxxx…123) fin";

fn closing() -> Vec<Talk> {
    vec![
        Talk::new(
            "a Close frame to a server",
            SERVER,
            [close(1000).said()],
            "close(1000) fin",
            &[
                (L::AnswerCloseWith1001, "close(1001) fin"),
                (L::AnswerCloseWith3000, "close(3000) fin"),
                (L::AnswerCloseWith4000, "close(4000) fin"),
                (L::AnswerCloseWithoutCode, "close() fin"),
                (L::AnswerCloseWithReason, "close(1000 good bye) fin"),
                (L::AnswerCloseWithLongReason, LONG),
                (L::ResetTcp, "close(1000) end"),
                (L::DropTcp, "close(1000) end"),
            ],
        )
        .ordinary(&["close(1000"]),
        Talk::new(
            "a Close frame to a client",
            CLIENT,
            [close(1000).said()],
            "close(1000)",
            &[
                (L::AnswerCloseWith1001, "close(1001)"),
                (L::AnswerCloseWith3000, "close(3000)"),
                (L::AnswerCloseWith4000, "close(4000)"),
                (L::AnswerCloseWithoutCode, "close()"),
                (L::AnswerCloseWithReason, "close(1000 good bye)"),
                (L::AnswerCloseWithLongReason, "close(1000 xxxx…123)"),
                (L::CloseTcpFirst, "close(1000) fin"),
                (L::ResetTcp, "close(1000) end"),
                (L::DropTcp, "close(1000) end"),
            ],
        )
        .ordinary(&["close(1000"]),
        Talk::new(
            "a Close frame with another code and a reason",
            SERVER,
            [close_body(b"\x0f\xa0bye".to_vec()).said()],
            "close(4000) fin",
            &[
                (L::AnswerCloseWith1000, "close(1000) fin"),
                (L::AnswerCloseWith1001, "close(1001) fin"),
                (L::AnswerCloseWith3000, "close(3000) fin"),
                (L::AnswerCloseWithoutCode, "close() fin"),
                (L::AnswerCloseWithReason, "close(4000 good bye) fin"),
                (L::RepeatCloseReason, "close(4000 bye) fin"),
                (L::AnswerCloseWithLongReason, LONG),
                (L::ResetTcp, "close(4000) end"),
                (L::DropTcp, "close(4000) end"),
            ],
        ),
        Talk::new(
            "an empty Close frame",
            SERVER,
            [close_body("").said()],
            "close() fin",
            &[
                (L::AnswerCloseWith1000, "close(1000) fin"),
                (L::AnswerCloseWith1001, "close(1001) fin"),
                (L::AnswerCloseWith3000, "close(3000) fin"),
                (L::AnswerCloseWith4000, "close(4000) fin"),
                (L::AnswerCloseWithLongReason, LONG),
                (L::ResetTcp, "close() end"),
                (L::DropTcp, "close() end"),
            ],
        ),
        Talk::new(
            "a Close frame in answer",
            SERVER,
            [Say::Local(start_closing), close(1001).said()],
            "close(1001) fin",
            &[
                (L::ResetTcp, "close(1001) end"),
                (L::DropTcp, "close(1001) end"),
            ],
        ),
    ]
}

fn failing() -> Vec<Talk> {
    vec![
        Talk::new(
            "a frame with RSV3",
            BOTH,
            [text("hello").rsv(1).said()],
            "close(1002) fin",
            &[
                (L::FailWith1003, "close(1003) fin"),
                (L::FailWith1007, "close(1007) fin"),
                (L::FailWith1008, "close(1008) fin"),
                (L::FailWith1009, "close(1009) fin"),
                (L::FailWith1011, "close(1011) fin"),
                (L::FailWith3000, "close(3000) fin"),
                (L::FailWithReason, "close(1002 this is not allowed) fin"),
                (L::FailWithoutCode, "close() fin"),
                (L::FailWithoutClose, "fin"),
                (L::FailByReset, "end"),
                (L::ResetTcp, "close(1002) end"),
                (L::DropTcp, "close(1002) end"),
                (L::LeaveTcpEndToServer, "close(1002)"),
            ],
        )
        .ordinary(&["close(1002"]),
        Talk::new(
            "text that is not UTF-8",
            BOTH,
            [text(b"\xff".to_vec()).said()],
            "close(1007) fin",
            &[
                (L::FailTextWith1002, "close(1002) fin"),
                (L::FailTextWith1003, "close(1003) fin"),
                (L::FailTextWith1008, "close(1008) fin"),
                (L::FailWithReason, "close(1007 this is not allowed) fin"),
                (L::FailWithoutCode, "close() fin"),
                (L::FailWithoutClose, "fin"),
                (L::FailByReset, "end"),
                (L::ResetTcp, "close(1007) end"),
                (L::DropTcp, "close(1007) end"),
                (L::LeaveTcpEndToServer, "close(1007)"),
            ],
        )
        .ordinary(&["close(1007"]),
        Talk::new(
            "a Close frame with 1005",
            SERVER,
            [close(1005).said()],
            "close(1002) fin",
            &[
                (L::TakeInvalidCloseCodes, "close(1000) fin"),
                (L::TakeInvalidCloseCodesEmptily, "close() fin"),
            ],
        ),
    ]
}
