//! Whether what was observed is one of the traces of an outcome.
//!
//! A trace is a small regular expression over events. What is still expected after
//! each event is kept as a set of remainders (Brzozowski's derivatives), so that the
//! answer is known at every moment without going back.

use wsspec_cases::observation::{HandshakeExpectation, StaysAway};
use wsspec_cases::{Observation, ObservationKind, Outcome, Payload, Target};
use wsspec_record::{Event, Head, Octets};

use super::shows;
use crate::observe::octets;

/// One thing that is still expected.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Goal<'case> {
    Observe(&'case Observation),
    /// The end of the connection: how a client refuses our side of the handshake.
    Dropped(&'case Observation),
    /// Several remainders, mixed in any way.
    Interleaved(Vec<Vec<Goal<'case>>>),
    /// The closing handshake that is not what the case is about.
    UsualClosing,
    /// Nothing but the end of the connection: a Close frame or a refusal came.
    AfterClose,
}

impl Goal<'_> {
    fn is_observing(&self, is_it: impl Fn(&ObservationKind) -> bool) -> bool {
        matches!(self, Self::Observe(observation) if is_it(&observation.kind))
    }
}

type Remainder<'case> = Vec<Goal<'case>>;

/// Follows one outcome.
#[derive(Debug)]
pub(super) struct Tracker<'case> {
    outcome: &'case Outcome,
    remainders: Vec<Remainder<'case>>,
    /// What was expected when the first event came that did not fit, and that event.
    fall: Option<(Vec<&'case Observation>, Option<Event>)>,
    ended: bool,
}

impl<'case> Tracker<'case> {
    pub(super) fn new(outcome: &'case Outcome, target: Target) -> Self {
        let mut start: Remainder<'case> = goals(&outcome.trace);
        if let (Target::Client, Some(first)) = (target, outcome.trace.first())
            && matches!(first.kind, ObservationKind::Refused(_))
        {
            start[0] = Goal::Dropped(first);
        }
        if !outcome.ends_by_itself() {
            start.push(Goal::UsualClosing);
        }
        let opens = matches!(outcome.first(), Some(ObservationKind::Opened(_)));
        if opens {
            // Checked when the head comes; it is no event of the script.
            start.remove(0);
        }
        Self {
            outcome,
            remainders: vec![start],
            fall: None,
            ended: false,
        }
    }

    /// The outcome that is followed.
    pub(super) fn outcome(&self) -> &'case Outcome {
        self.outcome
    }

    /// Whether the trace ends otherwise than with the usual closing handshake.
    pub(super) fn ends_by_itself(&self) -> bool {
        self.outcome.ends_by_itself()
    }

    /// Whether the outcome says something of the opening handshake itself.
    pub(super) fn expects_opening(&self) -> bool {
        matches!(
            self.outcome.first(),
            Some(
                ObservationKind::Opened(_)
                    | ObservationKind::Refused(_)
                    | ObservationKind::StaysAway(_)
            )
        )
    }

    /// Whether the outcome can be that the opening handshake succeeds.
    pub(super) fn may_open(&self) -> bool {
        !matches!(self.outcome.first(), Some(ObservationKind::Refused(_)))
    }

    pub(super) fn observe_opening(&mut self, event: &Event) {
        match self.outcome.first() {
            Some(ObservationKind::Opened(expected)) if !opens(expected, event) => {
                self.fall_at_opening(event);
            }
            Some(ObservationKind::Refused(_)) => self.observe(event),
            _ => {}
        }
    }

    /// Takes a client's request, which is no event: we are to answer it.
    pub(super) fn observe_request(&mut self, event: &Event, server_name: &str) {
        let fits = match (self.outcome.first(), event) {
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
        let expected = self.outcome.trace.first().into_iter().collect();
        self.fall = Some((expected, Some(event.clone())));
        self.remainders.clear();
    }

    pub(super) fn observe(&mut self, event: &Event) {
        if !self.is_possible() {
            return;
        }
        let mut next: Vec<Remainder<'case>> = Vec::new();
        for remainder in &self.remainders {
            for after in advance(remainder, event) {
                if !next.contains(&after) {
                    next.push(after);
                }
            }
        }
        if next.is_empty() {
            self.fall(event);
        } else {
            self.remainders = next;
        }
        if matches!(event, Event::Close { .. } | Event::End { .. }) {
            self.ended = true;
        }
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
        self.remainders
            .iter()
            .any(|remainder| remainder.iter().all(is_nullable))
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
                    !is_nullable(goal) || matches!(goal, Goal::UsualClosing | Goal::AfterClose)
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

/// Whether an event is what an observation describes, for observations of one event.
pub(super) fn fits(observation: &Observation, event: &Event) -> bool {
    !step(&Goal::Observe(observation), event).is_empty()
}

fn goals(trace: &[Observation]) -> Remainder<'_> {
    trace.iter().map(Goal::Observe).collect()
}

/// What remains of a remainder after an event; empty where the event does not fit.
fn advance<'case>(remainder: &[Goal<'case>], event: &Event) -> Vec<Remainder<'case>> {
    let Some((goal, rest)) = remainder.split_first() else {
        return Vec::new();
    };
    let mut after: Vec<Remainder<'case>> = step(goal, event)
        .into_iter()
        .map(|mut begun| {
            begun.extend_from_slice(rest);
            begun
        })
        .collect();
    if is_nullable(goal) {
        after.extend(advance(rest, event));
    }
    after
}

