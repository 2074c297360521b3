//! A transcript as the case pages show it: frame by frame, decoded and in octets.

use serde::Serialize;

use crate::words::{self, Direction};
use wsspec_record::oddity::Oddity;
use wsspec_record::transcript::{Entry, Frame, Octets, Transcript, What};

/// How many octets stand in a line of a dump.
const OCTETS_PER_LINE: usize = 16;
/// How many lines of a head are shown.
const HEAD_LINES_MAX: usize = 64;

/// A line of the conversation.
#[derive(Debug, Default, Serialize)]
pub(super) struct Line {
    /// `phase`, `sent`, `received` or `note`.
    class: &'static str,
    arrow: &'static str,
    /// `sent` or `received`, for those who do not see the arrow.
    who: &'static str,
    at: String,
    words: String,
    fields: Vec<Field>,
    /// The octets of the frame's header.
    header: String,
    dump: Option<Dump>,
    /// What the dump does not show.
    rest: String,
    head: Vec<String>,
    message: String,
    complaints: Vec<Complaint>,
}

/// A field of a frame's header.
#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    value: String,
    /// Whether the field breaks the RFC.
    odd: bool,
}

/// A payload in three columns, each with its lines in one text.
#[derive(Debug, Serialize)]
struct Dump {
    offsets: String,
    hex: String,
    text: String,
}

#[derive(Debug, Serialize)]
struct Complaint {
    words: String,
    requirement: String,
}

/// How much of a conversation is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Each entry in one line: for what is good, where there are many targets.
    Words,
    /// Fields, octets and complaints, too.
    Octets,
}

pub(super) fn lines(transcript: &Transcript, depth: Depth) -> Vec<Line> {
    let entries = transcript.entries.iter();
    let mut lines: Vec<Line> = entries.map(|entry| line(entry, depth)).collect();
    if transcript.omitted > 0 {
        // The stored form keeps the beginning and the end.
        let words = format!(
            "{} in the middle of the conversation left out",
            words::counted(transcript.omitted, "entry", "entries")
        );
        let note = Line {
            class: "note",
            arrow: "⋯",
            words,
            ..Line::default()
        };
        lines.insert(lines.len() / 2, note);
    }
    lines
}

fn line(entry: &Entry, depth: Depth) -> Line {
    let direction = words::direction(&entry.what);
    let mut line = Line {
        class: match direction {
            Direction::Sent => "sent",
            Direction::Received => "received",
            Direction::Note => "note",
        },
        arrow: direction.arrow(),
        who: match direction {
            Direction::Sent => "sent",
            Direction::Received => "received",
            Direction::Note => "",
        },
        at: words::at(entry.at_us),
        words: match &entry.on {
            Some(connection) => {
                let connection = words::clean(connection, 40);
                format!("{connection}: {}", words::what(&entry.what))
            }
            None => words::what(&entry.what),
        },
        ..Line::default()
    };
    match &entry.what {
        What::Phase(_) => line.class = "phase",
        _ if depth == Depth::Words => {}
        What::SentFrame(frame) | What::ReceivedFrame(frame) => describe(&mut line, frame),
        What::SentOctets(octets) | What::ReceivedOctets(octets) => dump(&mut line, octets),
        What::SentHead(head) | What::ReceivedHead(head) => {
            let lines = head.lines().take(HEAD_LINES_MAX);
            line.head = lines.map(|text| words::clean(&text, 400)).collect();
            let complaint = |(words, requirement)| Complaint {
                words: format!("{words}."),
                requirement,
            };
            line.complaints = words::head_faults(head)
                .into_iter()
                .map(complaint)
                .collect();
        }
        _ => {}
    }
    if matches!(
        entry.what,
        What::TimedOut { .. }
            | What::Flooded { .. }
            | What::TargetDied { .. }
            | What::NotConnected { .. }
            | What::ReceivedReset
    ) {
        line.class = "alarm";
    }
    line
}

fn describe(line: &mut Line, frame: &Frame) {
    line.words = words::opcode(frame.opcode);
    if let Some(code) = frame.close_code() {
        line.words = format!("{} {code}", line.words);
    }
    if !frame.is_complete() {
        let came = words::octets(frame.payload.length);
        line.words = format!("{}, of which {came} came", line.words);
    }
    line.fields = fields(frame);
    line.header = words::hexadecimal(&header_octets(frame));
    dump(line, &frame.payload);
    if let Some(message) = &frame.message {
        line.message = format!(
            "ends a {} message of {} in {}: {}",
            words::opcode(message.opcode),
            words::octets(message.payload.length),
            words::counted(message.fragments, "fragment", "fragments"),
            words::preview(&message.payload)
        );
    }
    line.complaints = frame
        .oddities
        .iter()
        .map(|oddity| Complaint {
            words: format!("The target {}.", words::oddity(*oddity)),
            requirement: oddity.requirement().unwrap_or_default().to_owned(),
        })
        .collect();
}

