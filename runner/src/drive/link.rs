//! The connection under a conversation: TCP, with or without TLS.
//!
//! What a conversation sees of the end is the end of TCP. TLS has an end of its own, the
//! alert close_notify; it is answered and then passed over, as is its absence: neither
//! closes TCP, which RFC 6455 §7.1.1 asks for.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use wsspec_reference::net::{Stream, TlsError};

use super::SecureName;

/// How long what is left to be sent over TLS may keep us from closing our half of TCP.
const FLUSH_PATIENCE: Duration = Duration::from_secs(1);

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error(transparent)]
    Tcp(#[from] io::Error),
    #[error("{source}{}", how_to_trust(source))]
    Tls {
        #[from]
        source: TlsError,
    },
}

/// A connection that can be read and written at the same time.
#[derive(Debug)]
pub(super) struct Link {
    stream: Stream,
    /// How many octets were taken for writing that may not be on the wire yet.
    unflushed: usize,
    /// Whether TLS is over, so that nothing is left to see but the end of TCP.
    tls_ended: bool,
}

/// What the user can do about a certificate that is not trusted.
fn how_to_trust(error: &TlsError) -> &'static str {
    if error.is_about_trust() {
        " (--ca names a file of certificates to trust, --insecure trusts any)"
    } else {
        ""
    }
}

impl Link {
    /// Connects to the first of the addresses that answers.
    pub(super) async fn connect(
        addresses: &[SocketAddr],
        secure: Option<&SecureName>,
    ) -> Result<Self, LinkError> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no address to connect to");
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    let stream = match secure {
                        None => Stream::Tcp(stream),
                        Some(SecureName { client, name }) => {
                            Stream::Tls(Box::new(client.connect(stream, name).await?))
                        }
                    };
                    return Ok(Self::over(stream)?);
                }
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    /// The link over a connection that is there.
    pub(super) fn over(stream: Stream) -> io::Result<Self> {
        // Each write of a case is to be on the wire at once.
        stream.tcp().set_nodelay(true)?;
        Ok(Self {
            stream,
            unflushed: 0,
            tls_ended: false,
        })
    }

    /// Reads what is there, waiting until something is. Nothing is lost where this is
    /// dropped before it is done.
    pub(super) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        poll_fn(|context| self.poll_read(context, buffer)).await
    }

    /// Reads what is there without waiting.
    pub(super) fn try_read(&mut self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        let mut nobody = Context::from_waker(Waker::noop());
        match self.poll_read(&mut nobody, buffer) {
            Poll::Ready(read) => Some(read),
            Poll::Pending => None,
        }
    }

    /// Writes some of `octets` and, where `buffer` is given, reads meanwhile, so that
    /// neither side can wait for the other for ever. After reading, this has to be asked
    /// for the same octets again.
    pub(super) async fn write_or_read(
        &mut self,
        octets: &[u8],
        mut buffer: Option<&mut [u8]>,
    ) -> WroteOrRead {
        poll_fn(|context| {
            if let Poll::Ready(wrote) = self.poll_write(context, octets) {
                return Poll::Ready(WroteOrRead::Wrote(wrote));
            }
            match &mut buffer {
                Some(buffer) => self.poll_read(context, buffer).map(WroteOrRead::Read),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Closes our half of the connection; with TLS, our half of that too.
    pub(super) async fn half_close(&mut self) -> io::Result<()> {
        // With TLS, what the target does not read would hold this up.
        match tokio::time::timeout(FLUSH_PATIENCE, self.stream.shutdown()).await {
            Ok(done) => done,
            Err(_) => match &mut self.stream {
                Stream::Tcp(stream) => stream.shutdown().await,
                Stream::Tls(stream) => stream.get_mut().0.shutdown().await,
            },
        }
    }

    /// Makes the end of the link a reset.
    pub(super) fn reset_on_drop(&mut self) -> io::Result<()> {
        self.tls_ended = true;
        self.stream.tcp().set_zero_linger()
    }

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !self.tls_ended {
            let mut read = ReadBuf::new(buffer);
            let ended = ready!(Pin::new(&mut self.stream).poll_read(context, &mut read));
            let count = read.filled().len();
            let is_secure = self.stream.is_secure();
            match ended {
                Ok(()) if is_secure && count == 0 => {}
                // A fatal alert came, or something that is no TLS.
                Err(error) if is_secure && error.kind() == io::ErrorKind::InvalidData => {}
                // A FIN without a close_notify.
                Err(error) if is_secure && error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Poll::Ready(Ok(0));
                }
                ended => return Poll::Ready(ended.map(|()| count)),
            }
            self.end_tls();
        }
        // Our close_notify, if it is still to be sent.
        let _ = Pin::new(&mut self.stream).poll_flush(context);
        let tcp = match &mut self.stream {
            Stream::Tcp(stream) => stream,
            Stream::Tls(stream) => stream.get_mut().0,
        };
        loop {
            // Nothing that comes now is of any protocol.
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(&mut *tcp).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(0));
            }
        }
    }

    /// Says that we end TLS too (RFC 8446 §6.1), as soon as octets can be sent.
    fn end_tls(&mut self) {
        self.tls_ended = true;
        if let Stream::Tls(stream) = &mut self.stream {
            stream.get_mut().1.send_close_notify();
        }
    }

    /// Writes until the octets it says are on the wire.
    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        if self.tls_ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.unflushed == 0 {
            self.unflushed = ready!(Pin::new(&mut self.stream).poll_write(context, octets))?;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Poll::Ready(Ok(std::mem::take(&mut self.unflushed)))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.stream.is_secure() && !self.tls_ended {
            self.end_tls();
            // Nobody waits for it.
            let mut nobody = Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut self.stream).poll_flush(&mut nobody);
        }
    }
}

/// What happened first.
#[derive(Debug)]
pub(super) enum WroteOrRead {
    Wrote(io::Result<usize>),
    Read(io::Result<usize>),
}
