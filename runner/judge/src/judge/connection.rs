//! What belongs to one connection of a case.

use wsspec_cases::step::StepKind;
use wsspec_cases::{Case, Observation, ObservationKind, Target};
use wsspec_record::transcript::{Awaited, Frame, Phase, What};
use wsspec_record::{Event, Oddity};

use super::closing::Facts;
use super::events::{Events, Meaning};
use super::goal::fits;
use super::opening::OpeningState;
use super::trace::Tracker;

/// How many masking keys are looked at.
const MASKING_KEYS_MAX: usize = 400;

/// A connection, and what is still possible on it.
#[derive(Debug)]
pub(super) struct Connection<'case> {
    target: Target,
    /// The name that the case gives it; none for the main one.
    pub(super) name: Option<&'case str>,
    events: Events,
    /// The outcomes that are for this kind of target, as far as they speak of this
    /// connection.
    pub(super) outcomes: Vec<Tracker<'case>>,
    pub(super) phase: Phase,
    /// Every event since the proof of life; before it, those of the proof.
    pub(super) trace: Vec<Event>,
    /// The first frame that breaks the RFC by itself.
    pub(super) violation: Option<Oddity>,
    /// The first fault of the closing handshake.
    pub(super) closing_fault: Option<Oddity>,
    pub(super) opening: OpeningState,
    pub(super) closing: Facts,
    pub(super) timed_out: bool,
    pub(super) flooded: Option<u64>,
    pub(super) connected: bool,
    /// Whether the script sends or does something that a target can see,
    script_acts: bool,
    /// and has begun to.
    script_acted: bool,
    /// Whether an outcome has a client refuse our response.
    may_be_refused: bool,
    /// What ended the connection before that.
    pub(super) early_end: Option<Event>,
    /// The name that a client asked for in TLS; empty where it asked for none.
    server_name: String,
    /// The masking keys of the target's frames.
    pub(super) masking_keys: Vec<Vec<u8>>,
}

impl<'case> Connection<'case> {
    pub(super) fn new(case: &'case Case, target: Target, name: Option<&'case str>) -> Self {
        let outcomes = case.outcomes.iter();
        Self {
            target,
            name,
            events: Events::default(),
            outcomes: outcomes
                .filter(|outcome| outcome.target.includes(target))
                .map(|outcome| Tracker::new(outcome, target, name))
                .collect(),
            phase: Phase::Opening,
            trace: Vec::new(),
            violation: None,
            closing_fault: None,
            opening: OpeningState::Open,
            closing: Facts::default(),
            timed_out: false,
            flooded: None,
            connected: false,
            script_acts: case.script.iter().any(|step| {
                step.on.as_deref() == name
                    && matches!(
                        step.kind,
                        StepKind::Send(_)
                            | StepKind::EchoLoop(_)
                            | StepKind::HalfClose
                            | StepKind::Reset
                    )
            }),
            script_acted: false,
            may_be_refused: target == Target::Client
                && case.expects(|kind| matches!(kind, ObservationKind::Refused(_))),
            early_end: None,
            server_name: String::new(),
            masking_keys: Vec::new(),
        }
    }

