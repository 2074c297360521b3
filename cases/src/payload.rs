//! Octets, described rather than spelled out.
//!
//! A payload in a case is data that the runner sends or expects. It is a value of
//! its own so that a case can say "64 KiB of seeded noise" in one line, and so that
//! expectation and stimulus are written the same way.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most octets that one payload may describe: 256 MiB.
///
/// A case file is data from outside; a misplaced digit in `times` must be an error
/// message and not an allocation.
pub const PAYLOAD_OCTETS_MAX: u64 = 256 * 1024 * 1024;

/// A sequence of octets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a payload: a string, {\"hex\": …}, {\"repeat\": …, \"times\": N}, \
                 {\"random\": N, \"seed\": N}, {\"corpus\": …, \"octets\": N}, or a list of those"
)]
pub enum Payload {
    /// The UTF-8 octets of a string.
    Text(String),
    /// Octets in hexadecimal.
    Hex(HexPayload),
    /// A payload, several times over.
    Repeat(RepeatPayload),
    /// Octets from a seeded generator, the same in every run.
    Random(RandomPayload),
    /// The first octets of a named corpus.
    Corpus(CorpusPayload),
    /// Several payloads, one after the other.
    Concat(Vec<Payload>),
}

/// Octets in hexadecimal; spaces are allowed between octets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HexPayload {
    /// Pairs of hexadecimal digits, such as `"ce ba e1"`.
    pub hex: String,
}

/// A payload, several times over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatPayload {
    /// What is repeated.
    pub repeat: Box<Payload>,
    /// How many times.
    pub times: u64,
}

/// Octets from a seeded generator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomPayload {
    /// How many octets.
    pub random: u64,
    /// Which of the generator's streams.
    #[serde(default)]
    pub seed: u64,
}

/// The first octets of a named corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorpusPayload {
    /// Which corpus.
    pub corpus: Corpus,
    /// How many octets of it.
    pub octets: u64,
}

/// The corpora: what real messages look like to a compressor.
///
/// Each is made by a generator rather than stored; a test pins the hash of its
/// first 64 KiB, because one changed octet would change verdicts everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Corpus {
    /// Sentences of words with a natural distribution.
    Prose,
    /// An array of records with repeating keys.
    Json,
    /// Nested markup with repeating tags.
    Html,
    /// Runs of equal octets with a little noise, as in an uncompressed image.
    Bitmap,
    /// Noise: no compressor makes it smaller.
    Incompressible,
}

/// Why a payload cannot be made into octets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// A character that is no hexadecimal digit, or an odd number of them.
    #[error("{text:?} is not pairs of hexadecimal digits")]
    NotHex {
        /// The text as it stands in the case.
        text: String,
    },
    /// More octets than [`PAYLOAD_OCTETS_MAX`].
    #[error("the payload is {octets} octets long, more than {PAYLOAD_OCTETS_MAX}")]
    TooLong {
        /// The length that was described.
        octets: u64,
    },
}

impl Payload {
    /// How many octets the payload has, without making them.
    ///
    /// # Errors
    /// [`PayloadError`] where the description is not well formed or too long.
    pub fn len(&self) -> Result<u64, PayloadError> {
        let octets = match self {
            Self::Text(text) => text.len() as u64,
            Self::Hex(HexPayload { hex }) => parse_hex(hex)?.len() as u64,
            Self::Repeat(RepeatPayload { repeat, times }) => repeat.len()?.saturating_mul(*times),
            Self::Random(RandomPayload { random, .. }) => *random,
            Self::Corpus(CorpusPayload { octets, .. }) => *octets,
            Self::Concat(parts) => {
                let mut sum = 0_u64;
                for part in parts {
                    sum = sum.saturating_add(part.len()?);
                }
                sum
            }
        };
        if octets > PAYLOAD_OCTETS_MAX {
            return Err(PayloadError::TooLong { octets });
        }
        Ok(octets)
    }

