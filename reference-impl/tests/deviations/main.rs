//! Every deviation does what it says, and nothing else.
//!
//! A [`Talk`] is a conversation with what a lawful endpoint sends in it and what each endpoint
//! sends that deviates in a way that shows there. All other deviations have to send what the
//! lawful one sends.

mod catalogue;
#[path = "../support/checks.rs"]
mod checks;
mod closing;
mod compression;
mod framing;
mod messages;
mod opening;
mod pervasive;
#[path = "../support/catalogue.rs"]
mod requirements;
mod robustness;
#[path = "../support/talk.rs"]
mod talk;
#[path = "../support/trace.rs"]
mod trace;

use talk::Talk;
use wsspec_reference::Deviation;

fn all_talks() -> Vec<Talk> {
    [
        framing::talks(),
        messages::talks(),
        closing::talks(),
        compression::talks(),
        robustness::talks(),
        pervasive::talks(),
    ]
    .concat()
}

#[test]
fn lawful_endpoints_say_what_the_conversations_expect() {
    checks::usual_endpoints_send_what_is_expected(&all_talks());
}

#[test]
fn deviations_do_what_they_say() {
    checks::ways_do_what_they_say(&all_talks());
}

#[test]
fn conversations_are_shown_to_those_who_can_have_them() {
    checks::conversations_are_shown_to_those_who_can_have_them(&all_talks());
}

#[test]
fn deviations_do_nothing_else() {
    checks::ways_do_nothing_else(&all_talks());
}

#[test]
fn every_deviation_shows_somewhere() {
    checks::every_way_shows_somewhere(&all_talks(), |deviation| {
        opening::shows(deviation) || SHOWN_ELSEWHERE.contains(&deviation)
    });
}

#[test]
fn roles_are_told_apart() {
    checks::roles_are_told_apart(&all_talks());
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
    Deviation::OmitSlash,
    // Heads of that size are no constants; there is a test of its own.
    Deviation::ReadHeadsWithoutLimit,
    // Several connections; `tests/net.rs` makes them.
    Deviation::EndOthersAfterFailure,
    Deviation::ServeNobodyAfterFailure,
    Deviation::ShareFragments,
    // Memory; a test of the crate itself looks at it.
    Deviation::ReserveDeclaredLengths,
];
