//! Functions alone: masking, UTF-8 and frame headers.
//!
//! What a library keeps to itself cannot be compared alone. `tungstenite`'s masking is one of these; it has the same
//! loop as `fastwebsockets::unmask`, which says that it was taken from there. `fastwebsockets` parses headers in
//! its reader, so that whole frames out of memory are compared as well, which all three can do.

use std::{
    hint::black_box,
    io::{self, Cursor, Read, Write},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use bytes::Bytes;
use fastwebsockets::{Frame, Payload};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tungstenite::{Utf8Bytes, protocol::frame as other};
use wsspec_reference::frame::{FrameHeader, HeaderRules, MaskingKey, Opcode, RawFrame, apply_mask};
use wsspec_reference::utf8::Utf8Validator;
use wsspec_reference::{Config, Connection, Event, Role};

use crate::load::{TEXT, octets};
use crate::table::{Row, median};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// How long one function is called in one turn: so short that seldom anything comes between.
const TURN: Duration = Duration::from_micros(300);

/// How many turns each has in one round.
const TURNS: usize = 10;

/// Something to be called many times.
type Work<'a> = Option<Box<dyn FnMut() + 'a>>;

pub fn compare(rounds: usize, only: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |title: String, works: [Work<'_>; 3]| {
        if title.contains(only) {
            rows.push(measure(title, works, rounds));
        }
    };
    for length in [64, 1 << 10, 64 << 10, 1 << 20] {
        masking(length, &mut row);
    }
    for length in [64, 1 << 10, 64 << 10, 1 << 20] {
        for (name, pattern) in [("ASCII", "Hello, world! "), ("mixed text", TEXT)] {
            validating(name, pattern, length, &mut row);
        }
    }
    for length in [0, 125, 65_535, 65_536] {
        parsing(length, &mut row);
    }
    for (length, count) in [(0, 1_000), (64, 1_000), (1 << 10, 100)] {
        reading(length, count, &mut row);
    }
    rows
}

fn measure(title: String, mut works: [Work<'_>; 3], rounds: usize) -> Row {
    eprintln!("{title}");
    let mut time = |index: usize, calls: u32| {
        works[index].as_mut().map(|work| {
            let start = Instant::now();
            for _ in 0..calls {
                work();
            }
            start.elapsed().as_secs_f64()
        })
    };
    // As many calls as fit into a turn, found by doubling.
    let mut calls = 1;
    while time(0, calls).is_some_and(|seconds| seconds < TURN.as_secs_f64()) && calls < 1 << 24 {
        calls *= 2;
    }
    let mut ratios = [Vec::new(), Vec::new()];
    for round in 0..rounds * TURNS {
        let mut seconds = [None; 3];
        for turn in 0..3 {
            let index = (round + turn) % 3;
            seconds[index] = time(index, calls);
        }
        for (ratios, theirs) in ratios.iter_mut().zip(&seconds[1..]) {
            ratios.extend(seconds[0].zip(*theirs).map(|(ours, theirs)| theirs / ours));
        }
    }
    let [fastwebsockets, tungstenite] =
        ratios.map(|ratios| (!ratios.is_empty()).then(|| median(ratios)));
    Row {
        title,
        fastwebsockets,
        tungstenite,
    }
}

fn work<'a>(work: impl FnMut() + 'a) -> Work<'a> {
    Some(Box::new(work))
}

