//! What the servers bear: connections on which masked messages are sent and their echoes counted.
//!
//! The load must cost little, or it would be what is measured: all frames are made beforehand, and what comes back is
//! compared once before and once after the time that counts, and otherwise only counted.

use std::{
    cell::{Cell, RefCell},
    fmt,
    future::poll_fn,
    io,
    net::Ipv4Addr,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    runtime,
    task::LocalSet,
};
use wsspec_reference::frame::{Opcode, RawFrame};

use crate::server::Server;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Binary,
}

#[derive(Clone, Copy)]
pub struct Load {
    pub kind: Kind,
    pub payload_octets: usize,
    pub connections: usize,
    /// How many messages are under way on each connection.
    pub window: usize,
}

/// What came of a load.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// How many octets were echoed each second.
    pub rate: f64,
    /// How many octets were echoed for each second of the server's CPU time.
    pub yield_of_cpu: f64,
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Text => "text",
            Kind::Binary => "binary",
        };
        let (payload, connections, window) =
            (octets(self.payload_octets), self.connections, self.window);
        write!(f, "{kind} | {payload} | {connections} | {window}")
    }
}

/// A number of octets, as people write it.
pub fn octets(count: usize) -> String {
    match count {
        0..1024 => format!("{count} B"),
        1024..0x10_0000 => format!("{} KiB", count >> 10),
        _ => format!("{} MiB", count >> 20),
    }
}

impl Load {
    /// Puts the load on `server` for `time`, and before that for a quarter of it.
    pub fn bear(&self, server: &Server, time: Duration) -> io::Result<Measured> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        LocalSet::new().block_on(&runtime, async {
            let shared = Rc::new(Shared::new(self));
            let mut connections = Vec::new();
            for _ in 0..self.connections {
                let mut stream = open(server.port).await?;
                shared.echo_one(&mut stream).await?;
                connections.push(stream);
            }
            let tasks: Vec<_> = connections
                .into_iter()
                .map(|stream| {
                    tokio::task::spawn_local(Rc::clone(&shared).keep_busy(stream, self.window))
                })
                .collect();
            tokio::time::sleep(time / 4).await;
            let (start, cpu, echoed) = (Instant::now(), server.cpu_time()?, shared.echoed.get());
            tokio::time::sleep(time).await;
            let (time, cpu) = (start.elapsed(), server.cpu_time()? - cpu);
            let echoed = (shared.echoed.get() - echoed) as f64;
            shared.stopping.set(true);
            for task in tasks {
                let mut stream = task.await??;
                shared.echo_one(&mut stream).await?;
            }
            Ok(Measured {
                rate: echoed / time.as_secs_f64(),
                yield_of_cpu: echoed / cpu.as_secs_f64(),
            })
        })
    }
}

/// What the connections under one load have in common.
struct Shared {
    /// As many masked frames as are ever sent with one write.
    sent: Vec<u8>,
    sent_octets: usize,
    /// What comes back for each.
    reply: Vec<u8>,
    /// What was read last, by any connection: nobody looks at it.
    read: RefCell<Vec<u8>>,
    echoed: Cell<u64>,
    stopping: Cell<bool>,
}

impl Shared {
    fn new(load: &Load) -> Self {
        let (opcode, pattern) = match load.kind {
            Kind::Text => (Opcode::TEXT, TEXT.as_bytes()),
            Kind::Binary => (Opcode::BINARY, &[0x2a, 0xf7, 0x00, 0x91, 0x5c][..]),
        };
        let mut payload: Vec<u8> = pattern
            .iter()
            .copied()
            .cycle()
            .take(load.payload_octets)
            .collect();
        // A text must not end within a character.
        while load.kind == Kind::Text && std::str::from_utf8(&payload).is_err() {
            let cut = payload
                .iter()
                .rposition(|octet| octet & 0xc0 == 0xc0)
                .unwrap_or(0);
            payload[cut..].fill(b'.');
        }
        let frame = RawFrame::new(opcode, payload);
        let masked = frame.clone().masked([0x37, 0xfa, 0x21, 0x3d]).to_octets();
        Self {
            sent: masked.repeat(load.window),
            sent_octets: masked.len(),
            reply: frame.to_octets(),
            read: RefCell::new(vec![0; 256 << 10]),
            echoed: Cell::new(0),
            stopping: Cell::new(false),
        }
    }

    /// Sends one message and wants exactly its echo.
    async fn echo_one(&self, stream: &mut TcpStream) -> io::Result<()> {
        let mut echo = vec![0; self.reply.len()];
        let (mut reader, mut writer) = stream.split();
        let sent = writer.write_all(&self.sent[..self.sent_octets]);
        tokio::try_join!(sent, reader.read_exact(&mut echo))?;
        if echo != self.reply {
            return Err(io::Error::other("what came back is no echo"));
        }
        Ok(())
    }

    /// Keeps `window` messages under way until it is time to stop, and then waits for their echoes.
    async fn keep_busy(
        self: Rc<Self>,
        mut stream: TcpStream,
        window: usize,
    ) -> io::Result<TcpStream> {
        let mut flow = Flow {
            due: window * self.sent_octets,
            at: 0,
            under_way: window * self.reply.len(),
            received: 0,
        };
        poll_fn(|context| flow.poll(&self, &mut stream, context)).await?;
        Ok(stream)
    }
}

/// How far one connection is, in octets.
struct Flow {
    /// To be sent, whole frames.
    due: usize,
    /// Where in the frames the next write starts.
    at: usize,
    /// To come back for all that is sent and due.
    under_way: usize,
    /// Received of the echo that is not complete.
    received: usize,
}

impl Flow {
    fn poll(
        &mut self,
        shared: &Shared,
        stream: &mut TcpStream,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.under_way > 0 {
            while self.due > 0 {
                let end = shared.sent.len().min(self.at + self.due);
                match Pin::new(&mut *stream).poll_write(context, &shared.sent[self.at..end])? {
                    Poll::Ready(count) => {
                        self.due -= count;
                        self.at = (self.at + count) % shared.sent.len();
                    }
                    Poll::Pending => break,
                }
            }
            let mut octets = shared.read.borrow_mut();
            let mut buffer = ReadBuf::new(&mut octets);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer)? {
                Poll::Ready(()) => self.receive(shared, buffer.filled().len())?,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn receive(&mut self, shared: &Shared, count: usize) -> io::Result<()> {
        if count == 0 || count > self.under_way {
            return Err(io::Error::other("the echoes are too short or too long"));
        }
        shared.echoed.set(shared.echoed.get() + count as u64);
        self.under_way -= count;
        self.received += count;
        let complete = self.received / shared.reply.len();
        self.received %= shared.reply.len();
        if !shared.stopping.get() {
            self.due += complete * shared.sent_octets;
            self.under_way += complete * shared.reply.len();
        }
        Ok(())
    }
}

/// Opens a WebSocket connection.
async fn open(port: u16) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.set_nodelay(true)?;
    stream.write_all(REQUEST).await?;
    let mut response = Vec::new();
    // One by one, so that nothing behind it is taken.
    while !response.ends_with(b"\r\n\r\n") && response.len() < 4 << 10 {
        response.push(stream.read_u8().await?);
    }
    if !response.starts_with(b"HTTP/1.1 101 ") {
        return Err(io::Error::other("the opening handshake was refused"));
    }
    Ok(stream)
}

const REQUEST: &[u8] =
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Characters of every length, most of them short, as text is.
pub const TEXT: &str =
    "Über 2\u{2009}000 Zeichen, davon einige lang: κόσμε, 世界, 🌍; die meisten sind aber ASCII. ";
