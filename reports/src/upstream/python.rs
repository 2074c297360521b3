//! A conversation as a few lines of Python: the octets that were sent, over a plain socket.

use std::fmt::Write as _;

use wsspec_cases::{Case, Cut, StepKind};
use wsspec_record::escape::unescape_octets;
use wsspec_record::results::CaseResult;
use wsspec_record::transcript::{Entry, Frame, Head, Octets, What};

use crate::tally::TargetResults;
use crate::words;

/// Beyond so many things that were sent nobody reads the script.
const SENT_MAX: usize = 200;

/// What holds the same conversation, where one connection is all it takes.
pub(super) fn script(
    target: &TargetResults<'_>,
    case: Option<&Case>,
    result: &CaseResult,
) -> Option<String> {
    let entries = &result.transcript.as_ref()?.entries;
    let sent = entries.iter().filter(|entry| line(&entry.what).is_some());
    let is_plain = entries.iter().all(|entry| {
        entry.on.is_none() && !matches!(entry.what, What::EchoLoop(_) | What::GivenUrl { .. })
    });
    if !is_plain || sent.count() > SENT_MAX || result.transcript.as_ref()?.omitted > 0 {
        return None;
    }
    let is_client = target.info.role == "client";
    let is_secure = entries
        .iter()
        .any(|entry| matches!(entry.what, What::Secured { .. }));
    if is_client && is_secure {
        return None;
    }
    let conversation = conversation(entries, is_client && computes_accept(case));
    let mut out = String::new();
    if is_cut(case) {
        out.push_str("# wsspec sent the octets in pieces; here they go out together.\n");
    }
    out.push_str(match (is_client, is_secure) {
        (true, _) if computes_accept(case) => "import base64, hashlib, re, socket\n\n",
        (_, true) => "import socket, ssl\n\n",
        _ => "import socket\n\n",
    });
    if conversation.contains("masked(") {
        out.push_str(
            "def masked(key, data):\n    return bytes(octet ^ key[at % 4] for at, octet in enumerate(data))\n\n",
        );
    }
    out.push_str(&connection(target, is_client, is_secure));
    out.push_str(&conversation);
    out.push_str(
        "try:\n    while data := peer.recv(65536):\n        print(data)\n    print(\"closed\")\n\
         except OSError as error:\n    print(error)\n",
    );
    Some(out)
}

fn connection(target: &TargetResults<'_>, is_client: bool, is_secure: bool) -> String {
    if is_client {
        return "server = socket.create_server((\"127.0.0.1\", 9001))  # now start the client\n\
                peer, _ = server.accept()\npeer.settimeout(5)\n"
            .to_owned();
    }
    let (host, port) = place(target.info.url.as_deref().unwrap_or_default(), is_secure);
    let host = python_bytes(host.as_bytes());
    // A name is text.
    let host = &host[1..];
    let mut out = format!("peer = socket.create_connection(({host}, {port}), 5)\n");
    if is_secure {
        let _ = writeln!(
            out,
            "peer = ssl._create_unverified_context().wrap_socket(peer, server_hostname={host})"
        );
    }
    out
}

/// The host and port of a URL.
fn place(url: &str, is_secure: bool) -> (String, u16) {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    let authority = behind.split(['/', '?']).next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let default = if is_secure { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().unwrap_or(default)),
        _ => (authority, default),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host {
        "" => ("127.0.0.1".to_owned(), port),
        host => (host.to_owned(), port),
    }
}

