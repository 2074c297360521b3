//! TLS over TCP.
//!
//! What a conversation sees of the end is the end of TCP. TLS has an end of its own, the
//! alert close_notify; it is answered and then passed over, as is its absence: neither
//! closes TCP, which RFC 6455 §7.1.1 asks for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncWrite as _, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use wsspec_reference::net::Stream;

use super::{Link, Pending};

/// How long what is left to be sent over TLS may keep us from closing our half of TCP.
const FLUSH_PATIENCE: Duration = Duration::from_secs(1);

/// A connection over TLS.
#[derive(Debug)]
pub(super) struct Tls {
    stream: Stream,
    /// How many octets were taken for writing that may not be on the wire yet.
    unflushed: usize,
    /// Whether TLS is over, so that nothing is left to see but the end of TCP.
    has_ended: bool,
}

impl Tls {
    pub(super) fn over(stream: Stream) -> Self {
        Self {
            stream,
            unflushed: 0,
            has_ended: false,
        }
    }

    /// TCP below it.
    fn tcp(&mut self) -> &mut TcpStream {
        match &mut self.stream {
            Stream::Tcp(stream) => stream,
            Stream::Tls(stream) => stream.get_mut().0,
        }
    }

    /// Says that we end TLS too (RFC 8446 §6.1), as soon as octets can be sent.
    fn end(&mut self) {
        self.has_ended = true;
        if let Stream::Tls(stream) = &mut self.stream {
            stream.get_mut().1.send_close_notify();
        }
    }
}

impl Link for Tls {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if !self.has_ended {
            let mut read = ReadBuf::new(buffer);
            let read_or_not = ready!(Pin::new(&mut self.stream).poll_read(context, &mut read));
            let count = read.filled().len();
            match read_or_not {
                Ok(()) if count == 0 => {}
                // A fatal alert came, or something that is no TLS.
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
                // A FIN without a close_notify.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Poll::Ready(Ok(0));
                }
                read_or_not => return Poll::Ready(read_or_not.map(|()| count)),
            }
            self.end();
        }
        // Our close_notify, if it is still to be sent.
        let _ = Pin::new(&mut self.stream).poll_flush(context);
        loop {
            // Nothing that comes now is of any protocol.
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(self.tcp()).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                return Poll::Ready(Ok(0));
            }
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        if self.has_ended {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.unflushed == 0 {
            self.unflushed = ready!(Pin::new(&mut self.stream).poll_write(context, octets))?;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Poll::Ready(Ok(std::mem::take(&mut self.unflushed)))
    }

    fn half_close(&mut self) -> Pending<'_, io::Result<()>> {
        Box::pin(async {
            // What the target does not read would hold this up.
            match tokio::time::timeout(FLUSH_PATIENCE, self.stream.shutdown()).await {
                Ok(done) => done,
                Err(_) => self.tcp().shutdown().await,
            }
        })
    }

    fn reset(mut self: Box<Self>) {
        self.has_ended = true;
        // Where this fails there is nobody left to tell.
        let _ = self.tcp().set_zero_linger();
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end();
            // Nobody waits for it.
            let mut nobody = Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut self.stream).poll_flush(&mut nobody);
        }
    }
}
