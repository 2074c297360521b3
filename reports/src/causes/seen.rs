//! What was seen in place of what a case asks for, as a kind: the same for all cases that one
//! fault of a target fails.

use wsspec_cases::{Case, Observation, ObservationKind, Outcome, OutcomeVerdict, Payload, Target};
use wsspec_record::results::{CaseResult, Closing, Failure, Verdict};
use wsspec_record::transcript::{Frame, Octets, Phase, Transcript, What};

use crate::tally;
use crate::words;

/// What was seen in place of what a case asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// The target's process ended.
    Died,
    /// A frame that breaks the RFC by itself.
    Unlawful(&'static str),
    /// More octets than any answer needs.
    Flood,
    /// A part of the opening handshake that breaks the RFC by itself.
    Handshake,
    /// No sign of life before the script.
    NotAlive,
    /// The target went on where it had to fail the connection.
    WentOn,
    /// The opening handshake succeeded where it had to be refused.
    Accepted,
    /// The connection ended in place of what was awaited.
    Ended(Awaited),
    /// Nothing came in place of what was awaited.
    Silence(Awaited),
    /// Something else came than what was awaited.
    Other(Awaited),
    /// The exchange was right and the closing was not.
    Closing(&'static str),
    /// Something that is allowed, in the words of the case.
    Allowed(String),
    /// No judgement was possible.
    Nothing(&'static str),
}

/// What a case asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Awaited {
    /// A text message.
    Text,
    /// A binary message.
    Binary,
    /// A Ping frame.
    Ping,
    /// A Pong frame.
    Pong,
    /// Echoes of an echo loop.
    Echoes,
    /// The Close frame that answers ours.
    Answer,
    /// The target's closing handshake.
    Closing,
    /// That the connection is failed.
    Failing,
    /// That the opening handshake succeeds.
    Opening,
    /// That the opening handshake is refused.
    Refusal,
    /// That the client does not come.
    Absence,
    /// What the case says; nothing shorter describes it.
    Expected,
}

impl Awaited {
    fn of(observation: &Observation) -> Self {
        match &observation.kind {
            ObservationKind::Opened(_) => Self::Opening,
            ObservationKind::Refused(_) => Self::Refusal,
            ObservationKind::Text(_) => Self::Text,
            ObservationKind::Binary(_) => Self::Binary,
            ObservationKind::Ping(_) => Self::Ping,
            ObservationKind::Pong(_) => Self::Pong,
            ObservationKind::AnswersClose(_) => Self::Answer,
            ObservationKind::Fails(_) => Self::Failing,
            ObservationKind::Echoes(_) => Self::Echoes,
            ObservationKind::BeginsClosing(_) => Self::Closing,
            ObservationKind::StaysAway(_) => Self::Absence,
            _ => Self::Expected,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "the text message that was due",
            Self::Binary => "the binary message that was due",
            Self::Ping => "the Ping that was due",
            Self::Pong => "the Pong that was due",
            Self::Echoes => "the echoes that were due",
            Self::Answer => "the answer to a Close frame",
            Self::Closing => "a closing handshake of its own",
            Self::Failing => "failing the connection",
            Self::Opening => "the response that was due",
            Self::Refusal => "refusing the opening handshake",
            Self::Absence => "staying away",
            Self::Expected => "what was expected",
        }
    }

    /// Whether it is the answer to a message that the target has to take.
    pub(super) fn is_echo(self) -> bool {
        matches!(
            self,
            Self::Text | Self::Binary | Self::Pong | Self::Echoes | Self::Expected
        )
    }
}

impl Seen {
    /// What was seen in a result that is not good.
    pub(super) fn of(result: &CaseResult, case: Option<&Case>, role: Target) -> Self {
        if result.failure == Some(Failure::TargetDied) {
            return Self::Died;
        }
        match result.verdict {
            Verdict::Error => Self::Nothing(result.failure.map_or("error", Failure::name)),
            Verdict::Fail => Self::of_failure(result, case, role),
            Verdict::NonStrict if !is_bad(result.closing) => Self::Allowed(words::reason(result)),
            _ => Self::Closing(result.closing.name()),
        }
    }

    fn of_failure(result: &CaseResult, case: Option<&Case>, role: Target) -> Self {
        match result.failure {
            Some(Failure::UnlawfulFrame) => return Self::Unlawful(unlawful(result)),
            Some(Failure::Flood) => return Self::Flood,
            Some(Failure::OpeningHandshake) => return Self::Handshake,
            Some(Failure::NotAlive) => return Self::NotAlive,
            _ => {}
        }
        let awaited = case
            .and_then(|case| best(case, role))
            .map_or(Awaited::Expected, |outcome| {
                awaited(outcome, result.transcript.as_ref())
            });
        match (result.failure, awaited) {
            // The second axis says the same, of these cases and of all others.
            (Some(Failure::Dropped), Awaited::Answer) if result.closing == Closing::Unclean => {
                Self::Closing(result.closing.name())
            }
            (Some(Failure::Dropped), awaited) => Self::Ended(awaited),
            (Some(Failure::Timeout), awaited) => Self::Silence(awaited),
            (_, Awaited::Failing) => Self::WentOn,
            (_, Awaited::Refusal) if was_opened(result) => Self::Accepted,
            (_, awaited) => Self::Other(awaited),
        }
    }

    /// It in words, to follow "the target".
    pub fn words(&self) -> String {
        match self {
            Self::Died => "died: its process ended".to_owned(),
            Self::Unlawful(what) => (*what).to_owned(),
            Self::Flood => "sent more than any answer can need".to_owned(),
            Self::Handshake => "made a mistake in its part of the opening handshake".to_owned(),
            Self::NotAlive => "did not echo a plain message before the script began".to_owned(),
            Self::WentOn => "went on as if nothing were wrong".to_owned(),
            Self::Accepted => "accepted the opening handshake".to_owned(),
            Self::Ended(Awaited::Failing) => {
                "ended the connection, but not as it has to fail it".to_owned()
            }
            Self::Ended(awaited) => {
                format!("ended the connection in place of {}", awaited.words())
            }
            Self::Silence(awaited) => format!("sent nothing in place of {}", awaited.words()),
            Self::Other(Awaited::Refusal) => {
                "refused the opening handshake, but not as it has to".to_owned()
            }
            Self::Other(awaited) => format!("sent something else in place of {}", awaited.words()),
            Self::Closing(name) => match *name {
                "unclean" => "ended the connection without answering the Close frame",
                "failed-by-client" => "left the closing of TCP to the client",
                "wrong-code" => "closed with a status code that does not fit",
                _ => "did not let the connection end as it should",
            }
            .to_owned(),
            Self::Allowed(reason) => reason.clone(),
            Self::Nothing(name) => match *name {
                "unreachable" => "could not be reached",
                "harness" => "was not judged, by a mistake of wsspec",
                _ => "was not judged",
            }
            .to_owned(),
        }
    }
}

/// Whether the closing alone breaks a MUST.
pub(super) fn is_bad(closing: Closing) -> bool {
    !tally::is_fine(closing) && closing != Closing::WrongCode
}

/// The requirement that a closing breaks, where the verdict is good.
pub(super) fn broken_by_closing(closing: Closing) -> Option<&'static str> {
    match closing {
        Closing::Unclean => Some("6455-5.5.1-8"),
        Closing::FailedByClient => Some("6455-5.5.1-13"),
        Closing::Fail => Some("6455-5.5.1-12"),
        _ => None,
    }
}

