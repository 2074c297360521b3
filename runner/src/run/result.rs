//! The result of a case: what a conversation gave, or why there was none.

use std::time::Duration;

use wsspec_cases::Case;
use wsspec_judge::judge::{Judgement, judge};
use wsspec_record::results::{Ending, ProcessEnd};
use wsspec_record::transcript::{Entry, Transcript, What};
use wsspec_record::{CaseResult, Closing, Failure, Skip, Verdict};
use wsspec_reports::{notices, words};

use crate::subject::{Death, Facts, Meeting};

/// The result of a case that was played.
pub(super) fn of_meeting(facts: &Facts, case: &Case, meeting: Meeting) -> CaseResult {
    let mut judgement = meeting.judgement;
    if let (Some(_), Some(process)) = (judgement.failure, &meeting.process) {
        judgement.reason = with_last_words(&judgement.reason, process);
    }
    let mut result = of_judgement(facts, case, judgement, meeting.took);
    result.transcript = Some(meeting.transcript);
    result.process = meeting.process;
    result
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
    judgement.reason = reason;
    judgement.broken = None;
    of_judgement(facts, case, judgement, Duration::ZERO)
}

/// The result of a case that is not played.
pub(super) fn of_skip(facts: &Facts, case: &Case, skip: &Skip) -> CaseResult {
    let reason = notices::skip(skip);
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
    let last = transcript.entries.last();
    transcript.entries.push(Entry {
        at_us: last.map_or(0, |entry| entry.at_us),
        what: What::TargetDied {
            status: death.status.clone(),
        },
    });
    let mut judgement = judge(case, facts.role, &transcript);
    let last = death.output.trim_end().lines().last().unwrap_or_default();
    if !last.is_empty() {
        let last = words::clean(last, 200);
        judgement.reason = format!("{} Its last words: {last}", judgement.reason);
    }
    let took = Duration::from_secs_f64(result.duration_ms / 1000.0);
    CaseResult {
        attempts: result.attempts,
        transcript: Some(transcript),
        ..of_judgement(facts, case, judgement, took)
    }
}

fn of_judgement(facts: &Facts, case: &Case, judgement: Judgement, took: Duration) -> CaseResult {
    CaseResult {
        target: facts.info.name.clone(),
        case: case.id.clone(),
        autobahn: case.autobahn.clone(),
        verdict: judgement.verdict,
        closing: judgement.closing,
        failure: judgement.failure,
        reason: judgement.reason,
        expected: words::expected(case),
        observed: judgement.observed,
        close_code: judgement.close_code,
        duration_ms: took.as_micros() as f64 / 1000.0,
        requirements: case.requirements.clone(),
        broken: judgement.broken,
        replay: facts.replay.command(case),
        attempts: 1,
        process: None,
        transcript: None,
    }
}

/// The reason of a failure, with what the process said at the end.
fn with_last_words(reason: &str, process: &ProcessEnd) -> String {
    let mut text = reason.to_owned();
    let is_news = process.code != Some(0) && !reason.contains(&process.status);
    if is_news && process.ended == Ending::ByItself {
        text.push_str(&format!(" Its process ended with {}.", process.status));
    }
    let last = process.output.trim_end().lines().last().unwrap_or_default();
    if !last.is_empty() {
        text.push_str(&format!(" Its last words: {}", words::clean(last, 200)));
    }
    text
}
