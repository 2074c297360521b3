//! The client's opening handshake, as the server reads it (RFC 6455 §4.2.1).

use super::fields::{Fields, Single};
use super::head::{FIELDS_MAX, HeadError, higher_minor_version, with_known_version};
use super::tokens::{Extension, extension_list, list_elements, lists_contain, token_list};
use super::{VERSION, key};
use crate::{Deviations, Liberties};

/// A request that asks for a WebSocket connection and keeps all of §4.2.1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The request target, a resource name or an absolute URI.
    pub target: String,
    /// The `Sec-WebSocket-Key`, as received.
    pub key: String,
    /// The subprotocols the client would speak, the preferred one first.
    pub subprotocols: Vec<String>,
    /// The extensions the client offers, the preferred one first.
    pub extensions: Vec<Extension>,
    /// All header fields.
    pub fields: Fields,
}

/// Why a request is refused: one variant for each check.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    /// The request cannot be read.
    #[error("the request cannot be read: {0}")]
    Head(#[from] HeadError),
    /// The method is not GET (item 1).
    #[error("the method is {method:?}, not GET")]
    MethodNotGet {
        /// The method.
        method: String,
    },
    /// The HTTP version is below 1.1 (item 1).
    #[error("the HTTP version is 1.0, not 1.1 or higher")]
    HttpVersionTooLow,
    /// The request target is neither a resource name nor an absolute http or https URI (item 1).
    #[error("the request target is not a resource name")]
    InvalidTarget,
    /// There are more connections than we serve at once.
    #[error("there are too many connections")]
    Busy,
    /// Something came behind the request before it was answered (§4.1).
    #[error("octets have come before the response")]
    OctetsTooEarly,
    /// None of the subprotocols listed is one that the server insists on.
    #[error("no subprotocol is offered that is spoken here")]
    SubprotocolMissing,
    /// The request announces a body, which would be taken for frames.
    #[error("the request has a body")]
    BodyAnnounced,
    /// There is no Host field (item 2).
    #[error("there is no Host field")]
    HostMissing,
    /// There are several Host fields (item 2).
    #[error("there are several Host fields")]
    HostRepeated,
    /// The Host field holds no host and port (item 2).
    #[error("the Host field holds no host and port")]
    HostInvalid,
    /// No Upgrade field asks for `websocket` (item 3).
    #[error("this is a WebSocket server, and no Upgrade field asks for websocket")]
    UpgradeMissing,
    /// No Connection field has the token `Upgrade` (item 4).
    #[error("no Connection field holds Upgrade")]
    ConnectionUpgradeMissing,
    /// There is no Sec-WebSocket-Version field (item 6).
    #[error("there is no Sec-WebSocket-Version field")]
    VersionMissing,
    /// There are several Sec-WebSocket-Version fields (§11.3.5).
    #[error("there are several Sec-WebSocket-Version fields")]
    VersionRepeated,
    /// The version is not 13 (item 6).
    #[error("the version is {version:?}, not 13")]
    VersionNotSupported {
        /// The version asked for.
        version: String,
    },
    /// There is no Sec-WebSocket-Key field (item 5).
    #[error("there is no Sec-WebSocket-Key field")]
    KeyMissing,
    /// There are several Sec-WebSocket-Key fields (§11.3.1).
    #[error("there are several Sec-WebSocket-Key fields")]
    KeyRepeated,
    /// The key is not base64 of 16 octets (item 5).
    #[error("the Sec-WebSocket-Key field does not hold base64 of 16 octets")]
    KeyInvalid,
    /// A Sec-WebSocket-Protocol field is not a list of tokens (item 8).
    #[error("a Sec-WebSocket-Protocol field is not a list of tokens")]
    SubprotocolsInvalid,
    /// A subprotocol is named twice (§4.1 item 10).
    #[error("a Sec-WebSocket-Protocol field names a subprotocol twice")]
    SubprotocolRepeated,
    /// A Sec-WebSocket-Extensions field does not follow the grammar (item 9, §9.1).
    #[error("a Sec-WebSocket-Extensions field does not follow the grammar")]
    ExtensionsInvalid,
}

