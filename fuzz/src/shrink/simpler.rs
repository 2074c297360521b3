//! The simpler forms of one action.

use crate::conversation::{Action, Cut, Frame, Masking, Payload};

/// What could stand in the place of an action, the greatest steps first.
pub(super) fn forms(action: &Action) -> Vec<Action> {
    match action {
        Action::Frame(frame) => frames(frame).into_iter().map(Action::Frame).collect(),
        Action::Octets(octets) => lists(octets).into_iter().map(Action::Octets).collect(),
        Action::Write(Cut::Sizes(sizes)) => {
            let mut forms = vec![Action::Write(Cut::Together)];
            if sizes.len() > 1 {
                forms.push(Action::Write(Cut::Sizes(sizes[..1].to_vec())));
                forms.push(Action::Write(Cut::Sizes(sizes[..sizes.len() - 1].to_vec())));
                forms.push(Action::Write(Cut::Sizes(sizes[1..].to_vec())));
            }
            forms
        }
        Action::Write(Cut::Every(_) | Cut::Frames) => vec![Action::Write(Cut::Together)],
        Action::HalfClose | Action::Reset => vec![Action::Await],
        Action::Write(Cut::Together) | Action::Await => Vec::new(),
    }
}

/// A frame with one field that is lawful, or with less payload.
fn frames(frame: &Frame) -> Vec<Frame> {
    let mut forms = Vec::new();
    let mut push = |change: &dyn Fn(&mut Frame)| {
        let mut simpler = frame.clone();
        change(&mut simpler);
        forms.push(simpler);
    };
    push(&|frame| frame.masking = Masking::Lawful);
    push(&|frame| frame.form = None);
    push(&|frame| frame.declared = None);
    push(&|frame| frame.rsv = 0);
    for bit in [1, 2, 4] {
        push(&|frame| frame.rsv &= !bit);
    }
    push(&|frame| frame.fin = true);
    for payload in payloads(frame) {
        push(&|frame| frame.payload = payload.clone());
    }
    forms
}

fn payloads(frame: &Frame) -> Vec<Payload> {
    // A status code stays where it is.
    let kept = if frame.opcode == 0x8 { 2 } else { 0 };
    match &frame.payload {
        Payload::Repeated { piece, times } => {
            let repeated = |piece: &[u8], times| Payload::Repeated {
                piece: piece.to_vec(),
                times,
            };
            let mut forms: Vec<Payload> = [0, times / 2, times.saturating_sub(1)]
                .into_iter()
                .map(|times| repeated(piece, times))
                .collect();
            forms.push(repeated(b"*", *times));
            forms.push(repeated(b"*", (piece.len() as u32).saturating_mul(*times)));
            if frame.payload.len() <= 16 {
                forms.push(frame.payload.octets().into());
            }
            forms
        }
        Payload::Octets(octets) => {
            let (head, body) = octets.split_at(kept.min(octets.len()));
            let mut forms: Vec<Payload> = lists(body)
                .into_iter()
                .map(|body| [head, &body].concat().into())
                .collect();
            let plain = vec![b'*'; body.len()];
            forms.push([head, &plain].concat().into());
            if !head.is_empty() {
                forms.push(Payload::Octets(Vec::new()));
            }
            forms
        }
    }
}

/// Lists with some octets less: halves, and single ones where there are few.
fn lists(octets: &[u8]) -> Vec<Vec<u8>> {
    const FEW: usize = 24;
    if octets.is_empty() {
        return Vec::new();
    }
    let (first, second) = octets.split_at(octets.len() / 2);
    let mut forms = vec![Vec::new(), first.to_vec(), second.to_vec()];
    if octets.len() <= FEW {
        for at in 0..octets.len() {
            let mut without = octets.to_vec();
            without.remove(at);
            forms.push(without);
        }
        for at in 0..octets.len() {
            let mut plain = octets.to_vec();
            plain[at] = b'*';
            forms.push(plain);
        }
    }
    forms
}
