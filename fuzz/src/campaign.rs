//! A run of conversations with an endpoint in this process.
//!
//! ```
//! use wsspec_cases::Target;
//! use wsspec_fuzz::campaign::Campaign;
//! use wsspec_fuzz::play::ReferenceEcho;
//! use wsspec_reference::Config;
//!
//! let endpoint = || ReferenceEcho::new(Target::Server, &Config::default());
//! let found = Campaign::new(Target::Server, 1).run(100, endpoint);
//! if let Some(found) = found {
//!     let finding = found.shrink(1000, endpoint);
//!     panic!("{}", serde_json::to_string_pretty(&finding.case()).unwrap());
//! }
//! ```

use wsspec_cases::Target;

use crate::conversation::Conversation;
use crate::findings::{Finding, Fingerprint, Judged, fingerprint};
use crate::generate::Generator;
use crate::play::{Endpoint, Played, play};
use crate::scene::Scene;
use crate::shrink::shrink;

/// Conversations with one kind of endpoint.
#[derive(Clone, Debug)]
pub struct Campaign {
    generator: Generator,
    seed: u64,
}

/// A conversation in which an endpoint did what it may not.
#[derive(Debug)]
pub struct Found {
    /// Its number in the run.
    pub number: u64,
    /// What was said.
    pub conversation: Conversation,
    /// What it shows.
    pub fingerprint: Fingerprint,
    /// What came of it.
    pub played: Played,
}

impl Campaign {
    /// A run with this seed.
    pub fn new(target: Target, seed: u64) -> Self {
        Self::with(Generator::new(target), seed)
    }

    /// A run with conversations of this generator.
    pub const fn with(generator: Generator, seed: u64) -> Self {
        Self { generator, seed }
    }

    /// Holds so many conversations, each with an endpoint of its own, and stops at the first in
    /// which the endpoint does what it may not.
    pub fn run<E: Endpoint>(
        &self,
        conversations: u64,
        mut endpoint: impl FnMut() -> E,
    ) -> Option<Found> {
        (0..conversations).find_map(|number| {
            let (_, conversation) = self.generator.conversation(self.seed, number);
            let (played, fingerprint) = hold(&conversation, &mut endpoint());
            Some(Found {
                number,
                fingerprint: fingerprint?,
                conversation,
                played,
            })
        })
    }
}

impl Found {
    /// The finding, made smaller with so many tries at the most.
    pub fn shrink<E: Endpoint>(self, tries_max: u32, mut endpoint: impl FnMut() -> E) -> Finding {
        let fingerprint = self.fingerprint;
        let conversation = shrink(self.conversation, tries_max, |candidate| {
            hold(candidate, &mut endpoint()).1.as_ref() == Some(&fingerprint)
        });
        Finding {
            fingerprint,
            conversation,
            // Nothing in one process is left to chance.
            steady: (1, 1),
        }
    }
}

/// Holds one conversation, and tells what is unlawful about it.
pub fn hold(
    conversation: &Conversation,
    endpoint: &mut impl Endpoint,
) -> (Played, Option<Fingerprint>) {
    let scene = Scene::new("fuzz/conversation", conversation.clone());
    let played = play(&scene, endpoint);
    let fingerprint = fingerprint(
        &scene.expected,
        Judged::of_judgement(&played.judgement, &played.transcript),
    );
    (played, fingerprint)
}
