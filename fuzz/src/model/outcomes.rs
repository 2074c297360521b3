//! The lawful courses in the language of cases.

use wsspec_cases::outcome::OnlyCodes;
use wsspec_cases::{Codes, Observation, Outcome, OutcomeClosing, Target, Verdict};

use super::course::{Course, Seen, Worth};
use crate::conversation::script::payload;

/// The outcomes of a case.
pub fn outcomes(courses: &[Course]) -> Vec<Outcome> {
    courses.iter().map(outcome).collect()
}

fn outcome(course: &Course) -> Outcome {
    Outcome {
        verdict: match course.worth {
            Worth::Pass => Verdict::Pass,
            Worth::NonStrict => Verdict::NonStrict,
            Worth::Info => Verdict::Info,
        },
        target: Target::Endpoint,
        observe: trace(&course.trace),
        because: course.because.clone(),
        closing: course.open_end.then_some(OutcomeClosing::Info),
        unsent: None,
        masking_keys: Vec::new(),
        handshake_keys: Vec::new(),
    }
}

fn trace(seen: &[Seen]) -> Vec<Observation> {
    seen.iter().map(observation).collect()
}

fn observation(seen: &Seen) -> Observation {
    match seen {
        Seen::Text(octets) => Observation::Text(payload(octets)),
        Seen::Binary(octets) => Observation::Binary(payload(octets)),
        Seen::Pong(octets) => Observation::Pong(payload(octets)),
        Seen::Closed(codes) => Observation::Closed(Codes::Right(codes.clone())),
        Seen::Failed(codes) => Observation::Failed(Codes::Right(codes.clone())),
        Seen::FailedOnly(codes) => Observation::Failed(Codes::Only(OnlyCodes {
            only: codes.clone(),
        })),
        Seen::Optional(some) => Observation::Optional(trace(some)),
        Seen::Mixed(traces) => {
            Observation::Unordered(traces.iter().map(|some| trace(some)).collect())
        }
        Seen::Anything => Observation::Anything,
    }
}
