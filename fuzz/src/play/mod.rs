//! Conversations with an endpoint in this process, without sockets and without a clock.
//!
//! The course is that of the runner: liveness, script, barrier, closing. Where an endpoint gives no
//! answer to what has arrived, none will come, so that nothing is waited for.

mod reference;
mod stage;

pub use reference::ReferenceEcho;

use wsspec_cases::Liveness;
use wsspec_cases::case::Barrier;
use wsspec_judge::judge::{BARRIER, Judge, Judgement, Next};
use wsspec_record::Transcript;
use wsspec_record::transcript::{Awaited, Phase};

use crate::conversation::Action;
use crate::conversation::encode::Done;
use crate::scene::Scene;
use stage::Stage;

/// An endpoint that echoes messages, with its opening handshake behind it.
pub trait Endpoint {
    /// Takes octets from its peer.
    fn receive(&mut self, octets: &[u8], answer: &mut Answer);

    /// Its peer has closed its half of TCP.
    fn receive_end(&mut self, answer: &mut Answer);
}

/// What an endpoint does in answer.
#[derive(Debug, Default)]
pub struct Answer {
    /// What it sends.
    pub octets: Vec<u8>,
    /// Whether it closes TCP behind that.
    pub ends: bool,
}

/// What came of a conversation.
#[derive(Debug)]
pub struct Played {
    /// What it is worth.
    pub judgement: Judgement,
    /// What was seen.
    pub transcript: Transcript,
}

/// Holds a conversation with an endpoint, and has it judged by its case.
pub fn play(scene: &Scene, endpoint: &mut impl Endpoint) -> Played {
    let target = scene.conversation.target;
    let judge = Judge::new(&scene.case, target);
    let mut stage = Stage::new(target, judge, endpoint);
    stage.open();
    if scene.case.liveness() == Liveness::None || stage.prove_life() {
        converse(scene, &mut stage);
    }
    stage.finish()
}

fn converse<E: Endpoint>(scene: &Scene, stage: &mut Stage<'_, E>) {
    stage.begin(Phase::Script);
    if perform(scene, stage) {
        stage.begin(Phase::Waiting);
        if scene.case.barrier() == Barrier::Echo && !stage.they_closed && !stage.has_ended {
            stage.begin(Phase::Barrier);
            stage.send_lawful(0x1, BARRIER.as_bytes());
        }
    }
    if stage.next() == Next::Wait && !stage.has_ended {
        stage.time_out(Awaited::Outcome);
    }
    if stage.next() == Next::Close {
        stage.close();
    }
}

/// Says whether all of the script was performed.
fn perform<E: Endpoint>(scene: &Scene, stage: &mut Stage<'_, E>) -> bool {
    for done in &scene.done {
        if stage.has_ended || stage.they_closed && !stage.script_closed {
            return false;
        }
        match done {
            Done::Sent {
                pieces, actions, ..
            } => {
                for action in &scene.conversation.actions[actions.clone()] {
                    match action {
                        Action::Frame(frame) => stage.note_frame(frame),
                        Action::Octets(octets) => stage.note_octets(octets),
                        _ => {}
                    }
                }
                for piece in pieces {
                    stage.send(piece);
                }
            }
            // What is not there yet will not come.
            Done::Awaited => {}
            Done::HalfClosed => stage.half_close(),
            Done::Reset => stage.reset(),
        }
    }
    true
}
