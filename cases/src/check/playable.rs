//! What the language can say and the runner cannot do yet. Each rule goes when the runner
//! has learnt it.

use crate::case::Case;
use crate::check::Found;
use crate::error::CaseErrorKind;
use crate::observation::ObservationKind;

pub(super) fn check(case: &Case, found: &mut Found<'_>) {
    let cannot = |what: &'static str| CaseErrorKind::NotPlayable { what };
    if !case.connections.is_empty() {
        found(&["connections".into()], cannot("a second connection"));
    }
    for (at, outcome) in case.outcomes.iter().enumerate() {
        outcome.visit(&mut |observation| {
            if matches!(observation.kind, ObservationKind::Nothing(_)) {
                found(&["outcomes".into(), at.into()], cannot("`nothing`"));
            }
        });
    }
}
