//! The lawful courses in the language of cases.

use wsspec_cases::{
    Codes, Observation, ObservationKind, Outcome, OutcomeClosing, OutcomeVerdict, Trace,
};

use super::course::{BYTE_ORDER_MARK, Course, Seen, Worth};
use crate::conversation::script::payload;

/// The outcomes of a case.
pub fn outcomes(courses: &[Course]) -> Vec<Outcome> {
    courses.iter().map(outcome).collect()
}

fn outcome(course: &Course) -> Outcome {
    let verdict = match course.worth {
        Worth::Pass => OutcomeVerdict::Pass,
        Worth::NonStrict => OutcomeVerdict::NonStrict,
        Worth::Info => OutcomeVerdict::Info,
    };
    Outcome {
        because: course.because.clone(),
        closing: course.open_end.then_some(OutcomeClosing::Info),
        ..Outcome::new(verdict, trace(&course.trace))
    }
}

fn trace(seen: &[Seen]) -> Trace {
    seen.iter().map(observation).collect()
}

fn observation(seen: &Seen) -> Observation {
    let kind = match seen {
        Seen::Text(octets) => ObservationKind::Text(payload(octets)),
        Seen::MarkedText(octets) => {
            let text = |octets| vec![ObservationKind::Text(payload(octets)).into()];
            let bare = &octets[BYTE_ORDER_MARK.len()..];
            ObservationKind::AnyOf(vec![text(octets), text(bare)])
        }
        Seen::Binary(octets) => ObservationKind::Binary(payload(octets)),
        Seen::Pong(octets) => ObservationKind::Pong(payload(octets)),
        Seen::Closed(codes) => ObservationKind::AnswersClose(Codes::Best(codes.clone())),
        Seen::Failed(codes) => ObservationKind::Fails(Codes::Best(codes.clone())),
        Seen::FailedOnly(codes) => ObservationKind::Fails(Codes::Only(codes.clone())),
        Seen::Optional(some) => ObservationKind::Optional(trace(some)),
        Seen::Mixed(traces) => {
            ObservationKind::Unordered(traces.iter().map(|some| trace(some)).collect())
        }
    };
    Observation {
        requirement: requirement(seen).map(str::to_owned),
        ..kind.into()
    }
}

/// What is broken where this does not come, and the case does not say it already.
const fn requirement(seen: &Seen) -> Option<&'static str> {
    match seen {
        Seen::Text(_) | Seen::MarkedText(_) | Seen::Binary(_) => Some("6455-6.2-4"),
        Seen::Pong(_) => Some("6455-5.5.2-3"),
        Seen::Closed(_) => Some("6455-5.5.1-8"),
        _ => None,
    }
}
