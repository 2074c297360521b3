//! URLs that are taken otherwise than RFC 6455 §3 has it, for deviations.

use super::url::{UrlError, WebSocketUrl, percent_decode};
use crate::handshake::AsGiven;
use crate::{Deviation as D, Deviations, Role};

impl WebSocketUrl {
    /// Reads a URL as an endpoint with these deviations does.
    ///
    /// # Errors
    /// By variant of [`UrlError`].
    pub fn parse_with(text: &str, deviations: Deviations) -> Result<Self, UrlError> {
        let deviations = deviations.of(Role::Client);
        let read = Self::parse(text);
        if deviations.is_empty() {
            return read;
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        match read {
            Ok(_) if deviations.include(D::RefuseSchemeInCapitals) && is_capital(scheme) => {
                Err(UrlError::Scheme {
                    scheme: scheme.to_owned(),
                    expected: "ws or wss",
                })
            }
            Ok(url) if deviations.include(D::DropQueries) => {
                let target = url.resource_name();
                let target = target.split('?').next().unwrap_or_default().to_owned();
                Ok(url.sent_as(None, target))
            }
            Ok(url) if deviations.include(D::OmitSlash) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                let query = rest[end..].to_owned();
                Ok(match query.starts_with('?') {
                    true => url.sent_as(None, query),
                    false => url,
                })
            }
            Ok(url) if deviations.include(D::UnescapeUrls) => {
                let target = percent_decode(&url.resource_name());
                let target = String::from_utf8_lossy(&target).into_owned();
                Ok(url.sent_as(None, target))
            }
            Ok(url) if deviations.include(D::SendUrlsUnconverted) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                let (host, target) = rest.split_at(end);
                let slash = if target.starts_with('/') { "" } else { "/" };
                Ok(url.sent_as(Some(host.to_owned()), format!("{slash}{target}")))
            }
            Err(UrlError::Fragment { fragment }) if deviations.include(D::KeepFragments) => {
                let url = Self::parse(text.split('#').next().unwrap_or_default())?;
                let target = format!("{}#{fragment}", url.resource_name());
                Ok(url.sent_as(None, target))
            }
            Err(error) if deviations.include(D::AcceptInvalidUrls) => {
                Self::guess(text).ok_or(error)
            }
            read => read,
        }
    }

    /// A server that a text may mean, asked for the text as a path.
    fn guess(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(':')?;
        let rest = rest.trim_start_matches(['/', '\\', ' ']);
        let (host, rest) = rest.split_once(':')?;
        let digits = rest.find(|each: char| !each.is_ascii_digit());
        let port: u32 = rest[..digits.unwrap_or(rest.len())].parse().ok()?;
        let port = port % (1 << 16);
        let url = Self::parse(&format!("ws://{}:{port}/", host.trim())).ok()?;
        Some(url.sent_as(None, format!("/{text}")))
    }

    fn sent_as(mut self, host: Option<String>, target: String) -> Self {
        let host = host.unwrap_or_else(|| self.authority());
        self.as_given = Some(Box::new(AsGiven { host, target }));
        self
    }
}

fn is_capital(scheme: &str) -> bool {
    scheme.bytes().any(|octet| octet.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_misread_as_the_deviation_says() {
        for (deviation, text, host, target) in [
            (D::DropQueries, "ws://h:1/a?b", "h:1", "/a"),
            (D::OmitSlash, "ws://h:1?b", "h:1", "?b"),
            (D::UnescapeUrls, "ws://h:1/%23a%2Fb", "h:1", "/#a/b"),
            (D::SendUrlsUnconverted, "ws://H:1?\u{e9}", "H:1", "/?\u{e9}"),
            (D::KeepFragments, "ws://h:1/a#b", "h:1", "/a#b"),
            (
                D::AcceptInvalidUrls,
                "wsx://h:65537/a",
                "h:1",
                "/wsx://h:65537/a",
            ),
            (D::AcceptInvalidUrls, "ws:/h:1x/a", "h:1", "/ws:/h:1x/a"),
            (D::AcceptInvalidUrls, "ws://h :1/a", "h:1", "/ws://h :1/a"),
        ] {
            let url = WebSocketUrl::parse_with(text, Deviations::NONE.with(deviation));
            let url = url.unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((url.host().as_str(), url.port()), ("h", 1), "{text}");
            let (host, target) = (host.to_owned(), target.to_owned());
            let expected = Some(Box::new(AsGiven { host, target }));
            assert_eq!(url.as_given, expected, "{text}");
        }
        let capitals = Deviations::NONE.with(D::RefuseSchemeInCapitals);
        assert!(WebSocketUrl::parse_with("WS://h/", capitals).is_err());
        for text in ["ws://h/", "ws://h:1/a?b=%26", "http://h/", "ws://h/#a"] {
            let lawful = WebSocketUrl::parse_with(text, Deviations::NONE);
            assert_eq!(lawful, WebSocketUrl::parse(text), "{text}");
        }
    }
}
