//! Changes of conversations that are known: cases of the suite, earlier findings.

use super::dice::Dice;
use super::{lawful, wrong};
use crate::conversation::{Action, Conversation};

/// The most actions of a conversation.
const ACTIONS_MAX: usize = 64;

/// One of the seeds, changed once or a few times.
pub(super) fn mutate(dice: &mut Dice<'_>, seeds: &[Conversation]) -> Conversation {
    let mut conversation = dice.pick(seeds).clone();
    for _ in 0..dice.between(1, 4) {
        change(dice, &mut conversation.actions, seeds);
    }
    conversation.actions.truncate(ACTIONS_MAX);
    conversation
}

fn change(dice: &mut Dice<'_>, actions: &mut Vec<Action>, seeds: &[Conversation]) {
    let at = dice.below(actions.len());
    match dice.below(9) {
        0 if !actions.is_empty() => drop(actions.remove(at)),
        1 if !actions.is_empty() => actions.insert(at, actions[at].clone()),
        2 if !actions.is_empty() => {
            let other = dice.below(actions.len());
            actions.swap(at, other);
        }
        3 => actions.insert(at, lawful::end_of_write(dice)),
        4 => wrong::spoil(dice, actions),
        // A lawful run before it, or behind.
        5 => drop(actions.splice(0..0, lawful::run(dice))),
        6 => actions.extend(lawful::run(dice)),
        // The head of one and the tail of another.
        7 => {
            let other = &dice.pick(seeds).actions;
            let from = dice.below(other.len());
            actions.truncate(at);
            actions.extend_from_slice(&other[from..]);
        }
        _ => {
            if let Some(Action::Frame(frame)) = actions.get_mut(at) {
                wrong::spoil_frame(dice, frame);
            }
        }
    }
}
