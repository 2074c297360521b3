//! What can go wrong on an open connection, sorted by whose fault it is.
//!
//! The errors of the opening handshake are in [`handshake`](crate::handshake).

use crate::close::{CloseCode, CloseError};
use crate::frame::FrameError;
use crate::message::MessageError;

/// The peer broke the RFC or went beyond our limits; the connection is failed for it (§7.1.7).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProtocolError {
    /// A frame header is not as §5 has it.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The payload of a message is not as its type demands.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The body of a Close frame is malformed.
    #[error(transparent)]
    Close(#[from] CloseError),
}

impl ProtocolError {
    /// The section of RFC 6455 that was not kept, such as `"5.2"`, or of RFC 7692, as in
    /// `"7692 6.1"`.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::Frame(error) => error.section(),
            Self::Message(error) => error.section(),
            Self::Close(error) => error.section(),
        }
    }

    /// The status code to fail the connection with.
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::Frame(error) => error.close_code(),
            Self::Message(error) => error.close_code(),
            Self::Close(error) => error.close_code(),
        }
    }
}

/// The caller asked for something that may not be sent, or not now. Nothing was sent.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// A Close frame was sent or received, or the connection has ended (§5.5.1, §6.1).
    #[error("the connection is not open any more")]
    NotOpen,
    /// The payload of a control frame is longer than 125 octets (§5.5).
    #[error("a control frame cannot carry {octets} octets, more than 125")]
    ControlPayloadTooLong {
        /// How many octets were given.
        octets: usize,
    },
    /// A close reason is longer than 123 octets (§5.5).
    #[error("a close reason cannot have {octets} octets, more than 123")]
    ReasonTooLong {
        /// How many octets were given.
        octets: usize,
    },
    /// The status code may not be sent by this endpoint (§7.4).
    #[error("status code {code} may not be sent")]
    InvalidCode {
        /// The code given.
        code: CloseCode,
    },
}
