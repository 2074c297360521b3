//! What a finding shows: the class of fault and the requirement, whatever the octets were.

use wsspec_judge::judge::Judgement;
use wsspec_judge::observe::octets;
use wsspec_record::transcript::{Phase, What};
use wsspec_record::{CaseResult, Closing, Failure, Transcript};

use crate::model::{Expected, Mark, Reading};

/// What kind of fault it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Class {
    /// The target's process ended, or it stopped listening.
    Died,
    /// It does not serve others any more.
    Canary,
    /// A frame of it breaks the RFC by itself.
    UnlawfulOutput,
    /// It sent without end.
    Flood,
    /// It went on where it had to fail the connection.
    WentOn,
    /// It failed the connection over something lawful.
    Refused,
    /// An answer is missing.
    Missing,
    /// An answer is another than the one that was due, or one too many.
    WrongAnswer,
    /// It was not alive at the start.
    NotAlive,
    /// The closing handshake, or the end of TCP, went wrong.
    Closing,
    /// The opening handshake went wrong.
    Opening,
}

impl Class {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Died => "died",
            Self::Canary => "canary",
            Self::UnlawfulOutput => "unlawful-output",
            Self::Flood => "flood",
            Self::WentOn => "went-on",
            Self::Refused => "refused",
            Self::Missing => "missing-answer",
            Self::WrongAnswer => "wrong-answer",
            Self::NotAlive => "not-alive",
            Self::Closing => "closing",
            Self::Opening => "opening",
        }
    }
}

/// What two conversations have in common that show the same fault.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Fingerprint {
    /// The kind of fault.
    pub class: Class,
    /// The requirement that is broken.
    pub requirement: String,
}

impl Fingerprint {
    /// As part of a file name and of an id.
    pub fn slug(&self) -> String {
        let requirement = self.requirement.to_ascii_lowercase().replace('.', "-");
        format!("{}-{requirement}", self.class.name())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {}", self.class.name(), self.requirement)
    }
}

/// What was judged of a conversation, as far as a fingerprint shows it.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    failure: Option<Failure>,
    closing: Closing,
    broken: Option<&'a str>,
    transcript: &'a Transcript,
}

impl<'a> Judged<'a> {
    /// What a judgement says of a transcript.
    pub fn of_judgement(judgement: &'a Judgement, transcript: &'a Transcript) -> Self {
        Self {
            failure: judgement.failure,
            closing: judgement.closing,
            broken: judgement.broken.as_deref(),
            transcript,
        }
    }

    /// What a result says.
    pub fn of_result(result: &'a CaseResult) -> Self {
        const NOTHING: &Transcript = &Transcript {
            entries: Vec::new(),
            omitted: 0,
        };
        Self {
            failure: result.failure,
            closing: result.closing,
            broken: result.broken.as_deref(),
            transcript: result.transcript.as_ref().unwrap_or(NOTHING),
        }
    }
}

/// What a conversation shows that was judged unlawful; nothing where it was not, or where it
/// could not be held.
pub fn fingerprint(expected: &Expected, judged: Judged<'_>) -> Option<Fingerprint> {
    let closing_alone = matches!(
        judged.closing,
        Closing::Unclean | Closing::FailedByClient | Closing::Fail
    );
    let class = match judged.failure {
        None if closing_alone => Class::Closing,
        None | Some(Failure::Unreachable | Failure::Harness) => return None,
        Some(Failure::UnlawfulFrame) => Class::UnlawfulOutput,
        Some(Failure::Flood) => Class::Flood,
        Some(Failure::TargetDied) => Class::Died,
        Some(Failure::NotAlive) => Class::NotAlive,
        Some(Failure::OpeningHandshake) => Class::Opening,
        Some(Failure::WrongAnswer | Failure::Timeout | Failure::Dropped) => {
            class_of_answer(expected, judged.failure)
        }
    };
    let requirement = match class {
        Class::UnlawfulOutput | Class::Opening => judged.broken.map(str::to_owned),
        Class::Closing => Some("6455-5.5.1-12".into()),
        Class::WentOn => violation(expected).map(str::to_owned),
        Class::Missing | Class::WrongAnswer | Class::Refused => {
            Some(first_unlike(expected, judged.transcript).to_owned())
        }
        _ => None,
    };
    let requirement = requirement.unwrap_or_else(|| "6455-6.2-1".into());
    Some(Fingerprint { class, requirement })
}

fn class_of_answer(expected: &Expected, failure: Option<Failure>) -> Class {
    if violation(expected).is_some() {
        return Class::WentOn;
    }
    match failure {
        Some(Failure::Dropped) => Class::Refused,
        Some(Failure::Timeout) => Class::Missing,
        _ => Class::WrongAnswer,
    }
}

fn violation(expected: &Expected) -> Option<&'static str> {
    readings(expected).find_map(|reading| match reading {
        Reading::Violation(rule) => Some(rule.requirement),
        _ => None,
    })
}

fn readings(expected: &Expected) -> impl Iterator<Item = &Reading> {
    expected
        .timeline
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Read(reading) => Some(reading),
            _ => None,
        })
}

/// What the first answer is about that was due and is not there: a message, a Pong, or the answer
/// to a Close frame.
fn first_unlike(expected: &Expected, transcript: &Transcript) -> &'static str {
    let in_script = transcript
        .entries
        .iter()
        .skip_while(|entry| entry.what != What::Phase(Phase::Script));
    let mut echoes = Vec::new();
    let mut pongs = Vec::new();
    for entry in in_script {
        let What::ReceivedFrame(frame) = &entry.what else {
            continue;
        };
        match (frame.opcode, &frame.message) {
            (0x0, Some(message)) => echoes.push((message.opcode, message.payload.clone())),
            (opcode @ (0x1 | 0x2), _) if frame.fin => echoes.push((opcode, frame.payload.clone())),
            (0xa, _) => pongs.push(frame.payload.clone()),
            _ => {}
        }
    }
    let mut due_echoes = readings(expected).filter_map(|reading| match reading {
        Reading::Text(text) => Some((0x1, octets(text))),
        Reading::Binary(binary) => Some((0x2, octets(binary))),
        _ => None,
    });
    let like = echoes
        .iter()
        .all(|echo| due_echoes.next().as_ref() == Some(echo));
    if !like || due_echoes.next().is_some() {
        return "6455-6.2-4";
    }
    let mut due_pongs = readings(expected).filter_map(|reading| match reading {
        Reading::Ping(payload) => Some(octets(payload)),
        _ => None,
    });
    if due_pongs.any(|due| !pongs.contains(&due)) {
        return "6455-5.5.2-3";
    }
    match readings(expected).any(|reading| matches!(reading, Reading::Close(_))) {
        true => "6455-5.5.1-8",
        false => "6455-6.2-4",
    }
}
