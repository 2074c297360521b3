//! What a connection makes of octets, lawful and not.

mod support;

use proptest::prelude::*;
use std::time::{Duration, Instant};
use support::{
    Outcome, check_every_split, client, close_payload, deviating, endpoint, masked, octets, plain,
    play, react, server,
};
use wsspec_reference::close::CloseError;
use wsspec_reference::frame::{FrameError, LengthForm, Opcode, RawFrame, Rsv};
use wsspec_reference::{
    CloseCode, ClosePayload, Connection, Deviation, Deviations, Ending, Event, Limits, Message,
    ProtocolError, Role, SendError,
};

const TEXT: Opcode = Opcode::TEXT;
const BINARY: Opcode = Opcode::BINARY;
const CONTINUATION: Opcode = Opcode::CONTINUATION;
const CLOSE: Opcode = Opcode::CLOSE;
const PING: Opcode = Opcode::PING;
const PONG: Opcode = Opcode::PONG;

fn not_final(frame: RawFrame) -> RawFrame {
    RawFrame {
        fin: false,
        ..frame
    }
}

/// The Close frame a server fails a connection with.
fn close(code: u16) -> RawFrame {
    plain(CLOSE, &close_payload(code, ""))
}

fn close_received(code: u16, reason: &str) -> Event {
    Event::CloseReceived(ClosePayload {
        code: Some(CloseCode::new(code)),
        reason: reason.to_owned(),
    })
}

#[test]
fn messages_and_pings_are_answered_in_their_order() {
    let outcome = check_every_split(
        server,
        &octets(&[
            masked(TEXT, "κόσμε".as_bytes()),
            masked(PING, b"1"),
            not_final(masked(BINARY, b"a")),
            masked(PING, b"2"),
            not_final(masked(CONTINUATION, b"")),
            masked(PONG, b"unasked"),
            masked(CONTINUATION, b"b"),
            masked(TEXT, b""),
            masked(PING, &[b'x'; 125]),
        ]),
    );
    assert_eq!(
        outcome.events,
        [
            Event::Message(Message::text("κόσμε")),
            Event::Ping(b"1".into()),
            Event::Ping(b"2".into()),
            Event::Pong(b"unasked".into()),
            Event::Message(Message::binary(b"ab")),
            Event::Message(Message::text("")),
            Event::Ping(vec![b'x'; 125]),
        ]
    );
    let expected = [
        plain(TEXT, "κόσμε".as_bytes()),
        plain(PONG, b"1"),
        plain(PONG, b"2"),
        plain(BINARY, b"ab"),
        plain(TEXT, b""),
        plain(PONG, &[b'x'; 125]),
    ];
    assert_eq!(outcome.sent, octets(&expected));
}

#[test]
fn a_client_masks_what_it_sends() {
    let outcome = check_every_split(client, &octets(&[plain(TEXT, b"a"), plain(PING, b"b")]));
    let expected = [masked(TEXT, b"a"), masked(PONG, b"b")];
    assert_eq!(outcome.sent, octets(&expected));
}

#[test]
fn payloads_of_all_length_forms_are_echoed() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
        let payload: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let outcome = play(server(), octets(&[masked(BINARY, &payload)]).chunks(4_096));
        assert_eq!(
            outcome.events,
            [Event::Message(Message::binary(payload.clone()))]
        );
        assert_eq!(
            outcome.sent,
            octets(&[plain(BINARY, &payload)]),
            "length {length}"
        );
    }
}

