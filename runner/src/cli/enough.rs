//! `--max-fail`: enough was seen.

use std::collections::HashSet;
use std::sync::Arc;

use tokio::sync::Notify;
use wsspec_reports::FailOn;

use super::signal::asked_to_stop;
use crate::run::{Event, RunError, Sink};

/// Counts failures, and tells when there are enough.
pub(super) struct Enough {
    max: Option<usize>,
    fail_on: FailOn,
    /// Targets and cases.
    failed: HashSet<(String, String)>,
    reached: Arc<Notify>,
}

impl Enough {
    pub(super) fn new(max: Option<usize>, fail_on: FailOn) -> Self {
        Self {
            max,
            fail_on,
            failed: HashSet::new(),
            reached: Arc::new(Notify::new()),
        }
    }

    /// Waits until there are enough, or somebody asks us to stop, who is heard from this
    /// call on.
    pub(super) fn or_asked_to_stop(&self) -> impl Future<Output = ()> + use<> {
        let (reached, asked) = (Arc::clone(&self.reached), asked_to_stop());
        async move {
            tokio::select! {
                () = asked => {}
                () = reached.notified() => {}
            }
        }
    }

    /// Whether there are.
    pub(super) fn is_reached(&self) -> bool {
        self.max.is_some_and(|max| self.failed.len() >= max)
    }
}

impl Sink for Enough {
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        if let Event::Settled { result } = event {
            let place = (result.target.clone(), result.case.clone());
            match self.fail_on.fails(result) {
                true => self.failed.insert(place),
                // It was played once more.
                false => self.failed.remove(&place),
            };
            if self.is_reached() {
                self.reached.notify_one();
            }
        }
        Ok(())
    }
}
