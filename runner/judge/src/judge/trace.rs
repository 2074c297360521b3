//! Whether what was observed is one of the traces of an outcome.
//!
//! A trace is a small regular expression over events. What is still expected after
//! each event is kept as a set of remainders (Brzozowski's derivatives), so that the
//! answer is known at every moment without going back.

use wsspec_cases::{Observation, ObservationKind, Outcome, Target};
use wsspec_record::Event;

use super::fit::{fields_fit, opens};
use super::goal::{Goal, Remainder, advance, after_quiet, first_observations, is_nullable};

/// Follows one outcome on one connection.
#[derive(Debug)]
pub(super) struct Tracker<'case> {
    outcome: &'case Outcome,
    /// The first observation of the connection, which may be the opening handshake.
    first: Option<&'case Observation>,
    /// Whether the trace ends otherwise than with the usual closing handshake.
    ends_by_itself: bool,
    remainders: Vec<Remainder<'case>>,
    /// What was expected when the first event came that did not fit, and that event.
    fall: Option<(Vec<&'case Observation>, Option<Event>)>,
    ended: bool,
    is_late: bool,
}

impl<'case> Tracker<'case> {
    /// Follows what the outcome says of the connection with this name.
    pub(super) fn new(outcome: &'case Outcome, target: Target, on: Option<&str>) -> Self {
        let of_connection = outcome.trace.iter();
        let trace: Vec<&Observation> = of_connection
            .filter(|observation| observation.on.as_deref() == on)
            .collect();
        let mut start: Remainder<'case> = trace.iter().copied().map(Goal::Observe).collect();
        let ends_by_itself = trace.last().is_some_and(|last| last.ends_trace());
        if !ends_by_itself {
            start.push(Goal::UsualClosing);
        }
        let first = trace.first().copied();
        match (first.map(|first| &first.kind), target) {
            (Some(ObservationKind::Refused(_)), Target::Client) => {
                start[0] = Goal::Dropped(trace[0]);
            }
            // Checked when the head comes; it is no event of the script.
            (Some(ObservationKind::Opened(_)), _) => {
                start.remove(0);
            }
            _ => {}
        }
        Self {
            outcome,
            first,
            ends_by_itself,
            remainders: vec![start],
            fall: None,
            ended: false,
            is_late: false,
        }
    }