    /// A part of the case begins.
    pub(super) fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        if phase == Phase::Script {
            // What proved life is no part of the trace.
            self.trace.clear();
        }
        if phase == Phase::Waiting {
            for outcome in &mut self.outcomes {
                outcome.script_is_over();
            }
        }
    }

    /// Takes what happened on the connection.
    pub(super) fn observe(&mut self, what: &What) {
        match what {
            What::Phase(phase) => self.begin(*phase),
            What::Connected => self.connected = true,
            What::TimedOut { awaited, .. } => self.time_out(awaited),
            What::Flooded { octets } => self.flooded = Some(*octets),
            What::Secured { server_name } => {
                self.server_name = server_name.clone().unwrap_or_default();
            }
            What::ReceivedFrame(frame) => self.look_at(frame),
            What::EchoLoop(echo) => self.note_masking_keys(echo.masking_keys.iter()),
            _ => {}
        }
        self.script_acted |= self.is_act(what);
        self.closing.observe(what);
        match self.events.meaning(what) {
            Some(Meaning::Event(event)) => self.take(event),
            Some(Meaning::AtAnyTime(event)) => self.take_at_any_time(event),
            Some(Meaning::QuietOver) => {
                for outcome in &mut self.outcomes {
                    outcome.quiet_is_over();
                }
            }
            None => {}
        }
    }

    /// Whether `observation` was seen since the script began.
    pub(super) fn has_seen(&self, observation: &Observation) -> bool {
        self.trace.iter().any(|event| fits(observation, event))
    }

    /// Whether more events could still fulfil an outcome.
    pub(super) fn is_open_to_judgement(&self) -> bool {
        self.outcomes.iter().any(Tracker::is_possible)
    }

    /// Whether this is something of the script that a target can see. Frames behind the
    /// head of the handshake are.
    fn is_act(&self, what: &What) -> bool {
        let acts = matches!(
            what,
            What::SentFrame(_)
                | What::SentOctets(_)
                | What::EchoLoop(_)
                | What::HalfClosed
                | What::Reset
        );
        acts && !matches!(self.phase, Phase::Liveness)
    }

    fn look_at(&mut self, frame: &Frame) {
        // The first fault is the cause; what follows it may be no fault at all, such as
        // compressed messages where the extension was not to be agreed to.
        let is_first = self.is_open_to_judgement();
        for oddity in &frame.oddities {
            if oddity.is_of_closing() {
                self.closing_fault.get_or_insert(*oddity);
            } else if is_first && oddity.requirement().is_some() {
                self.violation.get_or_insert(*oddity);
            }
        }
        self.note_masking_keys(frame.mask.iter());
    }

    fn time_out(&mut self, awaited: &Awaited) {
        self.timed_out = true;
        // That it does not read, or does not answer our Close, says nothing of what it was
        // to do besides.
        if matches!(awaited, Awaited::Reading | Awaited::Close | Awaited::End) {
            return;
        }
        for outcome in &mut self.outcomes {
            outcome.time_is_over();
        }
    }

    fn take(&mut self, event: Event) {
        let is_end = matches!(event, Event::Close { .. } | Event::End { .. });
        if is_end && self.ends_early() {
            self.early_end.get_or_insert_with(|| event.clone());
        }
        match self.phase {
            Phase::Opening
                if self.target == Target::Client && !matches!(event, Event::StayedAway { .. }) =>
            {
                for outcome in &mut self.outcomes {
                    outcome.observe_request(&event, &self.server_name);
                }
                return;
            }
            Phase::Opening => {
                for outcome in &mut self.outcomes {
                    if matches!(event, Event::StayedAway { .. }) {
                        outcome.observe(&event);
                    } else {
                        outcome.observe_opening(&event);
                    }
                }
            }
            Phase::Liveness => {}
            _ => {
                for outcome in &mut self.outcomes {
                    outcome.observe(&event);
                }
            }
        }
        self.trace.push(event);
    }

    /// Whether an end now comes before anything of the script was there to be answered. A
    /// client that may refuse our response answers that, however quickly.
    fn ends_early(&self) -> bool {
        let before = matches!(self.phase, Phase::Liveness | Phase::Script);
        before && self.script_acts && !self.script_acted && !self.may_be_refused
    }

    fn take_at_any_time(&mut self, event: Event) {
        if matches!(self.phase, Phase::Opening | Phase::Liveness) {
            return;
        }
        let mut expected = false;
        for outcome in &mut self.outcomes {
            expected |= outcome.observe_at_any_time(&event);
        }
        if expected {
            self.trace.push(event);
        }
    }

    fn note_masking_keys<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        let keys = keys.filter_map(|key| wsspec_cases::payload::parse_hex(key).ok());
        let room = MASKING_KEYS_MAX.saturating_sub(self.masking_keys.len());
        let of_their_length = keys.filter(|key| key.len() == 4);
        self.masking_keys.extend(of_their_length.take(room));
    }
}

/// Whether judging looks at an entry, of which others may be left out where there are
/// many; `masked` is how many masked frames came before it.
pub fn matters(what: &What, masked: usize) -> bool {
    match what {
        What::SentFrame(frame) => frame.is_control(),
        What::SentOctets(_) => false,
        What::ReceivedFrame(frame) => {
            let is_fragment = !frame.fin && !frame.is_control() && frame.oddities.is_empty();
            let has_key = frame.mask.is_some() && masked < MASKING_KEYS_MAX;
            !is_fragment || has_key
        }
        _ => true,
    }
}
