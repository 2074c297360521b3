//! The source of invented cases.

use std::sync::Arc;

use wsspec_fuzz::hunt;
use wsspec_record::CaseResult;

use super::Hunts;
use crate::run::{Next, Source};
use crate::subject::Job;

/// Invents cases for every target.
pub(crate) struct Invented(Hunts);

impl Invented {
    /// The cases of these hunts.
    pub(crate) fn new(hunts: &Hunts) -> Self {
        Self(hunts.clone())
    }
}

impl Source for Invented {
    fn next(&mut self, target: usize) -> Next {
        match self.0.lock().next(target) {
            hunt::Next::Play(number, scene) => Next::Play(Job {
                number,
                case: Arc::new(scene.case),
            }),
            hunt::Next::Wait => Next::Wait,
            hunt::Next::Over => Next::Over,
        }
    }

    fn settled(&mut self, target: usize, job: &Job, result: &CaseResult) {
        self.0.lock().told(target, job.number, result);
    }

    fn is_news(&mut self, target: usize, job: &Job, result: &CaseResult) -> bool {
        self.0.lock().is_news(target, job.number, result)
    }

    fn rest(&mut self, _target: usize) -> Vec<Job> {
        Vec::new()
    }
}
