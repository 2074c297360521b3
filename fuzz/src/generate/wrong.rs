//! One thing wrong in a run that is lawful otherwise.

use super::dice::Dice;
use super::lawful;
use super::payload::{CUT_TEXT, NOT_TEXT};
use crate::conversation::{Action, Frame, Masking, Payload};
use wsspec_cases::LengthForm;

/// Status codes that may not be sent, and those of which one may doubt it.
const CODES: &[u16] = &[
    0, 1, 99, 999, 1004, 1005, 1006, 1012, 1013, 1014, 1015, 1016, 1100, 1999, 2000, 2999, 5000,
    9999, 32_768, 59_395, 65_535,
];

/// Lengths that are declared and not kept.
const LENGTHS: &[u64] = &[
    0,
    1,
    125,
    126,
    127,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0005,
    0x20_0000_0000_0001,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0x8000_0000_0000_0005,
    0xffff_ffff_ffff_fff2,
    0xffff_ffff_ffff_fffc,
    0xffff_ffff_ffff_ffff,
];

/// Puts something wrong into a run, somewhere.
pub(super) fn spoil(dice: &mut Dice<'_>, actions: &mut Vec<Action>) {
    let frames: Vec<usize> = actions
        .iter()
        .enumerate()
        .filter_map(|(at, action)| matches!(action, Action::Frame(_)).then_some(at))
        .collect();
    // What is wrong stands at the end more often than anywhere else: behind a long lawful run.
    let place = match dice.one_in(2) {
        true => dice.below(frames.len()),
        false => frames.len().saturating_sub(1),
    };
    match frames.get(place) {
        Some(at) if !dice.one_in(2) => {
            if let Action::Frame(frame) = &mut actions[*at] {
                spoil_frame(dice, frame);
            }
        }
        Some(at) => {
            let frame = wrong_frame(dice);
            actions.insert(*at + 1, Action::Frame(frame));
        }
        None => actions.push(Action::Frame(wrong_frame(dice))),
    }
}

/// Changes a lawful frame into one that is not.
pub(super) fn spoil_frame(dice: &mut Dice<'_>, frame: &mut Frame) {
    match dice.below(9) {
        0 => frame.rsv = dice.between(1, 7) as u8,
        1 => frame.opcode = *dice.pick(&[3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf]),
        2 => frame.masking = Masking::Wrong,
        3 => frame.form = Some(*dice.pick(&[LengthForm::SixteenBit, LengthForm::SixtyFourBit])),
        4 => frame.fin = !frame.fin,
        5 => {
            let length = frame.payload.len() as u64;
            frame.declared = Some(match dice.below(4) {
                0 => *dice.pick(LENGTHS),
                // The true length for who keeps too few bits of it.
                3 => length + (1 << *dice.pick(&[16, 31, 32, 33, 62, 63])),
                1 => length + dice.between(1, 3) as u64,
                _ => length.saturating_sub(1),
            });
        }
        6 => {
            let mut octets = frame.payload.octets();
            let at = dice.between(0, octets.len());
            let wrong = match dice.below(3) {
                0 => *dice.pick(CUT_TEXT),
                _ => *dice.pick(NOT_TEXT),
            };
            octets.splice(at..at, wrong.iter().copied());
            frame.payload = octets.into();
        }
        7 => frame.opcode = *dice.pick(&[0x0, 0x1, 0x2, 0x8, 0x9, 0xa]),
        _ => frame.masking = Masking::Key(*dice.pick(&[[0; 4], [0xff; 4], [0, 0, 0, 1]])),
    }
}

/// A frame that is wrong by itself, or where it stands.
fn wrong_frame(dice: &mut Dice<'_>) -> Frame {
    match dice.below(10) {
        0 => Frame::new(0x0, *b"stray"),
        1 => Frame {
            fin: false,
            ..Frame::new(0x0, *b"stray")
        },
        2 => Frame::new(*dice.pick(&[0x1, 0x2]), *b"interrupting"),
        3 => Frame {
            fin: false,
            ..Frame::new(*dice.pick(&[0x8, 0x9, 0xa]), Payload::Octets(Vec::new()))
        },
        4 => Frame::new(
            *dice.pick(&[0x8, 0x9, 0xa]),
            Payload::Repeated {
                piece: b"\x03".to_vec(),
                times: *dice.pick(&[126, 127, 128, 65_535, 65_536]),
            },
        ),
        5 => Frame::new(0x8, vec![0x03]),
        6 => Frame::close(*dice.pick(CODES), b""),
        7 => Frame::close(1000, &dice.pick(NOT_TEXT)[..]),
        8 => Frame::close(1000, &dice.pick(CUT_TEXT)[..]),
        _ => {
            let mut frame = lawful::close(dice);
            spoil_frame(dice, &mut frame);
            frame
        }
    }
}
