//! The reference implementation: any octets, in any pieces, are the same events.

use arbitrary::Arbitrary;
use wsspec_reference::frame::MaskingKey;
use wsspec_reference::{Config, Connection, Event, Role};

/// What arrives, and how it is cut.
#[derive(Clone, Debug, Arbitrary)]
pub struct Input<'a> {
    /// Whether a client sent it.
    pub from_client: bool,
    /// Sizes of pieces, over and over.
    pub sizes: Vec<u8>,
    /// What arrives.
    pub octets: &'a [u8],
}

/// Checks that how octets are cut makes no difference to what is read.
///
/// # Panics
/// It does.
pub fn check(input: &Input<'_>) {
    let role = match input.from_client {
        true => Role::Server,
        false => Role::Client,
    };
    let whole = events(role, [input.octets]);
    let single = events(role, input.octets.chunks(1));
    assert_eq!(whole, single, "octet by octet: {:02x?}", input.octets);
    let cut = events(role, pieces(input));
    assert_eq!(
        whole, cut,
        "in pieces of {:?}: {:02x?}",
        input.sizes, input.octets
    );
}

fn pieces<'a>(input: &Input<'a>) -> Vec<&'a [u8]> {
    let mut rest = input.octets;
    let mut pieces = Vec::new();
    let mut sizes = input.sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes
            .next()
            .map_or(rest.len(), |size| usize::from(*size).max(1));
        let (piece, behind) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

fn events<'a>(role: Role, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut connection = Connection::new(role, &Config::default(), || MaskingKey([1, 2, 3, 4]));
    let mut events = Vec::new();
    for piece in pieces {
        connection.receive(piece);
        while let Some(event) = connection.poll_event() {
            events.push(event);
        }
        // What is answered is nobody's affair here.
        while connection.poll_transmit().is_some() {}
    }
    connection.receive_eof();
    while let Some(event) = connection.poll_event() {
        events.push(event);
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::encode::{Done, encode};
    use crate::generate::Generator;
    use wsspec_cases::Target;

    #[test]
    fn conversations_hold_however_they_are_cut() {
        for (target, from_client) in [(Target::Server, true), (Target::Client, false)] {
            let generator = Generator::new(target);
            for number in 0..300 {
                let (_, conversation) = generator.conversation(3, number);
                let mut octets = Vec::new();
                for done in encode(&conversation) {
                    if let Done::Sent { pieces, .. } = done {
                        octets.extend(pieces.concat());
                    }
                }
                check(&Input {
                    from_client,
                    sizes: vec![number as u8, 1, 7],
                    octets: &octets,
                });
            }
        }
    }
}
