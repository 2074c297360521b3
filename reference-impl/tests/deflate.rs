//! Compressed messages (RFC 7692): what a connection makes of them, and what it sends.

#[path = "support/deflate_reader.rs"]
mod deflate_reader;
mod support;

use deflate_reader::DeflateReader;
use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;
use support::{KEY, Outcome, check_every_split, endpoint, masked, octets, plain, play};
use wsspec_reference::deflate::{Agreement, InflateError, LEVEL_DEFAULT, WindowBits};
use wsspec_reference::frame::{FrameError, FrameHeader, HeaderRules, Opcode, RawFrame, Rsv};
use wsspec_reference::utf8::Utf8Error;
use wsspec_reference::{
    Connection, Deviations, Event, Limits, Message, MessageError, ProtocolError, Role,
};

const TEXT: Opcode = Opcode::TEXT;
const BINARY: Opcode = Opcode::BINARY;
const CONTINUATION: Opcode = Opcode::CONTINUATION;
const PING: Opcode = Opcode::PING;

fn deflating(role: Role, limits: Limits, agreement: &Agreement) -> Connection {
    let mut connection = endpoint(role, limits, Deviations::NONE);
    connection.use_deflate(agreement, LEVEL_DEFAULT);
    connection
}

fn server_with(agreement: &Agreement) -> Connection {
    deflating(Role::Server, Limits::default(), agreement)
}

fn server() -> Connection {
    server_with(&Agreement::default())
}

fn small_server() -> Connection {
    let limits = Limits {
        message_octets_max: 1_000,
        ..Limits::default()
    };
    deflating(Role::Server, limits, &Agreement::default())
}

const NO_TAKEOVER: Agreement = Agreement {
    server_no_context_takeover: true,
    client_no_context_takeover: true,
    server_max_window_bits: None,
    client_max_window_bits: None,
};

/// A frame that starts a compressed message.
fn compressed(opcode: Opcode, payload: &[u8]) -> RawFrame {
    RawFrame {
        rsv: Rsv::RSV1,
        ..masked(opcode, payload)
    }
}

fn not_final(frame: RawFrame) -> RawFrame {
    RawFrame {
        fin: false,
        ..frame
    }
}

/// `data` as the payload of a message of its own.
fn deflate(data: &[u8]) -> Vec<u8> {
    let mut compress = Compress::new(Compression::new(6), false);
    let mut out = Vec::with_capacity(data.len() + 1_000);
    compress
        .compress_vec(data, &mut out, FlushCompress::Sync)
        .expect("it compresses");
    assert_eq!(compress.total_in(), data.len() as u64);
    out.truncate(out.len() - 4);
    out
}

/// The payload of a message of stored blocks that repeat one octet.
fn stored(octet: u8, count: u16) -> Vec<u8> {
    let length = count.to_le_bytes();
    let mut out = vec![0, length[0], length[1], !length[0], !length[1]];
    out.resize(out.len() + usize::from(count), octet);
    out.push(0);
    out
}

fn hello() -> Event {
    Event::Message(Message::text("Hello"))
}

fn inflate_error(outcome: &Outcome) -> Option<&InflateError> {
    match outcome.events.last() {
        Some(Event::Failed(ProtocolError::Message(MessageError::NotInflatable(error)))) => {
            Some(error)
        }
        _ => None,
    }
}

fn close_frame(code: u16) -> Vec<u8> {
    plain(Opcode::CLOSE, &code.to_be_bytes()).to_octets()
}

/// The frames in `octets`, sent by a server or a client.
fn frames(mut octets: &[u8], sender: Role) -> Vec<(FrameHeader, Vec<u8>)> {
    let rules = HeaderRules {
        rsv_in_use: Rsv::RSV1,
        ..HeaderRules::new(sender)
    };
    let mut frames = Vec::new();
    while !octets.is_empty() {
        let (header, taken) = FrameHeader::parse(octets, &rules)
            .expect("lawful")
            .expect("whole");
        let (payload, rest) = octets[taken..].split_at(header.payload_length as usize);
        let mut payload = payload.to_vec();
        if let Some(key) = header.masking_key {
            wsspec_reference::frame::apply_mask(&mut payload, key, 0);
        }
        frames.push((header, payload));
        octets = rest;
    }
    frames
}

