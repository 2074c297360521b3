//! What is still expected of a trace, and what of it is left after an event.

use wsspec_cases::observation::StaysAway;
use wsspec_cases::{Observation, ObservationKind};
use wsspec_record::Event;

use super::fit::{handshake_fits, payload_fits, reason_fits};

/// One thing that is still expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Goal<'case> {
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
    /// Whether nothing is to come: until a quiet period is over, or the next barrier.
    pub(super) fn is_silence(&self) -> bool {
        self.is_observing(|kind| matches!(kind, ObservationKind::Nothing(_)))
    }

    pub(super) fn is_observing(&self, is_it: impl Fn(&ObservationKind) -> bool) -> bool {
        matches!(self, Self::Observe(observation) if is_it(&observation.kind))
    }
}

pub(super) type Remainder<'case> = Vec<Goal<'case>>;

/// Whether an event is what an observation describes, for observations of one event.
pub(super) fn fits(observation: &Observation, event: &Event) -> bool {
    !step(&Goal::Observe(observation), event).is_empty()
}

pub(super) fn goals(trace: &[Observation]) -> Remainder<'_> {
    trace.iter().map(Goal::Observe).collect()
}

/// What remains of a remainder after an event; empty where the event does not fit.
pub(super) fn advance<'case>(remainder: &[Goal<'case>], event: &Event) -> Vec<Remainder<'case>> {
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
    if is_nullable(goal) || is_unharmed(goal, event) {
        after.extend(advance(rest, event));
    }
    after
}

/// Whether nothing was to come, and what came is nothing in that sense: control frames,
/// and the end of the connection. What comes instead is for the goals behind.
fn is_unharmed(goal: &Goal<'_>, event: &Event) -> bool {
    let is_data = matches!(event, Event::Text(_) | Event::Binary(_) | Event::Echoes(_));
    goal.is_silence() && !is_data
}

/// What remains once the time is over in which nothing was to come.
pub(super) fn after_quiet<'case>(remainder: &[Goal<'case>]) -> Remainder<'case> {
    match remainder.split_first() {
        Some((goal, rest)) if goal.is_silence() => rest.to_vec(),
        _ => remainder.to_vec(),
    }
}

/// What remains of one goal after an event.
fn step<'case>(goal: &Goal<'case>, event: &Event) -> Vec<Remainder<'case>> {
    let fulfilled = |fits: bool| if fits { vec![Vec::new()] } else { Vec::new() };
    match (goal, event) {
        (Goal::Observe(observation), event) => match (&observation.kind, event) {
            (ObservationKind::Text(expected), Event::Text(payload))
            | (ObservationKind::Binary(expected), Event::Binary(payload))
            | (ObservationKind::Ping(expected), Event::Ping(payload))
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
pub(super) fn is_nullable(goal: &Goal<'_>) -> bool {
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

pub(super) fn first_observations<'case>(
    remainder: &[Goal<'case>],
    expected: &mut Vec<&'case Observation>,
) {
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
