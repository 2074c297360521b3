//! The kinds of target.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which kind of target a case is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Servers only.
    Server,
    /// Clients only.
    Client,
    /// Both.
    #[default]
    Endpoint,
}

impl Target {
    /// Whether the case is for both kinds of target.
    pub fn is_endpoint(&self) -> bool {
        *self == Self::Endpoint
    }

    /// Whether a case for `self` can be played with a target of the kind `other`.
    pub fn includes(self, other: Self) -> bool {
        self == Self::Endpoint || self == other
    }

    /// The word for this kind of target in sentences.
    pub fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Endpoint => "endpoint",
        }
    }
}
