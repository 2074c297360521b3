//! A target that some of the selected cases are not for.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use wsspec_cases::Case;
use wsspec_record::Skip;

use super::{Absence, Death, Facts, Job, MeetError, Meeting, Promise, Subject, Vitals, Waits};

/// A target without some cases, which are skipped.
pub struct Without {
    inner: Arc<dyn Subject>,
    cases: HashSet<String>,
}

impl Without {
    /// The target without the cases of these ids.
    pub fn new(inner: Arc<dyn Subject>, cases: HashSet<String>) -> Self {
        Self { inner, cases }
    }
}

impl Subject for Without {
    fn facts(&self) -> &Facts {
        self.inner.facts()
    }

    fn unfit(&self, case: &Case) -> Option<Skip> {
        match self.cases.contains(&case.id) {
            true => Some(Skip::NotSelected),
            false => self.inner.unfit(case),
        }
    }

    fn wants_alone(&self, case: &Case) -> bool {
        self.inner.wants_alone(case)
    }

    fn rise(&self, again: Option<Duration>) -> Promise<'_, Result<Vitals, Absence>> {
        self.inner.rise(again)
    }

    fn gone(&self) -> Promise<'_, Death> {
        self.inner.gone()
    }

    fn meet<'a>(&'a self, job: &'a Job, waits: Waits) -> Promise<'a, Result<Meeting, MeetError>> {
        self.inner.meet(job, waits)
    }

    fn fall(&self) -> Promise<'_, ()> {
        self.inner.fall()
    }
}
