//! What an endpoint writes when, in virtual time; and what needs several connections.

use crate::talk::{close, ping, text};
use crate::trace;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use wsspec_reference::frame::{MaskingKey, RawFrame};
use wsspec_reference::net::{
    ClientConfig, Dialer, EchoServer, Endpoint, ServerConfig, TlsClient, Trust, WebSocketUrl,
};
use wsspec_reference::{Config, Connection, Liberties, Liberty as L, Role};

/// What the usual server and client write when a message and a Ping come at 0 ms, two more messages
/// at 3 and 6, one with a Close frame at 10, and the end of TCP at 20.
const USUAL: [&str; 2] = [
    "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 20:end",
    "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 20:fin 20:end",
];

/// What others write; nothing stands for what is usual.
const SHOWN: &[(L, &str, &str)] = &[
    (
        L::PingEvery2Ms,
        "0:text(a) pong(b) 2:ping(heartbeat) 3:text(c) 4:ping(heartbeat) 6:ping(heartbeat) 6:text(d) 8:ping(heartbeat) 10:ping(heartbeat) 10:text(late) close(1000) 10:fin 20:end",
        "0:text(a) pong(b) 2:ping(heartbeat) 3:text(c) 4:ping(heartbeat) 6:ping(heartbeat) 6:text(d) 8:ping(heartbeat) 10:ping(heartbeat) 10:text(late) close(1000) 20:fin 20:end",
    ),
    (
        L::PongEvery2Ms,
        "0:text(a) pong(b) 2:pong(heartbeat) 3:text(c) 4:pong(heartbeat) 6:pong(heartbeat) 6:text(d) 8:pong(heartbeat) 10:pong(heartbeat) 10:text(late) close(1000) 10:fin 20:end",
        "0:text(a) pong(b) 2:pong(heartbeat) 3:text(c) 4:pong(heartbeat) 6:pong(heartbeat) 6:text(d) 8:pong(heartbeat) 10:pong(heartbeat) 10:text(late) close(1000) 20:fin 20:end",
    ),
    (
        L::PingUntilTcpEnds,
        "0:text(a) pong(b) 3:text(c) 5:ping(heartbeat) 6:text(d) 10:ping(heartbeat) 10:text(late) close(1000) 10:fin 20:end",
        "0:text(a) pong(b) 3:text(c) 5:ping(heartbeat) 6:text(d) 10:ping(heartbeat) 10:text(late) close(1000) 15:ping(heartbeat) 20:ping(heartbeat) 20:fin 20:end",
    ),
    (
        L::PongUntilTcpEnds,
        "0:text(a) pong(b) 3:text(c) 5:pong(heartbeat) 6:text(d) 10:pong(heartbeat) 10:text(late) close(1000) 10:fin 20:end",
        "0:text(a) pong(b) 3:text(c) 5:pong(heartbeat) 6:text(d) 10:pong(heartbeat) 10:text(late) close(1000) 15:pong(heartbeat) 20:pong(heartbeat) 20:fin 20:end",
    ),
    (
        L::PingAtOnce,
        "0:ping(first) 0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 20:end",
        "0:ping(first) 0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 20:fin 20:end",
    ),
    (
        L::Ping125Octets,
        "0:ping(\\x83\\x84\\x85\\x86…125) 0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 20:end",
        "0:ping(\\x83\\x84\\x85\\x86…125) 0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 20:fin 20:end",
    ),
    (
        L::Answer20MsLate,
        "20:text(a) pong(b) 40:text(c) text(d) text(late) close(1000) 40:fin 40:end",
        "20:text(a) pong(b) 40:text(c) text(d) text(late) close(1000) 40:fin 40:end",
    ),
    (
        L::SendFragmentsSlowly,
        "0:text(a) pong(b) 5:text(c) 10:text(d) 15:text !fin(la) 20:continuation(te) 25:close(1000) 25:fin 25:end",
        "0:text(a) pong(b) 5:text(c) 10:text(d) 15:text !fin(la) 20:continuation(te) 25:close(1000) 25:fin 25:end",
    ),
    (
        L::ReadWholeBatches,
        "0:pong(b) text(a) 3:text(c) 6:text(d) 10:close(1000) 10:fin 20:end",
        "0:pong(b) text(a) 3:text(c) 6:text(d) 10:close(1000) 20:fin 20:end",
    ),
    (
        L::CloseAfterFirstEcho,
        "0:text(a) close(1000) pong(b) 10:fin 20:end",
        "",
    ),
    (
        L::CloseAfterThirdEcho,
        "0:text(a) pong(b) 3:text(c) 6:text(d) close(1001) 10:fin 20:end",
        "",
    ),
    (
        L::CloseTcpLate,
        "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 1010:fin 1010:end",
        "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 1020:fin 1020:end",
    ),
    (
        L::CloseTcpFirst,
        "",
        "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 20:end",
    ),
    (
        L::DropTcp,
        "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 10:end",
        "0:text(a) pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 10:end",
    ),
    (
        L::AnswerLastPingOnly,
        "0:text(a) 0:pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 10:fin 20:end",
        "0:text(a) 0:pong(b) 3:text(c) 6:text(d) 10:text(late) close(1000) 20:fin 20:end",
    ),
    (
        L::WriteSingleOctets,
        "0:?\\x81 0:?\\x01 0:?a 0:?\\x8a 0:?\\x01 0:?b 3:?\\x81 3:?\\x01 3:?c 6:?\\x81…",
        "0:?\\x81 0:?\\x81 0:?7 0:?\\xfa 0:?! 0:?= 0:?V 0:?\\x8a…",
    ),
];

