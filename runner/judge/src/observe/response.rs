//! The head of a server's side of the opening handshake (RFC 6455 §4.1, §4.2.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use wsspec_record::escape::escape_octets;
use wsspec_record::{Fault, Head, HeadFault};

use super::extensions;
use super::http::{Kind, Lines};

/// How many octets of a value stand in a fault.
pub(super) const TOLD_OCTETS_MAX: usize = 200;

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
        let lines = Lines::of(head, Kind::Response);
        Some(Self {
            status: lines.status()?,
            fields: lines.named(),
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
    /// The keys, without white space around them: one, unless the request is broken.
    pub keys: Vec<String>,
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
            keys: values("sec-websocket-key").collect(),
            extensions: elements("sec-websocket-extensions"),
            extension_values: values("sec-websocket-extensions").collect(),
            subprotocols: elements("sec-websocket-protocol"),
        }
    }
}

/// What is wrong with a server's response to this request, by the rules of §4.1 for
/// the client that validates it.
pub fn check_response(octets: &[u8], asked: &Asked) -> (Head, Option<Response>) {
    let mut head = Lines::of(octets, Kind::Response).record();
    let response = Response::parse(octets);
    let mut faults = Faults::default();
    match &response {
        None => faults.note("6455-4.1-v0", Fault::NotHttp),
        Some(response) if response.status == 101 => check(response, asked, &mut faults),
        Some(_) => {}
    }
    head.faults = faults.0;
    (head, response)
}

/// Whether a response comes before the one that answers (RFC 9110 §15.2); 101 answers.
pub fn is_interim(octets: &[u8]) -> bool {
    Response::parse(octets).is_some_and(|response| matches!(response.status, 100 | 102..=199))
}

/// Faults as they are found.
#[derive(Debug, Default)]
pub(super) struct Faults(pub(super) Vec<HeadFault>);

impl Faults {
    pub(super) fn note(&mut self, requirement: &str, fault: Fault) {
        self.0.push(HeadFault {
            requirement: requirement.into(),
            fault,
        });
    }
}

pub(super) fn told(value: &[u8]) -> String {
    escape_octets(value, TOLD_OCTETS_MAX)
}

fn check(response: &Response, asked: &Asked, faults: &mut Faults) {
    check_upgrade(response, faults);
    check_accept(response, asked, faults);
    check_extensions(response, asked, faults);
    check_subprotocol(response, asked, faults);
}

fn check_upgrade(response: &Response, faults: &mut Faults) {
    let field = || "Upgrade".to_owned();
    let upgrades: Vec<&[u8]> = response.values("upgrade").collect();
    match upgrades[..] {
        [] => faults.note("6455-4.1-v2a", Fault::Missing { field: field() }),
        [value] if value.eq_ignore_ascii_case(b"websocket") => {}
        [value] => faults.note(
            "6455-4.1-v2b",
            Fault::Value {
                field: field(),
                found: told(value),
                expected: "websocket".into(),
            },
        ),
        _ => faults.note("6455-4.1-v2b", Fault::Repeated { field: field() }),
    }
    let mut connection = response.tokens("connection");
    if !connection.any(|token| token.eq_ignore_ascii_case(b"upgrade")) {
        let found = response.values("connection").map(told).collect();
        let (field, element) = ("Connection".into(), "Upgrade".into());
        faults.note(
            "6455-4.1-v3b",
            Fault::Without {
                field,
                element,
                found,
            },
        );
    }
}

fn check_accept(response: &Response, asked: &Asked, faults: &mut Faults) {
    let field = || "Sec-WebSocket-Accept".to_owned();
    let accepts: Vec<&[u8]> = response.values("sec-websocket-accept").collect();
    let expected = accept_for(asked.keys.first().map_or("", String::as_str));
    match accepts[..] {
        [] => faults.note("6455-4.1-v4a", Fault::Missing { field: field() }),
        [value] if value == expected.as_bytes() => {}
        [value] if answers_one_of(&asked.keys, value) => {}
        // Of octets that are no text, servers make several things.
        [_] if !asked.keys.iter().all(|key| key.is_ascii()) => {}
        [value] => faults.note(
            "6455-4.1-v4b",
            Fault::Value {
                field: field(),
                found: told(value),
                expected,
            },
        ),
        _ => faults.note("6455-4.1-v4b", Fault::Repeated { field: field() }),
    }
}

/// Whether a value answers another key than the first, or all of them as one list, which is
/// how a field may be read that is there more than once (RFC 7230 §3.2.2).
fn answers_one_of(keys: &[String], value: &[u8]) -> bool {
    let joined = [keys.join(", "), keys.join(",")];
    let mut readings = keys.iter().chain(&joined);
    readings.any(|key| accept_for(key).as_bytes() == value)
}

/// The value of Sec-WebSocket-Accept that answers a key (§4.2.2 step 5).
fn accept_for(key: &str) -> String {
    const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    STANDARD.encode(Sha1::digest(format!("{key}{GUID}")))
}

fn check_extensions(response: &Response, asked: &Asked, faults: &mut Faults) {
    let name = "sec-websocket-extensions";
    let field = || "Sec-WebSocket-Extensions".to_owned();
    for extension in response.tokens(name) {
        let name = extension.split(|octet| *octet == b';').next();
        let name = name.unwrap_or_default().trim_ascii();
        let offered = asked
            .extensions
            .iter()
            .any(|offer| offer.as_bytes() == name);
        if !offered {
            let (field, found) = (field(), told(name));
            faults.note("6455-4.1-v5", Fault::NotOffered { field, found });
        }
    }
    let agreed: Vec<&[u8]> = response.values(name).collect();
    let offers = asked.extension_values.iter().map(String::as_bytes);
    // What was offered in a way that cannot be read was not offered, as far as we know.
    let offers = extensions::parse(offers).unwrap_or_default();
    for (requirement, fault) in extensions::check_agreed(&agreed, &offers) {
        faults.note(requirement, fault);
    }
    if agreed.iter().any(|value| value.is_empty()) {
        let empty = Fault::Empty { field: field() };
        faults.note("6455-4.2.2-4.extensions-c", empty);
    }
}

fn check_subprotocol(response: &Response, asked: &Asked, faults: &mut Faults) {
    let name = "sec-websocket-protocol";
    let field = || "Sec-WebSocket-Protocol".to_owned();
    for subprotocol in response.tokens(name) {
        let offered = |offer: &String| offer.as_bytes() == subprotocol;
        if !asked.subprotocols.iter().any(offered) {
            let (field, found) = (field(), told(subprotocol));
            faults.note("6455-4.1-v6a", Fault::NotOffered { field, found });
        }
    }
    let values: Vec<&[u8]> = response.values(name).collect();
    match values[..] {
        [value] if value.is_empty() || value.contains(&b',') => {
            let (field, found) = (field(), told(value));
            faults.note("6455-4.3-8", Fault::NotOne { field, found });
        }
        [] | [_] => {}
        _ => faults.note("6455-11.3.4-2", Fault::Repeated { field: field() }),
    }
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
}