#[test]
fn a_violation_is_answered_after_what_came_before_it() {
    let reserved = Opcode::from_first_octet(0x3);
    let text = || masked(TEXT, b"x");
    for (frame, code) in [
        (
            RawFrame {
                rsv: Rsv::RSV1,
                ..text()
            },
            1002,
        ),
        (
            RawFrame {
                rsv: Rsv::RSV2,
                ..text()
            },
            1002,
        ),
        (
            RawFrame {
                rsv: Rsv::RSV3,
                ..masked(PING, b"")
            },
            1002,
        ),
        (masked(reserved, b"x"), 1002),
        (masked(Opcode::from_first_octet(0xf), b"x"), 1002),
        (plain(TEXT, b"x"), 1002),
        (
            RawFrame {
                length_form: LengthForm::SixteenBit,
                ..text()
            },
            1002,
        ),
        (
            RawFrame {
                length_form: LengthForm::SixtyFourBit,
                ..text()
            },
            1002,
        ),
        (
            RawFrame {
                declared_length: Some(1 << 63),
                ..text()
            },
            1002,
        ),
        (
            RawFrame {
                declared_length: Some((1 << 63) - 1),
                ..text()
            },
            1009,
        ),
        (masked(PING, &[0; 126]), 1002),
        (not_final(masked(PING, b"")), 1002),
        (not_final(masked(CLOSE, b"")), 1002),
        (masked(CONTINUATION, b"x"), 1002),
        (not_final(masked(CONTINUATION, b"x")), 1002),
        (masked(TEXT, b"\xff"), 1007),
        (masked(TEXT, b"ab\xe2\x82"), 1007),
        (masked(CLOSE, b"\x03"), 1002),
        (masked(CLOSE, &close_payload(1005, "")), 1002),
        (masked(CLOSE, &close_payload(2999, "")), 1002),
        (masked(CLOSE, b"\x03\xe8\xff"), 1007),
    ] {
        let input = octets(&[
            masked(TEXT, b"before"),
            masked(PING, b"p"),
            frame.clone(),
            masked(TEXT, b"after"),
            masked(CLOSE, &close_payload(1000, "")),
        ]);
        let outcome = check_every_split(server, &input);
        let failed = outcome.events.last();
        assert!(
            matches!(failed, Some(Event::Failed(error)) if error.close_code().value() == code),
            "{frame:?}: {failed:?}"
        );
        let expected = [plain(TEXT, b"before"), plain(PONG, b"p"), close(code)];
        assert_eq!(outcome.sent, octets(&expected), "{frame:?}");
        assert_eq!(outcome.events.len(), 3, "{frame:?}");
        assert!(outcome.half_closed, "{frame:?}");
    }
}

#[test]
fn a_message_is_not_interrupted_by_another() {
    for opcode in [TEXT, BINARY] {
        let input = octets(&[not_final(masked(TEXT, b"a")), masked(opcode, b"b")]);
        let outcome = check_every_split(server, &input);
        let error = ProtocolError::Frame(FrameError::MessageUnfinished { opcode });
        assert_eq!(outcome.events, [Event::Failed(error)]);
        assert_eq!(outcome.sent, octets(&[close(1002)]));
    }
}

#[test]
fn a_client_refuses_masked_frames() {
    let outcome = check_every_split(client, &octets(&[masked(TEXT, b"a")]));
    assert_eq!(outcome.events, [Event::Failed(FrameError::Masked.into())]);
    let expected = masked(CLOSE, &close_payload(1002, ""));
    assert_eq!(outcome.sent, octets(&[expected]));
}

#[test]
fn invalid_text_fails_before_its_frame_is_complete() {
    let declared = |frame| RawFrame {
        declared_length: Some(1_000),
        ..frame
    };
    for frames in [
        vec![declared(masked(TEXT, b"ab\xf4\x90"))],
        vec![
            not_final(masked(TEXT, b"ab\xe2")),
            declared(masked(CONTINUATION, b"A")),
        ],
        vec![
            not_final(masked(TEXT, b"\xce")),
            masked(PING, b""),
            declared(masked(CONTINUATION, b"\xba\xed\xa0")),
        ],
    ] {
        let outcome = check_every_split(server, &octets(&frames));
        assert!(
            outcome.sent.ends_with(&octets(&[close(1007)])),
            "{frames:?}: {outcome:?}"
        );
    }
}

