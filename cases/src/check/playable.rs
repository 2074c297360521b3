//! What the language can say and the runner cannot do yet. Each rule goes when the runner
//! has learnt it.

use crate::case::Case;
use crate::check::Found;
use crate::error::CaseErrorKind;
use crate::frame::Frame;
use crate::observation::ObservationKind;
use crate::step::StepKind;

pub(super) fn check(case: &Case, found: &mut Found<'_>) {
    let cannot = |what: &'static str| CaseErrorKind::NotPlayable { what };
    if !case.connections.is_empty() {
        found(&["connections".into()], cannot("a second connection"));
    }
    if case.opening.followed_by.iter().any(is_compressed) {
        found(&["opening".into()], cannot("a compressed message"));
    }
    for (at, step) in case.script.iter().enumerate() {
        let path = ["script".into(), at.into()];
        let compresses = match &step.kind {
            StepKind::Send(send) => send.frames.iter().any(is_compressed),
            StepKind::EchoLoop(echo) => is_compressed(&echo.message),
            _ => false,
        };
        if compresses {
            found(&path, cannot("a compressed message"));
        }
    }
    for (at, outcome) in case.outcomes.iter().enumerate() {
        outcome.visit(&mut |observation| {
            if matches!(observation.kind, ObservationKind::Nothing(_)) {
                found(&["outcomes".into(), at.into()], cannot("`nothing`"));
            }
        });
    }
}

fn is_compressed(frame: &Frame) -> bool {
    frame.compress.is_some()
}