impl RequestError {
    /// The section of RFC 6455 that was not kept.
    pub const fn section(&self) -> &'static str {
        match self {
            Self::VersionRepeated => "11.3.5",
            Self::KeyRepeated => "11.3.1",
            Self::SubprotocolRepeated | Self::OctetsTooEarly => "4.1",
            Self::ExtensionsInvalid => "9.1",
            _ => "4.2.1",
        }
    }

    /// The HTTP status to refuse the request with.
    pub const fn status(&self) -> u16 {
        match self {
            Self::MethodNotGet { .. } => 405,
            // §4.4: a version that is not supported is answered with the ones that are.
            Self::UpgradeMissing | Self::VersionNotSupported { .. } => 426,
            Self::Head(HeadError::TooLong { .. } | HeadError::TooManyFields { .. }) => 431,
            Self::Busy => 503,
            _ => 400,
        }
    }
}

impl Request {
    /// Reads a complete request head.
    ///
    /// # Errors
    /// The first check of §4.2.1 that fails, by variant of [`RequestError`]. The version is
    /// looked at before the key, whose form belongs to the version.
    pub fn parse(head: &[u8]) -> Result<Self, RequestError> {
        Self::parse_with(head, &Deviations::NONE, &Liberties::NONE)
    }

    pub(super) fn parse_with(
        head: &[u8],
        deviations: &Deviations,
        liberties: &Liberties,
    ) -> Result<Self, RequestError> {
        let head = &deviations.alter_head(head);
        let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut parsed = httparse::Request::new(&mut headers);
        let known = with_known_version(head);
        match parsed.parse(&known) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => {
                return Err(HeadError::TooManyFields { max: FIELDS_MAX }.into());
            }
            Ok(httparse::Status::Partial) | Err(_) => return Err(HeadError::Malformed.into()),
        }
        let target = parsed.path.unwrap_or_default();
        let overlook = |check| deviations.overlook_in_request(check);
        overlook(check_method(parsed.method.unwrap_or_default()))?;
        overlook(check_http_version(parsed.version))?;
        overlook(check_target(target))?;
        let fields = Fields::from_parsed(parsed.headers);
        let fields = liberties.read_fields(&fields);
        check_body(&fields)?;
        overlook(check_host(&fields))?;
        overlook(check_upgrade(&fields))?;
        overlook(check_connection(&fields))?;
        overlook(check_version(&fields, liberties))?;
        let is_higher = higher_minor_version(head).is_some();
        if !deviations.is_empty()
            && (deviations.refuse_request(target, is_higher, &fields)
                || deviations.refuse_space(head))
        {
            return Err(HeadError::Malformed.into());
        }
        Ok(Self {
            target: target.to_owned(),
            key: read_key(&fields, deviations)?,
            subprotocols: deviations.overlook_in_request(read_subprotocols(&fields))?,
            extensions: deviations.overlook_in_request(read_extensions(&fields))?,
            fields: fields.into_owned(),
        })
    }
}

fn check_method(method: &str) -> Result<(), RequestError> {
    if method != "GET" {
        let method = method.to_owned();
        return Err(RequestError::MethodNotGet { method });
    }
    Ok(())
}

fn check_http_version(minor: Option<u8>) -> Result<(), RequestError> {
    if minor != Some(1) {
        return Err(RequestError::HttpVersionTooLow);
    }
    Ok(())
}

fn check_target(target: &str) -> Result<(), RequestError> {
    if !is_resource(target) {
        return Err(RequestError::InvalidTarget);
    }
    Ok(())
}

