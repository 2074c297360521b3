//! What is said next to a target, and what becomes of what went wrong.
//!
//! A hunt does not play: whoever does asks it for a conversation, and tells what that showed. New
//! faults are made smaller before new conversations are begun, and what is smallest is played a
//! few times more, since a fault may show but now and then.
//!
//! ```text
//! generator ─▶ scene ─played─▶ fingerprint ─new─▶ shrinking ─▶ confirming ─▶ Finding
//!                                   └─ known, or found before: counted
//! ```

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::conversation::Conversation;
use crate::findings::{Finding, Fingerprint};
use crate::generate::{Generator, Kind};
use crate::scene::Scene;
use crate::shrink::Shrinker;
use crate::tried::Tried;

/// How many conversations are tried at the most to make one smaller,
const TRIES_MAX: u32 = 400;
/// and for how long.
const SHRINKING_MAX: Duration = Duration::from_secs(30);
/// How often the smallest is played, where it shows the same each time,
const STEADY: u32 = 3;
/// and where it does not.
const UNSTEADY: u32 = 10;

/// How far a hunt goes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// How many conversations are invented at the most.
    pub conversations: Option<u64>,
    /// For how long conversations are invented.
    pub time: Option<Duration>,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// A conversation, and the number under which what it showed is to be told.
    Play(u64, Box<Scene>),
    /// Nothing before something that is under way is told.
    Wait,
    /// Nothing any more.
    Over,
}

/// The conversations with one target.
#[derive(Clone, Debug)]
pub struct Hunt {
    generator: Generator,
    seed: u64,
    limits: Limits,
    /// How many conversations were invented.
    invented: u64,
    /// The number of the next one that is played.
    number: u64,
    under_way: HashMap<u64, Task>,
    suspicions: Vec<Suspicion>,
    /// The faults that are no news, as slugs of fingerprints.
    known: BTreeSet<String>,
    /// How often each fault was seen.
    seen: BTreeMap<Fingerprint, u64>,
    kinds: BTreeMap<Kind, u64>,
    tried: Tried,
}

/// What a conversation under way is for.
#[derive(Clone, Debug)]
struct Task {
    conversation: Conversation,
    /// The fault that it is to show again, if it is not a new one.
    again: Option<Fingerprint>,
}

/// A fault on its way to a finding.
#[derive(Clone, Debug)]
struct Suspicion {
    fingerprint: Fingerprint,
    since: Option<Duration>,
    shrinker: Shrinker,
    /// Whether nothing smaller is tried any more.
    is_small: bool,
    /// Whether a conversation is under way for it.
    is_busy: bool,
    /// How often the smallest one showed the same,
    same: u32,
    /// and how often it was played.
    times: u32,
}

impl Hunt {
    /// A hunt with the conversations of a generator.
    pub fn new(generator: Generator, seed: u64, limits: Limits) -> Self {
        Self {
            generator,
            seed,
            limits,
            invented: 0,
            number: 0,
            under_way: HashMap::new(),
            suspicions: Vec::new(),
            known: BTreeSet::new(),
            seen: BTreeMap::new(),
            kinds: BTreeMap::new(),
            tried: Tried::default(),
        }
    }

    /// Faults with these slugs are no news.
    #[must_use]
    pub fn with_known(mut self, slugs: impl IntoIterator<Item = String>) -> Self {
        self.known.extend(slugs);
        self
    }

    /// What comes next, so long after the beginning.
    pub fn next(&mut self, elapsed: Duration) -> Next {
        let idle = self.suspicions.iter_mut().find(|one| !one.is_busy);
        if let Some(suspicion) = idle {
            let conversation = suspicion.next(elapsed);
            let again = Some(suspicion.fingerprint.clone());
            return self.play(conversation, again);
        }
        let is_over = self
            .limits
            .conversations
            .is_some_and(|max| self.invented >= max)
            || self.limits.time.is_some_and(|max| elapsed >= max);
        if is_over {
            return match self.under_way.is_empty() {
                true => Next::Over,
                false => Next::Wait,
            };
        }
        let (kind, conversation) = self.generator.conversation(self.seed, self.invented);
        self.invented += 1;
        *self.kinds.entry(kind).or_default() += 1;
        self.play(conversation, None)
    }

