//! What counts against a target: the policy of `--fail-on`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use wsspec_record::results::{CaseResult, Grade};

/// From which grade on a result counts against its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// A broken MUST, on either axis, and results without a judgement.
    #[default]
    Fail,
    /// A SHOULD that was not followed, too.
    NonStrict,
    /// Nothing: the run only informs.
    Never,
}

impl FailOn {
    /// Every policy.
    pub const ALL: &[Self] = &[Self::Fail, Self::NonStrict, Self::Never];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NonStrict => "non-strict",
            Self::Never => "never",
        }
    }

    /// Whether the result counts against its target.
    ///
    /// A result without a judgement counts as soon as anything does: a target that
    /// cannot be reached has shown nothing.
    pub fn fails(self, result: &CaseResult) -> bool {
        match self {
            Self::Fail => result.grade() >= Grade::Bad,
            Self::NonStrict => result.grade() >= Grade::NonStrict,
            Self::Never => false,
        }
    }
}

impl fmt::Display for FailOn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A policy that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no policy: expected fail, non-strict or never")]
pub struct UnknownPolicy {
    /// What was written.
    pub text: String,
}

impl FromStr for FailOn {
    type Err = UnknownPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownPolicy> {
        let known = Self::ALL.iter().find(|policy| policy.name() == text);
        known.copied().ok_or_else(|| UnknownPolicy {
            text: text.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use wsspec_record::results::{Closing, Verdict};

    #[test]
    fn both_axes_count() {
        for (verdict, closing, failing) in [
            (Verdict::Pass, Closing::Ok, &[][..]),
            (Verdict::Info, Closing::Info, &[]),
            (Verdict::Unimplemented, Closing::None, &[]),
            (Verdict::Skipped, Closing::None, &[]),
            (Verdict::NonStrict, Closing::Ok, &[FailOn::NonStrict]),
            (Verdict::Pass, Closing::WrongCode, &[FailOn::NonStrict]),
            (
                Verdict::Fail,
                Closing::Ok,
                &[FailOn::Fail, FailOn::NonStrict],
            ),
            (
                Verdict::Pass,
                Closing::Unclean,
                &[FailOn::Fail, FailOn::NonStrict],
            ),
            (
                Verdict::Error,
                Closing::None,
                &[FailOn::Fail, FailOn::NonStrict],
            ),
        ] {
            let result = fixtures::result("a", "b/c", verdict, closing);
            for policy in FailOn::ALL {
                assert_eq!(
                    policy.fails(&result),
                    failing.contains(policy),
                    "{policy}: {verdict}, {closing}"
                );
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for policy in FailOn::ALL {
            assert_eq!(policy.name().parse(), Ok(*policy));
        }
        let error = "strict".parse::<FailOn>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"strict\" is no policy: expected fail, non-strict or never"
        );
    }
}
