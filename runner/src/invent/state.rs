//! The hunts of a run, one for each target, which the source drives and others look at.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wsspec_fuzz::findings::{Finding, Fingerprint, Judged, fingerprint};
use wsspec_fuzz::generate::Kind;
use wsspec_fuzz::hunt::{Hunt, Next};
use wsspec_fuzz::model::Expected;
use wsspec_fuzz::tried::Tried;
use wsspec_record::{CaseResult, Verdict};

/// The hunts of a run.
#[derive(Clone)]
pub(crate) struct Hunts(Arc<Mutex<State>>);

/// A finding, whose it is, and what was seen of it last.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) finding: Finding,
    pub(crate) result: CaseResult,
}

/// How far a run has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) elapsed: Duration,
    /// How many conversations were held, those that make faults smaller among them.
    pub(crate) held: u64,
    /// How many of them could not be judged.
    pub(crate) errors: u64,
    /// How many were invented.
    pub(crate) invented: u64,
    pub(crate) kinds: BTreeMap<Kind, u64>,
    /// How often each fault was seen.
    pub(crate) seen: BTreeMap<Fingerprint, u64>,
    pub(crate) tried: Tried,
}

/// What is locked.
pub(crate) struct State {
    template: Hunt,
    began: Instant,
    hunts: HashMap<usize, Hunt>,
    /// What is expected of what is under way.
    expected: HashMap<(usize, u64), Expected>,
    /// The last result in which a fault showed.
    last: HashMap<(usize, Fingerprint), CaseResult>,
    /// Findings that nobody has taken yet.
    faults: Vec<Fault>,
    held: u64,
    errors: u64,
}

impl Hunts {
    /// Hunts that begin as this one for each target.
    pub(crate) fn new(template: Hunt) -> Self {
        Self(Arc::new(Mutex::new(State {
            template,
            began: Instant::now(),
            hunts: HashMap::new(),
            expected: HashMap::new(),
            last: HashMap::new(),
            faults: Vec::new(),
            held: 0,
            errors: 0,
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The findings since this was asked for the last time.
    pub(crate) fn take_faults(&self) -> Vec<Fault> {
        std::mem::take(&mut self.lock().faults)
    }

    /// The faults that were not made smaller in time, as they are.
    pub(crate) fn give_up(&self) {
        let mut state = self.lock();
        let given_up = |(target, hunt): (&usize, &mut Hunt)| {
            let findings = hunt.give_up();
            findings
                .into_iter()
                .map(|finding| (*target, finding))
                .collect::<Vec<_>>()
        };
        let given_up: Vec<_> = state.hunts.iter_mut().flat_map(given_up).collect();
        for (target, finding) in given_up {
            state.found(target, finding);
        }
    }

    /// How far the run has come.
    pub(crate) fn progress(&self) -> Progress {
        let state = self.lock();
        let mut progress = Progress {
            elapsed: state.began.elapsed(),
            held: state.held,
            errors: state.errors,
            ..Progress::default()
        };
        for hunt in state.hunts.values() {
            progress.invented += hunt.invented();
            progress.tried.add(hunt.tried());
            for (kind, count) in hunt.kinds() {
                *progress.kinds.entry(*kind).or_default() += count;
            }
            for (fault, count) in hunt.seen() {
                *progress.seen.entry(fault.clone()).or_default() += count;
            }
        }
        progress
    }
}

impl State {
    pub(super) fn next(&mut self, target: usize) -> Next {
        let hunt = self.hunts.entry(target);
        let hunt = hunt.or_insert_with(|| self.template.clone());
        let next = hunt.next(self.began.elapsed());
        if let Next::Play(number, scene) = &next {
            let expected = scene.expected.clone();
            self.expected.insert((target, *number), expected);
        }
        next
    }

    fn shown(&self, target: usize, number: u64, result: &CaseResult) -> Option<Fingerprint> {
        let expected = self.expected.get(&(target, number))?;
        fingerprint(expected, Judged::of_result(result))
    }

    pub(super) fn is_news(&self, target: usize, number: u64, result: &CaseResult) -> bool {
        let shown = self.shown(target, number, result);
        let hunt = self.hunts.get(&target);
        hunt.is_some_and(|hunt| hunt.is_news(number, shown.as_ref()))
    }

    pub(super) fn told(&mut self, target: usize, number: u64, result: &CaseResult) {
        self.held += 1;
        self.errors += u64::from(result.verdict == Verdict::Error);
        let shown = self.shown(target, number, result);
        self.expected.remove(&(target, number));
        let Some(hunt) = self.hunts.get_mut(&target) else {
            return;
        };
        if let Some(shown) = &shown
            && hunt.is_news(number, Some(shown))
        {
            self.last.insert((target, shown.clone()), result.clone());
        }
        if let Some(finding) = hunt.told(number, shown) {
            self.found(target, finding);
        }
    }

    fn found(&mut self, target: usize, finding: Finding) {
        let key = (target, finding.fingerprint.clone());
        if let Some(result) = self.last.remove(&key) {
            self.faults.push(Fault { finding, result });
        }
    }
}
