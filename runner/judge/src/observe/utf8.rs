//! UTF-8 in pieces, by way of the standard library.

/// Whether octets that come in pieces are UTF-8 (RFC 3629).
#[derive(Debug, Clone, Default)]
pub(super) struct Utf8Pieces {
    /// The beginning of a character that is not complete yet.
    pending: Vec<u8>,
    broken: bool,
}

impl Utf8Pieces {
    pub(super) fn update(&mut self, octets: &[u8]) {
        if self.broken || octets.is_empty() {
            return;
        }
        let joined: Vec<u8>;
        let octets = if self.pending.is_empty() {
            octets
        } else {
            joined = [&self.pending[..], octets].concat();
            &joined
        };
        match std::str::from_utf8(octets) {
            Ok(_) => self.pending.clear(),
            Err(error) if error.error_len().is_some() => self.broken = true,
            Err(error) => self.pending = octets[error.valid_up_to()..].to_vec(),
        }
    }

    /// Whether everything so far can be UTF-8.
    pub(super) fn is_valid_so_far(&self) -> bool {
        !self.broken
    }

    /// Whether everything is UTF-8 and ends with a whole character.
    pub(super) fn is_complete(&self) -> bool {
        !self.broken && self.pending.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter() {
        for (octets, valid, complete) in [
            (&b""[..], true, true),
            ("κόσμε𐀀".as_bytes(), true, true),
            (b"\xce", true, false),
            (b"\xf0\x90\x80", true, false),
            (b"\xed\xa0\x80", false, false),
            (b"\xf4\x90\x80\x80", false, false),
            (b"\xc0\xaf", false, false),
            (b"ab\xff", false, false),
        ] {
            for cut in 0..=octets.len() {
                let mut pieces = Utf8Pieces::default();
                pieces.update(&octets[..cut]);
                pieces.update(&octets[cut..]);
                assert_eq!(pieces.is_valid_so_far(), valid, "{octets:02x?} at {cut}");
                assert_eq!(pieces.is_complete(), complete, "{octets:02x?} at {cut}");
            }
        }
    }
}
