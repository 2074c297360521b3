//! From entries of a transcript to what a trace is made of.

use wsspec_record::transcript::{Frame, What};
use wsspec_record::{Event, Octets};

/// Knows what we sent, as far as it decides what counts as an event.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Payloads of Pings that we sent; whether each was answered.
    pings: Vec<(Octets, bool)>,
    /// Payloads of Pongs that we sent.
    pongs: Vec<Octets>,
    ended: bool,
}

impl Events {
    /// The event that an entry stands for, if any.
    pub(super) fn event(&mut self, what: &What) -> Option<Event> {
        match what {
            What::SentFrame(frame) => {
                match frame.opcode {
                    0x9 => self.pings.push((frame.payload.clone(), false)),
                    0xa => self.pongs.push(frame.payload.clone()),
                    _ => {}
                }
                None
            }
            What::ReceivedHead(head) => Some(Event::Head(Box::new(head.clone()))),
            What::ReceivedFrame(frame) if frame.is_complete() => self.frame(frame),
            What::EchoLoop(echo) => Some(Event::Echoes(echo.echoed)),
            What::StayedAway { ended_by_itself } => Some(Event::StayedAway {
                ended_by_itself: *ended_by_itself,
            }),
            What::ReceivedFin | What::ReceivedReset if !self.ended => {
                self.ended = true;
                let reset = matches!(what, What::ReceivedReset);
                Some(Event::End { reset })
            }
            _ => None,
        }
    }

    fn frame(&mut self, frame: &Frame) -> Option<Event> {
        let of_kind = |opcode, payload: &Octets| match opcode {
            0x1 => Some(Event::Text(payload.clone())),
            0x2 => Some(Event::Binary(payload.clone())),
            _ => None,
        };
        match (frame.opcode, &frame.message) {
            (0x0..=0x2, Some(message)) => of_kind(message.opcode, &message.payload),
            (0x1 | 0x2, _) if frame.fin => of_kind(frame.opcode, &frame.payload),
            (0x8, _) => {
                let reason = frame.payload.kept().get(2..).map(crate::observe::octets);
                Some(Event::Close {
                    code: frame.close_code(),
                    reason: reason.unwrap_or_default(),
                })
            }
            (0xa, _) => self.pong(&frame.payload),
            // A target may ping us at any time (§5.5.2); that is not part of a trace.
            _ => None,
        }
    }

    /// A Pong counts where it answers something of ours, rightly or wrongly. Others
    /// are heartbeats, which §5.5.3 allows at any time.
    fn pong(&mut self, payload: &Octets) -> Option<Event> {
        let answered = self
            .pings
            .iter_mut()
            .find(|(ping, answered)| !answered && ping == payload);
        let counts = match answered {
            Some((_, answered)) => {
                *answered = true;
                true
            }
            None => {
                let pending = self.pings.iter().any(|(_, answered)| !answered);
                pending || self.pongs.contains(payload) || self.was_pinged(payload)
            }
        };
        counts.then(|| Event::Pong(payload.clone()))
    }

    fn was_pinged(&self, payload: &Octets) -> bool {
        self.pings.iter().any(|(ping, _)| ping == payload)
    }
}
