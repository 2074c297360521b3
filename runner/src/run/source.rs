//! Where cases come from.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use wsspec_cases::case::Barrier;
use wsspec_cases::{Case, Liveness, Need, StepKind};
use wsspec_record::{CaseResult, Skip, Verdict};

use crate::subject::{Job, Promise, Subject};

/// Where cases come from. The dispatcher asks for one when a target has room for it.
pub trait Source: Send {
    /// What comes next for a target; targets are numbered as they came to the run.
    fn next(&mut self, target: usize) -> Next;

    /// Hears of a case that came to its end, and so may free others or invent some.
    fn settled(&mut self, target: usize, job: &Job, result: &CaseResult);

    /// Whether a bad result of a case that was played with others matters enough for it to be
    /// played once more, alone.
    fn is_news(&mut self, _target: usize, _job: &Job, _result: &CaseResult) -> bool {
        true
    }

    /// What is left for a target with which nothing more is played.
    fn rest(&mut self, target: usize) -> Vec<Job>;

    /// How many cases there are for each target, where that is known.
    fn count(&self) -> Option<usize> {
        None
    }

    /// Whether its cases are for endpoints that echo, so that one which does not is not what
    /// could be graded.
    fn needs_echo(&self) -> bool {
        true
    }

    /// Waits for something from outside; for ever where nothing comes from there.
    fn stir(&mut self) -> Promise<'_, Stir> {
        Box::pin(std::future::pending())
    }

    /// Whether no target can come any more.
    fn is_closed(&self) -> bool {
        true
    }
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// A case.
    Play(Job),
    /// A case that is not played.
    Skip(Job, Skip),
    /// Nothing, until a case under way is settled or the source stirs.
    Wait,
    /// Nothing any more.
    Over,
}

/// Something from outside.
pub enum Stir {
    /// A target came.
    Came(Arc<dyn Subject>),
    /// There may be something to play.
    Asked,
}

/// The selected cases of a suite, for every target.
pub struct Selected {
    cases: Vec<Arc<Case>>,
    ids: HashSet<String>,
    needs_echo: bool,
    targets: HashMap<usize, Progress>,
}

/// How far a target has come.
struct Progress {
    waiting: VecDeque<Job>,
    /// How many were given out and have no result yet.
    under_way: usize,
    verdicts: HashMap<String, Verdict>,
}

impl Selected {
    /// These cases.
    pub fn new(cases: &[Arc<Case>]) -> Self {
        Self {
            needs_echo: true,
            cases: cases.to_vec(),
            ids: cases.iter().map(|case| case.id.clone()).collect(),
            targets: HashMap::new(),
        }
    }
}

impl Selected {
    /// The same of somebody's own: they are for endpoints that echo only where one of them
    /// asks for an echo that it does not speak of itself.
    #[must_use]
    pub fn of_users(mut self) -> Self {
        let asks =
            |case: &Arc<Case>| case.liveness() == Liveness::Echo || case.barrier() == Barrier::Echo;
        self.needs_echo = self.cases.iter().any(asks);
        self
    }
}

impl Progress {
    fn new(cases: &[Arc<Case>]) -> Self {
        let numbered = cases.iter().zip(0..);
        let mut waiting: Vec<Job> = numbered
            .map(|(case, number)| Job {
                number,
                case: Arc::clone(case),
            })
            .collect();
        // What others wait for first; then what takes longest.
        waiting.sort_by_key(|job| (needs(&job.case).next().is_some(), !is_slow(&job.case)));
        Self {
            waiting: waiting.into(),
            under_way: 0,
            verdicts: HashMap::new(),
        }
    }
}

impl Source for Selected {
    fn next(&mut self, target: usize) -> Next {
        let (cases, ids) = (&self.cases, &self.ids);
        let progress = self.targets.entry(target);
        let progress = progress.or_insert_with(|| Progress::new(cases));
        let verdicts = &progress.verdicts;
        let is_free =
            |job: &Job| needs(&job.case).all(|id| verdicts.contains_key(id) || !ids.contains(id));
        let at = match progress.waiting.iter().position(is_free) {
            Some(at) => at,
            None if progress.under_way > 0 => return Next::Wait,
            // Nothing is left, or cases that need one another.
            None => 0,
        };
        let Some(job) = progress.waiting.remove(at) else {
            return Next::Over;
        };
        progress.under_way += 1;
        match unmet(&job.case, verdicts, |id| ids.contains(id)) {
            Some(skip) => Next::Skip(job, skip),
            None => Next::Play(job),
        }
    }

    fn settled(&mut self, target: usize, job: &Job, result: &CaseResult) {
        if let Some(progress) = self.targets.get_mut(&target) {
            progress.under_way -= 1;
            let verdicts = &mut progress.verdicts;
            verdicts.insert(job.case.id.clone(), result.verdict);
        }
    }

    fn rest(&mut self, target: usize) -> Vec<Job> {
        let progress = self.targets.entry(target);
        let progress = progress.or_insert_with(|| Progress::new(&self.cases));
        progress.under_way += progress.waiting.len();
        std::mem::take(&mut progress.waiting).into()
    }

    fn count(&self) -> Option<usize> {
        Some(self.cases.len())
    }

    fn needs_echo(&self) -> bool {
        self.needs_echo
    }
}

/// The case that a case needs and that was not passed. Where it is not selected, the user
/// knows better.
pub(crate) fn unmet(
    case: &Case,
    verdicts: &HashMap<String, Verdict>,
    is_selected: impl Fn(&str) -> bool,
) -> Option<Skip> {
    needs(case).find_map(|id| match verdicts.get(id) {
        Some(Verdict::Pass | Verdict::NonStrict | Verdict::Info) => None,
        None if !is_selected(id) => None,
        verdict => Some(Skip::Needs {
            case: id.to_owned(),
            verdict: verdict.copied(),
        }),
    })
}

/// The cases that a case needs.
fn needs(case: &Case) -> impl Iterator<Item = &str> {
    case.needs.iter().filter_map(|need| match need {
        Need::Case(id) => Some(id.as_str()),
        Need::Feature(_) => None,
    })
}

/// Whether a case waits for nothing to happen.
fn is_slow(case: &Case) -> bool {
    let mut steps = case.script.iter();
    steps.any(|step| matches!(step.kind, StepKind::Quiet { .. }))
}
