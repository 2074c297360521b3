//! Results as they come: written at once, replaced where a case is played again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use wsspec_cases::{Case, Need};
use wsspec_record::results::Header;
use wsspec_record::store::{self, ResultsWriter};
use wsspec_record::transcript::Transcript;
use wsspec_record::{CaseResult, Closing, Failure, Reason, Results, TargetInfo, Verdict};
use wsspec_reports::words;

use super::{Plan, RunError, Subject, has_results};
use wsspec_judge::judge::{Judgement, judge};

/// Collects results.
pub(super) struct Recorder<'plan> {
    plan: &'plan Plan,
    header: Header,
    writer: Option<ResultsWriter>,
    results: Vec<CaseResult>,
    /// Where the result of a target's case stands.
    places: HashMap<(String, String), usize>,
}

impl<'plan> Recorder<'plan> {
    pub(super) fn new(plan: &'plan Plan, header: Header) -> Self {
        Self {
            plan,
            header,
            writer: None,
            results: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Adds a target that was not known when the run began.
    pub(super) fn add_target(&mut self, info: TargetInfo) -> Result<(), RunError> {
        self.header.targets.push(info);
        // The head of the file names the targets.
        if self.writer.take().is_some() {
            store::save(&self.plan.out, &self.snapshot(Duration::ZERO))
                .map_err(|source| self.write_error(source))?;
            let mut writer = ResultsWriter::create(&self.plan.out, &self.header)
                .map_err(|source| self.write_error(source))?;
            for result in &self.results {
                let pushed = writer.push(result);
                pushed.map_err(|source| self.write_error(source))?;
            }
            self.writer = Some(writer);
        }
        Ok(())
    }

    /// Notes what a target says of itself.
    pub(super) fn product(&mut self, target: &str, url: Option<&str>, product: Option<&str>) {
        for info in &mut self.header.targets {
            if info.name == target {
                info.product = product.map(str::to_owned).or(info.product.take());
                info.url = url.map(str::to_owned).or(info.url.take());
            }
        }
    }

    /// Notes how long a target's turn took.
    pub(super) fn turn_took(&mut self, target: &str, took: Duration) {
        for info in &mut self.header.targets {
            if info.name == target {
                info.duration_ms = u64::try_from(took.as_millis()).ok();
            }
        }
    }

    /// Notes what is wrong with a target as a whole.
    pub(super) fn trouble(&mut self, target: &str, words: &str) {
        for info in &mut self.header.targets {
            if info.name == target {
                info.trouble = Some(words.to_owned());
            }
        }
    }

    /// Takes a result, in place of an earlier one of the same case if there is one.
    pub(super) fn push(&mut self, result: CaseResult) -> Result<(), RunError> {
        let place = (result.target.clone(), result.case.clone());
        if let Some(&at) = self.places.get(&place) {
            self.results[at] = result;
            return Ok(());
        }
        // A run that reaches nothing leaves an earlier run's results alone.
        let is_empty_handed = result.failure == Some(Failure::Unreachable)
            && self.writer.is_none()
            && has_results(&self.plan.out);
        if !is_empty_handed {
            let pushed = self.open()?.push(&result);
            pushed.map_err(|source| self.write_error(source))?;
        }
        self.places.insert(place, self.results.len());
        self.results.push(result);
        Ok(())
    }

    /// Whether a target's case has a result.
    pub(super) fn has(&self, target: &str, case: &str) -> bool {
        let place = (target.to_owned(), case.to_owned());
        self.places.contains_key(&place)
    }

    /// The results of a target so far.
    pub(super) fn of_target<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a CaseResult> {
        self.results
            .iter()
            .filter(move |result| result.target == target)
    }

    /// The result of a target's case, where there is one.
    pub(super) fn get(&self, target: &str, case: &str) -> Option<&CaseResult> {
        let place = (target.to_owned(), case.to_owned());
        self.places.get(&place).map(|&at| &self.results[at])
    }

    /// All results so far, in the order of targets and cases.
    pub(super) fn snapshot(&self, duration: Duration) -> Results {
        Results {
            header: self.header.clone(),
            results: sorted(&self.header, self.results.clone()),
            duration_ms: milliseconds(duration),
        }
    }

    /// All results, in the order of targets and cases, and the file complete.
    pub(super) fn finish(self, duration: Duration) -> Result<Results, RunError> {
        let results = Results {
            results: sorted(&self.header, self.results),
            header: self.header,
            duration_ms: milliseconds(duration),
        };
        let dir = &self.plan.out;
        let write_error = |source| RunError::Write {
            dir: dir.clone(),
            source,
        };
        if let Some(writer) = self.writer {
            // Once more as a whole: in order, with what was learned of the targets, and
            // without what was replaced.
            writer.finish(results.duration_ms).map_err(write_error)?;
            store::save(dir, &results).map_err(write_error)?;
        }
        Ok(results)
    }

    fn open(&mut self) -> Result<&mut ResultsWriter, RunError> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => ResultsWriter::create(&self.plan.out, &self.header)
                .map_err(|source| self.write_error(source))?,
        };
        Ok(self.writer.insert(writer))
    }

