//! One target's turn.
//!
//! Cases run side by side. What ran out of time is played once more alone, as long as
//! that is the exception; when the target goes away, it is awaited or started again,
//! and the cases that were in flight are played one by one to find which one it was.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{Id, JoinSet};
use wsspec_cases::{Case, StepKind, Target};
use wsspec_record::results::Grade;
use wsspec_record::transcript::{Entry, Transcript, What};
use wsspec_record::{CaseResult, Failure};

use super::canary::sing;
use super::record::{Recorder, by_need, error_of, result_of, skipped_of, unmet_need};
use super::{Plan, Progress, RunError, Server};
use crate::drive::{Patience, ServerAddress, play_server};
use crate::target::SpawnedServer;
use wsspec_judge::judge::{Judge, Judgement};

/// How many cases that ran out of time are played once more.
const REPLAYS_MAX: usize = 8;
/// How often a target may go away before its turn ends.
const DEATHS_MAX: usize = 25;
/// How long before it was noticed the end of a target may have ended connections: an
/// exit status or a refusal takes another way than the octets.
const NOTICE_DELAY: Duration = Duration::from_millis(500);
/// After how many cases that ran out of time the patience becomes smaller.
const TIMEOUTS_TOLERATED: usize = 4;
/// The patience with a target that has shown that it does not answer.
const HOPELESS_PATIENCE: Duration = Duration::from_secs(1);

/// Plays all cases with one target.
pub(super) async fn grade<'plan>(
    plan: &'plan Plan,
    server: &Server,
    recorder: &mut Recorder<'plan>,
    progress: &dyn Progress,
) -> Result<(), RunError> {
    let mut turn = Turn {
        plan,
        server: server.clone(),
        recorder,
        progress,
        patience: Patience::new(plan.timeout),
        process: None,
        deaths: 0,
        timeouts: 0,
        recent: VecDeque::new(),
    };
    let ended = turn.play_all().await;
    if let Some(process) = turn.process.take() {
        process.stop().await;
    }
    ended
}

struct Turn<'run, 'plan> {
    plan: &'plan Plan,
    server: Server,
    recorder: &'run mut Recorder<'plan>,
    progress: &'run dyn Progress,
    patience: Patience,
    process: Option<SpawnedServer>,
    deaths: usize,
    timeouts: usize,
    /// Cases whose connection the target ended, with the time.
    recent: VecDeque<(Instant, Arc<Case>)>,
}

/// How playing a number of cases came to its end.
enum Stop {
    /// All were played.
    Done,
    /// The target went away. These are still to be played, and these were in flight
    /// when it did.
    Gone {
        waiting: VecDeque<Arc<Case>>,
        suspects: Vec<Arc<Case>>,
        words: String,
    },
}

impl Turn<'_, '_> {
    async fn play_all(&mut self) -> Result<(), RunError> {
        if !self.start().await? {
            return Ok(());
        }
        let (alone, mut together): (Vec<_>, Vec<_>) = self
            .plan
            .cases
            .iter()
            .cloned()
            .partition(|case| case.exclusive);
        // Those that take longest begin first.
        together.sort_by_key(|case| !is_slow(case));

        for (cases, jobs) in [(together, self.plan.jobs), (alone, 1)] {
            for part in by_need(cases) {
                let part = self.skip_unmet(part)?;
                self.play(part, jobs).await?;
            }
        }
        self.replay_timeouts().await?;
        self.last_canary().await;
        Ok(())
    }

    /// The cases that are to be played; the others have a result that says why not.
    fn skip_unmet(&mut self, cases: Vec<Arc<Case>>) -> Result<Vec<Arc<Case>>, RunError> {
        let mut left = Vec::new();
        for case in cases {
            let name = &self.server.name;
            let is_secure = self.server.address.secure.is_some();
            match unmet_need(self.plan, self.recorder, name, is_secure, &case) {
                None => left.push(case),
                Some(reason) => {
                    let result = skipped_of(self.plan, &self.server.subject(), &case, reason);
                    self.progress.judged(&result);
                    self.recorder.push(result)?;
                }
            }
        }
        Ok(left)
    }

