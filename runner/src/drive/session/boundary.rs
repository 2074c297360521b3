//! Where we are in what we send, as a receiver of frames sees it (RFC 6455 §5.2).

/// The longest header: two octets, eight of extended length, four of masking key.
const HEADER_OCTETS_MAX: usize = 14;

/// Follows the octets that we send from frame to frame, so that nothing is put inside one.
///
/// It believes what a header declares, as a receiver does, whatever the case meant by it.
#[derive(Debug, Default)]
pub(super) struct Boundary {
    /// What was sent of a header that is not whole.
    header: Vec<u8>,
    /// How many octets of the payload, or of the head of the handshake, are missing.
    missing: u64,
}

impl Boundary {
    /// Octets that are no frames come first: the head of the opening handshake.
    pub(super) fn expect_head(&mut self, octets: usize) {
        self.missing += octets as u64;
    }

    /// Takes what was sent.
    pub(super) fn pass(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            if self.missing > 0 {
                let missing = usize::try_from(self.missing).unwrap_or(usize::MAX);
                let passed = missing.min(octets.len());
                self.missing -= passed as u64;
                octets = &octets[passed..];
                continue;
            }
            let wanted = header_length(&self.header) - self.header.len();
            let (some, rest) = octets.split_at(wanted.min(octets.len()));
            self.header.extend_from_slice(some);
            octets = rest;
            if self.header.len() == header_length(&self.header) {
                self.missing = payload_length(&self.header);
                self.header.clear();
            }
        }
    }

    /// Whether what was sent so far is whole frames.
    pub(super) fn is_here(&self) -> bool {
        self.header.is_empty() && self.missing == 0
    }
}

/// How long the header is that begins so, as far as that can be told.
fn header_length(begun: &[u8]) -> usize {
    let Some(second) = begun.get(1) else { return 2 };
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let key = if second & 0x80 == 0 { 0 } else { 4 };
    let length = 2 + extended + key;
    debug_assert!(length <= HEADER_OCTETS_MAX);
    length
}

/// The payload length that a whole header declares.
fn payload_length(header: &[u8]) -> u64 {
    let big_endian = |octets: &[u8]| {
        octets
            .iter()
            .fold(0, |length, &octet| length << 8 | u64::from(octet))
    };
    match header[1] & 0x7f {
        126 => big_endian(&header[2..4]),
        127 => big_endian(&header[2..10]),
        length => length.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_between_frames_is_a_boundary() {
        let head = b"HTTP/1.1 101";
        let short = b"\x89\x02ab".to_vec();
        let masked = b"\x81\x81\x01\x02\x03\x04x".to_vec();
        let longer = [&b"\x82\x7e\x00\x7e"[..], &[0; 126]].concat();
        let longest = [&b"\x82\x7f\0\0\0\0\0\0\0\x01"[..], &[0; 1]].concat();
        let empty = b"\x88\x00".to_vec();
        let frames = [short, masked, longer, longest, empty];
        let octets = [&head[..], &frames.concat()].concat();
        let mut ends = vec![head.len()];
        for frame in &frames {
            ends.push(ends[ends.len() - 1] + frame.len());
        }
        for size in [1, 2, 3, 7, octets.len()] {
            let mut boundary = Boundary::default();
            boundary.expect_head(head.len());
            let mut at = 0;
            for piece in octets.chunks(size) {
                boundary.pass(piece);
                at += piece.len();
                assert_eq!(
                    boundary.is_here(),
                    ends.contains(&at),
                    "after {at} by {size}"
                );
            }
        }
    }

    #[test]
    fn a_frame_that_promises_more_than_it_has_does_not_end() {
        let mut boundary = Boundary::default();
        boundary.pass(b"\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xffabc");
        assert!(!boundary.is_here());
    }
}
