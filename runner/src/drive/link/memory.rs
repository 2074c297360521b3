//! A connection in memory, of which both ends are here.
//!
//! It behaves as TCP does, so that nobody at its ends can tell: what was sent before an end
//! is read before it; an end that is dropped with octets unread, or written to when it is
//! gone, makes a reset. Unlike TCP, each write arrives as it was made, neither cut nor joined
//! with others, so that the same conversation takes the same course every time. With tokio's
//! clock paused it takes no time either.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Link, Pending};

/// How many octets are taken that nobody has read.
const CAPACITY: usize = 256 * 1024;

/// The two ends of a connection.
pub fn pair() -> (End, End) {
    let pipes = Arc::new(Mutex::new([Pipe::default(), Pipe::default()]));
    let end = |side| End {
        pipes: Arc::clone(&pipes),
        side,
        resets: false,
    };
    (end(0), end(1))
}

/// One end of a connection in memory.
#[derive(Debug)]
pub struct End {
    pipes: Arc<Mutex<[Pipe; 2]>>,
    /// Which of the pipes comes from here.
    side: usize,
    resets: bool,
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Pipe {
    /// What was written, by writes.
    pieces: VecDeque<Vec<u8>>,
    octets: usize,
    ending: Option<Ending>,
    /// Whether whoever would read it is gone.
    is_abandoned: bool,
    /// Who waits for octets.
    reader: Option<Waker>,
    /// Who waits for room.
    writer: Option<Waker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Fin,
    Reset,
}

impl Pipe {
    fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
        self.wake();
    }

    fn wake(&mut self) {
        let waiting = [self.reader.take(), self.writer.take()];
        waiting.into_iter().flatten().for_each(Waker::wake);
    }

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let Some(piece) = self.pieces.front_mut() else {
            return match self.ending {
                Some(Ending::Fin) => Poll::Ready(Ok(0)),
                Some(Ending::Reset) => Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
                None => {
                    self.reader = Some(context.waker().clone());
                    Poll::Pending
                }
            };
        };
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        if count == piece.len() {
            self.pieces.pop_front();
        } else {
            piece.drain(..count);
        }
        self.octets -= count;
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
        Poll::Ready(Ok(count))
    }
}

impl End {
    /// Makes the end of the connection a reset.
    pub fn reset_on_drop(&mut self) {
        self.resets = true;
    }

    fn pipes(&self) -> MutexGuard<'_, [Pipe; 2]> {
        // What is behind it is whole between any two statements.
        self.pipes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.pipes()[1 - self.side].poll_read(context, buffer)
    }

    fn write(&self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let mut pipes = self.pipes();
        if pipes[1 - self.side].ending == Some(Ending::Reset) {
            return Poll::Ready(Err(ErrorKind::ConnectionReset.into()));
        }
        let out = &mut pipes[self.side];
        if out.ending.is_some() {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        if out.is_abandoned {
            // They go on their way; the answer is a reset.
            out.end(Ending::Reset);
            pipes[1 - self.side].end(Ending::Reset);
            return Poll::Ready(Ok(octets.len()));
        }
        let room = CAPACITY.saturating_sub(out.octets);
        if room == 0 && !octets.is_empty() {
            out.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let taken = &octets[..octets.len().min(room)];
        if !taken.is_empty() {
            out.octets += taken.len();
            out.pieces.push_back(taken.to_vec());
        }
        if let Some(reader) = out.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(taken.len()))
    }

    fn close(&self) {
        self.pipes()[self.side].end(Ending::Fin);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let resets = self.resets;
        let mut pipes = self.pipes();
        let incoming = &mut pipes[1 - self.side];
        let resets = resets || !incoming.pieces.is_empty();
        incoming.is_abandoned = true;
        if resets {
            incoming.end(Ending::Reset);
        }
        incoming.wake();
        pipes[self.side].end(if resets { Ending::Reset } else { Ending::Fin });
    }
}

impl Link for End {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.read(context, buffer)
    }

    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.write(context, octets)
    }

    fn half_close(&mut self) -> Pending<'_, io::Result<()>> {
        self.close();
        Box::pin(std::future::ready(Ok(())))
    }

    fn reset(mut self: Box<Self>) {
        self.reset_on_drop();
    }
}

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.read(context, buffer.initialize_unfilled())
            .map_ok(|count| buffer.advance(count))
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(context, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.close();
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn read(end: &mut End) -> Result<Vec<u8>, ErrorKind> {
        let mut buffer = [0; 8];
        let count = tokio::io::AsyncReadExt::read(end, &mut buffer).await;
        count
            .map(|count| buffer[..count].to_vec())
            .map_err(|error| error.kind())
    }

    #[tokio::test]
    async fn what_was_written_arrives_as_it_was_and_before_the_end() {
        let (mut one, mut other) = pair();
        one.write_all(b"ab").await.unwrap();
        one.write_all(b"c").await.unwrap();
        one.shutdown().await.unwrap();
        assert_eq!(
            one.write_all(b"d").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
        for expected in ["ab", "c", "", ""] {
            assert_eq!(read(&mut other).await, Ok(expected.into()));
        }
        other.write_all(b"e").await.unwrap();
        drop(other);
        for expected in ["e", ""] {
            assert_eq!(read(&mut one).await, Ok(expected.into()));
        }
    }

    #[tokio::test]
    async fn an_end_is_a_reset_where_tcp_makes_one() {
        let reset = Err(ErrorKind::ConnectionReset);
        let (mut one, mut other) = pair();
        other.write_all(b"a").await.unwrap();
        other.reset_on_drop();
        drop(other);
        assert_eq!(read(&mut one).await, Ok(b"a".to_vec()));
        assert_eq!(read(&mut one).await, reset, "asked for");
        let (mut one, other) = pair();
        one.write_all(b"a").await.unwrap();
        drop(other);
        assert_eq!(read(&mut one).await, reset, "with octets unread");
        let (mut one, mut other) = pair();
        other.shutdown().await.unwrap();
        drop(other);
        assert_eq!(read(&mut one).await, Ok(Vec::new()));
        one.write_all(b"a").await.unwrap();
        let second = one.write_all(b"a").await.unwrap_err().kind();
        assert_eq!(second, ErrorKind::BrokenPipe, "written to when it is gone");
    }

    #[tokio::test]
    async fn whoever_writes_more_than_is_read_waits() {
        let (mut one, mut other) = pair();
        let sent = vec![7; 3 * CAPACITY];
        let (wrote, received) = tokio::join!(
            async {
                one.write_all(&sent).await.unwrap();
                one.shutdown().await
            },
            async {
                let mut received = Vec::new();
                other.read_to_end(&mut received).await.unwrap();
                received
            }
        );
        wrote.unwrap();
        assert_eq!(received, sent);
    }
}
