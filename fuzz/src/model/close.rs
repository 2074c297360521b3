//! What a Close frame says (RFC 6455 §5.5.1, §7.4).

use super::rule::{self, Rule};

/// What becomes of a Close frame's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Body {
    /// It is lawful.
    Sound(Option<u16>),
    /// It may be taken, or the connection be failed for it.
    Doubtful(u16, Rule),
    /// The connection is failed for it.
    Broken(Rule),
}

/// Reads the body of a Close frame.
pub fn read(body: &[u8]) -> Body {
    let (code, reason) = match *body {
        [] => return Body::Sound(None),
        [_] => return Body::Broken(rule::HALF_A_CODE),
        [high, low, ref reason @ ..] => (u16::from_be_bytes([high, low]), reason),
    };
    if std::str::from_utf8(reason).is_err() {
        return Body::Broken(rule::REASON_NOT_UTF8);
    }
    match code {
        // §7.4.1: what they mean is defined, and they may be sent. §7.4.2: for libraries, frameworks
        // and applications, and for private use.
        1000..=1003 | 1007..=1011 | 3000..=4999 => Body::Sound(Some(code)),
        // §7.4.2: "not used"; §7.4.1: "MUST NOT be set as a status code in a Close control frame".
        0..=999 | 1005 | 1006 => Body::Broken(rule::FORBIDDEN_CODE),
        // 1004 "might be defined in the future"; 1012 to 1014 were. 1015 is forbidden to the sender
        // as 1005 is, and implementations differ. Up to 2999 IANA assigns; of what is above 4999
        // the RFC says nothing.
        _ => Body::Doubtful(code, rule::UNASSIGNED_CODE),
    }
}
