//! What any lawful endpoint does by itself: Pongs, and the Close that answers a Close.

use tokio::time::Instant;
use wsspec_record::transcript;

use super::Session;
use crate::drive::Watch;

/// The most octets of replies that wait to be sent.
const REPLIES_OCTETS_MAX: usize = 1024 * 1024;
/// What a frame costs besides its payload.
const FRAME_OCTETS: usize = 6;

/// Control frames that wait until they can be sent: between frames of ours, never inside
/// one that was sent in part (§5.2).
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// Opcode and payload.
    frames: Vec<(u8, Vec<u8>)>,
    octets: usize,
}

impl Replies {
    fn push(&mut self, opcode: u8, payload: Vec<u8>) {
        self.octets += FRAME_OCTETS + payload.len();
        self.frames.push((opcode, payload));
    }

    fn is_full(&self) -> bool {
        self.octets >= REPLIES_OCTETS_MAX
    }
}

impl<W: Watch> Session<'_, W> {
    /// Queues what a frame of the target's has to be answered with.
    pub(super) fn reply_to(&mut self, frame: &transcript::Frame) {
        if frame.opcode == 0x9 && frame.fin && frame.is_complete() {
            self.answer_ping(frame);
        }
        if frame.opcode == 0x8 && frame.is_complete() {
            self.they_closed = true;
            self.their_code = frame.close_code();
        }
        self.answer_close();
    }

    /// Answers a Ping with a Pong (§5.5.2).
    fn answer_ping(&mut self, frame: &transcript::Frame) {
        let may_send = !self.we_closed && !self.they_closed;
        if may_send && frame.payload.is_whole() && !self.replies.is_full() {
            self.replies.push(0xa, frame.payload.kept());
        }
    }

    /// Answers a Close with a Close (§5.5.1).
    fn answer_close(&mut self) {
        if !self.they_closed || self.we_closed {
            return;
        }
        // A code that is not for the wire is not sent back.
        let body = match self.their_code {
            None => Vec::new(),
            Some(code @ (1000..=1003 | 1007..=1014 | 3000..=4999)) => code.to_be_bytes().to_vec(),
            Some(_) => 1002_u16.to_be_bytes().to_vec(),
        };
        self.we_closed = true;
        self.replies.push(0x8, body);
    }

    /// Sends the replies that wait, unless we are inside a frame.
    pub(super) async fn flush(&mut self, deadline: Instant) {
        let may_send = !self.cannot_write && !self.ended && self.boundary.is_here();
        if self.replies.frames.is_empty() || !may_send {
            return;
        }
        let mut octets = Vec::with_capacity(self.replies.octets);
        for (opcode, payload) in std::mem::take(&mut self.replies).frames {
            let encoded = self.encoder.lawful(opcode, payload);
            self.note(encoded.records);
            octets.extend_from_slice(&encoded.octets);
        }
        let patience = deadline.saturating_duration_since(Instant::now());
        self.write(&octets, patience).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use wsspec_cases::{Observation, Step, StepKind, Target};
    use wsspec_judge::Next;
    use wsspec_record::transcript::Entry;

    use super::*;
    use crate::drive::encode::Encoder;
    use crate::drive::link::pair;
    use crate::drive::log::Log;

    struct Nobody;

    impl Watch for Nobody {
        fn observe(&mut self, _: &Entry) {}

        fn next(&self) -> Next {
            Next::Wait
        }

        fn has_seen(&self, _: &Observation) -> bool {
            false
        }
    }

    #[tokio::test(start_paused = true)]
    async fn replies_wait_for_the_end_of_a_frame() {
        let frames =
            r#"{"send": [{"text": "abc"}, {"text": "d"}], "cut": "octets", "pause_ms": 10}"#;
        let StepKind::Send(send) = serde_json::from_str::<Step>(frames).unwrap().kind else {
            panic!("a step that sends")
        };
        let (near, mut far) = pair();
        let mut nobody = Nobody;
        let encoder = Encoder::new(Target::Client, ChaCha8Rng::seed_from_u64(1));
        let mut session = Session::new(Target::Client, encoder, Log::new(&mut nobody));
        session.connected(Box::new(near));
        tokio::join!(
            async {
                session.send(&send, Duration::from_secs(1)).await.unwrap();
                session.read(Instant::now()).await;
                session.finish();
            },
            async {
                let mut octets = Vec::new();
                for ping in [&b"\x89\x81\0\0\0\0p"[..], b"\x89\x81\0\0\0\0q"] {
                    octets.push(far.read_u8().await.unwrap());
                    far.write_all(ping).await.unwrap();
                }
                far.read_to_end(&mut octets).await.unwrap();
                assert_eq!(octets, b"\x81\x03abc\x8a\x01p\x8a\x01q\x81\x01d");
            }
        );
    }
}
