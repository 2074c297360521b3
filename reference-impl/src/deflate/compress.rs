//! Compressing messages (RFC 7692 §7.2.1).

use super::Direction;
use flate2::{Compress, Compression, FlushCompress};

/// Of which blocks a compressed message is made (§7.2.1 leaves that open).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// As zlib has it.
    Usual,
    /// Each half of the message in blocks of its own, with the empty one between them.
    TwoBlocks,
    /// The last block with data has BFINAL set.
    FinalBlock,
    /// The same, without the empty block that has to follow: a deviation.
    BareFinalBlock,
}

/// The compressing half of the extension.
pub(crate) struct Deflater {
    direction: Direction,
    level: Compression,
    manner: Manner,
    /// Made for the first message: many connections send none.
    compress: Option<Compress>,
    output: Vec<u8>,
}

impl Deflater {
    /// Compresses as `direction` has it, at a zlib `level` from 0 to 9.
    pub(crate) fn new(direction: Direction, level: u8, manner: Manner) -> Self {
        Self {
            direction,
            manner,
            level: Compression::new(u32::from(level.min(LEVEL_MAX))),
            compress: None,
            output: Vec::new(),
        }
    }

    /// The payload of the compressed message for `payload`.
    pub(crate) fn deflate(&mut self, payload: &[u8]) -> &[u8] {
        if self.output.capacity() > SPARE_OCTETS_MAX {
            self.output = Vec::new();
        }
        self.output.clear();
        // §7.2.3.6: one octet of zero is an empty message. zlib, asked to flush twice in a row,
        // gives nothing at all.
        if payload.is_empty() {
            self.output.push(0);
            return &self.output;
        }
        let compress = match &mut self.compress {
            Some(compress) => {
                // Behind a final block zlib goes on with nothing but another stream.
                let finals = matches!(self.manner, Manner::FinalBlock | Manner::BareFinalBlock);
                if !self.direction.context_takeover || finals {
                    compress.reset();
                }
                compress
            }
            none => none.insert(new_compress(self.direction, self.level)),
        };
        if matches!(self.manner, Manner::FinalBlock | Manner::BareFinalBlock) {
            write_into(compress, payload, FlushCompress::Finish, &mut self.output);
            // §7.2.3.4: the empty stored block begins in an octet of its own.
            if self.manner == Manner::FinalBlock {
                self.output.push(0);
            }
            return &self.output;
        }
        let mut rest = payload;
        if self.manner == Manner::TwoBlocks {
            let (first, second) = payload.split_at(payload.len() / 2);
            // Asked to flush nothing, zlib does nothing.
            if !first.is_empty() {
                write_into(compress, first, FlushCompress::Sync, &mut self.output);
                rest = second;
            }
        }
        write_into(compress, rest, FlushCompress::Sync, &mut self.output);
        // §7.2.1: "Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end."
        debug_assert!(self.output.ends_with(&TAIL), "a flush ends with the tail");
        self.output.truncate(self.output.len() - TAIL.len());
        &self.output
    }
}

fn new_compress(direction: Direction, level: Compression) -> Compress {
    // With 9 bits zlib refers back by at most 512 - 262 octets, which fits a window of 8 bits.
    let bits = direction.window_bits.bits().max(9);
    Compress::new_with_window_bits(level, false, bits)
}

/// Compresses `payload` and flushes. After [`FlushCompress::Sync`] what was appended to `output`
/// ends with an empty stored block (§7.2.1), after [`FlushCompress::Finish`] with a final one.
fn write_into(compress: &mut Compress, payload: &[u8], flush: FlushCompress, output: &mut Vec<u8>) {
    let start = compress.total_in();
    loop {
        let taken = (compress.total_in() - start) as usize;
        let left = &payload[taken..];
        output.reserve((left.len() / 4).max(OUTPUT_STEP_OCTETS));
        compress
            .compress_vec(left, output, flush)
            .expect("the compressor was made with settings that zlib takes");
        let all_taken = compress.total_in() - start == payload.len() as u64;
        // As long as it fills what it is given, there may be more.
        if all_taken && output.len() < output.capacity() {
            return;
        }
    }
}

/// The end of an empty stored block, which is left out of messages (§7.2.1).
pub(super) const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

const LEVEL_MAX: u8 = 9;
const OUTPUT_STEP_OCTETS: usize = 256;

/// A larger buffer is given back to the allocator rather than kept for the next message.
const SPARE_OCTETS_MAX: usize = 256 << 10;