#[test]
fn characters_may_be_cut_between_fragments() {
    let text = "a\u{e9}\u{20ac}\u{10348}z";
    for cut in 0..=text.len() {
        let (left, right) = text.as_bytes().split_at(cut);
        let input = octets(&[
            not_final(masked(TEXT, left)),
            masked(PING, b""),
            masked(CONTINUATION, right),
        ]);
        let outcome = check_every_split(server, &input);
        assert_eq!(
            outcome.events[1..],
            [Event::Message(Message::text(text))],
            "cut {cut}"
        );
    }
}

#[test]
fn sizes_are_limited_over_all_fragments() {
    let limits = Limits {
        frame_octets_max: 6,
        message_octets_max: 10,
        ..Limits::default()
    };
    let make = || endpoint(Role::Server, limits.clone(), Deviations::NONE);
    let fragments = |lengths: &[usize]| -> Vec<RawFrame> {
        let last = lengths.len() - 1;
        let fragment = |(index, &length): (usize, &usize)| RawFrame {
            fin: index == last,
            ..masked(
                if index == 0 { BINARY } else { CONTINUATION },
                &vec![7; length],
            )
        };
        lengths.iter().enumerate().map(fragment).collect()
    };
    for (lengths, accepted) in [
        (&[6][..], true),
        (&[7], false),
        (&[6, 4], true),
        (&[6, 5], false),
        (&[0, 0, 0, 5, 5], true),
        (&[5, 5, 1], false),
    ] {
        let input = octets(&fragments(lengths));
        let outcome = check_every_split(make, &input);
        if accepted {
            assert!(
                matches!(outcome.events[..], [Event::Message(_)]),
                "{lengths:?}"
            );
        } else {
            assert_eq!(outcome.sent, octets(&[close(1009)]), "{lengths:?}");
        }
        // The sum starts anew with each message.
        let twice = play(make(), [&input[..], &input]);
        assert_eq!(twice.events.len(), if accepted { 2 } else { 1 });
    }
}

#[test]
fn a_close_frame_is_answered_with_its_code_and_ends_everything() {
    for (payload, event, reply) in [
        (
            vec![],
            Event::CloseReceived(ClosePayload::default()),
            vec![],
        ),
        (
            close_payload(1000, "bye"),
            close_received(1000, "bye"),
            close_payload(1000, ""),
        ),
        (
            close_payload(1014, ""),
            close_received(1014, ""),
            close_payload(1014, ""),
        ),
        (
            close_payload(4999, ""),
            close_received(4999, ""),
            close_payload(4999, ""),
        ),
    ] {
        let input = octets(&[
            masked(CLOSE, &payload),
            masked(PING, b"late"),
            masked(TEXT, b"\xff"),
            masked(CLOSE, b""),
        ]);
        let outcome = check_every_split(server, &input);
        assert_eq!(outcome.events, [event]);
        assert_eq!(outcome.sent, octets(&[plain(CLOSE, &reply)]));
        assert!(outcome.half_closed, "the server closes TCP first");
    }
}

/// The end of TCP, once `input` was played.
fn ending(mut connection: Connection, input: &[u8]) -> (Outcome, Ending) {
    let mut outcome = Outcome::default();
    connection.receive(input);
    react(&mut connection, &mut outcome);
    let before = outcome.half_closed;
    connection.receive_eof();
    connection.receive_eof();
    connection.receive(b"more");
    react(&mut connection, &mut outcome);
    assert!(outcome.half_closed, "each end closes its half in the end");
    let Some(Event::Closed(ending)) = outcome.events.pop() else {
        panic!("no ending: {outcome:?}");
    };
    outcome.half_closed = before;
    (outcome, ending)
}

#[test]
fn a_client_waits_for_the_server_to_close_tcp() {
    let input = octets(&[plain(CLOSE, &close_payload(1001, "away"))]);
    let (outcome, ending) = ending(client(), &input);
    assert!(!outcome.half_closed);
    let expected = Ending {
        clean: true,
        code: CloseCode::GOING_AWAY,
        reason: "away".into(),
    };
    assert_eq!(ending, expected);
}

