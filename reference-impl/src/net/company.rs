//! What the connections of a server share, which is nothing unless a deviation makes it so.

use crate::{Deviation, Deviations, Event, Fragment, Message, MessageKind};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// What connections share that deviate together.
#[derive(Clone, Debug, Default)]
pub struct Company(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// How many connections were failed.
    failures: watch::Sender<u64>,
    /// What has come of fragmented messages, whoever sent them.
    fragments: Mutex<Vec<u8>>,
}

impl PartialEq for Company {
    /// Whether it is the same company.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Company {}

impl Company {
    /// What is made of an event of one connection; `None` if that is nothing.
    pub(super) fn share(&self, event: Event, deviations: Deviations) -> Option<Event> {
        match event {
            Event::Failed(_) => {
                self.0.failures.send_modify(|failures| *failures += 1);
                Some(event)
            }
            Event::Fragment(fragment) if deviations.include(Deviation::ShareFragments) => {
                self.join(fragment).map(Event::Message)
            }
            event => Some(event),
        }
    }

    /// Ready when another connection is failed, if that is to end this one.
    pub(super) async fn failure(&self, deviations: Deviations) {
        let mut failures = self.0.failures.subscribe();
        if !deviations.include(Deviation::EndOthersAfterFailure)
            || failures.changed().await.is_err()
        {
            std::future::pending::<()>().await;
        }
    }

    /// Whether nobody is served any more.
    pub(super) fn is_over(&self, deviations: Deviations) -> bool {
        deviations.include(Deviation::ServeNobodyAfterFailure) && *self.0.failures.borrow() > 0
    }

    /// The message that ends with `fragment`, of all fragments that have come on any connection.
    fn join(&self, fragment: Fragment) -> Option<Message> {
        let shared = self.0.fragments.lock();
        let mut octets = shared.unwrap_or_else(PoisonError::into_inner);
        octets.extend(fragment.payload);
        fragment.is_last.then(|| {
            let octets = std::mem::take(&mut *octets);
            match fragment.kind {
                MessageKind::Text => Message::unchecked_text(octets),
                MessageKind::Binary => Message::binary(octets),
            }
        })
    }
}
