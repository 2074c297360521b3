//! Whether keys look like drawn at random (RFC 6455 §4.1, §5.3).
//!
//! Nothing can show that keys cannot be guessed; what can be shown is that they repeat
//! or follow a simple rule. The bounds are such that a good source of randomness
//! crosses one of them less than once in a thousand million runs, with the numbers of
//! keys that cases ask for: up to 400 masking keys, or 16 and more handshake keys. The
//! comments give the chance.

use std::collections::{HashMap, HashSet};

use wsspec_cases::outcome::KeyRule;
use wsspec_record::reason::{KeyFault, OctetOrder};

/// With fewer keys nothing is said.
const ENOUGH: usize = 12;
/// How often a step from key to key may come. The same 32-bit step four times among
/// 400: 400⁴/24 × 2⁻⁹⁶ < 2⁻⁶⁵.
const SAME_STEPS_MAX: usize = 3;
/// How many steps may be small. A step of 32 bits is below 2¹⁷ in size with a chance of
/// 2⁻¹⁴; ten such among 400: 400¹⁰/10! × 2⁻¹⁴⁰ < 2⁻⁷⁵.
const SMALL_STEPS_MAX: usize = 9;
/// How many bits of a key may follow from the key before. With 100 keys each bit does
/// by chance once in 2⁶⁶.
const PREDICTED_BITS_MAX: usize = 3;

/// Why keys of one length do not keep a rule.
pub(super) fn fault(rule: KeyRule, keys: &[Vec<u8>]) -> Option<KeyFault> {
    if keys.len() < ENOUGH {
        return Some(KeyFault::TooFew { keys: keys.len() });
    }
    match rule {
        KeyRule::Distinct => repetition(keys),
        KeyRule::Spread => narrowness(keys),
        KeyRule::Balanced => imbalance(keys),
        KeyRule::Unrelated => relation(keys),
    }
}

fn repetition(keys: &[Vec<u8>]) -> Option<KeyFault> {
    let mut counts: HashMap<&Vec<u8>, usize> = HashMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    let repeated = keys.len() - counts.len();
    // Two of 400 keys of 32 bits are equal with a chance of 2⁻¹⁵·⁷, which is too much;
    // two such pairs with less than 2⁻³². Longer keys never are.
    let allowed = usize::from(keys[0].len() <= 4);
    let most = counts.into_iter().max_by_key(|(key, times)| (*times, *key));
    most.filter(|_| repeated > allowed)
        .map(|(key, times)| KeyFault::Repeated {
            repeated,
            keys: keys.len(),
            key: key.iter().map(|octet| format!("{octet:02x}")).collect(),
            times,
        })
}

/// A quarter as many values as keys, and no less than 64 of 256 in many keys: by chance
/// C(256, 64) × 4⁻²⁵⁶ < 2⁻³⁰⁰, and with 16 keys C(256, 4) × 64⁻¹⁶ < 2⁻⁶⁸.
fn narrowness(keys: &[Vec<u8>]) -> Option<KeyFault> {
    let least = keys.len().min(256) / 4;
    (0..keys[0].len()).find_map(|at| {
        let values: HashSet<u8> = keys.iter().filter_map(|key| key.get(at).copied()).collect();
        (values.len() < least).then(|| KeyFault::Narrow {
            octet: at + 1,
            values: values.len(),
            keys: keys.len(),
        })
    })
}

/// Each bit of the key, or of all octets of long keys. Further from the half than 4√n:
/// 2e⁻³² by Hoeffding's bound, for each of 32 bits.
fn imbalance(keys: &[Vec<u8>]) -> Option<KeyFault> {
    let samples: Vec<&[u8]> = match keys[0].len() {
        0..=4 => keys.iter().map(Vec::as_slice).collect(),
        _ => keys.iter().flat_map(|key| key.chunks(1)).collect(),
    };
    let (count, half) = (samples.len(), samples.len() as f64 / 2.0);
    let least = half - 4.0 * (count as f64).sqrt();
    (0..samples[0].len() * 8).find_map(|bit| {
        let is_set = |sample: &&&[u8]| sample[bit / 8] & (0x80 >> (bit % 8)) != 0;
        let set = samples.iter().filter(is_set).count();
        (set.min(count - set) as f64 <= least).then(|| KeyFault::Unbalanced {
            octet: bit / 8 + 1,
            bit: bit % 8 + 1,
            set,
            samples: count,
        })
    })
}

