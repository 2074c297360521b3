//! The head of a client's side of the opening handshake (RFC 6455 §4.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsspec_reports::transcript::{Head, HeadFault};

use super::extensions;
use super::head::{HEAD_OCTETS_KEPT, HEADER_FIELDS_MAX, escape_octets, tokens_of, values_of};

/// A request that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The request target: path and query, as a rule.
    pub target: String,
    /// The minor version of HTTP/1.
    pub minor_version: u8,
    /// The header fields in order, values without white space around them.
    pub fields: Vec<(String, Vec<u8>)>,
}

impl Request {
    /// Reads the head of a request; nothing where it is no HTTP.
    pub fn parse(head: &[u8]) -> Option<Self> {
        let mut fields = vec![httparse::EMPTY_HEADER; HEADER_FIELDS_MAX];
        let mut request = httparse::Request::new(&mut fields);
        let status = request.parse(head).ok()?;
        if status.is_partial() {
            return None;
        }
        Some(Self {
            method: request.method?.to_owned(),
            target: request.path?.to_owned(),
            minor_version: request.version?,
            fields: request
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

    /// Whether this is an attempt to open a WebSocket connection, a faulty one perhaps.
    pub fn is_for_websocket(&self) -> bool {
        let own = |(name, _): &(String, Vec<u8>)| {
            let name = name.to_ascii_lowercase();
            name.starts_with("sec-websocket-")
        };
        let asked = |token: &[u8]| token.eq_ignore_ascii_case(b"websocket");
        self.fields.iter().any(own) || self.tokens("upgrade").any(asked)
    }
}

/// What is wrong with a client's request, by the rules of §4.1; `host` is the value
/// that the Host field has to have, where it is known.
pub fn check_request(head: &[u8], host: Option<&str>) -> (Head, Option<Request>) {
    let request = Request::parse(head);
    let mut faults = Faults(Vec::new());
    match &request {
        None => faults.note("6455-4.1-h1", "The request is no HTTP request"),
        Some(request) => check(request, host, &mut faults),
    }
    let head = Head {
        text: escape_octets(head, HEAD_OCTETS_KEPT),
        status: None,
        faults: faults.0,
    };
    (head, request)
}

struct Faults(Vec<HeadFault>);

impl Faults {
    fn note(&mut self, requirement: &str, words: impl Into<String>) {
        self.0.push(HeadFault {
            requirement: requirement.into(),
            words: words.into(),
        });
    }
}

fn check(request: &Request, host: Option<&str>, faults: &mut Faults) {
    let shown = |value: &[u8]| escape_octets(value, 80);
    if request.method != "GET" {
        let method = shown(request.method.as_bytes());
        faults.note(
            "6455-4.1-h2a",
            format!("The method is \"{method}\" and not GET"),
        );
    }
    if request.minor_version < 1 {
        let words = "The request's version is HTTP/1.0 and not at least HTTP/1.1";
        faults.note("6455-4.1-h2b", words);
    }
    let hosts: Vec<&[u8]> = request.values("host").collect();
    match (&hosts[..], host) {
        ([], _) => faults.note("6455-4.1-h4", "The request has no Host field"),
        ([value], Some(host)) if !value.eq_ignore_ascii_case(host.as_bytes()) => {
            let words = format!("The Host field is \"{}\" and not \"{host}\"", shown(value));
            faults.note("6455-4.1-h4", words);
        }
        ([_], _) => {}
        _ => faults.note("6455-4.1-h4", "The request has several Host fields"),
    }
    let has_token = |field: &str, token: &[u8]| {
        let mut tokens = request.tokens(field);
        tokens.any(|value| value.eq_ignore_ascii_case(token))
    };
    if !has_token("upgrade", b"websocket") {
        let words = "No Upgrade field of the request includes websocket";
        faults.note("6455-4.1-h5", words);
    }
    if !has_token("connection", b"upgrade") {
        let words = "No Connection field of the request includes Upgrade";
        faults.note("6455-4.1-h6", words);
    }
    let keys: Vec<&[u8]> = request.values("sec-websocket-key").collect();
    match keys[..] {
        [] => faults.note("6455-4.1-h7a", "The request has no Sec-WebSocket-Key field"),
        // The decoder wants canonical padding and pad bits that are zero.
        [key] if matches!(STANDARD.decode(key), Ok(nonce) if nonce.len() == 16) => {}
        [key] => {
            let words = format!("The key \"{}\" is no base64 of 16 octets", shown(key));
            faults.note("6455-4.1-h7b", words);
        }
        _ => faults.note(
            "6455-4.1-h7a",
            "The request has several Sec-WebSocket-Key fields",
        ),
    }
    let versions: Vec<&[u8]> = request.values("sec-websocket-version").collect();
    match versions[..] {
        [] => faults.note(
            "6455-4.1-h9a",
            "The request has no Sec-WebSocket-Version field",
        ),
        [b"13"] => {}
        [version] => {
            let words = format!("Sec-WebSocket-Version is \"{}\" and not 13", shown(version));
            faults.note("6455-4.1-h9b", words);
        }
        _ => faults.note(
            "6455-4.1-h9a",
            "The request has several Sec-WebSocket-Version fields",
        ),
    }
    check_subprotocols(request, faults);
    let offers: Vec<&[u8]> = request.values("sec-websocket-extensions").collect();
    for (requirement, words) in extensions::check_offers(&offers) {
        faults.note(requirement, words);
    }
}

fn check_subprotocols(request: &Request, faults: &mut Faults) {
    let subprotocols: Vec<&[u8]> = request.tokens("sec-websocket-protocol").collect();
    if subprotocols.is_empty() && request.values("sec-websocket-protocol").next().is_some() {
        let words = "The Sec-WebSocket-Protocol field of the request names no subprotocol";
        faults.note("6455-4.1-h10d", words);
    }
    let is_token = |name: &[u8]| {
        name.iter()
            .all(|octet| octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(octet))
    };
    for (at, name) in subprotocols.iter().enumerate() {
        let words = |what| format!("The subprotocol \"{}\" {what}", escape_octets(name, 80));
        if !is_token(name) {
            faults.note("6455-4.1-h10b", words("is no token"));
        } else if subprotocols[..at].contains(name) {
            faults.note("6455-4.1-h10c", words("is offered twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWFUL: &str = "GET /run/1 HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    fn faults(head: &str) -> Vec<String> {
        let (head, _) = check_request(head.as_bytes(), Some("h:1"));
        let requirements = head.faults.into_iter().map(|fault| fault.requirement);
        requirements.collect()
    }

    #[test]
    fn lawful_requests_have_no_faults() {
        for head in [
            LAWFUL.to_owned(),
            LAWFUL.replace("websocket\r", "WebSocket\r"),
            LAWFUL.replace("n: Upgrade", "n: keep-alive, upgrade"),
            LAWFUL.replace("Host", "User-Agent: x\r\nhost"),
            LAWFUL.replace("Host", "Sec-WebSocket-Protocol: a, b\r\nHost"),
            LAWFUL.replace(
                "Host",
                "Sec-WebSocket-Extensions: permessage-deflate\r\nHost",
            ),
        ] {
            assert!(faults(&head).is_empty(), "{head}: {:?}", faults(&head));
        }
    }

    #[test]
    fn each_fault_is_found_alone() {
        for (from, to, requirement) in [
            ("HTTP/1.1", "HTTQ/1.1", "6455-4.1-h1"),
            ("GET", "POST", "6455-4.1-h2a"),
            ("HTTP/1.1", "HTTP/1.0", "6455-4.1-h2b"),
            ("Host: h:1\r\n", "", "6455-4.1-h4"),
            ("h:1", "h", "6455-4.1-h4"),
            ("Host: h:1\r\n", "Host: h:1\r\nHost: h:1\r\n", "6455-4.1-h4"),
            ("websocket\r", "h2c\r", "6455-4.1-h5"),
            ("Connection: Upgrade", "Connection: close", "6455-4.1-h6"),
            ("Sec-WebSocket-Key", "X-Key", "6455-4.1-h7a"),
            ("jZQ==", "jZQ", "6455-4.1-h7b"),
            ("jZQ==", "jZR==", "6455-4.1-h7b"),
            ("dGhl", "", "6455-4.1-h7b"),
            ("Sec-WebSocket-Version: 13\r\n", "", "6455-4.1-h9a"),
            ("Version: 13", "Version: 8", "6455-4.1-h9b"),
            (
                "Host",
                "Sec-WebSocket-Protocol: a b\r\nHost",
                "6455-4.1-h10b",
            ),
            (
                "Host",
                "Sec-WebSocket-Protocol: a, a\r\nHost",
                "6455-4.1-h10c",
            ),
            ("Host", "Sec-WebSocket-Protocol:\r\nHost", "6455-4.1-h10d"),
            (
                "Host",
                "Sec-WebSocket-Extensions: x; =\r\nHost",
                "6455-4.3-5",
            ),
        ] {
            let head = LAWFUL.replacen(from, to, 1);
            assert_eq!(faults(&head), [requirement], "{head}");
        }
    }
}
