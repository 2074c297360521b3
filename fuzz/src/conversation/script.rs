//! From actions to the script of a case, and back as far as a script has actions.

use wsspec_cases::frame::FrameKind;
use wsspec_cases::payload::{HexPayload, RepeatPayload};
use wsspec_cases::step::Send;
use wsspec_cases::{
    Mask, Observation, ObservationKind, Payload as CasePayload, Step, StepKind, Target,
};

use super::encode::key_of;
use super::{Action, Conversation, Cut, Frame, Masking, Payload};
use crate::model::{Reading, Timeline};

/// The script that does what the actions do.
pub fn script(conversation: &Conversation, timeline: &Timeline) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut write = Vec::new();
    let mut frames = 0;
    let mut awaits = timeline.awaits.iter();
    for action in &conversation.actions {
        match action {
            Action::Frame(frame) => {
                write.push(case_frame(frame, conversation, frames));
                frames += 1;
            }
            Action::Octets(octets) => write.push(wsspec_cases::Frame {
                kind: FrameKind::Octets(payload(octets)),
                ..wsspec_cases::Frame::new(0, "".into())
            }),
            Action::Write(cut) => end_write(&mut write, cut, &mut steps),
            Action::Await => {
                end_write(&mut write, &Cut::Together, &mut steps);
                let awaited = awaits.next().and_then(Option::as_ref);
                steps.extend(
                    awaited
                        .and_then(answer)
                        .map(|answer| step(StepKind::Await(answer))),
                );
            }
            Action::HalfClose => {
                end_write(&mut write, &Cut::Together, &mut steps);
                steps.push(step(StepKind::HalfClose));
                return steps;
            }
            Action::Reset => {
                end_write(&mut write, &Cut::Together, &mut steps);
                steps.push(step(StepKind::Reset));
                return steps;
            }
        }
    }
    end_write(&mut write, &Cut::Together, &mut steps);
    steps
}

const fn step(kind: StepKind) -> Step {
    Step { kind, on: None }
}

fn end_write(write: &mut Vec<wsspec_cases::Frame>, cut: &Cut, steps: &mut Vec<Step>) {
    if write.is_empty() {
        return;
    }
    let mut send = Send::new(std::mem::take(write));
    send.cut.clone_from(cut);
    steps.push(step(StepKind::Send(send)));
}

fn answer(reading: &Reading) -> Option<Observation> {
    let kind = match reading {
        Reading::Text(text) => ObservationKind::Text(payload(text)),
        Reading::Binary(octets) => ObservationKind::Binary(payload(octets)),
        Reading::Ping(octets) => ObservationKind::Pong(payload(octets)),
        _ => return None,
    };
    Some(kind.into())
}

fn case_frame(
    frame: &Frame,
    conversation: &Conversation,
    frames_before: usize,
) -> wsspec_cases::Frame {
    let target = conversation.target;
    let described = describe(&frame.payload);
    let mask = match key_of(frame, target, frames_before) {
        _ if frame.masking == Masking::Lawful && !conversation.is_skewed() => Mask::Lawful,
        Some(key) if conversation.is_skewed() || frame.masking != Masking::Wrong => Mask::Key(key),
        Some(_) => Mask::Random,
        None if target == Target::Client => Mask::Lawful,
        None => Mask::None,
    };
    wsspec_cases::Frame {
        kind: match (frame.opcode, &frame.payload.octets()[..]) {
            (0x8, [high, low, reason @ ..]) => FrameKind::Close {
                code: u16::from_be_bytes([*high, *low]),
                reason: (!reason.is_empty()).then(|| payload(reason)),
            },
            (opcode, _) => FrameKind::Frame {
                opcode,
                payload: described,
            },
        },
        fin: frame.fin,
        rsv: frame.rsv,
        mask,
        length_form: frame.form,
        declared_length: frame.declared,
        ..wsspec_cases::Frame::new(0, "".into())
    }
}

fn describe(described: &Payload) -> CasePayload {
    match described {
        Payload::Octets(octets) => payload(octets),
        Payload::Repeated { piece, times } => repeated(piece, u64::from(*times)),
    }
}

fn repeated(piece: &[u8], times: u64) -> CasePayload {
    CasePayload::Repeat(RepeatPayload {
        repeat: Box::new(payload(piece)),
        times,
    })
}

/// Octets as a case describes them: as text where they are, and short where they repeat.
pub fn payload(octets: &[u8]) -> CasePayload {
    const LONG: usize = 32;
    if octets.len() > LONG {
        let period = (1..=8).find(|period| {
            octets.len().is_multiple_of(*period)
                && octets
                    .chunks(*period)
                    .all(|chunk| *chunk == octets[..*period])
        });
        if let Some(period) = period {
            return repeated(&octets[..period], (octets.len() / period) as u64);
        }
    }
    match std::str::from_utf8(octets) {
        Ok(text) => CasePayload::Text(text.to_owned()),
        Err(_) => {
            let pairs: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
            CasePayload::Hex(HexPayload {
                hex: pairs.join(" "),
            })
        }
    }
}

/// The conversation that a script holds with `target`; nothing where it does what no action does.
pub fn conversation(target: Target, script: &[Step]) -> Option<Conversation> {
    let mut actions = Vec::new();
    for step in script {
        if step.on.is_some() {
            return None;
        }
        match &step.kind {
            StepKind::Send(send) if send.withhold == 0 => {
                for frame in &send.frames {
                    actions.push(action(frame, target)?);
                }
                actions.push(Action::Write(send.cut.clone()));
            }
            StepKind::Await(Observation {
                kind:
                    ObservationKind::Text(_) | ObservationKind::Binary(_) | ObservationKind::Pong(_),
                on: None,
                ..
            }) => actions.push(Action::Await),
            StepKind::HalfClose => actions.push(Action::HalfClose),
            StepKind::Reset => actions.push(Action::Reset),
            _ => return None,
        }
    }
    Some(Conversation { target, actions })
}

fn action(frame: &wsspec_cases::Frame, target: Target) -> Option<Action> {
    if frame.fragment_size.is_some() || frame.compress.is_some() {
        return None;
    }
    let (opcode, payload) = match &frame.kind {
        FrameKind::Octets(octets) => {
            return Some(Action::Octets(octets.octets().ok()?.into_owned()));
        }
        FrameKind::Frame { opcode, payload } => (*opcode, actual(payload)?),
        FrameKind::Close { code, reason } => {
            let reason = match reason {
                Some(reason) => reason.octets().ok()?.into_owned(),
                None => Vec::new(),
            };
            let body = [&code.to_be_bytes()[..], &reason].concat();
            (0x8, Payload::Octets(body))
        }
    };
    let masks = target == Target::Server;
    Some(Action::Frame(Frame {
        fin: frame.fin,
        rsv: frame.rsv,
        opcode,
        masking: match frame.mask {
            Mask::Lawful => Masking::Lawful,
            Mask::Random if masks => Masking::Lawful,
            Mask::None if !masks => Masking::Lawful,
            Mask::Random | Mask::None => Masking::Wrong,
            Mask::Key(key) => Masking::Key(key),
        },
        form: frame.length_form,
        declared: frame.declared_length,
        payload,
    }))
}

fn actual(described: &CasePayload) -> Option<Payload> {
    Some(match described {
        CasePayload::Repeat(RepeatPayload { repeat, times }) => Payload::Repeated {
            piece: repeat.octets().ok()?.into_owned(),
            times: u32::try_from(*times).ok()?,
        },
        other => Payload::Octets(other.octets().ok()?.into_owned()),
    })
}