fn fields(frame: &Frame) -> Vec<Field> {
    let odd = |oddities: &[Oddity]| {
        frame
            .oddities
            .iter()
            .any(|oddity| oddities.contains(oddity))
    };
    let form = match frame.extended_length_octets {
        0 => "7-bit",
        2 => "16-bit",
        _ => "64-bit",
    };
    vec![
        Field {
            name: "FIN",
            value: u8::from(frame.fin).to_string(),
            odd: odd(&[Oddity::ControlFragmented]),
        },
        Field {
            name: "RSV",
            value: format!("{:03b}", frame.rsv & 7),
            odd: odd(&[Oddity::ReservedBits]),
        },
        Field {
            name: "opcode",
            value: format!("0x{:x}", frame.opcode),
            odd: odd(&[
                Oddity::ReservedOpcode,
                Oddity::ContinuationOfNothing,
                Oddity::MessageInsideMessage,
                Oddity::AfterClose,
            ]),
        },
        Field {
            name: "MASK",
            value: match &frame.mask {
                Some(key) => words::clean(key, 8),
                None => "0".to_owned(),
            },
            odd: odd(&[Oddity::MaskedByServer, Oddity::UnmaskedByClient]),
        },
        Field {
            name: "length",
            value: format!("{} ({form})", words::grouped(frame.length)),
            odd: odd(&[
                Oddity::LengthNotMinimal,
                Oddity::LengthTopBit,
                Oddity::ControlTooLong,
                Oddity::ClosePayloadOneOctet,
            ]),
        },
    ]
}

/// The octets of the header as they were on the wire (RFC 6455 §5.2).
fn header_octets(frame: &Frame) -> Vec<u8> {
    let first = u8::from(frame.fin) << 7 | (frame.rsv & 7) << 4 | frame.opcode & 0xf;
    let masked = u8::from(frame.mask.is_some()) << 7;
    let mut octets = vec![first];
    match frame.extended_length_octets {
        0 => octets.push(masked | (frame.length & 0x7f) as u8),
        2 => {
            octets.push(masked | 126);
            octets.extend_from_slice(&(frame.length as u16).to_be_bytes());
        }
        _ => {
            octets.push(masked | 127);
            octets.extend_from_slice(&frame.length.to_be_bytes());
        }
    }
    if let Some(key) = &frame.mask {
        octets.extend(wsspec_cases::payload::parse_hex(key).unwrap_or_default());
    }
    octets
}

fn dump(line: &mut Line, octets: &Octets) {
    let kept = octets.kept();
    if !kept.is_empty() {
        let column = |of: &dyn Fn(usize, &[u8]) -> String| {
            let rows = kept.chunks(OCTETS_PER_LINE).enumerate();
            let lines: Vec<String> = rows.map(|(row, chunk)| of(row, chunk)).collect();
            lines.join("\n")
        };
        line.dump = Some(Dump {
            // A single line needs none.
            offsets: match kept.len() <= OCTETS_PER_LINE {
                true => String::new(),
                false => column(&|row, _| format!("{:04x}", row * OCTETS_PER_LINE)),
            },
            hex: column(&|_, chunk| words::hexadecimal(chunk)),
            text: column(&|_, chunk| chunk.iter().map(|octet| printable(*octet)).collect()),
        });
    }
    if !octets.is_whole() {
        let more = octets.length.saturating_sub(kept.len() as u64);
        line.rest = format!("{} more", words::octets(more));
        if let Some(digest) = &octets.sha1 {
            line.rest.push_str("; SHA-1 of all: ");
            line.rest.push_str(&words::clean(digest, 40));
        }
    }
}

fn printable(octet: u8) -> char {
    match octet {
        0x20..=0x7e => char::from(octet),
        _ => '·',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::frame;

    #[test]
    fn headers_are_what_was_on_the_wire() {
        let masked = |frame: Frame| Frame {
            mask: Some("01020304".into()),
            ..frame
        };
        for (frame, expected) in [
            (frame(0x1, b"Hi"), "81 02"),
            (masked(frame(0x1, b"Hi")), "81 82 01 02 03 04"),
            (frame(0x2, &[0; 126]), "82 7e 00 7e"),
            (frame(0x2, &[0; 65_536]), "82 7f 00 00 00 00 00 01 00 00"),
            (
                Frame {
                    fin: false,
                    rsv: 5,
                    extended_length_octets: 2,
                    ..frame(0x3, b"a")
                },
                "53 7e 00 01",
            ),
        ] {
            assert_eq!(words::hexadecimal(&header_octets(&frame)), expected);
        }
    }
}
