//! What a target may do: the observations that traces are made of.
//!
//! | file | holds |
//! |---|---|
//! | `kind.rs` | the table: each observation's field, its value, whether it ends a trace and proves life |
//! | [`close`] | what Close frames are expected to carry |
//! | [`handshake`] | what an opening handshake is expected to show |
//!
//! Messages are compared whole, however the target fragments them. Pings of the target
//! are answered and pass unnoticed unless a trace asks for one, as do Pongs that answer
//! nothing.

pub mod close;
pub mod handshake;
mod kind;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use close::{Codes, TargetClose};
pub use handshake::{HandshakeExpectation, OfferRule, StaysAway};
use kind::ObservationFields;
pub use kind::{ObservationKind, Yes};

use crate::payload::Payload;

/// What a target does, in order.
pub type Trace = Vec<Observation>;

/// One thing that the target does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ObservationFields", into = "ObservationFields")]
pub struct Observation {
    /// What it is.
    pub kind: ObservationKind,
    /// The connection that it is seen on, by the name that the case gives it; the main
    /// one where there is no name.
    pub on: Option<String>,
    /// The requirement that is broken where this does not come; by default that of the
    /// outcome, and then the first that the case cites.
    pub requirement: Option<String>,
}

impl From<ObservationKind> for Observation {
    fn from(kind: ObservationKind) -> Self {
        Self {
            kind,
            on: None,
            requirement: None,
        }
    }
}

impl Observation {
    /// The traces inside of this observation, for those that have some.
    pub fn traces(&self) -> &[Trace] {
        match &self.kind {
            ObservationKind::AnyOf(traces) | ObservationKind::Unordered(traces) => traces,
            ObservationKind::Optional(trace) => std::slice::from_ref(trace),
            _ => &[],
        }
    }

    /// The payload that is expected, where there is one.
    pub fn payload(&self) -> Option<&Payload> {
        match &self.kind {
            ObservationKind::Text(payload)
            | ObservationKind::Binary(payload)
            | ObservationKind::Ping(payload)
            | ObservationKind::Pong(payload) => Some(payload),
            ObservationKind::BeginsClosing(close) => close.reason.as_ref(),
            _ => None,
        }
    }

    /// Whether nothing can follow, so that the connection needs no closing handshake
    /// beyond this.
    pub fn ends_trace(&self) -> bool {
        match &self.kind {
            ObservationKind::AnyOf(traces) => traces.iter().all(|trace| ends_by_itself(trace)),
            kind => kind.ends_trace(),
        }
    }

    /// Whether the target cannot do this without being alive and having understood us.
    pub fn proves_life(&self) -> bool {
        match &self.kind {
            ObservationKind::AnyOf(traces) => traces.iter().all(|trace| trace_proves_life(trace)),
            ObservationKind::Unordered(traces) => {
                traces.iter().any(|trace| trace_proves_life(trace))
            }
            kind => kind.proves_life(),
        }
    }

    /// This observation and all those inside of it.
    pub fn visit<'a>(&'a self, visitor: &mut impl FnMut(&'a Self)) {
        visitor(self);
        for observation in self.traces().iter().flatten() {
            observation.visit(visitor);
        }
    }
}

/// Whether the first thing in a trace is proof that the target is alive.
pub fn trace_proves_life(trace: &[Observation]) -> bool {
    trace.first().is_some_and(Observation::proves_life)
}

/// Whether a trace ends otherwise than with the usual closing handshake.
pub fn ends_by_itself(trace: &[Observation]) -> bool {
    trace.last().is_some_and(Observation::ends_trace)
}

impl JsonSchema for Observation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        ObservationFields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        ObservationFields::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Observation {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn observations_survive_a_round_trip() {
        for json in [
            r#"{"text":"Hello"}"#,
            r#"{"ping":"of the target's own"}"#,
            r#"{"fails":{"best":1002}}"#,
            r#"{"fails":{"best":[1002,1009]}}"#,
            r#"{"fails":{"only":1002}}"#,
            r#"{"fails":{}}"#,
            r#"{"answers_close":{"only":[1000,1001]}}"#,
            r#"{"begins_closing":{"code":1000,"reason":"bye"}}"#,
            r#"{"anything":true}"#,
            r#"{"nothing":true}"#,
            r#"{"any_of":[[{"text":"a"}],[]]}"#,
            r#"{"text":"Hello","on":"other","requirement":"6455-5.5.2-3"}"#,
        ] {
            assert_eq!(serde_json::to_string(&read(json)).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_observation_is_refused() {
        for (json, expected) in [
            ("{}", "exactly one of opened, refused, text"),
            (r#"{"text": "", "pong": ""}"#, "this one has 2"),
            (r#"{"anything": false}"#, "expected true"),
            (r#"{"fails": 1002}"#, "invalid type"),
            (r#"{"fails": {"best": 1002, "only": 1002}}"#, "not both"),
            (r#"{"texts": ""}"#, "unknown field `texts`"),
        ] {
            let error = serde_json::from_str::<Observation>(json).unwrap_err();
            assert!(error.to_string().contains(expected), "{json}: {error}");
        }
    }

    #[test]
    fn the_table_knows_what_ends_and_what_proves_life() {
        for (json, ends, proves) in [
            (r#"{"text": ""}"#, false, true),
            (r#"{"ping": ""}"#, false, false),
            (r#"{"fails": {}}"#, true, false),
            (r#"{"nothing": true}"#, false, false),
            (
                r#"{"any_of": [[{"text": ""}], [{"pong": ""}]]}"#,
                false,
                true,
            ),
            (
                r#"{"any_of": [[{"text": ""}, {"fails": {}}], [{"fails": {}}]]}"#,
                true,
                false,
            ),
            (
                r#"{"unordered": [[{"ping": ""}], [{"pong": ""}]]}"#,
                false,
                true,
            ),
        ] {
            let observation = read(json);
            assert_eq!(observation.ends_trace(), ends, "{json}");
            assert_eq!(observation.proves_life(), proves, "{json}");
        }
    }
}