#[test]
fn the_ending_tells_how_it_came() {
    let failed_by_us = octets(&[plain(TEXT, b"unmasked")]);
    for (input, clean, code) in [
        (vec![], false, 1006),
        (masked(TEXT, b"whole").to_octets(), false, 1006),
        (masked(TEXT, b"half").to_octets()[..8].to_vec(), false, 1006),
        (masked(CLOSE, b"").to_octets(), true, 1005),
        (
            masked(CLOSE, &close_payload(3000, "")).to_octets(),
            true,
            3000,
        ),
        (failed_by_us, false, 1006),
    ] {
        let (_, ending) = ending(server(), &input);
        assert_eq!(
            (ending.clean, ending.code.value()),
            (clean, code),
            "{input:02x?}"
        );
    }
}

#[test]
fn our_closing_handshake_takes_messages_until_it_is_answered() {
    let mut connection = server();
    connection
        .start_closing_handshake(CloseCode::GOING_AWAY, "later")
        .expect("open");
    assert_eq!(connection.send_text("more"), Err(SendError::NotOpen));
    let again = connection.start_closing_handshake(CloseCode::NORMAL, "");
    assert_eq!(again, Err(SendError::NotOpen));
    let input = octets(&[
        masked(TEXT, b"in flight"),
        masked(PING, b"p"),
        masked(CLOSE, &close_payload(1001, "")),
        masked(PING, b"late"),
    ]);
    let outcome = play(connection, [&input[..]]);
    assert_eq!(
        outcome.events,
        [
            Event::Message(Message::text("in flight")),
            Event::Ping(b"p".into()),
            close_received(1001, ""),
        ]
    );
    // §5.5.2 wants a Pong until the peer's Close frame was received.
    let expected = [
        plain(CLOSE, &close_payload(1001, "later")),
        plain(PONG, b"p"),
    ];
    assert_eq!(outcome.sent, octets(&expected));
    assert!(outcome.half_closed);
}

#[test]
fn a_violation_after_our_close_frame_brings_no_second_one() {
    let mut connection = server();
    connection
        .start_closing_handshake(CloseCode::NORMAL, "")
        .expect("open");
    let outcome = play(connection, [&plain(TEXT, b"unmasked").to_octets()[..]]);
    assert_eq!(
        outcome.events,
        [Event::Failed(FrameError::NotMasked.into())]
    );
    assert_eq!(outcome.sent, octets(&[close(1000)]));
    assert!(outcome.half_closed);
}

#[test]
fn failing_the_connection_drops_what_was_not_polled() {
    let mut connection = server();
    connection.receive(&octets(&[masked(TEXT, b"a"), masked(PING, b"")]));
    connection.fail_connection(CloseCode::POLICY_VIOLATION);
    connection.fail_connection(CloseCode::INTERNAL_ERROR);
    let outcome = play(connection, [&masked(TEXT, b"b").to_octets()[..]]);
    assert_eq!(outcome.events, []);
    assert_eq!(outcome.sent, octets(&[close(1008)]));
    assert!(outcome.half_closed);
}

#[test]
fn what_may_not_be_sent_is_refused() {
    let mut connection = server();
    let too_long = Err(SendError::ControlPayloadTooLong { octets: 126 });
    assert_eq!(connection.send_ping(&[0; 126]), too_long);
    assert_eq!(connection.send_pong(&[0; 126]), too_long);
    assert_eq!(connection.send_ping(&[0; 125]), Ok(()));
    for code in [0, 1004, 1005, 1006, 1010, 1015, 2999, 5000] {
        let code = CloseCode::new(code);
        let refused = Err(SendError::InvalidCode { code });
        assert_eq!(connection.start_closing_handshake(code, ""), refused);
    }
    let long = connection.start_closing_handshake(CloseCode::NORMAL, &"x".repeat(124));
    assert_eq!(long, Err(SendError::ReasonTooLong { octets: 124 }));
    let longest = connection.start_closing_handshake(CloseCode::NORMAL, &"x".repeat(123));
    assert_eq!(longest, Ok(()));
}

