//! The TCP connection under a conversation.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A connection that can be read and written at the same time.
#[derive(Debug)]
pub(super) struct Link {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
}

impl Link {
    /// Connects to the first of the addresses that answers.
    pub(super) async fn connect(addresses: &[SocketAddr]) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no address to connect to");
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Self::over(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The link over a connection that is there.
    pub(super) fn over(stream: TcpStream) -> io::Result<Self> {
        // Each write of a case is to be on the wire at once.
        stream.set_nodelay(true)?;
        let (reader, writer) = stream.into_split();
        Ok(Self { reader, writer })
    }

    /// Reads what is there, waiting until something is. Nothing is lost where this is
    /// dropped before it is done.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer).await
    }

    /// Reads what is there without waiting.
    pub(super) fn try_read(&mut self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        match self.reader.try_read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            result => Some(result),
        }
    }

    /// Writes some of `octets` and, where `buffer` is given, reads meanwhile, so that
    /// neither side can wait for the other for ever.
    pub(super) async fn write_or_read(
        &mut self,
        octets: &[u8],
        buffer: Option<&mut [u8]>,
    ) -> WroteOrRead {
        let Some(buffer) = buffer else {
            return WroteOrRead::Wrote(self.writer.write(octets).await);
        };
        tokio::select! {
            biased;
            wrote = self.writer.write(octets) => WroteOrRead::Wrote(wrote),
            read = self.reader.read(buffer) => WroteOrRead::Read(read),
        }
    }

    /// Closes our half of the connection.
    pub(super) async fn half_close(&mut self) -> io::Result<()> {
        self.writer.shutdown().await
    }

    /// Makes the end of the link a reset.
    pub(super) fn reset_on_drop(&self) -> io::Result<()> {
        self.writer.as_ref().set_zero_linger()
    }
}

/// What happened first.
#[derive(Debug)]
pub(super) enum WroteOrRead {
    Wrote(io::Result<usize>),
    Read(io::Result<usize>),
}