pub(crate) fn shows(liberty: L) -> bool {
    SHOWN.iter().any(|&(other, ..)| other == liberty) || SHOWN_BELOW.contains(&liberty)
}

/// What needs more than one connection.
const SHOWN_BELOW: &[L] = &[L::RefuseBeyond8, L::WaitBeyond4, L::AskForAbsoluteUri];

/// What is written, with the time in milliseconds.
type Writings = Arc<Mutex<Vec<(u128, Option<Vec<u8>>)>>>;

/// A stream that notes what is written to it.
struct Noting {
    stream: DuplexStream,
    start: Instant,
    writings: Writings,
}

impl Noting {
    fn note(&self, octets: Option<&[u8]>) {
        let now = self.start.elapsed().as_millis();
        let mut writings = self.writings.lock().expect("nobody panicked");
        writings.push((now, octets.map(<[u8]>::to_vec)));
    }
}

impl AsyncRead for Noting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Noting {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.note(Some(octets));
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.note(None);
        Poll::Ready(Ok(()))
    }
}

/// What an endpoint of this role writes, one word for each writing: `3:text(a)`, `20:fin`.
async fn writings(role: Role, liberties: Liberties) -> String {
    let (stream, mut peer) = tokio::io::duplex(1 << 10);
    let start = Instant::now();
    let writings = Writings::default();
    let noting = Noting {
        stream,
        start,
        writings: Arc::clone(&writings),
    };
    let config = Config {
        liberties,
        ..Config::default()
    };
    let keys = || MaskingKey([0x37, 0xfa, 0x21, 0x3d]);
    let connection = Connection::new(role, &config, keys);
    let mut endpoint = Endpoint::new(noting, connection, &[], Duration::from_secs(30));
    let speak = async move {
        for (at, frames) in [
            (0, vec![text("a"), ping("b")]),
            (3, vec![text("c")]),
            (6, vec![text("d")]),
            (10, vec![text("late"), close(1000)]),
        ] {
            tokio::time::sleep_until(start + Duration::from_millis(at)).await;
            let octets: Vec<_> = frames
                .into_iter()
                .flat_map(|frame| masked_for(role, frame).to_octets())
                .collect();
            peer.write_all(&octets).await.expect("it reads");
        }
        tokio::time::sleep_until(start + Duration::from_millis(20)).await;
        peer.shutdown().await.expect("it is open");
        peer
    };
    let echo = async {
        endpoint.echo().await;
        start.elapsed().as_millis()
    };
    let (_peer, end) = tokio::join!(speak, echo);
    drop(endpoint);
    let mut words = Vec::new();
    for (at, octets) in writings.lock().expect("nobody panicked").iter() {
        match octets {
            None => words.push(format!("{at}:fin")),
            Some(octets) => {
                words.push(format!("{at}:{}", trace::frames(role, octets).join(" ")));
            }
        }
    }
    words.push(format!("{end}:end"));
    words.join(" ").replace(" key=last", "")
}

fn masked_for(role: Role, frame: RawFrame) -> RawFrame {
    match role {
        Role::Server => frame.masked([1, 2, 3, 4]),
        Role::Client => frame,
    }
}

