//! The head of a client's side of the opening handshake (RFC 6455 §4.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsspec_record::transcript::{Head, HeadFault};
use wsspec_reports::words;

use super::escape::escape_octets;
use super::extensions;
use super::head::{HEAD_OCTETS_KEPT, HEADER_FIELDS_MAX, tokens_of, values_of};

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
pub fn check_request(head: &[u8], urls: &[UrlFacts]) -> (Head, Option<Request>) {
    let request = Request::parse(head);
    let mut faults = Faults(Vec::new());
    match &request {
        None => faults.note("6455-4.1-h1", "The request is no HTTP request"),
        Some(request) => {
            // What it takes the URL for shows in the target.
            let fits = |url: &&UrlFacts| url.fits_target(&request.target);
            let url = urls.iter().find(fits).or(urls.first());
            check(request, url, &mut faults);
        }
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

fn check(request: &Request, url: Option<&UrlFacts>, faults: &mut Faults) {
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
    if let Some(url) = url
        && !url.fits_target(&request.target)
    {
        let target = words::clean(&request.target, 200);
        let name = url.resource_name.as_deref().unwrap_or_default();
        let words = format!("The request target is \"{target}\" and not \"{name}\"");
        faults.note("6455-4.1-h3", words);
    }
    let hosts: Vec<&[u8]> = request.values("host").collect();
    match (&hosts[..], url.and_then(|url| url.host.as_deref())) {
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
