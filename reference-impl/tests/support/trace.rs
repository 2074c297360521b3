//! What an endpoint sent, in words.
//!
//! Frames are read leniently, and only what is unusual is told: `text(hello)`, `pong rsv1()`,
//! `close(1002)`, `binary !fin(abc)`, `text key=0(x)`.

use std::fmt::Write as _;
use wsspec_reference::Role;
use wsspec_reference::frame::{MaskingKey, Opcode, apply_mask};

/// The frames in `octets`, which an endpoint of this role sent.
pub(crate) fn frames(role: Role, mut octets: &[u8]) -> Vec<String> {
    let mut last_key = None;
    let mut words = Vec::new();
    while !octets.is_empty() {
        if words.len() == FRAMES_MAX {
            words.push("…".to_owned());
            break;
        }
        match frame(role, octets, &mut last_key) {
            Some((word, taken)) => {
                words.push(word);
                octets = &octets[taken..];
            }
            None => {
                words.push(format!("?{}", shorten(octets)));
                break;
            }
        }
    }
    words
}

/// An endpoint that gets lengths wrong may seem to send very many frames.
const FRAMES_MAX: usize = 6;

fn frame(role: Role, octets: &[u8], last_key: &mut Option<[u8; 4]>) -> Option<(String, usize)> {
    let (&first, &second) = (octets.first()?, octets.get(1)?);
    let opcode = Opcode::from_first_octet(first);
    let mut word = opcode.to_string();
    if first & 0x80 == 0 {
        word += " !fin";
    }
    for (bit, name) in [(0x40, " rsv1"), (0x20, " rsv2"), (0x10, " rsv3")] {
        if first & bit != 0 {
            word += name;
        }
    }
    let mut at = 2;
    let length = match second & 0x7f {
        126 => {
            let length = u16::from_be_bytes(*octets.get(at..)?.first_chunk()?);
            at += 2;
            if length < 126 {
                word += " 16-bit";
            }
            u64::from(length)
        }
        127 => {
            let length = u64::from_be_bytes(*octets.get(at..)?.first_chunk()?);
            at += 8;
            if length < 65_536 {
                word += " 64-bit";
            }
            length
        }
        length => u64::from(length),
    };
    let key: Option<[u8; 4]> = if second & 0x80 == 0 {
        None
    } else {
        at += 4;
        Some(*octets.get(at - 4..)?.first_chunk()?)
    };
    match (role, key) {
        (Role::Client, None) => word += " unmasked",
        (Role::Server, Some(_)) => word += " masked",
        (Role::Client, Some([0, 0, 0, 0])) => word += " key=0",
        (Role::Client, key) if key == *last_key => word += " key=last",
        (Role::Client, Some([_, _, 0, 0])) => word += " key=half",
        (Role::Client, Some(key))
            if last_key.is_some_and(|last| {
                u32::from_be_bytes(key) == u32::from_be_bytes(last).wrapping_add(1)
            }) =>
        {
            word += " key=last+1";
        }
        _ => {}
    }
    *last_key = key;
    let end = usize::try_from(length).ok()?.checked_add(at)?;
    let mut payload = octets.get(at..end)?.to_vec();
    if let Some(key) = key {
        apply_mask(&mut payload, MaskingKey(key), 0);
    }
    match (opcode, &payload[..]) {
        (Opcode::CLOSE, [high, low, reason @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let space = if reason.is_empty() { "" } else { " " };
            let _ = write!(word, "({code}{space}{})", shorten(reason));
        }
        _ => {
            let _ = write!(word, "({})", shorten(&payload));
        }
    }
    Some((word, end))
}

/// Octets in print, and no more than the start if they are many.
pub(crate) fn shorten(octets: &[u8]) -> String {
    match octets.len() {
        0..=40 => octets.escape_ascii().to_string(),
        length => format!("{}…{length}", octets[..4].escape_ascii()),
    }
}
