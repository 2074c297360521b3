//! Frames, as they were recorded and as cases send them.

use std::fmt::Write as _;

use wsspec_cases::frame::{Compress, Context, DeflateBlocks};
use wsspec_cases::{FrameKind, LengthForm, Mask};
use wsspec_record::transcript::Frame;

use super::number::{counted, grouped, octets};
use super::payload::{octets_preview, payload, payload_and_length, preview};

/// The RFC's name of an opcode, or `opcode 0x3`.
pub fn opcode(opcode: u8) -> String {
    match opcode {
        0x0 => "Continuation".to_owned(),
        0x1 => "Text".to_owned(),
        0x2 => "Binary".to_owned(),
        0x8 => "Close".to_owned(),
        0x9 => "Ping".to_owned(),
        0xa => "Pong".to_owned(),
        _ => format!("opcode 0x{opcode:x}"),
    }
}

/// The RSV bits that are set, by name.
pub fn rsv_bits(rsv: u8) -> Vec<&'static str> {
    [(4, "RSV1"), (2, "RSV2"), (1, "RSV3")]
        .into_iter()
        .filter(|(bit, _)| rsv & bit != 0)
        .map(|(_, name)| name)
        .collect()
}

/// A recorded frame in one line: `Text "Hello, world!" (13 octets, masked)`.
pub fn frame(frame: &Frame) -> String {
    let mut words = opcode(frame.opcode);
    let kept = frame.payload.kept();
    match (frame.close_code(), frame.length) {
        (Some(code), _) => {
            let _ = write!(words, " {code}");
            if kept.len() > 2 {
                let reason = octets_preview(&kept[2..], frame.payload.is_whole());
                let _ = write!(words, " {reason}");
            }
        }
        (None, 0) => {}
        (None, _) => {
            let _ = write!(words, " {}", preview(&frame.payload));
        }
    }
    let mut facts = vec![octets(frame.length)];
    facts.extend(rsv_bits(frame.rsv).into_iter().map(str::to_owned));
    if !frame.fin {
        facts.push("FIN clear".to_owned());
    }
    if frame.mask.is_some() {
        facts.push("masked".to_owned());
    }
    if !frame.is_complete() {
        facts.push(format!("only {} came", grouped(frame.payload.length)));
    }
    let _ = write!(words, " ({})", facts.join(", "));
    if let Some(message) = &frame.message {
        let _ = write!(
            words,
            ", which ends a {} message of {} in {}: {}",
            opcode(message.opcode),
            octets(message.payload.length),
            counted(message.fragments, "fragment", "fragments"),
            preview(&message.payload)
        );
    }
    words
}

/// A frame that a case sends, in one line; only what is unusual is added.
pub fn sent_frame(frame: &wsspec_cases::Frame) -> String {
    let mut words = match &frame.kind {
        FrameKind::Frame {
            opcode: 0x8,
            payload: described,
        } if matches!(described.len(), Ok(0)) => "Close without a status code".to_owned(),
        FrameKind::Frame {
            opcode: number,
            payload: described,
        } => format!("{} {}", opcode(*number), payload_and_length(described)),
        FrameKind::Close { code, reason: None } => format!("Close {code}"),
        FrameKind::Close {
            code,
            reason: Some(reason),
        } => format!("Close {code} {}", payload(reason)),
        FrameKind::Octets(octets) => format!("octets {}", payload_and_length(octets)),
    };
    let mut unusual: Vec<String> = Vec::new();
    if !frame.fin {
        unusual.push("FIN clear".to_owned());
    }
    unusual.extend(
        rsv_bits(frame.rsv)
            .into_iter()
            .map(|bit| format!("{bit} set")),
    );
    match frame.mask {
        Mask::Lawful => {}
        Mask::Random => unusual.push("masked".to_owned()),
        Mask::None => unusual.push("not masked".to_owned()),
        Mask::Key([a, b, c, d]) => {
            unusual.push(format!("masked with {a:02x}{b:02x}{c:02x}{d:02x}"));
        }
    }
    if let Some(form) = frame.length_form {
        unusual.push(format!("length in its {} form", length_form(form)));
    }
    if let Some(declared) = frame.declared_length {
        unusual.push(format!("declared length {}", grouped(declared)));
    }
    if let Some(size) = frame.fragment_size {
        unusual.push(format!("in fragments of {}", octets(u64::from(size))));
    }
    if let Some(compress) = &frame.compress {
        unusual.push(compressed(compress));
    }
    if !unusual.is_empty() {
        let _ = write!(words, ", {}", unusual.join(", "));
    }
    words
}

fn length_form(form: LengthForm) -> &'static str {
    match form {
        LengthForm::SevenBit => "7-bit",
        LengthForm::SixteenBit => "16-bit",
        LengthForm::SixtyFourBit => "64-bit",
    }
}

fn compressed(compress: &Compress) -> String {
    let mut words = "compressed".to_owned();
    if let Some(bits) = compress.window_bits {
        let _ = write!(words, " with {bits} window bits");
    }
    words.push_str(match compress.blocks {
        DeflateBlocks::Usual => "",
        DeflateBlocks::Stored => ", in stored blocks",
        DeflateBlocks::Fixed => ", in a block with the fixed codes",
        DeflateBlocks::Dynamic => ", in a block with codes of its own",
        DeflateBlocks::Split => ", split in two blocks",
        DeflateBlocks::Final => ", the last block final",
    });
    words.push_str(match compress.context {
        Context::Agreed => "",
        Context::Forgotten => ", without reference to earlier messages",
        Context::Kept => ", with reference to earlier messages whatever was agreed on",
    });
    for (told, what) in [
        (compress.keep_tail, ", 00 00 ff ff kept at the end"),
        (compress.rsv1_clear, ", RSV1 clear all the same"),
    ] {
        if told {
            words.push_str(what);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn recorded_frames_fit_in_a_line() {
        for (recorded, expected) in [
            (
                fixtures::frame(0x1, b"Hello, world!"),
                r#"Text "Hello, world!" (13 octets)"#,
            ),
            (fixtures::frame(0x9, b""), "Ping (0 octets)"),
            (
                fixtures::frame(0x8, b"\x03\xeareserved bits"),
                r#"Close 1002 "reserved bits" (15 octets)"#,
            ),
            (fixtures::frame(0x8, b"\x03"), "Close 03 (1 octet)"),
            (
                fixtures::frame(0x2, b"\xff\xfe\x00"),
                "Binary ff fe 00 (3 octets)",
            ),
            (
                Frame {
                    rsv: 2,
                    fin: false,
                    mask: Some("01020304".into()),
                    ..fixtures::frame(0x3, b"abcde")
                },
                r#"opcode 0x3 "abcde" (5 octets, RSV2, FIN clear, masked)"#,
            ),
            (
                fixtures::frame(0x1, &[b'*'; 65_536]),
                r#"Text "************************************************…" (65,536 octets)"#,
            ),
            (
                Frame {
                    length: 70,
                    ..fixtures::frame(0x2, b"ab")
                },
                r#"Binary "ab" (70 octets, only 2 came)"#,
            ),
        ] {
            assert_eq!(frame(&recorded), expected);
        }
    }
}
