//! Inflating what a target has compressed (RFC 7692 §7.2.2, RFC 1951).
//!
//! It reads the data by itself, block by block, since that shows what a library does not:
//! how far back references reach, beyond the window that was agreed or into a context that was
//! not to be kept; final blocks; and whether a message ends where it has to. It never rejects:
//! what can be read is handed out, with what is odd about it.

mod bits;
mod block;
mod code;

use std::sync::Arc;

use wsspec_cases::Target;
use wsspec_record::Oddity;

use super::agreement::Direction;
use bits::Bits;
use block::{BlockKind, Codes, Symbol, Trouble};

/// The largest window that there is.
const WINDOW_OCTETS: usize = 32 * 1024;
/// How many octets are handed out at once.
const OUTPUT_OCTETS: usize = 64 * 1024;
/// Of what this many octets inflate to, the rest is not looked at.
const INFLATED_MAX: u64 = 512 * 1024 * 1024;

/// What is left out at the end of each message (§7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// Inflates the messages that one side sends.
#[derive(Debug)]
pub(super) struct Inflater {
    sender: Target,
    direction: Direction,
    /// What was received and not yet read.
    input: Vec<u8>,
    /// How many bits of it were read.
    read: usize,
    state: State,
    /// Whether the present block has BFINAL set.
    is_final: bool,
    /// The last octets that were inflated, at the end those that were not handed out.
    output: Vec<u8>,
    handed_out: usize,
    /// How many octets the present message has so far.
    length: u64,
    /// How many octets there were in messages before, as far as they are in the window.
    history: usize,
    oddities: Vec<Oddity>,
}

#[derive(Debug)]
enum State {
    /// Between two blocks.
    Between,
    /// Behind the first bits of a stored block.
    StoredLength,
    /// Inside a stored block, so many octets before its end.
    Stored(usize),
    /// Behind the first bits of a block with codes of its own.
    OwnCodes,
    Coded(Arc<Codes>),
    /// The rest of the message means nothing.
    Lost,
}

impl Inflater {
    /// For what this side sends.
    pub(super) fn new(sender: Target, direction: Direction) -> Self {
        Self {
            sender,
            direction,
            input: Vec::new(),
            read: 0,
            state: State::Between,
            is_final: false,
            output: Vec::new(),
            handed_out: 0,
            length: 0,
            history: 0,
            oddities: Vec::new(),
        }
    }

    /// Takes the next octets of a compressed message, and hands out what they inflate to.
    pub(super) fn receive(&mut self, octets: &[u8], mut inflated: impl FnMut(&[u8])) {
        self.input.extend_from_slice(octets);
        self.go_on(&mut inflated);
    }

    /// Ends the message, and says what was odd about it.
    pub(super) fn finish(&mut self, mut inflated: impl FnMut(&[u8])) -> Vec<Oddity> {
        // All that may be missing is the length of an empty stored block.
        let is_at_tail = matches!(self.state, State::StoredLength) && self.input.is_empty();
        self.input.extend_from_slice(&TAIL);
        self.go_on(&mut inflated);
        if !is_at_tail && !matches!(self.state, State::Lost) {
            self.note(Oddity::DeflateEndMissing);
        }
        if matches!(self.state, State::Lost) {
            self.note(Oddity::NotDeflate);
        }
        self.input.clear();
        self.read = 0;
        self.state = State::Between;
        self.history = self.output.len().min(WINDOW_OCTETS);
        self.length = 0;
        std::mem::take(&mut self.oddities)
    }

    fn note(&mut self, oddity: Oddity) {
        if !self.oddities.contains(&oddity) {
            self.oddities.push(oddity);
        }
    }

    /// Reads as far as there is something to read.
    fn go_on(&mut self, inflated: &mut impl FnMut(&[u8])) {
        let input = std::mem::take(&mut self.input);
        let mut bits = Bits::new(&input, self.read);
        loop {
            let before = bits.at();
            match self.step(&mut bits) {
                Ok(()) => {
                    if self.output.len() - self.handed_out >= OUTPUT_OCTETS {
                        self.hand_out(inflated);
                    }
                }
                Err(Trouble::Missing) => {
                    bits = Bits::new(&input, before);
                    break;
                }
                Err(Trouble::Invalid) => self.state = State::Lost,
            }
            if matches!(self.state, State::Lost) {
                bits = Bits::new(&input, 8 * input.len());
                break;
            }
        }
        self.hand_out(inflated);
        let whole = bits.at() / 8;
        self.read = bits.at() % 8;
        self.input = input;
        self.input.drain(..whole);
    }

    fn hand_out(&mut self, inflated: &mut impl FnMut(&[u8])) {
        if self.handed_out < self.output.len() {
            inflated(&self.output[self.handed_out..]);
        }
        let beyond = self.output.len().saturating_sub(WINDOW_OCTETS);
        self.output.drain(..beyond);
        self.handed_out = self.output.len();
    }

