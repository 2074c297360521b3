//! Inflating messages as they arrive (RFC 7692 §7.2.2).

use super::Direction;
use super::compress::TAIL;
use flate2::{Decompress, FlushDecompress, Status};

/// A compressed message cannot be inflated (RFC 7692 §6.2).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InflateError {
    /// The octets are not DEFLATE data.
    ///
    /// zlib's words for what is wrong with them depend on how they are cut, so they are left out.
    #[error("these are not DEFLATE data")]
    Invalid,
    /// With the four octets of §7.2.2 appended the data do not end where a block ends.
    #[error("the compressed data do not end with the start of an empty stored block")]
    EndMissing,
    /// The message is longer than our limit once it is inflated (§6.2, RFC 6455 §10.4).
    #[error("the message inflates to more than {max} octets")]
    TooBig {
        /// The limit.
        max: u64,
    },
}

/// What becomes of blocks with BFINAL set, the last one of a message apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FinalBlocks {
    /// What follows them is inflated, as §7.2.3.4 has it.
    PassedOver,
    /// The message is not inflated: a deviation.
    Refused,
    /// What follows them is dropped: a deviation.
    EndMessages,
}

/// The inflating half of the extension.
///
/// A message is one raw DEFLATE stream for zlib, which is ended by a final block of ours: that
/// way zlib tells whether the message ended where a block does. What later messages may refer to
/// is kept here and handed to zlib as a dictionary.
#[derive(Debug)]
pub(crate) struct Inflater {
    direction: Direction,
    message_octets_max: u64,
    final_blocks: FinalBlocks,
    /// Whether a final block has ended the message early.
    ended: bool,
    /// Made for the first message: many connections receive none.
    decompress: Option<Decompress>,
    /// The last octets of the messages before this one, as many as the window holds or more.
    history: Vec<u8>,
}

impl Inflater {
    /// Inflates messages of up to `message_octets_max` octets that are compressed as `direction`
    /// has it.
    pub(crate) const fn new(
        direction: Direction,
        message_octets_max: u64,
        final_blocks: FinalBlocks,
    ) -> Self {
        Self {
            direction,
            message_octets_max,
            final_blocks,
            ended: false,
            decompress: None,
            history: Vec::new(),
        }
    }

    /// Starts a message.
    pub(crate) fn start_message(&mut self) {
        self.ended = false;
        let decompress = match &mut self.decompress {
            Some(decompress) => {
                decompress.reset(false);
                decompress
            }
            none => none.insert(Decompress::new(false)),
        };
        set_dictionary(
            decompress,
            last(&self.history, self.direction.window_bits.octets()),
        );
    }

    /// Inflates the next octets of the message and appends what they give to `message`, which
    /// holds what there is of it so far.
    ///
    /// Room is made as octets appear, up to one octet more than the limit.
    ///
    /// # Errors
    /// By variant of [`InflateError`]. What precedes the error was appended; it may go beyond the limit.
    pub(crate) fn inflate(
        &mut self,
        mut octets: &[u8],
        message: &mut Vec<u8>,
    ) -> Result<(), InflateError> {
        if self.ended {
            return Ok(());
        }
        loop {
            self.make_room(message, octets.len());
            let decompress = self.decompress.as_mut().expect("a message was started");
            let before = decompress.total_in();
            let outcome = decompress.decompress_vec(octets, message, FlushDecompress::None);
            let taken = (decompress.total_in() - before) as usize;
            octets = &octets[taken..];
            if message.len() as u64 > self.message_octets_max {
                let max = self.message_octets_max;
                return Err(InflateError::TooBig { max });
            }
            match outcome {
                Ok(Status::StreamEnd) => match self.final_blocks {
                    FinalBlocks::PassedOver => self.go_on_after_final_block(message),
                    FinalBlocks::Refused => return Err(InflateError::Invalid),
                    FinalBlocks::EndMessages => {
                        self.ended = true;
                        return Ok(());
                    }
                },
                Ok(Status::Ok | Status::BufError) => {}
                Err(_) => return Err(InflateError::Invalid),
            }
            // As long as it fills what it is given, there may be more.
            if octets.is_empty() && message.len() < message.capacity() {
                return Ok(());
            }
        }
    }

