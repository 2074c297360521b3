//! Playing octets to a connection that echoes, however they are cut.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::BTreeSet;
use wsspec_reference::frame::{MaskingKey, Opcode, RawFrame};
use wsspec_reference::{Config, Connection, Deviation, Deviations, Event, Limits, Role, Transmit};

/// The key of every masked frame in these tests.
pub(crate) const KEY: MaskingKey = MaskingKey([0x37, 0xfa, 0x21, 0x3d]);

/// What a connection made of octets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) events: Vec<Event>,
    pub(crate) sent: Vec<u8>,
    pub(crate) half_closed: bool,
}

pub(crate) fn endpoint(role: Role, limits: Limits, deviations: Deviations) -> Connection {
    let config = Config {
        limits,
        deviations,
        ..Config::default()
    };
    Connection::new(role, &config, || KEY)
}

pub(crate) fn server() -> Connection {
    endpoint(Role::Server, Limits::default(), Deviations::NONE)
}

pub(crate) fn client() -> Connection {
    endpoint(Role::Client, Limits::default(), Deviations::NONE)
}

pub(crate) fn deviating(role: Role, deviation: Deviation) -> Connection {
    endpoint(role, Limits::default(), Deviations::NONE.with(deviation))
}

/// Takes all events, echoing messages, and then all output.
pub(crate) fn react(connection: &mut Connection, outcome: &mut Outcome) {
    while let Some(event) = connection.poll_event() {
        if let Event::Message(message) = &event {
            let _ = connection.send_message(message);
        }
        outcome.events.push(event);
    }
    while let Some(transmit) = connection.poll_transmit() {
        assert!(!outcome.half_closed, "nothing follows the half-close");
        match transmit {
            Transmit::Octets(octets) => {
                outcome.sent.extend_from_slice(&octets);
                connection.reuse_output(octets);
            }
            Transmit::HalfClose => outcome.half_closed = true,
        }
    }
}

pub(crate) fn play<'a>(
    mut connection: Connection,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Outcome {
    let mut outcome = Outcome::default();
    for piece in pieces {
        connection.receive(piece);
        react(&mut connection, &mut outcome);
    }
    outcome
}

/// Plays `octets` whole, singly and with each cut, and wants the same every time.
pub(crate) fn check_every_split(make: impl Fn() -> Connection, octets: &[u8]) -> Outcome {
    let whole = play(make(), [octets]);
    assert_eq!(
        play(make(), octets.chunks(1)),
        whole,
        "singly: {octets:02x?}"
    );
    // Cuts far from either end of a long input are like their neighbours.
    let near_ends = (0..=octets.len().min(300)).flat_map(|cut| [cut, octets.len() - cut]);
    for cut in near_ends.collect::<BTreeSet<_>>() {
        let (left, right) = octets.split_at(cut);
        assert_eq!(
            play(make(), [left, right]),
            whole,
            "cut at {cut}: {octets:02x?}"
        );
    }
    whole
}

/// A frame as a client sends it.
pub(crate) fn masked(opcode: Opcode, payload: &[u8]) -> RawFrame {
    RawFrame::new(opcode, payload).masked(KEY)
}

/// A frame as a server sends it.
pub(crate) fn plain(opcode: Opcode, payload: &[u8]) -> RawFrame {
    RawFrame::new(opcode, payload)
}

pub(crate) fn close_payload(code: u16, reason: &str) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_bytes()].concat()
}

pub(crate) fn octets(frames: &[RawFrame]) -> Vec<u8> {
    frames.iter().flat_map(RawFrame::to_octets).collect()
}
