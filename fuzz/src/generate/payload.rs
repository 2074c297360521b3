//! What frames carry: sizes at the edges, text at the borders of UTF-8.

use super::dice::Dice;
use crate::conversation::Payload;

/// Where lengths change their form, buffers end and counters overflow.
const EDGES: &[usize] = &[
    0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 63, 64, 100, 123, 124, 125, 126, 127, 128, 129,
    255, 256, 257, 511, 512, 1023, 1024, 1025, 2048, 4095, 4096, 4097, 8191, 8192,
];
/// Those that cost more, and so come seldom.
const LARGE: &[usize] = &[
    16_383, 16_384, 16_385, 32_767, 32_768, 65_534, 65_535, 65_536, 65_537, 70_000,
];

/// Valid text, at both sides of every border of UTF-8 (RFC 3629 §3), and what else is easily
/// mistaken.
const TEXT: &[&str] = &[
    "a",
    "Hello",
    "\u{7f}",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{d7ff}",
    "\u{e000}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
    "\u{feff}bom",
    "\u{fffe}",
    "nul\0nul",
    "κόσμε",
    "\u{1f468}\u{200d}\u{1f469}",
    "line\r\nline\n",
    "{\"a\": [1, null]}",
];

/// Octets that are no UTF-8, wherever they stand and whatever follows.
pub(super) const NOT_TEXT: &[&[u8]] = &[
    b"\xff",
    b"\xfe",
    b"\x80",
    b"\xbf",
    b"\xc0\x80",
    b"\xc1\xbf",
    b"\xe0\x80\x80",
    b"\xe0\x9f\xbf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xc3\x28",
    b"\xe2\x82\x28",
    b"\xe2\x28\xa1",
    b"\xf0\x9f\x98\x28",
];

/// Characters that lack their last octets.
pub(super) const CUT_TEXT: &[&[u8]] = &[
    b"\xc3",
    b"\xe2",
    b"\xe2\x82",
    b"\xed\x9f",
    b"\xf0",
    b"\xf0\x9f",
    b"\xf0\x9f\x98",
    b"\xf4\x8f\xbf",
];

/// A size.
pub(super) fn size(dice: &mut Dice<'_>) -> usize {
    match dice.below(40) {
        0..=19 => dice.between(0, 20),
        20..=37 => *dice.pick(EDGES),
        38 => dice.between(0, 9000),
        _ => *dice.pick(LARGE),
    }
}

/// Valid text. `mark` makes it another one than those before.
pub(super) fn text(dice: &mut Dice<'_>, mark: usize) -> Payload {
    let piece = *dice.pick(TEXT);
    if dice.one_in(3) {
        let times = size(dice) / piece.len();
        return Payload::Repeated {
            piece: piece.into(),
            times: times as u32,
        };
    }
    let mut text = match dice.below(4) {
        0 => String::new(),
        _ => format!("{mark}"),
    };
    for _ in 0..dice.below(4) {
        text.push_str(&dice.pick(TEXT)[..]);
    }
    text.into_bytes().into()
}

/// Any octets.
pub(super) fn binary(dice: &mut Dice<'_>, mark: usize) -> Payload {
    if dice.one_in(3) {
        return Payload::Repeated {
            piece: vec![dice.octet()],
            times: size(dice) as u32,
        };
    }
    let mut octets = vec![mark as u8];
    octets.extend(dice.octets(24));
    octets.into()
}

/// What a control frame may carry, up to 125 octets.
pub(super) fn control(dice: &mut Dice<'_>, mark: usize) -> Payload {
    match dice.below(6) {
        0 => Payload::Octets(Vec::new()),
        1 => Payload::Repeated {
            piece: vec![dice.octet()],
            times: *dice.pick(&[1, 63, 64, 65, 124, 125]),
        },
        _ => {
            let mut octets = format!("{mark}").into_bytes();
            octets.extend(dice.octets(12));
            octets.into()
        }
    }
}
