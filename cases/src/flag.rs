//! Known vulnerabilities that cases link to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The table of known vulnerabilities that cases link to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Flags(BTreeMap<String, Flag>);

/// A class of known vulnerabilities.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flag {
    /// What goes wrong, in one sentence.
    pub title: String,
    /// What an attacker gains.
    pub effect: String,
    /// Advisories that describe instances, such as `CVE-2020-13935`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advisories: Vec<String>,
}

impl Flags {
    /// All flags with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Flag)> {
        self.0.iter().map(|(name, flag)| (name.as_str(), flag))
    }

    /// The flag with this name.
    pub fn find(&self, name: &str) -> Option<&Flag> {
        self.0.get(name)
    }
}
