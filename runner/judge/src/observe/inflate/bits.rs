//! Reading bits, least significant first (RFC 1951 §3.1.1).

/// Bits of octets that may go on.
#[derive(Debug, Clone)]
pub(super) struct Bits<'a> {
    octets: &'a [u8],
    /// The place of the next bit.
    at: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn new(octets: &'a [u8], at: usize) -> Self {
        Self { octets, at }
    }

    /// The place of the next bit.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many bits there are.
    pub(super) fn left(&self) -> usize {
        8 * self.octets.len() - self.at
    }

    /// The next bits, at least 48 where there are so many; behind the end they are zero.
    pub(super) fn peek(&self) -> u64 {
        let (octet, bit) = (self.at / 8, self.at % 8);
        let rest = &self.octets[octet.min(self.octets.len())..];
        let word = match rest.first_chunk() {
            Some(eight) => u64::from_le_bytes(*eight),
            None => {
                let mut eight = [0; 8];
                eight[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(eight)
            }
        };
        word >> bit
    }

    /// Goes on by so many bits; nothing where there are fewer.
    pub(super) fn skip(&mut self, count: u32) -> Option<()> {
        if self.left() < count as usize {
            return None;
        }
        self.at += count as usize;
        Some(())
    }

    /// Takes up to 32 bits.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek() & ((1 << count) - 1);
        self.skip(count)?;
        u32::try_from(bits).ok()
    }

    /// Goes on to the beginning of an octet. Says whether what was passed over is zero.
    pub(super) fn align(&mut self) -> bool {
        let missing = (8 - self.at % 8) % 8;
        let passed = self.peek() & ((1 << missing) - 1);
        self.at += missing;
        passed == 0
    }

    /// Takes whole octets, as many as there are of so many; the next bit begins an octet.
    pub(super) fn take_octets(&mut self, most: usize) -> &'a [u8] {
        let from = self.at / 8;
        let to = (from + most).min(self.octets.len());
        self.at = 8 * to;
        &self.octets[from..to]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_from_the_low_end() {
        let mut bits = Bits::new(&[0b1010_0110, 0xff, 0x01, 0x02], 0);
        assert_eq!(bits.take(3), Some(0b110));
        assert_eq!(bits.take(5), Some(0b10100));
        assert_eq!(bits.take(4), Some(0xf));
        assert!(!bits.align());
        assert_eq!(bits.take_octets(9), [1, 2]);
        assert_eq!((bits.left(), bits.take(1)), (0, None));
        assert!(bits.align());
    }
}
