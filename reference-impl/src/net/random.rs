//! Random octets from the operating system.

use crate::frame::{MaskSource, MaskingKey};
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Masking keys that nobody can predict (RFC 6455 §5.3, §10.3).
pub fn random_masks() -> impl MaskSource + 'static {
    // Seeded when the first key is wanted: a server never asks for one.
    let mut generator: Option<ChaCha12Rng> = None;
    move || {
        let generator = generator.get_or_insert_with(|| {
            let mut seed = [0; 32];
            fill(&mut seed);
            ChaCha12Rng::from_seed(seed)
        });
        MaskingKey(generator.next_u32().to_ne_bytes())
    }
}

/// A nonce for one opening handshake (RFC 6455 §4.1 item 7).
pub fn random_nonce() -> [u8; 16] {
    let mut nonce = [0; 16];
    fill(&mut nonce);
    nonce
}

fn fill(octets: &mut [u8]) {
    getrandom::fill(octets).expect("the operating system gives random octets");
}