/// What remains of one goal after an event.
fn step<'case>(goal: &Goal<'case>, event: &Event) -> Vec<Remainder<'case>> {
    let fulfilled = |fits: bool| if fits { vec![Vec::new()] } else { Vec::new() };
    match (goal, event) {
        (Goal::Observe(observation), event) => match (&observation.kind, event) {
            (ObservationKind::Text(expected), Event::Text(payload))
            | (ObservationKind::Binary(expected), Event::Binary(payload))
            | (ObservationKind::Pong(expected), Event::Pong(payload)) => {
                fulfilled(payload_fits(expected, payload))
            }
            (ObservationKind::Echoes(expected), Event::Echoes(count)) => {
                fulfilled(expected == count)
            }
            (
                ObservationKind::Fails(codes) | ObservationKind::AnswersClose(codes),
                Event::Close { code, .. },
            ) if codes.fit(*code) => {
                vec![vec![Goal::AfterClose]]
            }
            (ObservationKind::Fails(_), Event::End { .. }) => fulfilled(true),
            (ObservationKind::BeginsClosing(expected), Event::Close { code, reason })
                if *code == expected.code && reason_fits(expected.reason.as_ref(), reason) =>
            {
                vec![vec![Goal::AfterClose]]
            }
            (ObservationKind::StaysAway(expected), Event::StayedAway { ended_by_itself }) => {
                fulfilled((*expected == StaysAway::ByItself) == *ended_by_itself)
            }
            (ObservationKind::Refused(expected), Event::Head(head))
                if handshake_fits(expected, head, false) =>
            {
                vec![vec![Goal::AfterClose]]
            }
            (ObservationKind::Refused(expected), Event::End { .. }) => {
                fulfilled(expected.or_dropped || expected.dropped)
            }
            (ObservationKind::AnyOf(traces), event) => traces
                .iter()
                .flat_map(|trace| advance(&goals(trace), event))
                .collect(),
            (ObservationKind::Optional(trace), event) => advance(&goals(trace), event),
            (ObservationKind::Unordered(traces), event) => {
                let remainders = traces.iter().map(|trace| goals(trace)).collect();
                step(&Goal::Interleaved(remainders), event)
            }
            (ObservationKind::Anything(_), _) => vec![vec![goal.clone()]],
            _ => Vec::new(),
        },
        (Goal::Interleaved(remainders), event) => {
            let mut after = Vec::new();
            for (at, remainder) in remainders.iter().enumerate() {
                for next in advance(remainder, event) {
                    let mut mixed = remainders.clone();
                    mixed[at] = next;
                    after.push(vec![Goal::Interleaved(mixed)]);
                }
            }
            after
        }
        (Goal::Dropped(_), event) => fulfilled(matches!(event, Event::End { .. })),
        (Goal::UsualClosing, Event::Close { .. }) => vec![vec![Goal::AfterClose]],
        (Goal::UsualClosing | Goal::AfterClose, Event::End { .. }) => fulfilled(true),
        (Goal::UsualClosing | Goal::AfterClose, _) => Vec::new(),
    }
}

