//! Acceptable outcomes: what may be observed, in which order, and what it is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::payload::Payload;
use crate::target::Target;

/// One acceptable course of the conversation and its verdict.
///
/// Outcomes are tried in the order in which they stand; the first whose trace is
/// what was observed gives the verdict. When none is, the verdict is fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The verdict that this course earns.
    pub verdict: Verdict,
    /// For which kind of target the outcome is, where the roles differ.
    #[serde(default, skip_serializing_if = "Target::is_endpoint")]
    pub target: Target,
    /// What the target does after the opening handshake, in order. A trace that does
    /// not end with `failed`, `closed` or `refused` goes on to the usual closing
    /// handshake, which the runner starts with status code 1000.
    pub observe: Vec<Observation>,
    /// Why this course earns this verdict; asked for wherever it is not pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What the second axis says; by default what the way of closing shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<OutcomeClosing>,
    /// Whether the connection has to have ended before the whole script was sent;
    /// where nothing is said, either will do. Told from the runner's side, since a
    /// target that refuses a message early and one that refuses it late look alike on
    /// the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsent: Option<bool>,
    /// What the masking keys of all frames of the target have to be for this outcome
    /// (§5.3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masking_keys: Vec<KeyRule>,
    /// What the keys in the opening handshakes of the connections have to be for this
    /// outcome (§4.1). The case says in `connections` how many of them it looks at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handshake_keys: Vec<KeyRule>,
}

/// What keys that are drawn at random show. A good source of randomness breaks none of
/// these rules in a thousand million runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRule {
    /// No key comes again, but for what chance allows.
    Distinct,
    /// Each octet takes many values.
    Spread,
    /// Each bit is set about half of the time.
    Balanced,
    /// No key follows from the one before: not by a constant step, a small one, a
    /// linear congruence or a shift register.
    Unrelated,
}

/// A verdict that an outcome can give.
///
/// A case says what is good; that everything else is a failure goes without saying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The target did what the RFC asks.
    Pass,
    /// Allowed, but not what a SHOULD asks or what is plainly best.
    NonStrict,
    /// The RFC leaves it open; recorded.
    Info,
    /// An optional feature was not negotiated.
    Unimplemented,
    /// A MUST was broken in a way that deserves its own words.
    Fail,
}

/// What an outcome may say of the second axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeClosing {
    /// The RFC leaves the way of closing open here; recorded.
    Info,
}

/// One thing that the target does.
///
/// Messages are compared whole, however the target fragments them. Pings of the
/// target are answered and pass unnoticed, as do Pongs that answer nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ObservationFields", into = "ObservationFields")]
pub enum Observation {
    /// The opening handshake succeeds; implied unless the trace says otherwise.
    Opened(HandshakeExpectation),
    /// The opening handshake is refused: with another status code than 101, or
    /// (without a status) by an end of the connection.
    Refused(HandshakeExpectation),
    /// A text message.
    Text(Payload),
    /// A binary message.
    Binary(Payload),
    /// A Ping frame.
    Ping(Payload),
    /// A Pong frame.
    Pong(Payload),
    /// The target answers our Close frame with one of its own, carrying one of these
    /// codes or none. Said only where the closing handshake is what the case is about.
    Closed(Codes),
    /// The target fails the connection (RFC 6455 §7.1.7): a Close frame with one of
    /// these codes and the end of the connection, or only its end.
    Failed(Codes),
    /// This many echoes of an `echo_loop` come back, in order and unchanged.
    Echoes(u32),
    /// The target begins the closing handshake by itself (§7.1.2), with this status
    /// code and reason.
    Closes(TargetClose),
    /// The client that was given a URL by the case does not connect.
    StaysAway(StaysAway),
    /// One of these traces.
    AnyOf(Vec<Vec<Observation>>),
    /// This trace or nothing.
    Optional(Vec<Observation>),
    /// All of these traces, mixed in any way that keeps the order inside each.
    Unordered(Vec<Vec<Observation>>),
    /// Anything at all, to the end.
    Anything,
}

/// The Close frame with which a target begins the closing handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetClose {
    /// The status code; none for a Close frame without a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Payload>,
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

/// Status codes of a Close frame that are expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a list of status codes, or {\"only\": [codes]}"
)]
pub enum Codes {
    /// These codes are right; another one shows on the second axis as wrong-code. With
    /// none named, every code is right.
    Right(Vec<u16>),
    /// Another code than these is another trace, so that the verdict falls.
    Only(OnlyCodes),
}

/// Codes of which another one is a failure of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlyCodes {
    /// The codes.
    pub only: Vec<u16>,
}

impl Codes {
    /// The codes that are right.
    pub fn codes(&self) -> &[u16] {
        match self {
            Self::Right(codes) | Self::Only(OnlyCodes { only: codes }) => codes,
        }
    }

    /// Whether a Close frame with this code (or with none) fits the trace.
    pub fn fit(&self, code: Option<u16>) -> bool {
        match (self, code) {
            (Self::Right(_), _) | (Self::Only(_), None) => true,
            (Self::Only(OnlyCodes { only }), Some(code)) => only.contains(&code),
        }
    }

    /// Whether the code is one of the right ones; no code always is, and where no code
    /// is named, each is.
    pub fn right(&self, code: Option<u16>) -> bool {
        self.codes().is_empty() || code.is_none_or(|code| self.codes().contains(&code))
    }
}

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
    #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub headers: std::collections::BTreeMap<String, Option<String>>,
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

