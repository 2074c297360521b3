//! Hostile text made harmless: bounded, on one line, and free of characters that deceive.

use std::fmt::Write as _;

/// Hostile text on one line: characters that control, reorder or hide are spelled out,
/// and what is beyond `max` characters is cut off with an ellipsis.
pub fn clean(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max) + 4);
    for (index, character) in text.chars().enumerate() {
        if index == max {
            out.push('…');
            break;
        }
        push_clean(&mut out, character);
    }
    out
}

/// Hostile text in quotation marks; quotation marks in it are escaped.
pub fn quoted(text: &str, max: usize) -> String {
    let mut out = String::from("\"");
    let mut chars = text.chars();
    for character in chars.by_ref().take(max) {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            _ => push_clean(&mut out, character),
        }
    }
    out.push_str(if chars.next().is_some() {
        "…\""
    } else {
        "\""
    });
    out
}

/// Hostile text of several lines: as [`clean`], but the lines stay apart.
pub fn clean_lines(text: &str, max: usize) -> Vec<String> {
    let mut left = max;
    let mut lines = Vec::new();
    for line in text.lines() {
        if left == 0 {
            lines.push("…".to_owned());
            break;
        }
        lines.push(clean(line, left));
        left = left.saturating_sub(line.chars().count().max(1));
    }
    lines
}

fn push_clean(out: &mut String, character: char) {
    match character {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0' => out.push_str("\\0"),
        _ if is_deceptive(character) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        }
        _ => out.push(character),
    }
}

/// Whether a character controls the terminal, changes the direction of the text, or
/// takes no room.
pub(super) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
            // Private use, and what no character can ever be.
            | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fffe}' | '\u{ffff}'
            | '\u{f0000}'..='\u{10ffff}')
        // Combining marks pile up without bound and cover the lines around.
        || matches!(character,
            '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_deceptive_gets_through() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a\nb\r\tc\0", "a\\nb\\r\\tc\\0"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("\u{feff}\u{200b}", "\\u{feff}\\u{200b}"),
            ("e\u{301}", "e\\u{301}"),
            ("κόσμε 😀", "κόσμε 😀"),
        ] {
            assert_eq!(clean(text, 100), expected, "{text:?}");
        }
        assert_eq!(clean(&"x".repeat(10_000), 5), "xxxxx…");
        assert_eq!(clean("xxxxx", 5), "xxxxx");
        assert_eq!(quoted("say \"\\\"", 20), r#""say \"\\\"""#);
        assert_eq!(quoted("abcdef", 3), "\"abc…\"");
        assert_eq!(clean_lines("a\r\nb\u{7}\n", 9), ["a", "b\\u{7}"]);
        assert_eq!(clean_lines("abc\ndef\nghi", 4), ["abc", "d…", "…"]);
    }
}
