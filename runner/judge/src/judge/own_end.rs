//! Ends that a target may bring about by itself, so that nothing can be said of what was
//! still to come of it.

use wsspec_cases::step::StepKind;
use wsspec_cases::{Case, Codes, Frame, ObservationKind};
use wsspec_record::{Event, Reason};

use super::Judge;
use super::reason::Fall;

/// From how many octets on a target may call what a script sends too large, and from how
/// many frames on too much (§10.4). Nobody has been seen with a lower limit.
const LARGE_OCTETS: u64 = 4096;
const MANY_FRAMES: u64 = 64;

impl Judge<'_> {
    /// The target's end of the connection, where that is all that speaks against it and
    /// it may end so: with a closing handshake of its own (§7.1.2), for a kind of data that
    /// it does not take, or for a limit (§7.4.1).
    pub(super) fn own_end(&self, fall: &Fall) -> Option<Event> {
        let is_end = |event: &Event| matches!(event, Event::Close { .. } | Event::End { .. });
        let is_all = match &fall.reason {
            Reason::Instead { came, .. } => is_end(came),
            Reason::Missing { .. } => true,
            // It has been asked for nothing yet.
            Reason::EndedBeforeScript { .. } => return self.own_close().or_else(|| self.refusal()),
            _ => false,
        };
        if !is_all || self.is_asked_to_close() {
            return None;
        }
        let own_close = self.own_close().filter(|_| !self.tells_by_code());
        own_close.or_else(|| self.refusal())
    }

    /// A closing handshake that the target began by itself.
    fn own_close(&self) -> Option<Event> {
        let end = self.main().closing.unasked_end();
        end.filter(|event| {
            let code = match event {
                Event::Close { code, .. } => code,
                _ => return false,
            };
            matches!(code, Some(1000 | 1001) | None)
        })
    }

    /// The end of the connection for what the script sends: a kind of data, or too much.
    fn refusal(&self) -> Option<Event> {
        let closing = &self.main().closing;
        let is_lawful = match closing.their_close() {
            Some(Some(1003)) => {
                frames(self.case).any(|frame| matches!(frame.opcode(), Some(1 | 2)))
            }
            // A connection may be failed without a Close frame (§7.1.7).
            Some(Some(1008 | 1009 | 1011)) | None => is_large(self.case),
            Some(_) => false,
        };
        closing.unasked_end().filter(|_| is_lawful)
    }

    /// Whether the case is about how the target begins the closing handshake.
    fn is_asked_to_close(&self) -> bool {
        let is = |kind: &ObservationKind| matches!(kind, ObservationKind::BeginsClosing(_));
        self.case.expects(is)
    }

    /// Whether the status code tells whether the target took a violation for one: an
    /// answer to a Close frame that lies among octets would look like an end of its own.
    fn tells_by_code(&self) -> bool {
        let is = |kind: &ObservationKind| matches!(kind, ObservationKind::Fails(Codes::Only(_)));
        self.case.expects(is)
    }
}

/// The frames that a case sends.
fn frames(case: &Case) -> impl Iterator<Item = &Frame> {
    let steps = case.script.iter().flat_map(|step| match &step.kind {
        StepKind::Send(send) => &send.frames[..],
        StepKind::EchoLoop(echo) => std::slice::from_ref(&echo.message),
        _ => &[],
    });
    steps.chain(&case.opening.followed_by)
}

/// Whether a case sends so much that a target may decline it.
fn is_large(case: &Case) -> bool {
    let (mut octets, mut count) = (0_u64, 0_u64);
    for frame in frames(case) {
        let payloads = frame.payloads().filter_map(|payload| payload.len().ok());
        let length = payloads.sum::<u64>();
        let fragments = frame
            .fragment_size
            .map_or(1, |size| length.div_ceil(u64::from(size).max(1)).max(1));
        count = count.saturating_add(fragments);
        let length = length.max(frame.declared_length.unwrap_or(0));
        octets = octets.saturating_add(length);
    }
    octets >= LARGE_OCTETS || count >= MANY_FRAMES
}
