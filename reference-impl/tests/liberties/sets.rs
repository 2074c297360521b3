//! Sets of liberties that do not contradict themselves.

use crate::talk::{Way as _, noise};
use std::collections::HashSet;
use wsspec_reference::deflate::Agreement;
use wsspec_reference::frame::MaskingKey;
use wsspec_reference::handshake::{
    ClientHandshake, ClientOptions, RequestError, ServerHandshake, ServerOptions,
};
use wsspec_reference::{
    CloseCode, Config, Connection, Event, Liberties, Liberty as L, Message, MessageError,
    MessageKind, ProtocolError, Role, Transmit,
};

/// A set with one liberty at most of each group, drawn from a seed.
fn draw(seed: u64, role: Role) -> Liberties {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut taken = HashSet::new();
    let mut all: Vec<_> = L::ALL
        .iter()
        .filter(|liberty| liberty.suits(role))
        .collect();
    all.sort_by_cached_key(|_| next());
    let mut set = Liberties::NONE;
    for &liberty in all {
        // About half of the groups are in a set.
        if next() % 2 == 0 && taken.insert(liberty.facts().group) {
            let with = set.with(liberty);
            if with.contradiction().is_none() {
                set = with;
            }
        }
    }
    set
}

/// A connection that two ends have opened, unless the server has refused the client.
fn open(of_client: Liberties, of_server: Liberties) -> Option<[Connection; 2]> {
    let options = ClientOptions {
        liberties: of_client,
        ..ClientOptions::new("server.example.com", "/chat")
    };
    let mut client = ClientHandshake::new(options, *b"the sample nonce").expect("lawful options");
    let options = ServerOptions {
        liberties: of_server,
        ..ServerOptions::default()
    };
    let answer = ServerHandshake::new(options).receive(&client.request());
    let acceptance = match answer {
        Ok(acceptance) => acceptance.expect("the request is complete"),
        Err(refusal) => {
            assert_eq!(refusal.error, RequestError::SubprotocolMissing);
            return None;
        }
    };
    let welcome = client.receive(&acceptance.response).expect("lawful");
    let welcome = welcome.expect("the response is complete");
    let end = |role, liberties, agreement: Option<Agreement>| {
        let config = Config {
            liberties,
            ..Config::default()
        };
        let mut connection = Connection::new(role, &config, || MaskingKey([1, 2, 3, 4]));
        if let Some(agreement) = agreement {
            connection.use_deflate(&agreement, 6);
        }
        connection
    };
    Some([
        end(Role::Client, of_client, welcome.deflate),
        end(Role::Server, of_server, acceptance.deflate),
    ])
}

/// Carries octets between two ends, the second of which echoes, until both have nothing to say,
/// and gives the messages that the first has received.
fn talk(ends: &mut [Connection; 2]) -> Vec<(MessageKind, Vec<u8>)> {
    let mut received = Vec::new();
    loop {
        let mut moved = false;
        for at in [0, 1] {
            let mut dropped = false;
            while let Some(event) = ends[at].poll_event() {
                moved = true;
                match event {
                    Event::Closed(_) => dropped = true,
                    Event::Message(message) if at == 0 => {
                        received.push((message.kind(), message.into_payload()));
                    }
                    Event::Fragment(fragment) if at == 0 => match received.last_mut() {
                        Some((_, payload)) if !fragment.is_first => {
                            payload.extend(fragment.payload);
                        }
                        _ => received.push((fragment.kind, fragment.payload)),
                    },
                    Event::Message(message) => drop(ends[at].send_own_message(message)),
                    Event::Fragment(fragment) => drop(ends[at].send_fragment(&fragment)),
                    Event::Failed(ProtocolError::Message(MessageError::NotUnderstood {
                        ..
                    })) => {}
                    Event::Failed(violation) => panic!("end {at} was failed: {violation}"),
                    _ => {}
                }
            }
            while let Some(transmit) = ends[at].poll_transmit() {
                moved = true;
                match transmit {
                    Transmit::Octets(octets) => ends[1 - at].receive(&octets),
                    Transmit::HalfClose => ends[1 - at].receive_eof(),
                }
            }
            if dropped {
                ends[1 - at].receive_eof();
            }
        }
        if !moved {
            return received;
        }
    }
}

/// Whatever the sets, each end takes all that the other sends, and messages come back.
#[test]
fn two_ends_with_any_liberties_understand_each_other() {
    let messages = [
        Message::text("Hello"),
        Message::text("Hello"),
        Message::binary(noise()),
        Message::text(""),
        // More, in the smallest fragments, would be more fragments than some take.
        Message::binary(&[noise(), noise()].concat()[..800]),
    ];
    for seed in 0..500 {
        let (of_client, of_server) = (draw(seed, Role::Client), draw(!seed, Role::Server));
        assert_eq!(of_client.contradiction(), None);
        let names = || format!("{seed}: {:?} and {:?}", names(of_client), names(of_server));
        let Some(mut ends) = open(of_client, of_server) else {
            continue;
        };
        for message in &messages {
            ends[0].send_message(message).expect("it is open");
            ends[0].send_ping(b"are you there").expect("it is open");
        }
        let received = talk(&mut ends);
        let understood = [of_client, of_server].iter().all(|liberties| {
            !liberties.include(L::UnderstandTextOnly) && !liberties.include(L::UnderstandBinaryOnly)
        });
        if understood {
            let sent: Vec<_> = messages
                .iter()
                .map(|message| (message.kind(), message.payload().to_vec()))
                .collect();
            assert_eq!(received, sent, "{}", names());
            let closing = ends[0].start_closing_handshake(CloseCode::NORMAL, "bye");
            closing.expect("it is open");
            talk(&mut ends);
        }
        assert!(!ends[0].is_open() && !ends[1].is_open(), "{}", names());
    }
}

fn names(liberties: Liberties) -> Vec<&'static str> {
    liberties.iter().map(L::name).collect()
}