    /// Starts the target if we do, and plays the canary. False where there is nobody to
    /// play with.
    async fn start(&mut self) -> Result<bool, RunError> {
        if let Err(words) = self.launch().await {
            self.give_up(&words)?;
            return Ok(false);
        }
        let canary = sing(&self.server.address, self.patience, self.plan.seed).await;
        let product = canary.product.as_deref();
        let url = self.server.url.as_deref();
        self.recorder.product(&self.server.name, url, product);
        if canary.is_unreachable() {
            let reason = canary
                .failure
                .map_or_else(String::new, |(_, reason)| reason);
            self.give_up(&reason)?;
            return Ok(false);
        }
        let slow = canary.took.as_millis() / 10;
        self.patience.quiet_factor = 1 + u32::try_from(slow.min(15)).unwrap_or(15);
        if let Some((failure, reason)) = canary.failure {
            let words =
                format!("Before the first case the target did not echo a message. {reason}");
            self.progress.notice(&words);
            self.recorder.trouble(&self.server.name, &words);
            if matches!(failure, Failure::Timeout | Failure::NotAlive) {
                self.patience = Patience::new(self.patience.answer.min(HOPELESS_PATIENCE));
            }
        }
        Ok(true)
    }

    async fn launch(&mut self) -> Result<(), String> {
        let Some(spawn) = &self.server.spawn else {
            return Ok(());
        };
        let process = spawn.start().await.map_err(|error| error.to_string())?;
        let port = process.port();
        self.server.address.addresses = vec![([127, 0, 0, 1], port).into()];
        // Certificates for this machine are most often for its name.
        let (scheme, host) = match self.server.address.secure {
            Some(_) => ("wss", "localhost"),
            None => ("ws", "127.0.0.1"),
        };
        self.server.address.host = format!("{host}:{port}");
        self.server.url = Some(format!("{scheme}://{host}:{port}/"));
        self.process = Some(process);
        Ok(())
    }

