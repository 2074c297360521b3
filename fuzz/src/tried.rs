//! What was tried: how often each kind of action found an endpoint in each state of the model.

use std::collections::BTreeMap;

use crate::conversation::{Action, Frame};
use crate::model::State;
use crate::scene::Scene;

/// Counts of what was sent, by the state of its reader.
#[derive(Clone, Debug, Default)]
pub struct Tried {
    counts: BTreeMap<(State, Sort), u64>,
}

/// What is sent or done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sort {
    /// A frame of a text message, its first.
    Text,
    /// A frame of a binary message, its first.
    Binary,
    /// A continuation frame.
    Continuation,
    /// A Close frame.
    Close,
    /// A Ping frame.
    Ping,
    /// A Pong frame.
    Pong,
    /// A frame with a reserved opcode.
    Reserved,
    /// Octets that are no frame.
    Octets,
    /// The end of our half of TCP, or of all of it.
    End,
}

impl Sort {
    /// Every sort.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Binary,
        Self::Continuation,
        Self::Close,
        Self::Ping,
        Self::Pong,
        Self::Reserved,
        Self::Octets,
        Self::End,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Continuation => "continuation",
            Self::Close => "Close",
            Self::Ping => "Ping",
            Self::Pong => "Pong",
            Self::Reserved => "reserved",
            Self::Octets => "octets",
            Self::End => "end of TCP",
        }
    }

    const fn of(action: &Action) -> Option<Self> {
        Some(match action {
            Action::Frame(frame) => Self::of_frame(frame),
            Action::Octets(_) => Self::Octets,
            Action::HalfClose | Action::Reset => Self::End,
            Action::Write(_) | Action::Await => return None,
        })
    }

    const fn of_frame(frame: &Frame) -> Self {
        match frame.opcode {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => Self::Reserved,
        }
    }
}

impl Tried {
    /// Counts a conversation.
    pub fn count(&mut self, scene: &Scene) {
        let sorts = scene.conversation.actions.iter().filter_map(Sort::of);
        for (state, sort) in scene.expected.timeline.states.iter().zip(sorts) {
            *self.counts.entry((*state, sort)).or_default() += 1;
        }
    }

    /// Counts what another has counted, too.
    pub fn add(&mut self, other: &Self) {
        for (place, count) in &other.counts {
            *self.counts.entry(*place).or_default() += count;
        }
    }

    /// How often something found its reader in a state.
    pub fn get(&self, state: State, sort: Sort) -> u64 {
        self.counts.get(&(state, sort)).copied().unwrap_or(0)
    }

    /// How many pairs of state and sort there were, of so many.
    pub fn reached(&self) -> (usize, usize) {
        (self.counts.len(), State::ALL.len() * Sort::ALL.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Conversation;
    use crate::generate::Generator;
    use wsspec_cases::Target;

    #[test]
    fn each_action_counts_where_it_finds_its_reader() {
        let first = Frame {
            fin: false,
            ..Frame::new(0x1, *b"a")
        };
        let actions = vec![
            Action::Frame(first),
            Action::Frame(Frame::new(0x9, *b"")),
            Action::Frame(Frame::new(0x0, *b"b")),
            Action::Await,
            Action::Frame(Frame::close(1000, b"")),
            Action::HalfClose,
        ];
        let target = Target::Server;
        let mut tried = Tried::default();
        tried.count(&Scene::new("fuzz/test", Conversation { target, actions }));
        for (state, sort) in [
            (State::Between, Sort::Text),
            (State::InText, Sort::Ping),
            (State::InText, Sort::Continuation),
            (State::Between, Sort::Close),
            (State::Closed, Sort::End),
        ] {
            assert_eq!(tried.get(state, sort), 1, "{state:?} {sort:?}");
        }
        assert_eq!(tried.reached().0, 5);
    }

    #[test]
    fn a_run_reaches_every_pair() {
        let generator = Generator::new(Target::Server);
        let mut tried = Tried::default();
        for number in 0..3000 {
            let (_, conversation) = generator.conversation(1, number);
            tried.count(&Scene::new("fuzz/test", conversation));
        }
        let (reached, of) = tried.reached();
        assert_eq!(reached, of, "{tried:?}");
    }
}
