//! Which of the selected cases are played: by section, those that failed, a part of them.

use std::collections::HashSet;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use wsspec_cases::{Case, Suite};
use wsspec_record::results::Shard;
use wsspec_record::store::load;
use wsspec_reports::FailOn;

use super::part::Part;
use super::{Exit, problem};

/// Which of the selected cases.
#[derive(Debug, Clone, Args)]
pub(super) struct ChoiceOptions {
    /// Play only cases about this section of RFC 6455 and those below it, or of another RFC: 5.5.1, 7692:7.2; repeatable
    #[arg(long, value_name = "SECTION")]
    rfc: Vec<Section>,
    /// Play only what failed in the run whose report is in --out
    #[arg(long)]
    last_failed: bool,
    /// Play only the I-th of N parts; `wsspec report merge` makes one report of all of them
    #[arg(long, value_name = "I/N")]
    shard: Option<Part>,
    /// List what would be played, and play nothing
    #[arg(long)]
    list: bool,
}

/// A section of an RFC.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    rfc: String,
    section: String,
}

impl FromStr for Section {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rfc, section) = text.split_once(':').unwrap_or(("6455", text));
        let section = section.trim_start_matches('§');
        let is_section = !section.is_empty()
            && section.split('.').all(|part| {
                !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_alphanumeric())
            });
        match is_section && rfc.bytes().all(|octet| octet.is_ascii_digit()) {
            true => Ok(Self {
                rfc: rfc.to_owned(),
                section: section.to_owned(),
            }),
            false => Err(format!(
                "{text:?} is no section; expected one such as 5.5.1 or 7692:7.2"
            )),
        }
    }
}

impl Section {
    fn has(&self, suite: &Suite, case: &Case) -> bool {
        let mut cited = case
            .requirements
            .iter()
            .filter_map(|id| suite.catalogue().find(id));
        cited.any(|requirement| {
            let below = requirement.section.strip_prefix(&self.section);
            let below = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            requirement.rfc() == self.rfc && below
        })
    }
}

impl ChoiceOptions {
    /// Leaves of the cases those to play, and tells which part of a run they are. `out` is the
    /// folder of the last run, `fail_on` what counted as a failure.
    ///
    /// # Errors
    /// The exit status: there are none, or they were listed.
    pub(super) fn choose(
        &self,
        suite: &Suite,
        cases: &mut Vec<Arc<Case>>,
        out: &Path,
        fail_on: FailOn,
    ) -> Result<Option<Shard>, Exit> {
        if !self.rfc.is_empty() {
            cases.retain(|case| self.rfc.iter().any(|section| section.has(suite, case)));
            some(cases, "no selected case is about that section")?;
        }
        if self.last_failed {
            let failed = last_failed(out, fail_on)?;
            cases.retain(|case| failed.contains(&case.id));
            some(cases, "none of the selected cases failed in the last run")?;
        }
        let shard = match self.shard {
            Some(part) => Some(part.take(cases)?),
            None => None,
        };
        if self.list {
            for case in cases {
                anstream::println!("{}", case.id);
            }
            return Err(Exit::Conforms);
        }
        Ok(shard)
    }
}

fn some(cases: &[Arc<Case>], words: &str) -> Result<(), Exit> {
    match cases.is_empty() {
        true => Err(problem::complain(Exit::Usage, words)),
        false => Ok(()),
    }
}

/// The ids of the cases that failed in the last run, or have no result there.
fn last_failed(out: &Path, fail_on: FailOn) -> Result<HashSet<String>, Exit> {
    let last = load(out).map_err(|error| problem::fail(Exit::Usage, &error))?;
    let mut failed: HashSet<String> = HashSet::new();
    for target in &last.header.targets {
        let of_target = last.results.iter();
        let of_target = of_target.filter(|result| result.target == target.name);
        let mut missing: HashSet<&String> = last.header.order.iter().collect();
        for result in of_target {
            missing.remove(&result.case);
            if fail_on.fails(result) {
                failed.insert(result.case.clone());
            }
        }
        failed.extend(missing.into_iter().cloned());
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsspec_cases::expand::Dose;

    #[test]
    fn sections_have_what_stands_below_them() {
        let suite = Suite::embedded(Dose::Small).unwrap();
        let about = |text: &str| {
            let section: Section = text.parse().unwrap();
            suite
                .cases()
                .filter(|case| section.has(&suite, case))
                .count()
        };
        assert!(about("5.5.1") > 0 && about("5.5") > about("5.5.1"));
        assert!(about("7692:7.1") > 0);
        assert_eq!((about("5.55"), about("9999:1")), (0, 0));
        for text in ["", "a b", "x:5", "5..1", "5."] {
            assert!(text.parse::<Section>().is_err(), "{text:?}");
        }
    }
}