/// What is sent and awaited, in order.
fn conversation(entries: &[Entry], computes_accept: bool) -> String {
    let mut out = String::new();
    let mut has_received = false;
    for entry in entries {
        match &entry.what {
            What::ReceivedHead(_) | What::ReceivedFrame(_) | What::ReceivedOctets(_) => {
                has_received = true;
            }
            What::SentHead(head) if computes_accept => {
                out.push_str("request = peer.recv(65536)\nprint(request)\n");
                has_received = false;
                let _ = writeln!(out, "{}", answered(head));
            }
            what => {
                let Some(line) = line(what) else { continue };
                if has_received {
                    out.push_str("print(peer.recv(65536))\n");
                    has_received = false;
                }
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}

/// A line that sends something.
fn line(what: &What) -> Option<String> {
    let sends = |value: String| format!("peer.sendall({value})");
    Some(match what {
        What::SentHead(head) => sends(python_bytes(&unescape_octets(&head.text()))),
        What::SentFrame(frame) => format!("{}  # {}", sends(of_frame(frame)), words::frame(frame)),
        What::SentOctets(octets) => sends(of_octets(octets)),
        What::HalfClosed => "peer.shutdown(socket.SHUT_WR)".to_owned(),
        _ => return None,
    })
}

/// A response that fits the request.
fn answered(head: &Head) -> String {
    let text = python_bytes(&unescape_octets(&head.text()));
    format!(
        "key = re.search(rb\"(?i)sec-websocket-key: *(\\S+)\", request)[1]\n\
         accept = base64.b64encode(hashlib.sha1(key + b\"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\").digest())\n\
         peer.sendall(re.sub(rb\"(?i)(sec-websocket-accept: *)\\S+\", rb\"\\g<1>\" + accept, {text}))"
    )
}

/// Whether a client has to find the answer to its own key in the response.
fn computes_accept(case: Option<&Case>) -> bool {
    case.is_none_or(|case| case.opening.is_lawful())
}

/// Whether octets travelled in pieces that no frame makes.
fn is_cut(case: Option<&Case>) -> bool {
    let mut steps = case.into_iter().flat_map(|case| &case.script);
    steps.any(|step| {
        matches!(&step.kind, StepKind::Send(send)
            if matches!(send.cut, Cut::Every(_) | Cut::Sizes(_)))
    })
}

/// The octets of a frame.
fn of_frame(frame: &Frame) -> String {
    let key = frame.mask.as_deref();
    let key = key.and_then(|key| wsspec_cases::payload::parse_hex(key).ok());
    let key = key.filter(|key| key.len() == 4);
    let mut header = vec![
        u8::from(frame.fin) << 7 | (frame.rsv & 7) << 4 | (frame.opcode & 0xf),
        u8::from(key.is_some()) << 7,
    ];
    let length = frame.length.to_be_bytes();
    match frame.extended_length_octets {
        2 => {
            header[1] |= 126;
            header.extend(&length[6..]);
        }
        8 => {
            header[1] |= 127;
            header.extend(length);
        }
        _ => header[1] |= length[7] & 0x7f,
    }
    header.extend(key.iter().flatten());
    if frame.payload.is_whole() {
        let key = key.unwrap_or_else(|| vec![0; 4]);
        let payload = frame.payload.kept();
        header.extend(payload.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
        return from_hex(&header);
    }
    let payload = of_octets(&frame.payload);
    match key {
        Some(key) => format!(
            "{} + masked({}, {payload})",
            from_hex(&header),
            from_hex(&key)
        ),
        None => format!("{} + {payload}", from_hex(&header)),
    }
}

/// Octets; of what was not kept whole the beginning, over and over.
fn of_octets(octets: &Octets) -> String {
    let kept = octets.kept();
    match (octets.is_whole(), kept.first()) {
        (true, _) => from_hex(&kept),
        (false, Some(first)) if kept.iter().all(|octet| octet == first) => {
            format!("{} * {}", from_hex(&[*first]), octets.length)
        }
        (false, Some(_)) => {
            let times = octets.length.div_ceil(kept.len() as u64);
            format!("({} * {times})[:{}]", from_hex(&kept), octets.length)
        }
        (false, None) => format!("bytes({})", octets.length),
    }
}

fn from_hex(octets: &[u8]) -> String {
    format!("bytes.fromhex(\"{}\")", words::hexadecimal(octets))
}

/// Octets as Python writes them.
fn python_bytes(octets: &[u8]) -> String {
    let mut out = String::from("b\"");
    for octet in octets {
        match octet {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(*octet));
            }
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b' '..=b'~' => out.push(char::from(*octet)),
            _ => {
                let _ = write!(out, "\\x{octet:02x}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn frames_are_written_as_they_were_sent() {
        let hello = Frame {
            mask: Some("37fa213d".into()),
            ..fixtures::frame(0x1, b"Hello")
        };
        // RFC 6455 §5.7 has this frame.
        assert_eq!(
            of_frame(&hello),
            "bytes.fromhex(\"81 85 37 fa 21 3d 7f 9f 4d 51 58\")"
        );
        let long = Frame {
            rsv: 4,
            ..fixtures::frame(0x2, &[0xfe; 70_000])
        };
        assert_eq!(
            of_frame(&long),
            "bytes.fromhex(\"c2 7f 00 00 00 00 00 01 11 70\") + bytes.fromhex(\"fe\") * 70000"
        );
    }

    #[test]
    fn hosts_are_found_in_urls() {
        for (url, host, port) in [
            ("ws://127.0.0.1:9001/", "127.0.0.1", 9001),
            ("ws://user:secret@example.org/x?a:1", "example.org", 80),
            ("ws://[::1]:9001", "::1", 9001),
            ("ws://[::1]/", "::1", 80),
            ("", "127.0.0.1", 80),
        ] {
            assert_eq!(place(url, false), (host.to_owned(), port), "{url}");
        }
    }
}