#[test]
fn waiting_for_the_peer_has_an_end() {
    let start = Instant::now();
    let limits = Limits::default();
    for (role, failed, timeout) in [
        (Role::Server, false, limits.close_timeout),
        (Role::Client, false, limits.close_timeout),
        (Role::Server, true, limits.tcp_close_timeout),
        (Role::Client, true, limits.tcp_close_timeout),
    ] {
        let mut connection = endpoint(role, limits.clone(), Deviations::NONE);
        let mut outcome = Outcome::default();
        assert_eq!(connection.poll_timeout(start), None);
        if failed {
            connection.fail_connection(CloseCode::INTERNAL_ERROR);
        } else {
            connection
                .start_closing_handshake(CloseCode::NORMAL, "")
                .expect("open");
        }
        react(&mut connection, &mut outcome);
        let at = start + timeout;
        assert_eq!(connection.poll_timeout(start), Some(at));
        connection.handle_timeout(at - Duration::from_nanos(1));
        react(&mut connection, &mut outcome);
        assert_eq!(outcome.events, []);
        // Time counts from the first question, whatever is asked later.
        assert_eq!(connection.poll_timeout(at), Some(at));
        connection.handle_timeout(at);
        react(&mut connection, &mut outcome);
        assert!(
            matches!(outcome.events[..], [Event::Closed(_)]),
            "{outcome:?}"
        );
        assert!(outcome.half_closed);
        assert_eq!(connection.poll_timeout(at), None);
    }
}

#[test]
fn what_is_discarded_is_bounded() {
    let limits = Limits {
        discarded_octets_max: 1_000,
        ..Limits::default()
    };
    let mut connection = endpoint(Role::Server, limits, Deviations::NONE);
    let mut outcome = Outcome::default();
    connection.fail_connection(CloseCode::INTERNAL_ERROR);
    connection.receive(&[0; 1_000]);
    react(&mut connection, &mut outcome);
    assert_eq!(outcome.events, []);
    connection.receive(&[0]);
    react(&mut connection, &mut outcome);
    assert!(matches!(outcome.events[..], [Event::Closed(_)]));
}

#[test]
fn pongs_that_nobody_reads_are_bounded() {
    let limits = Limits {
        queued_pong_octets_max: 10,
        ..Limits::default()
    };
    let mut connection = endpoint(Role::Server, limits, Deviations::NONE);
    let pings: Vec<_> = (0..100_u8).map(|i| masked(PING, &[i; 4])).collect();
    connection.receive(&octets(&pings));
    let mut outcome = Outcome::default();
    react(&mut connection, &mut outcome);
    assert_eq!(outcome.events.len(), 100);
    let expected = [
        plain(PONG, &[0; 4]),
        plain(PONG, &[1; 4]),
        plain(PONG, &[99; 4]),
    ];
    assert_eq!(outcome.sent, octets(&expected));
}

#[test]
fn a_declared_length_costs_little_memory() {
    // Were it allocated, this would take 64 TiB.
    let limits = Limits {
        frame_octets_max: u64::MAX,
        message_octets_max: u64::MAX,
        ..Limits::default()
    };
    for frame in [
        RawFrame {
            declared_length: Some(1 << 46),
            ..masked(BINARY, b"")
        },
        RawFrame {
            declared_length: Some((1 << 63) - 1),
            ..masked(BINARY, b"")
        },
    ] {
        let connection = endpoint(Role::Server, limits.clone(), Deviations::NONE);
        let outcome = play(connection, [&frame.to_octets()[..], b"a"]);
        assert_eq!(outcome, Outcome::default());
    }
}

