//! What an echo endpoint can be asked to do in place of echoing.
//!
//! An endpoint that only echoes has no reason to begin the closing handshake, so that
//! nobody can see how it does. Ours takes a text message for a request if it has this
//! form, whoever it is that sends it; everything else is echoed.
//!
//! | message | what is done |
//! |---|---|
//! | `wsspec: close CODE` | the closing handshake is begun with that status code |
//! | `wsspec: close CODE REASON` | the same, with a reason |

use crate::{CloseCode, Message};

/// What stands before every request.
const PREFIX: &str = "wsspec: ";

/// A request to begin the closing handshake (RFC 6455 §7.1.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct AskedToClose {
    pub(super) code: CloseCode,
    pub(super) reason: String,
}

impl AskedToClose {
    /// The request in a message, if it is one.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let request = message.as_text()?.strip_prefix(PREFIX)?;
        let close = request.strip_prefix("close ")?;
        let (code, reason) = close.split_once(' ').unwrap_or((close, ""));
        Some(Self {
            code: CloseCode::new(code.parse().ok()?),
            reason: reason.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_from_other_messages() {
        for (text, request) in [
            ("wsspec: close 1000", Some((1000, ""))),
            ("wsspec: close 4000 good bye", Some((4000, "good bye"))),
            ("wsspec: close 70000", None),
            ("wsspec: close", None),
            ("wsspec: closed 1000", None),
            ("Wsspec: close 1000", None),
            ("close 1000", None),
        ] {
            let asked = AskedToClose::of(&Message::text(text));
            let asked = asked.map(|asked| (asked.code.value(), asked.reason));
            let expected = request.map(|(code, reason)| (code, reason.to_owned()));
            assert_eq!(asked, expected, "{text:?}");
        }
        assert_eq!(
            AskedToClose::of(&Message::binary("wsspec: close 1000")),
            None
        );
    }
}
