//! The head of the target's side of the opening handshake (RFC 6455 §4).

use wsspec_record::transcript::{Head, HeadFault};
use wsspec_reference::handshake::key::accept_for;

use super::escape::escape_octets;
use super::extensions;

/// The most octets of a head that are read.
pub const HEAD_OCTETS_MAX: usize = 64 * 1024;
/// The most octets of a head that a transcript keeps.
pub(super) const HEAD_OCTETS_KEPT: usize = 4 * 1024;
pub(super) const HEADER_FIELDS_MAX: usize = 256;

/// Reads a head octet by octet, however it is cut.
#[derive(Debug, Default)]
pub struct HeadReader {
    octets: Vec<u8>,
    /// How far the search for the empty line has come.
    searched: usize,
}

impl HeadReader {
    /// Takes octets; where they complete the head, gives the head and how many of the
    /// octets belong to what follows it.
    pub fn receive(&mut self, octets: &[u8]) -> Option<usize> {
        self.octets.extend_from_slice(octets);
        let from = self.searched.saturating_sub(3);
        let end = self.octets[from..]
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .map(|at| from + at + 4);
        self.searched = self.octets.len();
        let end = end?;
        let behind = self.octets.len() - end;
        self.octets.truncate(end);
        Some(behind)
    }

    /// Whether more came than is read of any head.
    pub fn is_too_large(&self) -> bool {
        self.octets.len() > HEAD_OCTETS_MAX
    }

    /// What came so far.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }
}

/// A response that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields in order, values without white space around them.
    pub fields: Vec<(String, Vec<u8>)>,
}

impl Response {
    /// Reads the head of a response; nothing where it is no HTTP.
    pub fn parse(head: &[u8]) -> Option<Self> {
        let mut fields = vec![httparse::EMPTY_HEADER; HEADER_FIELDS_MAX];
        let mut response = httparse::Response::new(&mut fields);
        let status = response.parse(head).ok()?;
        if status.is_partial() {
            return None;
        }
        Some(Self {
            status: response.code?,
            fields: response
                .headers
                .iter()
                .map(|field| (field.name.to_owned(), field.value.trim_ascii().to_vec()))
                .collect(),
        })
    }

    /// The values of all fields with this name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        values_of(&self.fields, name)
    }

    /// The elements of a field that is a comma-separated list, over all its lines.
    pub fn tokens<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        tokens_of(&self.fields, name)
    }
}

pub(super) fn values_of<'a>(
    fields: &'a [(String, Vec<u8>)],
    name: &'a str,
) -> impl Iterator<Item = &'a [u8]> {
    fields
        .iter()
        .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_slice())
}

pub(super) fn tokens_of<'a>(
    fields: &'a [(String, Vec<u8>)],
    name: &'a str,
) -> impl Iterator<Item = &'a [u8]> {
    values_of(fields, name)
        .flat_map(|value| value.split(|octet| *octet == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|token| !token.is_empty())
}

/// What a request asked for, as far as the response has to fit it.
///
/// It is read from the octets that were sent, since a case may have changed any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// The key, without white space around it; empty where there was none.
    pub key: String,
    /// The names of the extensions that were offered.
    pub extensions: Vec<String>,
    /// The values of the fields that offer them.
    extension_values: Vec<String>,
    /// The subprotocols that were offered.
    pub subprotocols: Vec<String>,
}

impl Asked {
    /// Reads a request, however broken.
    pub fn of(request: &[u8]) -> Self {
        let request = String::from_utf8_lossy(request);
        let head = request.split("\r\n\r\n").next().unwrap_or_default();
        // A line that begins with white space goes on with the one before.
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let values = |name: &'static str| {
            head.split("\r\n")
                .filter_map(|line| line.split_once(':'))
                .filter(move |(field, _)| field.trim().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        };
        let elements = |name| {
            values(name)
                .flat_map(|value| {
                    let elements: Vec<String> = value.split(',').map(str::to_owned).collect();
                    elements
                })
                .map(|element| {
                    element
                        .split(';')
                        .next()
                        .unwrap_or_default()
                        .trim()
                        .to_owned()
                })
                .collect()
        };
        Self {
            key: values("sec-websocket-key").next().unwrap_or_default(),
            extensions: elements("sec-websocket-extensions"),
            extension_values: values("sec-websocket-extensions").collect(),
            subprotocols: elements("sec-websocket-protocol"),
        }
    }
}

