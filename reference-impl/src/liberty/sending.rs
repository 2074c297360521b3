//! Frames in other forms and in another order.

use super::{Liberties, Liberty};
use crate::frame::Opcode;

use Liberty as L;

/// A part of a message that is sent in fragments, or something between two of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Piece<'payload> {
    Fragment(&'payload [u8]),
    Control(Opcode, &'static [u8]),
}

/// When Pongs are sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PongOrder {
    /// Among the answers, in the order of what they answer.
    InOrder,
    /// Behind the answers to what has come together.
    BehindEchoes,
}

impl Liberties {
    /// The pieces in which a message is sent that came in fragments of so many octets, if it is
    /// not to be sent in one frame.
    pub(crate) fn pieces<'payload>(
        &self,
        payload: &'payload [u8],
        came_in: &[usize],
    ) -> Option<Vec<Piece<'payload>>> {
        let halves = payload.split_at(payload.len() / 2);
        let fragments = |octets: usize| {
            let chunks = payload.chunks(octets).map(Piece::Fragment);
            chunks.collect::<Vec<_>>()
        };
        let (left, right) = (Piece::Fragment(halves.0), Piece::Fragment(halves.1));
        let pieces = if self.include(L::FragmentInTwo) {
            vec![left, right]
        } else if self.include(L::FragmentBySeven) {
            fragments(if payload.len() > LONG_OCTETS_MIN {
                4_096
            } else {
                7
            })
        } else if self.include(L::FragmentSingly) {
            fragments(if payload.len() > SHORT_OCTETS_MAX {
                16_384
            } else {
                1
            })
        } else if self.include(L::FragmentWithEmpty) {
            vec![EMPTY, left, EMPTY, right, EMPTY]
        } else if self.include(L::FragmentAroundControl) {
            let ping = Piece::Control(Opcode::PING, b"between");
            vec![
                left,
                ping,
                Piece::Control(Opcode::PONG, b"nobody asked"),
                right,
            ]
        } else if self.include(L::KeepFragments) && came_in.len() > 1 {
            as_it_came(payload, came_in)?
        } else if self.include(L::SendFragmentsSlowly) {
            fragments(payload.len().div_ceil(3).max(1))
        } else {
            return None;
        };
        // An empty message has no chunks.
        (pieces.len() > 1).then_some(pieces)
    }

    /// Whether a message of so many octets, with so many before it, is compressed.
    pub(crate) fn compresses(&self, octets: usize, messages_before: u64) -> bool {
        !(self.include(L::CompressNothing)
            || self.include(L::CompressFrom64Octets) && octets < 64
            || self.include(L::CompressEverySecond) && messages_before % 2 == 1)
    }

    pub(crate) fn pong_order(&self) -> PongOrder {
        match self.include(L::PongBehindEchoes) {
            true => PongOrder::BehindEchoes,
            false => PongOrder::InOrder,
        }
    }
}

/// The payload in fragments of these lengths, if it has as many octets.
fn as_it_came<'payload>(
    mut payload: &'payload [u8],
    lengths: &[usize],
) -> Option<Vec<Piece<'payload>>> {
    let mut pieces = Vec::with_capacity(lengths.len());
    for &length in lengths {
        let (fragment, rest) = payload.split_at_checked(length)?;
        pieces.push(Piece::Fragment(fragment));
        payload = rest;
    }
    payload.is_empty().then_some(pieces)
}

const EMPTY: Piece<'static> = Piece::Fragment(&[]);

/// Longer messages are not sent in the smallest fragments, which would take them long.
const LONG_OCTETS_MIN: usize = 4_096;
const SHORT_OCTETS_MAX: usize = 128;
