//! TCP, and how a server is reached over it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use wsspec_reference::net::Stream;

use super::{Connect, Link, LinkError, Pending};
use crate::drive::{SecureName, ServerAddress};

impl Connect for ServerAddress {
    fn connect(&self, plainly: bool) -> Pending<'_, Result<Box<dyn Link>, LinkError>> {
        Box::pin(async move {
            let stream = connect_to_first(&self.addresses).await?;
            stream.set_nodelay(true)?;
            let stream = match &self.secure {
                Some(SecureName { client, name }) if !plainly => {
                    Stream::Tls(Box::new(client.connect(stream, name).await?))
                }
                _ => Stream::Tcp(stream),
            };
            Ok(<dyn Link>::over(stream)?)
        })
    }
}

async fn connect_to_first(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address to connect to");
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A connection over TCP alone.
#[derive(Debug)]
pub(super) struct Tcp(TcpStream);

impl Tcp {
    pub(super) fn over(stream: TcpStream) -> Self {
        Self(stream)
    }
}

impl Link for Tcp {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut read = ReadBuf::new(buffer);
        ready!(Pin::new(&mut self.0).poll_read(context, &mut read))?;
        Poll::Ready(Ok(read.filled().len()))
    }

    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, octets)
    }

    fn half_close(&mut self) -> Pending<'_, io::Result<()>> {
        Box::pin(self.0.shutdown())
    }

    fn reset(self: Box<Self>) {
        // Where this fails there is nobody left to tell.
        let _ = self.0.set_zero_linger();
    }
}
