//! Verdicts, closings, failures, and the reason of a result.

use wsspec_record::results::{CaseResult, Closing, Failure, Verdict};

use super::text::clean;

/// How many characters a reason may have.
pub const REASON_CHARS_MAX: usize = 600;

/// What a verdict means, in one sentence.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "The target did what the RFC asks.",
        Verdict::NonStrict => "Allowed, but not what a SHOULD asks or what is plainly best.",
        Verdict::Fail => "A MUST was broken.",
        Verdict::Info => "The RFC leaves this open; what the target does is recorded.",
        Verdict::Unimplemented => "An optional feature was not negotiated.",
        Verdict::Skipped => "A prerequisite was not met, so the case was not played.",
        Verdict::Error => "No judgement was possible.",
    }
}

/// What a closing means, in one sentence.
pub fn closing(closing: Closing) -> &'static str {
    match closing {
        Closing::Ok => "The connection ended as it should.",
        Closing::WrongCode => "The Close frame carries a status code that does not fit.",
        Closing::Unclean => "The connection ended without the Close frame that answers ours.",
        Closing::FailedByClient => "The server left the closing of TCP to the client.",
        Closing::Info => "The RFC leaves open how the connection ends here; recorded.",
        Closing::Fail => "The wrong side ended the connection, or nobody did.",
        Closing::None => "The case did not get as far as the closing.",
    }
}

/// What a failure means, in one sentence.
pub fn failure(failure: Failure) -> &'static str {
    match failure {
        Failure::WrongAnswer => "Something else came than what was expected.",
        Failure::UnlawfulFrame => "A frame of the target breaks the RFC by itself.",
        Failure::Timeout => "Nothing came in time.",
        Failure::Dropped => "The connection ended where it should have gone on.",
        Failure::NotAlive => "The target was not alive before the script began.",
        Failure::OpeningHandshake => "The opening handshake went wrong.",
        Failure::Flood => "The target sent more than any answer can need.",
        Failure::TargetDied => "The target's process ended or stopped listening.",
        Failure::Unreachable => "No connection to the target could be made.",
        Failure::Harness => "A mistake of wsspec, not of the target.",
    }
}

/// Why a result is what it is: its reason, bounded; where there is none, what its
/// failure, closing or verdict means.
pub fn reason(result: &CaseResult) -> String {
    if !result.reason.trim().is_empty() {
        return clean(result.reason.trim(), REASON_CHARS_MAX);
    }
    match (result.failure, result.closing) {
        (Some(kind), _) => failure(kind),
        (None, Closing::Ok | Closing::Info | Closing::None) => verdict(result.verdict),
        (None, kind) => closing(kind),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_a_sentence() {
        let sentences = Verdict::ALL
            .iter()
            .map(|value| verdict(*value))
            .chain(Closing::ALL.iter().map(|value| closing(*value)))
            .chain(Failure::ALL.iter().map(|value| failure(*value)));
        for sentence in sentences {
            assert!(sentence.ends_with('.') && sentence.len() < 80, "{sentence}");
        }
    }
}
