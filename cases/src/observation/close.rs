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
    /// These codes are best, as with `Best`; but with a code of the other kind it is another
    /// course, so that the outcome does not apply. Some codes name an error, and others do
    /// not.
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
    /// These codes are best; with a code of the other kind (naming an error, or none) the
    /// outcome does not apply.
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
            (Self::Only(only), Some(code)) => {
                only.contains(&code) || only.iter().any(|one| are_of_one_kind(*one, code))
            }
            _ => true,
        }
    }

    /// Whether the code is one of the right ones; no code always is, and where no code
    /// is named, each is.
    pub fn right(&self, code: Option<u16>) -> bool {
        self.codes().is_empty() || code.is_none_or(|code| self.codes().contains(&code))
    }
}

/// The status codes that name an error of the other side (RFC 6455 §7.4.1).
const NAMING_ERRORS: [u16; 6] = [1002, 1003, 1007, 1008, 1009, 1011];
/// The status codes of which the RFC does not say what they mean (§7.4.2).
const OPEN: std::ops::RangeInclusive<u16> = 3000..=4999;

/// Whether both codes name an error, or neither does. Which code goes with which error is
/// a SHOULD (§7.1.7), and an answer repeats ours only typically (§5.5.1). What is no status
/// code is of no kind.
fn are_of_one_kind(one: u16, other: u16) -> bool {
    let is_code = (1000..=*OPEN.end()).contains(&other);
    let same = NAMING_ERRORS.contains(&one) == NAMING_ERRORS.contains(&other);
    is_code && (same || OPEN.contains(&other))
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
