//! Actions of any kind, in any order.

use super::dice::Dice;
use super::{lawful, payload, wrong};
use crate::conversation::{Action, Frame, Masking};
use wsspec_cases::LengthForm;

/// Any actions.
pub(super) fn actions(dice: &mut Dice<'_>) -> Vec<Action> {
    let count = dice.between(1, 16);
    let mut actions = Vec::new();
    for mark in 0..count {
        actions.push(action(dice, mark));
        if dice.is_empty() {
            break;
        }
    }
    actions
}

fn action(dice: &mut Dice<'_>, mark: usize) -> Action {
    match dice.below(12) {
        0..=5 => Action::Frame(frame(dice, mark)),
        6 => Action::Frame(lawful::close(dice)),
        7..=9 => lawful::end_of_write(dice),
        10 => Action::Octets(dice.octets(24)),
        _ => {
            let mut frame = frame(dice, mark);
            wrong::spoil_frame(dice, &mut frame);
            Action::Frame(frame)
        }
    }
}

/// A frame of which every field is any.
fn frame(dice: &mut Dice<'_>, mark: usize) -> Frame {
    let opcode = match dice.below(8) {
        0 => dice.below(16) as u8,
        _ => *dice.pick(&[0x0, 0x1, 0x1, 0x2, 0x9, 0xa]),
    };
    let payload = match opcode {
        0x0 | 0x1 => payload::text(dice, mark),
        0x8.. => payload::control(dice, mark),
        _ => payload::binary(dice, mark),
    };
    Frame {
        fin: !dice.one_in(3),
        rsv: if dice.one_in(16) {
            dice.below(8) as u8
        } else {
            0
        },
        masking: match dice.below(16) {
            0 => Masking::Wrong,
            1 => Masking::Key(*dice.pick(&[[0; 4], [0xff; 4], [1, 2, 3, 4]])),
            _ => Masking::Lawful,
        },
        form: match dice.below(24) {
            0 => Some(LengthForm::SixteenBit),
            1 => Some(LengthForm::SixtyFourBit),
            2 => Some(LengthForm::SevenBit),
            _ => None,
        },
        declared: dice.one_in(24).then(|| dice.word() >> dice.below(64)),
        ..Frame::new(opcode, payload)
    }
}
