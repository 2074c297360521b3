//! Lawful runs: messages whole and in fragments, control frames between, and an end.

use super::dice::Dice;
use super::payload;
use crate::conversation::{Action, Cut, Frame, Payload};

/// Status codes that are lawful, and next to those that are not.
const CODES: &[u16] = &[
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3001, 3999, 4000, 4998, 4999,
];

/// A lawful run, without an end.
pub(super) fn run(dice: &mut Dice<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let turns = match dice.below(8) {
        0..=3 => dice.between(1, 3),
        4..=6 => dice.between(2, 8),
        _ => dice.between(8, 24),
    };
    for mark in 0..turns {
        turn(dice, mark, &mut actions);
        if dice.is_empty() {
            break;
        }
    }
    actions
}

fn turn(dice: &mut Dice<'_>, mark: usize, actions: &mut Vec<Action>) {
    match dice.below(10) {
        0..=3 => message(dice, mark, actions),
        4..=6 => fragments(dice, mark, actions),
        7 | 8 => actions.push(Action::Frame(ping_or_pong(dice, mark))),
        _ => {}
    }
    if dice.one_in(2) {
        actions.push(end_of_write(dice));
    }
}

/// How a write ends.
pub(super) fn end_of_write(dice: &mut Dice<'_>) -> Action {
    match dice.below(3) {
        0 => Action::Write(Cut::Together),
        1 => Action::Await,
        _ => Action::Write(cut(dice)),
    }
}

/// How a write is cut.
pub(super) fn cut(dice: &mut Dice<'_>) -> Cut {
    match dice.below(4) {
        0 => Cut::Together,
        1 => Cut::Every(dice.between(1, 4) as u32),
        2 => Cut::Frames,
        _ => {
            let count = dice.between(1, 4);
            Cut::Sizes((0..count).map(|_| dice.between(1, 9) as u32).collect())
        }
    }
}

fn message(dice: &mut Dice<'_>, mark: usize, actions: &mut Vec<Action>) {
    let frame = match dice.below(2) {
        0 => Frame::new(0x1, payload::text(dice, mark)),
        _ => Frame::new(0x2, payload::binary(dice, mark)),
    };
    actions.push(Action::Frame(frame));
}

fn fragments(dice: &mut Dice<'_>, mark: usize, actions: &mut Vec<Action>) {
    let (opcode, whole) = match dice.below(2) {
        0 => (0x1, payload::text(dice, mark).octets()),
        _ => (0x2, payload::binary(dice, mark).octets()),
    };
    let count = match dice.below(12) {
        0..=10 => dice.between(2, 4),
        _ => dice.between(5, 40),
    };
    let mut cuts: Vec<usize> = (1..count).map(|_| dice.between(0, whole.len())).collect();
    cuts.sort_unstable();
    cuts.push(whole.len());
    let mut begin = 0;
    for (at, end) in cuts.iter().copied().enumerate() {
        if at > 0 {
            between(dice, mark, actions);
        }
        actions.push(Action::Frame(Frame {
            fin: at + 1 == count,
            ..Frame::new(if at == 0 { opcode } else { 0x0 }, &whole[begin..end])
        }));
        begin = end;
    }
}

/// What may stand between two fragments (§5.4).
fn between(dice: &mut Dice<'_>, mark: usize, actions: &mut Vec<Action>) {
    if dice.one_in(3) {
        actions.push(Action::Frame(ping_or_pong(dice, mark)));
    }
    if dice.one_in(4) {
        actions.push(end_of_write(dice));
    }
}

fn ping_or_pong(dice: &mut Dice<'_>, mark: usize) -> Frame {
    let opcode = if dice.one_in(4) { 0xa } else { 0x9 };
    Frame::new(opcode, payload::control(dice, mark))
}

/// A lawful Close frame.
pub(super) fn close(dice: &mut Dice<'_>) -> Frame {
    if dice.one_in(5) {
        return Frame::new(0x8, Payload::Octets(Vec::new()));
    }
    let code = match dice.below(3) {
        0 => 1000,
        1 => *dice.pick(CODES),
        _ => dice.between(3000, 4999) as u16,
    };
    let mut reason = match dice.below(3) {
        0 => Vec::new(),
        1 => vec![b'*'; *dice.pick(&[1, 122, 123])],
        _ => payload::text(dice, 0).octets(),
    };
    let fits = |reason: &[u8]| reason.len() <= 123 && std::str::from_utf8(reason).is_ok();
    while !fits(&reason) {
        reason.pop();
    }
    Frame::close(code, &reason)
}

/// How a conversation ends, if it does not go on to the usual closing handshake.
pub(super) fn end(dice: &mut Dice<'_>, actions: &mut Vec<Action>) {
    match dice.below(16) {
        0..=8 => {}
        9..=13 => {
            actions.push(Action::Frame(close(dice)));
            if dice.one_in(3) {
                actions.push(end_of_write(dice));
                actions.extend(run(dice));
            }
        }
        14 => actions.push(Action::HalfClose),
        _ => actions.push(Action::Reset),
    }
}