#[test]
fn the_examples_of_section_7_2_3_are_taken() {
    let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let stored = [
        0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
    ];
    let with_bfinal = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    let two_blocks = [
        0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
    ];
    let flushed = [
        0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00, 0x00, 0xff, 0xff,
    ];
    for (section, frames, count) in [
        ("7.2.3.1", vec![compressed(TEXT, &first)], 1),
        (
            "7.2.3.1, fragmented",
            vec![
                not_final(compressed(TEXT, &first[..3])),
                masked(CONTINUATION, &first[3..]),
            ],
            1,
        ),
        (
            "7.2.3.2, sharing the window",
            vec![compressed(TEXT, &first), compressed(TEXT, &again)],
            2,
        ),
        (
            "7.2.3.2, the same message twice",
            vec![compressed(TEXT, &first), compressed(TEXT, &first)],
            2,
        ),
        ("7.2.3.3", vec![compressed(TEXT, &stored)], 1),
        (
            "7.2.3.4",
            vec![compressed(TEXT, &with_bfinal), compressed(TEXT, &again)],
            2,
        ),
        ("7.2.3.5", vec![compressed(TEXT, &two_blocks)], 1),
        (
            "7.2.3.6",
            vec![
                not_final(compressed(TEXT, &flushed)),
                masked(CONTINUATION, &[0]),
            ],
            1,
        ),
    ] {
        let outcome = check_every_split(server, &octets(&frames));
        assert_eq!(outcome.events, vec![hello(); count], "{section}");
    }
    // And the first two are what we send.
    let outcome = play(
        server(),
        [&octets(&[masked(TEXT, b"Hello"), masked(TEXT, b"Hello")])[..]],
    );
    let sent = frames(&outcome.sent, Role::Server);
    assert_eq!((&sent[0].1[..], &sent[1].1[..]), (&first[..], &again[..]));
}

#[test]
fn compressed_and_plain_messages_mix() {
    let text = "a text that repeats, repeats, repeats itself".repeat(3);
    let data = deflate(text.as_bytes());
    let (left, right) = data.split_at(5);
    let outcome = check_every_split(
        server,
        &octets(&[
            not_final(compressed(TEXT, left)),
            masked(PING, b"p"),
            not_final(masked(CONTINUATION, b"")),
            masked(CONTINUATION, right),
            masked(BINARY, b"plain"),
            not_final(masked(TEXT, b"in ")),
            masked(CONTINUATION, b"parts"),
            compressed(BINARY, &[0]),
            not_final(compressed(BINARY, b"")),
            masked(CONTINUATION, &[0]),
        ]),
    );
    let plain_text = |text: &str| Event::Message(Message::text(text));
    let expected = [
        Event::Ping(b"p".into()),
        plain_text(&text),
        Event::Message(Message::binary("plain")),
        plain_text("in parts"),
        Event::Message(Message::binary("")),
        Event::Message(Message::binary("")),
    ];
    assert_eq!(outcome.events, expected);
    for (header, payload) in frames(&outcome.sent, Role::Server) {
        let is_message = !header.opcode.is_control();
        assert_eq!(
            header.rsv == Rsv::RSV1,
            is_message,
            "{header:?} {payload:02x?}"
        );
    }
}

