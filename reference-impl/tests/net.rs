//! The echo server and the client, over the loopback interface.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wsspec_reference::frame::{Opcode, RawFrame};
use wsspec_reference::net::{
    ClientConfig, ConnectError, EchoServer, Endpoint, ServerConfig, connect,
};
use wsspec_reference::{CloseCode, Deviation, Deviations, Event, Fragment, Message, MessageKind};

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

async fn start(config: ServerConfig) -> (SocketAddr, EchoServer) {
    EchoServer::start("127.0.0.1:0", config)
        .await
        .expect("a port is free")
}

async fn client(address: SocketAddr) -> Endpoint<TcpStream> {
    let config = ClientConfig::new(address.to_string(), "/");
    connect(address, config).await.expect("a server").0
}

/// Everything a server sends in answer to `octets`, until it closes TCP.
async fn answer(address: SocketAddr, octets: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("a server");
    stream.write_all(octets).await.expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("no reset");
    answer
}

/// Closes the connection and gives the last event.
async fn close(endpoint: &mut Endpoint<TcpStream>) -> Option<Event> {
    let closing = endpoint.connection();
    closing
        .start_closing_handshake(CloseCode::NORMAL, "")
        .expect("open");
    let mut last = None;
    while let Some(event) = endpoint.next_event().await {
        last = Some(event);
    }
    last
}

#[tokio::test]
async fn messages_of_all_sizes_come_back() {
    let (address, server) = start(ServerConfig::default()).await;
    let mut client = client(address).await;
    for length in [0, 1, 125, 126, 65_535, 65_536, 3_000_000] {
        let payload: Vec<u8> = (0..length).map(|i: u32| (i % 251) as u8).collect();
        client.connection().send_binary(&payload).expect("open");
        let event = client.next_event().await;
        assert_eq!(
            event,
            Some(Event::Message(Message::binary(payload))),
            "length {length}"
        );
    }
    client.connection().send_text("κόσμε").expect("open");
    let event = client.next_event().await;
    assert_eq!(event, Some(Event::Message(Message::text("κόσμε"))));
    let last = close(&mut client).await;
    assert!(matches!(last, Some(Event::Closed(ending)) if ending.clean));
    server.shut_down().await;
}

#[tokio::test]
async fn many_connections_are_served_at_once() {
    let (address, server) = start(ServerConfig::default()).await;
    let mut clients = Vec::new();
    for number in 0..50 {
        let mut client = client(address).await;
        let text = number.to_string();
        client.connection().send_text(&text).expect("open");
        clients.push((client, text));
    }
    for (client, text) in &mut clients {
        let event = client.next_event().await;
        assert_eq!(event, Some(Event::Message(Message::text(text.clone()))));
    }
    // Nobody is there to take part in a closing handshake.
    drop(clients);
    server.shut_down().await;
}

#[tokio::test]
async fn a_flood_that_is_read_late_comes_back() {
    let (address, server) = start(ServerConfig::default()).await;
    let stream = TcpStream::connect(address).await.expect("a server");
    let (mut reading, mut writing) = stream.into_split();
    let frame = RawFrame::new(Opcode::BINARY, vec![7; 60_000]).masked([1, 2, 3, 4]);
    let count = 200;
    // More than the buffers between the two hold: the server has to stop reading meanwhile.
    let sender = tokio::spawn(async move {
        writing
            .write_all(REQUEST.as_bytes())
            .await
            .expect("it reads");
        for _ in 0..count {
            writing
                .write_all(&frame.to_octets())
                .await
                .expect("it reads");
        }
        let close = RawFrame::new(Opcode::CLOSE, []).masked([0; 4]);
        writing
            .write_all(&close.to_octets())
            .await
            .expect("it reads");
        writing
    });
    let mut answer = Vec::new();
    reading.read_to_end(&mut answer).await.expect("no reset");
    drop(sender.await.expect("no panic"));
    assert!(answer.ends_with(b"\x88\x00"));
    let echoed = RawFrame::new(Opcode::BINARY, vec![7; 60_000]).to_octets();
    let head = answer.len() - 2 - echoed.len() * count;
    assert!(answer[head..].starts_with(&echoed.repeat(count)));
    server.shut_down().await;
}

#[tokio::test]
async fn shutting_down_closes_with_going_away() {
    let (address, server) = start(ServerConfig::default()).await;
    let mut client = client(address).await;
    client.connection().send_ping(b"alive").expect("open");
    assert_eq!(
        client.next_event().await,
        Some(Event::Pong(b"alive".into()))
    );
    let (last, ()) = tokio::join!(
        async {
            let mut last = None;
            while let Some(event) = client.next_event().await {
                last = Some(event);
            }
            last
        },
        server.shut_down()
    );
    assert!(
        matches!(&last, Some(Event::Closed(ending)) if ending.clean && ending.code == CloseCode::GOING_AWAY),
        "{last:?}"
    );
    let refused = TcpStream::connect(address).await;
    assert!(refused.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn other_requests_get_an_http_answer_and_tcp_is_closed() {
    let (address, server) = start(ServerConfig::default()).await;
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "426 "),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
            "405 ",
        ),
        ("GET / HTTP/1.1\r\n\r\n", "400 "),
        ("\u{1}\u{2}\u{3}", "400 "),
    ] {
        let answer = answer(address, request.as_bytes()).await;
        let answer = String::from_utf8(answer).expect("text");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains("\r\nConnection: close"), "{answer}");
    }
    let long = "GET / HTTP/1.1\r\nHost: a\r\n".to_owned() + &"A: b\r\n".repeat(20_000);
    let answer = answer(address, long.as_bytes()).await;
    assert!(answer.starts_with(b"HTTP/1.1 431 "));
    server.shut_down().await;
}