    fn play(&mut self, conversation: Conversation, again: Option<Fingerprint>) -> Next {
        let number = self.number;
        self.number += 1;
        let id = format!("fuzz/conversation/{number}");
        let scene = Box::new(Scene::new(&id, conversation));
        if again.is_none() {
            self.tried.count(&scene);
        }
        let task = Task {
            conversation: scene.conversation.clone(),
            again,
        };
        self.under_way.insert(number, task);
        Next::Play(number, scene)
    }

    /// Whether what a conversation showed would be news, so that it is worth to be made sure of.
    pub fn is_news(&self, number: u64, shown: Option<&Fingerprint>) -> bool {
        let is_again = self
            .under_way
            .get(&number)
            .is_some_and(|task| task.again.is_some());
        is_again || shown.is_some_and(|shown| self.is_new(shown))
    }

    fn is_new(&self, fault: &Fingerprint) -> bool {
        !self.seen.contains_key(fault) && !self.known.contains(&fault.slug())
    }

    /// Takes what a conversation showed, and gives the finding that it completes.
    pub fn told(&mut self, number: u64, shown: Option<Fingerprint>) -> Option<Finding> {
        let task = self.under_way.remove(&number)?;
        let at = task.again.as_ref().and_then(|again| self.suspicion(again));
        let mut finding = None;
        if let Some(at) = at {
            let suspicion = &mut self.suspicions[at];
            suspicion.told(shown.as_ref() == Some(&suspicion.fingerprint));
            if suspicion.is_done() {
                finding = self.suspicions.swap_remove(at).into_finding();
            }
        }
        if let Some(shown) = shown {
            let is_new = self.is_new(&shown);
            *self.seen.entry(shown.clone()).or_default() += 1;
            if is_new {
                self.suspicions
                    .push(Suspicion::new(shown, task.conversation));
            }
        }
        finding
    }

    fn suspicion(&self, of: &Fingerprint) -> Option<usize> {
        self.suspicions
            .iter()
            .position(|one| one.fingerprint == *of)
    }

    /// The faults that are not made smaller yet, as they are: nobody waits for that any more.
    pub fn give_up(&mut self) -> Vec<Finding> {
        self.under_way.clear();
        let suspicions = std::mem::take(&mut self.suspicions).into_iter();
        suspicions.map(Suspicion::into_unproven).collect()
    }

    /// How many conversations were invented.
    pub const fn invented(&self) -> u64 {
        self.invented
    }

    /// How many of them are of each kind.
    pub const fn kinds(&self) -> &BTreeMap<Kind, u64> {
        &self.kinds
    }

    /// How often each fault was seen.
    pub const fn seen(&self) -> &BTreeMap<Fingerprint, u64> {
        &self.seen
    }

    /// What was tried.
    pub const fn tried(&self) -> &Tried {
        &self.tried
    }
}

impl Suspicion {
    fn new(fingerprint: Fingerprint, conversation: Conversation) -> Self {
        Self {
            fingerprint,
            since: None,
            shrinker: Shrinker::new(conversation, TRIES_MAX),
            is_small: false,
            is_busy: false,
            same: 0,
            times: 0,
        }
    }

    fn next(&mut self, elapsed: Duration) -> Conversation {
        self.is_busy = true;
        let since = *self.since.get_or_insert(elapsed);
        self.is_small |= elapsed.saturating_sub(since) >= SHRINKING_MAX;
        if !self.is_small {
            if let Some(candidate) = self.shrinker.candidate() {
                return candidate.clone();
            }
            self.is_small = true;
        }
        self.shrinker.best().clone()
    }

    fn told(&mut self, same: bool) {
        self.is_busy = false;
        if self.is_small {
            self.times += 1;
            self.same += u32::from(same);
        } else {
            self.shrinker.is_same(same);
        }
    }

