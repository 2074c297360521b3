//! The heads that the runner sends in the opening handshake (RFC 6455 §4): the request
//! to a server, the response to a client.

use wsspec_cases::opening::Field;
use wsspec_cases::payload::PayloadError;
use wsspec_cases::{Opening, Payload};
use wsspec_reference::handshake::key::accept_for;

use super::fitting::fitted;
use super::{Reception, ServerAddress};
use wsspec_judge::observe::{Request, swappable_subprotocol};

/// What is only known on the wire, and what a case calls it.
struct WireNames<'a> {
    host: &'a str,
    path: &'a str,
    key: &'a str,
    accept: &'a str,
    /// Of a client's request: an extension that it offers, a subprotocol, and the same
    /// in another letter case.
    extension: &'a str,
    subprotocol: &'a str,
    swapped_subprotocol: &'a str,
}

impl WireNames<'_> {
    fn write(&self, text: &[u8]) -> Vec<u8> {
        let names = [
            ("{host}", self.host),
            ("{path}", self.path),
            ("{key}", self.key),
            ("{accept}", self.accept),
            ("{extension}", self.extension),
            ("{subprotocol}", self.subprotocol),
            ("{SUBPROTOCOL}", self.swapped_subprotocol),
        ];
        let mut written = Vec::with_capacity(text.len());
        let mut rest = text;
        'next: while let Some((&octet, after)) = rest.split_first() {
            for (name, value) in names {
                if let Some(after) = rest.strip_prefix(name.as_bytes()) {
                    written.extend_from_slice(value.as_bytes());
                    rest = after;
                    continue 'next;
                }
            }
            written.push(octet);
            rest = after;
        }
        written
    }
}

/// The response to a request that is none of a WebSocket client.
pub(super) const BAD_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// The response to a request that has shown all that the case looks at.
pub(super) const ENOUGH_SEEN: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/// The octets of the request for a server, with what is unusual about it.
///
/// # Errors
/// Where a payload of the case cannot be made.
pub(super) fn request(
    opening: &Opening,
    server: &ServerAddress,
    key: &str,
) -> Result<Vec<u8>, PayloadError> {
    let names = WireNames {
        host: &server.host,
        path: &server.path,
        key,
        accept: &accept_for(key),
        extension: "",
        subprotocol: "",
        swapped_subprotocol: "",
    };
    let mut fields: Vec<Field> = vec![
        field("Host", "{host}"),
        field("Upgrade", "websocket"),
        field("Connection", "Upgrade"),
        field("Sec-WebSocket-Key", "{key}"),
        field("Sec-WebSocket-Version", "13"),
    ];
    let subprotocols = subprotocols(opening, server).join(", ");
    negotiation(&mut fields, &subprotocols, &opening.extensions.join(", "));
    own(&mut fields, &server.headers);
    head(opening, "GET {path} HTTP/1.1", fields, &names)
}

/// The octets of the response to a client, with what is unusual about it.
///
/// # Errors
/// Where a payload of the case cannot be made.
pub(super) fn response(
    opening: &Opening,
    request: &Request,
    reception: &Reception,
) -> Result<Vec<u8>, PayloadError> {
    let text = |name| {
        let value = request.values(name).next().unwrap_or_default();
        String::from_utf8_lossy(value).into_owned()
    };
    let (host, key) = (text("host"), text("sec-websocket-key"));
    let offered: Vec<String> = request
        .values("sec-websocket-protocol")
        .map(|value| String::from_utf8_lossy(value).into_owned())
        .collect();
    let (subprotocol, swapped_subprotocol) =
        swappable_subprotocol(offered.iter().map(String::as_str)).unwrap_or_default();
    let extension = request
        .tokens("sec-websocket-extensions")
        .next()
        .and_then(|offer| offer.split(|octet| *octet == b';').next())
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned())
        .unwrap_or_default();
    let names = WireNames {
        host: &host,
        path: &request.target,
        key: &key,
        accept: &accept_for(&key),
        extension: &extension,
        subprotocol: &subprotocol,
        swapped_subprotocol: &swapped_subprotocol,
    };
    let mut fields: Vec<Field> = vec![
        field("Upgrade", "websocket"),
        field("Connection", "Upgrade"),
        field("Sec-WebSocket-Accept", "{accept}"),
    ];
    let selected = match &opening.subprotocols[..] {
        [] => selected(request, &reception.subprotocols).unwrap_or_default(),
        selected => selected.join(", "),
    };
    let agreed = fitted(&opening.extensions.join(", "), request);
    negotiation(&mut fields, &selected, &agreed);
    own(&mut fields, &reception.headers);
    head(opening, "HTTP/1.1 101 Switching Protocols", fields, &names)
}

