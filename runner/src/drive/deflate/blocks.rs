//! Blocks of which zlib would not make these octets (RFC 1951 §3.2): literals alone.

/// The longest stored block.
const STORED_OCTETS_MAX: usize = 0xffff;
/// The symbol that ends a block.
const END_OF_BLOCK: u16 = 256;

/// Stored blocks, of which the last one is empty.
pub(super) fn stored(payload: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(payload.len() + 5);
    for octets in payload.chunks(STORED_OCTETS_MAX).chain([&[][..]]) {
        let length = octets.len() as u16;
        output.push(0);
        output.extend_from_slice(&length.to_le_bytes());
        output.extend_from_slice(&(!length).to_le_bytes());
        output.extend_from_slice(octets);
    }
    output
}

/// A block with the fixed codes, and an empty stored one.
pub(super) fn fixed(payload: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b01 << 1, 3);
    for symbol in symbols(payload) {
        match symbol {
            0..=143 => bits.push_code(0x30 + symbol, 8),
            144..=255 => bits.push_code(0x190 + symbol - 144, 9),
            _ => bits.push_code(0, 7),
        }
    }
    bits.ended()
}

/// A block with codes of its own, and an empty stored one. 255 literals have 8 bits; the last
/// one and the end have 9.
pub(super) fn dynamic(payload: &[u8]) -> Vec<u8> {
    /// How many codes of lengths are given, in the order of §3.2.7: 16, 17, 18, 0, 8, 7, 9, …, 1.
    const LENGTHS: u32 = 18;
    let mut bits = Bits::default();
    bits.push(0b10 << 1, 3);
    // 257 literals, one distance.
    bits.push(0, 5);
    bits.push(0, 5);
    bits.push(LENGTHS - 4, 4);
    for at in 0..LENGTHS {
        // The lengths 1, 8 and 9 are all that is needed; 8 is the most frequent.
        let length = match at {
            4 => 1,
            6 | 17 => 2,
            _ => 0,
        };
        bits.push(length, 3);
    }
    let (one, eight, nine) = ((0b10, 2), (0b0, 1), (0b11, 2));
    for (code, length) in std::iter::repeat_n(eight, 255).chain([nine, nine, one]) {
        bits.push_code(code, length);
    }
    for symbol in symbols(payload) {
        match symbol {
            0..=254 => bits.push_code(symbol, 8),
            255 => bits.push_code(0x1fe, 9),
            _ => bits.push_code(0x1ff, 9),
        }
    }
    bits.ended()
}

fn symbols(payload: &[u8]) -> impl Iterator<Item = u16> {
    let literals = payload.iter().map(|octet| u16::from(*octet));
    literals.chain([END_OF_BLOCK])
}

/// Bits in octets, the least significant first (§3.1.1).
#[derive(Debug, Default)]
struct Bits {
    octets: Vec<u8>,
    /// How many bits of the last octet are taken.
    taken: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for at in 0..count {
            if self.taken == 0 {
                self.octets.push(0);
            }
            if let Some(last) = self.octets.last_mut() {
                *last |= ((value >> at & 1) as u8) << self.taken;
            }
            self.taken = (self.taken + 1) % 8;
        }
    }

    /// Codes stand with their most significant bit first.
    fn push_code(&mut self, code: u16, length: u32) {
        self.push(u32::from(code.reverse_bits()) >> (16 - length), length);
    }

    /// With an empty stored block behind it.
    fn ended(mut self) -> Vec<u8> {
        self.push(0, 3);
        self.octets.extend_from_slice(&[0x00, 0x00, 0xff, 0xff]);
        self.octets
    }
}
