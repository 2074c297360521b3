//! Deliberate departures from the RFC, for testing the tester.
//!
//! [`Deviation`] has one variant for each, and [`Deviation::facts`] says what it is. The table
//! of them all is `table.rs`, by family. A departure takes one of three forms:
//!
//! - **A violation of the peer is overlooked.** The checks know nothing of it: they find the
//!   violation and name it as ever, and `overlook` is asked on the way out. Lawful traffic
//!   never asks. `overlook.rs` says which deviations excuse which violation.
//! - **What is sent or received is altered at a gate.** All frames leave through
//!   `Outgoing::push_frame`, all heads through `ServerHandshake` and `ClientHandshake`; all frames
//!   arrive in `Incoming`. Where a gate asks `is_empty()` and the answer is no, what passes is
//!   handed to the file here that alters it: `sending.rs`, `receiving.rs`, `heads.rs`, `text.rs`,
//!   and for the choices in between `closing.rs` and `deflate.rs`. Frames are
//!   altered as [`RawFrame`](crate::frame::RawFrame)s, and heads by a table of edits.
//! - **The endpoint decides otherwise.** The place that keeps the rule asks
//!   `deviations.include(Deviation::…)`.
//!
//! So a new deviation is one row of the table, and one line in the file of its form; the third
//! form is for what the first two cannot say. It also needs a conversation that shows
//! it, in `tests/deviations`.

mod closing;
mod deflate;
mod heads;
mod overlook;
mod receiving;
mod sending;
mod table;
mod text;

pub(crate) use receiving::Receiving;
pub(crate) use sending::Sending;
pub use table::Deviation;
pub(crate) use text::DeviatingText;

use crate::Role;
use crate::bits::Bits;
use table::TABLE;

/// What there is to say about a deviation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviationFacts {
    /// The deviation.
    pub deviation: Deviation,
    /// Its stable name, a slug.
    pub name: &'static str,
    /// What the endpoint does that it should not, or the other way round.
    pub title: &'static str,
    /// The role that can deviate so; `None` if both can.
    pub role: Option<Role>,
    /// What it is about.
    pub family: Family,
    /// The requirements that are not kept. Their levels tell how bad it is: where no more than
    /// a SHOULD is among them, the peer has to bear with it.
    pub requirements: &'static [&'static str],
}

/// What a deviation is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Family {
    /// Masking (RFC 6455 §5.1, §5.3).
    Masking,
    /// The reserved bits (§5.2).
    ReservedBits,
    /// Opcodes (§5.2, §11.8).
    Opcodes,
    /// Payload lengths and their forms (§5.2).
    Lengths,
    /// Fragmentation (§5.4).
    Fragmentation,
    /// Pings, Pongs, and what holds for all control frames (§5.5).
    ControlFrames,
    /// UTF-8 (§8.1).
    Utf8,
    /// The closing handshake, the end of TCP and failing the connection (§7).
    Closing,
    /// The server's side of the opening handshake (§4.2).
    ServerHandshake,
    /// The client's side of the opening handshake (§4.1).
    ClientHandshake,
    /// permessage-deflate (RFC 7692).
    Compression,
    /// Standing up to hostile or merely unusual peers (§10).
    Robustness,
}

/// A set of deviations.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Deviations(Bits<8>);

impl Deviations {
    /// No deviation: the RFC is kept.
    pub const NONE: Self = Self(Bits::NONE);

    /// This set and `deviation`.
    #[must_use]
    pub const fn with(self, deviation: Deviation) -> Self {
        Self(self.0.with(deviation as usize))
    }

    /// This set and `other`.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0.union(other.0))
    }

    /// Whether `deviation` is in the set.
    #[inline]
    pub const fn include(&self, deviation: Deviation) -> bool {
        self.0.include(deviation as usize)
    }

    /// Whether the RFC is kept.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that an endpoint of this role can make.
    #[must_use]
    pub fn of(self, role: Role) -> Self {
        self.iter()
            .filter(|deviation| deviation.facts().role.is_none_or(|only| only == role))
            .collect()
    }

    /// The deviations in the set, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = Deviation> {
        Deviation::ALL
            .iter()
            .copied()
            .filter(|&deviation| self.include(deviation))
    }
}

impl FromIterator<Deviation> for Deviations {
    fn from_iter<I: IntoIterator<Item = Deviation>>(deviations: I) -> Self {
        deviations.into_iter().fold(Self::NONE, Self::with)
    }
}

impl Deviation {
    /// The deviation of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE
            .iter()
            .find(|facts| facts.name == name)
            .map(|facts| facts.deviation)
    }

    /// What there is to say about it.
    pub const fn facts(self) -> &'static DeviationFacts {
        &TABLE[self as usize]
    }

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        self.facts().name
    }
}

impl std::fmt::Display for Deviation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_answers_for_every_deviation() {
        for (index, &deviation) in Deviation::ALL.iter().enumerate() {
            let facts = deviation.facts();
            assert_eq!(facts.deviation, deviation);
            assert_eq!(deviation as usize, index);
            assert_eq!(Deviation::from_name(facts.name), Some(deviation));
            assert!(facts.title.ends_with('.'), "{}", facts.name);
        }
        assert_eq!(Deviation::from_name("no-such-thing"), None);
        let names: HashSet<_> = TABLE.iter().map(|facts| facts.name).collect();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.len() <= Bits::<8>::COUNT, "the set has room for all");
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        assert!(Deviations::NONE.is_empty());
        for &deviation in Deviation::ALL {
            assert!(!Deviations::NONE.include(deviation));
            let set = Deviations::NONE.with(deviation);
            assert_eq!(set.iter().collect::<Vec<_>>(), [deviation]);
        }
        let all: Deviations = Deviation::ALL.iter().copied().collect();
        assert_eq!(all.iter().count(), Deviation::ALL.len());
    }
}
