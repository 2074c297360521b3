//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 §4.1 item 7, §4.2.2 item 5.4).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use sha1::{Digest as _, Sha1};

/// What is appended to the key before hashing (RFC 6455 §1.3).
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` value that answers `key`.
///
/// The key is taken as the text that was received, less the white space around it;
/// it is not decoded (§4.2.2 item 4).
pub fn accept_for(key: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(key.as_bytes());
    hash.update(GUID.as_bytes());
    STANDARD.encode(hash.finalize())
}

/// The `Sec-WebSocket-Key` value for a nonce of 16 octets, which has to be drawn
/// at random for each connection.
pub fn key_from_nonce(nonce: [u8; 16]) -> String {
    STANDARD.encode(nonce)
}

/// Whether `key` is the base64 form of 16 octets (§4.2.1 item 5), white space not included.
///
/// The four bits that the last digit has to spare may have any value: the RFC's
/// own example of §4.1, `AQIDBAUGBwgJCgsMDQ4PEC==`, sets some of them.
pub fn is_valid_key(key: &str) -> bool {
    const LENIENT_ABOUT_SPARE_BITS: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
    );
    let mut nonce = [0; 18];
    key.len() == 24 && LENIENT_ABOUT_SPARE_BITS.decode_slice(key, &mut nonce) == Ok(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_section_1_3_is_answered() {
        assert_eq!(
            accept_for("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn a_key_is_base64_of_sixteen_octets() {
        for (key, valid) in [
            ("dGhlIHNhbXBsZSBub25jZQ==", true),
            ("AQIDBAUGBwgJCgsMDQ4PEC==", true),
            ("AAAAAAAAAAAAAAAAAAAAAA==", true),
            ("", false),
            ("dGhlIHNhbXBsZSBub25jZQ", false),    // no padding
            ("dGhlIHNhbXBsZSBub25jZQ=", false),   // half the padding
            ("dGhlIHNhbXBsZSBub25jZQ===", false), // more padding than there is
            ("dGhlIHNhbXBsZSBub25j", false),      // 15 octets
            ("dGhlIHNhbXBsZSBub25jZWU=", false),  // 17 octets
            ("dGhlIHNhbXBsZSBub25jZWVl", false),  // 18 octets
            ("dGhlIHNhbXBsZSBub25j_Q==", false),  // the alphabet for URLs
            ("dGhlIHNhbXBsZSBub2 5jZQ=", false),  // white space within
            ("dGhlIHNhbXBsZSBub25\u{e9}Q==", false),
        ] {
            assert_eq!(is_valid_key(key), valid, "key {key:?}");
        }
    }

    #[test]
    fn any_nonce_makes_a_valid_key() {
        for octet in [0x00, 0x7f, 0xfb, 0xff] {
            assert!(is_valid_key(&key_from_nonce([octet; 16])));
        }
    }
}
