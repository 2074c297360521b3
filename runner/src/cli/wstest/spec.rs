//! The spec files of Autobahn's wstest.

use std::collections::BTreeMap;

use serde::Deserialize;
use wsspec_cases::Case;

/// A spec file of wstest, for either role.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct Spec {
    /// The folder of the report.
    pub(super) outdir: Option<String>,
    /// Where a fuzzingserver listens.
    pub(super) url: Option<String>,
    /// The servers that a fuzzingclient grades.
    pub(super) servers: Vec<SpecServer>,
    /// The cases to play; all where nothing is said.
    pub(super) cases: Option<Vec<String>>,
    /// The cases to leave out.
    pub(super) exclude_cases: Vec<String>,
    /// The cases to leave out for agents whose name fits.
    pub(super) exclude_agent_cases: BTreeMap<String, Vec<String>>,
    /// The private key and the certificate of a fuzzingserver.
    pub(super) key: Option<String>,
    /// See above.
    pub(super) cert: Option<String>,
    /// The subprotocols of a fuzzingserver.
    pub(super) protocols: Vec<String>,
}

/// A server that a fuzzingclient grades.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct SpecServer {
    pub(super) url: String,
    /// Its name in the report.
    pub(super) agent: Option<String>,
    /// What the Host field says.
    pub(super) hostname: Option<String>,
    /// What the Origin field says.
    pub(super) origin: Option<String>,
    /// The subprotocols that are offered.
    pub(super) protocols: Vec<String>,
}

impl Spec {
    /// The ids of the cases to play, in the order of Autobahn's numbers.
    pub(super) fn chosen<'a>(&self, cases: impl Iterator<Item = &'a Case>) -> Vec<String> {
        let mut chosen: Vec<(Vec<u32>, &str)> = Vec::new();
        for case in cases {
            let Some(number) = case.autobahn.as_deref() else {
                continue;
            };
            let included = self.cases.as_deref().is_none_or(|globs| any(globs, number));
            if included && !any(&self.exclude_cases, number) {
                let parts = number.split('.').map(|part| part.parse().unwrap_or(0));
                chosen.push((parts.collect(), &case.id));
            }
        }
        chosen.sort();
        chosen.into_iter().map(|(_, id)| id.to_owned()).collect()
    }

    /// Whether a case is left out for an agent.
    pub(super) fn leaves_out(&self, agent: &str, case: &Case) -> bool {
        let Some(number) = case.autobahn.as_deref() else {
            return false;
        };
        let mut rules = self.exclude_agent_cases.iter();
        rules.any(|(name, globs)| fits(name, agent) && any(globs, number))
    }
}

fn any(globs: &[String], text: &str) -> bool {
    globs.iter().any(|glob| fits(glob, text))
}

/// Whether a text fits one of wstest's globs: a star stands for anything, and with one in it a
/// glob is anchored in front only, so that `2.1*` and `2.*0` select 2.10 and `2.*1` does, too.
fn fits(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or_default();
    if first.len() == glob.len() {
        return glob == text;
    }
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsspec_cases::Suite;
    use wsspec_cases::expand::Dose;

    #[test]
    fn globs_are_anchored_in_front_only() {
        for (glob, text, expected) in [
            ("*", "1.1.1", true),
            ("2.1", "2.1", true),
            ("2.1", "2.10", false),
            ("2.1*", "2.10", true),
            ("2.*1", "2.10", true),
            ("1.*", "11.1", false),
            ("6.*.1", "6.22.10", true),
            ("13.3.*-13.6.*", "13.3.1", false),
            ("", "1.1.1", false),
            ("AutobahnPython*", "AutobahnPython/0.6", true),
        ] {
            assert_eq!(fits(glob, text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn cases_are_chosen_in_the_order_of_their_numbers() {
        let suite = Suite::embedded(Dose::Small).unwrap();
        let spec: Spec = serde_json::from_str(
            r#"{"options": {"failByDrop": false}, "webport": 8080,
                "cases": ["2.*", "1.1.1", "99.1", ""], "exclude-cases": ["2.1*", "2.2"],
                "exclude-agent-cases": {"slow*": ["2.5"]}}"#,
        )
        .unwrap();
        let numbers: Vec<&str> = spec
            .chosen(suite.cases())
            .iter()
            .map(|id| suite.find(id).unwrap().case.autobahn.as_deref().unwrap())
            .collect();
        assert_eq!(
            numbers,
            ["1.1.1", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9"]
        );
        let case = |number: &str| {
            let mut cases = suite.cases();
            cases
                .find(|case| case.autobahn.as_deref() == Some(number))
                .unwrap()
        };
        assert!(spec.leaves_out("slow one", case("2.5")));
        assert!(!spec.leaves_out("slow one", case("2.6")));
        assert!(!spec.leaves_out("a slow one", case("2.5")));
        assert_eq!(Spec::default().chosen(suite.cases()).len(), 247);
    }
}
