//! Octets as text, and back: how names and values of hostile heads are stored.

/// Octets as text: ASCII as it is, everything else as `\xNN`, a backslash as `\\`;
/// no more than `kept` octets.
pub fn escape_octets(octets: &[u8], kept: usize) -> String {
    let mut text = String::with_capacity(octets.len().min(kept));
    for octet in &octets[..octets.len().min(kept)] {
        match octet {
            b'\\' => text.push_str("\\\\"),
            b'\r' | b'\n' | b'\t' | 0x20..=0x7e => text.push(char::from(*octet)),
            _ => text.push_str(&format!("\\x{octet:02x}")),
        }
    }
    if octets.len() > kept {
        text.push_str(&format!("… ({} octets in all)", octets.len()));
    }
    text
}

/// The octets that [`escape_octets`] wrote as text.
pub fn unescape_octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        octets.push(match (first, rest) {
            (b'\\', [b'\\', behind @ ..]) => {
                rest = behind;
                b'\\'
            }
            (b'\\', [b'x', high, low, behind @ ..]) => {
                rest = behind;
                let digit = |octet: u8| char::from(octet).to_digit(16).unwrap_or(0);
                u8::try_from(digit(*high) << 4 | digit(*low)).unwrap_or(0)
            }
            _ => first,
        });
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_escaped_and_back() {
        let all: Vec<u8> = (0..=255).chain(*b"\\x41\\\\").collect();
        assert_eq!(unescape_octets(&escape_octets(&all, all.len())), all);
    }

    #[test]
    fn hostile_octets_are_escaped() {
        assert_eq!(
            escape_octets(b"a\\\x1b[2J\xff\r\n", 99),
            "a\\\\\\x1b[2J\\xff\r\n"
        );
        assert_eq!(escape_octets(b"abcdef", 3), "abc… (6 octets in all)");
    }
}
