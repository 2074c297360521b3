//! Makes a conversation smaller, as long as what it shows stays the same.
//!
//! Actions go first, in chunks and one by one; then fields become lawful, payloads short, cuts
//! plain. Each step makes the conversation [cheaper](cost), so that there is an end, and the number
//! of tries is bounded.
//!
//! Who shrinks asks for a candidate, plays it, and says whether it shows the same: this holds for
//! endpoints in this process and for those behind a socket.

mod cost;
mod simpler;

pub use cost::cost;

use crate::conversation::{Action, Conversation};

/// Makes a conversation smaller, candidate by candidate.
#[derive(Clone, Debug)]
pub struct Shrinker {
    best: Conversation,
    pass: Pass,
    at: usize,
    /// Which of the simpler forms of one action is next.
    form: usize,
    /// Whether this round has made something smaller.
    progress: bool,
    candidate: Option<Conversation>,
    tries: u32,
    tries_max: u32,
}

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pass {
    /// To leave out so many actions at once.
    Drop(usize),
    /// To put something simpler in the place of an action.
    Simplify,
    Done,
}

impl Shrinker {
    /// Starts from a conversation, with so many tries at the most.
    pub fn new(conversation: Conversation, tries_max: u32) -> Self {
        let pass = Pass::Drop(conversation.actions.len().max(1));
        Self {
            best: conversation,
            pass,
            at: 0,
            form: 0,
            progress: false,
            candidate: None,
            tries: 0,
            tries_max,
        }
    }

    /// The smallest conversation so far.
    pub const fn best(&self) -> &Conversation {
        &self.best
    }

    /// The smallest conversation so far.
    pub fn into_best(self) -> Conversation {
        self.best
    }

    /// How many candidates there were.
    pub const fn tries(&self) -> u32 {
        self.tries
    }

    /// The next candidate; nothing when there is no smaller one to be tried.
    pub fn candidate(&mut self) -> Option<&Conversation> {
        if self.tries == self.tries_max {
            return None;
        }
        loop {
            let candidate = match self.pass {
                Pass::Done => return None,
                Pass::Drop(size) => self.without(size),
                Pass::Simplify => self.simplified(),
            };
            match candidate {
                Some(candidate) if cost(&candidate) < cost(&self.best) => {
                    self.tries += 1;
                    return Some(self.candidate.insert(candidate));
                }
                Some(_) => self.advance(),
                None => self.next_pass(),
            }
        }
    }

    /// Says whether the last candidate shows the same.
    pub fn is_same(&mut self, same: bool) {
        let Some(candidate) = self.candidate.take() else {
            return;
        };
        if same {
            self.best = candidate;
            self.progress = true;
            self.form = 0;
        } else {
            self.advance();
        }
    }

    fn without(&self, size: usize) -> Option<Conversation> {
        let actions = &self.best.actions;
        if self.at >= actions.len() {
            return None;
        }
        let end = (self.at + size).min(actions.len());
        let rest = actions[..self.at].iter().chain(&actions[end..]);
        Some(Conversation {
            target: self.best.target,
            actions: rest.cloned().collect(),
        })
    }

    fn simplified(&mut self) -> Option<Conversation> {
        loop {
            let action = self.best.actions.get(self.at)?;
            let Some(simpler) = simpler::forms(action).into_iter().nth(self.form) else {
                self.at += 1;
                self.form = 0;
                continue;
            };
            let mut candidate = self.best.clone();
            candidate.actions[self.at] = simpler;
            return Some(candidate);
        }
    }

    fn advance(&mut self) {
        match self.pass {
            Pass::Drop(size) => self.at += size,
            _ => self.form += 1,
        }
    }

    fn next_pass(&mut self) {
        (self.at, self.form) = (0, 0);
        self.pass = match self.pass {
            Pass::Drop(size @ 2..) => Pass::Drop(size / 2),
            Pass::Drop(_) => Pass::Simplify,
            Pass::Simplify if self.progress => Pass::Drop(self.best.actions.len().max(1)),
            Pass::Simplify | Pass::Done => Pass::Done,
        };
        if matches!(self.pass, Pass::Drop(size) if size == self.best.actions.len().max(1)) {
            self.progress = false;
        }
    }
}

/// Makes a conversation smaller with a test that answers at once.
pub fn shrink(
    conversation: Conversation,
    tries_max: u32,
    mut is_same: impl FnMut(&Conversation) -> bool,
) -> Conversation {
    let mut shrinker = Shrinker::new(conversation, tries_max);
    while let Some(candidate) = shrinker.candidate() {
        let same = is_same(candidate);
        shrinker.is_same(same);
    }
    shrinker.into_best()
}

/// How many steps a conversation has that say something: writes end of themselves.
pub fn steps(conversation: &Conversation) -> usize {
    let says = |action: &&Action| !matches!(action, Action::Write(_));
    conversation.actions.iter().filter(says).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Cut, Frame, Payload};
    use crate::generate::Generator;
    use wsspec_cases::Target;

    fn has_rsv2(conversation: &Conversation) -> bool {
        conversation.frames().any(|frame| frame.rsv & 2 != 0)
    }

    #[test]
    fn what_matters_is_left() {
        let frame = Frame {
            rsv: 7,
            fin: false,
            declared: Some(9),
            ..Frame::new(
                0x2,
                Payload::Repeated {
                    piece: b"abc".to_vec(),
                    times: 999,
                },
            )
        };
        let mut actions = vec![Action::Await; 9];
        actions.push(Action::Frame(frame));
        actions.push(Action::Write(Cut::Sizes(vec![1, 2])));
        actions.extend(vec![Action::Octets(b"xyz".to_vec()); 5]);
        let large = Conversation {
            target: Target::Server,
            actions,
        };
        let small = shrink(large, 1000, has_rsv2);
        let [Action::Frame(frame)] = &small.actions[..] else {
            panic!("{small:?}");
        };
        let expected = Frame {
            rsv: 2,
            ..Frame::new(frame.opcode, Payload::Octets(Vec::new()))
        };
        assert_eq!(*frame, expected);
    }

    #[test]
    fn every_step_is_cheaper_and_there_is_an_end() {
        let generator = Generator::new(Target::Server);
        for number in 0..200 {
            let (_, conversation) = generator.conversation(7, number);
            let mut shrinker = Shrinker::new(conversation.clone(), u32::MAX);
            let mut last = cost(&conversation);
            let mut turn = 0_u32;
            while let Some(candidate) = shrinker.candidate() {
                let now = cost(candidate);
                assert!(now < last, "{candidate:?}");
                turn += 1;
                let same = turn.is_multiple_of(3);
                if same {
                    last = now;
                }
                shrinker.is_same(same);
            }
        }
    }

    #[test]
    fn tries_are_bounded() {
        let generator = Generator::new(Target::Client);
        let (_, conversation) = generator.conversation(7, 1);
        let mut tries = 0;
        shrink(conversation, 5, |_| {
            tries += 1;
            false
        });
        assert!(tries <= 5);
    }
}
