//! Collecting the head of an HTTP message: everything up to the empty line.

use crate::Deviations;
use std::borrow::Cow;

/// The head of an HTTP message, as far as it has arrived.
///
/// Each octet is looked at once, however the head is cut, and the length is bounded.
#[derive(Debug)]
pub(super) struct HeadBuffer {
    octets: Vec<u8>,
    octets_max: usize,
    /// Octets in the current line so far.
    line_length: usize,
    after_carriage_return: bool,
    start_line_seen: bool,
}

/// The head of an HTTP message cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HeadError {
    /// It is longer than our limit.
    #[error("the head is longer than {max} octets")]
    TooLong {
        /// The limit, in octets.
        max: usize,
    },
    /// It has more fields than our limit.
    #[error("the head has more than {max} fields")]
    TooManyFields {
        /// The limit.
        max: usize,
    },
    /// It has an octet that no head has: a control character, or a lone CR or LF.
    #[error("octet {octet:#04x} at {offset} cannot be part of a head")]
    ImpossibleOctet {
        /// The octet.
        octet: u8,
        /// Its place, from the start of the head.
        offset: usize,
    },
    /// It does not follow the grammar of HTTP/1.1.
    #[error("the head is not HTTP/1.1")]
    Malformed,
}

/// How many fields a head may have.
pub(super) const FIELDS_MAX: usize = 128;

impl HeadBuffer {
    pub(super) fn new(octets_max: usize) -> Self {
        Self {
            octets: Vec::new(),
            octets_max,
            line_length: 0,
            after_carriage_return: false,
            start_line_seen: false,
        }
    }

    /// Takes octets up to the end of the head. If that is among them, says how many were taken.
    ///
    /// # Errors
    /// [`HeadError::TooLong`], [`HeadError::ImpossibleOctet`].
    pub(super) fn receive(&mut self, octets: &[u8]) -> Result<Option<usize>, HeadError> {
        let before = self.octets.len();
        for (index, &octet) in octets.iter().enumerate() {
            let offset = before + index;
            if offset >= self.octets_max {
                let max = self.octets_max;
                return Err(HeadError::TooLong { max });
            }
            if self.ends_with(octet, offset)? {
                self.octets.extend_from_slice(&octets[..=index]);
                return Ok(Some(index + 1));
            }
        }
        self.octets.extend_from_slice(octets);
        Ok(None)
    }

    /// Takes octets like [`receive`](Self::receive), up to what a deviation takes for the end.
    pub(super) fn receive_with(
        &mut self,
        octets: &[u8],
        deviations: &Deviations,
    ) -> Result<Option<usize>, HeadError> {
        let taken = self.receive(octets)?;
        if taken.is_none() && deviations.completes_head(&self.octets) {
            self.octets.extend_from_slice(b"\r\n");
            return Ok(Some(octets.len()));
        }
        Ok(taken)
    }

    /// The octets of the head.
    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Looks at the next octet and says whether it ends the head.
    fn ends_with(&mut self, octet: u8, offset: usize) -> Result<bool, HeadError> {
        let impossible = Err(HeadError::ImpossibleOctet { octet, offset });
        if std::mem::take(&mut self.after_carriage_return) {
            if octet != b'\n' {
                return impossible;
            }
            // RFC 9112 §2.2: empty lines before the start line are ignored.
            let is_end = self.line_length == 0 && self.start_line_seen;
            self.start_line_seen |= self.line_length > 0;
            self.line_length = 0;
            return Ok(is_end);
        }
        match octet {
            b'\r' => self.after_carriage_return = true,
            b'\t' | 0x20..=0x7e | 0x80.. => self.line_length += 1,
            _ => return impossible,
        }
        Ok(false)
    }
}

/// The head with HTTP/1.1 in place of a higher minor version, which nothing here depends on.
///
/// RFC 9110 §2.5: a message of a higher minor version than the recipient knows is read as if it
/// had the highest that it knows.
pub(super) fn with_known_version(head: &[u8]) -> Cow<'_, [u8]> {
    match higher_minor_version(head) {
        None => Cow::Borrowed(head),
        Some(at) => {
            let mut known = head.to_vec();
            known[at] = b'1';
            Cow::Owned(known)
        }
    }
}

