//! What the head of a handshake shows of extensions, subprotocols and the origin.
//!
//! Heads are read from the transcript, where octets beyond ASCII are written as `\xNN`
//! and a backslash as two.

use wsspec_cases::Target;
use wsspec_cases::case::Feature;
use wsspec_cases::observation::OfferRule;
use wsspec_record::Head;
use wsspec_record::escape::unescape_octets;

use crate::observe::{Extension, parse_extensions};

/// The names of extensions that are registered (§11.4).
const REGISTERED: &[&str] = &[DEFLATE, "bbf-usp-protocol"];
/// Those of drafts that became RFC 7692.
const OF_DRAFTS: &[&str] = &[
    "x-webkit-deflate-frame",
    "deflate-frame",
    "permessage-compress",
    "permessage-bzip2",
    "permessage-snappy",
];
const DEFLATE: &str = "permessage-deflate";

/// Whether the extension offers of a request keep a rule; never where there are none.
pub(super) fn offers_keep(rule: OfferRule, head: &Head) -> bool {
    let Some(offers) = extensions(head) else {
        return false;
    };
    let mut of_deflate = offers.iter().filter(|offer| offer.is_deflate()).peekable();
    match rule {
        OfferRule::Grammar => true,
        OfferRule::Registered => are_all_in(&offers, REGISTERED),
        OfferRule::RegisteredOrDraft => are_all_in(&offers, &[REGISTERED, OF_DRAFTS].concat()),
        OfferRule::Parameters => {
            of_deflate.peek().is_some() && of_deflate.all(Extension::has_parameters_of_offer)
        }
    }
}

/// The extensions that a head names; nothing where there are none, or no list of them.
fn extensions(head: &Head) -> Option<Vec<Extension>> {
    let values: Vec<_> = head
        .values("sec-websocket-extensions")
        .map(unescape_octets)
        .collect();
    parse_extensions(values.iter().map(Vec::as_slice))
}

fn are_all_in(offers: &[Extension], names: &[&str]) -> bool {
    let is_in = |offer: &Extension| {
        names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&offer.name))
    };
    offers.iter().all(is_in)
}

/// Whether a request has one Origin field with the serialisation of an origin
/// (RFC 6454 §6.2).
pub(super) fn has_origin(head: &Head) -> bool {
    let mut origins = head.values("origin");
    let (Some(origin), None) = (origins.next(), origins.next()) else {
        return false;
    };
    if origin == "null" {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|each| each.is_ascii_alphanumeric() || "+-.".contains(each));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            let is_port = !port.is_empty() && port.bytes().all(|octet| octet.is_ascii_digit());
            is_port.then_some(host)
        }
        _ => Some(authority),
    };
    let is_host = |host: &str| {
        let bracketed = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let colons_allowed = bracketed.is_some();
        let name = bracketed.unwrap_or(host);
        let is_of_name = |each: char| {
            each.is_ascii_alphanumeric() || "-._~%".contains(each) || colons_allowed && each == ':'
        };
        !name.is_empty() && name.chars().all(is_of_name)
    };
    is_scheme && host.is_some_and(is_host)
}

/// Whether the head of a target's handshake shows a feature.
pub(super) fn shows(feature: Feature, target: Target, head: &Head) -> bool {
    match feature {
        Feature::PermessageDeflate => extensions(head)
            .unwrap_or_default()
            .iter()
            .any(Extension::is_deflate),
        Feature::Subprotocol if target == Target::Client => {
            crate::observe::swappable_subprotocol(head.values("sec-websocket-protocol")).is_some()
        }
        Feature::Subprotocol => head.values("sec-websocket-protocol").next().is_some(),
        // Where it is not, the case is not played.
        Feature::Tls => true,
        // All of them say so, for reasons of history, and hardly anybody else.
        Feature::Browser => head
            .values("user-agent")
            .any(|product| product.starts_with("Mozilla/5.0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(field: &str) -> Head {
        Head::from_text(&format!("GET / HTTP/1.1\r\nHost: h\r\n{field}\r\n\r\n"))
    }

    #[test]
    fn offers_keep_the_rules_or_break_them() {
        use OfferRule::{Grammar as G, Parameters as P, Registered as R};
        for (value, kept) in [
            ("permessage-deflate", &[G, R, P][..]),
            ("permessage-deflate; client_max_window_bits", &[G, R, P]),
            (
                ", permessage-deflate ;client_max_window_bits = \"15\",,",
                &[G, R, P],
            ),
            (
                "permessage-deflate; server_max_window_bits=8; client_no_context_takeover, permessage-deflate",
                &[G, R, P],
            ),
            ("bbf-usp-protocol; eid=\"doc\"", &[G, R]),
            ("permessage-deflate; server_max_window_bits", &[G, R]),
            ("permessage-deflate; server_max_window_bits=16", &[G, R]),
            ("permessage-deflate; server_max_window_bits=010", &[G, R]),
            ("permessage-deflate; client_max_window_bits=+9", &[G, R]),
            ("permessage-deflate; server_no_context_takeover=1", &[G, R]),
            ("permessage-deflate; x", &[G, R]),
            (
                "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
                &[G, R],
            ),
            ("x-webkit-deflate-frame, permessage-deflate", &[G, P]),
            ("x-unregistered", &[G]),
            ("permessage-deflate;", &[]),
            ("permessage-deflate; =9", &[]),
            ("permessage-deflate; a=\"b", &[]),
            ("permessage-deflate; a=\"b c\"", &[]),
            ("permessage deflate", &[]),
            ("; a", &[]),
            ("", &[]),
        ] {
            let text = request(&format!("Sec-WebSocket-Extensions: {value}"));
            for rule in [G, R, P] {
                assert_eq!(
                    offers_keep(rule, &text),
                    kept.contains(&rule),
                    "{value}: {rule:?}"
                );
            }
        }
        assert!(!offers_keep(G, &request("X: y")));
    }

    #[test]
    fn origins_are_serialised() {
        for (field, is_one) in [
            ("Origin: null", true),
            ("Origin: http://example.com", true),
            ("origin: https://example.com:8443", true),
            ("Origin: http://[::1]:80", true),
            ("Origin: http://[::1]", true),
            ("Origin: moz-extension://0a-1b", true),
            ("Origin: http://example.com/", false),
            ("Origin: http://example.com/path", false),
            ("Origin: http://user@example.com", false),
            ("Origin: http://example.com:", false),
            ("Origin: http://example.com:x", false),
            ("Origin: http://a http://b", false),
            ("Origin: example.com", false),
            ("Origin: http://b\\xfccher.example", false),
            ("Origin: null\r\nOrigin: null", false),
            ("Origin:", false),
            ("X: y", false),
        ] {
            assert_eq!(has_origin(&request(field)), is_one, "{field}");
        }
    }
}
