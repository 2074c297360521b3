//! How much there is to a conversation.

use crate::conversation::{Action, Conversation, Cut, Frame, Masking, Payload};

/// What a conversation costs who reads it: actions count most, then what is unlawful about
/// frames, then octets and how plain they are.
pub fn cost(conversation: &Conversation) -> (usize, usize, usize, usize) {
    let mut sum = (conversation.actions.len(), 0, 0, 0);
    for action in &conversation.actions {
        match action {
            Action::Frame(frame) => {
                sum.1 += fields(frame);
                sum.2 += frame.payload.len();
                sum.3 += words(&frame.payload);
            }
            // Octets say less than a frame.
            Action::Octets(octets) => {
                sum.1 += 8;
                sum.2 += octets.len();
                sum.3 += octets.iter().filter(|octet| **octet != 0).count();
            }
            Action::Write(Cut::Sizes(sizes)) => {
                sum.1 += 1;
                sum.3 += sizes.len();
            }
            Action::Write(Cut::Every(_) | Cut::Frames) | Action::HalfClose | Action::Reset => {
                sum.1 += 1;
            }
            Action::Write(Cut::Together) | Action::Await => {}
        }
    }
    sum
}

fn fields(frame: &Frame) -> usize {
    usize::from(!frame.fin)
        + frame.rsv.count_ones() as usize
        + usize::from(frame.masking != Masking::Lawful)
        + usize::from(frame.form.is_some())
        + usize::from(frame.declared.is_some())
}

/// How much there is to a payload beside its length.
fn words(payload: &Payload) -> usize {
    match payload {
        Payload::Octets(octets) => octets.iter().filter(|octet| **octet != b'*').count(),
        Payload::Repeated { piece, .. } => 1 + piece.iter().filter(|octet| **octet != b'*').count(),
    }
}
