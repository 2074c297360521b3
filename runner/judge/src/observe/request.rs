//! The head of a client's side of the opening handshake (RFC 6455 §4.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsspec_record::{Fault, Head};

use super::extensions;
use super::http::{Kind, Lines, is_token, request_line};
use super::response::{Faults, tokens_of, told, values_of};

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
        let lines = Lines::of(head, Kind::Request);
        let (method, target, minor_version) = request_line(lines.start)?;
        lines.malformed.is_none().then(|| Self {
            method: method.to_owned(),
            target,
            minor_version,
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

/// What a request has to show of the URL that the client was given, as far as that is
/// known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UrlFacts {
    /// The value of the Host field.
    pub host: Option<String>,
    /// The resource name (§3): path and query.
    pub resource_name: Option<String>,
}

impl UrlFacts {
    /// The facts of a URL that is written plainly: scheme, authority, path and query.
    pub fn of(url: &str) -> Self {
        let Some((_, rest)) = url.split_once("://") else {
            return Self::default();
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, resource) = rest.split_at(end);
        let slash = if resource.starts_with('/') { "" } else { "/" };
        Self {
            host: Some(authority.to_owned()),
            resource_name: Some(format!("{slash}{resource}")),
        }
    }

    /// Whether a request target is the resource name, or an absolute URI that holds it
    /// (§4.1). The letter case of hexadecimal digits does not matter (RFC 3986 §6.2.2.1).
    fn fits_target(&self, target: &str) -> bool {
        let Some(resource_name) = &self.resource_name else {
            return true;
        };
        let in_form = target.split_once("://").map_or(target, |(_, rest)| {
            rest.find(['/', '?']).map_or("/", |at| &rest[at..])
        });
        with_upper_case_escapes(in_form) == with_upper_case_escapes(resource_name)
    }
}

fn with_upper_case_escapes(text: &str) -> String {
    let mut upper = 0;
    text.chars()
        .map(|character| {
            if character == '%' {
                upper = 2;
            } else if upper > 0 {
                upper -= 1;
                return character.to_ascii_uppercase();
            }
            character
        })
        .collect()
}

/// The first subprotocol of a list that can be written in another letter case, and that
/// other writing, unless it is in the list itself.
pub fn swappable_subprotocol<'a>(
    values: impl Iterator<Item = &'a str>,
) -> Option<(String, String)> {
    let names: Vec<&str> = values
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let swap = |letter: char| match letter.is_ascii_lowercase() {
        true => letter.to_ascii_uppercase(),
        false => letter.to_ascii_lowercase(),
    };
    names.iter().find_map(|name| {
        let swapped: String = name.chars().map(swap).collect();
        let is_other = swapped != *name && !names.contains(&swapped.as_str());
        is_other.then(|| ((*name).to_owned(), swapped))
    })
}

/// What is wrong with a client's request, by the rules of §4.1 and what is known of
/// the URL: it has to fit one of `urls`, where there are some.
pub fn check_request(octets: &[u8], urls: &[UrlFacts]) -> (Head, Option<Request>) {
    let mut head = Lines::of(octets, Kind::Request).record();
    let request = Request::parse(octets);
    let mut faults = Faults::default();
    match &request {
        None => faults.note("6455-4.1-h1", Fault::NotHttp),
        Some(request) => {
            // What it takes the URL for shows in the target.
            let fits = |url: &&UrlFacts| url.fits_target(&request.target);
            let url = urls.iter().find(fits).or(urls.first());
            check_line(request, url, &mut faults);
            check_host(request, url, &mut faults);
            check_upgrade(request, &mut faults);
            check_key(request, &mut faults);
            check_version(request, &mut faults);
            check_subprotocols(request, &mut faults);
            let offers: Vec<&[u8]> = request.values("sec-websocket-extensions").collect();
            for (requirement, fault) in extensions::check_offers(&offers) {
                faults.note(requirement, fault);
            }
        }
    }
    head.faults = faults.0;
    (head, request)
}

fn check_line(request: &Request, url: Option<&UrlFacts>, faults: &mut Faults) {
    if request.method != "GET" {
        let found = request.method.clone();
        faults.note("6455-4.1-h2a", Fault::Method { found });
    }
    if request.minor_version < 1 {
        faults.note("6455-4.1-h2b", Fault::OldVersion);
    }
    if let Some(url) = url
        && !url.fits_target(&request.target)
    {
        let found = told(request.target.as_bytes());
        let expected = url.resource_name.clone().unwrap_or_default();
        faults.note("6455-4.1-h3", Fault::Target { found, expected });
    }
}

fn check_host(request: &Request, url: Option<&UrlFacts>, faults: &mut Faults) {
    let field = || "Host".to_owned();
    let hosts: Vec<&[u8]> = request.values("host").collect();
    let fault = match (&hosts[..], url.and_then(|url| url.host.as_deref())) {
        ([], _) => Fault::Missing { field: field() },
        ([value], Some(host)) if !value.eq_ignore_ascii_case(host.as_bytes()) => Fault::Value {
            field: field(),
            found: told(value),
            expected: host.to_owned(),
        },
        ([_], _) => return,
        _ => Fault::Repeated { field: field() },
    };
    faults.note("6455-4.1-h4", fault);
}

