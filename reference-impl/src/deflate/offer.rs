//! What a client offers (RFC 7692 §7.1).

use super::NAME;
use super::parameters::{ParameterError, Parameters, SERVER_MAX_WINDOW_BITS, Window, WindowBits};
use crate::handshake::tokens::Extension;

/// One offer of permessage-deflate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Offer {
    /// The server is to start each message with an empty window (§7.1.1.1).
    pub server_no_context_takeover: bool,
    /// The client hints that it will start each message with an empty window (§7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The largest window the server may compress with (§7.1.2.1); `None` is the largest there is.
    pub server_max_window_bits: Option<WindowBits>,
    /// What the client says of the window it compresses with (§7.1.2.2).
    pub client_max_window_bits: ClientWindow,
}

/// The `client_max_window_bits` of an offer (RFC 7692 §7.1.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientWindow {
    /// It is left out: the server cannot limit the client's window.
    Fixed,
    /// It has no value: the server may limit the client's window.
    Limitable,
    /// It has a value: the client hints that its window will be no larger, and the server may
    /// limit it.
    Hint(WindowBits),
}

impl Default for Offer {
    /// What browsers offer: nothing is asked of the server, and it may limit the client's window.
    fn default() -> Self {
        Self {
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: None,
            client_max_window_bits: ClientWindow::Limitable,
        }
    }
}

impl Offer {
    /// Reads the parameters of an offer.
    ///
    /// # Errors
    /// The first parameter that §7.1 does not allow. A server declines the offer then and goes on
    /// to the next.
    pub fn parse(parameters: &[(String, Option<String>)]) -> Result<Self, ParameterError> {
        let parameters = Parameters::parse(parameters)?;
        Ok(Self {
            server_no_context_takeover: parameters.server_no_context_takeover,
            client_no_context_takeover: parameters.client_no_context_takeover,
            server_max_window_bits: match parameters.server_max_window_bits {
                Window::Absent => None,
                Window::Bits(bits) => Some(bits),
                // §7.1.2.1: this one has a value in an offer; the client's need not.
                Window::NoValue => {
                    let name = SERVER_MAX_WINDOW_BITS;
                    return Err(ParameterError::ValueMissing { name });
                }
            },
            client_max_window_bits: match parameters.client_max_window_bits {
                Window::Absent => ClientWindow::Fixed,
                Window::NoValue => ClientWindow::Limitable,
                Window::Bits(bits) => ClientWindow::Hint(bits),
            },
        })
    }

    /// The offer in the form in which it is written.
    pub fn to_extension(&self) -> Extension {
        let parameters = Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self
                .server_max_window_bits
                .map_or(Window::Absent, Window::Bits),
            client_max_window_bits: match self.client_max_window_bits {
                ClientWindow::Fixed => Window::Absent,
                ClientWindow::Limitable => Window::NoValue,
                ClientWindow::Hint(bits) => Window::Bits(bits),
            },
        };
        Extension {
            name: NAME.to_owned(),
            parameters: parameters.to_list(),
        }
    }
}