#[test]
fn an_uncompressed_message_leaves_the_window_as_it_is() {
    let outcome = check_every_split(
        server,
        &octets(&[
            compressed(TEXT, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
            masked(TEXT, b"Other"),
            compressed(TEXT, &[0xf2, 0x00, 0x11, 0x00, 0x00]),
        ]),
    );
    assert_eq!(outcome.events[2], hello());
}

#[test]
fn without_takeover_nothing_refers_back() {
    let frames = [
        compressed(TEXT, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
        compressed(TEXT, &[0xf2, 0x00, 0x11, 0x00, 0x00]),
    ];
    let outcome = check_every_split(|| server_with(&NO_TAKEOVER), &octets(&frames));
    assert!(inflate_error(&outcome).is_some(), "{outcome:?}");
    // The hint of a client that was not agreed on does not count, and its own rule is no excuse.
    let server_only = Agreement {
        client_no_context_takeover: false,
        ..NO_TAKEOVER
    };
    let outcome = check_every_split(|| server_with(&server_only), &octets(&frames));
    assert_eq!(outcome.events, [hello(), hello()]);
}

#[test]
fn final_blocks_end_neither_message_nor_window() {
    let final_stored = |text: &[u8]| {
        let length = text.len() as u8;
        [&[1, length, 0, !length, 0xff], text].concat()
    };
    let twice = [final_stored(b"abc"), final_stored(b"def"), vec![0]].concat();
    // A fixed block that repeats three octets from six back: length 3, distance 6, end of block.
    let back = refer_back(3, 6);
    let outcome = check_every_split(
        server,
        &octets(&[
            compressed(TEXT, &twice),
            compressed(TEXT, &back),
            compressed(TEXT, &[&final_stored(b"x")[..], &back].concat()),
        ]),
    );
    let text = |text: &str| Event::Message(Message::text(text));
    assert_eq!(
        outcome.events,
        [text("abcdef"), text("abc"), text("xefa")],
        "{outcome:?}"
    );
}

/// The payload of a message that is one reference in a fixed block; for `length` 3 to 10.
fn refer_back(length: u8, distance: u16) -> Vec<u8> {
    let (mut bits, mut count) = (0_u64, 0);
    let mut push = |value: u64, width: u32| {
        bits |= value << count;
        count += width;
    };
    let reversed = |value: u64, width: u32| value.reverse_bits() >> (64 - width);
    push(0, 1);
    push(1, 2);
    push(reversed(u64::from(length) - 2, 7), 7);
    let (code, base, extra) = match distance {
        5..=6 => (4, 5, 1),
        257..=384 => (16, 257, 7),
        24_577..=32_768 => (29, 24_577, 13),
        _ => panic!("no code for distance {distance} here"),
    };
    push(reversed(code, 5), 5);
    push(u64::from(distance - base), extra);
    push(0, 7);
    // The header of the empty stored block, padded.
    push(0, 3);
    bits.to_le_bytes()[..count.div_ceil(8) as usize].to_vec()
}

#[test]
fn the_whole_window_can_be_referred_to() {
    let fill: Vec<u8> = (0..32_768_u32).map(|i| (i % 251) as u8).collect();
    let outcome = play(
        server(),
        [&octets(&[
            compressed(BINARY, &deflate(&fill)),
            compressed(BINARY, &refer_back(3, 32_768)),
        ])[..]],
    );
    let expected = Event::Message(Message::binary([0, 1, 2]));
    assert_eq!(outcome.events.last(), Some(&expected));
    let outcome = play(
        server(),
        [&octets(&[
            compressed(BINARY, &deflate(&fill[1..])),
            compressed(BINARY, &refer_back(3, 32_768)),
        ])[..]],
    );
    assert!(inflate_error(&outcome).is_some(), "one octet too far back");
}

#[test]
fn earlier_messages_are_remembered_as_far_as_the_agreed_window() {
    let agreement = Agreement {
        client_max_window_bits: WindowBits::new(8),
        ..Agreement::default()
    };
    let fill = [b'a'; 400];
    let frames = [
        compressed(BINARY, &deflate(&fill)),
        compressed(BINARY, &refer_back(3, 257)),
    ];
    let outcome = check_every_split(|| server_with(&agreement), &octets(&frames));
    assert!(inflate_error(&outcome).is_some(), "{outcome:?}");
    let outcome = check_every_split(server, &octets(&frames));
    assert_eq!(
        outcome.events.last(),
        Some(&Event::Message(Message::binary("aaa")))
    );
}

#[test]
fn what_is_no_deflate_data_fails_the_connection() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let dynamic = deflate(
        "some text, long enough for a dynamic code. "
            .repeat(40)
            .as_bytes(),
    );
    for (name, payload, end_missing) in [
        ("block type 3", &[0x06, 0x00][..], false),
        (
            "stored length",
            &[0x00, 0x05, 0x00, 0x05, 0x00, 0x48],
            false,
        ),
        ("too far back", &refer_back(3, 5), false),
        ("reserved length code", &[0x1b, 0x03, 0x00], false),
        ("no octet at all", &[], true),
        ("within a stored block", &stored(b'x', 100)[..50], true),
        ("within a fixed block", &hello[..4], true),
        ("the empty block left out", &hello[..6], true),
        (
            "the tail sent along",
            &[&hello[..], &[0, 0, 0xff, 0xff]].concat(),
            true,
        ),
        ("within the code lengths", &dynamic[..6], true),
        (
            "within a dynamic block",
            &dynamic[..dynamic.len() - 3],
            true,
        ),
        (
            "a final block alone",
            &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
            true,
        ),
    ] {
        let input = octets(&[
            masked(PING, b"p"),
            compressed(BINARY, payload),
            masked(BINARY, b"after"),
        ]);
        let outcome = check_every_split(server, &input);
        let error = inflate_error(&outcome);
        assert!(error.is_some(), "{name}: {outcome:?}");
        let is_end = error == Some(&InflateError::EndMissing);
        assert_eq!(is_end, end_missing, "{name}: {error:?}");
        assert!(outcome.sent.ends_with(&close_frame(1007)), "{name}");
    }
}

#[test]
fn rsv1_marks_the_first_frame_of_a_message_only() {
    let rsv1 = |frame| RawFrame {
        rsv: Rsv::RSV1,
        ..frame
    };
    let hello = deflate(b"Hello");
    for (frames, error) in [
        (
            vec![rsv1(masked(PING, b""))],
            FrameError::ControlFrameCompressed { opcode: PING },
        ),
        (
            vec![rsv1(masked(Opcode::CLOSE, b""))],
            FrameError::ControlFrameCompressed {
                opcode: Opcode::CLOSE,
            },
        ),
        (
            vec![
                not_final(compressed(TEXT, &hello[..2])),
                rsv1(masked(CONTINUATION, &hello[2..])),
            ],
            FrameError::ContinuationCompressed,
        ),
        (
            vec![
                not_final(masked(TEXT, b"a")),
                rsv1(masked(CONTINUATION, b"b")),
            ],
            FrameError::ContinuationCompressed,
        ),
        (
            vec![RawFrame {
                rsv: Rsv::new(6),
                ..compressed(TEXT, &hello)
            }],
            FrameError::ReservedBits { rsv: Rsv::RSV2 },
        ),
    ] {
        let outcome = check_every_split(server, &octets(&frames));
        assert_eq!(outcome.events, [Event::Failed(error.into())]);
        assert_eq!(outcome.sent, close_frame(1002));
    }
    let outcome = check_every_split(support::server, &octets(&[compressed(TEXT, &hello)]));
    let error = FrameError::ReservedBits { rsv: Rsv::RSV1 };
    assert_eq!(outcome.events, [Event::Failed(error.into())]);
}

#[test]
fn text_is_checked_after_inflating_as_soon_as_it_appears() {
    for (text, offset) in [(&b"ab\xf4\x90\x80"[..], 2), (b"abc\xce", 3), (b"\xff", 0)] {
        let data = deflate(text);
        let outcome = check_every_split(server, &octets(&[compressed(TEXT, &data)]));
        let error = MessageError::TextNotUtf8(Utf8Error { offset });
        assert_eq!(outcome.events, [Event::Failed(error.into())], "{text:02x?}");
        assert!(outcome.sent.ends_with(&close_frame(1007)));
    }
    // The data are wrong after the text was: the text comes first, however they are cut.
    let both = [&[0x00, 0x02, 0x00, 0xfd, 0xff, 0xff, b'x'][..], &[0x06]].concat();
    let outcome = check_every_split(server, &octets(&[compressed(TEXT, &both)]));
    let error = MessageError::TextNotUtf8(Utf8Error { offset: 0 });
    assert_eq!(outcome.events, [Event::Failed(error.into())]);
    // The compressed form need not be UTF-8.
    let data = deflate("κόσμε".as_bytes());
    assert!(std::str::from_utf8(&data).is_err());
    let outcome = check_every_split(server, &octets(&[compressed(TEXT, &data)]));
    assert_eq!(outcome.events, [Event::Message(Message::text("κόσμε"))]);
}

#[test]
fn the_limit_is_on_the_inflated_message() {
    let limited = |count: usize| {
        let data = deflate(&vec![b'a'; count]);
        check_every_split(small_server, &octets(&[compressed(TEXT, &data)]))
    };
    assert!(matches!(limited(1_000).events[..], [Event::Message(_)]));
    for count in [1_001, 1_002, 1_258, 1_259, 5_000, 300_000] {
        let outcome = limited(count);
        assert_eq!(
            inflate_error(&outcome),
            Some(&InflateError::TooBig { max: 1_000 })
        );
        assert!(outcome.sent.ends_with(&close_frame(1009)), "{count}");
    }
    // Text that is wrong within the limit is reported as such, and beyond it is not looked at.
    for (at, too_big) in [(999, false), (1_000, true), (1_001, true)] {
        let mut text = vec![b'a'; 1_010];
        text[at] = 0xff;
        let outcome =
            check_every_split(small_server, &octets(&[compressed(TEXT, &deflate(&text))]));
        assert_eq!(inflate_error(&outcome).is_some(), too_big, "{at}");
    }
    // Empty blocks make the compressed form longer than the limit; nobody minds.
    let mut data = [0, 0, 0, 0xff, 0xff].repeat(1_000);
    data.push(0);
    let outcome = check_every_split(small_server, &octets(&[compressed(TEXT, &data)]));
    assert_eq!(outcome.events, [Event::Message(Message::text(""))]);
    // A message in fragments is not limited by their lengths either, but by what they hold.
    let data = deflate(&noise(1_000));
    assert!(data.len() > 1_000);
    let (left, right) = data.split_at(600);
    let fragments = [
        not_final(compressed(BINARY, left)),
        masked(CONTINUATION, right),
    ];
    let outcome = check_every_split(small_server, &octets(&fragments));
    assert_eq!(
        outcome.events,
        [Event::Message(Message::binary(noise(1_000)))]
    );
    // The next, plain message is limited by its length again.
    let plain_after = [compressed(BINARY, &data), masked(BINARY, &[0; 1_001])];
    let outcome = play(small_server(), [&octets(&plain_after)[..]]);
    assert!(matches!(
        outcome.events.last(),
        Some(Event::Failed(ProtocolError::Frame(
            FrameError::MessageTooBig { .. }
        )))
    ));
}

/// Octets without a pattern.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn a_bomb_costs_no_more_than_the_limit() {
    // 64 MiB in 64 KiB, into a limit of 1 MiB: the message is dropped when it was reached.
    let mut compress = Compress::new(Compression::best(), false);
    let mut bomb = Vec::with_capacity(1 << 20);
    let zeros = vec![0; 64 << 20];
    compress
        .compress_vec(&zeros, &mut bomb, FlushCompress::Sync)
        .expect("it compresses");
    assert!(bomb.len() < 128 << 10);
    let limits = Limits {
        message_octets_max: 1 << 20,
        ..Limits::default()
    };
    let connection = deflating(Role::Server, limits, &Agreement::default());
    let outcome = play(connection, [&octets(&[compressed(BINARY, &bomb)])[..]]);
    assert_eq!(
        inflate_error(&outcome),
        Some(&InflateError::TooBig { max: 1 << 20 })
    );
    assert_eq!(outcome.sent, close_frame(1009));
}