    async fn play(&mut self, cases: Vec<Arc<Case>>, jobs: usize) -> Result<(), RunError> {
        let mut waiting: VecDeque<Arc<Case>> = cases.into();
        loop {
            match self.play_until_gone(waiting, jobs, true).await? {
                Stop::Done => return Ok(()),
                Stop::Gone {
                    waiting: rest,
                    suspects,
                    words,
                } => {
                    waiting = rest;
                    if !self.recover(&words, suspects, &mut waiting).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Plays cases, `jobs` at a time, for as long as the target is there.
    async fn play_until_gone(
        &mut self,
        mut waiting: VecDeque<Arc<Case>>,
        jobs: usize,
        count: bool,
    ) -> Result<Stop, RunError> {
        let mut tasks: JoinSet<Outcome> = JoinSet::new();
        let mut running: HashMap<Id, Arc<Case>> = HashMap::new();
        let mut gone: Option<String> = None;
        let mut suspects: Vec<Arc<Case>> = Vec::new();
        loop {
            while gone.is_none() && running.len() < jobs.max(1) {
                let Some(case) = waiting.pop_front() else {
                    break;
                };
                let task = tasks.spawn(play_one(
                    Arc::clone(&case),
                    self.server.address.clone(),
                    self.patience,
                    self.plan.seed,
                ));
                running.insert(task.id(), case);
            }
            tokio::select! {
                joined = tasks.join_next_with_id() => {
                    let Some(joined) = joined else { break };
                    let (id, outcome) = match joined {
                        Ok((id, outcome)) => (id, Ok(outcome)),
                        Err(error) => (error.id(), Err(error.to_string())),
                    };
                    let Some(case) = running.remove(&id) else { continue };
                    let result = self.result(&case, outcome);
                    if result.failure == Some(Failure::Unreachable) && self.deaths < DEATHS_MAX {
                        gone.get_or_insert_with(|| result.reason.clone());
                        for other in running.values() {
                            note(&mut suspects, other);
                        }
                        waiting.push_front(case);
                        continue;
                    }
                    self.remember(&case, &result);
                    self.learn(&result);
                    if count || !self.recorder.has(&self.server.name, &case.id) {
                        self.progress.judged(&result);
                    }
                    self.recorder.push(result)?;
                }
                status = ended(&mut self.process), if gone.is_none() => {
                    gone = Some(format!("its process ended ({status})"));
                    for other in running.values() {
                        note(&mut suspects, other);
                    }
                }
            }
        }
        Ok(match gone {
            None => Stop::Done,
            Some(words) => {
                let now = Instant::now();
                for (when, case) in &self.recent {
                    if now.duration_since(*when) < NOTICE_DELAY {
                        note(&mut suspects, case);
                    }
                }
                Stop::Gone {
                    waiting,
                    suspects,
                    words,
                }
            }
        })
    }

    /// Deals with a target that went away. False where it does not come back.
    async fn recover(
        &mut self,
        words: &str,
        suspects: Vec<Arc<Case>>,
        waiting: &mut VecDeque<Arc<Case>>,
    ) -> Result<bool, RunError> {
        self.deaths += 1;
        let in_flight: Vec<&str> = suspects.iter().map(|case| case.id.as_str()).collect();
        let in_flight = if in_flight.is_empty() {
            "no case was in flight".to_owned()
        } else {
            format!("in flight: {}", in_flight.join(", "))
        };
        let what = format!("The target went away: {words} ({in_flight}).");
        self.progress.notice(&what);
        self.recorder.trouble(&self.server.name, &what);

        if self.server.spawn.is_some() {
            return self.find_culprit(suspects, &what).await;
        }
        if self.comes_back().await {
            self.progress.notice("The target is there again.");
            // What was in flight shows the end of the target, not its conduct.
            waiting.extend(suspects);
            return Ok(true);
        }
        for case in suspects {
            self.record_error(&case, Failure::TargetDied, &what)?;
        }
        self.give_up(&what)?;
        Ok(false)
    }

    /// Plays the suspects one by one, each with a target that is started anew if need
    /// be.
    async fn find_culprit(
        &mut self,
        suspects: Vec<Arc<Case>>,
        what: &str,
    ) -> Result<bool, RunError> {
        self.process = None;
        if let Err(words) = self.launch().await {
            self.give_up(&format!("{what} It could not be started again: {words}"))?;
            return Ok(false);
        }
        for case in suspects {
            let alone = VecDeque::from([Arc::clone(&case)]);
            self.recent.clear();
            let stop = self.play_until_gone(alone, 1, false).await?;
            let died = match stop {
                Stop::Gone { words, .. } => Some(words),
                // The exit status may come a moment after the end of the connection.
                Stop::Done => match (self.recent.pop_back(), &mut self.process) {
                    (Some(_), Some(process)) => tokio::time::timeout(NOTICE_DELAY, process.ended())
                        .await
                        .ok()
                        .map(|status| format!("its process ended ({status})")),
                    _ => None,
                },
            };
            let Some(words) = died else { continue };
            let output = match &mut self.process {
                Some(process) => process.last_output().await,
                None => String::new(),
            };
            self.deaths += 1;
            self.record_death(&case, &words, &output)?;
            self.process = None;
            if self.deaths >= DEATHS_MAX {
                self.give_up("The target died too often.")?;
                return Ok(false);
            }
            if let Err(words) = self.launch().await {
                self.give_up(&format!("{what} It could not be started again: {words}"))?;
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn comes_back(&mut self) -> bool {
        let deadline = Instant::now() + self.patience.answer;
        while Instant::now() < deadline && self.deaths < DEATHS_MAX {
            let canary = sing(&self.server.address, self.patience, self.plan.seed).await;
            if !canary.is_unreachable() {
                return true;
            }
            // The pace of asking; nothing tells when somebody listens again.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Plays once more what ran out of time, where that was the exception: a loaded
    /// machine is no reason to accuse anybody.
    async fn replay_timeouts(&mut self) -> Result<(), RunError> {
        let late: Vec<Arc<Case>> = {
            let is_late = |result: &&CaseResult| {
                let ran_out = |entry: &Entry| matches!(entry.what, What::TimedOut { .. });
                result.grade() == Grade::Bad
                    && result
                        .transcript
                        .iter()
                        .flat_map(|transcript| &transcript.entries)
                        .any(ran_out)
            };
            let name = self.server.name.clone();
            let ids: Vec<&str> = self
                .recorder
                .of_target(&name)
                .filter(is_late)
                .map(|result| result.case.as_str())
                .collect();
            let is_one = |case: &&Arc<Case>| ids.contains(&case.id.as_str());
            self.plan.cases.iter().filter(is_one).cloned().collect()
        };
        if late.is_empty() || late.len() > REPLAYS_MAX || self.plan.jobs == 1 {
            return Ok(());
        }
        self.play_until_gone(late.into(), 1, false).await?;
        Ok(())
    }

    async fn last_canary(&mut self) {
        let canary = sing(&self.server.address, self.patience, self.plan.seed).await;
        if let Some((_, reason)) = canary.failure {
            let words = format!("After the last case the target did not echo a message. {reason}");
            self.progress.notice(&words);
            self.recorder.trouble(&self.server.name, &words);
        }
    }

    fn result(&self, case: &Case, outcome: Result<Outcome, String>) -> CaseResult {
        let (judgement, transcript, took, attempts) = match outcome {
            Ok(Outcome {
                played: Ok((judgement, transcript)),
                took,
            }) => {
                let again = self.recorder.has(&self.server.name, &case.id);
                (judgement, transcript, took, 1 + u32::from(again))
            }
            Ok(Outcome {
                played: Err(reason),
                ..
            })
            | Err(reason) => {
                let reason = format!("The case could not be played: {reason}.");
                return error_of(
                    self.plan,
                    &self.server.subject(),
                    case,
                    Failure::Harness,
                    reason,
                );
            }
        };
        let mut result = result_of(
            self.plan,
            &self.server.subject(),
            case,
            judgement,
            transcript,
            took,
        );
        result.attempts = attempts;
        result
    }

    /// A target that left several cases without an answer is not waited for as long as
    /// one that never did.
    fn learn(&mut self, result: &CaseResult) {
        if result.failure == Some(Failure::Timeout) {
            self.timeouts += 1;
            if self.timeouts == TIMEOUTS_TOLERATED {
                self.patience.answer = self.patience.answer.min(HOPELESS_PATIENCE);
            }
        }
    }

    /// Remembers cases whose connection the target ended without a word.
    fn remember(&mut self, case: &Arc<Case>, result: &CaseResult) {
        let entries = result
            .transcript
            .iter()
            .flat_map(|transcript| &transcript.entries);
        let mut ended = false;
        let mut said = false;
        for entry in entries {
            match &entry.what {
                What::ReceivedFin | What::ReceivedReset => ended = true,
                What::ReceivedFrame(frame) if frame.opcode == 0x8 => said = true,
                _ => {}
            }
        }
        if ended && !said {
            self.recent.push_back((Instant::now(), Arc::clone(case)));
            if self.recent.len() > 64 {
                self.recent.pop_front();
            }
        }
    }

    fn record_death(&mut self, case: &Case, words: &str, output: &str) -> Result<(), RunError> {
        let (status, text) = (words.to_owned(), output.to_owned());
        let died = Transcript {
            entries: vec![
                Entry::new(0, What::TargetDied { status }),
                Entry::new(0, What::ProcessOutput { text }),
            ],
            omitted: 0,
        };
        let judgement = wsspec_judge::judge::judge(case, Target::Server, &died);
        let result = result_of(
            self.plan,
            &self.server.subject(),
            case,
            judgement,
            died,
            Duration::ZERO,
        );
        self.recorder.push(result)
    }

    fn record_error(
        &mut self,
        case: &Case,
        failure: Failure,
        reason: &str,
    ) -> Result<(), RunError> {
        let result = error_of(
            self.plan,
            &self.server.subject(),
            case,
            failure,
            reason.to_owned(),
        );
        self.progress.judged(&result);
        self.recorder.push(result)
    }

    /// Every case that has no result gets one that says why.
    fn give_up(&mut self, reason: &str) -> Result<(), RunError> {
        self.recorder.trouble(&self.server.name, reason);
        for case in &self.plan.cases {
            if !self.recorder.has(&self.server.name, &case.id) {
                self.record_error(case, Failure::Unreachable, reason)?;
            }
        }
        Ok(())
    }
}

/// What a task that plays one case gives.
struct Outcome {
    played: Result<(Judgement, Transcript), String>,
    took: Duration,
}

async fn play_one(
    case: Arc<Case>,
    address: ServerAddress,
    patience: Patience,
    seed: u64,
) -> Outcome {
    let began = Instant::now();
    let mut judge = Judge::new(&case, Target::Server);
    let played = play_server(&case, &address, patience, seed, &mut judge).await;
    let took = began.elapsed();
    Outcome {
        played: match played {
            Ok(played) => Ok((judge.conclude(), played.transcript)),
            Err(error) => Err(error.to_string()),
        },
        took,
    }
}

async fn ended(process: &mut Option<SpawnedServer>) -> String {
    match process {
        Some(process) => process.ended().await,
        None => std::future::pending().await,
    }
}

fn note(suspects: &mut Vec<Arc<Case>>, case: &Arc<Case>) {
    if !suspects.iter().any(|other| other.id == case.id) {
        suspects.push(Arc::clone(case));
    }
}

/// Whether a case waits for nothing to happen.
fn is_slow(case: &Case) -> bool {
    case.script
        .iter()
        .any(|step| matches!(step.kind, StepKind::Quiet { .. }))
}