    fn write_error(&self, source: std::io::Error) -> RunError {
        RunError::Write {
            dir: self.plan.out.clone(),
            source,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Results in the order of targets and cases.
fn sorted(header: &Header, mut results: Vec<CaseResult>) -> Vec<CaseResult> {
    let order: HashMap<&str, usize> = header
        .order
        .iter()
        .enumerate()
        .map(|(at, id)| (id.as_str(), at))
        .collect();
    let targets: HashMap<&str, usize> = header
        .targets
        .iter()
        .enumerate()
        .map(|(at, target)| (target.name.as_str(), at))
        .collect();
    results.sort_by_key(|result| {
        (
            targets.get(result.target.as_str()).copied(),
            order.get(result.case.as_str()).copied(),
        )
    });
    results
}

/// A result of a case that was played.
pub(super) fn result_of(
    plan: &Plan,
    subject: &Subject,
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
        target: subject.name.clone(),
        case: case.id.clone(),
        autobahn: case.autobahn.clone(),
        verdict: judgement.verdict,
        closing: judgement.closing,
        failure: judgement.failure,
        reason,
        why: Some(judgement.reason),
        expected: words::expected(case),
        observed: words::observed(&judgement.observed),
        close_code: judgement.close_code,
        duration_ms: took.as_micros() as f64 / 1000.0,
        requirements: case.requirements.clone(),
        broken: judgement.broken,
        replay: replay_command(plan, subject, case),
        attempts: 1,
        process: None,
        transcript: Some(transcript),
    }
}

/// A result of a case that could not be judged.
pub(super) fn error_of(
    plan: &Plan,
    subject: &Subject,
    case: &Case,
    failure: Failure,
    reason: String,
) -> CaseResult {
    let mut judgement = judge(case, subject.role, &Transcript::default());
    judgement.verdict = Verdict::Error;
    judgement.closing = Closing::None;
    judgement.failure = Some(failure);
    judgement.reason = Reason::Words(reason);
    judgement.broken = None;
    let mut result = result_of(
        plan,
        subject,
        case,
        judgement,
        Transcript::default(),
        Duration::ZERO,
    );
    result.transcript = None;
    result
}

/// A result of a case that is not played, since something that it needs is not there.
pub(super) fn skipped_of(
    plan: &Plan,
    subject: &Subject,
    case: &Case,
    reason: String,
) -> CaseResult {
    let mut result = error_of(plan, subject, case, Failure::Unreachable, reason);
    result.verdict = Verdict::Skipped;
    result.failure = None;
    result
}

/// Why a case is not to be played with a target: it needs another one, which the target
/// does not pass. Where that one is not selected, the user knows better.
pub(super) fn unmet_need(
    plan: &Plan,
    recorder: &Recorder<'_>,
    target: &str,
    is_secure: bool,
    case: &Case,
) -> Option<String> {
    if case.is_for_tls() && !is_secure {
        return Some("The case is about TLS, and the target is graded without.".to_owned());
    }
    case.needs.iter().find_map(|need| {
        let Need::Case(id) = need else {
            return None;
        };
        let is_selected = plan.cases.iter().any(|other| other.id == *id);
        match recorder.get(target, id).map(|result| result.verdict) {
            Some(Verdict::Pass | Verdict::NonStrict | Verdict::Info) => None,
            Some(verdict) => Some(format!(
                "The case needs {id}, the verdict of which is {verdict}."
            )),
            None if is_selected => Some(format!(
                "The case needs {id}, which was not played before it."
            )),
            None => None,
        }
    })
}

/// Cases in two parts: those that need no other case, and those that do.
pub(super) fn by_need(cases: Vec<Arc<Case>>) -> [Vec<Arc<Case>>; 2] {
    let needs_none = |case: &Arc<Case>| {
        let mut needs = case.needs.iter();
        !needs.any(|need| matches!(need, Need::Case(_)))
    };
    let (first, second) = cases.into_iter().partition(needs_none);
    [first, second]
}

/// The command that plays a case again.
fn replay_command(plan: &Plan, subject: &Subject, case: &Case) -> String {
    let mut words = vec![subject.replay.trim_end().to_owned()];
    words.push(format!("--case {} --seed {}", case.id, plan.seed));
    words.extend(plan.replay_options.iter().cloned());
    words.push(subject.replay_end.clone());
    words.retain(|word| !word.is_empty());
    words.join(" ")
}