#[test]
fn deviations_change_what_they_name() {
    use Deviation as D;
    let message = |payload: &[u8]| octets(&[plain(BINARY, payload)]);
    let reserved = Opcode::from_first_octet(0x3);
    let invalid_close = masked(CLOSE, &close_payload(1005, ""));
    for (deviation, input, sent) in [
        (D::AcceptUnmaskedFrames, plain(BINARY, b"a"), message(b"a")),
        (
            D::MaskServerFrames,
            masked(BINARY, b"a"),
            octets(&[masked(BINARY, b"a")]),
        ),
        (
            D::AcceptReservedBits,
            RawFrame {
                rsv: Rsv::new(7),
                ..masked(BINARY, b"a")
            },
            message(b"a"),
        ),
        (D::AcceptReservedOpcodes, masked(reserved, b"abc"), vec![]),
        (
            D::AcceptLongLengthForms,
            RawFrame {
                length_form: LengthForm::SixtyFourBit,
                ..masked(BINARY, b"a")
            },
            message(b"a"),
        ),
        (
            D::AcceptStrayContinuation,
            masked(CONTINUATION, b"a"),
            message(b"a"),
        ),
        (
            D::SkipUtf8Validation,
            masked(TEXT, b"\xff"),
            octets(&[plain(TEXT, b"\xff")]),
        ),
        (D::IgnorePings, masked(PING, b"a"), vec![]),
        (
            D::AlterPongPayload,
            masked(PING, b"\x01b"),
            octets(&[plain(PONG, b"\xfeb")]),
        ),
        (
            D::AlterPongPayload,
            masked(PING, b""),
            octets(&[plain(PONG, b"\0")]),
        ),
        (
            D::AcceptInvalidCloseCodes,
            invalid_close,
            octets(&[close(1005)]),
        ),
    ] {
        let input = octets(&[input]);
        let outcome = check_every_split(|| deviating(Role::Server, deviation), &input);
        assert_eq!(outcome.sent, sent, "{deviation}");
        assert_ne!(check_every_split(server, &input), outcome, "{deviation}");
    }
    let keep_open = deviating(Role::Server, D::KeepTcpOpen);
    let outcome = play(keep_open, [&octets(&[masked(CLOSE, b"")])[..]]);
    assert_eq!(outcome.sent, octets(&[plain(CLOSE, b"")]));
    assert!(!outcome.half_closed);
    let unmasked = deviating(Role::Client, D::SendUnmaskedFrames);
    let outcome = play(unmasked, [&message(b"a")[..]]);
    assert_eq!(outcome.sent, message(b"a"));
    let masked_accepted = deviating(Role::Client, D::AcceptMaskedFrames);
    let outcome = play(masked_accepted, [&masked(BINARY, b"a").to_octets()[..]]);
    assert_eq!(outcome.sent, octets(&[masked(BINARY, b"a")]));
}

#[test]
fn errors_name_section_and_code() {
    for (error, section, code) in [
        (ProtocolError::from(FrameError::NotMasked), "5.1", 1002),
        (FrameError::LengthTopBitSet.into(), "5.2", 1002),
        (FrameError::StrayContinuation.into(), "5.4", 1002),
        (
            FrameError::ControlFrameTooLong { opcode: PING }.into(),
            "5.5",
            1002,
        ),
        (
            FrameError::MessageTooBig { octets: 2, max: 1 }.into(),
            "10.4",
            1009,
        ),
        (CloseError::CodeCutOff.into(), "5.5.1", 1002),
    ] {
        assert_eq!(
            (error.section(), error.close_code().value()),
            (section, code),
            "{error}"
        );
    }
}

