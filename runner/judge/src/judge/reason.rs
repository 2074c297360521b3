//! Why a verdict is what it is: the order in which things are looked at, and words.

use wsspec_record::{Failure, Verdict};
use wsspec_reports::words;

use super::{Event, Judge, OpeningState};
use crate::judge::BARRIER;
use crate::observe::octets;
use wsspec_record::transcript::{Phase, Stray};

/// Something that leaves no outcome but this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fall {
    pub(super) verdict: Verdict,
    pub(super) failure: Failure,
    pub(super) reason: String,
    /// The requirement that is broken, where it is another than the case's own.
    pub(super) requirement: Option<String>,
}

impl Fall {
    fn new(failure: Failure, reason: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fail,
            failure,
            reason: reason.into(),
            requirement: None,
        }
    }
}

impl Judge<'_> {
    /// What speaks against every outcome, or against all but `chosen`; the weightiest
    /// first.
    pub(super) fn find_fall(&self, chosen: Option<usize>) -> Option<Fall> {
        let stray = self.stray_in_its_place();
        if let Some((stray, requirement)) =
            stray.and_then(|stray| Some((stray, stray.requirement()?)))
        {
            return Some(Fall {
                requirement: Some(requirement.to_owned()),
                ..Fall::new(Failure::OpeningHandshake, stray_words(stray))
            });
        }
        if let Some(reason) = &self.not_connected {
            if let Some(stray) = stray {
                return Some(Fall {
                    verdict: Verdict::Error,
                    ..Fall::new(Failure::Unreachable, stray_words(stray))
                });
            }
            return Some(Fall {
                verdict: Verdict::Error,
                ..Fall::new(
                    Failure::Unreachable,
                    format!("No connection could be made: {reason}."),
                )
            });
        }
        if let Some(status) = &self.died {
            let reason = format!("The target's process ended while this case ran: {status}.");
            return Some(Fall::new(Failure::TargetDied, reason));
        }
        if let Some(fall) = self.opening_fall() {
            return Some(fall);
        }
        if let Some(oddity) = self.violation {
            let facts = oddity.facts();
            return Some(Fall {
                requirement: facts.requirement.map(str::to_owned),
                ..Fall::new(
                    Failure::UnlawfulFrame,
                    format!("The target {}.", facts.words),
                )
            });
        }
        if let Some(octets) = self.flooded {
            let octets = words::octets(octets);
            let reason = format!("The target sent more than any answer can need: {octets}.");
            return Some(Fall::new(Failure::Flood, reason));
        }
        if self.phase == Phase::Liveness {
            return Some(Fall::new(Failure::NotAlive, self.not_alive()));
        }
        if chosen.is_none() {
            let keys = self
                .outcomes
                .iter()
                .filter(|outcome| outcome.is_satisfied());
            let mut faults = keys.filter_map(|outcome| self.key_fault(outcome.outcome()));
            if let Some(fault) = faults.next() {
                return Some(Fall::new(Failure::WrongAnswer, fault));
            }
            return Some(self.wrong_course());
        }
        None
    }

    fn opening_fall(&self) -> Option<Fall> {
        match &self.opening {
            OpeningState::Failed(requirement, reason) => Some(Fall {
                requirement: requirement.clone(),
                ..Fall::new(Failure::OpeningHandshake, reason.clone())
            }),
            OpeningState::Open if self.is_satisfied_without_opening() => None,
            OpeningState::Open if self.stayed_away => Some(self.wrong_course()),
            OpeningState::Open => {
                let reason = if self.flooded.is_some() {
                    return Some(Fall::new(
                        Failure::Flood,
                        "The response to the opening handshake has no end.",
                    ));
                } else if self.timed_out.is_some() {
                    return Some(Fall::new(
                        Failure::Timeout,
                        "The target did not answer the opening handshake in time.",
                    ));
                } else {
                    "The target ended the connection instead of answering the opening handshake."
                };
                Some(Fall::new(Failure::OpeningHandshake, reason))
            }
            OpeningState::Succeeded => None,
        }
    }

    fn not_alive(&self) -> String {
        let answer = self
            .trace
            .iter()
            .rfind(|event| !matches!(event, Event::Opened { .. }));
        let what = match answer {
            Some(Event::Close(..) | Event::End { .. }) => "ended the connection",
            Some(_) => "answered something else",
            None => "answered nothing in time",
        };
        format!(
            "Before the script began, the target was to echo a message; it {what}, so that nothing it does later \
             proves anything."
        )
    }

    fn wrong_course(&self) -> Fall {
        if self
            .trace
            .contains(&Event::Text(octets(BARRIER.as_bytes())))
        {
            return Fall::new(
                Failure::WrongAnswer,
                "The target went on as if nothing were wrong: it echoed a message that was sent behind what it has \
                 to refuse.",
            );
        }
        let Some(best) = self.outcomes.first() else {
            return Fall::new(Failure::Harness, "The case has no outcome.");
        };
        let list = |expected: &[&wsspec_cases::Observation]| {
            if expected.is_empty() {
                return "only the closing handshake".to_owned();
            }
            let words: Vec<String> = expected
                .iter()
                .map(|observation| words::observation(observation))
                .collect();
            words.join(", or ")
        };
        match best.fallen() {
            Some((expected, Some(event))) => {
                let failure = match event {
                    Event::Close(..) | Event::End { .. } => Failure::Dropped,
                    _ => Failure::WrongAnswer,
                };
                let (expected, came) = (list(expected), event_words(event));
                Fall::new(failure, format!("Expected: {expected}. Instead: {came}."))
            }
            Some((expected, None)) => Fall::new(
                Failure::WrongAnswer,
                format!("Expected before everything was sent: {}.", list(expected)),
            ),
            None => {
                let expected = list(&best.expected());
                if self.timed_out.is_some() {
                    let reason = format!("Expected: {expected}. Nothing came in time.");
                    Fall::new(Failure::Timeout, reason)
                } else {
                    let reason = format!("Expected: {expected}. It did not come.");
                    Fall::new(Failure::WrongAnswer, reason)
                }
            }
        }
    }

    fn is_satisfied_without_opening(&self) -> bool {
        self.outcomes
            .iter()
            .any(|outcome| outcome.expects_opening() && outcome.is_satisfied())
    }
}

