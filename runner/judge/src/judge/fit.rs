//! Whether single things are what is expected: payloads, reasons, heads.

use wsspec_cases::Payload;
use wsspec_cases::observation::HandshakeExpectation;
use wsspec_record::{Event, Head, Octets};

use super::shows;
use crate::observe::octets;

pub(super) fn reason_fits(expected: Option<&Payload>, reason: &Octets) -> bool {
    expected.map_or(reason.length == 0, |expected| {
        payload_fits(expected, reason)
    })
}

pub(super) fn payload_fits(expected: &Payload, payload: &Octets) -> bool {
    expected.len() == Ok(payload.length)
        && expected
            .octets()
            .is_ok_and(|expected| octets(&expected) == *payload)
}

/// Whether an event of the opening handshake lets it succeed as expected.
pub(super) fn opens(expected: &HandshakeExpectation, event: &Event) -> bool {
    match event {
        Event::Head(head) => handshake_fits(expected, head, true),
        Event::End { .. } => false,
        _ => true,
    }
}

pub(super) fn handshake_fits(expected: &HandshakeExpectation, head: &Head, opens: bool) -> bool {
    // What is no HTTP neither opens nor refuses.
    let Some(status) = head.status else {
        return false;
    };
    let kind = (status == 101) == opens;
    kind && !expected.dropped && expected.accepts(status) && fields_fit(expected, head)
}

/// Whether a head has the fields that are expected.
pub(super) fn fields_fit(expected: &HandshakeExpectation, head: &Head) -> bool {
    // A head with octets that are no ASCII is escaped in the transcript; what is
    // expected of fields is ASCII, so that the comparison stays right.
    let keeps_rules = expected
        .offers
        .iter()
        .all(|rule| shows::offers_keep(*rule, head))
        && (!expected.origin || shows::has_origin(head));
    let has_fields = expected.headers.iter().all(|(name, value)| {
        let mut values = head.values(name);
        match value {
            None => values.next().is_none(),
            Some(value) => values
                .flat_map(|values| values.split(','))
                .any(|element| element.trim().eq_ignore_ascii_case(value)),
        }
    });
    keeps_rules && has_fields
}
