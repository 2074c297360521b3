//! Every deviation does what it says, and nothing else.
//!
//! A [`Talk`] is a conversation with what a lawful endpoint sends in it and what each endpoint
//! sends that deviates in a way that shows there. All other deviations have to send what the
//! lawful one sends.

mod catalogue;
mod closing;
mod compression;
mod framing;
mod messages;
mod opening;
mod robustness;
mod talk;
mod trace;

use talk::Talk;
use wsspec_reference::{Deviation, Role};

fn all_talks() -> Vec<Talk> {
    [
        framing::talks(),
        messages::talks(),
        closing::talks(),
        compression::talks(),
        robustness::talks(),
    ]
    .concat()
}

#[test]
fn lawful_endpoints_say_what_the_conversations_expect() {
    for talk in all_talks() {
        for role in talk.roles() {
            assert_eq!(talk.play(role, None), talk.lawful, "{role}: {}", talk.title);
        }
    }
}

#[test]
fn deviations_do_what_they_say() {
    let mut wrong = Vec::new();
    for talk in all_talks() {
        for &(deviation, expected) in &talk.deviant {
            let only = deviation.facts().role;
            for role in talk
                .roles()
                .filter(|&role| only.is_none_or(|only| only == role))
            {
                let sent = talk.play(role, Some(deviation));
                let as_expected = match expected.strip_suffix('…') {
                    Some(start) => sent.starts_with(start),
                    None => sent == expected,
                };
                if !as_expected || sent == talk.lawful {
                    wrong.push(format!("{deviation}, {role}: {}: {sent}", talk.title));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn conversations_are_shown_to_those_who_can_have_them() {
    for talk in all_talks() {
        for (deviation, _) in &talk.deviant {
            let only = deviation.facts().role;
            let had = talk
                .roles()
                .any(|role| only.is_none_or(|only| only == role));
            assert!(had, "{deviation} is of the other role: {}", talk.title);
        }
    }
}

#[test]
fn deviations_do_nothing_else() {
    let talks = all_talks();
    let mut unintended = Vec::new();
    for talk in &talks {
        // What shows wherever there is a Pong, say, need not be told of each conversation.
        let pervasive = |deviation| {
            talks.iter().any(|other| {
                let mut words = other.ordinary.iter();
                words.any(|word| talk.lawful.contains(word)) && other.shows(deviation)
            })
        };
        for &deviation in Deviation::ALL {
            if talk.shows(deviation) || pervasive(deviation) {
                continue;
            }
            for role in talk.roles() {
                let applies = deviation.facts().role.is_none_or(|only| only == role);
                let sent = talk.play(role, Some(deviation));
                if applies && sent != talk.lawful {
                    unintended.push(format!("{deviation}, {role}: {}: {sent}", talk.title));
                }
            }
        }
    }
    assert!(unintended.is_empty(), "{}", unintended.join("\n"));
}

#[test]
fn every_deviation_shows_somewhere() {
    let talks = all_talks();
    let missing: Vec<_> = Deviation::ALL
        .iter()
        .filter(|&&deviation| !talks.iter().any(|talk| talk.shows(deviation)))
        .filter(|&&deviation| !opening::shows(deviation) && !SHOWN_ELSEWHERE.contains(&deviation))
        .map(|deviation| deviation.name())
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn roles_are_told_apart() {
    // What one role does wrong is nothing that the other can do.
    for talk in all_talks() {
        for &deviation in Deviation::ALL {
            for role in [Role::Client, Role::Server] {
                let other = deviation.facts().role == Some(role.peer());
                if other && talk.roles().any(|of_talk| of_talk == role) {
                    let sent = talk.play(role, Some(deviation));
                    assert_eq!(sent, talk.lawful, "{deviation}, {role}: {}", talk.title);
                }
            }
        }
    }
}

/// Deviations that no peer can see, or that need more than a connection to be seen.
const SHOWN_ELSEWHERE: &[Deviation] = &[
    // What is below the connection: the runner's tests look at TLS.
    Deviation::SkipTls,
    Deviation::TrustAnyCertificate,
    Deviation::OmitServerName,
    Deviation::AcceptPlainOnTlsPort,
    Deviation::KeepTcpOpenWithoutTls,
    // How URLs are read; there are tests beside the code that misreads them.
    Deviation::KeepFragments,
    Deviation::AcceptInvalidUrls,
    Deviation::RefuseSchemeInCapitals,
    Deviation::DropQueries,
    Deviation::UnescapeUrls,
    Deviation::SendUrlsUnconverted,
    // Heads of that size are no constants; there is a test of its own.
    Deviation::ReadHeadsWithoutLimit,
    // Memory; a test of the crate itself looks at it.
    Deviation::ReserveDeclaredLengths,
];