/// An observation as it is written in JSON: exactly one field.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Observation")]
pub(crate) struct ObservationFields {
    /// The opening handshake succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<HandshakeExpectation>,
    /// The opening handshake is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<HandshakeExpectation>,
    /// A text message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Payload>,
    /// A binary message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary: Option<Payload>,
    /// A Ping frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ping: Option<Payload>,
    /// A Pong frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pong: Option<Payload>,
    /// The target answers our Close frame with one of these codes or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<Codes>,
    /// The target fails the connection, with one of these codes or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<Codes>,
    /// This many echoes of an `echo_loop`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    echoes: Option<u32>,
    /// The target begins the closing handshake, with this status code and reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closes: Option<TargetClose>,
    /// The client does not connect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stays_away: Option<StaysAway>,
    /// One of these traces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any_of: Option<Vec<Vec<Observation>>>,
    /// This trace or nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    optional: Option<Vec<Observation>>,
    /// All of these traces, mixed in any way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unordered: Option<Vec<Vec<Observation>>>,
    /// `true`: anything at all, to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    anything: Option<bool>,
}

impl TryFrom<ObservationFields> for Observation {
    type Error = String;

    fn try_from(fields: ObservationFields) -> Result<Self, String> {
        let all = [
            fields.opened.map(Self::Opened),
            fields.refused.map(Self::Refused),
            fields.text.map(Self::Text),
            fields.binary.map(Self::Binary),
            fields.ping.map(Self::Ping),
            fields.pong.map(Self::Pong),
            fields.closed.map(Self::Closed),
            fields.failed.map(Self::Failed),
            fields.echoes.map(Self::Echoes),
            fields.closes.map(Self::Closes),
            fields.stays_away.map(Self::StaysAway),
            fields.any_of.map(Self::AnyOf),
            fields.optional.map(Self::Optional),
            fields.unordered.map(Self::Unordered),
            fields
                .anything
                .filter(|anything| *anything)
                .map(|_| Self::Anything),
        ];
        let named: Vec<Self> = all.into_iter().flatten().collect();
        let [observation] = <[Self; 1]>::try_from(named).map_err(|named| {
            format!(
                "an observation has exactly one of opened, refused, text, binary, ping, pong, closed, \
                 failed, echoes, closes, stays_away, any_of, optional, unordered and anything; this one has {}",
                named.len()
            )
        })?;
        Ok(observation)
    }
}

impl From<Observation> for ObservationFields {
    fn from(observation: Observation) -> Self {
        let mut fields = Self::default();
        match observation {
            Observation::Opened(expected) => fields.opened = Some(expected),
            Observation::Refused(expected) => fields.refused = Some(expected),
            Observation::Text(payload) => fields.text = Some(payload),
            Observation::Binary(payload) => fields.binary = Some(payload),
            Observation::Ping(payload) => fields.ping = Some(payload),
            Observation::Pong(payload) => fields.pong = Some(payload),
            Observation::Closed(codes) => fields.closed = Some(codes),
            Observation::Failed(codes) => fields.failed = Some(codes),
            Observation::Echoes(count) => fields.echoes = Some(count),
            Observation::Closes(close) => fields.closes = Some(close),
            Observation::StaysAway(end) => fields.stays_away = Some(end),
            Observation::AnyOf(traces) => fields.any_of = Some(traces),
            Observation::Optional(trace) => fields.optional = Some(trace),
            Observation::Unordered(traces) => fields.unordered = Some(traces),
            Observation::Anything => fields.anything = Some(true),
        }
        fields
    }
}

impl JsonSchema for Observation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        ObservationFields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        ObservationFields::json_schema(generator)
    }
}

impl Observation {
    /// The traces inside of this observation, for those that have some.
    pub fn traces(&self) -> &[Vec<Observation>] {
        match self {
            Self::AnyOf(traces) | Self::Unordered(traces) => traces,
            Self::Optional(trace) => std::slice::from_ref(trace),
            _ => &[],
        }
    }

    /// The payload that is expected, where there is one.
    pub fn payload(&self) -> Option<&Payload> {
        match self {
            Self::Text(payload)
            | Self::Binary(payload)
            | Self::Ping(payload)
            | Self::Pong(payload) => Some(payload),
            Self::Closes(close) => close.reason.as_ref(),
            _ => None,
        }
    }

    /// Whether the target cannot do this without being alive and having understood us.
    pub fn proves_life(&self) -> bool {
        match self {
            Self::Text(_) | Self::Binary(_) | Self::Pong(_) | Self::Echoes(_) => true,
            Self::AnyOf(traces) => traces.iter().all(|trace| trace_proves_life(trace)),
            Self::Unordered(traces) => traces.iter().any(|trace| trace_proves_life(trace)),
            _ => false,
        }
    }
}

/// Whether the first thing in a trace is proof that the target is alive.
pub fn trace_proves_life(trace: &[Observation]) -> bool {
    trace.first().is_some_and(Observation::proves_life)
}

impl Outcome {
    /// Whether the trace ends otherwise than with the usual closing handshake.
    pub fn ends_by_itself(&self) -> bool {
        trace_ends_by_itself(&self.observe)
    }
}

fn trace_ends_by_itself(trace: &[Observation]) -> bool {
    match trace.last() {
        Some(
            Observation::Failed(_)
            | Observation::Closed(_)
            | Observation::Closes(_)
            | Observation::StaysAway(_)
            | Observation::Refused(_)
            | Observation::Anything,
        ) => true,
        Some(Observation::AnyOf(traces)) => traces.iter().all(|trace| trace_ends_by_itself(trace)),
        _ => false,
    }
}

impl Verdict {
    /// The name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NonStrict => "non-strict",
            Self::Info => "info",
            Self::Unimplemented => "unimplemented",
            Self::Fail => "fail",
        }
    }

    /// The place in the order of goodness, best first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::NonStrict => 1,
            Self::Info => 2,
            Self::Unimplemented => 3,
            Self::Fail => 4,
        }
    }
}
