//! How much of RFC 6455 the built-in cases test.

use std::collections::BTreeSet;

use wsspec_cases::coverage::{Coverage, Gaps, Share};
use wsspec_cases::expand::Dose;
use wsspec_cases::requirement::Requirement;
use wsspec_cases::{Suite, Target};

/// What may not get worse: distinct requirements of the levels MUST and MUST NOT that
/// can be seen from outside, with a case, of all of them.
const AT_LEAST: [(Target, usize, usize); 2] =
    [(Target::Server, 143, 145), (Target::Client, 156, 161)];

#[test]
fn most_of_rfc_6455_is_tested() {
    let suite = Suite::embedded(Dose::Small).unwrap();
    let gaps = Gaps::embedded().unwrap();
    for (target, tested, all) in AT_LEAST {
        let coverage = Coverage::of(suite.catalogue(), suite.cases(), &gaps, "6455", target);
        let musts: Share = coverage.of_musts();
        println!("{}: {musts:?}, {:.1} %", target.name(), musts.percent());
        assert_eq!(musts.all, all, "{}", target.name());
        assert!(musts.tested >= tested, "{}: {musts:?}", target.name());
        let bare: Vec<&str> = coverage
            .requirements
            .iter()
            .filter(|covered| covered.requirement.is_distinct() && covered.requirement.is_must())
            .filter(|covered| covered.cases.is_empty() && covered.gap.is_none())
            .map(|covered| covered.requirement.id.as_str())
            .collect();
        assert_eq!(bare, [""; 0], "neither a case nor a reason");
    }
}

#[test]
fn reasons_are_for_requirements_without_a_case() {
    let suite = Suite::embedded(Dose::Small).unwrap();
    let gaps = Gaps::embedded().unwrap();
    let mut seen = BTreeSet::new();
    for (id, target) in gaps.iter() {
        let requirement = suite.catalogue().find(id);
        assert!(
            requirement.is_some_and(|found: &Requirement| found.binds(target)),
            "{id} binds no {}",
            target.name()
        );
        let roles = [Target::Server, Target::Client];
        for role in roles.into_iter().filter(|role| target.includes(*role)) {
            assert!(seen.insert((id, role.name())), "{id} has two reasons");
            let cited = suite
                .cases()
                .filter(|case| case.target.includes(role))
                .find(|case| case.requirements.iter().any(|cited| cited == id));
            let by = cited.map(|case| case.id.as_str());
            assert_eq!(by, None, "{id} has a reason for {}", role.name());
        }
    }
}
