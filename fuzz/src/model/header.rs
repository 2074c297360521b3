//! The header of a frame, octet by octet (RFC 6455 §5.2).
//!
//! ```text
//!  0 1 2 3 4 5 6 7   0   1 2 3 4 5 6 7
//! +-+-+-+-+-------+ +-+-------------+ +- - - - - - -+ +- - - - - - -+
//! |F|R|R|R| opcode| |M| Payload len | | Extended    | | Masking-key |
//! |I|S|S|S|  (4)  | |A|     (7)     | | payload     | | (0 or 4     |
//! |N|V|V|V|       | |S|             | | length      | | octets)     |
//! | |1|2|3|       | |K|             | | (0, 2 or 8) | |             |
//! +-+-+-+-+-------+ +-+-------------+ +- - - - - - -+ +- - - - - - -+
//! ```

/// A header as it was sent, lawful or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// FIN.
    pub fin: bool,
    /// RSV1 counts 4, RSV2 counts 2, RSV3 counts 1.
    pub rsv: u8,
    /// The opcode.
    pub opcode: u8,
    /// The masking key, where MASK is set.
    pub key: Option<[u8; 4]>,
    /// The payload length.
    pub length: u64,
    /// How many octets the extended payload length has: 0, 2 or 8.
    pub extended: usize,
}

impl Header {
    /// Reads a header and tells how many octets it has; nothing as long as some are missing.
    pub fn read(octets: &[u8]) -> Option<(Self, usize)> {
        let (first, second) = (*octets.first()?, *octets.get(1)?);
        let extended = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let key_at = 2 + extended;
        let length = match extended {
            0 => u64::from(second & 0x7f),
            // §5.2: "Multibyte length quantities are expressed in network byte order."
            _ => octets
                .get(2..key_at)?
                .iter()
                .fold(0, |length, octet| length << 8 | u64::from(*octet)),
        };
        let (key, end) = match second & 0x80 {
            0 => (None, key_at),
            _ => (
                Some(octets.get(key_at..key_at + 4)?.try_into().ok()?),
                key_at + 4,
            ),
        };
        let header = Self {
            fin: first & 0x80 != 0,
            rsv: first >> 4 & 0x7,
            opcode: first & 0xf,
            key,
            length,
            extended,
        };
        Some((header, end))
    }

    /// §5.5: "Control frames are identified by opcodes where the most significant bit of the opcode
    /// is 1."
    pub const fn is_control(&self) -> bool {
        self.opcode & 0x8 != 0
    }

    /// Whether the opcode is reserved (§5.2: 3 to 7, and B to F).
    pub const fn is_reserved(&self) -> bool {
        matches!(self.opcode, 0x3..=0x7 | 0xb..)
    }

    /// Whether fewer octets would hold the length.
    pub const fn is_longer_than_needed(&self) -> bool {
        match self.extended {
            0 => false,
            2 => self.length <= 125,
            _ => self.length <= 0xffff,
        }
    }
}
