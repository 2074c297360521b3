//! From case and transcript to verdict.
//!
//! Judging is pure: no clock, no socket. It also works entry by entry, so that a case
//! ends at the moment its outcome is decided; a stored transcript can be judged again.
//!
//! ```text
//! transcript entry ──events──▶ event ──trace──▶ which outcomes are still possible
//!                                    └─closing─▶ the second axis
//! ```

mod closing;
mod events;
mod keys;
mod opening;
mod reason;
mod shows;
mod trace;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsspec_cases::case::Feature;
use wsspec_cases::outcome::{KeyRule, OutcomeClosing};
use wsspec_cases::{Case, Target};
use wsspec_record::reason::Keys;
use wsspec_record::results::Ending;
use wsspec_record::transcript::{Entry, NoConnection, Phase, Stray, What};
use wsspec_record::{Closing, Event, Failure, Observed, Oddity, Reason, Transcript, Verdict};

use events::Events;
use opening::OpeningState;
use trace::Tracker;

/// What was decided about one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What the exchange is worth.
    pub verdict: Verdict,
    /// How the connection ended.
    pub closing: Closing,
    /// What kind of failure it is, where it is one.
    pub failure: Option<Failure>,
    /// Why.
    pub reason: Reason,
    /// What was observed.
    pub observed: Observed,
    /// The status code of the target's Close frame.
    pub close_code: Option<u16>,
    /// The requirement that was broken, where that can be told.
    pub broken: Option<String>,
}

/// The message whose echo shows that the target reads on after the script.
pub const BARRIER: &str = "wsspec barrier";

/// What should happen next on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Wait for more.
    Wait,
    /// Begin the closing handshake, or wait for its end where it has begun.
    Close,
    /// Nothing that can still come changes the verdict, and no closing handshake is
    /// due.
    Stop,
}

/// Judges a whole transcript.
pub fn judge(case: &Case, target: Target, transcript: &Transcript) -> Judgement {
    let mut judge = Judge::new(case, target);
    for entry in &transcript.entries {
        judge.observe(entry);
    }
    judge.conclude()
}

/// Judges a transcript while it is being made.
pub struct Judge<'case> {
    case: &'case Case,
    target: Target,
    events: Events,
    /// The outcomes that are for this kind of target.
    outcomes: Vec<Tracker<'case>>,
    phase: Phase,
    /// Every event since the proof of life; before it, those of the proof.
    trace: Vec<Event>,
    /// The first frame that breaks the RFC by itself.
    violation: Option<Oddity>,
    opening: OpeningState,
    closing: closing::Facts,
    timed_out: bool,
    died: Option<String>,
    not_connected: Option<NoConnection>,
    flooded: Option<u64>,
    stayed_away: bool,
    /// Whether the main connection came about.
    connected: bool,
    /// Who came last in its place.
    stray: Option<Stray>,
    /// A feature that the case needs and the target's head does not show.
    missing: Option<Feature>,
    /// The name that a client asked for in TLS; empty where it asked for none.
    server_name: String,
    /// The masking keys of the target's frames.
    masking_keys: Vec<Vec<u8>>,
    /// The keys in the opening handshakes of the client, this one last.
    handshake_keys: Vec<Vec<u8>>,
}

/// How many masking keys are looked at.
const MASKING_KEYS_MAX: usize = 400;

impl<'case> Judge<'case> {
    /// A judge of one playing of a case with a target of this kind.
    pub fn new(case: &'case Case, target: Target) -> Self {
        Self {
            case,
            target,
            events: Events::default(),
            outcomes: case
                .outcomes
                .iter()
                .filter(|outcome| outcome.target.includes(target))
                .map(|outcome| Tracker::new(outcome, target))
                .collect(),
            phase: Phase::Opening,
            trace: Vec::new(),
            violation: None,
            opening: OpeningState::Open,
            closing: closing::Facts::default(),
            timed_out: false,
            died: None,
            not_connected: None,
            flooded: None,
            stayed_away: false,
            connected: false,
            stray: None,
            missing: None,
            server_name: String::new(),
            masking_keys: Vec::new(),
            handshake_keys: Vec::new(),
        }
    }

