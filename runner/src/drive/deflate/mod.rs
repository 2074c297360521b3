//! Compressing what a case sends (RFC 7692 §7.2.1), lawfully or as the case wants it.

mod blocks;

use flate2::{Compress as Stream, Compression, FlushCompress};
use wsspec_cases::frame::{Compress, Context, DeflateBlocks};
use wsspec_judge::observe::Direction;

/// The largest window that there is.
const WINDOW_OCTETS: usize = 32 * 1024;
/// The smallest window that zlib compresses with, as a power of two. It refers back by 250
/// octets at the most then, which is within the window of 8 bits.
const WINDOW_BITS_MIN: u8 = 9;
/// What §7.2.1 has removed from the end of each message.
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// By how much the output grows at least.
const OUTPUT_STEP_OCTETS: usize = 256;

/// How a side compresses that nothing was agreed with.
pub(super) const USUAL: Direction = Direction {
    window_bits: 15,
    takes_over: true,
};

/// Where in its message a frame is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// Compresses the messages of one connection.
#[derive(Debug)]
pub(super) struct Deflater {
    direction: Direction,
    /// What compressed the frame before, with the bits of its window; nothing where the next
    /// one has to begin anew, behind what is in `history`.
    stream: Option<(Stream, u8)>,
    /// The last octets that were compressed, as far as any window reaches.
    history: Vec<u8>,
}

impl Deflater {
    /// For a side that may compress like this.
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            stream: None,
            history: Vec::new(),
        }
    }

    /// The payload of a frame, compressed.
    pub(super) fn deflate(&mut self, payload: &[u8], how: &Compress, at: Position) -> Vec<u8> {
        let forgets = match how.context {
            Context::Agreed => !self.direction.takes_over,
            Context::Forgotten => true,
            Context::Kept => false,
        };
        if at.is_first && forgets {
            self.stream = None;
            self.history.clear();
        }
        let bits = how.window_bits.unwrap_or(self.direction.window_bits);
        let mut output = self.blocks(payload, how.blocks, bits.max(WINDOW_BITS_MIN));
        debug_assert!(output.ends_with(&TAIL), "an empty stored block is last");
        if at.is_last && !how.keep_tail {
            output.truncate(output.len() - TAIL.len());
        }
        self.history.extend_from_slice(payload);
        let beyond = self.history.len().saturating_sub(WINDOW_OCTETS);
        self.history.drain(..beyond);
        output
    }

    /// Blocks with these octets, and an empty stored one behind them.
    fn blocks(&mut self, payload: &[u8], blocks: DeflateBlocks, bits: u8) -> Vec<u8> {
        let by_hand = match blocks {
            DeflateBlocks::Stored => blocks::stored,
            DeflateBlocks::Fixed => blocks::fixed,
            DeflateBlocks::Dynamic => blocks::dynamic,
            // zlib, asked to flush nothing, does nothing.
            _ if payload.is_empty() => blocks::stored,
            DeflateBlocks::Split => {
                let (first, second) = payload.split_at(payload.len() / 2);
                let mut output = self.flushed(first, bits, FlushCompress::Sync);
                output.extend(self.flushed(second, bits, FlushCompress::Sync));
                return output;
            }
            DeflateBlocks::Final => {
                let mut output = self.flushed(payload, bits, FlushCompress::Finish);
                // Behind a final block there is nothing but another stream.
                self.stream = None;
                output.extend(blocks::stored(&[]));
                return output;
            }
            DeflateBlocks::Usual => return self.flushed(payload, bits, FlushCompress::Sync),
        };
        self.stream = None;
        by_hand(payload)
    }

    fn flushed(&mut self, payload: &[u8], bits: u8, flush: FlushCompress) -> Vec<u8> {
        let mut output = Vec::with_capacity(payload.len() / 4 + OUTPUT_STEP_OCTETS);
        if payload.is_empty() {
            return output;
        }
        let (mut stream, _) = match self.stream.take() {
            Some(stream) if stream.1 == bits => stream,
            _ => (begun(bits, &self.history), bits),
        };
        let start = stream.total_in();
        loop {
            let taken = (stream.total_in() - start) as usize;
            output.reserve(OUTPUT_STEP_OCTETS);
            stream
                .compress_vec(&payload[taken..], &mut output, flush)
                .expect("zlib takes these settings");
            let all_taken = stream.total_in() - start == payload.len() as u64;
            // As long as it fills what it is given, there may be more.
            if all_taken && output.len() < output.capacity() {
                break;
            }
        }
        self.stream = Some((stream, bits));
        output
    }
}

