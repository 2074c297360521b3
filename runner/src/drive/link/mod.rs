//! What carries a conversation: TCP, with or without TLS, or a pair in memory.

mod memory;
mod tcp;
mod tls;

use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use wsspec_reference::net::{Stream, TlsError};

pub use memory::{End, pair};

/// A connection that can be read and written at the same time.
pub trait Link: Debug + Send {
    /// Reads what is there; 0 octets are the end of what the other side sends.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>>;

    /// Writes some octets; those that it says are on the wire.
    ///
    /// Where it was not ready, it has to be asked for the same octets again.
    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>>;

    /// Closes our half of the connection.
    fn half_close(&mut self) -> Pending<'_, io::Result<()>>;

    /// Ends the connection by a reset.
    fn reset(self: Box<Self>);
}

/// How a server is reached.
pub trait Connect: Debug + Send + Sync {
    /// Connects, `plainly` without TLS even where it is spoken.
    fn connect(&self, plainly: bool) -> Pending<'_, Result<Box<dyn Link>, LinkError>>;
}

/// What will be there some time.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no connection.
    #[error(transparent)]
    Tcp(#[from] io::Error),
    /// There is one, and no TLS over it.
    #[error("{source}{}", how_to_trust(source))]
    Tls {
        /// What is wrong with TLS.
        #[from]
        source: TlsError,
    },
}

/// What the user can do about a certificate that is not trusted.
fn how_to_trust(error: &TlsError) -> &'static str {
    if error.is_about_trust() {
        " (--ca names a file of certificates to trust, --insecure trusts any)"
    } else {
        ""
    }
}

/// What happened first.
#[derive(Debug)]
pub(super) enum WroteOrRead {
    Wrote(io::Result<usize>),
    Read(io::Result<usize>),
}

impl dyn Link {
    /// The link over a connection that is there.
    ///
    /// # Errors
    /// Where the connection is gone already.
    pub fn over(stream: Stream) -> io::Result<Box<Self>> {
        // Each write of a case is to be on the wire at once.
        stream.tcp().set_nodelay(true)?;
        Ok(match stream {
            Stream::Tcp(stream) => Box::new(tcp::Tcp::over(stream)),
            secure @ Stream::Tls(_) => Box::new(tls::Tls::over(secure)),
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
}