/// What is wrong with a server's response to this request, by the rules of §4.1 for
/// the client that validates it.
pub fn check_response(head: &[u8], asked: &Asked) -> (Head, Option<Response>) {
    let text = escape_octets(head, HEAD_OCTETS_KEPT);
    let mut faults = Vec::new();
    let mut fault = |requirement: &str, words: String| {
        faults.push(HeadFault {
            requirement: requirement.into(),
            words,
        });
    };
    let Some(response) = Response::parse(head) else {
        fault("6455-4.1-v0", "The response is no HTTP response".into());
        let status = None;
        return (
            Head {
                text,
                status,
                faults,
            },
            None,
        );
    };
    let shown = |value: &[u8]| escape_octets(value, 80);
    if response.status == 101 {
        let upgrades: Vec<&[u8]> = response.values("upgrade").collect();
        match upgrades[..] {
            [] => fault("6455-4.1-v2a", "The response has no Upgrade field".into()),
            [value] if value.eq_ignore_ascii_case(b"websocket") => {}
            [value] => fault(
                "6455-4.1-v2b",
                format!(
                    "The Upgrade field is \"{}\" and not websocket",
                    shown(value)
                ),
            ),
            _ => fault(
                "6455-4.1-v2b",
                "The response has several Upgrade fields".into(),
            ),
        }
        let mut connection = response.tokens("connection");
        if !connection.any(|token| token.eq_ignore_ascii_case(b"upgrade")) {
            let words = "The Connection field has no token Upgrade";
            fault("6455-4.1-v3b", words.into());
        }
        let accepts: Vec<&[u8]> = response.values("sec-websocket-accept").collect();
        let expected = accept_for(&asked.key);
        match accepts[..] {
            [] => fault(
                "6455-4.1-v4a",
                "The response has no Sec-WebSocket-Accept field".into(),
            ),
            [value] if value == expected.as_bytes() => {}
            [value] => fault(
                "6455-4.1-v4b",
                format!(
                    "Sec-WebSocket-Accept is \"{}\" and not \"{expected}\"",
                    shown(value)
                ),
            ),
            _ => fault(
                "6455-4.1-v4b",
                "The response has several Sec-WebSocket-Accept fields".into(),
            ),
        }
        for extension in response.tokens("sec-websocket-extensions") {
            let name = extension
                .split(|octet| *octet == b';')
                .next()
                .unwrap_or_default()
                .trim_ascii();
            let offered = asked
                .extensions
                .iter()
                .any(|offer| offer.as_bytes() == name);
            if !offered {
                let words = format!("The extension \"{}\" was not offered", shown(name));
                fault("6455-4.1-v5", words);
            }
        }
        let agreed: Vec<&[u8]> = response.values("sec-websocket-extensions").collect();
        let offers = asked.extension_values.iter().map(String::as_bytes);
        // What was offered in a way that cannot be read was not offered, as far as we know.
        let offers = extensions::parse(offers).unwrap_or_default();
        for (requirement, words) in extensions::check_agreed(&agreed, &offers) {
            fault(requirement, words);
        }
        for subprotocol in response.tokens("sec-websocket-protocol") {
            let offered = |offer: &String| offer.as_bytes() == subprotocol;
            if !asked.subprotocols.iter().any(offered) {
                let words = format!("The subprotocol \"{}\" was not offered", shown(subprotocol));
                fault("6455-4.1-v6a", words);
            }
        }
        if response.values("sec-websocket-protocol").count() > 1 {
            let words = "The response has several Sec-WebSocket-Protocol fields";
            fault("6455-11.3.4-2", words.into());
        } else if response
            .values("sec-websocket-protocol")
            .any(|value| value.is_empty() || value.contains(&b','))
        {
            let words = "The Sec-WebSocket-Protocol field of the response is not one token";
            fault("6455-4.3-8", words.into());
        }
        if response
            .values("sec-websocket-extensions")
            .any(<[u8]>::is_empty)
        {
            let words = "The Sec-WebSocket-Extensions field of the response is empty";
            fault("6455-4.2.2-4.extensions-c", words.into());
        }
    }
    let status = Some(response.status);
    (
        Head {
            text,
            status,
            faults,
        },
        Some(response),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const LAWFUL: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                          Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    fn faults(head: &str) -> Vec<String> {
        let asked = Asked::of(
            format!(
                "GET / HTTP/1.1\r\nSec-WebSocket-Key:  {KEY}\t\r\nsec-websocket-extensions: x;\r\n y, \
                 permessage-deflate; a=b\r\nSec-WebSocket-Protocol: chat\r\n\r\nSec-WebSocket-Protocol: body"
            )
            .as_bytes(),
        );
        assert_eq!(asked.extensions, ["x", "permessage-deflate"]);
        assert_eq!(asked.subprotocols, ["chat"]);
        let (head, _) = check_response(head.as_bytes(), &asked);
        head.faults
            .into_iter()
            .map(|fault| fault.requirement)
            .collect()
    }

    #[test]
    fn lawful_responses_have_no_faults() {
        for head in [
            LAWFUL.to_owned(),
            LAWFUL.replace("websocket\r", "WebSocket\r"),
            LAWFUL.replace("n: Upgrade", "n: keep-alive, upgrade"),
            LAWFUL.replace("Connection", "Sec-WebSocket-Protocol: chat\r\nConnection"),
            LAWFUL.replace(
                "Connection",
                "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\nConnection",
            ),
            LAWFUL.replace("Switching Protocols", ""),
            "HTTP/1.1 404 Not Found\r\n\r\n".to_owned(),
        ] {
            assert!(faults(&head).is_empty(), "{head}");
        }
    }

    #[test]
    fn each_fault_is_found_alone() {
        for (from, to, requirement) in [
            ("HTTP/1.1", "HTTQ/1.1", "6455-4.1-v0"),
            ("Upgrade: websocket\r\n", "", "6455-4.1-v2a"),
            ("websocket\r", "websockets\r", "6455-4.1-v2b"),
            ("Connection: Upgrade", "Connection: close", "6455-4.1-v3b"),
            ("Sec-WebSocket-Accept", "X-Accept", "6455-4.1-v4a"),
            ("s3pPLM", "S3pPLM", "6455-4.1-v4b"),
            (
                "Connection",
                "Sec-WebSocket-Extensions: x-y\r\nConnection",
                "6455-4.1-v5",
            ),
            (
                "Connection",
                "Sec-WebSocket-Protocol: Chat\r\nConnection",
                "6455-4.1-v6a",
            ),
            (
                "Connection",
                "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\nConnection",
                "6455-11.3.4-2",
            ),
            (
                "Connection",
                "Sec-WebSocket-Protocol: chat, chat\r\nConnection",
                "6455-4.3-8",
            ),
            (
                "Connection",
                "Sec-WebSocket-Extensions: \r\nConnection",
                "6455-4.2.2-4.extensions-c",
            ),
        ] {
            let head = LAWFUL.replacen(from, to, 1);
            assert_eq!(faults(&head), [requirement], "{head}");
        }
    }

    #[test]
    fn a_head_is_found_at_any_cut() {
        let octets = [LAWFUL.as_bytes(), b"\x81\x00"].concat();
        for cut in 0..octets.len() {
            let mut reader = HeadReader::default();
            let first = reader.receive(&octets[..cut]);
            let behind = first.map_or_else(
                || reader.receive(&octets[cut..]),
                |behind| Some(behind + octets.len() - cut),
            );
            assert_eq!(behind, Some(2), "cut at {cut}");
            assert_eq!(reader.octets(), LAWFUL.as_bytes());
        }
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