/// The first subprotocol of the client's that we speak (§4.2.2).
fn selected(request: &Request, spoken: &[String]) -> Option<String> {
    request
        .tokens("sec-websocket-protocol")
        .find_map(|token| spoken.iter().find(|spoken| spoken.as_bytes() == token))
        .cloned()
}

fn negotiation(fields: &mut Vec<Field>, subprotocols: &str, extensions: &str) {
    if !subprotocols.is_empty() {
        fields.push(field("Sec-WebSocket-Protocol", subprotocols));
    }
    if !extensions.is_empty() {
        fields.push(field("Sec-WebSocket-Extensions", extensions));
    }
}

fn own(fields: &mut Vec<Field>, headers: &[(String, String)]) {
    fields.extend(headers.iter().map(|(name, value)| field(name, value)));
}

/// A head of these fields, changed as the case says.
fn head(
    opening: &Opening,
    start_line: &str,
    mut fields: Vec<Field>,
    names: &WireNames<'_>,
) -> Result<Vec<u8>, PayloadError> {
    let head = &opening.head;
    if let Some(octets) = &head.octets {
        return Ok(names.write(&octets.octets()?));
    }
    fields.retain(|field| !is_named(&head.remove, &field.name));
    for replacement in &head.replace {
        for field in &mut fields {
            if field.name.eq_ignore_ascii_case(&replacement.name) {
                *field = replacement.clone();
            }
        }
    }
    fields.extend(head.append.iter().cloned());
    let place = |field: &Field| {
        let named = |name: &String| name.eq_ignore_ascii_case(&field.name);
        head.order.iter().position(named).unwrap_or(usize::MAX)
    };
    fields.sort_by_key(place);

    let start_line = head.start_line.as_deref().unwrap_or(start_line);
    let mut written = names.write(start_line.as_bytes());
    written.extend_from_slice(b"\r\n");
    for field in &fields {
        let value = names.write(&field.value.octets()?);
        for _ in 0..field.times {
            written.extend_from_slice(field.name.as_bytes());
            written.extend_from_slice(b": ");
            written.extend_from_slice(&value);
            written.extend_from_slice(b"\r\n");
        }
    }
    written.extend_from_slice(b"\r\n");
    if let Some(body) = &head.body {
        written.extend_from_slice(&body.octets()?);
    }
    Ok(written)
}

/// The subprotocols that the request offers.
fn subprotocols<'a>(opening: &'a Opening, server: &'a ServerAddress) -> &'a [String] {
    if opening.subprotocols.is_empty() {
        &server.subprotocols
    } else {
        &opening.subprotocols
    }
}

fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: Payload::Text(value.to_owned()),
        times: 1,
    }
}

