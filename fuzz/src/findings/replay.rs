//! What has become of a finding.

use super::Fingerprint;

/// What a finding shows when it is played again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Replayed {
    /// Nothing unlawful.
    Fixed,
    /// The same as before.
    StillThere,
    /// Something else that is unlawful.
    Differs(Fingerprint),
}

/// Compares what a finding showed with what it shows now.
pub fn compare(before: &str, now: Option<Fingerprint>) -> Replayed {
    match now {
        None => Replayed::Fixed,
        Some(now) if now.slug() == before => Replayed::StillThere,
        Some(now) => Replayed::Differs(now),
    }
}
