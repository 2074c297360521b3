//! From case and transcript to verdict.
//!
//! Judging is pure: no clock, no socket. It also works entry by entry, so that a case
//! ends at the moment its outcome is decided; a stored transcript can be judged again.
//!
//! ```text
//! entry ──connection──▶ event ──trace──▶ which outcomes are still possible
//!             └─closing─▶ the second axis
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `connection.rs` | what belongs to one connection of a case |
//! | `events.rs` | from entries to what a trace is made of |
//! | `trace.rs`, `goal.rs`, `fit.rs` | following the outcomes |
//! | `opening.rs`, `shows.rs` | the opening handshake |
//! | `closing.rs` | the second axis |
//! | `keys.rs` | masking keys and handshake keys |
//! | `reason.rs`, `requirement.rs` | what is told of a failure |

mod closing;
mod connection;
mod events;
mod fit;
mod goal;
mod keys;
mod opening;
mod reason;
mod requirement;
mod shows;
mod trace;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wsspec_cases::case::Feature;
use wsspec_cases::outcome::{KeyRule, OutcomeClosing};
use wsspec_cases::{Case, Observation, Outcome, OutcomeVerdict, Target};
use wsspec_record::reason::Keys;
use wsspec_record::results::Ending;
use wsspec_record::transcript::{Entry, NoConnection, Phase, Stray, What};
use wsspec_record::{Closing, Event, Failure, Observed, Reason, Transcript, Verdict};

use connection::Connection;
pub use connection::matters;
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
    /// Faults that the case is not about, and that did not decide it.
    pub notes: Vec<Reason>,
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
#[derive(Debug)]
pub struct Judge<'case> {
    case: &'case Case,
    target: Target,
    /// The main connection, and behind it the others that the case names.
    connections: Vec<Connection<'case>>,
    died: Option<String>,
    not_connected: Option<NoConnection>,
    stayed_away: bool,
    /// Who came last in place of a client that did not come.
    stray: Option<Stray>,
    /// A feature that the case needs and the target's head does not show.
    missing: Option<Feature>,
    /// The keys in the opening handshakes of the client, this one last.
    handshake_keys: Vec<Vec<u8>>,
    notes: Vec<Reason>,
}

impl<'case> Judge<'case> {
    /// A judge of one playing of a case with a target of this kind.
    pub fn new(case: &'case Case, target: Target) -> Self {
        let others = case.connections.iter().map(|name| Some(name.as_str()));
        let names = std::iter::once(None).chain(others);
        Self {
            case,
            target,
            connections: names
                .map(|name| Connection::new(case, target, name))
                .collect(),
            died: None,
            not_connected: None,
            stayed_away: false,
            stray: None,
            missing: None,
            handshake_keys: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Takes the next entry of the transcript.
    pub fn observe(&mut self, entry: &Entry) {
        let on = entry.on.as_deref();
        match &entry.what {
            What::NotConnected { reason } if on.is_none() => {
                self.not_connected = Some(reason.clone());
            }
            What::TargetDied { status }
            | What::ProcessEnded {
                status,
                code: None,
                ended: Ending::ByItself,
            } => self.died = Some(status.clone()),
            What::Stray(stray) => self.stray = Some(stray.clone()),
            What::EarlierKey { key } => self.note_handshake_key(key),
            What::StayedAway { .. } => self.stayed_away = true,
            What::ReceivedHead(head) if on.is_none() => self.judge_opening(head),
            // The script and what follows it belong to all connections.
            What::Phase(phase @ (Phase::Script | Phase::Waiting)) if on.is_none() => {
                for other in &mut self.connections[1..] {
                    other.begin(*phase);
                }
            }
            _ => {}
        }
        let mut connections = self.connections.iter_mut();
        if let Some(connection) = connections.find(|connection| connection.name == on) {
            connection.observe(&entry.what);
        }
    }

    fn main(&self) -> &Connection<'case> {
        &self.connections[0]
    }

    /// What should happen next on the main connection.
    pub fn next(&self) -> Next {
        let main = self.main();
        if self.opening_failed() || self.missing.is_some() || main.closing.has_ended() {
            return Next::Stop;
        }
        // The verdict may have fallen; how the target closes still tells something.
        let fallen = if main.outcomes.iter().all(Tracker::ends_by_itself) {
            Next::Stop
        } else {
            Next::Close
        };
        if main.violation.is_some() || main.timed_out {
            return fallen;
        }
        match main.outcomes.iter().find(|outcome| outcome.is_possible()) {
            Some(outcome) if outcome.is_ready_to_close() => Next::Close,
            Some(outcome) if outcome.is_over() => Next::Stop,
            Some(_) => Next::Wait,
            None => fallen,
        }
    }

    /// Whether everything that an outcome expects of the connections besides the main one
    /// has come, or cannot come any more.
    pub fn others_are_done(&self) -> bool {
        self.connections[1..].iter().all(|other| {
            let mut outcomes = other.outcomes.iter();
            other.closing.has_ended()
                || other.timed_out
                || !other.is_open_to_judgement()
                || outcomes.any(|outcome| outcome.is_possible() && outcome.is_satisfied())
        })
    }

    /// Whether `observation` was seen since the script began, for the `await` step.
    pub fn has_seen(&self, observation: &Observation) -> bool {
        let mut connections = self.connections.iter();
        connections
            .find(|connection| connection.name == observation.on.as_deref())
            .is_some_and(|connection| connection.has_seen(observation))
    }

    /// The verdict, now that nothing more will come.
    pub fn conclude(mut self) -> Judgement {
        let chosen = (0..self.main().outcomes.len()).find(|at| {
            let mut connections = self.connections.iter();
            connections.all(|connection| connection.outcomes[*at].is_satisfied())
                && self.key_fault(self.outcome(*at)).is_none()
        });
        let close_code = self.main().closing.their_close().flatten();
        let observed = self.observed();
        let judgement = |verdict, closing, reason| Judgement {
            verdict,
            closing,
            failure: None,
            reason,
            observed,
            close_code,
            broken: None,
            notes: Vec::new(),
        };
        if let Some((verdict, reason)) = self.obstacle() {
            return judgement(verdict, Closing::None, reason);
        }
        let fallen = self.find_fall(chosen);
        let closing = self.closing_axis(chosen, fallen.as_ref());
        self.note_faults(fallen.as_ref().map(|fall| &fall.reason));
        if let Some(fall) = fallen {
            return Judgement {
                failure: Some(fall.failure),
                broken: fall.requirement,
                notes: self.notes,
                ..judgement(fall.verdict, closing, fall.reason)
            };
        }
        // find_fall has dealt with everything that leaves no outcome.
        let outcome = chosen.map(|at| self.outcome(at));
        let verdict = outcome.map_or(OutcomeVerdict::Fail, |outcome| outcome.verdict);
        let is_failure = verdict == OutcomeVerdict::Fail;
        let reason = match (self.stray_in_its_place(), outcome) {
            (Some(stray), _) if verdict == OutcomeVerdict::Pass => Reason::Stray(stray.clone()),
            (_, outcome) => outcome
                .and_then(|outcome| outcome.because.clone())
                .map_or(Reason::AsExpected, Reason::Because),
        };
        Judgement {
            failure: is_failure.then_some(Failure::WrongAnswer),
            broken: is_failure
                .then(|| self.requirement_of(&[], outcome))
                .flatten(),
            notes: self.notes,
            ..judgement(verdict_of(verdict), closing, reason)
        }
    }

    fn outcome(&self, at: usize) -> &'case Outcome {
        self.main().outcomes[at].outcome()
    }