fn relation(keys: &[Vec<u8>]) -> Option<KeyFault> {
    let bits = keys[0].len().min(16) * 8;
    for order in [OctetOrder::BigEndian, OctetOrder::LittleEndian] {
        let numbers: Vec<u128> = keys.iter().map(|key| number(key, order)).collect();
        let steps: Vec<u128> = numbers
            .windows(2)
            .map(|pair| pair[1].wrapping_sub(pair[0]) & ones(bits))
            .collect();
        let same = most_common(steps.iter().copied());
        if same > SAME_STEPS_MAX {
            return Some(KeyFault::SameStep { times: same, order });
        }
        let size = |step: u128| step.min(step.wrapping_neg() & ones(bits));
        let small = steps
            .iter()
            .filter(|step| size(**step) >> (bits - 15) == 0)
            .count();
        if small > SMALL_STEPS_MAX.min(steps.len() / 2) {
            let steps = steps.len();
            return Some(KeyFault::SmallSteps {
                small,
                steps,
                order,
            });
        }
        let factors = most_common(steps.windows(2).filter_map(|pair| {
            let inverse = inverse(pair[0], bits)?;
            Some(pair[1].wrapping_mul(inverse) & ones(bits))
        }));
        if factors > SAME_STEPS_MAX {
            let steps = factors;
            return Some(KeyFault::Congruence { steps, order });
        }
    }
    let flips = keys
        .windows(2)
        .map(|pair| big_endian(&pair[0]) ^ big_endian(&pair[1]));
    let flips = most_common(flips);
    if flips > SAME_STEPS_MAX {
        return Some(KeyFault::SameBits { times: flips });
    }
    let predicted = predicted_bits(keys);
    (predicted > PREDICTED_BITS_MAX).then_some(KeyFault::Predicted { bits: predicted })
}

fn big_endian(key: &[u8]) -> u128 {
    number(key, OctetOrder::BigEndian)
}

fn number(key: &[u8], order: OctetOrder) -> u128 {
    let push = |number: u128, octet: &u8| number << 8 | u128::from(*octet);
    let octets = key.iter().take(16);
    match order {
        OctetOrder::BigEndian => octets.fold(0, push),
        OctetOrder::LittleEndian => octets.rev().fold(0, push),
    }
}

fn ones(bits: usize) -> u128 {
    u128::MAX >> (128 - bits)
}

