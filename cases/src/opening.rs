//! What is unusual about the opening handshake of a case (RFC 6455 §4).
//!
//! The runner makes a lawful request (as a client) or response (as a server); a case
//! changes parts of it. Values may name what is only known on the wire: `{key}` is
//! the Sec-WebSocket-Key of the request, `{accept}` the value that answers it,
//! `{host}` and `{path}` come from the target's URL. In a response `{extension}` is the
//! name of the first extension that the client offers, `{subprotocol}` the first
//! subprotocol that can be written in another letter case, and `{SUBPROTOCOL}` the same
//! in that other case; a case that writes them needs the feature.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cut::Cut;
use crate::frame::Frame;
use crate::payload::Payload;

/// What is unusual about the opening handshake.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Opening {
    /// Changes to the head that the runner sends: the request to a server, the
    /// response to a client.
    #[serde(skip_serializing_if = "HeadChanges::is_lawful")]
    pub head: HeadChanges,
    /// Extensions that the runner offers (to a server) or accepts (from a client), in
    /// the form of the Sec-WebSocket-Extensions field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extensions: Vec<String>,
    /// Subprotocols that the runner offers to a server, or the one it selects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subprotocols: Vec<String>,
    /// The writes in which the head leaves.
    #[serde(skip_serializing_if = "Cut::is_together")]
    pub cut: Cut,
    /// Milliseconds between those writes.
    #[serde(skip_serializing_if = "is_zero")]
    pub pause_ms: u32,
    /// Frames that follow the head in the same write.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub followed_by: Vec<Frame>,
    /// The URL that a client is given in place of the plain one. Only clients that are
    /// started for each case can be given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<GivenUrl>,
    /// What is unusual about TLS. The case is only for targets that are graded over it,
    /// and of clients only for those that are started for each case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<OpeningTls>,
}

/// What is unusual about TLS (§4.1, §4.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpeningTls {
    /// As a client we do not speak it, on the port where the server does.
    Skipped,
    /// As a server we show a certificate of an authority that nobody knows.
    Untrusted,
    /// As a server we show a certificate that has expired.
    Expired,
    /// As a server we show a certificate for another name.
    OtherName,
}

/// A URL for a client. `{ws}` is the scheme, ws or wss as the client is graded, `{WS}`
/// the same in capitals, `{http}` what HTTP has for it, `{address}` our address with the port, `{port}` the port
/// alone, `{port+65536}` that number, `{path}` a path of the case's own, which begins
/// with a slash, and `{run}` a parameter of a query that does as well without a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenUrl {
    /// What the client is given, be it a URL or not.
    pub given: String,
    /// The URLs, one of which it has to be taken for: Host field and request target
    /// follow from it. By default what is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub means: Vec<String>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Changes to the head of a request or response.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HeadChanges {
    /// The request line or status line, without its line end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_line: Option<String>,
    /// Fields (by name) to take out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
    /// Fields to change in place: name and new value. The name's case is kept as
    /// written here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<Field>,
    /// Fields to put behind the others; a name that is there already is repeated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub append: Vec<Field>,
    /// The order of the fields by name; those not named follow in the usual order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// Octets that follow the empty line, such as a request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Payload>,
    /// The whole head as octets, in place of everything above.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub octets: Option<Payload>,
}

/// A header field. The value is octets, since a case may send what HTTP forbids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The field's name as it goes on the wire.
    pub name: String,
    /// The field's value as it goes on the wire.
    pub value: Payload,
    /// How many times the field is repeated.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

fn is_once(times: &u32) -> bool {
    *times == 1
}

impl HeadChanges {
    /// Whether nothing about the head is unusual.
    pub fn is_lawful(&self) -> bool {
        *self == Self::default()
    }

    /// Every payload that the head names, for checks.
    pub fn payloads(&self) -> impl Iterator<Item = &Payload> {
        self.replace
            .iter()
            .chain(&self.append)
            .map(|field| &field.value)
            .chain(&self.body)
            .chain(&self.octets)
    }
}

impl Opening {
    /// Whether nothing about the opening handshake is unusual.
    pub fn is_lawful(&self) -> bool {
        *self == Self::default()
    }
}
