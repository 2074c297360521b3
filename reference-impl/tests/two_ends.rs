//! A client and a server joined by a network that is only a pair of buffers.

mod support;

use proptest::prelude::*;
use std::collections::VecDeque;
use support::{client, server};
use wsspec_reference::{CloseCode, Connection, Event, Message, Transmit};

/// One direction of a TCP connection.
#[derive(Default)]
struct Wire {
    octets: VecDeque<u8>,
    ended: bool,
    end_delivered: bool,
}

struct Network {
    client: Connection,
    server: Connection,
    to_server: Wire,
    to_client: Wire,
    client_events: Vec<Event>,
    server_events: Vec<Event>,
    /// Which end closed its half first.
    closed_first: Option<&'static str>,
}

impl Network {
    fn new() -> Self {
        Self {
            client: client(),
            server: server(),
            to_server: Wire::default(),
            to_client: Wire::default(),
            client_events: Vec::new(),
            server_events: Vec::new(),
            closed_first: None,
        }
    }

    /// Carries octets, `segment` at a time, until nothing moves. The server echoes.
    fn run(&mut self, segment: usize) {
        loop {
            while let Some(event) = self.server.poll_event() {
                if let Event::Message(message) = &event {
                    let _ = self.server.send_message(message);
                }
                self.server_events.push(event);
            }
            while let Some(event) = self.client.poll_event() {
                self.client_events.push(event);
            }
            let first = &mut self.closed_first;
            let mut moved = collect(&mut self.client, &mut self.to_server, first, "client");
            moved |= collect(&mut self.server, &mut self.to_client, first, "server");
            moved |= deliver(&mut self.to_server, &mut self.server, segment);
            moved |= deliver(&mut self.to_client, &mut self.client, segment);
            if !moved {
                return;
            }
        }
    }
}

fn collect(
    from: &mut Connection,
    wire: &mut Wire,
    closed_first: &mut Option<&'static str>,
    name: &'static str,
) -> bool {
    let mut moved = false;
    while let Some(transmit) = from.poll_transmit() {
        moved = true;
        match transmit {
            Transmit::Octets(octets) => wire.octets.extend(octets),
            Transmit::HalfClose => {
                wire.ended = true;
                closed_first.get_or_insert(name);
            }
        }
    }
    moved
}

fn deliver(wire: &mut Wire, to: &mut Connection, segment: usize) -> bool {
    if wire.octets.is_empty() {
        let end = wire.ended && !wire.end_delivered;
        if end {
            wire.end_delivered = true;
            to.receive_eof();
        }
        return end;
    }
    let count = segment.min(wire.octets.len());
    let octets: Vec<u8> = wire.octets.drain(..count).collect();
    to.receive(&octets);
    true
}

fn ends_cleanly(events: &[Event], code: CloseCode) -> bool {
    matches!(events.last(), Some(Event::Closed(ending)) if ending.clean && ending.code == code)
}

#[test]
fn whoever_closes_the_server_closes_tcp_first() {
    for by_client in [true, false] {
        for segment in [1, 7, 1_000] {
            let mut network = Network::new();
            let closer = if by_client {
                &mut network.client
            } else {
                &mut network.server
            };
            closer.send_text("last words").expect("open");
            closer
                .start_closing_handshake(CloseCode::NORMAL, "done")
                .expect("open");
            network.run(segment);
            assert!(
                ends_cleanly(&network.client_events, CloseCode::NORMAL),
                "{by_client} {segment}"
            );
            assert!(
                ends_cleanly(&network.server_events, CloseCode::NORMAL),
                "{by_client} {segment}"
            );
            assert_eq!(network.closed_first, Some("server"));
        }
    }
}

#[test]
fn close_frames_that_cross_are_not_answered() {
    let mut network = Network::new();
    network
        .client
        .start_closing_handshake(CloseCode::NORMAL, "")
        .expect("open");
    network
        .server
        .start_closing_handshake(CloseCode::GOING_AWAY, "")
        .expect("open");
    network.run(1_000);
    assert!(ends_cleanly(&network.client_events, CloseCode::GOING_AWAY));
    assert!(ends_cleanly(&network.server_events, CloseCode::NORMAL));
    for events in [&network.client_events, &network.server_events] {
        assert!(
            matches!(events[..], [Event::CloseReceived(_), Event::Closed(_)]),
            "{events:?}"
        );
    }
}

#[test]
fn a_failed_connection_tells_the_peer_why() {
    let mut network = Network::new();
    network.client.send_text("unheard").expect("open");
    network.server.fail_connection(CloseCode::POLICY_VIOLATION);
    network.run(3);
    assert!(ends_cleanly(
        &network.client_events,
        CloseCode::POLICY_VIOLATION
    ));
    assert!(matches!(&network.server_events[..], [Event::Closed(ending)] if !ending.clean));
}

proptest! {
    #[test]
    fn messages_come_back_as_they_were_sent(
        messages in proptest::collection::vec(
            prop_oneof![
                any::<String>().prop_map(Message::text),
                proptest::collection::vec(any::<u8>(), 0..300).prop_map(Message::binary),
            ],
            0..8,
        ),
        segment in 1usize..200,
    ) {
        let mut network = Network::new();
        for message in &messages {
            network.client.send_message(message).expect("open");
        }
        network.run(segment);
        let echoed: Vec<_> = messages.into_iter().map(Event::Message).collect();
        prop_assert_eq!(&network.client_events, &echoed);
        prop_assert_eq!(&network.server_events, &echoed);
    }
}
