//! The blocks of DEFLATE data (RFC 1951 §3.2).

use std::sync::{Arc, LazyLock};

use super::bits::Bits;
use super::code::{Code, NoSymbol};

/// The beginning of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockStart {
    /// The bit BFINAL.
    pub(super) is_final: bool,
    pub(super) kind: BlockKind,
}

/// What BTYPE says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockKind {
    Stored,
    Fixed,
    Dynamic,
}

/// Why data cannot be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is not enough of them.
    Missing,
    /// They are not DEFLATE data.
    Invalid,
}

impl From<NoSymbol> for Trouble {
    fn from(no_symbol: NoSymbol) -> Self {
        match no_symbol {
            NoSymbol::Missing => Self::Missing,
            NoSymbol::Unknown => Self::Invalid,
        }
    }
}

/// The two codes of a compressed block.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    literals: Code,
    distances: Code,
}

/// What stands in a compressed block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Literal(u8),
    /// What stands so far back, so long.
    Copy {
        length: usize,
        distance: usize,
    },
    EndOfBlock,
}

static FIXED: LazyLock<Arc<Codes>> = LazyLock::new(|| {
    let literals = [(144, 8), (112, 9), (24, 7), (8, 8)];
    let literals: Vec<u8> = literals
        .into_iter()
        .flat_map(|(count, length)| std::iter::repeat_n(length, count))
        .collect();
    Arc::new(Codes {
        literals: Code::new(&literals).expect("RFC 1951 §3.2.6 has it"),
        distances: Code::new(&[5; 32]).expect("RFC 1951 §3.2.6 has it"),
    })
});

/// By symbol from 257 on: the shortest length, and how many bits say what is added.
const LENGTHS: [(u16, u8); 29] = [
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

/// By symbol: the shortest distance, and how many bits say what is added.
const DISTANCES: [(u16, u8); 30] = [
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

/// In which order the lengths of the code of lengths stand.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Reads the beginning of a block.
pub(super) fn start(bits: &mut Bits<'_>) -> Result<BlockStart, Trouble> {
    let header = bits.take(3).ok_or(Trouble::Missing)?;
    let kind = match header >> 1 {
        0 => BlockKind::Stored,
        1 => BlockKind::Fixed,
        2 => BlockKind::Dynamic,
        _ => return Err(Trouble::Invalid),
    };
    Ok(BlockStart {
        is_final: header & 1 == 1,
        kind,
    })
}

/// Reads how long a stored block is.
pub(super) fn stored_length(bits: &mut Bits<'_>) -> Result<usize, Trouble> {
    let both = bits.take(32).ok_or(Trouble::Missing)?;
    let (length, complement) = (both & 0xffff, both >> 16);
    if length ^ complement != 0xffff {
        return Err(Trouble::Invalid);
    }
    Ok(length as usize)
}

impl Codes {
    /// The codes that need not be sent.
    pub(super) fn fixed() -> Arc<Self> {
        Arc::clone(&FIXED)
    }

    /// Reads the codes at the beginning of a block that has its own.
    pub(super) fn read(bits: &mut Bits<'_>) -> Result<Arc<Self>, Trouble> {
        let mut take = |count| bits.take(count).ok_or(Trouble::Missing);
        let literals = take(5)? as usize + 257;
        let distances = take(5)? as usize + 1;
        let lengths = take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Trouble::Invalid);
        }
        let mut of_lengths = [0; 19];
        for &place in &ORDER[..lengths] {
            of_lengths[place] = take(3)? as u8;
        }
        let of_lengths = Code::new(&of_lengths).ok_or(Trouble::Invalid)?;
        let lengths = read_lengths(&of_lengths, literals + distances, bits)?;
        let (literals, distances) = lengths.split_at(literals);
        Ok(Arc::new(Self {
            literals: Code::new(literals).ok_or(Trouble::Invalid)?,
            distances: Code::new(distances).ok_or(Trouble::Invalid)?,
        }))
    }

    /// Reads what comes next in the block.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<Symbol, Trouble> {
        let symbol = self.literals.read(bits)?;
        if let Ok(literal) = u8::try_from(symbol) {
            return Ok(Symbol::Literal(literal));
        }
        if symbol == 256 {
            return Ok(Symbol::EndOfBlock);
        }
        let length = extended(&LENGTHS, usize::from(symbol) - 257, bits)?;
        let symbol = self.distances.read(bits)?;
        let distance = extended(&DISTANCES, symbol.into(), bits)?;
        Ok(Symbol::Copy { length, distance })
    }
}

fn extended(table: &[(u16, u8)], at: usize, bits: &mut Bits<'_>) -> Result<usize, Trouble> {
    let &(base, extra) = table.get(at).ok_or(Trouble::Invalid)?;
    let added = bits.take(extra.into()).ok_or(Trouble::Missing)?;
    Ok(usize::from(base) + added as usize)
}

/// Reads the lengths of codes, of which runs are shortened.
fn read_lengths(code: &Code, count: usize, bits: &mut Bits<'_>) -> Result<Vec<u8>, Trouble> {
    let mut lengths = Vec::with_capacity(count);
    while lengths.len() < count {
        let symbol = code.read(bits)?;
        let (length, times, extra) = match symbol {
            16 => (*lengths.last().ok_or(Trouble::Invalid)?, 3, 2),
            17 => (0, 3, 3),
            18 => (0, 11, 7),
            length => (length as u8, 1, 0),
        };
        let times = times + bits.take(extra).ok_or(Trouble::Missing)? as usize;
        lengths.extend(std::iter::repeat_n(length, times));
    }
    if lengths.len() > count {
        return Err(Trouble::Invalid);
    }
    Ok(lengths)
}
