//! WebSocket URLs (RFC 6455 §3).

use crate::handshake::AsGiven;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use url::{Host, Url};

/// A `ws` or `wss` URL (§3).
///
/// The grammar of §3 has no user and password. Where a URL has them, they are sent as basic
/// authentication in the opening handshake, which is what people who write them mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebSocketUrl {
    url: Url,
    /// What is sent in place of what follows from the URL, by deviations.
    pub(super) as_given: Option<Box<AsGiven>>,
}

/// This is no URL of a WebSocket server.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UrlError {
    /// It is no URL at all.
    #[error("not a URL: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// It has spaces, control characters or backslashes, which a URL has none of.
    #[error("{character:?} cannot be part of a URL")]
    ImpossibleCharacter {
        /// The first of them.
        character: char,
    },
    /// It does not start with one of the schemes that are taken here.
    #[error("the scheme is {scheme:?}, not {expected}")]
    Scheme {
        /// Its scheme.
        scheme: String,
        /// The schemes that are taken.
        expected: &'static str,
    },
    /// It has no host.
    #[error("it names no host")]
    HostMissing,
    /// It has a fragment. §3: "Fragment identifiers are meaningless in the context of WebSocket
    /// URIs and MUST NOT be used on these URIs."
    #[error(
        "it has the fragment {fragment:?}, which a WebSocket URL must not have; write # as %23"
    )]
    Fragment {
        /// The fragment.
        fragment: String,
    },
}

impl WebSocketUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// By variant of [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        Self::from_url(parse_strictly(text, "ws or wss")?)
    }

    fn from_url(url: Url) -> Result<Self, UrlError> {
        if !matches!(url.scheme(), "ws" | "wss") {
            return Err(UrlError::Scheme {
                scheme: url.scheme().to_owned(),
                expected: "ws or wss",
            });
        }
        if let Some(fragment) = url.fragment() {
            let fragment = fragment.to_owned();
            return Err(UrlError::Fragment { fragment });
        }
        if url.host().is_none() {
            return Err(UrlError::HostMissing);
        }
        let as_given = None;
        Ok(Self { url, as_given })
    }

    /// The URL that `location`, absolute or relative, means in a redirection from this one. The
    /// schemes of HTTP stand for those of WebSocket.
    ///
    /// # Errors
    /// By variant of [`UrlError`].
    pub fn join(&self, location: &str) -> Result<Self, UrlError> {
        check_characters(location)?;
        let location = match location.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => format!("ws://{rest}"),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => format!("wss://{rest}"),
            _ => location.to_owned(),
        };
        let mut base = self.url.clone();
        // What is relative to this URL shares its server and so its user.
        let url = base.join(&location).map_err(malformed)?;
        if !has_authority(&location) && url.host() == base.host() {
            let (user, password) = (self.url.username(), self.url.password());
            base = url;
            // This cannot fail: the URL has a host.
            let _ = base.set_username(user);
            let _ = base.set_password(password);
            return Self::from_url(base);
        }
        Self::from_url(url)
    }

    /// Whether TLS is used.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "wss"
    }

    /// The host, an IPv6 address without its brackets.
    pub fn host(&self) -> String {
        bare_host(&self.url)
    }

    /// The port: 80 for `ws` and 443 for `wss` unless it is given (§3).
    pub fn port(&self) -> u16 {
        self.url
            .port_or_known_default()
            .expect("ws and wss have default ports")
    }

    /// The value of the Host field: the port is left out if it is the default (§4.1 item 4).
    pub fn authority(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Path and query (§3), the path at least a slash.
    pub fn resource_name(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// The value of an Authorization field for the user in the URL, if there is one.
    pub fn authorization(&self) -> Option<String> {
        basic_authorization(&self.url)
    }

    /// Whether `other` is on the same server: scheme, host and port are equal.
    pub fn has_origin_of(&self, other: &Self) -> bool {
        self.is_secure() == other.is_secure()
            && self.url.host() == other.url.host()
            && self.port() == other.port()
    }
}

impl fmt::Display for WebSocketUrl {
    /// Writes it without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, authority) = (self.url.scheme(), self.authority());
        write!(f, "{scheme}://{authority}{}", self.resource_name())
    }
}

impl std::str::FromStr for WebSocketUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

/// The URL of an HTTP proxy: `http://[USER:PASSWORD@]HOST[:PORT]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProxyUrl {
    url: Url,
}

