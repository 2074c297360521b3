//! Ends that a target may bring about by itself, so that nothing can be said of what was
//! still to come of it.

use wsspec_cases::step::StepKind;
use wsspec_cases::{Case, Frame, ObservationKind};
use wsspec_record::{Event, Octets, Reason};

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
            Reason::EndedBeforeScript { .. } | Reason::Missing { .. } => true,
            _ => false,
        };
        let is_all = is_all && !self.is_asked_to_close();
        let closing = &self.main().closing;
        let code = closing.their_close().filter(|_| is_all)?;
        let is_lawful = match code {
            Some(1000 | 1001) | None => {
                matches!(closing.unasked_end(), Some(Event::Close { .. }))
            }
            Some(1003) => frames(self.case).any(|frame| matches!(frame.opcode(), Some(1 | 2))),
            Some(1008 | 1009) => is_large(self.case),
            Some(_) => false,
        };
        is_lawful.then(|| Event::Close {
            code,
            reason: Octets::default(),
        })
    }

    /// Whether the case is about how the target begins the closing handshake.
    fn is_asked_to_close(&self) -> bool {
        let mut traces = self.case.outcomes.iter().flat_map(|outcome| &outcome.trace);
        traces.any(|one| matches!(one.kind, ObservationKind::BeginsClosing(_)))
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
