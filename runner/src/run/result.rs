//! The result of a case: what a conversation gave, or why there was none.

use std::time::Duration;

use wsspec_cases::Case;
use wsspec_judge::judge::{Judgement, judge};
use wsspec_record::transcript::{Entry, Transcript, What};
use wsspec_record::{CaseResult, Closing, Failure, Reason, Skip, Verdict};
use wsspec_reports::words;

use crate::subject::{Death, Facts, Meeting};

/// The result of a case that was played.
pub(super) fn of_meeting(facts: &Facts, case: &Case, meeting: Meeting) -> CaseResult {
    CaseResult {
        process: meeting.process,
        ..of_judgement(
            facts,
            case,
            meeting.judgement,
            meeting.transcript,
            meeting.took,
        )
    }
}

/// The result of a case that could not be judged.
pub(super) fn of_failure(
    facts: &Facts,
    case: &Case,
    failure: Failure,
    reason: String,
) -> CaseResult {
    let mut judgement = judge(case, facts.role, &Transcript::default());
    judgement.verdict = Verdict::Error;
    judgement.closing = Closing::None;
    judgement.failure = Some(failure);
    judgement.reason = Reason::Words(reason);
    judgement.broken = None;
    let nothing = Transcript::default();
    CaseResult {
        transcript: None,
        ..of_judgement(facts, case, judgement, nothing, Duration::ZERO)
    }
}

/// The result of a case that is not played.
pub(super) fn of_skip(facts: &Facts, case: &Case, skip: &Skip) -> CaseResult {
    let reason = words::skip(skip);
    let mut result = of_failure(facts, case, Failure::Unreachable, reason);
    result.verdict = Verdict::Skipped;
    result.failure = None;
    result
}

/// The result with the death of the target at the end of its conversation, of which it was
/// the cause.
pub(super) fn with_death(
    facts: &Facts,
    case: &Case,
    mut result: CaseResult,
    death: &Death,
) -> CaseResult {
    let mut transcript = result.transcript.take().unwrap_or_default();
    let at_us = transcript.entries.last().map_or(0, |entry| entry.at_us);
    let (status, text) = (death.status.clone(), death.output.clone());
    let seen = [What::TargetDied { status }, What::ProcessOutput { text }];
    let seen = seen.map(|what| Entry::new(at_us, what));
    transcript.entries.extend(seen);
    let judgement = judge(case, facts.role, &transcript);
    let took = Duration::from_secs_f64(result.duration_ms / 1000.0);
    CaseResult {
        attempts: result.attempts,
        ..of_judgement(facts, case, judgement, transcript, took)
    }
}

fn of_judgement(
    facts: &Facts,
    case: &Case,
    judgement: Judgement,
    transcript: Transcript,
    took: Duration,
) -> CaseResult {
    let reason = match judgement.failure {
        Some(_) => words::why_with_last_words(&judgement.reason, &transcript),
        None => words::why(&judgement.reason),
    };
    CaseResult {
        target: facts.info.name.clone(),
        case: case.id.clone(),
        autobahn: case.autobahn.clone(),
        verdict: judgement.verdict,
        closing: judgement.closing,
        failure: judgement.failure,
        reason,
        why: Some(judgement.reason),
        notes: judgement.notes,
        expected: words::expected(case),
        observed: words::observed(&judgement.observed),
        close_code: judgement.close_code,
        duration_ms: took.as_micros() as f64 / 1000.0,
        requirements: case.requirements.clone(),
        broken: judgement.broken,
        replay: facts.replay.command(case),
        attempts: 1,
        in_company: None,
        process: None,
        transcript: Some(transcript),
    }
}