impl ProxyUrl {
    /// Reads a URL. What follows the host and port is ignored.
    ///
    /// # Errors
    /// By variant of [`UrlError`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let url = parse_strictly(text, "http")?;
        if url.scheme() != "http" {
            return Err(UrlError::Scheme {
                scheme: url.scheme().to_owned(),
                expected: "http",
            });
        }
        if url.host().is_none() {
            return Err(UrlError::HostMissing);
        }
        Ok(Self { url })
    }

    /// The host, an IPv6 address without its brackets.
    pub fn host(&self) -> String {
        bare_host(&self.url)
    }

    /// The port, 80 unless it is given.
    pub fn port(&self) -> u16 {
        self.url
            .port_or_known_default()
            .expect("http has a default port")
    }

    /// The value of a Proxy-Authorization field for the user in the URL, if there is one.
    pub fn authorization(&self) -> Option<String> {
        basic_authorization(&self.url)
    }
}

impl fmt::Display for ProxyUrl {
    /// Writes it without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "http://{host}:{}", self.port())
    }
}

impl std::str::FromStr for ProxyUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

/// Browsers repair much in a URL that is mistyped; here it is to be written properly.
fn parse_strictly(text: &str, expected: &'static str) -> Result<Url, UrlError> {
    check_characters(text)?;
    let Some((scheme, rest)) = text.split_once("://") else {
        let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
        let scheme = scheme.to_owned();
        return Err(UrlError::Scheme { scheme, expected });
    };
    if scheme.is_empty() {
        let scheme = String::new();
        return Err(UrlError::Scheme { scheme, expected });
    }
    // A third slash would be skipped as well.
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return Err(UrlError::HostMissing);
    }
    Url::parse(text).map_err(malformed)
}

fn check_characters(text: &str) -> Result<(), UrlError> {
    let impossible = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    match text.chars().find(|&c| impossible(c)) {
        Some(character) => Err(UrlError::ImpossibleCharacter { character }),
        None => Ok(()),
    }
}

fn malformed(error: url::ParseError) -> UrlError {
    let reason = error.to_string();
    UrlError::Malformed { reason }
}

/// Whether a reference names a server rather than a place on the one at hand.
fn has_authority(location: &str) -> bool {
    location.starts_with("//") || location.contains("://")
}

fn bare_host(url: &Url) -> String {
    match url.host() {
        Some(Host::Ipv6(address)) => address.to_string(),
        Some(host) => host.to_string(),
        None => String::new(),
    }
}

/// RFC 7617, for the user of a URL, whose name and password are percent-encoded there.
fn basic_authorization(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut credentials = percent_decode(url.username());
    credentials.push(b':');
    credentials.extend(percent_decode(url.password().unwrap_or_default()));
    Some(format!("Basic {}", STANDARD.encode(credentials)))
}

