//! Values on the command line, read and written.

use std::time::Duration;

use wsspec_reports::policy::{FailOn, UnknownPolicy};
use wsspec_reports::write::Format;

/// The documents of `--format`.
#[derive(Debug, Clone)]
pub(super) struct FormatList(pub(super) Vec<Format>);

/// A word as a shell reads it.
pub(super) fn shell_word(word: &str) -> String {
    let plain =
        |character: char| character.is_ascii_alphanumeric() || "-_./:@%+=,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let expected = || format!("{text:?} is no number of seconds; expected something like 5 or 0.5");
    let seconds: f64 = text.parse().map_err(|_| expected())?;
    if (0.01..=3600.0).contains(&seconds) {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("expected between 0.01 and 3600 seconds".into())
    }
}

pub(super) fn formats(text: &str) -> Result<FormatList, String> {
    Format::parse_list(text)
        .map(FormatList)
        .map_err(|error| error.to_string())
}

pub(super) fn policy(text: &str) -> Result<FailOn, String> {
    text.parse()
        .map_err(|error: UnknownPolicy| error.to_string())
}

pub(super) fn header(text: &str) -> Result<(String, String), String> {
    let expected = || {
        format!("{text:?} is no header field; expected something like 'Authorization: Bearer x'")
    };
    let (name, value) = text.split_once(':').ok_or_else(expected)?;
    let value = value.trim();
    let sound = is_token(name) && value.chars().all(|character| !character.is_control());
    sound
        .then(|| (name.to_owned(), value.to_owned()))
        .ok_or_else(expected)
}

pub(super) fn token(text: &str) -> Result<String, String> {
    is_token(text).then(|| text.to_owned()).ok_or_else(|| {
        format!("{text:?} is no token (RFC 6455 §4.1 allows no spaces or separators)")
    })
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet))
}

/// A name for a target that we start: its command without folder, and without the word
/// that holds `blank`, which differs from start to start.
pub(super) fn command_name(command: &str, blank: &str) -> String {
    let words: Vec<&str> = command
        .split_whitespace()
        .filter(|word| !word.contains(blank))
        .collect();
    let Some((program, arguments)) = words.split_first() else {
        return command.to_owned();
    };
    let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
    [&[program], arguments].concat().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        for (word, expected) in [
            ("ws://h:1/p?a=b", "'ws://h:1/p?a=b'"),
            ("ws://h:1/p", "ws://h:1/p"),
            ("it's", r"'it'\''s'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(word), expected);
        }
    }

    #[test]
    fn header_fields_are_checked() {
        assert_eq!(header("A: b: c"), Ok(("A".into(), "b: c".into())));
        for text in ["", "A", "A b: c", "A: b\r\nC: d", ": x"] {
            assert!(header(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn commands_are_named_after_their_program() {
        for (command, name) in [
            ("/opt/x/run ws {port}", "run ws"),
            ("node echo.js --port={port}", "node echo.js"),
            ("{port}", "{port}"),
        ] {
            assert_eq!(command_name(command, "{port}"), name, "{command}");
        }
    }
}