pub(super) fn stray_words(stray: &Stray) -> String {
    format!("The client {}.", words::stray(stray))
}

/// What was observed, in one line.
pub(super) fn observed(judge: &Judge<'_>) -> String {
    const SHOWN: usize = 12;
    let mut parts: Vec<String> = judge.trace.iter().take(SHOWN).map(event_words).collect();
    if judge.trace.len() > SHOWN {
        parts.push(format!("{} more", judge.trace.len() - SHOWN));
    }
    if parts.is_empty() {
        "nothing".to_owned()
    } else {
        parts.join(", then ")
    }
}

fn event_words(event: &Event) -> String {
    let payload = |kind: &str, payload| {
        let octets = words::octets(wsspec_record::Octets::clone(payload).length);
        format!("{kind} {} ({octets})", words::preview(payload))
    };
    match event {
        Event::Opened { status, text } => match (status, text.lines().next()) {
            (Some(status), _) => format!("a response with status {status}"),
            (None, Some(line)) if text.contains(" HTTP/1.") => {
                format!("a request, {}", words::clean(line, 120))
            }
            (None, _) => "a response that is no HTTP".to_owned(),
        },
        Event::Text(text) => payload("Text", text),
        Event::Binary(binary) => payload("Binary", binary),
        Event::Pong(pong) => payload("Pong", pong),
        Event::Close(code, reason) => {
            let code = match code {
                Some(code) => format!("Close {code}"),
                None => "Close without a code".to_owned(),
            };
            match reason.length {
                0 => code,
                _ => format!("{code} {}", words::preview(reason)),
            }
        }
        Event::StayedAway { ended_by_itself } => match ended_by_itself {
            true => "the client ended without a request".to_owned(),
            false => "the client sent no request until it was stopped".to_owned(),
        },
        Event::Echoes(count) => words::counted(u64::from(*count), "echo", "echoes"),
        Event::End { reset: false } => "the end of the connection".to_owned(),
        Event::End { reset: true } => "a reset of the connection".to_owned(),
    }
}
