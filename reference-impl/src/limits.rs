//! How much an endpoint takes from its peer (RFC 6455 §10.4).

use std::time::Duration;

/// The bounds of what a peer can make a connection hold, read or wait for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The longest payload of one frame, in octets. A longer one is refused with 1009 once its length was read.
    pub frame_octets_max: u64,
    /// The longest message, in octets, over all its fragments and once it is inflated.
    ///
    /// The buffer grows as octets arrive, whatever lengths are declared.
    pub message_octets_max: u64,
    /// The most fragments of a message. They are appended to one buffer, so that their number
    /// costs nothing and is not limited by default.
    pub fragments_max: u64,
    /// How many octets of Pongs may wait to be transmitted. Beyond, only the most recent
    /// Ping is answered, once there is room (§5.5.3 allows that).
    pub queued_pong_octets_max: usize,
    /// How many octets are read and discarded once the connection was failed or the
    /// closing handshake is over, so that TCP can end without a reset.
    pub discarded_octets_max: u64,
    /// How long to wait for the peer's Close frame after ours.
    pub close_timeout: Duration,
    /// How long to wait for the end of TCP once no more frames are expected.
    pub tcp_close_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_octets_max: 64 << 20,
            message_octets_max: 64 << 20,
            fragments_max: u64::MAX,
            queued_pong_octets_max: 1 << 20,
            discarded_octets_max: 64 << 20,
            close_timeout: Duration::from_secs(10),
            tcp_close_timeout: Duration::from_secs(5),
        }
    }
}
