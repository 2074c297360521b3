//! The rules of RFC 6455 that octets can break, and what their reader does about it.

/// A rule, and how a connection is failed for it (§7.1.7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// The requirement.
    pub requirement: &'static str,
    /// The status codes that say so, the best first (§7.4.1).
    pub codes: &'static [u16],
    /// What was sent, as a sentence.
    pub broken: &'static str,
}

const fn rule(requirement: &'static str, codes: &'static [u16], broken: &'static str) -> Rule {
    Rule {
        requirement,
        codes,
        broken,
    }
}

/// §5.1: "The server MUST close the connection upon receiving a frame that is not masked."
pub const NOT_MASKED: Rule = rule("6455-5.1-3", &[1002], "A frame to a server is not masked.");
/// §5.1: "A client MUST close a connection if it detects a masked frame."
pub const MASKED: Rule = rule("6455-5.1-6", &[1002], "A frame to a client is masked.");
/// §5.2: "If a nonzero value is received and none of the negotiated extensions defines the meaning
/// of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_."
pub const RESERVED_BITS: Rule = rule(
    "6455-5.2-4",
    &[1002],
    "A reserved bit is set that no extension gives a meaning.",
);
/// §5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket
/// Connection_."
pub const RESERVED_OPCODE: Rule = rule("6455-5.2-5", &[1002], "An opcode is reserved.");
/// §5.2: "the most significant bit MUST be 0".
pub const LENGTH_TOP_BIT: Rule = rule(
    "6455-5.2-10r",
    &[1002, 1009],
    "The most significant bit of a length is set.",
);
/// §5.2: "the minimal number of bytes MUST be used to encode the length". That binds the sender.
pub const LENGTH_NOT_MINIMAL: Rule = rule(
    "6455-5.2-12r",
    &[1002],
    "A length is written in more octets than it takes.",
);
/// §5.4: "A fragmented message consists of a single frame with the FIN bit clear and an opcode
/// other than 0, followed by zero or more frames with the FIN bit clear and the opcode set to 0".
pub const STRAY_CONTINUATION: Rule = rule(
    "6455-5.4-3r",
    &[1002],
    "A continuation frame continues nothing.",
);
/// §5.4, as before; and fragments of messages "MUST NOT be interleaved".
pub const INTERRUPTED_MESSAGE: Rule = rule(
    "6455-5.4-4r",
    &[1002],
    "A message begins inside of an unfinished one.",
);
/// §5.5: "All control frames MUST have a payload length of 125 bytes or less".
pub const CONTROL_TOO_LONG: Rule = rule(
    "6455-5.5-1r",
    &[1002],
    "A control frame is longer than 125 octets.",
);
/// §5.5: control frames "MUST NOT be fragmented".
pub const CONTROL_FRAGMENTED: Rule = rule("6455-5.5-2r", &[1002], "A control frame is fragmented.");
/// §8.1: "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream
/// is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_."
pub const TEXT_NOT_UTF8: Rule = rule("6455-8.1-1", &[1007], "A text message is not UTF-8.");
/// §5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer".
pub const HALF_A_CODE: Rule = rule(
    "6455-5.5.1-3r",
    &[1002],
    "A Close frame carries one octet, half a status code.",
);
/// §7.4.1 of 1005 and 1006: "It is designated for use in applications", and not on the wire;
/// §7.4.2: "Status codes in the range 0-999 are not used."
pub const FORBIDDEN_CODE: Rule = rule(
    "6455-7.4.1-r",
    &[1002],
    "A Close frame carries a status code that is never on the wire.",
);
/// §7.4: codes without a meaning as yet. The RFC binds who sends them.
pub const UNASSIGNED_CODE: Rule = rule(
    "6455-7.4.1-r",
    &[1002],
    "A Close frame carries a status code that is not assigned, or was not when the RFC was written.",
);
/// §5.5.1: "Following the 2-byte integer, the body MAY contain UTF-8-encoded data", and §8.1.
pub const REASON_NOT_UTF8: Rule = rule(
    "6455-8.1-1",
    &[1007, 1002],
    "The reason in a Close frame is not UTF-8.",
);
/// §10.4: "Implementations that have implementation- and/or platform-specific limitations
/// regarding the frame size or total message size after reassembly from multiple frames MUST
/// protect themselves against exceeding those limits."
pub const LIMIT: Rule = rule(
    "6455-10.4-1",
    &[1009],
    "A message is larger, or has more fragments, than every endpoint has to take.",
);
