//! The table of observations. A line of it is an observation: the field that names it
//! in JSON, the variant, the value, and two facts that the checks and the driver ask.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::close::{Codes, TargetClose};
use super::handshake::{HandshakeExpectation, StaysAway};
use super::{Observation, Trace};
use crate::payload::Payload;

macro_rules! observations {
    ($(
        $(#[doc = $doc:literal])+
        $field:ident: $variant:ident($value:ty), ends $ends:literal, proves_life $proves:literal;
    )+) => {
        /// The kinds of observation.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum ObservationKind {
            $($(#[doc = $doc])+ $variant($value),)+
        }

        /// An observation as it is written in JSON: one field names it, others say more.
        #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[schemars(rename = "Observation")]
        pub(crate) struct ObservationFields {
            $(
                $(#[doc = $doc])+
                #[serde(default, skip_serializing_if = "Option::is_none")]
                $field: Option<$value>,
            )+
            /// The connection that this is seen on, where it is not the main one.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            on: Option<String>,
            /// The requirement that is broken where this does not come.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            requirement: Option<String>,
        }

        /// The fields that name an observation.
        const NAMES: &[&str] = &[$(stringify!($field)),+];

        impl ObservationKind {
            /// Whether nothing can follow in a trace.
            pub(super) fn ends_trace(&self) -> bool {
                match self {
                    $(Self::$variant(_) => $ends,)+
                }
            }

            /// Whether it cannot be done without being alive and having understood us.
            pub(super) fn proves_life(&self) -> bool {
                match self {
                    $(Self::$variant(_) => $proves,)+
                }
            }
        }

        impl TryFrom<ObservationFields> for Observation {
            type Error = String;

            fn try_from(fields: ObservationFields) -> Result<Self, String> {
                let named = [$(fields.$field.map(ObservationKind::$variant)),+];
                let named: Vec<ObservationKind> = named.into_iter().flatten().collect();
                let [kind] = <[ObservationKind; 1]>::try_from(named).map_err(|named| {
                    format!(
                        "an observation has exactly one of {}; this one has {}",
                        NAMES.join(", "),
                        named.len()
                    )
                })?;
                Ok(Self { kind, on: fields.on, requirement: fields.requirement })
            }
        }

        impl From<Observation> for ObservationFields {
            fn from(observation: Observation) -> Self {
                let mut fields = Self {
                    on: observation.on,
                    requirement: observation.requirement,
                    ..Self::default()
                };
                match observation.kind {
                    $(ObservationKind::$variant(value) => fields.$field = Some(value),)+
                }
                fields
            }
        }
    };
}

observations! {
    /// The opening handshake succeeds; implied unless the trace says otherwise.
    opened: Opened(HandshakeExpectation), ends false, proves_life false;
    /// The opening handshake is refused: with another status code than 101, or (without a
    /// status) by an end of the connection.
    refused: Refused(HandshakeExpectation), ends true, proves_life false;
    /// A text message.
    text: Text(Payload), ends false, proves_life true;
    /// A binary message.
    binary: Binary(Payload), ends false, proves_life true;
    /// A Ping frame of the target's own.
    ping: Ping(Payload), ends false, proves_life false;
    /// A Pong frame.
    pong: Pong(Payload), ends false, proves_life true;
    /// This many echoes of an `echo_loop` come back, in order and unchanged.
    echoes: Echoes(u32), ends false, proves_life true;
    /// The target fails the connection (RFC 6455 §7.1.7): a Close frame and the end of the
    /// connection, or its end alone; no data afterwards.
    fails: Fails(Codes), ends true, proves_life false;
    /// The target answers our Close frame with one of its own (§5.5.1). Said only where
    /// the closing handshake is what the case is about.
    answers_close: AnswersClose(Codes), ends true, proves_life false;
    /// The target begins the closing handshake by itself (§7.1.2).
    begins_closing: BeginsClosing(TargetClose), ends true, proves_life false;
    /// The client that was given a URL by the case does not connect.
    stays_away: StaysAway(StaysAway), ends true, proves_life false;
    /// Nothing but control frames comes: until the next barrier, or, inside of an
    /// unfinished frame, for a quiet period.
    nothing: Nothing(Yes), ends false, proves_life false;
    /// One of these traces.
    any_of: AnyOf(Vec<Trace>), ends false, proves_life false;
    /// This trace or nothing.
    optional: Optional(Trace), ends false, proves_life false;
    /// All of these traces, mixed in any way that keeps the order inside each.
    unordered: Unordered(Vec<Trace>), ends false, proves_life false;
    /// Anything at all, to the end.
    anything: Anything(Yes), ends true, proves_life false;
}

/// `true`: the value of what has no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "bool", into = "bool")]
pub struct Yes;

impl TryFrom<bool> for Yes {
    type Error = &'static str;

    fn try_from(value: bool) -> Result<Self, Self::Error> {
        if value {
            Ok(Self)
        } else {
            Err("expected true")
        }
    }
}

impl From<Yes> for bool {
    fn from(_: Yes) -> Self {
        true
    }
}

impl JsonSchema for Yes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Yes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": true })
    }
}
