//! What the RFC leaves open, done in other ways than the usual one, for testing the tester:
//! nobody lawful is to be accused.
//!
//! [`Liberty`] has one variant for each, and [`Liberty::facts`] says what it is and which
//! sentences leave it open. The table of them all is `table.rs`, by [`Group`]: of a group an
//! endpoint takes one liberty at most, and any set that keeps to this can be taken together.
//! A liberty takes one of these forms:
//!
//! - **Another configuration** of what can be configured anyway: limits, offers, agreements. The
//!   tables of `settings.rs` have these, and [`Connection`](crate::Connection),
//!   [`ServerHandshake`](crate::handshake::ServerHandshake) and
//!   [`ClientHandshake`](crate::handshake::ClientHandshake) ask for them when they begin.
//! - **A deviation that breaks no more than a SHOULD**; `settings.rs` says which.
//! - **Heads in another form**: `heads.rs` edits what is written, `refusal.rs` what refuses.
//! - **Frames in another form**: `sending.rs`, and for Close frames `closing.rs`.
//! - **Another time**: `net/pace.rs`, since the core knows none.
//! - **Another decision**: the place that decides asks `liberties.include(Liberty::…)`.
//!
//! Each needs a conversation that shows it, in `tests/liberties`.

mod closing;
mod heads;
mod refusal;
mod sending;
mod settings;
mod table;

pub(crate) use closing::FailureForm;
pub(crate) use refusal::RefusalForm;
pub(crate) use sending::{Piece, PongOrder};
pub use table::{Group, Liberty};

use crate::Role;
use crate::bits::Bits;
use table::TABLE;

/// What there is to say about a liberty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LibertyFacts {
    /// The liberty.
    pub liberty: Liberty,
    /// Its stable name, a slug.
    pub name: &'static str,
    /// What the endpoint does.
    pub title: &'static str,
    /// The role that can take it; `None` if both can.
    pub role: Option<Role>,
    /// What it is about. Two of a group exclude each other.
    pub group: Group,
    /// The sentences that leave it open: ids of the requirement catalogue, or sections of RFCs
    /// that are not in it.
    pub left_open_by: &'static [&'static str],
}

/// A set of liberties.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Liberties(Bits<4>);

impl Liberties {
    /// No liberty: what is left open is done in the usual way.
    pub const NONE: Self = Self(Bits::NONE);

    /// This set and `liberty`.
    #[must_use]
    pub const fn with(self, liberty: Liberty) -> Self {
        Self(self.0.with(liberty as usize))
    }

    /// Whether `liberty` is in the set.
    #[inline]
    pub const fn include(&self, liberty: Liberty) -> bool {
        self.0.include(liberty as usize)
    }

    /// Whether the set is empty.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that an endpoint of this role can take.
    #[must_use]
    pub fn of(self, role: Role) -> Self {
        self.iter()
            .filter(|liberty| liberty.facts().role.is_none_or(|only| only == role))
            .collect()
    }

    /// The liberties in the set, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = Liberty> {
        Liberty::ALL
            .iter()
            .copied()
            .filter(|&liberty| self.include(liberty))
    }

    /// Two liberties of the set that exclude each other, if there are such.
    pub fn contradiction(&self) -> Option<(Liberty, Liberty)> {
        let all: Vec<_> = self.iter().collect();
        let mut pairs = all
            .iter()
            .enumerate()
            .flat_map(|(at, &one)| all[at + 1..].iter().map(move |&other| (one, other)));
        pairs.find(|(one, other)| one.facts().group == other.facts().group)
    }

    /// The value in `table` of the first liberty there that is in the set.
    fn choose<T: Copy>(&self, table: &[(Liberty, T)]) -> Option<T> {
        table
            .iter()
            .find(|(liberty, _)| self.include(*liberty))
            .map(|&(_, value)| value)
    }
}

impl FromIterator<Liberty> for Liberties {
    fn from_iter<I: IntoIterator<Item = Liberty>>(liberties: I) -> Self {
        liberties.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Liberty {
    /// The liberty of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|facts| facts.name == name)
            .map(|facts| facts.liberty)
    }

    /// What there is to say about it.
    pub const fn facts(self) -> &'static LibertyFacts {
        &TABLE[self as usize]
    }

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }
}

impl std::fmt::Display for Liberty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_answers_for_every_liberty() {
        for (index, &liberty) in Liberty::ALL.iter().enumerate() {
            let facts = liberty.facts();
            assert_eq!(facts.liberty, liberty);
            assert_eq!(liberty as usize, index);
            assert_eq!(Liberty::from_name(facts.name), Some(liberty));
            assert_eq!(Liberties::NONE.with(liberty).contradiction(), None);
        }
        assert_eq!(Liberty::from_name("no-such-thing"), None);
        let names: HashSet<_> = TABLE.iter().map(|facts| facts.name).collect();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.len() <= Bits::<4>::COUNT, "the set has room for all");
    }

    #[test]
    fn two_of_a_group_contradict_each_other() {
        let (one, other) = (Liberty::AnswerCloseWith1001, Liberty::AnswerCloseWith3000);
        let both = Liberties::NONE.with(other).with(one);
        assert_eq!(both.contradiction(), Some((one, other)));
        let apart = Liberties::NONE.with(one).with(Liberty::PingAtOnce);
        assert_eq!(apart.contradiction(), None);
    }
}
