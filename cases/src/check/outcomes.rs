//! Rules for outcomes.

use crate::case::{Case, Liveness};
use crate::check::{Found, check_payload, requirement};
use crate::error::CaseErrorKind;
use crate::load::PathPart;
use crate::observation::{Observation, ObservationKind, trace_proves_life};
use crate::outcome::{Outcome, OutcomeVerdict};
use crate::requirement::Catalogue;
use crate::target::Target;

pub(super) fn check(case: &Case, catalogue: &Catalogue, found: &mut Found<'_>) {
    if case.outcomes.is_empty() {
        found(&["outcomes".into()], CaseErrorKind::NoOutcome);
    }
    let mut previous: Option<&Outcome> = None;
    for (at, outcome) in case.outcomes.iter().enumerate() {
        let path: [PathPart; 2] = ["outcomes".into(), at.into()];
        if outcome.verdict != OutcomeVerdict::Pass && outcome.because.is_none() {
            found(&path, CaseErrorKind::NoReason);
        }
        if let Some(previous) = previous
            && outcome.verdict.rank() < previous.verdict.rank()
        {
            let (this, previous) = (outcome.verdict.name(), previous.verdict.name());
            found(&path, CaseErrorKind::OutcomeOrder { this, previous });
        }
        previous = Some(outcome);
        if ends_early(&outcome.trace) {
            found(&path, CaseErrorKind::BehindTheEnd);
        }
        if outcome.verdict.is_good()
            && case.liveness() == Liveness::None
            && is_vacuous(&outcome.trace)
        {
            let verdict = outcome.verdict.name();
            found(&path, CaseErrorKind::VacuousPass { verdict });
        }
        for observation in &outcome.trace {
            observation_payloads(observation, &path, found);
        }
        requirements(case, outcome, catalogue, &path, found);
    }
}

/// Whether a target that does nothing could follow this trace.
fn is_vacuous(trace: &[Observation]) -> bool {
    match trace.first().map(|first| &first.kind) {
        // That it connects elsewhere is shown right before.
        Some(ObservationKind::Refused(_) | ObservationKind::StaysAway(_)) => false,
        // A case on the opening handshake alone: the handshake is the proof.
        Some(ObservationKind::Opened(_)) => trace.len() > 1 && !trace_proves_life(&trace[1..]),
        _ => !trace_proves_life(trace),
    }
}

/// Whether something stands behind what nothing can follow.
fn ends_early(trace: &[Observation]) -> bool {
    let inner =
        |observation: &Observation| observation.traces().iter().any(|trace| ends_early(trace));
    let last = trace.len().saturating_sub(1);
    trace.iter().any(inner) || trace[..last].iter().any(ends_its_connection)
}

/// Whether nothing more comes on the connection: another one may go on.
fn ends_its_connection(observation: &Observation) -> bool {
    observation.on.is_none() && observation.traces().is_empty() && observation.ends_trace()
}

/// The requirements that expectations stand for: not to meet one fails the case, so that
/// it has to be one that can be broken.
fn requirements(
    case: &Case,
    outcome: &Outcome,
    catalogue: &Catalogue,
    path: &[PathPart],
    found: &mut Found<'_>,
) {
    let mut named: Vec<&str> = outcome.requirement.as_deref().into_iter().collect();
    outcome.visit(&mut |observation| named.extend(observation.requirement.as_deref()));
    let target = match case.target {
        Target::Endpoint => outcome.target,
        target => target,
    };
    for id in named {
        requirement(id, target, catalogue, path, found);
        let open = catalogue.find(id).filter(|found| !found.is_must());
        if let Some(open) = open
            && case.can_fail()
        {
            let (id, level) = (id.to_owned(), open.level.clone());
            found(path, CaseErrorKind::RequirementLevel { id, level });
        }
    }
}

pub(super) fn observation_payloads(
    observation: &Observation,
    path: &[PathPart],
    found: &mut Found<'_>,
) {
    if let Some(payload) = observation.payload() {
        check_payload(payload, path, found);
    }
    for trace in observation.traces() {
        for observation in trace {
            observation_payloads(observation, path, found);
        }
    }
}