    /// Takes the next entry of the transcript.
    pub fn observe(&mut self, entry: &Entry) {
        match &entry.what {
            What::Phase(phase) => {
                self.phase = *phase;
                if *phase == Phase::Script {
                    // What proved life is no part of the trace.
                    self.trace.clear();
                }
                if *phase == Phase::Waiting {
                    for outcome in &mut self.outcomes {
                        outcome.script_is_over();
                    }
                }
            }
            What::TimedOut { .. } => self.timed_out = true,
            What::NotConnected { reason } => self.not_connected = Some(reason.clone()),
            What::Flooded { octets } => self.flooded = Some(*octets),
            What::TargetDied { status }
            | What::ProcessEnded {
                status,
                code: None,
                ended: Ending::ByItself,
            } => self.died = Some(status.clone()),
            What::Connected => self.connected = true,
            What::Stray(stray) => self.stray = Some(stray.clone()),
            What::ReceivedFrame(frame) => {
                let broken = frame
                    .oddities
                    .iter()
                    .find(|oddity| oddity.requirement().is_some());
                // The first fault is the cause; what follows it may be no fault at all, such as
                // compressed messages where the extension was not to be agreed to.
                let is_first = self.outcomes.iter().any(Tracker::is_possible);
                if let (true, Some(oddity)) = (is_first, broken) {
                    self.violation.get_or_insert(*oddity);
                }
                self.note_masking_keys(frame.mask.iter());
            }
            What::EchoLoop(echo) => self.note_masking_keys(echo.masking_keys.iter()),
            What::Secured { server_name } => {
                self.server_name = server_name.clone().unwrap_or_default();
            }
            What::EarlierKey { key } => self.note_handshake_key(key),
            What::StayedAway { .. } => self.stayed_away = true,
            What::ReceivedHead(head) => self.judge_opening(head),
            _ => {}
        }
        self.closing.observe(&entry.what);
        if let Some(event) = self.events.event(&entry.what) {
            self.judge_event(event);
        }
    }

    /// What should happen next on the connection.
    pub fn next(&self) -> Next {
        let is_decided = self.opening_failed() || self.missing.is_some();
        if is_decided || self.closing.has_ended() {
            return Next::Stop;
        }
        // The verdict may have fallen; how the target closes still tells something.
        let fallen = if self.outcomes.iter().all(Tracker::ends_by_itself) {
            Next::Stop
        } else {
            Next::Close
        };
        if self.violation.is_some() || self.timed_out {
            return fallen;
        }
        match self.outcomes.iter().find(|outcome| outcome.is_possible()) {
            Some(outcome) if outcome.is_ready_to_close() => Next::Close,
            Some(outcome) if outcome.is_over() => Next::Stop,
            Some(_) => Next::Wait,
            None => fallen,
        }
    }

    /// Whether `observation` was seen since the script began, for the `await` step.
    pub fn has_seen(&self, observation: &wsspec_cases::Observation) -> bool {
        self.trace
            .iter()
            .any(|event| trace::fits(observation, event))
    }

    /// Whether the target has sent a Close frame.
    pub fn close_came(&self) -> bool {
        self.closing.their_close().is_some()
    }