/// Data that tempt a compressor to refer back as far as a window of that many bits, and further.
fn tempting(bits: u8) -> Vec<Vec<u8>> {
    let window = 1 << bits;
    let unit = noise(window + 300);
    let near_window = [
        window - 7,
        window - 6,
        window - 1,
        window,
        window + 1,
        window + 300,
    ];
    // zlib looks ahead by 262 octets, and refers back by so much less than its window.
    let near_reach = [250, 256, 261, 262, 263].map(|octets| window.saturating_sub(octets));
    let mut messages = Vec::new();
    for distance in near_window
        .into_iter()
        .chain(near_reach)
        .filter(|&distance| distance > 3)
    {
        messages.push([&unit[..distance], &unit[..distance]].concat());
    }
    // The same again, for references from message to message.
    messages.extend_from_within(messages.len() - 2..);
    messages
}

#[test]
fn we_refer_back_no_further_than_was_agreed() {
    for bits in 8..=15 {
        let messages = tempting(bits);
        for (context_takeover, level) in [(true, 1), (true, 6), (false, 6), (true, 9)] {
            let agreement = Agreement {
                server_no_context_takeover: !context_takeover,
                server_max_window_bits: WindowBits::new(bits),
                ..Agreement::default()
            };
            let mut connection = support::server();
            connection.use_deflate(&agreement, level);
            let mut reader = DeflateReader::default();
            for message in &messages {
                connection.send_binary(message).expect("open");
            }
            let outcome = play(connection, [&b""[..]]);
            let sent = frames(&outcome.sent, Role::Server);
            for ((_, payload), message) in sent.iter().zip(&messages) {
                assert!(reader.message(payload) == *message, "{bits} {level}");
            }
            let usage = reader.usage;
            assert!(usage.distance_max <= 1 << bits, "{bits} {level}: {usage:?}");
            assert!(
                usage.distance_max >= (1 << bits) * 3 / 8,
                "{bits} {level}: {usage:?}"
            );
            assert_eq!(usage.takes_over, context_takeover, "{bits} {level}");
        }
    }
}

