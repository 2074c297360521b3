//! Sets of the rows of a table.

/// A set of small numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Bits<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Default for Bits<WORDS> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<const WORDS: usize> Bits<WORDS> {
    pub(crate) const NONE: Self = Self([0; WORDS]);

    /// How many numbers there is room for.
    #[cfg(test)]
    pub(crate) const COUNT: usize = WORDS * 64;

    #[must_use]
    pub(crate) const fn with(mut self, bit: usize) -> Self {
        self.0[bit / 64] |= 1 << (bit % 64);
        self
    }

    #[must_use]
    pub(crate) const fn union(mut self, other: Self) -> Self {
        let mut word = 0;
        while word < WORDS {
            self.0[word] |= other.0[word];
            word += 1;
        }
        self
    }

    #[inline]
    pub(crate) const fn include(&self, bit: usize) -> bool {
        self.0[bit / 64] & 1 << (bit % 64) != 0
    }

    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        let mut word = 0;
        let mut all = 0;
        while word < WORDS {
            all |= self.0[word];
            word += 1;
        }
        all == 0
    }
}
