//! Acceptable outcomes: what may be observed, in which order, and what it is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::observation::{self, Observation, ObservationKind, Trace};
use crate::target::Target;

/// One acceptable course of the conversation and its verdict.
///
/// Outcomes are tried in the order in which they stand; the first whose trace is
/// what was observed gives the verdict. When none is, the verdict is fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OutcomeFields", into = "OutcomeFields")]
pub struct Outcome {
    /// The verdict that this course earns.
    pub verdict: OutcomeVerdict,
    /// What the target does after the opening handshake, in order. A trace that does
    /// not end the connection by itself goes on to the usual closing handshake, which
    /// the runner starts with status code 1000.
    pub trace: Trace,
    /// For which kind of target the outcome is, where the roles differ.
    pub target: Target,
    /// Why this course earns this verdict; asked for wherever it is not pass.
    pub because: Option<String>,
    /// The requirement that is broken where the trace is left; by default the first that
    /// the case cites.
    pub requirement: Option<String>,
    /// What the second axis says; by default what the way of closing shows.
    pub closing: Option<OutcomeClosing>,
    /// Whether the connection has to have ended before the whole script was sent;
    /// where nothing is said, either will do. Told from the runner's side, since a
    /// target that refuses a message early and one that refuses it late look alike on
    /// the wire.
    pub unsent: Option<bool>,
    /// What the masking keys of all frames of the target have to be for this outcome
    /// (§5.3).
    pub masking_keys: Vec<KeyRule>,
    /// What the keys in the opening handshakes of the connections have to be for this
    /// outcome (§4.1). The case says in `keys_of` how many of them it looks at.
    pub handshake_keys: Vec<KeyRule>,
}

/// An outcome as it is written in JSON: the field that holds the trace is the verdict.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Outcome")]
struct OutcomeFields {
    /// The trace of a target that did what the RFC asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<Trace>,
    /// A trace that is allowed, but not what a SHOULD asks or what is plainly best.
    #[serde(rename = "non-strict", skip_serializing_if = "Option::is_none")]
    non_strict: Option<Trace>,
    /// A trace that the RFC leaves open; it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    info: Option<Trace>,
    /// A trace that shows that an optional feature was not negotiated.
    #[serde(skip_serializing_if = "Option::is_none")]
    unimplemented: Option<Trace>,
    /// A trace that breaks a MUST in a way that deserves its own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    fail: Option<Trace>,

    /// For which kind of target the outcome is, where the roles differ.
    #[serde(skip_serializing_if = "Target::is_endpoint")]
    target: Target,
    /// Why this course earns this verdict; asked for wherever it is not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// The requirement that is broken where the trace is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<String>,
    /// What the second axis says; by default what the way of closing shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<OutcomeClosing>,
    /// Whether the connection has to have ended before the whole script was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    unsent: Option<bool>,
    /// What the masking keys of all frames of the target have to be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    masking_keys: Vec<KeyRule>,
    /// What the keys in the opening handshakes of the connections have to be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    handshake_keys: Vec<KeyRule>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeVerdict {
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

impl Outcome {
    /// An outcome that says nothing but its trace.
    pub fn new(verdict: OutcomeVerdict, trace: Trace) -> Self {
        Self {
            verdict,
            trace,
            target: Target::Endpoint,
            because: None,
            requirement: None,
            closing: None,
            unsent: None,
            masking_keys: Vec::new(),
            handshake_keys: Vec::new(),
        }
    }

    /// What comes first in the trace.
    pub fn first(&self) -> Option<&ObservationKind> {
        self.trace.first().map(|first| &first.kind)
    }

    /// What comes last in the trace.
    pub fn last(&self) -> Option<&ObservationKind> {
        self.trace.last().map(|last| &last.kind)
    }

    /// Whether the trace ends otherwise than with the usual closing handshake.
    pub fn ends_by_itself(&self) -> bool {
        observation::ends_by_itself(&self.trace)
    }