fn check_upgrade(request: &Request, faults: &mut Faults) {
    for (field, element, requirement) in [
        ("Upgrade", "websocket", "6455-4.1-h5"),
        ("Connection", "Upgrade", "6455-4.1-h6"),
    ] {
        let mut tokens = request.tokens(field);
        if !tokens.any(|token| token.eq_ignore_ascii_case(element.as_bytes())) {
            let found = request.values(field).map(told).collect();
            let (field, element) = (field.into(), element.into());
            let without = Fault::Without {
                field,
                element,
                found,
            };
            faults.note(requirement, without);
        }
    }
}

fn check_key(request: &Request, faults: &mut Faults) {
    let field = || "Sec-WebSocket-Key".to_owned();
    let keys: Vec<&[u8]> = request.values("sec-websocket-key").collect();
    match keys[..] {
        [] => faults.note("6455-4.1-h7a", Fault::Missing { field: field() }),
        // The decoder wants canonical padding and pad bits that are zero.
        [key] if matches!(STANDARD.decode(key), Ok(nonce) if nonce.len() == 16) => {}
        [key] => faults.note("6455-4.1-h7b", Fault::Key { found: told(key) }),
        _ => faults.note("6455-4.1-h7a", Fault::Repeated { field: field() }),
    }
}

fn check_version(request: &Request, faults: &mut Faults) {
    let field = || "Sec-WebSocket-Version".to_owned();
    let versions: Vec<&[u8]> = request.values("sec-websocket-version").collect();
    match versions[..] {
        [] => faults.note("6455-4.1-h9a", Fault::Missing { field: field() }),
        [b"13"] => {}
        [version] => faults.note(
            "6455-4.1-h9b",
            Fault::Value {
                field: field(),
                found: told(version),
                expected: "13".into(),
            },
        ),
        _ => faults.note("6455-4.1-h9a", Fault::Repeated { field: field() }),
    }
}

fn check_subprotocols(request: &Request, faults: &mut Faults) {
    let field = || "Sec-WebSocket-Protocol".to_owned();
    let subprotocols: Vec<&[u8]> = request.tokens("sec-websocket-protocol").collect();
    if subprotocols.is_empty() && request.values("sec-websocket-protocol").next().is_some() {
        faults.note("6455-4.1-h10d", Fault::Empty { field: field() });
    }
    for (at, name) in subprotocols.iter().enumerate() {
        let (field, found) = (field(), told(name));
        if !is_token(name) {
            faults.note("6455-4.1-h10b", Fault::NotAToken { field, found });
        } else if subprotocols[..at].contains(name) {
            faults.note("6455-4.1-h10c", Fault::Twice { field, found });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAWFUL: &str = "GET /run/1 HTTP/1.1\r\nHost: h:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    fn faults(head: &str) -> Vec<String> {
        let url = UrlFacts::of("ws://h:1/run/1");
        let (head, _) = check_request(head.as_bytes(), &[url]);
        let requirements = head.faults.into_iter().map(|fault| fault.requirement);
        requirements.collect()
    }

    #[test]
    fn lawful_requests_have_no_faults() {
        for head in [
            LAWFUL.to_owned(),
            LAWFUL.replace("/run/1", "ws://h:1/run/1"),
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
    fn resource_names_follow_from_urls() {
        for (url, host, name) in [
            ("ws://h:1/a?b", "h:1", "/a?b"),
            ("ws://h?b", "h", "/?b"),
            ("ws://h", "h", "/"),
        ] {
            let facts = UrlFacts::of(url);
            assert_eq!(facts.host.as_deref(), Some(host));
            assert_eq!(facts.resource_name.as_deref(), Some(name));
            assert!(facts.fits_target(name));
        }
        let facts = UrlFacts::of("ws://h/%C3%A9?%aB");
        assert!(facts.fits_target("/%c3%a9?%Ab"));
        assert!(!facts.fits_target("/%C3%A9?%ABC"));
        assert_eq!(UrlFacts::of("no URL"), UrlFacts::default());
    }

    #[test]
    fn subprotocols_are_written_in_another_case() {
        for (offered, swapped) in [
            ("chat", Some(("chat", "CHAT"))),
            ("1, Soap.v2", Some(("Soap.v2", "sOAP.V2"))),
            ("chat, CHAT", None),
            ("1.2", None),
            ("", None),
        ] {
            let expected = swapped.map(|(name, other)| (name.to_owned(), other.to_owned()));
            assert_eq!(swappable_subprotocol(std::iter::once(offered)), expected);
        }
    }

    #[test]
    fn each_fault_is_found_alone() {
        for (from, to, requirement) in [
            ("HTTP/1.1", "HTTQ/1.1", "6455-4.1-h1"),
            ("GET", "POST", "6455-4.1-h2a"),
            ("HTTP/1.1", "HTTP/1.0", "6455-4.1-h2b"),
            ("/run/1", "/run/1#f", "6455-4.1-h3"),
            ("/run/1", "/run/1?", "6455-4.1-h3"),
            ("/run/1", "//run/1", "6455-4.1-h3"),
            ("/run/1", "ws://h:1", "6455-4.1-h3"),
            ("Host: h:1\r\n", "", "6455-4.1-h4"),
            ("h:1\r", "h\r", "6455-4.1-h4"),
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
