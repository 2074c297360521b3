//! Huffman codes (RFC 1951 §3.2).

use super::bits::Bits;

/// The longest code of a symbol.
const LENGTH_MAX: usize = 15;
/// Codes of up to this length are looked up in one step.
const FAST_BITS: u32 = 9;

/// A Huffman code that is given by the lengths of its symbols' codes.
#[derive(Debug, Clone)]
pub(super) struct Code {
    /// For the next bits the symbol and the length of its code; the length is zero where the
    /// code is longer or there is none.
    fast: Vec<(u16, u8)>,
    /// How many codes there are of each length.
    counts: [u16; LENGTH_MAX + 1],
    /// The symbols in the order of their codes.
    symbols: Vec<u16>,
}

/// Why there is no symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoSymbol {
    /// The bits end before.
    Missing,
    /// No symbol has this code.
    Unknown,
}

impl Code {
    /// The code whose symbols have codes of these lengths. Nothing where there are more codes
    /// than bits can tell apart; fewer are a code, some of whose bits mean nothing.
    pub(super) fn new(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0_u16; LENGTH_MAX + 1];
        for &length in lengths {
            counts[usize::from(length)] += 1;
        }
        counts[0] = 0;
        let mut left = 1_i32;
        let mut starts = [0_usize; LENGTH_MAX + 2];
        let mut first_codes = [0_u32; LENGTH_MAX + 2];
        for length in 1..=LENGTH_MAX {
            let count = counts[length];
            left = 2 * left - i32::from(count);
            if left < 0 {
                return None;
            }
            starts[length + 1] = starts[length] + usize::from(count);
            first_codes[length + 1] = (first_codes[length] + u32::from(count)) << 1;
        }
        let mut symbols = vec![0; starts[LENGTH_MAX + 1]];
        let mut fast = vec![(0, 0); 1 << FAST_BITS];
        for (symbol, &length) in (0_u16..).zip(lengths) {
            if length == 0 {
                continue;
            }
            let place = &mut starts[usize::from(length)];
            symbols[*place] = symbol;
            *place += 1;
            let code = &mut first_codes[usize::from(length)];
            if u32::from(length) <= FAST_BITS {
                // Codes are sent from their most significant bit on.
                let reversed = code.reverse_bits() >> (32 - u32::from(length));
                for entry in fast.iter_mut().skip(reversed as usize).step_by(1 << length) {
                    *entry = (symbol, length);
                }
            }
            *code += 1;
        }
        Some(Self {
            fast,
            counts,
            symbols,
        })
    }

    /// The next symbol.
    pub(super) fn read(&self, bits: &mut Bits<'_>) -> Result<u16, NoSymbol> {
        let next = bits.peek();
        let (symbol, length) = self.fast[(next & ((1 << FAST_BITS) - 1)) as usize];
        if length > 0 {
            bits.skip(length.into()).ok_or(NoSymbol::Missing)?;
            return Ok(symbol);
        }
        self.read_slowly(next, bits)
    }

    fn read_slowly(&self, mut next: u64, bits: &mut Bits<'_>) -> Result<u16, NoSymbol> {
        let (mut code, mut first, mut index) = (0_u32, 0_u32, 0_u32);
        for (length, &count) in (1_u32..).zip(&self.counts[1..]) {
            code |= (next & 1) as u32;
            next >>= 1;
            let count = u32::from(count);
            if code < first + count {
                bits.skip(length).ok_or(NoSymbol::Missing)?;
                let place = index + (code - first);
                return Ok(self.symbols[place as usize]);
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        // What is missing reads as zeros, which is no code either.
        match bits.left() < LENGTH_MAX {
            true => Err(NoSymbol::Missing),
            false => Err(NoSymbol::Unknown),
        }
    }
}
