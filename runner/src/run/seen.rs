//! What the transcript of a result shows to a run.

use wsspec_record::CaseResult;
use wsspec_record::transcript::{Entry, What};

/// Whether the target ended the connection: what it meant by that depends on whether it was
/// its own end.
pub(super) fn ended_by_target(result: &CaseResult) -> bool {
    has(result, |what| {
        matches!(what, What::ReceivedFin | What::ReceivedReset)
    })
}

/// Whether the target said anything.
pub(super) fn has_answered(result: &CaseResult) -> bool {
    has(result, |what| {
        matches!(
            what,
            What::ReceivedHead(_) | What::ReceivedFrame(_) | What::ReceivedOctets(_)
        )
    })
}

/// Whether the target sent a Close frame.
pub(super) fn took_leave(result: &CaseResult) -> bool {
    has(result, |what| match what {
        What::ReceivedFrame(frame) => frame.opcode == 0x8,
        _ => false,
    })
}

/// Whether something was awaited in vain.
pub(super) fn ran_out_of_time(result: &CaseResult) -> bool {
    has(result, |what| matches!(what, What::TimedOut { .. }))
}

fn has(result: &CaseResult, is_it: impl Fn(&What) -> bool) -> bool {
    let transcript = result.transcript.iter();
    let mut entries = transcript.flat_map(|transcript| &transcript.entries);
    entries.any(|Entry { what, .. }| is_it(what))
}
