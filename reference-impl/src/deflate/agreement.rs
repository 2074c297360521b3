//! What client and server agree on (RFC 7692 §7.1).

use super::parameters::{
    CLIENT_MAX_WINDOW_BITS, ParameterError, Parameters, SERVER_MAX_WINDOW_BITS, Window, WindowBits,
};
use super::{ClientWindow, NAME, Offer};
use crate::Role;
use crate::handshake::tokens::Extension;

/// The parameters in a server's response, which hold for the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Agreement {
    /// The server starts each message with an empty window (§7.1.1.1).
    pub server_no_context_takeover: bool,
    /// The client starts each message with an empty window (§7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The largest window the server compresses with (§7.1.2.1); `None` is the largest there is.
    pub server_max_window_bits: Option<WindowBits>,
    /// The largest window the client compresses with (§7.1.2.2); `None` is the largest there is.
    pub client_max_window_bits: Option<WindowBits>,
}

/// How one end compresses, and the other has to inflate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Direction {
    /// Whether a message may refer back to earlier ones (§7.1.1).
    pub context_takeover: bool,
    /// How far it may refer back (§7.1.2).
    pub window_bits: WindowBits,
}

/// A response that does not agree to what was offered: the client fails the connection (§7).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AgreementError {
    /// A parameter is not as §7.1 has it.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The response accepts the extension twice (§5): both would use RSV1.
    #[error("the response accepts permessage-deflate twice")]
    AcceptedTwice,
    /// The response limits the window of a client that did not offer that (§7.1.2.2).
    #[error("the response limits the client's window, which was not offered")]
    ClientWindowNotLimitable,
    /// The offer had `server_no_context_takeover` and the response has not (§7.1.1.1).
    #[error("the response lacks server_no_context_takeover, which was asked for")]
    ServerContextTakeoverNotGivenUp,
    /// The offer had `server_max_window_bits` and the response has not (§7.1.2.1).
    #[error("the response lacks server_max_window_bits, which was asked for")]
    ServerWindowNotLimited,
    /// The response has a larger `server_max_window_bits` than the offer (§7.1.2.1).
    #[error("the server's window of {bits} bits is larger than the {offered} asked for")]
    ServerWindowTooLarge {
        /// The bits in the response.
        bits: WindowBits,
        /// The bits in the offer.
        offered: WindowBits,
    },
}

impl AgreementError {
    /// The section of RFC 7692 that was not kept, such as `"7692 7.1.2.1"`.
    pub fn section(&self) -> &'static str {
        match self {
            Self::Parameter(error) => error.section(),
            Self::AcceptedTwice => "7692 5",
            Self::ClientWindowNotLimitable => "7692 7.1.2.2",
            Self::ServerContextTakeoverNotGivenUp => "7692 7.1.1.1",
            Self::ServerWindowNotLimited | Self::ServerWindowTooLarge { .. } => "7692 7.1.2.1",
        }
    }
}

impl Agreement {
    /// Reads the parameters in a response, whatever was offered.
    ///
    /// # Errors
    /// The first parameter that §7.1 does not allow.
    pub fn parse(parameters: &[(String, Option<String>)]) -> Result<Self, ParameterError> {
        let parameters = Parameters::parse(parameters)?;
        // §7.1.2: in a response both have a value.
        let window = |window, name| match window {
            Window::Absent => Ok(None),
            Window::Bits(bits) => Ok(Some(bits)),
            Window::NoValue => Err(ParameterError::ValueMissing { name }),
        };
        Ok(Self {
            server_no_context_takeover: parameters.server_no_context_takeover,
            client_no_context_takeover: parameters.client_no_context_takeover,
            server_max_window_bits: window(
                parameters.server_max_window_bits,
                SERVER_MAX_WINDOW_BITS,
            )?,
            client_max_window_bits: window(
                parameters.client_max_window_bits,
                CLIENT_MAX_WINDOW_BITS,
            )?,
        })
    }

    /// The agreement in the `extensions` of a response to `offers`; `None` if they were declined.
    ///
    /// It is narrowed to what the offer hinted at: a client may do less than it was allowed to
    /// (§7.1.1.2, §7.1.2.2).
    ///
    /// # Errors
    /// The response fits none of the offers; the error is that for the last one.
    pub fn from_response(
        extensions: &[Extension],
        offers: &[Offer],
    ) -> Result<Option<Self>, AgreementError> {
        let mut accepted = extensions.iter().filter(|extension| extension.name == NAME);
        let Some(extension) = accepted.next() else {
            return Ok(None);
        };
        // §5: the client fails the connection if the response accepts two extensions that both
        // use RSV1.
        if accepted.next().is_some() {
            return Err(AgreementError::AcceptedTwice);
        }
        let agreement = Self::parse(&extension.parameters)?;
        let mut outcome = Ok(None);
        for offer in offers {
            match agreement.check(offer) {
                Ok(()) => return Ok(Some(agreement.narrowed(offer))),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    /// Whether a response with this agreement accepts `offer`.
    fn check(&self, offer: &Offer) -> Result<(), AgreementError> {
        // §7.1.2.2: without the parameter in the offer the response must not have it.
        if self.client_max_window_bits.is_some()
            && offer.client_max_window_bits == ClientWindow::Fixed
        {
            return Err(AgreementError::ClientWindowNotLimitable);
        }
        // §7.1.1.1: a server that accepts the parameter includes it in its response.
        if offer.server_no_context_takeover && !self.server_no_context_takeover {
            return Err(AgreementError::ServerContextTakeoverNotGivenUp);
        }
        // §7.1.2.1: the response has "the same or smaller value as the offer".
        match (offer.server_max_window_bits, self.server_max_window_bits) {
            (Some(_), None) => Err(AgreementError::ServerWindowNotLimited),
            (Some(offered), Some(bits)) if bits > offered => {
                Err(AgreementError::ServerWindowTooLarge { bits, offered })
            }
            _ => Ok(()),
        }
    }

    fn narrowed(mut self, offer: &Offer) -> Self {
        self.client_no_context_takeover |= offer.client_no_context_takeover;
        if let ClientWindow::Hint(hint) = offer.client_max_window_bits {
            let bits = self.client_max_window_bits.unwrap_or(WindowBits::MAX);
            self.client_max_window_bits = Some(bits.min(hint));
        }
        self
    }

    /// How `sender` compresses.
    pub fn direction(&self, sender: Role) -> Direction {
        let (no_context_takeover, bits) = match sender {
            Role::Client => (self.client_no_context_takeover, self.client_max_window_bits),
            Role::Server => (self.server_no_context_takeover, self.server_max_window_bits),
        };
        Direction {
            context_takeover: !no_context_takeover,
            window_bits: bits.unwrap_or(WindowBits::MAX),
        }
    }

    /// The agreement in the form in which it is written.
    pub fn to_extension(&self) -> Extension {
        let window = |bits: Option<WindowBits>| bits.map_or(Window::Absent, Window::Bits);
        let parameters = Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: window(self.server_max_window_bits),
            client_max_window_bits: window(self.client_max_window_bits),
        };
        Extension {
            name: NAME.to_owned(),
            parameters: parameters.to_list(),
        }
    }
}