fn is_resource(target: &str) -> bool {
    let starts_with = |prefix: &str| {
        target
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let form = starts_with("/") || starts_with("http://") || starts_with("https://");
    // §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be
    // used".
    form && target
        .bytes()
        .all(|octet| octet.is_ascii_graphic() && octet != b'#')
}

fn check_body(fields: &Fields) -> Result<(), RequestError> {
    let encoded = fields.values("Transfer-Encoding").next().is_some();
    let sized = fields.values("Content-Length").any(|value| value != b"0");
    if encoded || sized {
        return Err(RequestError::BodyAnnounced);
    }
    Ok(())
}

fn check_host(fields: &Fields) -> Result<(), RequestError> {
    match fields.single("Host") {
        Single::Missing => Err(RequestError::HostMissing),
        Single::Repeated => Err(RequestError::HostRepeated),
        Single::Value(value) if is_authority(value) => Ok(()),
        Single::Value(_) => Err(RequestError::HostInvalid),
    }
}

/// Whether `value` is a host with or without a port.
pub(super) fn is_authority(value: &[u8]) -> bool {
    let end_of_host = match value {
        [b'[', ..] => value
            .iter()
            .position(|&octet| octet == b']')
            .map(|at| at + 1),
        _ => value
            .iter()
            .position(|&octet| octet == b':')
            .or(Some(value.len())),
    };
    let Some((host, port)) = end_of_host.map(|end| value.split_at(end)) else {
        return false;
    };
    let host_is_valid = match host {
        [b'[', address @ .., b']'] => address
            .iter()
            .all(|octet| octet.is_ascii_hexdigit() || matches!(octet, b':' | b'.')),
        name => name
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(octet)),
    };
    let port_is_valid = match port {
        [] | [b':'] => true,
        [b':', digits @ ..] => {
            digits.len() <= 5
                && digits.iter().all(u8::is_ascii_digit)
                && std::str::from_utf8(digits).is_ok_and(|digits| digits.parse::<u16>().is_ok())
        }
        _ => false,
    };
    !host.is_empty() && host_is_valid && port_is_valid
}

fn check_upgrade(fields: &Fields) -> Result<(), RequestError> {
    if !lists_contain(fields.values("Upgrade"), "websocket") {
        return Err(RequestError::UpgradeMissing);
    }
    Ok(())
}

fn check_connection(fields: &Fields) -> Result<(), RequestError> {
    if !lists_contain(fields.values("Connection"), "Upgrade") {
        return Err(RequestError::ConnectionUpgradeMissing);
    }
    Ok(())
}

fn check_version(fields: &Fields, liberties: &Liberties) -> Result<(), RequestError> {
    match fields.single("Sec-WebSocket-Version") {
        Single::Missing => Err(RequestError::VersionMissing),
        Single::Repeated => Err(RequestError::VersionRepeated),
        Single::Value(value) if value == VERSION.as_bytes() => Ok(()),
        Single::Value(value) if liberties.takes_version(value) => Ok(()),
        Single::Value(value) => Err(RequestError::VersionNotSupported {
            version: String::from_utf8_lossy(value).into_owned(),
        }),
    }
}

fn read_key(fields: &Fields, deviations: &Deviations) -> Result<String, RequestError> {
    let value = match fields.single("Sec-WebSocket-Key") {
        Single::Missing => return deviations.overlook_in_request(Err(RequestError::KeyMissing)),
        Single::Repeated => {
            deviations.overlook_in_request(Err::<(), _>(RequestError::KeyRepeated))?;
            fields
                .values("Sec-WebSocket-Key")
                .next()
                .unwrap_or_default()
        }
        Single::Value(value) => value,
    };
    let key = String::from_utf8_lossy(value);
    if !key::is_valid_key(&key) && !deviations.overlook_key(&key) {
        return Err(RequestError::KeyInvalid);
    }
    Ok(key.into_owned())
}

fn read_subprotocols(fields: &Fields) -> Result<Vec<String>, RequestError> {
    let values = fields.values("Sec-WebSocket-Protocol");
    if values.clone().next().is_none() {
        return Ok(Vec::new());
    }
    let names = token_list(values).ok_or(RequestError::SubprotocolsInvalid)?;
    let mut sorted: Vec<&String> = names.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(RequestError::SubprotocolRepeated);
    }
    Ok(names)
}

