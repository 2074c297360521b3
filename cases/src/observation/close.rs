//! What a Close frame of the target is expected to carry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::payload::Payload;

/// Status codes of a Close frame that are expected. A frame without one always fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CodesFields", into = "CodesFields")]
pub enum Codes {
    /// Every code is as good.
    Any,
    /// These codes are best; another one keeps the verdict and shows on the second axis as
    /// wrong-code.
    Best(Vec<u16>),
    /// With another code than these it is another course, so that the outcome does not
    /// apply.
    Only(Vec<u16>),
}

/// Status codes as they are written in JSON: `best`, `only`, or neither for any.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Codes")]
struct CodesFields {
    /// These codes are best; another one keeps the verdict and shows on the second axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    best: Option<CodeList>,
    /// With another code than these the outcome does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<CodeList>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a status code (0 to 65535) or a list of them"
)]
enum CodeList {
    One(u16),
    Several(Vec<u16>),
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

impl Codes {
    /// The codes that are named.
    pub fn codes(&self) -> &[u16] {
        match self {
            Self::Any => &[],
            Self::Best(codes) | Self::Only(codes) => codes,
        }
    }

    /// Whether a Close frame with this code (or with none) fits the trace.
    pub fn fit(&self, code: Option<u16>) -> bool {
        match (self, code) {
            (Self::Only(only), Some(code)) => only.contains(&code),
            _ => true,
        }
    }

    /// Whether the code is one of the right ones; no code always is, and where no code
    /// is named, each is.
    pub fn right(&self, code: Option<u16>) -> bool {
        self.codes().is_empty() || code.is_none_or(|code| self.codes().contains(&code))
    }
}

impl From<CodeList> for Vec<u16> {
    fn from(list: CodeList) -> Self {
        match list {
            CodeList::One(code) => vec![code],
            CodeList::Several(codes) => codes,
        }
    }
}

impl From<Vec<u16>> for CodeList {
    fn from(codes: Vec<u16>) -> Self {
        match codes[..] {
            [code] => Self::One(code),
            _ => Self::Several(codes),
        }
    }
}

impl TryFrom<CodesFields> for Codes {
    type Error = &'static str;

    fn try_from(fields: CodesFields) -> Result<Self, Self::Error> {
        match (fields.best, fields.only) {
            (None, None) => Ok(Self::Any),
            (Some(best), None) => Ok(Self::Best(best.into())),
            (None, Some(only)) => Ok(Self::Only(only.into())),
            (Some(_), Some(_)) => Err("status codes are `best` or `only`, not both"),
        }
    }
}

impl From<Codes> for CodesFields {
    fn from(codes: Codes) -> Self {
        match codes {
            Codes::Any => Self::default(),
            Codes::Best(codes) => Self {
                best: Some(codes.into()),
                only: None,
            },
            Codes::Only(codes) => Self {
                best: None,
                only: Some(codes.into()),
            },
        }
    }
}

impl JsonSchema for Codes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        CodesFields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        CodesFields::json_schema(generator)
    }
}
