//! Octets as a transcript keeps them.

use sha1::{Digest, Sha1};
use wsspec_record::Octets;
use wsspec_record::transcript::KEPT_OCTETS_MAX;

/// What a transcript keeps of these octets.
pub fn octets(octets: &[u8]) -> Octets {
    let mut digest = OctetsDigest::default();
    digest.update(octets);
    digest.finish()
}

/// Octets that come in pieces.
#[derive(Clone, Default)]
pub(super) struct OctetsDigest {
    length: u64,
    kept: Vec<u8>,
    // Only begun when the octets outgrow what is kept: most never do.
    sha1: Option<Sha1>,
}

impl OctetsDigest {
    pub(super) fn update(&mut self, octets: &[u8]) {
        self.length += octets.len() as u64;
        if self.sha1.is_none() {
            let room = KEPT_OCTETS_MAX - self.kept.len();
            if octets.len() <= room {
                self.kept.extend_from_slice(octets);
                return;
            }
            let mut sha1 = Sha1::new();
            sha1.update(&self.kept);
            sha1.update(octets);
            self.sha1 = Some(sha1);
            self.kept.extend_from_slice(&octets[..room]);
        } else if let Some(sha1) = &mut self.sha1 {
            sha1.update(octets);
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn finish(self) -> Octets {
        Octets {
            length: self.length,
            hex: hex(&self.kept),
            sha1: self.sha1.map(|sha1| hex(&sha1.finalize())),
        }
    }
}

// Every payload that is sent or comes goes through here.
fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * octets.len());
    for octet in octets {
        text.push(char::from(DIGITS[usize::from(octet >> 4)]));
        text.push(char::from(DIGITS[usize::from(octet & 0xf)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter() {
        for length in [0, 1, 127, 128, 129, 300] {
            let all: Vec<u8> = (0..length).map(|at| at as u8).collect();
            let whole = octets(&all);
            assert_eq!(whole.length, length as u64);
            assert_eq!(whole.is_whole(), length <= 128, "{length}");
            assert_eq!(whole.sha1.is_none(), length <= 128, "{length}");
            for cut in 0..all.len() {
                let mut digest = OctetsDigest::default();
                digest.update(&all[..cut]);
                digest.update(&all[cut..]);
                assert_eq!(digest.finish(), whole, "{length} octets cut at {cut}");
            }
        }
    }
}
