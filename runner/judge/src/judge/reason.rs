//! Why a verdict is what it is: the order in which things are looked at.

use wsspec_record::reason::Absence;
use wsspec_record::transcript::NoConnection;
use wsspec_record::transcript::Phase;
use wsspec_record::{Event, Failure, Reason, Verdict};

use super::opening::OpeningState;
use super::{BARRIER, Judge};
use crate::observe::octets;

/// Something that leaves no outcome but this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fall {
    pub(super) verdict: Verdict,
    pub(super) failure: Failure,
    pub(super) reason: Reason,
    /// The requirement that is broken, where it is another than the case's own.
    pub(super) requirement: Option<String>,
}

impl Fall {
    fn new(failure: Failure, reason: Reason) -> Self {
        Self {
            verdict: Verdict::Fail,
            failure,
            reason,
            requirement: None,
        }
    }

    fn of(failure: Failure, reason: Reason, requirement: Option<&str>) -> Self {
        Self {
            requirement: requirement.map(str::to_owned),
            ..Self::new(failure, reason)
        }
    }

    fn unreachable(reason: Reason) -> Self {
        Self {
            verdict: Verdict::Error,
            ..Self::new(Failure::Unreachable, reason)
        }
    }
}

impl Judge<'_> {
    /// What speaks against every outcome, or against all but `chosen`; the weightiest
    /// first.
    pub(super) fn find_fall(&self, chosen: Option<usize>) -> Option<Fall> {
        self.absence_fall()
            .or_else(|| {
                let status = self.died.clone()?;
                Some(Fall::new(Failure::TargetDied, Reason::Died { status }))
            })
            .or_else(|| self.opening_fall())
            .or_else(|| {
                let oddity = self.violation?;
                let (kind, reason) = (Failure::UnlawfulFrame, Reason::Frame(oddity));
                Some(Fall::of(kind, reason, oddity.requirement()))
            })
            .or_else(|| {
                let octets = self.flooded?;
                Some(Fall::new(Failure::Flood, Reason::Flooded { octets }))
            })
            .or_else(|| (self.phase == Phase::Liveness).then(|| self.not_alive()))
            .or_else(|| chosen.is_none().then(|| self.wrong_course()))
    }

    /// Nobody came, or somebody else.
    fn absence_fall(&self) -> Option<Fall> {
        let stray = self.stray_in_its_place();
        if let Some(stray) = stray
            && let Some(requirement) = stray.requirement()
        {
            let reason = Reason::Stray(stray.clone());
            return Some(Fall::of(
                Failure::OpeningHandshake,
                reason,
                Some(requirement),
            ));
        }
        let reason = self.not_connected.clone()?;
        if let NoConnection::Ours { .. } = reason {
            let reason = Reason::NotConnected { reason };
            return Some(Fall {
                failure: Failure::Harness,
                ..Fall::unreachable(reason)
            });
        }
        Some(Fall::unreachable(match stray {
            Some(stray) => Reason::Stray(stray.clone()),
            None => Reason::NotConnected { reason },
        }))
    }

    fn opening_fall(&self) -> Option<Fall> {
        let failed = |reason| Fall::new(Failure::OpeningHandshake, reason);
        match &self.opening {
            OpeningState::Succeeded => None,
            OpeningState::Faulty(fault) => {
                let reason = Reason::Head(fault.clone());
                let requirement = Some(fault.requirement.as_str());
                Some(Fall::of(Failure::OpeningHandshake, reason, requirement))
            }
            OpeningState::Refused(found) => Some(failed(Reason::Status { found: *found })),
            OpeningState::Open if self.is_satisfied_without_opening() => None,
            OpeningState::Open if self.stayed_away => Some(self.wrong_course()),
            OpeningState::Open if self.flooded.is_some() => {
                let reason = Reason::NoResponse(Absence::Endless);
                Some(Fall::new(Failure::Flood, reason))
            }
            OpeningState::Open if self.timed_out => {
                let reason = Reason::NoResponse(Absence::TimedOut);
                Some(Fall::new(Failure::Timeout, reason))
            }
            OpeningState::Open => Some(failed(Reason::NoResponse(Absence::Ended))),
        }
    }

    fn not_alive(&self) -> Fall {
        let answer = self
            .trace
            .iter()
            .rfind(|event| !matches!(event, Event::Head(_)));
        let what = match answer {
            Some(Event::Close { .. } | Event::End { .. }) => Absence::Ended,
            Some(_) => Absence::SomethingElse,
            None => Absence::TimedOut,
        };
        Fall::new(Failure::NotAlive, Reason::NotAlive(what))
    }

    fn wrong_course(&self) -> Fall {
        let satisfied = self
            .outcomes
            .iter()
            .filter(|outcome| outcome.is_satisfied());
        let mut faults = satisfied.filter_map(|outcome| self.key_fault(outcome.outcome()));
        if let Some(fault) = faults.next() {
            return Fall::new(Failure::WrongAnswer, fault);
        }
        let barrier = Event::Text(octets(BARRIER.as_bytes()));
        if self.trace.contains(&barrier) {
            return Fall::new(Failure::WrongAnswer, Reason::WentOn);
        }
        let Some(best) = self.outcomes.first() else {
            return Fall::new(Failure::Harness, Reason::NoOutcome);
        };
        let list = |expected: &[&wsspec_cases::Observation]| {
            let expected = expected.iter();
            expected.map(|one| (*one).clone()).collect()
        };
        match best.fallen() {
            Some((expected, Some(event))) => {
                let failure = match event {
                    Event::Close { .. } | Event::End { .. } => Failure::Dropped,
                    _ => Failure::WrongAnswer,
                };
                let (expected, came) = (list(expected), event.brief());
                Fall::new(failure, Reason::Instead { expected, came })
            }
            Some((expected, None)) => {
                let expected = list(expected);
                Fall::new(Failure::WrongAnswer, Reason::NotBeforeItsEnd { expected })
            }
            None => {
                let (expected, timed_out) = (list(&best.expected()), self.timed_out);
                let failure = match timed_out {
                    true => Failure::Timeout,
                    false => Failure::WrongAnswer,
                };
                Fall::new(
                    failure,
                    Reason::Missing {
                        expected,
                        timed_out,
                    },
                )
            }
        }
    }

    fn is_satisfied_without_opening(&self) -> bool {
        self.outcomes
            .iter()
            .any(|outcome| outcome.expects_opening() && outcome.is_satisfied())
    }
}
