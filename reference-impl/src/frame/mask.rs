//! Client-to-server masking (RFC 6455 §5.3).

/// The four octets a payload is masked with (RFC 6455 §5.3), in the order in which they are sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct MaskingKey(pub [u8; 4]);

impl From<[u8; 4]> for MaskingKey {
    fn from(octets: [u8; 4]) -> Self {
        Self(octets)
    }
}

/// Where masking keys come from.
///
/// The core draws none itself. §5.3 asks for a fresh key for each frame, from a
/// strong source of entropy; a closure that gives [`MaskingKey`]s will do.
pub trait MaskSource: Send {
    /// The key for the next frame.
    fn next_key(&mut self) -> MaskingKey;
}

impl<F: FnMut() -> MaskingKey + Send> MaskSource for F {
    fn next_key(&mut self) -> MaskingKey {
        self()
    }
}

/// Masks or unmasks `payload` in place (RFC 6455 §5.3).
///
/// `offset` counts octets from the start of the frame's payload, so that a payload
/// which arrives in pieces can be unmasked piece by piece. Masking twice restores
/// the input.
#[inline]
pub fn apply_mask(payload: &mut [u8], key: MaskingKey, offset: u64) {
    let key = u32::from_le_bytes(key.0).rotate_right((offset % 4) as u32 * 8);
    let key = key.to_le_bytes();
    // The key repeats every 4 octets, so it lies the same way in every block. Blocks of a fixed
    // length are what the compiler makes vector instructions of.
    let key: [u8; BLOCK_OCTETS] = std::array::from_fn(|i| key[i % 4]);
    let (blocks, rest) = payload.as_chunks_mut::<BLOCK_OCTETS>();
    for block in blocks {
        mask_octets(block, &key);
    }
    mask_octets(rest, &key);
}

#[inline]
fn mask_octets(octets: &mut [u8], key: &[u8; BLOCK_OCTETS]) {
    for (octet, key_octet) in octets.iter_mut().zip(key) {
        *octet ^= key_octet;
    }
}

const BLOCK_OCTETS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// §5.3 word for word: octet i is XORed with octet i modulo 4 of the key.
    fn apply_mask_naive(payload: &mut [u8], key: MaskingKey, offset: u64) {
        for (i, octet) in payload.iter_mut().enumerate() {
            *octet ^= key.0[((offset + i as u64) % 4) as usize];
        }
    }

    #[test]
    fn the_example_of_section_5_7_is_masked() {
        let mut payload = *b"Hello";
        apply_mask(&mut payload, MaskingKey([0x37, 0xfa, 0x21, 0x3d]), 0);
        assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn every_short_length_and_offset_equals_the_naive_form() {
        let key = MaskingKey([0x01, 0x80, 0xff, 0x5a]);
        for length in 0..40 {
            for offset in [0, 1, 2, 3, 4, 5, 7, 8, u64::MAX - 40] {
                let mut fast: Vec<u8> = (0..length).collect();
                let mut naive = fast.clone();
                apply_mask(&mut fast, key, offset);
                apply_mask_naive(&mut naive, key, offset);
                assert_eq!(fast, naive, "length {length}, offset {offset}");
            }
        }
    }

    proptest! {
        #[test]
        fn fast_masking_equals_naive_masking(
            payload in proptest::collection::vec(any::<u8>(), 0..600),
            key: [u8; 4],
            offset in 0..=u64::MAX / 2,
            start in 0usize..9,
        ) {
            // A slice that starts anywhere in memory, not only where words are aligned.
            let start = start.min(payload.len());
            let mut fast = payload.clone();
            let mut naive = payload.clone();
            apply_mask(&mut fast[start..], MaskingKey(key), offset);
            apply_mask_naive(&mut naive[start..], MaskingKey(key), offset);
            prop_assert_eq!(&fast, &naive);
            apply_mask(&mut fast[start..], MaskingKey(key), offset);
            prop_assert_eq!(&fast, &payload);
        }

        #[test]
        fn masking_in_pieces_equals_masking_at_once(
            payload in proptest::collection::vec(any::<u8>(), 0..100),
            key: [u8; 4],
            cut in 0usize..100,
        ) {
            let cut = cut.min(payload.len());
            let mut whole = payload.clone();
            apply_mask(&mut whole, MaskingKey(key), 0);
            let mut pieces = payload;
            apply_mask(&mut pieces[..cut], MaskingKey(key), 0);
            apply_mask(&mut pieces[cut..], MaskingKey(key), cut as u64);
            prop_assert_eq!(whole, pieces);
        }
    }
}
