//! What the connections of a case have in common: the clock, the transcript, and who watches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use wsspec_record::transcript::{Entry, Transcript, What};

use super::Watch;
use super::excerpt::Excerpt;

/// Where every connection of a case notes what happens.
pub(super) struct Log<'watch, W: Watch>(Arc<Mutex<Notes<'watch, W>>>);

struct Notes<'watch, W: Watch> {
    started: Instant,
    excerpt: Excerpt,
    watch: &'watch mut W,
}

impl<W: Watch> Clone for Log<'_, W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<'watch, W: Watch> Log<'watch, W> {
    /// A log that begins now.
    pub(super) fn new(watch: &'watch mut W) -> Self {
        Self(Arc::new(Mutex::new(Notes {
            started: Instant::now(),
            excerpt: Excerpt::default(),
            watch,
        })))
    }

    /// Notes that something happened, and shows it to who watches.
    pub(super) fn record(&self, what: What) {
        let mut notes = self.notes();
        let at_us = u64::try_from(notes.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let entry = Entry::new(at_us, what);
        notes.watch.observe(&entry);
        notes.excerpt.push(entry);
    }

    /// Whether there is more to look at than any conversation of a case needs.
    pub(super) fn is_full(&self) -> bool {
        self.notes().excerpt.is_full()
    }

    /// Asks who watches.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&W) -> T) -> T {
        question(self.notes().watch)
    }

    /// The transcript of what was noted so far; what is noted later begins another one.
    pub(super) fn take(&self) -> Transcript {
        std::mem::take(&mut self.notes().excerpt).into_transcript()
    }

    fn notes(&self) -> MutexGuard<'_, Notes<'watch, W>> {
        // A watch that panicked has brought the whole case down.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