    /// Whether the payload has no octets at all.
    ///
    /// # Errors
    /// As [`Payload::len`].
    pub fn is_empty(&self) -> Result<bool, PayloadError> {
        Ok(self.len()? == 0)
    }

    /// Makes the octets.
    ///
    /// # Errors
    /// As [`Payload::len`]; [`crate::check`] has called that for every payload of a
    /// loaded case.
    pub fn octets(&self) -> Result<Cow<'_, [u8]>, PayloadError> {
        self.len()?;
        Ok(match self {
            Self::Text(text) => Cow::Borrowed(text.as_bytes()),
            Self::Hex(HexPayload { hex }) => Cow::Owned(parse_hex(hex)?),
            Self::Repeat(RepeatPayload { repeat, times }) => {
                let once = repeat.octets()?;
                let times = usize::try_from(*times).unwrap_or(usize::MAX);
                Cow::Owned(once.repeat(times))
            }
            Self::Random(RandomPayload { random, seed }) => {
                Cow::Owned(corpus::noise(*seed, *random as usize))
            }
            Self::Corpus(CorpusPayload { corpus, octets }) => {
                Cow::Owned(corpus::generate(*corpus, *octets as usize))
            }
            Self::Concat(parts) => {
                let mut all = Vec::new();
                for part in parts {
                    all.extend_from_slice(&part.octets()?);
                }
                Cow::Owned(all)
            }
        })
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Reads pairs of hexadecimal digits; white space between pairs is skipped.
///
/// # Errors
/// [`PayloadError::NotHex`].
pub fn parse_hex(text: &str) -> Result<Vec<u8>, PayloadError> {
    let not_hex = || PayloadError::NotHex {
        text: text.to_owned(),
    };
    let digits: Vec<u8> = text
        .bytes()
        .filter(|octet| !octet.is_ascii_whitespace())
        .map(|octet| {
            char::from(octet)
                .to_digit(16)
                .map(|digit| digit as u8)
                .ok_or_else(not_hex)
        })
        .collect::<Result<_, _>>()?;
    if !digits.len().is_multiple_of(2) {
        return Err(not_hex());
    }
    Ok(digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}

mod corpus {
    //! The generators. They use a small fixed generator of their own, since a
    //! library's may change its stream between versions, and with it the data.

    use super::Corpus;

    /// SplitMix64: a public-domain generator of one line, fixed for ever.
    struct SplitMix(u64);

    impl SplitMix {
        fn next(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }

        fn below(&mut self, bound: u64) -> usize {
            (self.next() % bound) as usize
        }
    }

    const WORDS: [&str; 40] = [
        "the", "of", "and", "a", "to", "in", "is", "that", "it", "was", "for", "on", "with", "as",
        "at", "by", "this", "from", "or", "an", "water", "letter", "harbour", "window", "garden",
        "winter", "copper", "signal", "paper", "thread", "morning", "river", "engine", "lantern",
        "carried", "opened", "waited", "answered", "followed", "measured",
    ];

    pub(super) fn noise(seed: u64, octets: usize) -> Vec<u8> {
        let mut source = SplitMix(seed ^ 0x7773_7370_6563_0001);
        let mut all = Vec::with_capacity(octets + 8);
        while all.len() < octets {
            all.extend_from_slice(&source.next().to_le_bytes());
        }
        all.truncate(octets);
        all
    }

    pub(super) fn generate(corpus: Corpus, octets: usize) -> Vec<u8> {
        let mut source = SplitMix(0x7773_7370_6563_0002 + corpus as u64);
        let mut all = Vec::with_capacity(octets + 256);
        let mut record = 0_u64;
        while all.len() < octets {
            match corpus {
                Corpus::Prose => sentence(&mut source, &mut all),
                Corpus::Json => json_record(&mut source, record, &mut all),
                Corpus::Html => html_item(&mut source, record, &mut all),
                Corpus::Bitmap => run(&mut source, &mut all),
                Corpus::Incompressible => all.extend_from_slice(&source.next().to_le_bytes()),
            }
            record += 1;
        }
        all.truncate(octets);
        all
    }

    fn word(source: &mut SplitMix) -> &'static str {
        // The product of two draws favours the front of the list, as language does.
        let (a, b) = (source.below(40), source.below(40));
        WORDS[a * b / 40]
    }

    fn sentence(source: &mut SplitMix, all: &mut Vec<u8>) {
        for _ in 0..4 + source.below(12) {
            all.extend_from_slice(word(source).as_bytes());
            all.push(b' ');
        }
        all.pop();
        all.extend_from_slice(b".\n");
    }

    fn json_record(source: &mut SplitMix, record: u64, all: &mut Vec<u8>) {
        let (name, place) = (word(source), word(source));
        let value = source.below(100_000);
        let open = source.below(2) == 0;
        let text = format!(
            "{{\"id\":{record},\"name\":\"{name}\",\"place\":\"{place}\",\"value\":{value},\"open\":{open}}},\n"
        );
        all.extend_from_slice(text.as_bytes());
    }

    fn html_item(source: &mut SplitMix, record: u64, all: &mut Vec<u8>) {
        let (class, name, place) = (word(source), word(source), word(source));
        let text = format!(
            "<li class=\"item {class}\" id=\"i{record}\"><a href=\"/{name}/{record}\">{name} {place}</a></li>\n"
        );
        all.extend_from_slice(text.as_bytes());
    }

    fn run(source: &mut SplitMix, all: &mut Vec<u8>) {
        let octet = source.next() as u8 & 0xf0;
        let length = 1 + source.below(64);
        all.extend(std::iter::repeat_n(octet, length));
        all.push(octet | source.below(4) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(json: &str) -> Payload {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn payloads_describe_octets() {
        for (json, expected) in [
            (r#""""#, &b""[..]),
            (r#""κ""#, &[0xce, 0xba]),
            (r#"{"hex": "00 ff"}"#, &[0x00, 0xff]),
            (r#"{"repeat": "ab", "times": 2}"#, b"abab"),
            (r#"{"repeat": {"hex": "fe"}, "times": 3}"#, &[0xfe; 3]),
            (r#"["a", {"hex": "80"}]"#, &[0x61, 0x80]),
            (r#"{"random": 0, "seed": 1}"#, b""),
        ] {
            let payload = payload(json);
            assert_eq!(&*payload.octets().unwrap(), expected, "{json}");
            assert_eq!(payload.len().unwrap(), expected.len() as u64, "{json}");
        }
    }

    #[test]
    fn descriptions_that_mean_nothing_are_refused() {
        for hex in ["0", "0g", "zz"] {
            let payload = Payload::Hex(HexPayload { hex: hex.into() });
            assert!(
                matches!(payload.octets(), Err(PayloadError::NotHex { .. })),
                "{hex}"
            );
        }
        let wide =
            payload(r#"{"repeat": {"repeat": "ab", "times": 4294967295}, "times": 4294967295}"#);
        assert!(matches!(wide.octets(), Err(PayloadError::TooLong { .. })));
    }

    /// FNV-1a, enough to notice a changed octet.
    fn fingerprint(octets: &[u8]) -> u64 {
        octets.iter().fold(0xcbf2_9ce4_8422_2325, |hash, octet| {
            (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    #[test]
    fn corpora_never_change() {
        let pins: Vec<(Corpus, u64)> = [
            Corpus::Prose,
            Corpus::Json,
            Corpus::Html,
            Corpus::Bitmap,
            Corpus::Incompressible,
        ]
        .into_iter()
        .map(|corpus| {
            let octets = 65_536;
            let payload = Payload::Corpus(CorpusPayload { corpus, octets });
            (corpus, fingerprint(&payload.octets().unwrap()))
        })
        .collect();
        insta::assert_debug_snapshot!(pins);
    }
}