/// Where the start line of a head has its minor version, if that is higher than 1.
pub(super) fn higher_minor_version(head: &[u8]) -> Option<usize> {
    let is_line_end = |octet: &u8| matches!(octet, b'\r' | b'\n');
    let start = head.iter().position(|octet| !is_line_end(octet))?;
    let length = head[start..].iter().position(is_line_end)?;
    let line = &head[start..start + length];
    // It stands at the end of a request line, and at the start of a status line.
    let is_version = |version: &[u8]| matches!(version, [.., b'2'..=b'9']);
    if let Some((version, _)) = line.split_at_checked("HTTP/1.x".len())
        && version.starts_with(b"HTTP/1.")
        && line.get(version.len()).is_none_or(|&octet| octet == b' ')
    {
        return is_version(version).then(|| start + version.len() - 1);
    }
    let (_, before) = line.split_last()?;
    (before.ends_with(b" HTTP/1.") && is_version(line)).then(|| start + length - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_minor_version_is_read_as_the_one_that_is_known() {
        for (head, known) in [
            ("GET / HTTP/1.2\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"),
            ("\r\nGET / HTTP/1.9\r\n\r\n", "\r\nGET / HTTP/1.1\r\n\r\n"),
            ("HTTP/1.2 101 x\r\n\r\n", "HTTP/1.1 101 x\r\n\r\n"),
            ("HTTP/1.2\r\n\r\n", "HTTP/1.1\r\n\r\n"),
            ("GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"),
            ("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"),
            ("GET / HTTP/2.2\r\n\r\n", "GET / HTTP/2.2\r\n\r\n"),
            ("GET / HTTP/1.12\r\n\r\n", "GET / HTTP/1.12\r\n\r\n"),
            (
                "HTTP/1.1 101 HTTP/1.2\r\n\r\n",
                "HTTP/1.1 101 HTTP/1.2\r\n\r\n",
            ),
            ("HTTP/1.12 101\r\n\r\n", "HTTP/1.12 101\r\n\r\n"),
            ("\r\n\r\n", "\r\n\r\n"),
            ("", ""),
        ] {
            assert_eq!(
                *with_known_version(head.as_bytes()),
                *known.as_bytes(),
                "{head:?}"
            );
        }
    }

    #[test]
    fn the_end_is_found_however_the_head_is_cut() {
        let octets = b"\r\nGET / HTTP/1.1\r\nA: b\r\n\r\nrest";
        let head = octets.len() - 4;
        for cut in 0..=head {
            let mut buffer = HeadBuffer::new(100);
            let first = buffer.receive(&octets[..cut]);
            if cut == head {
                assert_eq!(first, Ok(Some(head)));
            } else {
                assert_eq!(first, Ok(None), "cut {cut}");
                assert_eq!(buffer.receive(&octets[cut..]), Ok(Some(head - cut)));
            }
            assert_eq!(buffer.octets(), &octets[..head]);
        }
    }

    #[test]
    fn what_cannot_be_a_head_is_refused_at_once() {
        for (octets, octet, offset) in [
            (&b"\x16\x03\x01"[..], 0x16, 0), // TLS
            (b"GET /\0", 0, 5),
            (b"GET / HTTP/1.1\n", b'\n', 14),
            (b"GET / HTTP/1.1\rA", b'A', 15),
            (b"GET /\x7f", 0x7f, 5),
        ] {
            let expected = Err(HeadError::ImpossibleOctet { octet, offset });
            assert_eq!(
                HeadBuffer::new(100).receive(octets),
                expected,
                "{octets:02x?}"
            );
        }
    }

    #[test]
    fn the_length_is_bounded() {
        let head = b"GET / HTTP/1.1\r\n\r\n";
        assert_eq!(HeadBuffer::new(18).receive(head), Ok(Some(18)));
        assert_eq!(
            HeadBuffer::new(17).receive(head),
            Err(HeadError::TooLong { max: 17 })
        );
    }
}