    const fn is_done(&self) -> bool {
        self.times >= UNSTEADY || self.times == STEADY && self.same == STEADY
    }

    /// The finding; nothing where it did not show again.
    fn into_finding(self) -> Option<Finding> {
        (self.same > 0).then(|| self.into_unproven())
    }

    fn into_unproven(self) -> Finding {
        Finding {
            fingerprint: self.fingerprint,
            conversation: self.shrinker.into_best(),
            steady: (self.same, self.times),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::hold;
    use crate::findings::Class;
    use crate::play::ReferenceEcho;
    use crate::shrink::steps;
    use wsspec_cases::Target;
    use wsspec_reference::{Config, Deviation, Deviations};

    const TARGET: Target = Target::Server;

    fn hunt(conversations: u64) -> Hunt {
        let limits = Limits {
            conversations: Some(conversations),
            time: None,
        };
        Hunt::new(Generator::new(TARGET), 1, limits)
    }

    fn follow(
        hunt: &mut Hunt,
        mut shows: impl FnMut(&Scene) -> Option<Fingerprint>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        loop {
            match hunt.next(Duration::ZERO) {
                Next::Play(number, scene) => {
                    let shown = shows(&scene);
                    findings.extend(hunt.told(number, shown));
                }
                Next::Wait => panic!("nothing is under way"),
                Next::Over => return findings,
            }
        }
    }

    #[test]
    fn a_fault_is_found_once_and_made_small() {
        let config = Config {
            deviations: Deviations::NONE.with(Deviation::AcceptRsv1),
            ..Config::default()
        };
        let mut hunt = hunt(300);
        let findings = follow(&mut hunt, |scene| {
            hold(
                &scene.conversation,
                &mut ReferenceEcho::new(TARGET, &config),
            )
            .1
        });
        let [finding] = &findings[..] else {
            panic!("{findings:?}");
        };
        assert_eq!(finding.fingerprint.class, Class::WentOn);
        assert_eq!(finding.fingerprint.requirement, "6455-5.2-4");
        assert_eq!(steps(&finding.conversation), 1, "{finding:?}");
        assert_eq!(finding.steady, (STEADY, STEADY));
        assert_eq!(hunt.invented(), 300);
    }

    #[test]
    fn what_is_known_is_no_finding() {
        let fault = Fingerprint {
            class: Class::Missing,
            requirement: "6455-6.2-4".into(),
        };
        let mut hunt = hunt(10).with_known([fault.slug()]);
        assert!(follow(&mut hunt, |_| Some(fault.clone())).is_empty());
        assert_eq!(hunt.seen()[&fault], 10);
    }

    #[test]
    fn what_does_not_show_again_is_no_finding() {
        let mut once = Some(Fingerprint {
            class: Class::Missing,
            requirement: "6455-6.2-4".into(),
        });
        assert!(follow(&mut hunt(10), |_| once.take()).is_empty());
    }

    #[test]
    fn what_shows_now_and_then_says_so() {
        let fault = Fingerprint {
            class: Class::Missing,
            requirement: "6455-6.2-4".into(),
        };
        let mut turn = 0;
        let findings = follow(&mut hunt(1), |_| {
            turn += 1;
            (turn % 2 == 1).then(|| fault.clone())
        });
        let [finding] = &findings[..] else {
            panic!("{findings:?}");
        };
        assert_eq!(finding.steady, (5, UNSTEADY));
    }

    #[test]
    fn what_is_not_small_yet_is_kept() {
        let fault = Fingerprint {
            class: Class::Died,
            requirement: "6455-6.2-1".into(),
        };
        let mut hunt = hunt(10);
        let Next::Play(number, _) = hunt.next(Duration::ZERO) else {
            panic!("there is a conversation");
        };
        assert!(hunt.is_news(number, Some(&fault)));
        assert!(hunt.told(number, Some(fault)).is_none());
        assert_eq!(hunt.give_up().len(), 1);
    }
}
