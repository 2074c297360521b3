//! Conversations of octets: any list of octets is one.
//!
//! So a seed, libFuzzer's corpus and a mutated octet all mean something, and a conversation can be
//! made again from the octets that it came from.

pub mod dice;
mod lawful;
pub mod mutate;
mod payload;
mod wild;
mod wrong;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use wsspec_cases::Target;

use crate::conversation::{Action, Conversation};
use dice::Dice;

/// What kind of conversation is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A lawful run.
    Lawful,
    /// A lawful run with one thing wrong.
    Wrong,
    /// Actions of any kind.
    Wild,
    /// One that is known, changed.
    Mutated,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Lawful, Self::Wrong, Self::Wild, Self::Mutated];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lawful => "lawful",
            Self::Wrong => "wrong",
            Self::Wild => "wild",
            Self::Mutated => "mutated",
        }
    }
}

/// Makes conversations.
#[derive(Clone, Debug)]
pub struct Generator {
    target: Target,
    kinds: Vec<Kind>,
    seeds: Vec<Conversation>,
}

/// How many octets a conversation is made of.
const OCTETS: usize = 512;

impl Generator {
    /// Makes conversations of all kinds with `target`.
    pub fn new(target: Target) -> Self {
        Self {
            target,
            kinds: Kind::ALL.to_vec(),
            seeds: Vec::new(),
        }
    }

    /// Makes conversations of these kinds alone.
    #[must_use]
    pub fn of_kinds(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Changes these conversations too.
    #[must_use]
    pub fn with_seeds(mut self, seeds: impl IntoIterator<Item = Conversation>) -> Self {
        let target = self.target;
        let fits = seeds.into_iter().filter(|seed| seed.target == target);
        self.seeds.extend(fits);
        self
    }

    /// The conversation with this number in a run with this seed.
    pub fn conversation(&self, seed: u64, number: u64) -> (Kind, Conversation) {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(number);
        let mut octets = [0; OCTETS];
        source.fill_bytes(&mut octets);
        self.of_octets(&octets)
    }

    /// The conversation that these octets are.
    pub fn of_octets(&self, octets: &[u8]) -> (Kind, Conversation) {
        let mut dice = Dice::new(octets);
        let kind = match self.kinds.is_empty() {
            true => Kind::Lawful,
            false => *dice.pick(&self.kinds),
        };
        let actions = match kind {
            Kind::Mutated if !self.seeds.is_empty() => {
                mutate::mutate(&mut dice, &self.seeds).actions
            }
            Kind::Mutated | Kind::Wrong => wrong(&mut dice),
            Kind::Lawful => {
                let mut actions = lawful::run(&mut dice);
                lawful::end(&mut dice, &mut actions);
                actions
            }
            Kind::Wild => wild::actions(&mut dice),
        };
        let target = self.target;
        (kind, Conversation { target, actions })
    }
}

fn wrong(dice: &mut Dice<'_>) -> Vec<Action> {
    let mut actions = lawful::run(dice);
    wrong::spoil(dice, &mut actions);
    match dice.below(3) {
        0 => {}
        1 => lawful::end(dice, &mut actions),
        // What comes behind a violation has no effect.
        _ => {
            actions.push(lawful::end_of_write(dice));
            actions.extend(lawful::run(dice));
        }
    }
    actions
}
