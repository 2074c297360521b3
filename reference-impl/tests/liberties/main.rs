//! Every liberty does what it says, and nothing else; and any set of them works that does not
//! contradict itself.

mod catalogue;
#[path = "../support/checks.rs"]
mod checks;
mod closing;
mod compression;
mod heads;
mod messages;
mod net;
#[path = "../support/catalogue.rs"]
mod requirements;
mod sets;
#[path = "../support/talk.rs"]
mod talk;
#[path = "../support/trace.rs"]
mod trace;

use wsspec_reference::Liberty;

type Talk = talk::Talk<Liberty>;

fn all_talks() -> Vec<Talk> {
    [messages::talks(), closing::talks(), compression::talks()].concat()
}

#[test]
fn usual_endpoints_say_what_the_conversations_expect() {
    checks::usual_endpoints_send_what_is_expected(&all_talks());
}

#[test]
fn liberties_do_what_they_say() {
    checks::ways_do_what_they_say(&all_talks());
}

#[test]
fn conversations_are_shown_to_those_who_can_have_them() {
    checks::conversations_are_shown_to_those_who_can_have_them(&all_talks());
}

#[test]
fn liberties_do_nothing_else() {
    checks::ways_do_nothing_else(&all_talks());
}

#[test]
fn every_liberty_shows_somewhere() {
    checks::every_way_shows_somewhere(&all_talks(), |liberty| {
        heads::shows(liberty) || net::shows(liberty)
    });
}

#[test]
fn roles_are_told_apart() {
    checks::roles_are_told_apart(&all_talks());
}