    /// `octets`, or the limit of a message if that is less.
    pub(crate) fn within_limit(&self, octets: usize) -> usize {
        usize::try_from(self.message_octets_max).map_or(octets, |max| octets.min(max))
    }

    /// Ends the message, all of whose octets were inflated into `message`.
    ///
    /// # Errors
    /// [`InflateError::EndMissing`].
    pub(crate) fn finish_message(&mut self, message: &[u8]) -> Result<(), InflateError> {
        let decompress = self.decompress.as_mut().expect("a message was started");
        let (taken, given) = (decompress.total_in(), decompress.total_out());
        let mut nothing = [0];
        let outcome = decompress.decompress(&END, &mut nothing, FlushDecompress::None);
        let all_taken = decompress.total_in() - taken == END.len() as u64;
        let none_given = decompress.total_out() == given;
        // Data that stop elsewhere make these octets into something else than two empty blocks.
        let ends = matches!(outcome, Ok(Status::StreamEnd)) && all_taken && none_given;
        if !ends && !self.ended {
            return Err(InflateError::EndMissing);
        }
        if self.direction.context_takeover {
            self.remember(message);
        }
        Ok(())
    }

    /// §7.2.3.4: a block with BFINAL set does not end the message, let alone the window.
    fn go_on_after_final_block(&mut self, message: &[u8]) {
        let decompress = self.decompress.as_mut().expect("a message was started");
        decompress.reset(false);
        let before_message = WINDOW_OCTETS_MAX.saturating_sub(message.len());
        let window = self.direction.window_bits.octets();
        set_dictionary(decompress, last(&self.history, window.min(before_message)));
        set_dictionary(decompress, last(message, WINDOW_OCTETS_MAX));
    }

    /// Takes a message that is not compressed into the window, as a deviation does.
    pub(crate) fn remember_uncompressed(&mut self, message: &[u8]) {
        if self.direction.context_takeover {
            self.remember(message);
        }
    }

    /// Keeps the last octets of `message` for the messages after it.
    fn remember(&mut self, message: &[u8]) {
        let window = self.direction.window_bits.octets();
        let message = last(message, window);
        // Twice the window before anything is moved, so that short messages move little.
        if self.history.len() + message.len() > 2 * window {
            let kept = self.history.len().min(window - message.len());
            self.history.drain(..self.history.len() - kept);
        }
        self.history.extend_from_slice(message);
    }

    /// Reserves room for what `input` octets may give, if there is none.
    fn make_room(&self, message: &mut Vec<u8>, input: usize) {
        if message.len() < message.capacity() {
            return;
        }
        // Doubling keeps the copying down, and a bomb has to fill the room before it gets more.
        let wanted = message
            .len()
            .max(input.saturating_mul(2))
            .max(ROOM_OCTETS_MIN);
        let allowed = self.message_octets_max.saturating_add(1) - message.len() as u64;
        let room = usize::try_from(allowed).map_or(wanted, |allowed| wanted.min(allowed));
        message.reserve_exact(room);
    }
}

fn set_dictionary(decompress: &mut Decompress, octets: &[u8]) {
    if !octets.is_empty() {
        decompress
            .set_dictionary(octets)
            .expect("a raw stream takes a dictionary at any time");
    }
}

/// The last `count` of `octets`, or all of them.
fn last(octets: &[u8], count: usize) -> &[u8] {
    &octets[octets.len().saturating_sub(count)..]
}

/// What is appended to a message: the octets of §7.2.2, and an empty stored block that is final.
const END: [u8; 9] = {
    let [a, b, c, d] = TAIL;
    [a, b, c, d, 0x01, a, b, c, d]
};

/// The largest window of DEFLATE.
const WINDOW_OCTETS_MAX: usize = 32 << 10;

const ROOM_OCTETS_MIN: usize = 256;