    /// Why the keys are not what an outcome asks for.
    fn key_fault(&self, outcome: &Outcome) -> Option<Reason> {
        let of_kind = |of, rules: &[KeyRule], keys: &[Vec<u8>]| {
            let fault = rules.iter().find_map(|rule| keys::fault(*rule, keys))?;
            Some(Reason::Keys { of, fault })
        };
        let masking_keys = &self.main().masking_keys;
        of_kind(Keys::Masking, &outcome.masking_keys, masking_keys).or_else(|| {
            let rules = &outcome.handshake_keys;
            of_kind(Keys::Handshake, rules, &self.handshake_keys)
        })
    }

    /// What was observed on the main connection, as much as is told.
    fn observed(&self) -> Observed {
        const TOLD: usize = 12;
        let trace = &self.main().trace;
        Observed {
            events: trace.iter().take(TOLD).map(Event::brief).collect(),
            more: trace.len().saturating_sub(TOLD) as u64,
        }
    }

    fn note_handshake_key(&mut self, key: &str) {
        let octets = STANDARD.decode(key).ok();
        self.handshake_keys
            .extend(octets.filter(|octets| octets.len() == 16));
    }

    /// Notes faults that have not decided the case.
    fn note_faults(&mut self, decided: Option<&Reason>) {
        let frames = self.connections.iter();
        let frames = frames.filter_map(|connection| connection.closing_fault);
        self.notes.extend(frames.map(Reason::Frame));
        self.notes.retain(|note| Some(note) != decided);
    }

    fn closing_axis(&self, chosen: Option<usize>, fall: Option<&reason::Fall>) -> Closing {
        let main = self.main();
        let reached_script = !matches!(main.phase, Phase::Opening | Phase::Liveness);
        if !reached_script || fall.is_some_and(|fall| fall.verdict == Verdict::Error) {
            return Closing::None;
        }
        let outcome = chosen
            .or((!main.outcomes.is_empty()).then_some(0))
            .map(|at| self.outcome(at));
        match outcome {
            // What breaks a MUST is never open.
            Some(_) if main.closing_fault.is_some() => Closing::Fail,
            Some(outcome) if outcome.closing == Some(OutcomeClosing::Info) => Closing::Info,
            Some(outcome) => main.closing.closing(outcome, self.target),
            None => Closing::None,
        }
    }
}

fn verdict_of(verdict: OutcomeVerdict) -> Verdict {
    match verdict {
        OutcomeVerdict::Pass => Verdict::Pass,
        OutcomeVerdict::NonStrict => Verdict::NonStrict,
        OutcomeVerdict::Info => Verdict::Info,
        OutcomeVerdict::Unimplemented => Verdict::Unimplemented,
        OutcomeVerdict::Fail => Verdict::Fail,
    }
}
