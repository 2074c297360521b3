//! The second axis: how the connection ended (RFC 6455 §5.5.1, §7.1).

use wsspec_cases::{Codes, Observation, ObservationKind, Outcome, Target};
use wsspec_record::transcript::What;
use wsspec_record::{Closing, Event, Octets};

/// The status code that the runner closes with where a case says nothing.
const USUAL_CODE: u16 = 1000;

/// What is known about the end of a connection.
#[derive(Debug, Default)]
pub(super) struct Facts {
    we_closed: bool,
    /// The target's Close frame: its code, and whether ours was sent before.
    they_closed: Option<(Option<u16>, bool)>,
    ended_by_target: bool,
    ended_by_us: bool,
    /// Whether we have said that we are done, by a Close frame or by FIN.
    we_are_done: bool,
    /// With what the target began the end by itself.
    unasked: Option<Event>,
}

impl Facts {
    pub(super) fn observe(&mut self, what: &What) {
        match what {
            What::SentFrame(frame) if frame.opcode == 0x8 => self.we_closed = true,
            What::ReceivedFrame(frame) if frame.opcode == 0x8 && frame.is_complete() => {
                self.note_unasked(Event::Close {
                    code: frame.close_code(),
                    reason: Octets::default(),
                });
                let after_ours = self.we_closed;
                self.they_closed
                    .get_or_insert((frame.close_code(), after_ours));
            }
            What::ReceivedFin | What::ReceivedReset => {
                let reset = matches!(what, What::ReceivedReset);
                self.note_unasked(Event::End { reset });
                self.ended_by_target |= !self.ended_by_us;
            }
            What::Closed | What::Reset => self.ended_by_us |= !self.ended_by_target,
            _ => {}
        }
        self.we_are_done |= self.we_closed || self.ended_by_us || matches!(what, What::HalfClosed);
    }

    fn note_unasked(&mut self, event: Event) {
        if !self.we_are_done {
            self.unasked.get_or_insert(event);
        }
    }

    /// With what the target began the end before we did, if it has.
    pub(super) fn unasked_end(&self) -> Option<Event> {
        self.unasked.clone()
    }

    /// Whether the connection is over.
    pub(super) fn has_ended(&self) -> bool {
        self.ended_by_target || self.ended_by_us
    }

    /// The code of the target's Close frame, if one came.
    pub(super) fn their_close(&self) -> Option<Option<u16>> {
        self.they_closed.map(|(code, _)| code)
    }

    /// What the second axis says, given what was expected.
    pub(super) fn closing(&self, outcome: &Outcome, target: Target) -> Closing {
        let of_main = outcome.trace.iter().rfind(|last| last.on.is_none());
        match of_main.and_then(last_expectation).map(|last| &last.kind) {
            Some(ObservationKind::Fails(codes)) => self.failed(codes, target),
            Some(ObservationKind::AnswersClose(codes)) => self.closed(codes, target),
            Some(ObservationKind::BeginsClosing(_)) => match self.they_closed {
                Some((_, false)) => self.tcp(target),
                Some((_, true)) | None => Closing::Fail,
            },
            Some(
                ObservationKind::Refused(_)
                | ObservationKind::Opened(_)
                | ObservationKind::StaysAway(_),
            ) => Closing::None,
            Some(ObservationKind::Anything(_)) => Closing::Info,
            _ => self.usual(target),
        }
    }

    /// The target was to fail the connection.
    fn failed(&self, codes: &Codes, target: Target) -> Closing {
        match self.they_closed {
            Some((code, _)) if !codes.right(code) => Closing::WrongCode,
            Some(_) => self.tcp(target),
            None if self.ended_by_target => Closing::Ok,
            None => Closing::Fail,
        }
    }

    /// Nothing was said of the closing handshake. Either side may begin it (§7.1.2), and
    /// the answer to a Close frame typically has its code (§5.5.1).
    fn usual(&self, target: Target) -> Closing {
        match self.they_closed {
            Some((Some(USUAL_CODE) | None, false)) => match self.tcp(target) {
                Closing::Ok => Closing::Info,
                other => other,
            },
            _ => self.closed(&Codes::Best(vec![USUAL_CODE]), target),
        }
    }

    /// The target was to answer our Close frame.
    fn closed(&self, codes: &Codes, target: Target) -> Closing {
        match self.they_closed {
            Some((code, _)) if !codes.right(code) => Closing::WrongCode,
            Some((_, true)) => self.tcp(target),
            None if self.we_closed => Closing::Unclean,
            // Nobody asked for the end, or for a Close frame before ours was sent.
            Some((_, false)) | None => Closing::Fail,
        }
    }

    /// Who closed TCP: a server has to, at once (§7.1.1); a client, once we have closed
    /// our side (§5.5.1).
    fn tcp(&self, target: Target) -> Closing {
        match target {
            _ if self.ended_by_target => Closing::Ok,
            Target::Client => Closing::Fail,
            _ => Closing::FailedByClient,
        }
    }
}

fn last_expectation(last: &Observation) -> Option<&Observation> {
    match &last.kind {
        ObservationKind::AnyOf(traces) => traces.first()?.last().and_then(last_expectation),
        _ => Some(last),
    }
}
