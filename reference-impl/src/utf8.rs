//! UTF-8 that arrives in pieces (RFC 6455 §8.1).

/// Validates UTF-8 piece by piece and fails at the first octet that no valid text can have.
///
/// A character may be cut anywhere: between fragments (§5.6) as well as between reads.
#[derive(Clone, Debug, Default)]
pub struct Utf8Validator {
    /// The start of a character whose end has not arrived.
    unfinished: [u8; 4],
    unfinished_length: usize,
    /// Octets of whole characters seen so far.
    valid_octets: u64,
}

/// The octets are not UTF-8 (RFC 6455 §8.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("octet {offset} of the text does not start a UTF-8 character")]
pub struct Utf8Error {
    /// Where the sequence starts that is no character, in octets from the start of the text.
    pub offset: u64,
}

impl Utf8Validator {
    /// A validator at the start of a text.
    pub const fn new() -> Self {
        Self {
            unfinished: [0; 4],
            unfinished_length: 0,
            valid_octets: 0,
        }
    }

    /// Takes the next octets of the text, any number of them.
    ///
    /// # Errors
    /// Some octet up to here makes the text invalid, whatever may follow. The
    /// validator is of no further use then.
    #[inline]
    pub fn push(&mut self, octets: &[u8]) -> Result<(), Utf8Error> {
        let rest = match self.unfinished_length {
            0 => octets,
            _ => self.finish_character(octets)?,
        };
        let (whole, start) = rest.split_at(rest.len() - unfinished_octets(rest));
        // This one does not say where, so that it is faster on what is valid.
        if simdutf8::basic::from_utf8(whole).is_err() {
            return Err(self.locate_error(whole));
        }
        self.valid_octets += whole.len() as u64;
        if start.is_empty() {
            return Ok(());
        }
        self.start_character(start)
    }

    /// Ends the text.
    ///
    /// # Errors
    /// The last character is not complete.
    pub fn finish(&self) -> Result<(), Utf8Error> {
        match self.unfinished_length {
            0 => Ok(()),
            _ => Err(self.error()),
        }
    }

    /// Keeps the octets that start a character, if any can.
    fn start_character(&mut self, start: &[u8]) -> Result<(), Utf8Error> {
        if std::str::from_utf8(start).is_err_and(|error| error.error_len().is_some()) {
            return Err(self.error());
        }
        self.unfinished[..start.len()].copy_from_slice(start);
        self.unfinished_length = start.len();
        Ok(())
    }

    /// Completes the unfinished character and gives the octets after it.
    fn finish_character<'a>(&mut self, mut octets: &'a [u8]) -> Result<&'a [u8], Utf8Error> {
        while self.unfinished_length > 0
            && let [next, rest @ ..] = octets
        {
            // At most 3 octets are ever unfinished: with the fourth a character is whole or wrong.
            self.unfinished[self.unfinished_length] = *next;
            self.unfinished_length += 1;
            octets = rest;
            match std::str::from_utf8(&self.unfinished[..self.unfinished_length]) {
                Ok(_) => {
                    self.valid_octets += self.unfinished_length as u64;
                    self.unfinished_length = 0;
                }
                Err(error) if error.error_len().is_some() => return Err(self.error()),
                Err(_) => {}
            }
        }
        Ok(octets)
    }

    #[cold]
    fn locate_error(&mut self, octets: &[u8]) -> Utf8Error {
        let valid =
            simdutf8::compat::from_utf8(octets).map_or_else(|error| error.valid_up_to(), str::len);
        self.valid_octets += valid as u64;
        self.error()
    }

    const fn error(&self) -> Utf8Error {
        Utf8Error {
            offset: self.valid_octets,
        }
    }
}

/// How many octets at the end start a character that is longer than them, going by its first octet.
#[inline]
fn unfinished_octets(octets: &[u8]) -> usize {
    match octets {
        [.., 0xc0..=0xff] => 1,
        [.., 0xe0..=0xff, _] => 2,
        [.., 0xf0..=0xff, _, _] => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn validate<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(), Utf8Error> {
        let mut validator = Utf8Validator::new();
        for piece in pieces {
            validator.push(piece)?;
        }
        validator.finish()
    }

    #[test]
    fn the_edges_of_every_sequence_length_are_kept() {
        for (octets, expected) in [
            (&b""[..], Ok(())),
            (b"\x00", Ok(())),
            (b"\x7f", Ok(())),
            (b"\x80", Err(0)),             // a continuation octet alone
            (b"\xc1\xbf", Err(0)),         // overlong U+007F
            (b"\xc2\x80", Ok(())),         // U+0080
            (b"\xdf\xbf", Ok(())),         // U+07FF
            (b"\xe0\x9f\xbf", Err(0)),     // overlong U+07FF
            (b"\xe0\xa0\x80", Ok(())),     // U+0800
            (b"\xed\x9f\xbf", Ok(())),     // U+D7FF
            (b"\xed\xa0\x80", Err(0)),     // U+D800, a surrogate
            (b"\xed\xbf\xbf", Err(0)),     // U+DFFF, a surrogate
            (b"\xee\x80\x80", Ok(())),     // U+E000
            (b"\xef\xbf\xbf", Ok(())),     // U+FFFF
            (b"\xf0\x8f\xbf\xbf", Err(0)), // overlong U+FFFF
            (b"\xf0\x90\x80\x80", Ok(())), // U+10000
            (b"\xf4\x8f\xbf\xbf", Ok(())), // U+10FFFF
            (b"\xf4\x90\x80\x80", Err(0)), // above Unicode
            (b"\xf5\x80\x80\x80", Err(0)),
            (b"\xff", Err(0)),
            (b"abc\xc3", Err(3)), // cut off at the end
            ("κόσμε".as_bytes(), Ok(())),
        ] {
            let expected = expected.map_err(|offset| Utf8Error { offset });
            assert_eq!(validate([octets]), expected, "whole {octets:02x?}");
            assert_eq!(validate(octets.chunks(1)), expected, "singly {octets:02x?}");
        }
    }

    #[test]
    fn the_first_impossible_octet_fails_without_waiting() {
        for (prefix, impossible) in [
            (&b"\xf4"[..], 0x90),
            (b"\xed", 0xa0),
            (b"\xe0", 0x80),
            (b"ok \xce\xba\xf0\x90", 0x41),
            (b"", 0xc0),
        ] {
            let mut validator = Utf8Validator::new();
            assert_eq!(validator.push(prefix), Ok(()), "prefix {prefix:02x?}");
            assert!(
                validator.push(&[impossible]).is_err(),
                "{impossible:#04x} after {prefix:02x?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_split_agrees_with_the_standard_library(
            octets in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..80),
                any::<String>().prop_map(String::into_bytes),
                // Long enough for the vectorised part, and broken at one place.
                (any::<String>(), any::<u8>(), any::<prop::sample::Index>()).prop_map(|(text, octet, at)| {
                    let mut octets = text.repeat(4).into_bytes();
                    if !octets.is_empty() {
                        let at = at.index(octets.len());
                        octets[at] = octet;
                    }
                    octets
                }),
            ],
            cut in any::<prop::sample::Index>(),
        ) {
            let expected = std::str::from_utf8(&octets).map(|_| ()).map_err(|error| Utf8Error {
                offset: error.valid_up_to() as u64,
            });
            let (left, right) = octets.split_at(cut.index(octets.len() + 1));
            prop_assert_eq!(validate([&octets[..]]), expected);
            prop_assert_eq!(validate([left, right]), expected);
            prop_assert_eq!(validate(octets.chunks(1)), expected);
        }
    }
}