/// What the first unlawful frame does that breaks the requirement.
fn unlawful(result: &CaseResult) -> &'static str {
    let entries = result.transcript.iter().flat_map(|found| &found.entries);
    let oddities = entries.flat_map(|entry| match &entry.what {
        What::ReceivedFrame(frame) => frame.oddities.as_slice(),
        _ => &[],
    });
    let broken = result.broken.as_deref();
    let mut unlawful = oddities.filter(|oddity| match (oddity.requirement(), broken) {
        (Some(found), Some(broken)) => found == broken,
        (found, _) => found.is_some(),
    });
    unlawful
        .next()
        .map_or("sent a frame that breaks the RFC", |found| {
            words::oddity(*found)
        })
}

/// The best outcome for this kind of target.
fn best(case: &Case, role: Target) -> Option<&Outcome> {
    let mut outcomes = case.outcomes.iter();
    outcomes
        .find(|outcome| outcome.verdict == OutcomeVerdict::Pass && outcome.target.includes(role))
}

fn was_opened(result: &CaseResult) -> bool {
    let mut entries = result.transcript.iter().flat_map(|found| &found.entries);
    entries.any(|entry| {
        matches!(&entry.what, What::ReceivedHead(head) if head.status.is_none_or(|status| status == 101))
    })
}

/// The first thing of an outcome's trace that did not come.
fn awaited(outcome: &Outcome, transcript: Option<&Transcript>) -> Awaited {
    let mut trace = Vec::new();
    flatten(&outcome.trace, &mut trace);
    let Some(last) = trace.last() else {
        return Awaited::Expected;
    };
    let mut due = trace.iter();
    let mut next = due.next();
    for frame in transcript.into_iter().flat_map(told) {
        match next {
            Some(observation) if fits(observation, frame) => next = due.next(),
            _ => break,
        }
    }
    // All of it came: what is wrong is how, or what came behind it.
    Awaited::of(next.unwrap_or(last))
}

/// A trace as one line: of alternatives the first, of what is optional nothing.
fn flatten<'a>(trace: &'a [Observation], flat: &mut Vec<&'a Observation>) {
    for observation in trace {
        match &observation.kind {
            ObservationKind::AnyOf(traces) => {
                flatten(traces.first().map_or(&[], Vec::as_slice), flat);
            }
            ObservationKind::Optional(_) => {}
            ObservationKind::Unordered(traces) => {
                for inner in traces {
                    flatten(inner, flat);
                }
            }
            // That the handshake succeeds is taken for granted where something follows.
            ObservationKind::Opened(_) if trace.len() > 1 => {}
            _ => flat.push(observation),
        }
    }
}

/// The frames of a target from the script on that end a message or control something.
fn told(transcript: &Transcript) -> impl Iterator<Item = &Frame> {
    let entries = transcript.entries.iter();
    let script = entries.skip_while(|entry| entry.what != What::Phase(Phase::Script));
    script.filter_map(|entry| match &entry.what {
        What::ReceivedFrame(frame) if frame.fin || frame.is_control() => Some(frame),
        _ => None,
    })
}

fn fits(observation: &Observation, frame: &Frame) -> bool {
    let (opcode, octets) = match &frame.message {
        Some(message) => (message.opcode, &message.payload),
        None => (frame.opcode, &frame.payload),
    };
    let due = match (&observation.kind, opcode) {
        (ObservationKind::Text(due), 0x1)
        | (ObservationKind::Binary(due), 0x2)
        | (ObservationKind::Ping(due), 0x9)
        | (ObservationKind::Pong(due), 0xa) => due,
        _ => return false,
    };
    carries(octets, due)
}

fn carries(octets: &Octets, due: &Payload) -> bool {
    if due.len().is_ok_and(|length| length != octets.length) {
        return false;
    }
    // Of what was not kept whole, the length has to do.
    !octets.is_whole() || due.octets().is_ok_and(|due| *due == *octets.kept())
}