/// Whether a goal is fulfilled by nothing at all.
fn is_nullable(goal: &Goal<'_>) -> bool {
    match goal {
        Goal::Observe(observation) => observation_is_nullable(observation),
        Goal::Dropped(_) => false,
        Goal::Interleaved(remainders) => remainders
            .iter()
            .all(|remainder| remainder.iter().all(is_nullable)),
        // The second axis judges these.
        Goal::UsualClosing | Goal::AfterClose => true,
    }
}

fn observation_is_nullable(observation: &Observation) -> bool {
    match &observation.kind {
        ObservationKind::Optional(_) | ObservationKind::Anything(_) => true,
        ObservationKind::AnyOf(traces) => traces
            .iter()
            .any(|trace| trace.iter().all(observation_is_nullable)),
        ObservationKind::Unordered(traces) => traces
            .iter()
            .all(|trace| trace.iter().all(observation_is_nullable)),
        _ => false,
    }
}

fn first_observations<'case>(remainder: &[Goal<'case>], expected: &mut Vec<&'case Observation>) {
    for goal in remainder {
        match goal {
            Goal::Observe(observation) | Goal::Dropped(observation) => {
                if !expected.contains(observation) {
                    expected.push(observation);
                }
            }
            Goal::Interleaved(remainders) => {
                for remainder in remainders {
                    first_observations(remainder, expected);
                }
            }
            Goal::UsualClosing | Goal::AfterClose => {}
        }
        if !is_nullable(goal) {
            return;
        }
    }
}

fn reason_fits(expected: Option<&Payload>, reason: &Octets) -> bool {
    expected.map_or(reason.length == 0, |expected| {
        payload_fits(expected, reason)
    })
}

fn payload_fits(expected: &Payload, payload: &Octets) -> bool {
    expected.len() == Ok(payload.length)
        && expected
            .octets()
            .is_ok_and(|expected| octets(&expected) == *payload)
}

/// Whether an event of the opening handshake lets it succeed as expected.
fn opens(expected: &HandshakeExpectation, event: &Event) -> bool {
    match event {
        Event::Head(head) => handshake_fits(expected, head, true),
        Event::End { .. } => false,
        _ => true,
    }
}

fn handshake_fits(expected: &HandshakeExpectation, head: &Head, opens: bool) -> bool {
    // What is no HTTP neither opens nor refuses.
    let Some(status) = head.status else {
        return false;
    };
    let kind = (status == 101) == opens;
    kind && !expected.dropped && expected.accepts(status) && fields_fit(expected, head)
}

/// Whether a head has the fields that are expected.
fn fields_fit(expected: &HandshakeExpectation, head: &Head) -> bool {
    // A head with octets that are no ASCII is escaped in the transcript; what is
    // expected of fields is ASCII, so that the comparison stays right.
    let keeps_rules = expected
        .offers
        .iter()
        .all(|rule| shows::offers_keep(*rule, head))
        && (!expected.origin || shows::has_origin(head));
    let has_fields = expected.headers.iter().all(|(name, value)| {
        let mut values = head.values(name);
        match value {
            None => values.next().is_none(),
            Some(value) => values
                .flat_map(|values| values.split(','))
                .any(|element| element.trim().eq_ignore_ascii_case(value)),
        }
    });
    keeps_rules && has_fields
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut tracker = Tracker::new(&outcome, Target::Server);
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
