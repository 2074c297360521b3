//! What a target did, as the trace of a case sees it.

use serde::{Deserialize, Serialize};

use crate::head::Head;
use crate::transcript::Octets;

/// Something that a target did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The head of its side of the opening handshake came.
    Head(Box<Head>),
    /// A text message.
    Text(Octets),
    /// A binary message.
    Binary(Octets),
    /// A Ping frame.
    Ping(Octets),
    /// A Pong frame.
    Pong(Octets),
    /// A Close frame.
    Close {
        /// The status code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        /// The reason.
        reason: Octets,
    },
    /// So many echoes of an echo loop.
    Echoes(u32),
    /// A client did not connect to what it was given.
    StayedAway {
        /// Whether its process ended by itself.
        ended_by_itself: bool,
    },
    /// The end of the connection.
    End {
        /// Whether by a reset.
        reset: bool,
    },
}

impl Event {
    /// The event without what stands in the transcript at length.
    pub fn brief(&self) -> Self {
        match self {
            Self::Head(head) => Self::Head(Box::new(Head {
                start: head.start.clone(),
                status: head.status,
                ..Head::default()
            })),
            other => other.clone(),
        }
    }
}

/// What was observed of a case: the first events, and how many more there were.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The first ones, in order.
    pub events: Vec<Event>,
    /// How many came behind them.
    #[serde(default)]
    pub more: u64,
}
