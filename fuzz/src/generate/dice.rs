//! Choices made from a list of octets, of which any will do.

use arbitrary::Unstructured;

/// Makes choices. When its octets are used up, it makes the first choice each time, so that
/// everything comes to an end.
#[derive(Debug)]
pub struct Dice<'octets> {
    octets: Unstructured<'octets>,
}

impl<'octets> Dice<'octets> {
    /// Choices from these octets.
    pub fn new(octets: &'octets [u8]) -> Self {
        Self {
            octets: Unstructured::new(octets),
        }
    }

    /// A number below `end`, which is 0 at the end.
    pub fn below(&mut self, end: usize) -> usize {
        self.between(0, end.saturating_sub(1))
    }

    /// A number of these or between.
    pub fn between(&mut self, first: usize, last: usize) -> usize {
        self.octets
            .int_in_range(first..=last.max(first))
            .unwrap_or(first)
    }

    /// True once in so many times, and never at the end.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == times - 1 && !self.octets.is_empty()
    }

    /// One of these.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Any octet.
    pub fn octet(&mut self) -> u8 {
        self.octets.arbitrary().unwrap_or(0)
    }

    /// Any 64 bits.
    pub fn word(&mut self) -> u64 {
        self.octets.arbitrary().unwrap_or(0)
    }

    /// Any octets, so many at the most.
    pub fn octets(&mut self, at_most: usize) -> Vec<u8> {
        let count = self.between(0, at_most).min(self.octets.len());
        self.octets.bytes(count).unwrap_or_default().to_vec()
    }

    /// Whether the octets are used up.
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}
