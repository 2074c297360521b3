//! What was agreed on compression (RFC 7692 §7.1).

use super::extensions::{Extension, parse};

/// What the window of a side is that nothing was said of.
const WINDOW_BITS_USUAL: u8 = 15;

/// What client and server have agreed on for permessage-deflate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// How the client compresses.
    pub client: Direction,
    /// How the server compresses.
    pub server: Direction,
}

/// How one side may compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Direction {
    /// The largest window, as a power of two.
    pub window_bits: u8,
    /// Whether a message may refer to those before it.
    pub takes_over: bool,
}

impl Direction {
    /// The largest window in octets.
    pub fn window_octets(self) -> usize {
        1 << self.window_bits
    }
}

impl Agreement {
    /// What the values of Sec-WebSocket-Extensions in a response agree to; nothing where
    /// permessage-deflate is not among them. What a value leaves unclear counts as not said.
    pub fn of<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<Self> {
        let agreed = parse(values)?;
        let deflate = agreed.iter().find(|extension| extension.is_deflate())?;
        let direction = |bits, no_takeover| Direction {
            window_bits: window_bits(deflate, bits),
            takes_over: deflate.parameter(no_takeover).is_none(),
        };
        Some(Self {
            client: direction("client_max_window_bits", "client_no_context_takeover"),
            server: direction("server_max_window_bits", "server_no_context_takeover"),
        })
    }
}

fn window_bits(deflate: &Extension, name: &str) -> u8 {
    let bits = deflate.parameter(name).flatten();
    let bits = bits.and_then(|bits| bits.parse().ok());
    bits.filter(|bits| matches!(bits, 8..=15))
        .unwrap_or(WINDOW_BITS_USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_says_what_each_side_may_do() {
        for (value, expected) in [
            ("", None),
            ("x-other; a=1", None),
            ("permessage-deflate", Some([(15, true), (15, true)])),
            (
                "x, permessage-deflate; client_max_window_bits=9; server_no_context_takeover",
                Some([(9, true), (15, false)]),
            ),
            (
                "permessage-deflate; server_max_window_bits=\"8\"; client_no_context_takeover",
                Some([(15, false), (8, true)]),
            ),
            (
                "permessage-deflate; server_max_window_bits=99",
                Some([(15, true), (15, true)]),
            ),
        ] {
            let agreement = Agreement::of([value.as_bytes()]).map(|agreement| {
                [agreement.client, agreement.server]
                    .map(|direction| (direction.window_bits, direction.takes_over))
            });
            assert_eq!(agreement, expected, "{value}");
        }
    }
}
