//! Reading DEFLATE data (RFC 1951) for what zlib does not tell: the distances.

/// What compressed messages use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Usage {
    /// The greatest distance of a reference, in octets; 0 if there is none.
    pub(crate) distance_max: usize,
    /// Whether some message refers to a message before it.
    pub(crate) takes_over: bool,
}

/// Inflates messages that follow each other, tails left out, and adds up what they use.
#[derive(Default)]
pub(crate) struct DeflateReader {
    pub(crate) usage: Usage,
    output: Vec<u8>,
}

impl DeflateReader {
    /// The message whose compressed payload this is.
    pub(crate) fn message(&mut self, payload: &[u8]) -> Vec<u8> {
        let start = self.output.len();
        let octets = [payload, &[0x00, 0x00, 0xff, 0xff]].concat();
        let mut bits = Bits {
            octets: &octets,
            at: 0,
        };
        while bits.at < 8 * octets.len() {
            assert_eq!(bits.take(1), 0, "BFINAL is clear in what zlib flushes");
            match bits.take(2) {
                0 => self.stored(&mut bits),
                1 => self.coded(&mut bits, &fixed_lengths(), &[5; 30], start),
                2 => {
                    let (literals, distances) = dynamic_lengths(&mut bits);
                    self.coded(&mut bits, &literals, &distances, start);
                }
                _ => panic!("block type 3"),
            }
        }
        self.output[start..].to_vec()
    }

    fn stored(&mut self, bits: &mut Bits<'_>) {
        bits.at = bits.at.next_multiple_of(8);
        let length = bits.take(16);
        assert_eq!(bits.take(16), length ^ 0xffff, "NLEN");
        for _ in 0..length {
            self.output.push(bits.take(8) as u8);
        }
    }

    fn coded(&mut self, bits: &mut Bits<'_>, literals: &[u8], distances: &[u8], start: usize) {
        let (literals, distances) = (Code::new(literals), Code::new(distances));
        loop {
            let symbol = literals.take(bits);
            match symbol {
                0..=255 => self.output.push(symbol as u8),
                256 => return,
                _ => {
                    let (base, extra) = LENGTHS[symbol - 257];
                    let length = base + bits.take(extra);
                    let (base, extra) = DISTANCES[distances.take(bits)];
                    let distance = base + bits.take(extra);
                    let from = self.output.len() - distance;
                    self.usage.distance_max = self.usage.distance_max.max(distance);
                    self.usage.takes_over |= from < start;
                    for at in from..from + length {
                        self.output.push(self.output[at]);
                    }
                }
            }
        }
    }
}

struct Bits<'a> {
    octets: &'a [u8],
    /// How many bits were taken.
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> usize {
        let bit = |at: usize| usize::from(self.octets[at / 8] >> (at % 8) & 1);
        let value = (0..count).map(|i| bit(self.at + i) << i).sum();
        self.at += count;
        value
    }
}

/// A Huffman code (§3.2.2).
struct Code {
    /// How many codes there are of each length.
    counts: [usize; 16],
    /// The symbols in the order of their codes.
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        let mut symbols = Vec::new();
        for length in 1..16 {
            let with_length = lengths.iter().enumerate().filter(|&(_, &l)| l == length);
            symbols.extend(with_length.map(|(symbol, _)| symbol));
            counts[usize::from(length)] = lengths.iter().filter(|&&l| l == length).count();
        }
        Self { counts, symbols }
    }

    fn take(&self, bits: &mut Bits<'_>) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such code");
    }
}

/// §3.2.6.
fn fixed_lengths() -> Vec<u8> {
    [vec![8; 144], vec![9; 112], vec![7; 24], vec![8; 8]].concat()
}

/// §3.2.7.
fn dynamic_lengths(bits: &mut Bits<'_>) -> (Vec<u8>, Vec<u8>) {
    const ORDER: [usize; 19] = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ];
    let literals = 257 + bits.take(5);
    let distances = 1 + bits.take(5);
    let count = 4 + bits.take(4);
    let mut code_lengths = [0; 19];
    for symbol in &ORDER[..count] {
        code_lengths[*symbol] = bits.take(3) as u8;
    }
    let code = Code::new(&code_lengths);
    let mut lengths = Vec::new();
    while lengths.len() < literals + distances {
        let (length, times) = match code.take(bits) {
            16 => (
                *lengths.last().expect("a length to repeat"),
                3 + bits.take(2),
            ),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            length => (length as u8, 1),
        };
        lengths.resize(lengths.len() + times, length);
    }
    let distances = lengths.split_off(literals);
    (lengths, distances)
}

/// The first length of each code and its extra bits (§3.2.5).
const LENGTHS: [(usize, usize); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// The first distance of each code and its extra bits (§3.2.5).
const DISTANCES: [(usize, usize); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];