    /// Reads one thing; where there is not all of it, nothing has changed but the bits.
    fn step(&mut self, bits: &mut Bits<'_>) -> Result<(), Trouble> {
        self.state = match &self.state {
            State::Between => {
                let start = block::start(bits)?;
                self.is_final = start.is_final;
                if start.is_final {
                    self.note(Oddity::FinalBlock);
                }
                match start.kind {
                    BlockKind::Stored => {
                        bits.align();
                        State::StoredLength
                    }
                    BlockKind::Fixed => State::Coded(Codes::fixed()),
                    BlockKind::Dynamic => State::OwnCodes,
                }
            }
            State::StoredLength => State::Stored(block::stored_length(bits)?),
            State::Stored(0) => State::Between,
            State::Stored(left) => {
                let left = *left;
                let octets = bits.take_octets(left);
                if octets.is_empty() {
                    return Err(Trouble::Missing);
                }
                self.output.extend_from_slice(octets);
                self.length += octets.len() as u64;
                State::Stored(left - octets.len())
            }
            State::OwnCodes => State::Coded(Codes::read(bits)?),
            State::Coded(codes) => {
                let codes = Arc::clone(codes);
                return self.read_symbols(&codes, bits);
            }
            State::Lost => return Err(Trouble::Invalid),
        };
        Ok(())
    }

    /// Reads symbols to the end of the block, or until enough was inflated to be handed out.
    fn read_symbols(&mut self, codes: &Codes, bits: &mut Bits<'_>) -> Result<(), Trouble> {
        let begin = bits.at();
        while self.output.len() - self.handed_out < OUTPUT_OCTETS {
            let before = bits.clone();
            match codes.symbol(bits) {
                Ok(Symbol::Literal(octet)) => {
                    self.output.push(octet);
                    self.length += 1;
                }
                Ok(Symbol::Copy { length, distance }) => self.copy(length, distance)?,
                Ok(Symbol::EndOfBlock) => {
                    if self.is_final {
                        // It is padded to the end of its octet (§7.2.1).
                        bits.align();
                    }
                    self.state = State::Between;
                    return Ok(());
                }
                Err(Trouble::Missing) if before.at() > begin => {
                    *bits = before;
                    return Ok(());
                }
                Err(trouble) => return Err(trouble),
            }
        }
        match self.length > INFLATED_MAX {
            true => Err(Trouble::Invalid),
            false => Ok(()),
        }
    }

    /// Repeats what stands so far back.
    fn copy(&mut self, length: usize, distance: usize) -> Result<(), Trouble> {
        let message = usize::try_from(self.length).unwrap_or(usize::MAX);
        if distance > message.saturating_add(self.history) || distance > self.output.len() {
            return Err(Trouble::Invalid);
        }
        let is_client = self.sender == Target::Client;
        if distance > message && !self.direction.takes_over {
            self.note(match is_client {
                true => Oddity::ClientTookContextOver,
                false => Oddity::ServerTookContextOver,
            });
        }
        if distance > self.direction.window_octets() {
            self.note(match is_client {
                true => Oddity::ClientExceededWindow,
                false => Oddity::ServerExceededWindow,
            });
        }
        let from = self.output.len() - distance;
        if distance >= length {
            self.output.extend_from_within(from..from + length);
        } else {
            for at in from..from + length {
                self.output.push(self.output[at]);
            }
        }
        self.length += length as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Direction = Direction {
        window_bits: 15,
        takes_over: true,
    };

    /// What these messages inflate to, by pieces of so many octets.
    fn inflated(
        direction: Direction,
        messages: &[&[u8]],
        size: usize,
    ) -> Vec<(Vec<u8>, Vec<Oddity>)> {
        let mut inflater = Inflater::new(Target::Server, direction);
        let mut all = Vec::new();
        for message in messages {
            let mut text = Vec::new();
            for piece in message.chunks(size) {
                inflater.receive(piece, |octets| text.extend_from_slice(octets));
            }
            let oddities = inflater.finish(|octets| text.extend_from_slice(octets));
            all.push((text, oddities));
        }
        all
    }

    #[test]
    fn the_examples_of_the_rfc() {
        for (messages, oddities) in [
            (&[&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..]][..], &[][..]),
            (
                &[b"\xf2\x48\xcd\xc9\xc9\x07\x00", b"\xf2\x00\x11\x00\x00"],
                &[],
            ),
            (&[b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"], &[]),
            (
                &[b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"],
                &[Oddity::FinalBlock],
            ),
            (
                &[b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"],
                &[],
            ),
        ] {
            for size in 1..14 {
                for (text, odd) in inflated(FREE, messages, size) {
                    assert_eq!(text, b"Hello", "{messages:02x?} by {size}");
                    assert_eq!(odd, oddities, "{messages:02x?} by {size}");
                }
            }
        }
        assert_eq!(inflated(FREE, &[b"\x00"], 1), [(Vec::new(), Vec::new())]);
    }

    #[test]
    fn what_is_odd_is_noted_and_read_all_the_same() {
        const KEEPS_NOTHING: Direction = Direction {
            window_bits: 15,
            takes_over: false,
        };
        const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
        for (direction, message, oddity) in [
            (
                KEEPS_NOTHING,
                &b"\xf2\x00\x11\x00\x00"[..],
                Oddity::ServerTookContextOver,
            ),
            (
                FREE,
                b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
                Oddity::DeflateEndMissing,
            ),
            (FREE, b"\xf2\x48\xcd\xc9\xc9\x07", Oddity::DeflateEndMissing),
        ] {
            let all = inflated(direction, &[HELLO, message], 3);
            assert_eq!(all[1], (b"Hello".to_vec(), vec![oddity]), "{message:02x?}");
        }
        for message in [
            &b"\x06"[..],
            b"\x00\x05\x00\xfa\xfe",
            b"\x02\x02\x00",
            b"Hello",
        ] {
            let all = inflated(FREE, &[message], 3);
            assert!(
                all[0].1.contains(&Oddity::NotDeflate),
                "{message:02x?}: {all:?}"
            );
        }
    }
}