#[tokio::test]
async fn the_close_frame_survives_octets_that_follow_a_violation() {
    let (address, server) = start(ServerConfig::default()).await;
    let mut octets = REQUEST.as_bytes().to_vec();
    RawFrame::new(Opcode::TEXT, "before")
        .masked([9; 4])
        .encode(&mut octets);
    RawFrame::new(Opcode::TEXT, "unmasked").encode(&mut octets);
    octets.resize(octets.len() + 5_000_000, 0);
    let stream = TcpStream::connect(address).await.expect("a server");
    let (mut reading, mut writing) = stream.into_split();
    let sender = tokio::spawn(async move {
        writing.write_all(&octets).await.expect("no reset");
    });
    let mut answer = Vec::new();
    reading.read_to_end(&mut answer).await.expect("no reset");
    sender.await.expect("no panic");
    assert!(
        answer.ends_with(b"\r\n\r\n\x81\x06before\x88\x02\x03\xea"),
        "{answer:02x?}"
    );
    server.shut_down().await;
}

#[tokio::test]
async fn a_client_that_never_asks_is_left() {
    let config = ServerConfig {
        handshake_timeout: Duration::from_millis(20),
        ..ServerConfig::default()
    };
    let (address, server) = start(config).await;
    assert_eq!(answer(address, b"GET / HTTP/1.1\r\n").await, b"");
    server.shut_down().await;
}

#[tokio::test]
async fn a_client_that_never_answers_a_close_frame_is_left() {
    let mut config = ServerConfig::default();
    config.connection.limits.close_timeout = Duration::from_millis(20);
    let (address, server) = start(config).await;
    let mut stream = TcpStream::connect(address).await.expect("a server");
    stream
        .write_all(REQUEST.as_bytes())
        .await
        .expect("it reads");
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.expect("a response");
    let (rest, ()) = tokio::join!(
        async {
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await.expect("no reset");
            rest
        },
        server.shut_down()
    );
    assert!(rest.ends_with(b"\x88\x02\x03\xe9"), "{rest:02x?}");
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_left() {
    let config = ServerConfig {
        stall_timeout: Duration::from_millis(50),
        ..ServerConfig::default()
    };
    let (address, server) = start(config).await;
    let mut stream = TcpStream::connect(address).await.expect("a server");
    stream
        .write_all(REQUEST.as_bytes())
        .await
        .expect("it reads");
    let frame = RawFrame::new(Opcode::BINARY, vec![7; 1 << 20]).masked([1, 2, 3, 4]);
    let octets = frame.to_octets();
    // It takes no more once the replies fill every buffer, and then it resets.
    while stream.write_all(&octets).await.is_ok() {}
    server.shut_down().await;
}

#[tokio::test]
async fn no_more_connections_are_served_than_allowed() {
    let config = ServerConfig {
        connections_max: 1,
        ..ServerConfig::default()
    };
    let (address, server) = start(config).await;
    let mut first = client(address).await;
    let waiting = tokio::spawn(async move {
        let mut second = client(address).await;
        second.connection().send_text("second").expect("open");
        second.next_event().await
    });
    first.connection().send_text("first").expect("open");
    let event = first.next_event().await;
    assert_eq!(event, Some(Event::Message(Message::text("first"))));
    assert!(!waiting.is_finished());
    close(&mut first).await;
    let event = waiting.await.expect("no panic");
    assert_eq!(event, Some(Event::Message(Message::text("second"))));
    server.shut_down().await;
}

#[tokio::test]
async fn a_client_echoes_and_refuses_what_is_no_websocket() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        stream
            .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
            .await
            .expect("it reads");
        drop(stream);
        let (stream, _) = listener.accept().await.expect("a client");
        drop(stream);
    });
    let config = ClientConfig::new(address.to_string(), "/");
    let refused = connect(address, config.clone()).await;
    assert!(matches!(refused, Err(ConnectError::Response(_))));
    let refused = connect(address, config).await;
    assert!(matches!(
        refused,
        Err(ConnectError::Closed | ConnectError::Io(_))
    ));
    server.await.expect("no panic");
}