fn read_extensions(fields: &Fields) -> Result<Vec<Extension>, RequestError> {
    let values = fields.values("Sec-WebSocket-Extensions");
    if values.clone().next().is_none() {
        return Ok(Vec::new());
    }
    // §9.1: an empty field is no extension list; leaving the field out is.
    if values.clone().flat_map(list_elements).next().is_none() {
        return Err(RequestError::ExtensionsInvalid);
    }
    extension_list(values).ok_or(RequestError::ExtensionsInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The request of §1.3 with one line replaced, removed or added.
    fn request(change: &str, instead: &str) -> Vec<u8> {
        let lines = [
            "GET /chat HTTP/1.1",
            "Host: server.example.com",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Origin: http://example.com",
            "Sec-WebSocket-Protocol: chat, superchat",
            "Sec-WebSocket-Version: 13",
        ];
        let mut head = String::new();
        for line in lines {
            let line = if !change.is_empty() && line.starts_with(change) {
                instead
            } else {
                line
            };
            if !line.is_empty() {
                head += line;
                head += "\r\n";
            }
        }
        if change.is_empty() && !instead.is_empty() {
            head += instead;
            head += "\r\n";
        }
        head += "\r\n";
        head.into_bytes()
    }

    #[test]
    fn the_request_of_section_1_3_is_read() {
        let request = Request::parse(&request("", "")).expect("lawful");
        assert_eq!(request.target, "/chat");
        assert_eq!(request.key, "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(request.subprotocols, ["chat", "superchat"]);
        assert!(request.extensions.is_empty());
        let origins: Vec<_> = request.fields.values("origin").collect();
        assert_eq!(origins, [b"http://example.com"]);
    }

    #[test]
    fn lawful_variants_are_accepted() {
        for (change, instead) in [
            ("Origin", ""),
            ("Sec-WebSocket-Protocol", ""),
            ("GET", "GET /?a=b HTTP/1.1"),
            ("GET", "GET http://server.example.com/chat HTTP/1.1"),
            ("GET", "GET /chat HTTP/1.2"),
            ("GET", "\r\nGET / HTTP/1.1"),
            ("Host", "hOST:server.example.com:8080"),
            ("Host", "Host: [::1]:80"),
            ("Upgrade", "Upgrade: h2c, WebSocket"),
            ("Upgrade", "UPGRADE: WEBSOCKET"),
            ("Connection", "Connection: keep-alive, upgrade"),
            (
                "Connection",
                "Connection: keep-alive\r\nConnection: Upgrade",
            ),
            (
                "Sec-WebSocket-Key",
                "Sec-WebSocket-Key:\t dGhlIHNhbXBsZSBub25jZQ== \t",
            ),
            ("Sec-WebSocket-Version", "sec-websocket-version:13"),
            ("", "Sec-WebSocket-Extensions: foo; bar=\"baz\", quux"),
            ("", "X-Unknown: caf\u{e9}"),
            ("", "Content-Length: 0"),
        ] {
            let head = request(change, instead);
            assert!(
                Request::parse(&head).is_ok(),
                "{change:?} becomes {instead:?}: {:?}",
                Request::parse(&head)
            );
        }
    }

    #[test]
    fn each_check_has_its_error() {
        use RequestError as E;
        let method = |method: &str| E::MethodNotGet {
            method: method.to_owned(),
        };
        let version = |version: &str| E::VersionNotSupported {
            version: version.to_owned(),
        };
        for (change, instead, error, status) in [
            ("GET", "POST /chat HTTP/1.1", method("POST"), 405),
            ("GET", "get /chat HTTP/1.1", method("get"), 405),
            ("GET", "GET /chat HTTP/1.0", E::HttpVersionTooLow, 400),
            (
                "GET",
                "GET /chat HTTP/2.0",
                E::Head(HeadError::Malformed),
                400,
            ),
            ("GET", "GET chat HTTP/1.1", E::InvalidTarget, 400),
            ("GET", "GET * HTTP/1.1", E::InvalidTarget, 400),
            ("GET", "GET /chat#part HTTP/1.1", E::InvalidTarget, 400),
            ("GET", "GET /ch\u{e4}t HTTP/1.1", E::InvalidTarget, 400),
            (
                "GET",
                "GET ftp://example.com/ HTTP/1.1",
                E::InvalidTarget,
                400,
            ),
            ("", "Content-Length: 5", E::BodyAnnounced, 400),
            ("", "Transfer-Encoding: chunked", E::BodyAnnounced, 400),
            ("Host", "", E::HostMissing, 400),
            ("", "Host: other", E::HostRepeated, 400),
            ("Host", "Host:", E::HostInvalid, 400),
            ("Host", "Host: a b", E::HostInvalid, 400),
            ("Host", "Host: a:65536", E::HostInvalid, 400),
            ("Host", "Host: a:b", E::HostInvalid, 400),
            ("Host", "Host: [::1", E::HostInvalid, 400),
            ("Host", "Host: a/b", E::HostInvalid, 400),
            ("Upgrade", "", E::UpgradeMissing, 426),
            ("Upgrade", "Upgrade: websockets", E::UpgradeMissing, 426),
            ("Connection", "", E::ConnectionUpgradeMissing, 400),
            (
                "Connection",
                "Connection: keep-alive",
                E::ConnectionUpgradeMissing,
                400,
            ),
            (
                "Connection",
                "Connection: Upgraded",
                E::ConnectionUpgradeMissing,
                400,
            ),
            ("Sec-WebSocket-Version", "", E::VersionMissing, 400),
            (
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Version: 12",
                version("12"),
                426,
            ),
            (
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Version: 013",
                version("013"),
                426,
            ),
            ("", "Sec-WebSocket-Version: 13", E::VersionRepeated, 400),
            ("Sec-WebSocket-Key", "", E::KeyMissing, 400),
            (
                "Sec-WebSocket-Key",
                "Sec-WebSocket-Key:",
                E::KeyInvalid,
                400,
            ),
            (
                "Sec-WebSocket-Key",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWU=",
                E::KeyInvalid,
                400,
            ),
            (
                "",
                "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
                E::KeyRepeated,
                400,
            ),
            (
                "Sec-WebSocket-Protocol",
                "Sec-WebSocket-Protocol:",
                E::SubprotocolsInvalid,
                400,
            ),
            (
                "Sec-WebSocket-Protocol",
                "Sec-WebSocket-Protocol: a b",
                E::SubprotocolsInvalid,
                400,
            ),
            (
                "",
                "Sec-WebSocket-Protocol: chat",
                E::SubprotocolRepeated,
                400,
            ),
            ("", "Sec-WebSocket-Extensions:", E::ExtensionsInvalid, 400),
            (
                "",
                "Sec-WebSocket-Extensions: a=b",
                E::ExtensionsInvalid,
                400,
            ),
            ("", "No colon", E::Head(HeadError::Malformed), 400),
            ("", "A : b", E::Head(HeadError::Malformed), 400),
            ("", " folded", E::Head(HeadError::Malformed), 400),
        ] {
            let parsed = Request::parse(&request(change, instead));
            assert_eq!(parsed, Err(error.clone()), "{change:?} becomes {instead:?}");
            assert_eq!(error.status(), status, "{error}");
        }
    }

    #[test]
    fn the_number_of_fields_is_bounded() {
        let fields = |count: usize| request("", "X: y\r\n".repeat(count).trim_end());
        assert!(Request::parse(&fields(FIELDS_MAX - 7)).is_ok());
        let error = Request::parse(&fields(FIELDS_MAX - 6)).expect_err("one too many");
        assert_eq!(error, HeadError::TooManyFields { max: FIELDS_MAX }.into());
        assert_eq!(error.status(), 431);
    }
}
