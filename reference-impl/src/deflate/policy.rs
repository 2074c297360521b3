//! How a server answers offers (RFC 7692 §5.1, §7.1).

use super::parameters::WindowBits;
use super::{Agreement, ClientWindow, NAME, Offer};
use crate::handshake::tokens::Extension;

/// What a server is willing to agree on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ServerPolicy {
    /// Whether the server's messages may refer back to earlier ones, if the client allows it.
    pub server_context_takeover: bool,
    /// Whether the client's messages may refer back to earlier ones.
    pub client_context_takeover: bool,
    /// The largest window the server compresses with.
    pub server_window_bits: WindowBits,
    /// The largest window the client may compress with. Below 15, offers without
    /// `client_max_window_bits` are declined, since nothing binds their client (§7.1.2.2).
    pub client_window_bits: WindowBits,
}

impl Default for ServerPolicy {
    /// Context takeover and the largest windows in both directions, unless the client asks for less.
    fn default() -> Self {
        Self {
            server_context_takeover: true,
            client_context_takeover: true,
            server_window_bits: WindowBits::MAX,
            client_window_bits: WindowBits::MAX,
        }
    }
}

impl ServerPolicy {
    /// The answer to the first acceptable offer among `extensions`; `None` declines them all.
    ///
    /// §7: an offer is declined for a parameter that is not defined, has a value that is not
    /// allowed or occurs twice, and for a configuration we do not support. §5.1 takes the client's
    /// order for its preference.
    pub fn answer(&self, extensions: &[Extension]) -> Option<Agreement> {
        extensions
            .iter()
            .filter(|extension| extension.name == NAME)
            .filter_map(|extension| Offer::parse(&extension.parameters).ok())
            .find_map(|offer| self.accept(&offer))
    }

    /// The answer to `offer`; `None` declines it.
    pub fn accept(&self, offer: &Offer) -> Option<Agreement> {
        Some(Agreement {
            // §7.1.1.1: what the client asks for is repeated; it may also be given unasked.
            server_no_context_takeover: offer.server_no_context_takeover
                || !self.server_context_takeover,
            // §7.1.1.2: the client's hint may be ignored. Making it binding saves us its window.
            client_no_context_takeover: offer.client_no_context_takeover
                || !self.client_context_takeover,
            server_max_window_bits: match offer.server_max_window_bits {
                Some(bits) => Some(bits.min(self.server_window_bits)),
                None => limit(self.server_window_bits),
            },
            client_max_window_bits: match offer.client_max_window_bits {
                ClientWindow::Hint(bits) => Some(bits.min(self.client_window_bits)),
                ClientWindow::Limitable => limit(self.client_window_bits),
                // §7.1.2.2: the response must not have what the offer has not.
                ClientWindow::Fixed if self.client_window_bits < WindowBits::MAX => return None,
                ClientWindow::Fixed => None,
            },
        })
    }
}

/// `bits` as far as they are a limit.
fn limit(bits: WindowBits) -> Option<WindowBits> {
    (bits < WindowBits::MAX).then_some(bits)
}
