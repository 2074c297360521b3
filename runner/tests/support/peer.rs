//! Servers whose conduct is written down in the test.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use wsspec_reference::frame::MaskingKey;
use wsspec_reference::handshake::key::accept_for;
use wsspec_reference::{Config, Connection, Event, Role, Transmit};

/// A server that treats each connection as it is told. It is gone when this is dropped.
pub(crate) struct Peer {
    address: SocketAddr,
    connections: watch::Receiver<usize>,
    accepting: JoinHandle<()>,
}

impl Peer {
    /// Listens on a free port and does `conduct` on each connection.
    pub(crate) async fn start<F>(conduct: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start_for(usize::MAX, conduct).await
    }

    /// As [`Peer::start`], but nobody listens any more after so many connections.
    pub(crate) async fn start_for<F>(
        most: usize,
        conduct: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (counted, connections) = watch::channel(0);
        let accepting = tokio::spawn(async move {
            let mut talks = JoinSet::new();
            while *counted.borrow() < most {
                let (stream, _) = listener.accept().await.unwrap();
                counted.send_modify(|count| *count += 1);
                talks.spawn(conduct(stream));
                while talks.try_join_next().is_some() {}
            }
            drop(listener);
            while talks.join_next().await.is_some() {}
        });
        Self {
            address,
            connections,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://{}/", self.address)
    }

    /// Waits until so many connections were made.
    pub(crate) async fn connected(&self, count: usize) {
        let mut connections = self.connections.clone();
        connections.wait_for(|made| *made >= count).await.unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Reads the head of the opening handshake; nothing where the connection ends before.
pub(crate) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// The opening handshake as RFC 6455 §4.2.2 wants it. False where the connection ends
/// in it, as the knock of somebody who only asks whether we listen does.
pub(crate) async fn open_properly(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> bool {
    let Some(head) = read_head(stream).await else {
        return false;
    };
    let key = head
        .lines()
        .find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "))
        .unwrap_or_default();
    let accept = accept_for(key);
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(response.as_bytes()).await.is_ok()
}

/// A frame as it came, unmasked.
pub(crate) struct Frame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    pub(crate) fn opcode(&self) -> u8 {
        self.first & 0x0f
    }

    pub(crate) fn has_reserved_bits(&self) -> bool {
        self.first & 0x70 != 0
    }
}

/// Reads a frame whatever is in its header; nothing where the connection ends before.
pub(crate) async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> Option<Frame> {
    let first = stream.read_u8().await.ok()?;
    let second = stream.read_u8().await.ok()?;
    let length = match second & 0x7f {
        126 => u64::from(stream.read_u16().await.ok()?),
        127 => stream.read_u64().await.ok()?,
        length => u64::from(length),
    };
    let mut key = [0; 4];
    if second & 0x80 != 0 {
        stream.read_exact(&mut key).await.ok()?;
    }
    let mut payload = Vec::new();
    let came = stream.take(length).read_to_end(&mut payload).await.ok()?;
    if (came as u64) < length {
        return None;
    }
    for (octet, key) in payload.iter_mut().zip(key.iter().cycle()) {
        *octet ^= key;
    }
    Some(Frame { first, payload })
}

/// The octets of an unmasked frame with this first octet.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut octets = vec![first];
    match payload.len() {
        length @ 0..=125 => octets.push(length as u8),
        length @ 126..=0xffff => {
            octets.push(126);
            octets.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            octets.push(127);
            octets.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    octets.extend_from_slice(payload);
    octets
}

/// Reads whatever comes and does nothing about it.
pub(crate) async fn read_to_end(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(1..) = stream.read(&mut buffer).await {}
}

/// An echo server as the RFC wants it: the reference implementation on this stream.
pub(crate) async fn lawful_echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    if !open_properly(&mut stream).await {
        return;
    }
    let mut connection = Connection::new(Role::Server, &Config::default(), MaskingKey::default);
    let mut buffer = [0; 4096];
    let mut closed = false;
    while !closed {
        while let Some(event) = connection.poll_event() {
            match event {
                // This fails once a Close frame was sent, and then it does not matter.
                Event::Message(message) => drop(connection.send_message(&message)),
                Event::Closed(_) => closed = true,
                _ => {}
            }
        }
        while let Some(transmit) = connection.poll_transmit() {
            let sent = match transmit {
                Transmit::Octets(octets) => stream.write_all(&octets).await,
                Transmit::HalfClose => stream.shutdown().await,
            };
            if sent.is_err() {
                return;
            }
        }
        if closed {
            break;
        }
        let now = Instant::now();
        let deadline = connection.poll_timeout(now);
        let wait = deadline.map_or(Duration::MAX, |at| at.saturating_duration_since(now));
        match tokio::time::timeout(wait, stream.read(&mut buffer)).await {
            Ok(Ok(count @ 1..)) => connection.receive(&buffer[..count]),
            Ok(_) => connection.receive_eof(),
            Err(_) => connection.handle_timeout(Instant::now()),
        }
    }
}