pub(super) fn percent_decode(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let [octet, after @ ..] = rest {
        let escaped = match rest {
            [b'%', digits @ ..] => digits
                .get(..2)
                .and_then(|digits| std::str::from_utf8(digits).ok())
                .and_then(|digits| u8::from_str_radix(digits, 16).ok()),
            _ => None,
        };
        decoded.push(escaped.unwrap_or(*octet));
        rest = if escaped.is_some() { &rest[3..] } else { after };
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart_as_section_3_has_it() {
        for (text, secure, host, port, authority, resource_name) in [
            (
                "ws://example.com",
                false,
                "example.com",
                80,
                "example.com",
                "/",
            ),
            (
                "ws://example.com/",
                false,
                "example.com",
                80,
                "example.com",
                "/",
            ),
            (
                "ws://example.com:80/",
                false,
                "example.com",
                80,
                "example.com",
                "/",
            ),
            (
                "ws://example.com:8080/a",
                false,
                "example.com",
                8080,
                "example.com:8080",
                "/a",
            ),
            (
                "wss://example.com/chat",
                true,
                "example.com",
                443,
                "example.com",
                "/chat",
            ),
            (
                "wss://example.com:443/",
                true,
                "example.com",
                443,
                "example.com",
                "/",
            ),
            (
                "wss://example.com:80/",
                true,
                "example.com",
                80,
                "example.com:80",
                "/",
            ),
            (
                "WSS://EXAMPLE.com/A",
                true,
                "example.com",
                443,
                "example.com",
                "/A",
            ),
            ("ws://a?b=c", false, "a", 80, "a", "/?b=c"),
            ("ws://a/b?", false, "a", 80, "a", "/b?"),
            (
                "ws://a/b?c=d%23e&f=/?",
                false,
                "a",
                80,
                "a",
                "/b?c=d%23e&f=/?",
            ),
            ("ws://a/caf\u{e9}", false, "a", 80, "a", "/caf%C3%A9"),
            (
                "ws://b\u{fc}cher.example/",
                false,
                "xn--bcher-kva.example",
                80,
                "xn--bcher-kva.example",
                "/",
            ),
            (
                "ws://127.0.0.1:9001/x",
                false,
                "127.0.0.1",
                9001,
                "127.0.0.1:9001",
                "/x",
            ),
            ("ws://[::1]/", false, "::1", 80, "[::1]", "/"),
            (
                "wss://[2001:DB8::1]:8443/",
                true,
                "2001:db8::1",
                8443,
                "[2001:db8::1]:8443",
                "/",
            ),
            ("ws://user:secret@a:1/b", false, "a", 1, "a:1", "/b"),
        ] {
            let url = WebSocketUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            let parts = (
                url.is_secure(),
                url.host(),
                url.port(),
                url.authority(),
                url.resource_name(),
            );
            let expected = (
                secure,
                host.into(),
                port,
                authority.into(),
                resource_name.into(),
            );
            assert_eq!(parts, expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_websocket_url_is_refused_with_a_reason() {
        let scheme = |scheme: &str| UrlError::Scheme {
            scheme: scheme.into(),
            expected: "ws or wss",
        };
        let fragment = |fragment: &str| UrlError::Fragment {
            fragment: fragment.into(),
        };
        for (text, error) in [
            ("ws://a/#", fragment("")),
            ("ws://a/b#c", fragment("c")),
            ("http://a/", scheme("http")),
            ("https://a/", scheme("https")),
            ("wsx://a/", scheme("wsx")),
            ("ws:a", scheme("ws")),
            ("a.example:80", scheme("a.example")),
            ("a", scheme("")),
            ("", scheme("")),
            ("://a", scheme("")),
            ("ws://", UrlError::HostMissing),
            ("ws:///a", UrlError::HostMissing),
            ("ws://?a", UrlError::HostMissing),
            (
                "ws://a b/",
                UrlError::ImpossibleCharacter { character: ' ' },
            ),
            (
                "ws://a/\r\nb",
                UrlError::ImpossibleCharacter { character: '\r' },
            ),
            (
                "ws:\\\\a",
                UrlError::ImpossibleCharacter { character: '\\' },
            ),
        ] {
            assert_eq!(WebSocketUrl::parse(text), Err(error), "{text:?}");
        }
        for text in [
            "ws://a:b/",
            "ws://a:65536/",
            "ws://[::1/",
            "ws://a<b/",
            "ws://:80/",
            "ws://256.1.1.1/",
        ] {
            let outcome = WebSocketUrl::parse(text);
            assert!(
                matches!(outcome, Err(UrlError::Malformed { .. })),
                "{text}: {outcome:?}"
            );
        }
    }

    #[test]
    fn users_are_authenticated_and_not_shown() {
        for (text, credentials) in [
            ("ws://a/", None),
            (
                "ws://Aladdin:open%20sesame@a/",
                Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
            ),
            ("ws://user@a/", Some("Basic dXNlcjo=")),
            ("ws://:secret@a/", Some("Basic OnNlY3JldA==")),
            ("ws://%75ser:100%@a/", Some("Basic dXNlcjoxMDAl")),
        ] {
            let url = WebSocketUrl::parse(text).expect("a URL");
            assert_eq!(url.authorization().as_deref(), credentials, "{text}");
            assert_eq!(url.to_string(), "ws://a/");
        }
        let proxy = ProxyUrl::parse("http://me:secret@proxy.example").expect("a URL");
        assert_eq!(proxy.to_string(), "http://proxy.example:80");
        assert_eq!(proxy.authorization().as_deref(), Some("Basic bWU6c2VjcmV0"));
        for text in ["socks5://a:1", "https://a", "a:3128", "http://"] {
            assert!(ProxyUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn redirections_are_followed_by_the_same_rules() {
        let from = WebSocketUrl::parse("wss://user@a.example/b/c?d").expect("a URL");
        for (location, to, same_origin, authorized) in [
            ("/e", "wss://a.example/e", true, true),
            ("e?f", "wss://a.example/b/e?f", true, true),
            ("wss://a.example/e", "wss://a.example/e", true, false),
            ("https://a.example:443/e", "wss://a.example/e", true, false),
            ("//other.example/e", "wss://other.example/e", false, false),
            (
                "HTTPS://other.example/",
                "wss://other.example/",
                false,
                false,
            ),
            ("ws://a.example/", "ws://a.example/", false, false),
            ("http://a.example/", "ws://a.example/", false, false),
        ] {
            let joined = from
                .join(location)
                .unwrap_or_else(|error| panic!("{location}: {error}"));
            assert_eq!(joined.to_string(), to, "{location}");
            assert_eq!(joined.has_origin_of(&from), same_origin, "{location}");
            assert_eq!(joined.authorization().is_some(), authorized, "{location}");
        }
        for location in ["/e#f", "ftp://a/", "https:///", "a b", "mailto:a"] {
            assert!(from.join(location).is_err(), "{location}");
        }
    }
}
