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

    /// Writes as much as `stream` takes at once and says how much that was.
    pub(super) fn poll_write<S: AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); BUFFERS_AT_ONCE];
        let mut start = self.written;
        for (slice, buffer) in slices.iter_mut().zip(&self.buffers) {
            *slice = IoSlice::new(&buffer[start..]);
            start = 0;
        }
        let count = self.buffers.len().min(BUFFERS_AT_ONCE);
        match &slices[..count] {
            [slice] => Pin::new(stream).poll_write(context, slice),
            slices => Pin::new(stream).poll_write_vectored(context, slices),
        }
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
