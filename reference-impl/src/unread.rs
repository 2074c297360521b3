//! Octets that have arrived and were not looked at.

/// A queue of octets, whose first ones are looked at before they are taken.
#[derive(Debug)]
pub(crate) struct Unread {
    buffer: Vec<u8>,
    /// How many octets at the start of the buffer were taken.
    taken: usize,
    /// How many octets to read at a time.
    read_octets: usize,
}

impl Unread {
    pub(crate) const fn new() -> Self {
        Self {
            buffer: Vec::new(),
            taken: 0,
            read_octets: READ_OCTETS_MIN,
        }
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.buffer[self.taken..]
    }

    /// Appends octets.
    pub(crate) fn push(&mut self, octets: &[u8]) {
        self.forget_taken();
        self.buffer.extend_from_slice(octets);
    }

    /// Appends what `read` appends to the buffer it is handed, which has room for some.
    pub(crate) fn push_from<T>(&mut self, read: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.forget_taken();
        self.buffer.reserve(self.read_octets);
        let outcome = read(&mut self.buffer);
        if self.buffer.len() == self.buffer.capacity() && self.read_octets < READ_OCTETS_MAX {
            // More waits, it seems.
            self.read_octets *= 2;
        }
        outcome
    }

    /// From now on little is read at a time: most of what comes goes elsewhere.
    pub(crate) fn read_little(&mut self) {
        self.read_octets = READ_OCTETS_MIN;
        // Readers use all the room there is. A little too much is better than a new buffer.
        if self.buffer.capacity() > 4 * READ_OCTETS_MIN {
            self.forget_taken();
            self.buffer.shrink_to(READ_OCTETS_MIN);
        }
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

/// How many octets are read at a time, at first and at most.
const READ_OCTETS_MIN: usize = 4 << 10;
const READ_OCTETS_MAX: usize = 64 << 10;
