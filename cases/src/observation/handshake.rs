//! What an opening handshake is expected to show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an opening handshake is expected to show. Nothing said, nothing asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HandshakeExpectation {
    /// Acceptable status codes of the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// Acceptable classes of status codes, by their first digit: 4 for 400 to 499. A
    /// status fits that is in `status` or in one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(min = 1, max = 5)))]
    pub status_class: Vec<u8>,
    /// Header fields that have to be there, with a value that has to be among the
    /// field's comma-separated elements (compared without regard to case), or `null`
    /// for a field that must be absent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<String>>,
    /// Rules that the extension offers of a client's request keep. Where it offers
    /// none, there is nothing to keep them, and this does not fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferRule>,
    /// Whether the request has one Origin field, the value of which is the ASCII
    /// serialisation of an origin (RFC 6454 §6.2): `scheme://host`, `scheme://host:port`
    /// or `null`.
    #[serde(skip_serializing_if = "is_false")]
    pub origin: bool,
    /// The name that a client over TLS has to have asked for (SNI, RFC 6066 §3); an
    /// empty one for a client that asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_name: Option<String>,
    /// Whether an end of the connection without any response is acceptable too.
    #[serde(skip_serializing_if = "is_false")]
    pub or_dropped: bool,
    /// Whether only an end of the connection without any response will do: what is
    /// left to a client, which has nothing to respond with.
    #[serde(skip_serializing_if = "is_false")]
    pub dropped: bool,
}

/// A rule for the extensions that a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OfferRule {
    /// The field follows the grammar of RFC 6455 §9.1.
    Grammar,
    /// The names of the extensions are registered with IANA (§11.4).
    Registered,
    /// They are, or are those of drafts that were in wide use before RFC 7692.
    RegisteredOrDraft,
    /// The parameters of permessage-deflate are those of RFC 7692 §7.1, each once and
    /// with a value that it may have.
    Parameters,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl HandshakeExpectation {
    /// Whether a response with this status is acceptable.
    pub fn accepts(&self, status: u16) -> bool {
        let listed = self.status.contains(&status);
        let of_class = self
            .status_class
            .iter()
            .any(|class| u16::from(*class) == status / 100);
        (self.status.is_empty() && self.status_class.is_empty()) || listed || of_class
    }
}

/// How a client that does not connect comes to its end. That the same command connects
/// to a plain URL is shown right before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StaysAway {
    /// Its process ends, so that no connection can come any more.
    ByItself,
    /// It runs on and is stopped at last.
    UntilStopped,
}