fn is_named(names: &[String], field: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(opening: &str) -> String {
        let server = ServerAddress {
            addresses: Vec::new(),
            secure: None,
            host: "h:1".into(),
            path: "/p?q".into(),
            headers: vec![("X-A".into(), "b".into())],
            subprotocols: vec!["chat".into()],
        };
        let opening: Opening = serde_json::from_str(opening).unwrap();
        String::from_utf8(request(&opening, &server, "KEY").unwrap()).unwrap()
    }

    #[test]
    fn a_request_is_lawful_unless_a_case_says_otherwise() {
        assert_eq!(
            written("{}"),
            "GET /p?q HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: KEY\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chat\r\n\
             X-A: b\r\n\r\n"
        );
    }

    #[test]
    fn every_part_of_a_request_can_be_changed() {
        for (opening, expected) in [
            (
                r#"{"head": {"start_line": "POST {path} HTTP/1.0"}}"#,
                "POST /p?q HTTP/1.0\r\nHost",
            ),
            (
                r#"{"head": {"replace": [{"name": "host", "value": "{host}"}]}}"#,
                "\r\nhost: h:1\r\nUpgrade",
            ),
            (
                r#"{"head": {"append": [{"name": "Host", "value": "x", "times": 2}]}}"#,
                "X-A: b\r\nHost: x\r\nHost: x\r\n\r\n",
            ),
            (
                r#"{"head": {"order": ["upgrade", "host"]}}"#,
                "HTTP/1.1\r\nUpgrade: websocket\r\nHost: h:1\r\nConn",
            ),
            (r#"{"head": {"body": "tail"}}"#, "\r\n\r\ntail"),
            (r#"{"head": {"octets": "GET {path}"}}"#, "GET /p?q"),
            (
                r#"{"extensions": ["a; b", "c"]}"#,
                "\r\nSec-WebSocket-Extensions: a; b, c\r\n",
            ),
            (
                r#"{"subprotocols": ["x", "y"]}"#,
                "\r\nSec-WebSocket-Protocol: x, y\r\n",
            ),
        ] {
            let request = written(opening);
            assert!(request.contains(expected), "{opening}: {request:?}");
        }
        assert!(!written(r#"{"head": {"remove": ["hOST"]}}"#).contains("Host"));
    }

    fn answered(opening: &str) -> String {
        let request = Request::parse(
            b"GET /p HTTP/1.1\r\nHost: h\r\nSec-WebSocket-Protocol: x, chat\r\n\
              Sec-WebSocket-Extensions: a; b=1, c\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        )
        .unwrap();
        let reception = Reception {
            headers: vec![("X-A".into(), "b".into())],
            subprotocols: vec!["chat".into()],
            ..Reception::default()
        };
        let opening: Opening = serde_json::from_str(opening).unwrap();
        String::from_utf8(response(&opening, &request, &reception).unwrap()).unwrap()
    }

    #[test]
    fn a_response_is_lawful_unless_a_case_says_otherwise() {
        assert_eq!(
            answered("{}"),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
             X-A: b\r\n\r\n"
        );
    }

    #[test]
    fn every_part_of_a_response_can_be_changed() {
        for (opening, expected) in [
            (
                r#"{"head": {"start_line": "HTTP/1.1 404 Not Found", "body": "no"}}"#,
                "HTTP/1.1 404 Not Found\r\nUpgrade",
            ),
            (
                r#"{"head": {"replace": [{"name": "Sec-WebSocket-Accept", "value": "{key}"}]}}"#,
                "Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            ),
            (
                r#"{"subprotocols": ["soap"], "extensions": ["x; y=1"]}"#,
                "Protocol: soap\r\nSec-WebSocket-Extensions: x; y=1\r\n",
            ),
            (r#"{"head": {"octets": "{accept}"}}"#, "s3pPLM"),
            (
                r#"{"subprotocols": ["{SUBPROTOCOL}"], "extensions": ["", "{extension}", ""]}"#,
                "Protocol: X\r\nSec-WebSocket-Extensions: , a, \r\n",
            ),
            (r#"{"subprotocols": ["{subprotocol}"]}"#, "Protocol: x\r\n"),
        ] {
            let response = answered(opening);
            assert!(response.contains(expected), "{opening}: {response:?}");
        }
    }
}