fn most_common(values: impl Iterator<Item = u128>) -> usize {
    let mut counts: HashMap<u128, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// The inverse of an odd number modulo a power of two, by Newton's iteration.
fn inverse(number: u128, bits: usize) -> Option<u128> {
    if number.is_multiple_of(2) {
        return None;
    }
    let mut inverse = number;
    for _ in 0..7 {
        let error = 2_u128.wrapping_sub(number.wrapping_mul(inverse));
        inverse = inverse.wrapping_mul(error);
    }
    Some(inverse & ones(bits))
}

/// How many bits of each 32-bit key are an affine function of the bits of the key
/// before, as in a shift register. Bits that never change are none of them.
fn predicted_bits(keys: &[Vec<u8>]) -> usize {
    const BITS: usize = 32;
    // Enough to be more than the unknowns by far.
    if keys[0].len() * 8 != BITS || keys.len() < 100 {
        return 0;
    }
    let numbers: Vec<u64> = keys.iter().map(|key| big_endian(key) as u64).collect();
    // Each row: the bits of a key, a one, and in the high half the bits of the next key.
    let mut rows: Vec<u128> = numbers
        .windows(2)
        .map(|pair| u128::from(pair[0]) | 1 << BITS | u128::from(pair[1]) << 64)
        .collect();
    for column in 0..=BITS {
        let Some(at) = rows.iter().position(|row| row >> column & 1 == 1) else {
            continue;
        };
        let pivot = rows.swap_remove(at);
        for row in &mut rows {
            if *row >> column & 1 == 1 {
                *row ^= pivot;
            }
        }
    }
    // Where no unknown is left, whatever is not zero contradicts the linear function.
    let contradicted = rows.iter().fold(0, |all, row| all | row >> 64);
    let changing = numbers
        .windows(2)
        .fold(0, |all, pair| all | u128::from(pair[0] ^ pair[1]));
    (changing & !contradicted).count_ones() as usize
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_core::{Rng, SeedableRng};

    use super::*;

    const ALL: [KeyRule; 4] = [
        KeyRule::Distinct,
        KeyRule::Spread,
        KeyRule::Balanced,
        KeyRule::Unrelated,
    ];

    fn broken(keys: &[Vec<u8>]) -> Vec<KeyRule> {
        let is_broken = |rule: &KeyRule| fault(*rule, keys).is_some();
        ALL.into_iter().filter(is_broken).collect()
    }

    fn from_numbers(next: impl FnMut() -> u32) -> Vec<Vec<u8>> {
        let numbers = std::iter::repeat_with(next).take(256);
        numbers.map(|key| key.to_be_bytes().to_vec()).collect()
    }

    #[test]
    fn good_keys_keep_every_rule() {
        for seed in 0..300 {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            for (count, octets) in [(256, 4), (400, 4), (16, 16)] {
                let key = || {
                    let mut key = vec![0; octets];
                    random.fill_bytes(&mut key);
                    key
                };
                let keys: Vec<_> = std::iter::repeat_with(key).take(count).collect();
                assert_eq!(broken(&keys), [], "{count} of {octets}, seed {seed}");
            }
        }
    }

    #[test]
    fn random_uuids_are_good_handshake_keys() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let uuid = || {
            let mut key = vec![0; 16];
            random.fill_bytes(&mut key);
            key[6] = 0x40 | key[6] & 0x0f;
            key[8] = 0x80 | key[8] & 0x3f;
            key
        };
        let keys: Vec<_> = std::iter::repeat_with(uuid).take(16).collect();
        assert_eq!(broken(&keys), []);
    }

    #[test]
    fn bad_keys_break_the_rule_that_fits() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut random = || random.next_u32();
        let twice: Vec<_> = from_numbers(&mut random)
            .into_iter()
            .flat_map(|key| [key.clone(), key])
            .collect();
        let mut state = 1_u32;
        let mut step = |next: fn(u32) -> u32| {
            state = next(state);
            state
        };
        let xorshift = |mut x: u32| {
            x ^= x << 13;
            x ^= x >> 17;
            x ^ x << 5
        };
        for (what, keys, expected) in [
            ("constant", from_numbers(|| 0x0102_0304), &ALL[..]),
            (
                "each twice",
                twice,
                &[KeyRule::Distinct, KeyRule::Unrelated],
            ),
            (
                "two octets",
                from_numbers(|| random() & 0xffff),
                // As big-endian numbers they are close to each other.
                &[KeyRule::Spread, KeyRule::Balanced, KeyRule::Unrelated],
            ),
            (
                "31 bits",
                from_numbers(|| random() >> 1),
                &[KeyRule::Balanced],
            ),
            (
                "letters",
                from_numbers(|| random() & 0x1f1f_1f1f | 0x4040_4040),
                &[KeyRule::Spread, KeyRule::Balanced],
            ),
            (
                "a linear congruence",
                from_numbers(|| step(|x| x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))),
                &[KeyRule::Unrelated],
            ),
            (
                "a shift register",
                from_numbers(|| step(xorshift)),
                &[KeyRule::Unrelated],
            ),
            (
                "a counter with a large step",
                from_numbers(|| step(|x| x.wrapping_add(0x9e37_79b9))),
                &[KeyRule::Unrelated],
            ),
        ] {
            let broken = broken(&keys);
            let as_expected = expected.iter().all(|rule| broken.contains(rule));
            assert!(as_expected, "{what}: {broken:?}");
            let only = broken.iter().all(|rule| expected.contains(rule));
            assert!(only || what == "letters", "{what}: {broken:?}");
        }
    }

    #[test]
    fn handshake_keys_of_text_or_a_counter_are_seen() {
        let text = (0..16).map(|at| format!("{:016x}", at * 0x0123_4567_89ab_u64).into_bytes());
        assert!(broken(&text.collect::<Vec<_>>()).contains(&KeyRule::Balanced));
        let counted = (0..16_u128).map(|at| at.to_be_bytes().to_vec());
        assert!(broken(&counted.collect::<Vec<_>>()).contains(&KeyRule::Unrelated));
        let few = vec![vec![0; 16]; 3];
        assert_eq!(broken(&few), ALL);
    }
}
