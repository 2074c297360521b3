//! How much went over a connection, and when that is too much.

use wsspec_record::transcript;

/// How many octets a target may send in one case, besides four times what it was sent.
const SPARE_OCTETS: u64 = 64 * 1024 * 1024;
/// How many frames that begin a message and go on with it, besides four times as many
/// as it was sent, and one for each octet.
const SPARE_FRAGMENTS: u64 = 16 * 1024;
/// How many messages and control frames, besides four times as many as it was sent.
const SPARE_EVENTS: u64 = 1024;

/// How much went over the connection in one direction. Of our side, what the case
/// sends: the replies to Pings are the target's own doing.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) octets: u64,
    /// What compressed messages had once they were inflated.
    pub(super) inflated_octets: u64,
    /// Data frames but the last of each message.
    fragments: u64,
    /// Messages and control frames.
    events: u64,
}

impl Traffic {
    pub(super) fn count(&mut self, frame: &transcript::Frame) {
        if frame.fin || frame.is_control() {
            self.events += 1;
        } else {
            self.fragments += 1;
        }
    }

    /// Whether this is more than any answer to `sent` can need.
    pub(super) fn is_flood(&self, sent: &Self) -> bool {
        let frames_sent = sent.fragments + sent.events;
        let octets_sent = sent.octets + sent.inflated_octets;
        self.octets + self.inflated_octets > SPARE_OCTETS + 4 * octets_sent
            || self.fragments > SPARE_FRAGMENTS + 4 * frames_sent + octets_sent
            || self.events > SPARE_EVENTS + 4 * frames_sent
    }
}
