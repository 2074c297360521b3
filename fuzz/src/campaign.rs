//! A run of conversations with an endpoint in this process.
//!
//! ```
//! use wsspec_cases::Target;
//! use wsspec_fuzz::campaign::Campaign;
//! use wsspec_fuzz::play::ReferenceEcho;
//! use wsspec_reference::Config;
//!
//! let config = Config::default();
//! let campaign = Campaign::new(Target::Server, 1);
//! let found = campaign.run(100, || ReferenceEcho::new(Target::Server, &config));
//! assert!(found.is_none(), "{found:?}");
//! ```

use wsspec_cases::{Case, Target};
use wsspec_judge::judge::Judgement;
use wsspec_record::{Closing, Verdict};

use crate::case::case;
use crate::conversation::Conversation;
use crate::conversation::encode::encode;
use crate::generate::Generator;
use crate::model::expect_of;
use crate::play::{Endpoint, Played, play};

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
    /// The same as a case.
    pub case: Case,
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
    pub fn run<E: Endpoint>(&self, conversations: u64, mut endpoint: impl FnMut() -> E) -> Option<Found> {
        (0..conversations).find_map(|number| {
            let (_, conversation) = self.generator.conversation(self.seed, number);
            let (case, played) = try_one(&conversation, &mut endpoint());
            is_unlawful(&played.judgement).then_some(Found {
                number,
                conversation,
                case,
                played,
            })
        })
    }
}

/// Holds one conversation.
pub fn try_one(conversation: &Conversation, endpoint: &mut impl Endpoint) -> (Case, Played) {
    let done = encode(conversation);
    let expected = expect_of(conversation, &done);
    let case = case("fuzz/conversation", conversation, &expected);
    let played = play(conversation, &done, &case, endpoint);
    (case, played)
}

/// Whether a judgement says that a MUST was broken.
pub fn is_unlawful(judgement: &Judgement) -> bool {
    judgement.verdict == Verdict::Fail
        || matches!(
            judgement.closing,
            Closing::Unclean | Closing::FailedByClient | Closing::Fail
        )
}
