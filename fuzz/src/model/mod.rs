//! The oracle: RFC 6455 as a small automaton that tells what a lawful peer may answer.
//!
//! It shares no code with the reference implementation or the observer, so that none of their
//! mistakes acquits itself here. It is written to be read beside the RFC:
//!
//! | RFC 6455 | here |
//! |---|---|
//! | §5.2, §5.5 frame headers | [`header`], [`reader`] |
//! | §5.4, §5.6, §8.1 fragments, text | [`reader`] |
//! | §5.5.1, §7.4 Close frames | [`close`] |
//! | what breaks what, and the codes for it | [`rule`] |
//! | what may be seen, and what is left open | [`course`] |
//!
//! [`timeline`] puts what is read in order with what else is done, and [`outcomes`] says it all in
//! the language of cases.

pub mod close;
pub mod course;
pub mod header;
pub mod outcomes;
pub mod reader;
pub mod rule;
pub mod timeline;

use crate::conversation::Conversation;
use crate::conversation::encode::Done;

pub use course::{Course, Seen, Worth};
pub use reader::{Reading, State};
pub use timeline::{Mark, Timeline};

/// What is expected of a conversation.
#[derive(Clone, Debug)]
pub struct Expected {
    /// What is read and done.
    pub timeline: Timeline,
    /// The lawful courses, best first.
    pub courses: Vec<Course>,
}

/// What a lawful peer may answer to a conversation, which does this to the connection.
pub fn expect(conversation: &Conversation, done: &[Done]) -> Expected {
    let timeline = Timeline::of(conversation.target, done);
    let courses = course::courses(&timeline, !conversation.is_skewed());
    Expected { timeline, courses }
}

impl Expected {
    /// The requirements that the conversation is about, the one at stake first.
    pub fn requirements(&self) -> Vec<&'static str> {
        let mut all: Vec<&'static str> = Vec::new();
        let mut add = |requirement| {
            if !all.contains(&requirement) {
                all.push(requirement);
            }
        };
        let readings = || {
            self.timeline.marks.iter().filter_map(|mark| match mark {
                Mark::Read(reading) => Some(reading),
                _ => None,
            })
        };
        for reading in readings() {
            if let Reading::Violation(rule) = reading {
                add(rule.requirement);
            }
        }
        for reading in readings() {
            if let Reading::Doubt(rule) = reading {
                add(rule.requirement);
            }
        }
        for reading in readings() {
            match reading {
                Reading::Close(_) => add("6455-5.5.1-8"),
                Reading::Ping(_) => add("6455-5.5.2-3"),
                Reading::Text(_) | Reading::Binary(_) => add("6455-6.2-4"),
                _ => {}
            }
        }
        if all.is_empty() {
            all.push("6455-6.2-1");
        }
        all
    }
}
