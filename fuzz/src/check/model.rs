//! The model against the reference implementation: any conversation, in both roles.

use wsspec_cases::Target;
use wsspec_reference::Config;

use crate::campaign::hold;
use crate::generate::Generator;
use crate::play::ReferenceEcho;

/// Holds the conversation that the octets are with the lawful reference implementation, once as a
/// server and once as a client.
///
/// # Panics
/// The model finds something unlawful, so that it is wrong or the reference implementation is.
pub fn check(octets: &[u8]) {
    for target in [Target::Server, Target::Client] {
        let (_, conversation) = Generator::new(target).of_octets(octets);
        let mut endpoint = ReferenceEcho::new(target, &Config::default());
        let (played, fingerprint) = hold(&conversation, &mut endpoint);
        assert_eq!(
            fingerprint, None,
            "{target:?}: {:?}: {conversation:?}",
            played.judgement.reason
        );
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_octets_hold(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            check(&octets);
        }
    }
}