fn masking(length: usize, row: &mut impl FnMut(String, [Work<'_>; 3])) {
    let mut payloads = [vec![0x2a; length], vec![0x2a; length]];
    let [ours, theirs] = &mut payloads;
    row(
        format!("masking, {}", octets(length)),
        [
            work(|| apply_mask(black_box(ours), black_box(MaskingKey(KEY)), 0)),
            work(|| fastwebsockets::unmask(black_box(theirs), black_box(KEY))),
            None,
        ],
    );
}

fn validating(
    name: &str,
    pattern: &str,
    length: usize,
    row: &mut impl FnMut(String, [Work<'_>; 3]),
) {
    let mut text = pattern.repeat(length / pattern.len() + 1);
    while !text.is_char_boundary(length) {
        text.insert(0, '.');
    }
    text.truncate(length);
    let text = text.as_bytes();
    let shared = Bytes::copy_from_slice(text);
    // This is how large pieces are when they come from a socket; whether they end within a character is chance.
    let ours = |piece: usize| {
        work(move || {
            let mut validator = Utf8Validator::new();
            for piece in black_box(text).chunks(piece) {
                validator.push(piece).expect("it is valid");
            }
            validator.finish().expect("it is valid");
        })
    };
    // `Frame::is_utf8` takes a frame; making one of a borrowed payload costs next to nothing.
    let fast = || work(|| assert!(Frame::text(Payload::Borrowed(black_box(text))).is_utf8()));
    let tungstenite =
        || work(|| drop(Utf8Bytes::try_from(black_box(&shared).clone()).expect("it is valid")));
    row(
        format!("UTF-8, {name}, {}", octets(length)),
        [ours(length), fast(), tungstenite()],
    );
    if length > PIECE {
        let title = format!(
            "UTF-8, {name}, {} in pieces of {PIECE}, theirs at once",
            octets(length)
        );
        row(title, [ours(PIECE), fast(), tungstenite()]);
    }
}

/// No multiple of anything, so that characters are cut everywhere.
const PIECE: usize = 4_093;

fn masked_frame(length: usize) -> Vec<u8> {
    RawFrame::new(Opcode::BINARY, vec![0x2a; length])
        .masked(KEY)
        .to_octets()
}

fn parsing(length: usize, row: &mut impl FnMut(String, [Work<'_>; 3])) {
    let frame = masked_frame(length);
    let header = &frame[..frame.len() - length];
    let rules = HeaderRules::new(Role::Client);
    row(
        format!("a header that announces {length} octets"),
        [
            work(|| {
                let parsed = FrameHeader::parse(black_box(header), &rules);
                black_box(parsed)
                    .expect("it is lawful")
                    .expect("it is complete");
            }),
            None,
            work(|| {
                let parsed = other::FrameHeader::parse(&mut Cursor::new(black_box(header)));
                black_box(parsed)
                    .expect("it is lawful")
                    .expect("it is complete");
            }),
        ],
    );
}

/// Reads `count` frames from memory, as many as a socket might give at once.
fn reading(length: usize, count: usize, row: &mut impl FnMut(String, [Work<'_>; 3])) {
    let stream = masked_frame(length).repeat(count);
    let stream = &stream[..];
    let mut connection = Connection::new(Role::Server, &Config::default(), || MaskingKey(KEY));
    row(
        format!("{count} frames of {} out of memory", octets(length)),
        [
            work(|| {
                let mut messages = 0;
                for octets in black_box(stream).chunks(READ_OCTETS) {
                    connection.receive(octets);
                    while let Some(event) = connection.poll_event() {
                        let Event::Message(message) = event else {
                            panic!("{event:?}")
                        };
                        messages += 1;
                        connection.reuse_message(black_box(message));
                    }
                }
                assert_eq!(messages, count);
            }),
            work(|| {
                let mut socket = fastwebsockets::WebSocket::after_handshake(
                    Memory(black_box(stream)),
                    fastwebsockets::Role::Server,
                );
                let mut context = Context::from_waker(Waker::noop());
                for _ in 0..count {
                    let Poll::Ready(frame) = pin!(socket.read_frame()).poll(&mut context) else {
                        panic!("memory has no need to wait")
                    };
                    black_box(frame.ok().expect("it is lawful"));
                }
            }),
            work(|| {
                let role = tungstenite::protocol::Role::Server;
                let mut socket =
                    tungstenite::WebSocket::from_raw_socket(Memory(black_box(stream)), role, None);
                for _ in 0..count {
                    black_box(socket.read().expect("it is lawful"));
                }
            }),
        ],
    );
}

/// How much a read gives at most.
const READ_OCTETS: usize = 16 << 10;

/// Octets that are read like a socket.
struct Memory<'a>(&'a [u8]);

impl Read for Memory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(READ_OCTETS);
        self.0.read(&mut buffer[..count])
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Memory<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.0.len().min(READ_OCTETS).min(buffer.remaining());
        let (now, later) = self.0.split_at(count);
        buffer.put_slice(now);
        self.0 = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Memory<'_> {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
