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
    /// A data frame comes after a Close frame (§5.5.1 speaks of data).
    AfterClose,
    /// A Close frame comes after a Close frame.
    SecondClose,
    /// Text of HTTP comes where frames were agreed to.
    Http,
    /// The connection ends inside of a frame.
    CutShort,
    /// A Pong frame answers nothing that we sent.
    UnsolicitedPong,
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
        Self::SecondClose,
        Self::Http,
        Self::CutShort,
        Self::UnsolicitedPong,
    ];

    /// Whether it is about the closing handshake, so that it shows in conversations that
    /// are about anything else.
    pub fn is_of_closing(self) -> bool {
        matches!(
            self,
            Self::ClosePayloadOneOctet
                | Self::CloseCodeForbidden
                | Self::CloseReasonNotUtf8
                | Self::AfterClose
        )
    }

    /// The requirement that is broken; none where nothing is.
    pub fn requirement(self) -> Option<&'static str> {
        match self {
            Self::MaskedByServer => Some("6455-5.1-5"),
            Self::UnmaskedByClient => Some("6455-5.1-1"),
            Self::ReservedBits | Self::Http => Some("6455-5.2-3"),
            Self::ReservedOpcode => Some("6455-5.2-6"),
            Self::LengthNotMinimal => Some("6455-5.2-12"),
            Self::LengthTopBit => Some("6455-5.2-10"),
            Self::ControlTooLong => Some("6455-5.5-1"),
            Self::ControlFragmented => Some("6455-5.5-2"),
            Self::ContinuationOfNothing => Some("6455-5.4-3"),
            Self::MessageInsideMessage => Some("6455-5.4-9"),
            Self::TextNotUtf8 => Some("6455-5.6-2"),
            Self::ClosePayloadOneOctet => Some("6455-5.5.1-3"),
            Self::CloseCodeForbidden => Some("6455-7.4.2-1"),
            Self::CloseReasonNotUtf8 => Some("6455-5.5.1-4b"),
            Self::AfterClose => Some("6455-5.5.1-7"),
            Self::SecondClose | Self::CutShort | Self::UnsolicitedPong => None,
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
            if let Some(id) = oddity.requirement() {
                assert!(catalogue.find(id).is_some(), "{oddity:?}: {id}");
            }
        }
    }
}
