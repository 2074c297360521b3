//! What a Close frame says: status codes and reasons (RFC 6455 §5.5.1, §7.4).

use crate::utf8::Utf8Error;
use crate::{Deviations, Role};
use std::fmt;

/// A status code as it travels in a Close frame (RFC 6455 §7.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(u16);

impl CloseCode {
    /// 1000: the purpose of the connection has been fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// 1001: the endpoint is going away.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1003: data of a type that cannot be accepted.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// 1005: reported locally if a Close frame had no status code; never sent.
    pub const NO_STATUS_RECEIVED: Self = Self(1005);
    /// 1006: reported locally if no Close frame was received; never sent.
    pub const ABNORMAL_CLOSURE: Self = Self(1006);
    /// 1007: data that does not fit the type of its message, such as text that is not UTF-8.
    pub const INVALID_FRAME_PAYLOAD_DATA: Self = Self(1007);
    /// 1008: a message violates the endpoint's policy.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// 1009: a message is too big to process.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// 1010: the client needs an extension that was not negotiated; not for servers.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// 1011: an unexpected condition in the endpoint.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// 1012: the service restarts (IANA registry).
    pub const SERVICE_RESTART: Self = Self(1012);
    /// 1013: try again later (IANA registry).
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// 1014: a gateway received an invalid response (IANA registry).
    pub const BAD_GATEWAY: Self = Self(1014);
    /// 1015: reported locally if the TLS handshake failed; never sent.
    pub const TLS_HANDSHAKE: Self = Self(1015);

    /// The code with this number, whether it is defined or not.
    pub const fn new(value: u16) -> Self {
        Self(value)
    }

    /// The number.
    pub const fn value(self) -> u16 {
        self.0
    }

    /// Whether a Close frame that is received may carry this code (§7.4.1, §7.4.2 and
    /// the IANA registry): 1000 to 1003, 1007 to 1014 and 3000 to 4999.
    pub const fn may_be_received(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// Whether `role` may start a closing handshake with this code.
    pub const fn may_be_sent_by(self, role: Role) -> bool {
        // §7.4.1: 1010 "is not used by the server, because it can fail the WebSocket handshake
        // instead".
        let is_for_clients = self.0 == Self::MANDATORY_EXTENSION.0;
        self.may_be_received() && !(is_for_clients && matches!(role, Role::Server))
    }
}

impl From<u16> for CloseCode {
    fn from(value: u16) -> Self {
        Self(value)
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({})", self.0)
    }
}

/// The most octets a close reason can have: a control frame's 125 less the status code (§5.5).
pub const REASON_OCTETS_MAX: usize = 123;

/// The body of a Close frame (RFC 6455 §5.5.1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ClosePayload {
    /// The status code; `None` if the body is empty.
    pub code: Option<CloseCode>,
    /// The reason, which may be empty. §5.5.1: not to be shown to end users.
    pub reason: String,
}

impl ClosePayload {
    /// Reads the payload of a Close frame.
    ///
    /// # Errors
    /// By variant of [`CloseError`].
    pub fn parse(payload: &[u8]) -> Result<Self, CloseError> {
        Self::parse_with(payload, &Deviations::NONE)
    }

    pub(crate) fn parse_with(payload: &[u8], deviations: &Deviations) -> Result<Self, CloseError> {
        // §5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned
        // integer (in network byte order) representing a status code".
        let overlook = |violation| {
            if deviations.overlook_in_close(&violation) {
                Ok(())
            } else {
                Err(violation)
            }
        };
        let (code, reason) = match payload {
            [] => return Ok(Self::default()),
            [_] => {
                return overlook(CloseError::CodeCutOff).map(|()| Self {
                    code: Some(CloseCode::NORMAL),
                    reason: String::new(),
                });
            }
            [high, low, reason @ ..] => (CloseCode(u16::from_be_bytes([*high, *low])), reason),
        };
        if !code.may_be_received() {
            overlook(CloseError::InvalidCode { code })?;
        } else if !deviations.is_empty() && deviations.refuse_close_code(code) {
            return Err(CloseError::InvalidCode { code });
        }
        let reason = match simdutf8::compat::from_utf8(reason) {
            Ok(reason) => reason.to_owned(),
            Err(error) => {
                let offset = error.valid_up_to() as u64;
                overlook(CloseError::ReasonNotUtf8(Utf8Error { offset }))?;
                String::from_utf8_lossy(reason).into_owned()
            }
        };
        Ok(Self {
            code: Some(code),
            reason,
        })
    }
}

/// What is wrong with the body of a Close frame.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CloseError {
    /// The body has one octet, half a status code (§5.5.1).
    #[error("a Close frame carries one octet, half a status code")]
    CodeCutOff,
    /// The status code may not travel (§7.4).
    #[error("a Close frame carries the status code {code}, which may not be sent")]
    InvalidCode {
        /// The code received.
        code: CloseCode,
    },
    /// The reason is not UTF-8 (§5.5.1).
    #[error("the reason of a Close frame is not UTF-8: {0}")]
    ReasonNotUtf8(Utf8Error),
}

impl CloseError {
    /// The section of RFC 6455 that was not kept.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::CodeCutOff | Self::ReasonNotUtf8(_) => "5.5.1",
            Self::InvalidCode { .. } => "7.4",
        }
    }

    /// The status code to fail the connection with.
    pub const fn close_code(&self) -> CloseCode {
        match self {
            Self::CodeCutOff | Self::InvalidCode { .. } => CloseCode::PROTOCOL_ERROR,
            Self::ReasonNotUtf8(_) => CloseCode::INVALID_FRAME_PAYLOAD_DATA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_at_both_sides_of_every_edge() {
        for (value, may_travel) in [
            (0, false),
            (999, false),
            (1000, true),
            (1003, true),
            (1004, false),
            (1005, false),
            (1006, false),
            (1007, true),
            (1014, true),
            (1015, false),
            (1016, false),
            (2999, false),
            (3000, true),
            (4999, true),
            (5000, false),
            (65_535, false),
        ] {
            let code = CloseCode::new(value);
            assert_eq!(code.may_be_received(), may_travel, "code {value}");
            assert_eq!(
                code.may_be_sent_by(Role::Client),
                may_travel,
                "code {value}"
            );
        }
        assert!(!CloseCode::MANDATORY_EXTENSION.may_be_sent_by(Role::Server));
        assert!(CloseCode::INTERNAL_ERROR.may_be_sent_by(Role::Server));
    }

    #[test]
    fn bodies_are_read() {
        let said = |code, reason: &str| {
            Ok(ClosePayload {
                code: Some(CloseCode(code)),
                reason: reason.to_owned(),
            })
        };
        for (payload, expected) in [
            (&b""[..], Ok(ClosePayload::default())),
            (b"\x03", Err(CloseError::CodeCutOff)),
            (b"\x03\xe8", said(1000, "")),
            (b"\x03\xe8bye", said(1000, "bye")),
            (
                b"\x03\xed",
                Err(CloseError::InvalidCode {
                    code: CloseCode(1005),
                }),
            ),
            (
                b"\x03\xe8by\xff",
                Err(CloseError::ReasonNotUtf8(Utf8Error { offset: 2 })),
            ),
            (
                b"\x03\xe8\xe2\x82",
                Err(CloseError::ReasonNotUtf8(Utf8Error { offset: 0 })),
            ),
        ] {
            assert_eq!(ClosePayload::parse(payload), expected, "{payload:02x?}");
        }
    }
}
