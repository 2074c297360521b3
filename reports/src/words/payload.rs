//! Payloads and octets.

use wsspec_cases::Payload;
use wsspec_cases::payload::Corpus;
use wsspec_record::Octets;

use super::number::{grouped, hexadecimal, octets};
use super::text::{is_deceptive, quoted};

/// How many characters of a payload stand in a line.
pub const PREVIEW_CHARS_MAX: usize = 48;

/// The beginning of a payload: text in quotation marks where it is UTF-8, hexadecimal
/// where it is not; without its length.
pub(super) fn octets_preview(beginning: &[u8], whole: bool) -> String {
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => Some(text),
        // What was kept may end inside of a character.
        Err(error) if !whole && error.error_len().is_none() => {
            std::str::from_utf8(&beginning[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    match text {
        Some(text) if mostly_printable(text) => {
            let mut quoted = quoted(text, PREVIEW_CHARS_MAX);
            if !whole && !quoted.ends_with("…\"") {
                quoted.pop();
                quoted.push_str("…\"");
            }
            quoted
        }
        _ => {
            let shown = &beginning[..beginning.len().min(PREVIEW_CHARS_MAX / 3)];
            let more = if shown.len() < beginning.len() || !whole {
                " …"
            } else {
                ""
            };
            format!("{}{more}", hexadecimal(shown))
        }
    }
}

/// Text that is better read in hexadecimal has at least half of it escaped.
fn mostly_printable(text: &str) -> bool {
    let escaped = text
        .chars()
        .filter(|character| is_deceptive(*character) && !character.is_whitespace())
        .count();
    2 * escaped <= text.chars().count()
}

/// Octets that were recorded, without their number: `"Hello, world!"`, `ce ba e1 …`.
pub fn preview(octets: &Octets) -> String {
    octets_preview(&octets.kept(), octets.is_whole())
}

/// A payload as a case describes it: `"Hello"`, `"*" × 65,536`.
pub fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Text(text) => octets_preview(text.as_bytes(), true),
        Payload::Hex(_) => match payload.octets() {
            Ok(octets) => octets_preview(&octets, true),
            Err(_) => "(malformed)".to_owned(),
        },
        Payload::Repeat(repeated) => {
            let what = self::payload(&repeated.repeat);
            format!("{what} × {}", grouped(repeated.times))
        }
        Payload::Random(random) => {
            format!("{} of noise (seed {})", octets(random.random), random.seed)
        }
        Payload::Corpus(corpus) => {
            let name = match corpus.corpus {
                Corpus::Prose => "prose",
                Corpus::Json => "JSON",
                Corpus::Html => "HTML",
                Corpus::Bitmap => "a bitmap",
                Corpus::Incompressible => "incompressible data",
            };
            format!("{} of {name}", octets(corpus.octets))
        }
        Payload::Concat(parts) => {
            let words: Vec<String> = parts.iter().take(6).map(self::payload).collect();
            let more = if parts.len() > words.len() {
                " + …"
            } else {
                ""
            };
            format!("{}{more}", words.join(" + "))
        }
    }
}

/// A payload with its length, where the words alone do not tell it.
pub(super) fn payload_and_length(described: &Payload) -> String {
    match (described, described.len()) {
        (Payload::Random(_) | Payload::Corpus(_), _) | (_, Err(_)) => payload(described),
        (_, Ok(0)) => "without payload".to_owned(),
        (_, Ok(length)) => format!("{} ({})", payload(described), octets(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn a_character_that_was_cut_is_left_out() {
        let mut text = "a".repeat(127).into_bytes();
        text.extend_from_slice("κ".as_bytes());
        let recorded = Octets {
            length: 129,
            hex: fixtures::hex(&text[..128]),
            sha1: None,
        };
        assert_eq!(preview(&recorded), format!("\"{}…\"", "a".repeat(48)));
    }
}
