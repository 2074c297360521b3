//! Connections: that those which are named are there, and what only clients have.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::check::{Found, is_slug};
use crate::error::CaseErrorKind;
use crate::load::PathPart;
use crate::observation::ObservationKind;
use crate::opening::OpeningTls;
use crate::step::StepKind;
use crate::target::Target;

pub(super) fn check(case: &Case, found: &mut Found<'_>) {
    names(case, found);
    client_alone(case, found);
}

/// Every connection that a step or an observation names is there at that moment.
fn names(case: &Case, found: &mut Found<'_>) {
    let mut wrong = |path: &[PathPart], expected| {
        found(path, CaseErrorKind::Connection { expected });
    };
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for (at, name) in case.connections.iter().enumerate() {
        if !(is_slug(name) && known.insert(name)) {
            let expected = "the names of connections are lower-case slugs, each of them once";
            wrong(&["connections".into(), at.into()], expected);
        }
    }
    let is_known = |name: Option<&str>| name.is_none_or(|name| known.contains(name));
    let unknown = "a connection other than the main one is named in `connections`";
    let mut open: BTreeSet<&str> = known
        .iter()
        .copied()
        .filter(|name| !case.opens_later(name))
        .collect();
    for (at, step) in case.script.iter().enumerate() {
        let path = ["script".into(), at.into()];
        let on = step.on.as_deref();
        match (&step.kind, on) {
            _ if !is_known(on) => wrong(&path, unknown),
            (StepKind::Open, Some(name)) if !open.insert(name) => {
                wrong(&path, "a connection is opened once");
            }
            (_, Some(name)) if !open.contains(name) => {
                wrong(
                    &path,
                    "a connection is opened before anything is done on it",
                );
            }
            _ => {}
        }
        if let StepKind::Await(observation) = &step.kind {
            observation.visit(&mut |observation| {
                if !is_known(observation.on.as_deref()) {
                    wrong(&path, unknown);
                }
            });
        }
    }
    for (at, outcome) in case.outcomes.iter().enumerate() {
        outcome.visit(&mut |observation| {
            if !is_known(observation.on.as_deref()) {
                wrong(&["outcomes".into(), at.into()], unknown);
            }
        });
    }
}

/// What only makes sense with clients, and with what it needs.
fn client_alone(case: &Case, found: &mut Found<'_>) {
    let is_client = case.target == Target::Client;
    let offends = |what: &'static str| CaseErrorKind::ClientAlone { what };
    if case.opening.url.is_some() && !is_client {
        found(
            &["opening".into(), "url".into()],
            offends("a URL to be given"),
        );
    }
    let is_for_server = case.opening.tls == Some(OpeningTls::Skipped);
    let is_of_other_role = match case.target {
        Target::Server => !is_for_server,
        Target::Client => is_for_server,
        Target::Endpoint => true,
    };
    if case.opening.tls.is_some() && is_of_other_role {
        found(
            &["opening".into(), "tls".into()],
            CaseErrorKind::ClientAlone {
                what: "a certificate (skipped TLS for those whose target is server)",
            },
        );
    }
    if case.keys_of > 1 && !is_client {
        found(&["keys_of".into()], offends("a number of connections"));
    }
    for (at, outcome) in case.outcomes.iter().enumerate() {
        let path: [PathPart; 2] = ["outcomes".into(), at.into()];
        let stays_away = outcome
            .trace
            .iter()
            .any(|observation| matches!(observation.kind, ObservationKind::StaysAway(_)));
        if stays_away && !case.starts_client() {
            found(
                &path,
                offends("staying away, with a URL or a certificate of the case's own,"),
            );
        }
        let has_keys = !(outcome.masking_keys.is_empty() && outcome.handshake_keys.is_empty());
        if has_keys && !is_client {
            found(&path, offends("a rule for keys"));
        }
        if !outcome.handshake_keys.is_empty() && case.keys_of < 2 {
            found(
                &path,
                offends("a rule for handshake keys, with a number of connections,"),
            );
        }
    }
}