    /// Whether whatever the target does behind the opening handshake is this outcome.
    pub fn accepts_anything(&self) -> bool {
        let behind_opening = self
            .trace
            .iter()
            .find(|observation| !matches!(observation.kind, ObservationKind::Opened(_)));
        self.verdict != OutcomeVerdict::Fail
            && self.unsent.is_none()
            && self.masking_keys.is_empty()
            && self.handshake_keys.is_empty()
            && matches!(
                behind_opening,
                Some(Observation {
                    kind: ObservationKind::Anything(_),
                    ..
                })
            )
    }

    /// Every observation of the trace, those inside of others too.
    pub fn visit<'a>(&'a self, visitor: &mut impl FnMut(&'a Observation)) {
        for observation in &self.trace {
            observation.visit(visitor);
        }
    }
}

impl OutcomeVerdict {
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

    /// Whether the verdict speaks for the target: pass and non-strict do.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Pass | Self::NonStrict)
    }
}

impl TryFrom<OutcomeFields> for Outcome {
    type Error = String;

    fn try_from(fields: OutcomeFields) -> Result<Self, String> {
        let traces = [
            (OutcomeVerdict::Pass, fields.pass),
            (OutcomeVerdict::NonStrict, fields.non_strict),
            (OutcomeVerdict::Info, fields.info),
            (OutcomeVerdict::Unimplemented, fields.unimplemented),
            (OutcomeVerdict::Fail, fields.fail),
        ];
        let given: Vec<(OutcomeVerdict, Trace)> = traces
            .into_iter()
            .filter_map(|(verdict, trace)| Some((verdict, trace?)))
            .collect();
        let [(verdict, trace)] = <[_; 1]>::try_from(given).map_err(|given: Vec<_>| {
            format!(
                "an outcome has exactly one of pass, non-strict, info, unimplemented, fail; this one has {}",
                given.len()
            )
        })?;
        Ok(Self {
            verdict,
            trace,
            target: fields.target,
            because: fields.because,
            requirement: fields.requirement,
            closing: fields.closing,
            unsent: fields.unsent,
            masking_keys: fields.masking_keys,
            handshake_keys: fields.handshake_keys,
        })
    }
}

impl From<Outcome> for OutcomeFields {
    fn from(outcome: Outcome) -> Self {
        let mut fields = Self {
            target: outcome.target,
            because: outcome.because,
            requirement: outcome.requirement,
            closing: outcome.closing,
            unsent: outcome.unsent,
            masking_keys: outcome.masking_keys,
            handshake_keys: outcome.handshake_keys,
            ..Self::default()
        };
        let field = match outcome.verdict {
            OutcomeVerdict::Pass => &mut fields.pass,
            OutcomeVerdict::NonStrict => &mut fields.non_strict,
            OutcomeVerdict::Info => &mut fields.info,
            OutcomeVerdict::Unimplemented => &mut fields.unimplemented,
            OutcomeVerdict::Fail => &mut fields.fail,
        };
        *field = Some(outcome.trace);
        fields
    }
}

impl JsonSchema for Outcome {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        OutcomeFields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        OutcomeFields::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_survive_a_round_trip() {
        for json in [
            r#"{"pass":[{"text":"Hello"}]}"#,
            r#"{"non-strict":[],"because":"late","requirement":"6455-5.5.2-3"}"#,
            r#"{"info":[{"anything":true}],"target":"client","closing":"info"}"#,
            r#"{"fail":[{"fails":{}}],"unsent":true,"masking_keys":["distinct"]}"#,
        ] {
            let outcome: Outcome = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&outcome).unwrap(), json);
        }
    }

    #[test]
    fn an_outcome_has_one_verdict() {
        for (json, expected) in [
            ("{}", "this one has 0"),
            (r#"{"pass": [], "info": []}"#, "this one has 2"),
            (r#"{"passes": []}"#, "unknown field `passes`"),
        ] {
            let error = serde_json::from_str::<Outcome>(json).unwrap_err();
            assert!(error.to_string().contains(expected), "{json}: {error}");
        }
    }
}
