//! Why a verdict is what it is: the order in which things are looked at.

use wsspec_cases::{Observation, ObservationKind};
use wsspec_record::reason::Absence;
use wsspec_record::transcript::NoConnection;
use wsspec_record::transcript::Phase;
use wsspec_record::{Event, Failure, Oddity, Reason, Verdict};

use super::connection::Connection;
use super::opening::OpeningState;
use super::{BARRIER, Judge};
use crate::observe::octets;

/// Something that leaves no outcome but this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fall {
    pub(super) verdict: Verdict,
    pub(super) failure: Failure,
    pub(super) reason: Reason,
    /// The requirement that is broken.
    pub(super) requirement: Option<String>,
}

impl Fall {
    fn new(failure: Failure, reason: Reason, requirement: Option<String>) -> Self {
        Self {
            verdict: Verdict::Fail,
            failure,
            reason,
            requirement,
        }
    }

    fn unreachable(reason: Reason) -> Self {
        Self {
            verdict: Verdict::Error,
            ..Self::new(Failure::Unreachable, reason, None)
        }
    }

    /// The same, told of another connection than the main one.
    fn on(self, connection: Option<&str>) -> Self {
        match connection {
            None => self,
            Some(name) => Self {
                reason: Reason::On {
                    connection: name.to_owned(),
                    reason: Box::new(self.reason),
                },
                ..self
            },
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
                Some(self.fall(Failure::TargetDied, Reason::Died { status }))
            })
            .or_else(|| self.opening_fall())
            .or_else(|| {
                let mut connections = self.connections.iter();
                connections.find_map(|connection| self.fault_on(connection))
            })
            .or_else(|| {
                let mut others = self.connections[1..].iter();
                others.find_map(|other| self.unasked_end(other))
            })
            .or_else(|| chosen.is_none().then(|| self.wrong_course()))
    }

    /// A failure of what the case is about.
    fn fall(&self, failure: Failure, reason: Reason) -> Fall {
        let best = self.main().outcomes.first();
        let outcome = best.map(super::Tracker::outcome);
        Fall::new(failure, reason, self.requirement_of(&[], outcome))
    }

    /// Nobody came, or somebody else.
    fn absence_fall(&self) -> Option<Fall> {
        let stray = self.stray_in_its_place();
        if let Some(stray) = stray
            && let Some(requirement) = stray.requirement()
        {
            let reason = Reason::Stray(stray.clone());
            let requirement = Some(requirement.to_owned());
            return Some(Fall::new(Failure::OpeningHandshake, reason, requirement));
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
        let main = self.main();
        match &main.opening {
            OpeningState::Succeeded => None,
            OpeningState::Faulty(fault) => {
                let requirement = Some(fault.requirement.clone());
                let reason = Reason::Head(fault.clone());
                Some(Fall::new(Failure::OpeningHandshake, reason, requirement))
            }
            OpeningState::Refused(found) => {
                let reason = Reason::Status { found: *found };
                Some(self.fall(Failure::OpeningHandshake, reason))
            }
            OpeningState::Open if self.is_satisfied_without_opening() => None,
            OpeningState::Open if self.stayed_away => Some(self.wrong_course()),
            OpeningState::Open => {
                let (failure, absence) = if main.flooded.is_some() {
                    (Failure::Flood, Absence::Endless)
                } else if main.timed_out {
                    (Failure::Timeout, Absence::TimedOut)
                } else {
                    (Failure::OpeningHandshake, Absence::Ended)
                };
                Some(self.fall(failure, Reason::NoResponse(absence)))
            }
        }
    }

    /// What is wrong on a connection whatever the outcomes say.
    fn fault_on(&self, connection: &Connection<'_>) -> Option<Fall> {
        let frame = |oddity: Oddity| {
            let requirement = oddity.requirement().map(str::to_owned);
            Fall::new(Failure::UnlawfulFrame, Reason::Frame(oddity), requirement)
        };
        let closing_fault = connection.closing_fault;
        let fall = if let Some(oddity) = connection.violation {
            frame(oddity)
        } else if let Some(oddity) = closing_fault.filter(|odd| self.is_about_closing(*odd)) {
            frame(oddity)
        } else if let Some(octets) = connection.flooded {
            self.fall(Failure::Flood, Reason::Flooded { octets })
        } else if connection.phase == Phase::Liveness {
            self.fall(
                Failure::NotAlive,
                Reason::NotAlive(absence_of_life(connection)),
            )
        } else if let Some(came) = &connection.early_end {
            let came = came.brief();
            self.fall(Failure::NotAlive, Reason::EndedBeforeScript { came })
        } else {
            return None;
        };
        Some(fall.on(connection.name))
    }

    /// Whether a fault of the closing handshake is what the case is about: it cites the
    /// requirement, or an outcome speaks of that handshake.
    fn is_about_closing(&self, oddity: Oddity) -> bool {
        let cited = |id| self.case.requirements.iter().any(|cited| cited == id);
        let speaks = |observation: &Observation| {
            matches!(
                observation.kind,
                ObservationKind::AnswersClose(_) | ObservationKind::BeginsClosing(_)
            )
        };
        let mut outcomes = self.main().outcomes.iter();
        oddity.requirement().is_some_and(cited)
            || outcomes.any(|outcome| outcome.outcome().trace.iter().any(speaks))
    }

    /// The end of another connection than the main one that nobody asked for.
    fn unasked_end(&self, other: &Connection<'_>) -> Option<Fall> {
        let mut outcomes = other.outcomes.iter();
        let came = other.closing.unasked_end()?;
        if outcomes.any(|outcome| outcome.ends_by_itself() && outcome.is_satisfied()) {
            return None;
        }
        let expected = other.outcomes.first().map(super::Tracker::expected);
        let expected = expected.unwrap_or_default();
        let requirement = self.requirement_of(&expected, None);
        let expected = owned(&expected);
        let reason = Reason::Instead { expected, came };
        Some(Fall::new(Failure::Dropped, reason, requirement).on(other.name))
    }

    /// No outcome came true.
    fn wrong_course(&self) -> Fall {
        let satisfied = self
            .main()
            .outcomes
            .iter()
            .filter(|outcome| outcome.is_satisfied());
        let mut faults = satisfied.filter_map(|outcome| {
            let reason = self.key_fault(outcome.outcome())?;
            Some((reason, outcome.outcome()))
        });
        if let Some((reason, outcome)) = faults.next() {
            let requirement = self.requirement_of(&[], Some(outcome));
            return Fall::new(Failure::WrongAnswer, reason, requirement);
        }
        let barrier = Event::Text(octets(BARRIER.as_bytes()));
        if self.main().trace.contains(&barrier) {
            return self.fall(Failure::WrongAnswer, Reason::WentOn);
        }
        if self.main().outcomes.is_empty() {
            return self.fall(Failure::Harness, Reason::NoOutcome);
        }
        // Of the best outcome, the first connection on which it did not come true.
        let unsatisfied = |connection: &&Connection<'_>| !connection.outcomes[0].is_satisfied();
        let mut connections = self.connections.iter();
        let connection = connections.find(unsatisfied).unwrap_or(self.main());
        self.wrong_course_on(connection)
    }

    fn wrong_course_on(&self, connection: &Connection<'_>) -> Fall {
        let best = &connection.outcomes[0];
        let told = |failure, expected: &[&Observation], reason| {
            let requirement = self.requirement_of(expected, Some(best.outcome()));
            Fall::new(failure, reason, requirement).on(connection.name)
        };
        match best.fallen() {
            // What comes once the time is over was not waited for any more.
            Some((expected, Some(event))) if !best.is_late() => {
                let failure = match event {
                    Event::Close { .. } | Event::End { .. } => Failure::Dropped,
                    _ => Failure::WrongAnswer,
                };
                let came = event.brief();
                let instead = Reason::Instead {
                    expected: owned(expected),
                    came,
                };
                told(failure, expected, instead)
            }
            Some((expected, None)) => {
                let reason = Reason::NotBeforeItsEnd {
                    expected: owned(expected),
                };
                told(Failure::WrongAnswer, expected, reason)
            }
            fallen => {
                let remaining = best.expected();
                let expected = fallen.map_or(&remaining[..], |(expected, _)| expected);
                let timed_out = connection.timed_out;
                let failure = match timed_out {
                    true => Failure::Timeout,
                    false => Failure::WrongAnswer,
                };
                let missing = Reason::Missing {
                    expected: owned(expected),
                    timed_out,
                };
                told(failure, expected, missing)
            }
        }
    }

    fn is_satisfied_without_opening(&self) -> bool {
        let mut outcomes = self.main().outcomes.iter();
        outcomes.any(|outcome| outcome.expects_opening() && outcome.is_satisfied())
    }
}

fn absence_of_life(connection: &Connection<'_>) -> Absence {
    let mut trace = connection.trace.iter();
    match trace.rfind(|event| !matches!(event, Event::Head(_))) {
        Some(Event::Close { .. } | Event::End { .. }) => Absence::Ended,
        Some(_) => Absence::SomethingElse,
        None => Absence::TimedOut,
    }
}

fn owned(expected: &[&Observation]) -> Vec<Observation> {
    expected.iter().map(|one| (*one).clone()).collect()
}