/// Frames that are lawful more often than not, so that conversations get somewhere.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![
        8 => Just(TEXT), 8 => Just(BINARY), 12 => Just(CONTINUATION), 6 => Just(PING),
        3 => Just(PONG), 1 => Just(CLOSE), 1 => (0..16u8).prop_map(Opcode::from_first_octet),
    ];
    let payload = prop_oneof![
        3 => "[a-z\u{e9}\u{20ac}]{0,40}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..150),
    ];
    let rsv = prop_oneof![30 => Just(0u8), 1 => 0..8u8];
    let frame = (
        opcode,
        payload,
        rsv,
        any::<bool>(),
        prop::bool::weighted(0.03),
    )
        .prop_map(|(opcode, payload, rsv, fin, unmasked)| RawFrame {
            fin: fin || opcode.is_control(),
            rsv: Rsv::new(rsv),
            masking_key: (!unmasked).then_some(support::KEY),
            ..RawFrame::new(opcode, payload)
        });
    proptest::collection::vec(frame, 0..12).prop_map(|frames| octets(&frames))
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(
        input in prop_oneof![frames(), proptest::collection::vec(any::<u8>(), 0..80)],
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let whole = play(server(), [&input[..]]);
        prop_assert_eq!(&play(server(), input.chunks(1)), &whole);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &input[pair[0]..pair[1]]);
        prop_assert_eq!(&play(server(), pieces), &whole);
    }

    #[test]
    fn what_is_sent_is_lawful(input in frames()) {
        // Whatever a peer sends, the replies are taken by the strictest reader there is.
        let replies = play(server(), [&input[..]]).sent;
        let read = play(client(), [&replies[..]]);
        let failed = read.events.iter().any(|event| matches!(event, Event::Failed(_)));
        prop_assert!(!failed, "{read:?}");
    }
}

/// Plays `octets` by reading them into the buffers that the connection hands out, at most `max` at
/// a time, and answers with the messages themselves.
fn play_reading(mut connection: Connection, mut octets: &[u8], max: usize) -> Outcome {
    let mut outcome = Outcome::default();
    while !octets.is_empty() {
        connection.receive_from(|buffer| {
            let room = buffer.capacity() - buffer.len();
            let (now, later) = octets.split_at(room.min(max).min(octets.len()));
            buffer.extend_from_slice(now);
            octets = later;
        });
        while let Some(event) = connection.poll_event() {
            if let Event::Message(message) = event.clone() {
                let _ = connection.send_own_message(message);
            }
            outcome.events.push(event);
        }
        react(&mut connection, &mut outcome);
    }
    outcome
}

#[test]
fn reading_into_messages_makes_no_difference() {
    let text = "κόσμε, 世界, 🌍 ".repeat(20_000).into_bytes();
    let lawful: Vec<_> = [0, 4_095, 4_096, 4_110, 65_535, 65_536, 65_551, 300_000]
        .into_iter()
        .flat_map(|length| [masked(BINARY, &text[..length]), masked(PING, b"between")])
        .chain([
            masked(TEXT, &text),
            not_final(masked(TEXT, &text[..100_001])),
            masked(PING, b"within"),
            masked(CONTINUATION, &text[100_001..]),
            masked(CLOSE, b""),
        ])
        .collect();
    let mut broken = text.clone();
    broken[150_000] = 0xff;
    for input in [
        octets(&lawful),
        octets(&[masked(TEXT, &broken), masked(PING, b"")]),
        octets(&[masked(TEXT, &text), plain(TEXT, b"unmasked")]),
    ] {
        let expected = play(server(), [&input[..]]);
        for max in [97, 1_000, 4_099, 50_000, usize::MAX] {
            assert_eq!(
                play_reading(server(), &input, max),
                expected,
                "{max} at a time"
            );
        }
    }
}

#[test]
fn a_reader_that_appends_too_much_loses_nothing() {
    let input = octets(&[masked(BINARY, &[7; 100_000]), masked(TEXT, b"behind")]);
    let mut connection = server();
    let mut outcome = Outcome::default();
    connection.receive(&input[..20]);
    react(&mut connection, &mut outcome);
    connection.receive_from(|buffer| buffer.extend_from_slice(&input[20..]));
    react(&mut connection, &mut outcome);
    assert_eq!(outcome, play(server(), [&input[..]]));
}
