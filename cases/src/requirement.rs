//! The requirement catalogue: every normative statement that a case can cite.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::target::Target;

/// One normative statement of an RFC, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// RFC, section and label, such as `6455-5.2-2`. It never changes meaning.
    pub id: String,
    /// The section of the RFC.
    pub section: String,
    /// The RFC 2119 level, such as `MUST NOT`.
    pub level: String,
    /// Who has to comply: `server`, `client`, `endpoint` (both), `intermediary`.
    pub applies_to: Vec<String>,
    /// The statement.
    pub summary: String,
    /// `wire`, `wire-statistical`, `timing`, `local` or `no`.
    pub testable: String,
    /// What a harness does, and what it looks for.
    #[serde(default)]
    pub how: String,
    /// Where the statement comes from: `keyword`, `prose`, `abnf`, `registry`,
    /// `example`, `derived`.
    #[serde(default)]
    pub basis: String,
    /// Other entries that say the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub same_as: Vec<String>,
}

impl Requirement {
    /// The number of the RFC.
    pub fn rfc(&self) -> &str {
        self.id.split('-').next().unwrap_or_default()
    }

    /// Where the statement stands, such as `RFC 6455 §5.2`.
    pub fn citation(&self) -> String {
        format!("RFC {} §{}", self.rfc(), self.section)
    }

    /// Whether a peer can see whether the statement is kept, and no other entry says
    /// the same.
    pub fn is_distinct(&self) -> bool {
        let observable = matches!(
            self.testable.as_str(),
            "wire" | "wire-statistical" | "timing"
        );
        observable && self.same_as.is_empty()
    }

    /// Whether the level is MUST or MUST NOT.
    pub fn is_must(&self) -> bool {
        self.level.starts_with("MUST")
    }

    /// Whether the statement binds the kind of target that a case is for.
    pub fn binds(&self, target: Target) -> bool {
        self.applies_to.iter().any(|role| {
            matches!(
                (role.as_str(), target),
                ("endpoint", _)
                    | (_, Target::Endpoint)
                    | ("server", Target::Server)
                    | ("client", Target::Client)
            )
        })
    }
}

/// The statements of several RFCs by id.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    requirements: BTreeMap<String, Requirement>,
}

#[derive(Deserialize)]
struct CatalogueFile {
    requirements: Vec<Requirement>,
}

impl Catalogue {
    /// Reads the files of a catalogue.
    ///
    /// # Errors
    /// Where a file is not of the catalogue's form.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, serde_json::Error> {
        let mut requirements = BTreeMap::new();
        for text in texts {
            let file: CatalogueFile = serde_json::from_str(text)?;
            for requirement in file.requirements {
                requirements.insert(requirement.id.clone(), requirement);
            }
        }
        Ok(Self { requirements })
    }

    /// The statement with this id.
    pub fn find(&self, id: &str) -> Option<&Requirement> {
        self.requirements.get(id)
    }

    /// All statements in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.values()
    }

    /// The id that is nearest to one that does not exist: the same section, and the
    /// longest common beginning.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        let common = |other: &str| {
            id.bytes()
                .zip(other.bytes())
                .take_while(|(a, b)| a == b)
                .count()
        };
        self.requirements
            .keys()
            .map(|other| (common(other), other.as_str()))
            .filter(|(length, _)| *length >= "6455-5".len())
            .max_by_key(|(length, other)| (*length, std::cmp::Reverse(other.len())))
            .map(|(_, other)| other)
    }
}