/// A stream that goes on behind these octets.
fn begun(bits: u8, history: &[u8]) -> Stream {
    let mut stream = Stream::new_with_window_bits(Compression::default(), false, bits);
    if !history.is_empty() {
        stream
            .set_dictionary(history)
            .expect("zlib takes any dictionary");
    }
    stream
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    const WHOLE: Position = Position {
        is_first: true,
        is_last: true,
    };

    fn how(json: &str) -> Compress {
        serde_json::from_str(json).unwrap()
    }

    /// What messages inflate to, with one window for all of them.
    fn inflated(messages: &[Vec<u8>]) -> Vec<u8> {
        let mut stream = Decompress::new(false);
        let mut text = Vec::with_capacity(1 << 20);
        for message in messages {
            let octets = [&message[..], &TAIL].concat();
            let sync = FlushDecompress::Sync;
            stream.decompress_vec(&octets, &mut text, sync).unwrap();
        }
        text
    }

    #[test]
    fn all_kinds_of_blocks_inflate_one_behind_the_other() {
        let long = wsspec_cases::payload::parse_hex(&"00ff41".repeat(30_000)).unwrap();
        let mut deflater = Deflater::new(USUAL);
        let (mut messages, mut expected) = (Vec::new(), Vec::new());
        for blocks in ["usual", "stored", "fixed", "dynamic", "split", "usual"] {
            let how = how(&format!(r#"{{"blocks": "{blocks}"}}"#));
            for payload in [&b""[..], b"Hello", b"Hello", &long] {
                messages.push(deflater.deflate(payload, &how, WHOLE));
                expected.extend_from_slice(payload);
            }
        }
        assert!(inflated(&messages) == expected);
    }

    #[test]
    fn what_is_known_is_referred_to_unless_it_is_forgotten() {
        let sizes = |direction, context: &str| {
            let how = how(&format!(r#"{{"context": "{context}"}}"#));
            let mut deflater = Deflater::new(direction);
            let text = b"a sentence that is said again and has no other repetition";
            let size = |_| deflater.deflate(text, &how, WHOLE).len();
            [1, 2].map(size)
        };
        let refused = Direction {
            takes_over: false,
            ..USUAL
        };
        for (direction, context, refers) in [
            (USUAL, "agreed", true),
            (USUAL, "forgotten", false),
            (refused, "agreed", false),
            (refused, "kept", true),
        ] {
            let [first, second] = sizes(direction, context);
            assert_eq!(second < first / 2, refers, "{direction:?} {context}");
        }
    }

    #[test]
    fn a_final_block_is_followed_by_an_octet() {
        let message = Deflater::new(USUAL).deflate(b"Hello", &how(r#"{"blocks": "final"}"#), WHOLE);
        assert_eq!(message, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00");
    }

    #[test]
    fn frames_of_a_message_go_on_where_the_one_before_ended() {
        let mut deflater = Deflater::new(USUAL);
        let mut part = |text: &[u8], is_first, is_last| {
            let at = Position { is_first, is_last };
            deflater.deflate(text, &Compress::default(), at)
        };
        let first = part(b"Hello, ", true, false);
        let last = part(b"Hello", false, true);
        assert!(first.ends_with(&TAIL) && !last.ends_with(&TAIL));
        assert_eq!(inflated(&[[first, last].concat()]), b"Hello, Hello");
    }
}
