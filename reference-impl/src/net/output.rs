//! Buffers on their way to a stream.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::AsyncWrite;

/// What is being written: buffers, none of them empty, in order.
#[derive(Debug, Default)]
pub(super) struct Output {
    buffers: VecDeque<Vec<u8>>,
    /// How much of the first buffer was written.
    written: usize,
    /// How many octets are left to be written.
    octets: usize,
}

impl Output {
    pub(super) fn push(&mut self, buffer: Vec<u8>) {
        self.octets += buffer.len();
        self.buffers.push_back(buffer);
    }

    pub(super) const fn octets(&self) -> usize {
        self.octets
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.octets == 0
    }

    /// Writes as much as `stream` takes at once, and of the first buffer at most so many octets if
    /// that is less than there are, and says how much it was.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        octets_max: usize,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = self.buffers.front()
            && octets_max < self.octets
        {
            let end = first.len().min(self.written + octets_max);
            return Pin::new(stream).poll_write(context, &first[self.written..end]);
        }
        if let Some(only) = self.buffers.front()
            && self.buffers.len() == 1
        {
            return Pin::new(stream).poll_write(context, &only[self.written..]);
        }
        let mut slices = [IoSlice::new(&[]); BUFFERS_AT_ONCE];
        let mut start = self.written;
        for (slice, buffer) in slices.iter_mut().zip(&self.buffers) {
            *slice = IoSlice::new(&buffer[start..]);
            start = 0;
        }
        let count = self.buffers.len().min(BUFFERS_AT_ONCE);
        Pin::new(stream).poll_write_vectored(context, &slices[..count])
    }

    /// Forgets the first `count` octets, which were written, and gives buffers that are done with
    /// to `reuse`.
    pub(super) fn forget(&mut self, count: usize, mut reuse: impl FnMut(Vec<u8>)) {
        self.octets -= count;
        self.written += count;
        while let Some(first) = self.buffers.front()
            && first.len() <= self.written
        {
            self.written -= first.len();
            self.buffers.pop_front().into_iter().for_each(&mut reuse);
        }
    }
}

/// How many buffers are handed to the stream at once.
const BUFFERS_AT_ONCE: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Waker;
    use tokio::io::AsyncReadExt as _;

    #[test]
    fn whatever_the_stream_takes_all_is_written_in_order_and_given_back() {
        for (taken_at_once, octets_max) in [1, 2, 3, 7, 1_000]
            .into_iter()
            .flat_map(|taken| [(taken, usize::MAX), (taken, 2)])
        {
            let (mut stream, mut other) = tokio::io::duplex(taken_at_once);
            let mut context = Context::from_waker(Waker::noop());
            let buffers: Vec<_> = (1..=40_u8).map(|i| vec![i; i.into()]).collect();
            let (mut output, mut given_back, mut read) =
                (Output::default(), Vec::new(), Vec::new());
            buffers
                .iter()
                .for_each(|buffer| output.push(buffer.clone()));
            while !output.is_empty() {
                let written = output.poll_write(&mut stream, octets_max, &mut context);
                if let Poll::Ready(count) = written {
                    let count = count.expect("the other end is open");
                    output.forget(count, |buffer| given_back.push(buffer));
                }
                let _ = pin!(other.read_buf(&mut read)).poll(&mut context);
            }
            while pin!(other.read_buf(&mut read))
                .poll(&mut context)
                .is_ready()
            {}
            assert_eq!(read, buffers.concat(), "{taken_at_once} at once");
            assert_eq!(given_back, buffers, "{taken_at_once} at once");
            assert_eq!(output.octets(), 0);
        }
    }
}
