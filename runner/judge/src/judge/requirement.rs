//! Which requirement a failure breaks.

use std::sync::LazyLock;

use wsspec_cases::requirement::Catalogue;
use wsspec_cases::{Observation, Outcome};

use super::Judge;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(wsspec_cases::suite::catalogue);

impl Judge<'_> {
    /// The requirement that is broken where one of these observations did not come: that
    /// of the observation, of the outcome, or the first that the case cites. A failure
    /// breaks a MUST, so that a SHOULD or MAY among them is passed over.
    pub(super) fn requirement_of(
        &self,
        expected: &[&Observation],
        outcome: Option<&Outcome>,
    ) -> Option<String> {
        let observed = expected.iter().filter_map(|one| one.requirement.as_ref());
        let told = outcome.and_then(|outcome| outcome.requirement.as_ref());
        let mut all = observed.chain(told).chain(&self.case.requirements);
        all.find(|id| {
            let known = CATALOGUE.find(id);
            known.is_none_or(|known| known.is_must() && known.binds(self.target))
        })
        .cloned()
    }
}
