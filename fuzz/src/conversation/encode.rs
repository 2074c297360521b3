//! From actions to octets, as they go on the wire (RFC 6455 §5.2).
//!
//! Nothing here is shared with the reference implementation or the runner: what the model reads
//! is what these lines write, and both can be read beside the RFC.

use wsspec_cases::{LengthForm, Target};

use super::{Action, Conversation, Cut, Frame, Masking};

/// What is done to the connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Done {
    /// Octets are sent in one write.
    Sent {
        /// They travel in these pieces.
        pieces: Vec<Vec<u8>>,
        /// The actions that they come from,
        actions: std::ops::Range<usize>,
        /// and how many octets each of those is that is a frame or octets.
        lengths: Vec<usize>,
    },
    /// An answer is waited for.
    Awaited,
    /// Our half of TCP is closed.
    HalfClosed,
    /// TCP is reset.
    Reset,
}

/// What the actions of a conversation do to the connection, in order. Writes of nothing are
/// left out.
pub fn encode(conversation: &Conversation) -> Vec<Done> {
    let mut done = Vec::new();
    let mut write = Write::default();
    let mut frames = 0;
    for (at, action) in conversation.actions.iter().enumerate() {
        match action {
            Action::Frame(frame) => {
                let before = write.octets.len();
                push_frame(frame, conversation.target, frames, &mut write.octets);
                write.lengths.push(write.octets.len() - before);
                frames += 1;
            }
            Action::Octets(octets) => {
                write.octets.extend_from_slice(octets);
                write.lengths.push(octets.len());
            }
            Action::Write(cut) => write.end(cut, at, &mut done),
            Action::Await | Action::HalfClose | Action::Reset => {
                write.end(&Cut::Together, at, &mut done);
                done.push(match action {
                    Action::Await => Done::Awaited,
                    Action::HalfClose => Done::HalfClosed,
                    _ => Done::Reset,
                });
            }
        }
    }
    write.end(&Cut::Together, conversation.actions.len(), &mut done);
    done
}

/// A write in progress.
#[derive(Default)]
struct Write {
    octets: Vec<u8>,
    /// How many octets each frame has.
    lengths: Vec<usize>,
    /// The action that it begins with.
    begin: usize,
}

impl Write {
    fn end(&mut self, cut: &Cut, at: usize, done: &mut Vec<Done>) {
        if !self.octets.is_empty() {
            done.push(Done::Sent {
                pieces: pieces(&self.octets, cut, &self.lengths),
                actions: self.begin..at,
                lengths: std::mem::take(&mut self.lengths),
            });
        }
        self.octets.clear();
        self.lengths.clear();
        self.begin = at;
    }
}

/// The key of the frame that comes after so many others: any will do where nothing is skewed,
/// and where something is, the case names it.
pub fn key(frames_before: usize) -> [u8; 4] {
    // The example of §5.7, and others that follow from it.
    let turn = frames_before as u8;
    [
        0x37 ^ turn,
        0xfa,
        0x21_u8.wrapping_add(turn),
        0x3d ^ turn.rotate_left(4),
    ]
}

/// The key that a frame is masked with.
pub fn key_of(frame: &Frame, target: Target, frames_before: usize) -> Option<[u8; 4]> {
    match frame.masking {
        Masking::Key(key) => Some(key),
        _ => frame.is_masked(target).then(|| key(frames_before)),
    }
}

fn push_frame(frame: &Frame, target: Target, frames_before: usize, write: &mut Vec<u8>) {
    let key = key_of(frame, target, frames_before);
    let payload = frame.payload.octets();
    let length = frame.declared.unwrap_or(payload.len() as u64);
    let form = frame.form.unwrap_or(match length {
        0..=125 => LengthForm::SevenBit,
        126..=0xffff => LengthForm::SixteenBit,
        _ => LengthForm::SixtyFourBit,
    });
    let mask_bit = if key.is_some() { 0x80 } else { 0 };
    write.push(u8::from(frame.fin) << 7 | (frame.rsv & 0x7) << 4 | frame.opcode & 0xf);
    match form {
        LengthForm::SevenBit => write.push(mask_bit | length as u8 & 0x7f),
        LengthForm::SixteenBit => {
            write.push(mask_bit | 126);
            write.extend_from_slice(&(length as u16).to_be_bytes());
        }
        LengthForm::SixtyFourBit => {
            write.push(mask_bit | 127);
            write.extend_from_slice(&length.to_be_bytes());
        }
    }
    match key {
        None => write.extend_from_slice(&payload),
        Some(key) => {
            write.extend_from_slice(&key);
            let masked = payload.iter().zip(key.iter().cycle());
            write.extend(masked.map(|(octet, key)| octet ^ key));
        }
    }
}

fn pieces(octets: &[u8], cut: &Cut, lengths: &[usize]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = octets;
    let mut sizes = cut.sizes(lengths);
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(usize::MAX).max(1);
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        pieces.push(piece.to_vec());
        rest = behind;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(target: Target, actions: Vec<Action>) -> Vec<Vec<u8>> {
        let done = encode(&Conversation { target, actions });
        let sent = done.into_iter().filter_map(|done| match done {
            Done::Sent { pieces, .. } => Some(pieces),
            _ => None,
        });
        sent.flatten().collect()
    }

    /// §5.7 has the octets.
    #[test]
    fn the_examples_of_the_rfc_are_written_so() {
        let hello = Frame::new(0x1, *b"Hello");
        let key = Masking::Key([0x37, 0xfa, 0x21, 0x3d]);
        let first = Frame {
            fin: false,
            ..Frame::new(0x1, *b"Hel")
        };
        let long = |octets| Frame::new(0x2, vec![0; octets]);
        for (target, frame, expected) in [
            (Target::Client, hello.clone(), &b"\x81\x05Hello"[..]),
            (
                Target::Server,
                Frame {
                    masking: key,
                    ..hello
                },
                b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
            ),
            (Target::Client, first, b"\x01\x03Hel"),
            (Target::Client, Frame::new(0x0, *b"lo"), b"\x80\x02lo"),
            (Target::Client, long(256), b"\x82\x7e\x01\x00"),
            (Target::Client, long(65536), b"\x82\x7f\0\0\0\0\0\x01\0\0"),
        ] {
            let octets = sent(target, vec![Action::Frame(frame)]).concat();
            assert_eq!(octets[..expected.len()], *expected);
        }
    }

    #[test]
    fn a_write_is_cut_as_it_says() {
        let octets = || Action::Octets(b"abcdefg".to_vec());
        let every = |size| Action::Write(Cut::Every(size));
        let frames = || Action::Write(Cut::Frames);
        let cut = |sizes: &[u32]| Action::Write(Cut::Sizes(sizes.to_vec()));
        for (actions, expected) in [
            (vec![octets()], vec!["abcdefg"]),
            (vec![octets(), every(3)], vec!["abc", "def", "g"]),
            (
                vec![octets(), octets(), frames()],
                vec!["abcdefg", "abcdefg"],
            ),
            (vec![octets(), cut(&[1, 4])], vec!["a", "bcde", "fg"]),
            (vec![octets(), cut(&[1, 1])], vec!["a", "b", "cdefg"]),
            (vec![cut(&[]), Action::Write(Cut::Together)], vec![]),
            (
                vec![octets(), Action::Await, octets()],
                vec!["abcdefg", "abcdefg"],
            ),
        ] {
            let sent = sent(Target::Client, actions.clone());
            let expected: Vec<&[u8]> = expected.into_iter().map(str::as_bytes).collect();
            assert_eq!(sent, expected, "{actions:?}");
        }
    }
}