#[tokio::test(start_paused = true)]
async fn endpoints_write_when_the_liberty_says() {
    let mut wrong = Vec::new();
    for &liberty in L::ALL {
        let shown = SHOWN.iter().find(|&&(other, ..)| other == liberty);
        let expected = shown.map_or(["", ""], |&(_, server, client)| [server, client]);
        // Conversations show how the others change what is said.
        if shown.is_none() && crate::all_talks().iter().any(|talk| talk.shows(liberty)) {
            continue;
        }
        for (at, role) in [Role::Server, Role::Client].into_iter().enumerate() {
            let written = writings(role, Liberties::NONE.with(liberty)).await;
            let as_expected = match expected[at].strip_suffix('…') {
                None if expected[at].is_empty() => written == USUAL[at],
                None => written == expected[at],
                Some(start) => written.starts_with(start),
            };
            if !as_expected {
                wrong.push(format!("{liberty}, {role}: {written}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

async fn start(liberty: L) -> (SocketAddr, EchoServer) {
    let config = ServerConfig::default().taking(Liberties::NONE.with(liberty));
    let started = EchoServer::start("127.0.0.1:0", config).await;
    started.expect("a port is free")
}

/// Asks on a connection, once or several times, and reads as many heads.
async fn ask(stream: &mut TcpStream, requests: &[&str]) -> Vec<String> {
    let octets = requests.concat();
    stream.write_all(octets.as_bytes()).await.expect("it reads");
    let mut heads = Vec::new();
    for _ in requests {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("a response"));
        }
        heads.push(String::from_utf8(head).expect("heads are text"));
    }
    heads
}

async fn connection(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("a server")
}

#[tokio::test]
async fn the_ninth_connection_is_refused() {
    let (address, server) = start(L::RefuseBeyond8).await;
    let mut open = Vec::new();
    for _ in 0..8 {
        let mut stream = connection(address).await;
        let heads = ask(&mut stream, &[REQUEST]).await;
        assert!(heads[0].starts_with("HTTP/1.1 101 "), "{heads:?}");
        open.push(stream);
    }
    let mut ninth = connection(address).await;
    let heads = ask(&mut ninth, &[REQUEST]).await;
    assert!(heads[0].starts_with("HTTP/1.1 503 "), "{heads:?}");
    drop((open, ninth));
    server.shut_down().await;
}

#[tokio::test]
async fn the_fifth_connection_waits() {
    let (address, server) = start(L::WaitBeyond4).await;
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut stream = connection(address).await;
        ask(&mut stream, &[REQUEST]).await;
        open.push(stream);
    }
    let fifth = tokio::spawn(async move {
        let mut stream = connection(address).await;
        ask(&mut stream, &[REQUEST]).await
    });
    let mut first = open.remove(0);
    let ping = ping("a").masked([1, 2, 3, 4]).to_octets();
    first.write_all(&ping).await.expect("it reads");
    let mut pong = [0; 3];
    first.read_exact(&mut pong).await.expect("an answer");
    assert!(!fifth.is_finished());
    drop(first);
    let heads = fifth.await.expect("no panic");
    assert!(heads[0].starts_with("HTTP/1.1 101 "), "{heads:?}");
    drop(open);
    server.shut_down().await;
}

#[tokio::test]
async fn requests_are_answered_behind_a_refused_one() {
    let (address, server) = start(L::KeepRefusedConnections).await;
    let refused = REQUEST.replace("websocket", "h2c");
    let mut stream = connection(address).await;
    // The body of the refusal stands before the second head.
    let heads = ask(&mut stream, &[&refused, REQUEST]).await;
    assert!(heads[0].starts_with("HTTP/1.1 426 "), "{heads:?}");
    assert!(heads[1].contains("HTTP/1.1 101 "), "{heads:?}");
    drop(stream);
    server.shut_down().await;
}

#[tokio::test]
async fn requests_name_an_absolute_uri() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let client = ClientConfig::new("", "/").taking(Liberties::NONE.with(L::AskForAbsoluteUri));
    let tls = TlsClient::new(&Trust::Anything).expect("no certificate is read");
    let url: WebSocketUrl = format!("ws://{address}/chat?a=b").parse().expect("a URL");
    let dialer = Dialer::new(client, tls);
    let (answered, accepted) = tokio::join!(dialer.open(&url), async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            line.push(stream.read_u8().await.expect("a request"));
        }
        String::from_utf8(line).expect("heads are text")
    });
    assert!(answered.is_err(), "nobody has answered");
    assert_eq!(
        accepted,
        format!("GET http://{address}/chat?a=b HTTP/1.1\r\n")
    );
}