#[test]
fn every_combination_of_parameters_carries_messages() {
    let texts = [
        "Hello",
        "Hello",
        "",
        "κόσμε, κόσμε, κόσμε",
        &"long ".repeat(2_000),
        "Hello",
    ];
    for combination in 0..=u8::MAX {
        let (server_bits, client_bits) = (8 + combination % 8, 8 + combination / 8 % 8);
        let agreement = Agreement {
            server_no_context_takeover: combination & 64 != 0,
            client_no_context_takeover: combination & 128 != 0,
            server_max_window_bits: WindowBits::new(server_bits),
            client_max_window_bits: WindowBits::new(client_bits),
        };
        let limits = Limits::default;
        let mut client = deflating(Role::Client, limits(), &agreement);
        for text in texts {
            client.send_text(text).expect("open");
        }
        let requests = play(client, [&b""[..]]).sent;
        let echoed = play(server_with(&agreement), requests.chunks(1_000));
        let client = deflating(Role::Client, limits(), &agreement);
        let received = play(client, echoed.sent.chunks(1_000));
        let expected = texts.map(|text| Event::Message(Message::text(text)));
        assert_eq!(echoed.events, expected, "{agreement:?}");
        assert_eq!(received.events, expected, "{agreement:?}");
    }
}

/// Frames of compressed messages that are in order more often than not.
fn conversations() -> impl Strategy<Value = Vec<u8>> {
    let data = prop_oneof![
        4 => "[a-e\u{e9}\u{20ac}]{0,60}".prop_map(|text| deflate(text.as_bytes())),
        2 => ("[a-e]{1,4}", 1..2_000usize).prop_map(|(text, n)| deflate(text.repeat(n).as_bytes())),
        1 => proptest::collection::vec(any::<u8>(), 0..100).prop_map(|data| deflate(&data)),
        1 => (3..11u8, 257..385u16).prop_map(|(length, distance)| refer_back(length, distance)),
        2 => (any::<u8>(), 0..500u16).prop_map(|(octet, count)| {
            let mut data = stored(octet & 0x7f, count);
            data[0] = octet >> 7;
            data
        }),
        1 => ("[a-z]{1,80}", any::<prop::sample::Index>(), any::<u8>()).prop_map(|(text, at, octet)| {
            let mut data = deflate(text.as_bytes());
            let at = at.index(data.len());
            data[at] = octet;
            data
        }),
        1 => proptest::collection::vec(any::<u8>(), 0..60),
    ];
    let message = (
        data,
        any::<bool>(),
        proptest::collection::vec(any::<prop::sample::Index>(), 0..3),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.02),
    )
        .prop_map(|(data, text, cuts, ping, flaw)| {
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(data.len() + 1)).collect();
            cuts.extend([0, data.len()]);
            cuts.sort_unstable();
            let last = cuts.len() - 2;
            let mut frames = Vec::new();
            for (index, cut) in cuts.windows(2).enumerate() {
                let opcode = match (index, text) {
                    (0, true) => TEXT,
                    (0, false) => BINARY,
                    _ => CONTINUATION,
                };
                frames.push(RawFrame {
                    fin: index == last,
                    rsv: if (index == 0) != flaw {
                        Rsv::RSV1
                    } else {
                        Rsv::NONE
                    },
                    masking_key: Some(KEY),
                    ..RawFrame::new(opcode, &data[cut[0]..cut[1]])
                });
                if ping {
                    frames.push(masked(PING, b"p"));
                }
            }
            octets(&frames)
        });
    proptest::collection::vec(message, 0..6).prop_map(|messages| messages.concat())
}