    /// The verdict, now that nothing more will come.
    pub fn conclude(self) -> Judgement {
        let chosen = self.outcomes.iter().position(|outcome| {
            outcome.is_satisfied() && self.key_fault(outcome.outcome()).is_none()
        });
        if let Some((verdict, reason)) = self.obstacle() {
            return Judgement {
                verdict,
                closing: Closing::None,
                failure: None,
                reason,
                observed: self.observed(),
                close_code: self.closing.their_close().flatten(),
                broken: None,
            };
        }
        let fallen = self.find_fall(chosen);
        let closing = self.closing_axis(chosen, fallen.as_ref());
        let close_code = self.closing.their_close().flatten();
        let observed = self.observed();
        if let Some(fall) = fallen {
            return Judgement {
                verdict: fall.verdict,
                closing,
                failure: Some(fall.failure),
                reason: fall.reason,
                observed,
                close_code,
                broken: fall
                    .requirement
                    .or_else(|| self.case.requirements.first().cloned()),
            };
        }
        // find_fall has dealt with everything that leaves no outcome.
        let outcome = chosen.map(|at| self.outcomes[at].outcome());
        let verdict = outcome.map_or(wsspec_cases::OutcomeVerdict::Fail, |outcome| {
            outcome.verdict
        });
        Judgement {
            verdict: match verdict {
                wsspec_cases::OutcomeVerdict::Pass => Verdict::Pass,
                wsspec_cases::OutcomeVerdict::NonStrict => Verdict::NonStrict,
                wsspec_cases::OutcomeVerdict::Info => Verdict::Info,
                wsspec_cases::OutcomeVerdict::Unimplemented => Verdict::Unimplemented,
                wsspec_cases::OutcomeVerdict::Fail => Verdict::Fail,
            },
            closing,
            failure: (verdict == wsspec_cases::OutcomeVerdict::Fail)
                .then_some(Failure::WrongAnswer),
            reason: match (self.stray_in_its_place(), outcome) {
                (Some(stray), _) if verdict == wsspec_cases::OutcomeVerdict::Pass => {
                    Reason::Stray(stray.clone())
                }
                (_, outcome) => outcome
                    .and_then(|outcome| outcome.because.clone())
                    .map_or(Reason::AsExpected, Reason::Because),
            },
            observed,
            close_code,
            broken: None,
        }
    }

    /// Why the keys are not what an outcome asks for.
    fn key_fault(&self, outcome: &wsspec_cases::Outcome) -> Option<Reason> {
        let of_kind = |of, rules: &[KeyRule], keys: &[Vec<u8>]| {
            let fault = rules.iter().find_map(|rule| keys::fault(*rule, keys))?;
            Some(Reason::Keys { of, fault })
        };
        of_kind(Keys::Masking, &outcome.masking_keys, &self.masking_keys).or_else(|| {
            let rules = &outcome.handshake_keys;
            of_kind(Keys::Handshake, rules, &self.handshake_keys)
        })
    }

    /// What was observed, as much as is told.
    fn observed(&self) -> Observed {
        const TOLD: usize = 12;
        Observed {
            events: self.trace.iter().take(TOLD).map(Event::brief).collect(),
            more: self.trace.len().saturating_sub(TOLD) as u64,
        }
    }

    fn note_masking_keys<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        let keys = keys.filter_map(|key| wsspec_cases::payload::parse_hex(key).ok());
        let room = MASKING_KEYS_MAX.saturating_sub(self.masking_keys.len());
        let of_their_length = keys.filter(|key| key.len() == 4);
        self.masking_keys.extend(of_their_length.take(room));
    }

    fn note_handshake_key(&mut self, key: &str) {
        let octets = STANDARD.decode(key).ok();
        self.handshake_keys
            .extend(octets.filter(|octets| octets.len() == 16));
    }

    fn judge_event(&mut self, event: Event) {
        match self.phase {
            Phase::Opening
                if self.target == Target::Client && !matches!(event, Event::StayedAway { .. }) =>
            {
                for outcome in &mut self.outcomes {
                    outcome.observe_request(&event, &self.server_name);
                }
            }
            Phase::Opening => {
                for outcome in &mut self.outcomes {
                    if matches!(event, Event::StayedAway { .. }) {
                        outcome.observe(&event);
                    } else {
                        outcome.observe_opening(&event);
                    }
                }
                self.trace.push(event);
            }
            Phase::Liveness => self.trace.push(event),
            _ => {
                for outcome in &mut self.outcomes {
                    outcome.observe(&event);
                }
                self.trace.push(event);
            }
        }
    }

    fn closing_axis(&self, chosen: Option<usize>, fall: Option<&reason::Fall>) -> Closing {
        let reached_script = !matches!(self.phase, Phase::Opening | Phase::Liveness);
        if !reached_script || fall.is_some_and(|fall| fall.verdict == Verdict::Error) {
            return Closing::None;
        }
        let outcome = chosen
            .or((!self.outcomes.is_empty()).then_some(0))
            .map(|at| self.outcomes[at].outcome());
        match outcome {
            Some(outcome) if outcome.closing == Some(OutcomeClosing::Info) => Closing::Info,
            Some(outcome) => self.closing.closing(outcome, self.target),
            None => Closing::None,
        }
    }
}
