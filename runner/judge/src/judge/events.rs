//! From entries of a transcript to what a trace is made of.

use wsspec_record::transcript::{Frame, What};
use wsspec_record::{Event, Octets};

/// What an entry means to a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The target did something that a trace has to expect.
    Event(Event),
    /// The target did something that it may do at any time: a trace may expect it, and
    /// need not.
    AtAnyTime(Event),
    /// A time is over in which nothing was to come.
    QuietOver,
}

/// Knows what we sent, as far as it decides what counts as an event.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// Payloads of Pings that we sent; whether each was answered.
    pings: Vec<(Octets, bool)>,
    /// Payloads of Pongs that we sent.
    pongs: Vec<Octets>,
    ended: bool,
    closed: bool,
}

impl Events {
    /// What an entry means, if anything.
    pub(super) fn meaning(&mut self, what: &What) -> Option<Meaning> {
        let event = match what {
            What::SentFrame(frame) => {
                match frame.opcode {
                    0x9 => self.pings.push((frame.payload.clone(), false)),
                    0xa => self.pongs.push(frame.payload.clone()),
                    _ => {}
                }
                return None;
            }
            What::Quiet { .. } => return Some(Meaning::QuietOver),
            What::ReceivedFrame(frame) if frame.is_complete() => return self.frame(frame),
            What::ReceivedHead(head) => Event::Head(Box::new(head.clone())),
            What::EchoLoop(echo) => Event::Echoes(echo.echoed),
            What::StayedAway { ended_by_itself } => Event::StayedAway {
                ended_by_itself: *ended_by_itself,
            },
            What::ReceivedFin | What::ReceivedReset if !self.ended => {
                self.ended = true;
                let reset = matches!(what, What::ReceivedReset);
                Event::End { reset }
            }
            _ => return None,
        };
        Some(Meaning::Event(event))
    }

    fn frame(&mut self, frame: &Frame) -> Option<Meaning> {
        let of_kind = |opcode, payload: &Octets| match opcode {
            0x1 => Some(Event::Text(payload.clone())),
            0x2 => Some(Event::Binary(payload.clone())),
            _ => None,
        };
        // Data behind a Close frame is a fault of the closing handshake, and noted as one.
        if self.closed && !frame.is_control() {
            return None;
        }
        let event = match (frame.opcode, &frame.message) {
            (0x0, Some(message)) => of_kind(message.opcode, &message.payload)?,
            (0x1 | 0x2, _) if frame.fin => of_kind(frame.opcode, &frame.payload)?,
            // A second one says nothing more.
            (0x8, _) if std::mem::replace(&mut self.closed, true) => return None,
            (0x8, _) => {
                let reason = frame.payload.kept().get(2..).map(crate::observe::octets);
                Event::Close {
                    code: frame.close_code(),
                    reason: reason.unwrap_or_default(),
                }
            }
            // A target may ping us at any time (§5.5.2).
            (0x9, _) => return Some(Meaning::AtAnyTime(Event::Ping(frame.payload.clone()))),
            (0xa, _) => return Some(self.pong(&frame.payload)),
            _ => return None,
        };
        Some(Meaning::Event(event))
    }

    /// A Pong counts where it answers something of ours, or says again what one of ours
    /// said. Others are heartbeats, which §5.5.3 allows at any time, also while a Ping of
    /// ours waits for its answer.
    fn pong(&mut self, payload: &Octets) -> Meaning {
        let event = Event::Pong(payload.clone());
        let mut pings = self.pings.iter_mut();
        if let Some((_, answered)) = pings.find(|(ping, answered)| !answered && ping == payload) {
            *answered = true;
            return Meaning::Event(event);
        }
        let is_ours =
            self.pongs.contains(payload) || self.pings.iter().any(|(ping, _)| ping == payload);
        if is_ours {
            Meaning::Event(event)
        } else {
            Meaning::AtAnyTime(event)
        }
    }
}
