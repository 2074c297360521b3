//! Which requirements the cases test, and why the others have none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::requirement::{Catalogue, Requirement};
use crate::{Case, Target};

/// What is known about one requirement for one kind of target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Covered<'a> {
    /// The requirement.
    pub requirement: &'a Requirement,
    /// The cases that cite it, or another entry that says the same, by id.
    pub cases: Vec<&'a str>,
    /// Why no case can test it, where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<&'a str>,
}

/// The requirements of one RFC that bind one kind of target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage<'a> {
    /// The number of the RFC.
    pub rfc: &'a str,
    /// The kind of target.
    pub target: Target,
    /// Each requirement in the order of the catalogue.
    pub requirements: Vec<Covered<'a>>,
}

/// How many of some requirements are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Those with a case.
    pub tested: usize,
    /// Those without a case, but with a reason.
    pub explained: usize,
    /// All of them.
    pub all: usize,
}

/// Why some requirements have no case: entries of `untestable.json`.
#[derive(Debug, Clone, Default)]
pub struct Gaps(Vec<Gap>);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gap {
    requirements: Vec<String>,
    #[serde(default)]
    target: Target,
    because: String,
}

impl Gaps {
    /// The reasons that belong to the built-in cases.
    ///
    /// # Errors
    /// Where the file is not of its form, which a test rules out.
    pub fn embedded() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../untestable.json")).map(Self)
    }

    /// Why no case tests this requirement on this kind of target.
    pub fn reason(&self, requirement: &str, target: Target) -> Option<&str> {
        self.0
            .iter()
            .find(|gap| {
                gap.target.includes(target) && gap.requirements.iter().any(|id| id == requirement)
            })
            .map(|gap| gap.because.as_str())
    }

    /// Every requirement that has a reason, with the kind of target it is for.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Target)> {
        self.0.iter().flat_map(|gap| {
            gap.requirements
                .iter()
                .map(move |id| (id.as_str(), gap.target))
        })
    }
}

impl<'a> Coverage<'a> {
    /// What `cases` test of the requirements of an RFC that bind this kind of target.
    pub fn of(
        catalogue: &'a Catalogue,
        cases: impl IntoIterator<Item = &'a Case>,
        gaps: &'a Gaps,
        rfc: &'a str,
        target: Target,
    ) -> Self {
        let mut cited: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for case in cases {
            if !case.target.includes(target) {
                continue;
            }
            for id in &case.requirements {
                let same = catalogue
                    .find(id)
                    .map_or(&[][..], |requirement| &requirement.same_as);
                for id in std::iter::once(id).chain(same) {
                    let citing = cited.entry(id).or_default();
                    if citing.last() != Some(&case.id.as_str()) {
                        citing.push(&case.id);
                    }
                }
            }
        }
        let requirements = catalogue
            .iter()
            .filter(|requirement| requirement.rfc() == rfc && requirement.binds(target))
            .map(|requirement| {
                let id = requirement.id.as_str();
                // An entry that only repeats another is tested where that one is.
                let ids = std::iter::once(id).chain(requirement.same_as.iter().map(String::as_str));
                let mut citing: Vec<&str> = ids
                    .filter_map(|id| cited.get(id))
                    .flatten()
                    .copied()
                    .collect();
                citing.sort_unstable();
                citing.dedup();
                let gap = match citing[..] {
                    [] => gaps.reason(id, target),
                    _ => None,
                };
                Covered {
                    requirement,
                    cases: citing,
                    gap,
                }
            })
            .collect();
        Self {
            rfc,
            target,
            requirements,
        }
    }

    /// The share of the requirements that can be seen from outside, say something of
    /// their own, and are a MUST or MUST NOT.
    pub fn of_musts(&self) -> Share {
        self.share(|requirement| requirement.is_distinct() && requirement.is_must())
    }

    /// The share of all requirements that can be seen from outside and say something of
    /// their own.
    pub fn of_distinct(&self) -> Share {
        self.share(Requirement::is_distinct)
    }

    fn share(&self, counts: impl Fn(&Requirement) -> bool) -> Share {
        let counted = || {
            self.requirements
                .iter()
                .filter(|covered| counts(covered.requirement))
        };
        Share {
            tested: counted()
                .filter(|covered| !covered.cases.is_empty())
                .count(),
            explained: counted().filter(|covered| covered.gap.is_some()).count(),
            all: counted().count(),
        }
    }
}

impl Share {
    /// The tested ones of all, in percent.
    pub fn percent(self) -> f64 {
        if self.all == 0 {
            return 100.0;
        }
        100.0 * self.tested as f64 / self.all as f64
    }
}
