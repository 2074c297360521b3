//! Departures from the RFC that single frames of a target show.
//!
//! The observer notes them and never rejects anything; the judge decides. What each
//! one breaks stands in one table here.

use serde::{Deserialize, Serialize};

/// A departure from the RFC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oddity {
    /// A server masked a frame.
    MaskedByServer,
    /// A client did not mask a frame.
    UnmaskedByClient,
    /// An RSV bit is set that no negotiated extension gives a meaning.
    ReservedBits,
    /// The opcode is reserved.
    ReservedOpcode,
    /// The payload length is not in its shortest form.
    LengthNotMinimal,
    /// The most significant bit of a 64-bit length is set.
    LengthTopBit,
    /// A control frame carries more than 125 octets.
    ControlTooLong,
    /// A control frame is fragmented.
    ControlFragmented,
    /// A continuation frame continues nothing.
    ContinuationOfNothing,
    /// A data frame begins a message inside of another one.
    MessageInsideMessage,
    /// A text message is not UTF-8.
    TextNotUtf8,
    /// A Close frame has a payload of one octet.
    ClosePayloadOneOctet,
    /// A Close frame has a status code that must not be on the wire.
    CloseCodeForbidden,
    /// The reason of a Close frame is not UTF-8.
    CloseReasonNotUtf8,
    /// A frame comes after a Close frame.
    AfterClose,
    /// The connection ends inside of a frame.
    CutShort,
    /// A Pong frame answers nothing that we sent.
    UnsolicitedPong,
}

/// What an oddity breaks, and how to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OddityFacts {
    /// The requirement that is broken; none where nothing is.
    pub requirement: Option<&'static str>,
    /// What the target did, to follow the words "the target".
    pub words: &'static str,
}

impl Oddity {
    /// Every oddity.
    pub const ALL: &[Self] = &[
        Self::MaskedByServer,
        Self::UnmaskedByClient,
        Self::ReservedBits,
        Self::ReservedOpcode,
        Self::LengthNotMinimal,
        Self::LengthTopBit,
        Self::ControlTooLong,
        Self::ControlFragmented,
        Self::ContinuationOfNothing,
        Self::MessageInsideMessage,
        Self::TextNotUtf8,
        Self::ClosePayloadOneOctet,
        Self::CloseCodeForbidden,
        Self::CloseReasonNotUtf8,
        Self::AfterClose,
        Self::CutShort,
        Self::UnsolicitedPong,
    ];

    /// What the oddity breaks, and how to say it.
    pub fn facts(self) -> OddityFacts {
        let broken = |requirement, words| OddityFacts {
            requirement: Some(requirement),
            words,
        };
        let noted = |words| OddityFacts {
            requirement: None,
            words,
        };
        match self {
            Self::MaskedByServer => {
                broken("6455-5.1-5", "masked a frame, which a server never does")
            }
            Self::UnmaskedByClient => broken("6455-5.1-1", "sent a frame without masking it"),
            Self::ReservedBits => broken(
                "6455-5.2-3",
                "set an RSV bit that no extension gives a meaning",
            ),
            Self::ReservedOpcode => broken("6455-5.2-6", "sent a frame with a reserved opcode"),
            Self::LengthNotMinimal => broken(
                "6455-5.2-12",
                "encoded a payload length in more octets than it takes",
            ),
            Self::LengthTopBit => broken(
                "6455-5.2-10",
                "set the most significant bit of a 64-bit payload length",
            ),
            Self::ControlTooLong => broken(
                "6455-5.5-1",
                "sent a control frame with more than 125 octets",
            ),
            Self::ControlFragmented => broken("6455-5.5-2", "fragmented a control frame"),
            Self::ContinuationOfNothing => broken(
                "6455-5.4-3",
                "sent a continuation frame with nothing to continue",
            ),
            Self::MessageInsideMessage => {
                broken("6455-5.4-9", "began a message inside of an unfinished one")
            }
            Self::TextNotUtf8 => broken("6455-5.6-2", "sent a text message that is not UTF-8"),
            Self::ClosePayloadOneOctet => broken(
                "6455-5.5.1-3",
                "sent a Close frame with a payload of one octet",
            ),
            Self::CloseCodeForbidden => broken(
                "6455-7.4.2-1",
                "sent a status code that must not be on the wire",
            ),
            Self::CloseReasonNotUtf8 => broken(
                "6455-5.5.1-4b",
                "sent a Close frame whose reason is not UTF-8",
            ),
            Self::AfterClose => broken("6455-5.5.1-7", "sent a frame after its Close frame"),
            Self::CutShort => noted("ended the connection inside of a frame"),
            Self::UnsolicitedPong => noted("sent a Pong frame that answers nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_is_in_the_catalogue() {
        let catalogue = wsspec_cases::suite::catalogue();
        for oddity in Oddity::ALL {
            if let Some(id) = oddity.facts().requirement {
                assert!(catalogue.find(id).is_some(), "{oddity:?}: {id}");
            }
        }
    }
}