fn agreements() -> impl Strategy<Value = Agreement> {
    (any::<bool>(), any::<bool>(), 8..16u8, 8..16u8).prop_map(|(server, client, ours, theirs)| {
        Agreement {
            server_no_context_takeover: server,
            client_no_context_takeover: client,
            server_max_window_bits: WindowBits::new(ours),
            client_max_window_bits: WindowBits::new(theirs),
        }
    })
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(
        input in conversations(),
        agreement in agreements(),
        small in any::<bool>(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let limits = Limits {
            message_octets_max: if small { 300 } else { 1 << 20 },
            ..Limits::default()
        };
        let make = || deflating(Role::Server, limits.clone(), &agreement);
        let whole = play(make(), [&input[..]]);
        prop_assert_eq!(&play(make(), input.chunks(1)), &whole);
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(input.len() + 1)).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &input[pair[0]..pair[1]]);
        prop_assert_eq!(&play(make(), pieces), &whole);
        // No message beyond the limit gets through, and its buffer is no larger.
        for event in &whole.events {
            if let Event::Message(message) = event {
                prop_assert!(message.payload().len() as u64 <= limits.message_octets_max);
            }
        }
        // The replies are taken by the strictest reader there is.
        let read = play(deflating(Role::Client, Limits::default(), &agreement), [&whole.sent[..]]);
        let failed = read.events.iter().any(|event| matches!(event, Event::Failed(_)));
        prop_assert!(!failed, "{:?}", read);
    }

    #[test]
    fn any_octets_are_survived_in_both_roles(
        input in proptest::collection::vec(any::<u8>(), 0..200),
        start in prop_oneof![Just(&b""[..]), Just(&b"\xc1\x7e\x00\xb0"[..]), Just(&b"\xc2\x7f\0\0\0\0\0\x01\0\0"[..])],
        agreement in agreements(),
    ) {
        let input = [start, &input].concat();
        for role in [Role::Client, Role::Server] {
            let make = || deflating(role, Limits::default(), &agreement);
            prop_assert_eq!(play(make(), input.chunks(1)), play(make(), [&input[..]]));
        }
    }
}
