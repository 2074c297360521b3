//! A conversation, what is expected of it, and both as a case.

use wsspec_cases::{Case, Opening};

use crate::conversation::encode::{Done, encode};
use crate::conversation::{Action, Conversation, script};
use crate::model::{self, Expected, Mark, Reading};

/// All that is needed to hold a conversation.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What is said.
    pub conversation: Conversation,
    /// What that does to the connection.
    pub done: Vec<Done>,
    /// What a lawful peer may answer.
    pub expected: Expected,
    /// The same as a case.
    pub case: Case,
}

impl Scene {
    /// Prepares a conversation; `id` is that of the case.
    ///
    /// One that ends inside of a frame gets an end: nothing else can be said there but that our
    /// half of TCP ends.
    pub fn new(id: &str, mut conversation: Conversation) -> Self {
        let mut done = encode(&conversation);
        let mut expected = model::expect(&conversation, &done);
        if expected.timeline.ends_inside_frame() {
            conversation.actions.push(Action::HalfClose);
            done = encode(&conversation);
            expected = model::expect(&conversation, &done);
        }
        let case = case(id, &conversation, &expected);
        Self {
            conversation,
            done,
            expected,
            case,
        }
    }
}

/// The case that holds a conversation and judges it as the model does.
fn case(id: &str, conversation: &Conversation, expected: &Expected) -> Case {
    let owned = |text: &&str| (*text).to_owned();
    Case {
        id: id.to_owned(),
        title: title(expected),
        autobahn: None,
        requirements: expected.requirements().iter().map(owned).collect(),
        because: "This conversation was invented; what may be answered to it is what a model of the RFC says.".into(),
        target: conversation.target,
        needs: Vec::new(),
        exclusive: false,
        flags: Vec::new(),
        connections: Vec::new(),
        keys_of: 1,
        opening: Opening::default(),
        liveness: None,
        barrier: None,
        script: script::script(conversation, &expected.timeline),
        outcomes: model::outcomes::outcomes(&expected.courses),
    }
}

/// What is sent, in a sentence: the violation where there is one, else how much there is.
fn title(expected: &Expected) -> String {
    let mut count = [0_usize; 3];
    for mark in &expected.timeline.marks {
        match mark {
            Mark::Read(Reading::Violation(rule)) => {
                return rule.broken.trim_end_matches('.').into();
            }
            Mark::Read(Reading::Text(_) | Reading::Binary(_)) => count[0] += 1,
            Mark::Read(Reading::Ping(_)) => count[1] += 1,
            Mark::Read(Reading::Close(_)) => count[2] += 1,
            _ => {}
        }
    }
    let words = |(count, word): (usize, &str)| match count {
        0 => None,
        1 => Some(format!("one {word}")),
        _ => Some(format!("{count} {word}s")),
    };
    let counted: Vec<String> = count
        .into_iter()
        .zip(["message", "Ping", "Close frame"])
        .filter_map(words)
        .collect();
    match counted.is_empty() {
        true => "Nothing whole is sent".into(),
        false => format!("What is sent holds {}", counted.join(", ")),
    }
}
