//! What holds of all conversations together, whatever they show.

use crate::talk::{Talk, Way};
use wsspec_reference::Role;

/// The usual endpoint sends what the conversations say.
pub(crate) fn usual_endpoints_send_what_is_expected<W: Way>(talks: &[Talk<W>]) {
    for talk in talks {
        for role in talk.roles() {
            assert_eq!(talk.play(role, &[]), talk.usual, "{role}: {}", talk.title);
        }
    }
}

/// Those that are unlike it send what the conversations say of them.
pub(crate) fn ways_do_what_they_say<W: Way>(talks: &[Talk<W>]) {
    let mut wrong = Vec::new();
    for talk in talks {
        for &(way, expected) in &talk.others {
            for role in talk.roles().filter(|&role| way.suits(role)) {
                let sent = talk.play(role, &[way]);
                let as_expected = match expected.strip_suffix('…') {
                    Some(start) => sent.starts_with(start),
                    None => sent == expected,
                };
                if !as_expected || sent == talk.usual {
                    wrong.push(format!("{way}, {role}: {}: {sent}", talk.title));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nobody is told to show what its role cannot do.
pub(crate) fn conversations_are_shown_to_those_who_can_have_them<W: Way>(talks: &[Talk<W>]) {
    for talk in talks {
        for &(way, _) in &talk.others {
            let had = talk.roles().any(|role| way.suits(role));
            assert!(had, "{way} is of the other role: {}", talk.title);
        }
    }
}

/// Where a conversation does not say otherwise, all send the same.
pub(crate) fn ways_do_nothing_else<W: Way>(talks: &[Talk<W>]) {
    let mut unintended = Vec::new();
    for talk in talks {
        // What shows wherever there is a Pong, say, need not be told of each conversation.
        let pervasive = |way| {
            talks.iter().any(|other| {
                let mut words = other.ordinary.iter();
                words.any(|word| talk.usual.contains(word)) && other.shows(way)
            })
        };
        for &way in W::ALL {
            if talk.shows(way) || pervasive(way) {
                continue;
            }
            for role in talk.roles().filter(|&role| way.suits(role)) {
                let sent = talk.play(role, &[way]);
                if sent != talk.usual {
                    unintended.push(format!("{way}, {role}: {}: {sent}", talk.title));
                }
            }
        }
    }
    assert!(unintended.is_empty(), "{}", unintended.join("\n"));
}

/// Every way is shown by a conversation, or `elsewhere`.
pub(crate) fn every_way_shows_somewhere<W: Way>(talks: &[Talk<W>], elsewhere: impl Fn(W) -> bool) {
    let missing: Vec<_> = W::ALL
        .iter()
        .filter(|&&way| !elsewhere(way) && !talks.iter().any(|talk| talk.shows(way)))
        .map(W::to_string)
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// What one role does otherwise is nothing that the other can do.
pub(crate) fn roles_are_told_apart<W: Way>(talks: &[Talk<W>]) {
    for talk in talks {
        for &way in W::ALL {
            for role in [Role::Client, Role::Server] {
                let other = way.role() == Some(role.peer());
                if other && talk.roles().any(|of_talk| of_talk == role) {
                    let sent = talk.play(role, &[way]);
                    assert_eq!(sent, talk.usual, "{way}, {role}: {}", talk.title);
                }
            }
        }
    }
}