    fn first(&self) -> Option<&'case ObservationKind> {
        self.first.map(|first| &first.kind)
    }

    /// The outcome that is followed.
    pub(super) fn outcome(&self) -> &'case Outcome {
        self.outcome
    }

    /// Whether the trace ends otherwise than with the usual closing handshake.
    pub(super) fn ends_by_itself(&self) -> bool {
        self.ends_by_itself
    }

    /// Whether the outcome says something of the opening handshake itself.
    pub(super) fn expects_opening(&self) -> bool {
        matches!(
            self.first(),
            Some(
                ObservationKind::Opened(_)
                    | ObservationKind::Refused(_)
                    | ObservationKind::StaysAway(_)
            )
        )
    }

    /// Whether the outcome says something of a client's request.
    pub(super) fn expects_request(&self) -> bool {
        matches!(self.first(), Some(ObservationKind::Opened(_)))
    }

    /// Whether the outcome can be that the opening handshake succeeds.
    pub(super) fn may_open(&self) -> bool {
        !matches!(self.first(), Some(ObservationKind::Refused(_)))
    }

    pub(super) fn observe_opening(&mut self, event: &Event) {
        match self.first() {
            Some(ObservationKind::Opened(expected)) if !opens(expected, event) => {
                self.fall_at_opening(event);
            }
            Some(ObservationKind::Refused(_)) => self.observe(event),
            _ => {}
        }
    }

    /// Takes a client's request, which is no event: we are to answer it.
    pub(super) fn observe_request(&mut self, event: &Event, server_name: &str) {
        let fits = match (self.first(), event) {
            (Some(ObservationKind::Opened(expected)), Event::Head(head)) => {
                let asked = expected.server_name.as_deref();
                fields_fit(expected, head) && asked.is_none_or(|asked| asked == server_name)
            }
            (Some(ObservationKind::StaysAway(_)), _) => false,
            _ => true,
        };
        if !fits {
            self.fall_at_opening(event);
        }
    }

    /// Falls by what stands before everything else: what was expected of the opening.
    fn fall_at_opening(&mut self, event: &Event) {
        let expected = self.first.into_iter().collect();
        self.fall = Some((expected, Some(event.clone())));
        self.remainders.clear();
    }

    pub(super) fn observe(&mut self, event: &Event) {
        // Once nothing is waited for any more, an end is no failing of the connection.
        if !self.is_possible() || self.is_late && self.ends_by_itself {
            return;
        }
        let next = self.after(event);
        if next.is_empty() {
            self.fall(event);
        } else {
            self.remainders = next;
        }
        if matches!(event, Event::Close { .. } | Event::End { .. }) {
            self.ended = true;
        }
    }

    /// Takes what a target may do at any time; says whether it was expected.
    pub(super) fn observe_at_any_time(&mut self, event: &Event) -> bool {
        let next = self.after(event);
        let expected = !next.is_empty();
        if expected {
            self.remainders = next;
        }
        expected
    }

    /// Says that nothing is waited for any more.
    pub(super) fn time_is_over(&mut self) {
        self.is_late |= self.is_possible() && !self.is_satisfied();
    }

    /// Whether the time was over while something was still expected.
    pub(super) fn is_late(&self) -> bool {
        self.is_late
    }

    /// Says that a time is over in which nothing was to come.
    pub(super) fn quiet_is_over(&mut self) {
        for remainder in &mut self.remainders {
            *remainder = after_quiet(remainder);
        }
    }

    fn after(&self, event: &Event) -> Vec<Remainder<'case>> {
        let mut next: Vec<Remainder<'case>> = Vec::new();
        for remainder in &self.remainders {
            for after in advance(remainder, event) {
                if !next.contains(&after) {
                    next.push(after);
                }
            }
        }
        next
    }

    /// Says that the whole script was sent while the connection was open.
    pub(super) fn script_is_over(&mut self) {
        if self.outcome.unsent == Some(true) && !self.ended && self.is_possible() {
            self.fall = Some((self.expected(), None));
            self.remainders.clear();
        }
    }

    fn fall(&mut self, event: &Event) {
        self.fall = Some((self.expected(), Some(event.clone())));
        self.remainders.clear();
    }

    /// Whether more events could still fulfil the outcome.
    pub(super) fn is_possible(&self) -> bool {
        !self.remainders.is_empty()
    }

    /// Whether the outcome is fulfilled if nothing more comes.
    pub(super) fn is_satisfied(&self) -> bool {
        self.remainders.iter().any(|remainder| {
            remainder
                .iter()
                .all(|goal| is_nullable(goal) || goal.is_silence())
        })
    }

    /// Whether nothing is left to be observed but the end of the connection.
    pub(super) fn is_over(&self) -> bool {
        !self.remainders.is_empty() && self.remainders.iter().all(Vec::is_empty)
    }

    /// Whether only the closing handshake is missing.
    pub(super) fn is_ready_to_close(&self) -> bool {
        self.remainders.iter().any(|remainder| {
            remainder
                .iter()
                .find(|goal| {
                    let is_closing = matches!(goal, Goal::UsualClosing | Goal::AfterClose);
                    is_closing || !is_nullable(goal) && !goal.is_silence()
                })
                .is_some_and(|goal| {
                    matches!(goal, Goal::UsualClosing | Goal::AfterClose)
                        || goal
                            .is_observing(|kind| matches!(kind, ObservationKind::AnswersClose(_)))
                })
                || !remainder.is_empty()
                    && remainder.iter().all(|goal| {
                        goal.is_observing(|kind| matches!(kind, ObservationKind::Anything(_)))
                    })
        })
    }

    /// What could come next.
    pub(super) fn expected(&self) -> Vec<&'case Observation> {
        let mut expected = Vec::new();
        for remainder in &self.remainders {
            first_observations(remainder, &mut expected);
        }
        expected
    }

    /// What was expected when the outcome became impossible, and what came instead.
    pub(super) fn fallen(&self) -> Option<(&[&'case Observation], Option<&Event>)> {
        self.fall
            .as_ref()
            .map(|(expected, event)| (expected.as_slice(), event.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::octets;

    fn text(text: &str) -> Event {
        Event::Text(octets(text.as_bytes()))
    }

    fn pong(text: &str) -> Event {
        Event::Pong(octets(text.as_bytes()))
    }

    const END: Event = Event::End { reset: false };

    /// Possible, satisfied, and ready to close after these events.
    fn follow(observe: &str, events: &[Event]) -> [bool; 3] {
        let outcome: Outcome = serde_json::from_str(&format!(r#"{{"pass": {observe}}}"#)).unwrap();
        let mut tracker = Tracker::new(&outcome, Target::Server, None);
        for event in events {
            tracker.observe(event);
        }
        [
            tracker.is_possible(),
            tracker.is_satisfied(),
            tracker.is_ready_to_close(),
        ]
    }

    #[test]
    fn traces_are_followed() {
        let (a, b) = (text("a"), text("b"));
        let close_with = |code, reason: &str| Event::Close {
            code,
            reason: octets(reason.as_bytes()),
        };
        let close = |code| close_with(Some(code), "");
        for (observe, events, expected) in [
            (r#"[{"text": "a"}]"#, &[][..], [true, false, false]),
            (
                r#"[{"text": "a"}]"#,
                std::slice::from_ref(&a),
                [true, true, true],
            ),
            (
                r#"[{"text": "a"}]"#,
                std::slice::from_ref(&b),
                [false, false, false],
            ),
            (
                r#"[{"text": "a"}]"#,
                &[a.clone(), a.clone()],
                [false, false, false],
            ),
            (r#"[{"text": "a"}]"#, &[END], [false, false, false]),
            (r#"[{"text": "a"}]"#, &[a.clone(), END], [true, true, false]),
            (
                r#"[{"text": "a"}]"#,
                &[a.clone(), close(1000), b.clone()],
                [false, false, false],
            ),
            (r#"[]"#, &[], [true, true, true]),
            (r#"[{"fails": {"best": 1002}}]"#, &[], [true, false, false]),
            (
                r#"[{"fails": {"best": 1002}}]"#,
                &[END],
                [true, true, false],
            ),
            (
                r#"[{"fails": {"best": 1002}}]"#,
                &[close(1000)],
                [true, true, true],
            ),
            (
                r#"[{"fails": {"best": 1002}}]"#,
                &[close(1002), a.clone()],
                [false, false, false],
            ),
            (
                r#"[{"fails": {"only": 1002}}]"#,
                &[close(1000)],
                [false, false, false],
            ),
            (
                r#"[{"fails": {"only": 1002}}]"#,
                &[close_with(None, "")],
                [true, true, true],
            ),
            (
                r#"[{"begins_closing": {"code": 1001, "reason": "bye"}}]"#,
                &[close_with(Some(1001), "bye")],
                [true, true, true],
            ),
            (
                r#"[{"begins_closing": {"code": 1001}}]"#,
                &[close_with(Some(1001), "bye")],
                [false, false, false],
            ),
            (r#"[{"begins_closing": {}}]"#, &[END], [false, false, false]),
            (
                r#"[{"stays_away": "by-itself"}]"#,
                &[Event::StayedAway {
                    ended_by_itself: true,
                }],
                [true, true, false],
            ),
            (
                r#"[{"stays_away": "by-itself"}]"#,
                &[Event::StayedAway {
                    ended_by_itself: false,
                }],
                [false, false, false],
            ),
            (
                r#"[{"answers_close": {"best": 1000}}]"#,
                &[],
                [true, false, true],
            ),
            (
                r#"[{"answers_close": {"best": 1000}}]"#,
                &[END],
                [false, false, false],
            ),
            (
                r#"[{"answers_close": {"best": 1000}}]"#,
                &[close(1000), END],
                [true, true, false],
            ),
            (
                r#"[{"optional": [{"text": "a"}]}, {"text": "b"}]"#,
                std::slice::from_ref(&b),
                [true, true, true],
            ),
            (
                r#"[{"optional": [{"text": "a"}]}, {"text": "b"}]"#,
                &[a.clone(), b.clone()],
                [true, true, true],
            ),
            (
                r#"[{"unordered": [[{"text": "a"}, {"text": "b"}], [{"pong": "p"}]]}]"#,
                &[a.clone(), pong("p"), b.clone()],
                [true, true, true],
            ),
            (
                r#"[{"unordered": [[{"text": "a"}, {"text": "b"}], [{"pong": "p"}]]}]"#,
                std::slice::from_ref(&b),
                [false, false, false],
            ),
            (
                r#"[{"any_of": [[{"text": "a"}, {"text": "b"}], [{"text": "a"}]]}]"#,
                std::slice::from_ref(&a),
                [true, true, true],
            ),
            (
                r#"[{"anything": true}]"#,
                &[b.clone(), END],
                [true, true, true],
            ),
        ] {
            assert_eq!(
                follow(observe, events),
                expected,
                "{observe} after {events:?}"
            );
        }
    }
}
