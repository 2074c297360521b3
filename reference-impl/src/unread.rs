//! Octets that have arrived and were not looked at.

/// A queue of octets, whose first ones are looked at before they are taken.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    buffer: Vec<u8>,
    /// How many octets at the start of the buffer were taken.
    taken: usize,
}

impl Unread {
    pub(crate) fn octets(&self) -> &[u8] {
        &self.buffer[self.taken..]
    }

    /// Appends octets.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        self.forget_taken();
        self.buffer.extend_from_slice(octets);
    }

    /// Appends what `read` appends to the buffer it is handed; of its capacity it is to use no
    /// more than it is told.
    pub(crate) fn push_from<T>(&mut self, read: impl FnOnce(&mut Vec<u8>, usize) -> T) -> T {
        self.forget_taken();
        self.buffer.reserve(READ_OCTETS);
        read(&mut self.buffer, READ_OCTETS)
    }

    /// Takes the first `count` octets, or all if there are fewer.
    pub(crate) fn take(&mut self, count: u64) -> &[u8] {
        let start = self.taken;
        let there = self.buffer.len() - start;
        self.taken += usize::try_from(count).map_or(there, |count| count.min(there));
        &self.buffer[start..self.taken]
    }

    pub(crate) fn clear(&mut self) {
        self.taken = self.buffer.len();
    }

    /// Makes room at the end. Little is moved: readers leave no more than a part of a header.
    fn forget_taken(&mut self) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
    }
}

/// How many octets are read at a time: more than enough for many small frames, and little to be
/// copied of a long one.
const READ_OCTETS: usize = 8 << 10;
