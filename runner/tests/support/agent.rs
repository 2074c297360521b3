//! Clients whose conduct is written down in the test, and the listener they connect to.

use std::net::SocketAddr;
use std::time::Instant;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Child;
use wsspec_reference::Event;
use wsspec_reference::net::{ClientConfig, connect};

use super::{Run, Wsspec, finish, frame, read_head};

/// `wsspec client --listen`, while it listens.
pub(crate) struct Listening {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    began: Instant,
}

impl Listening {
    /// Listens on a free port with these options.
    pub(crate) async fn open(options: &[&str]) -> Self {
        let began = Instant::now();
        let words = ["client", "--listen=127.0.0.1:0"].iter().chain(options);
        let (mut child, folder) = Wsspec::new(words).start();
        let stdout = child.stdout.as_mut().unwrap();
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            line.push(stdout.read_u8().await.unwrap());
        }
        let line = String::from_utf8(line).unwrap();
        let address = line.trim_end().strip_prefix("listening on ws://").unwrap();
        let address = address.trim_end_matches('/').parse().unwrap();
        Self {
            child,
            folder,
            address,
            began,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn folder(&self) -> &TempDir {
        &self.folder
    }

    /// Opens a resource as a lawful client that echoes until it is closed, and gives the
    /// text messages that came.
    pub(crate) async fn ask(&self, resource: &str) -> Vec<String> {
        ask(self.address, resource).await.unwrap()
    }

    /// As [`Listening::ask`], for a resource that is refused: the error in words.
    pub(crate) async fn refuses(&self, resource: &str) -> String {
        ask(self.address, resource).await.unwrap_err()
    }

    /// Ends the run as a driver does, and waits for the end.
    pub(crate) async fn stop(self) -> Run {
        let _ = ask(self.address, "/stopServer").await;
        self.ended().await
    }

    /// Waits for the end.
    pub(crate) async fn ended(self) -> Run {
        let mut run = finish(self.child, self.folder).await;
        run.took = self.began.elapsed();
        run
    }
}

/// See [`Listening::ask`].
async fn ask(address: SocketAddr, resource: &str) -> Result<Vec<String>, String> {
    let config = ClientConfig::new(address.to_string(), resource);
    let opened = connect(address, config).await;
    let (mut endpoint, _) = opened.map_err(|error| error.to_string())?;
    let mut texts = Vec::new();
    while let Some(event) = endpoint.next_event().await {
        if let Event::Message(message) = event {
            texts.extend(message.as_text().map(str::to_owned));
            let _ = endpoint.connection().send_message(&message);
        }
    }
    Ok(texts)
}

/// Opens a resource as the RFC wants it, and leaves the rest to the caller; nothing
/// where the connection ends in it.
pub(crate) async fn dial(address: SocketAddr, resource: &str) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!(
        "GET {resource} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    read_head(&mut stream).await?;
    Some(stream)
}

/// The octets of a masked frame with this first octet; the key is zero.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut octets = frame(first, payload);
    let header = octets.len() - payload.len();
    octets[1] |= 0x80;
    octets.splice(header..header, [0; 4]);
    octets
}