#[tokio::test]
async fn deviations_reach_handshake_and_connection() {
    let deviations = Deviations::NONE
        .with(Deviation::SendWrongAccept)
        .with(Deviation::MaskServerFrames);
    let (address, server) = start(ServerConfig::default().deviating(deviations)).await;
    let config = ClientConfig::new(address.to_string(), "/");
    let refused = connect(address, config.clone()).await;
    assert!(matches!(refused, Err(ConnectError::Response(_))));
    let lenient = Deviations::NONE
        .with(Deviation::AcceptWrongAccept)
        .with(Deviation::AcceptMaskedFrames);
    let connected = connect(address, config.deviating(lenient)).await;
    let (mut client, _) = connected.expect("it overlooks the accept value");
    client.connection().send_text("a").expect("open");
    assert_eq!(
        client.next_event().await,
        Some(Event::Message(Message::text("a")))
    );
    close(&mut client).await;
    server.shut_down().await;
}

#[tokio::test]
async fn tcp_is_reset_rather_than_closed() {
    let masked_close = RawFrame::new(Opcode::CLOSE, 1000_u16.to_be_bytes()).masked([1, 2, 3, 4]);
    for (deviations, reset) in [
        (Deviations::NONE, false),
        (Deviations::NONE.with(Deviation::ResetTcp), true),
    ] {
        let (address, server) = start(ServerConfig::default().deviating(deviations)).await;
        let mut stream = TcpStream::connect(address).await.expect("a server");
        let mut octets = REQUEST.as_bytes().to_vec();
        masked_close.encode(&mut octets);
        stream.write_all(&octets).await.expect("it reads");
        let mut answer = Vec::new();
        let ending = stream.read_to_end(&mut answer).await;
        assert!(answer.ends_with(b"\x88\x02\x03\xe8"), "{answer:02x?}");
        let kind = ending.err().map(|error| error.kind());
        assert_eq!(kind, reset.then_some(std::io::ErrorKind::ConnectionReset));
        drop(stream);
        server.shut_down().await;
    }
}

/// A violation: a frame with a reserved opcode.
async fn violate(address: SocketAddr) {
    let mut octets = REQUEST.as_bytes().to_vec();
    let unknown = RawFrame::new(Opcode::from_first_octet(3), "").masked([1, 2, 3, 4]);
    unknown.encode(&mut octets);
    let answer = answer(address, &octets).await;
    assert!(answer.ends_with(b"\x88\x02\x03\xea"), "{answer:02x?}");
}

#[tokio::test]
async fn a_violation_on_one_connection_does_not_harm_another() {
    for deviations in [
        Deviations::NONE,
        Deviations::NONE.with(Deviation::EndOthersAfterFailure),
    ] {
        let (address, server) = start(ServerConfig::default().deviating(deviations)).await;
        let mut bystander = client(address).await;
        bystander.connection().send_text("a").expect("open");
        let event = bystander.next_event().await;
        assert_eq!(event, Some(Event::Message(Message::text("a"))));
        violate(address).await;
        bystander.connection().send_text("b").expect("open");
        let lives = bystander.next_event().await == Some(Event::Message(Message::text("b")));
        assert_eq!(lives, deviations.is_empty());
        drop(bystander);
        server.shut_down().await;
    }
}

#[tokio::test]
async fn a_violation_does_not_end_all_service() {
    let deviations = Deviations::NONE.with(Deviation::ServeNobodyAfterFailure);
    let config = ServerConfig {
        handshake_timeout: Duration::from_millis(50),
        ..ServerConfig::default().deviating(deviations)
    };
    let (address, server) = start(config).await;
    violate(address).await;
    let mut stream = TcpStream::connect(address).await.expect("a server");
    let asked = stream.write_all(REQUEST.as_bytes()).await;
    asked.expect("it takes octets");
    // Since nobody has read the request, it may be dropped with a reset.
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
    server.shut_down().await;
}

#[tokio::test]
async fn fragments_of_two_connections_are_two_messages() {
    for (deviations, expected) in [
        (Deviations::NONE, "second"),
        (
            Deviations::NONE.with(Deviation::ShareFragments),
            "first second",
        ),
    ] {
        let (address, server) = start(ServerConfig::default().deviating(deviations)).await;
        let mut first = client(address).await;
        let mut second = client(address).await;
        for (endpoint, parts) in [
            (&mut first, &["first "][..]),
            (&mut second, &["sec", "ond"]),
        ] {
            for (at, part) in parts.iter().enumerate() {
                let fragment = Fragment {
                    kind: MessageKind::Text,
                    payload: part.as_bytes().to_vec(),
                    is_first: at == 0,
                    is_last: at == 1,
                };
                endpoint
                    .connection()
                    .send_fragment(&fragment)
                    .expect("open");
            }
            endpoint.connection().send_ping(b"").expect("open");
            let mut answer = endpoint.next_event().await;
            if let Some(Event::Message(message)) = &answer {
                assert_eq!(message.as_text(), Some(expected));
                answer = endpoint.next_event().await;
            }
            assert_eq!(answer, Some(Event::Pong(Vec::new())));
        }
        drop((first, second));
        server.shut_down().await;
    }
}
