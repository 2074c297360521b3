//! A tunnel through an HTTP proxy (RFC 6455 §4.1, RFC 9110 §9.3.6).

use super::head::{HeadBuffer, HeadError};
use super::request::is_authority;
use super::response::{Response, ResponseError};

/// The request for a tunnel, and its answer.
#[derive(Debug)]
pub struct ProxyTunnel {
    request: Vec<u8>,
    head: HeadBuffer,
}

/// There is no tunnel.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProxyError {
    /// The address is not a host and a port, or the credentials have control characters.
    #[error("{address:?} cannot be asked for")]
    InvalidRequest {
        /// The address.
        address: String,
    },
    /// The proxy's answer cannot be read.
    #[error("the proxy's answer cannot be read: {0}")]
    Head(#[from] HeadError),
    /// The proxy does not want to.
    #[error("the proxy answered with status {status}, not 200")]
    Refused {
        /// The status.
        status: u16,
    },
    /// The proxy sent more than its answer. Nothing was sent through the tunnel yet, so this
    /// cannot come from its other end.
    #[error("the proxy sent {octets} octets after its answer")]
    OctetsAfterAnswer {
        /// How many.
        octets: usize,
    },
    /// The proxy closed TCP before its answer was complete.
    #[error("the proxy closed TCP before its answer was complete")]
    Closed,
}

impl ProxyTunnel {
    /// Asks for a tunnel to `address`, a host and a port, as the user with this
    /// Proxy-Authorization, if any. At most `head_octets_max` octets are read in answer.
    ///
    /// # Errors
    /// [`ProxyError::InvalidRequest`].
    pub fn new(
        address: &str,
        authorization: Option<&str>,
        head_octets_max: usize,
    ) -> Result<Self, ProxyError> {
        let has_control = |value: &str| value.bytes().any(|octet| octet.is_ascii_control());
        if !is_authority(address.as_bytes()) || authorization.is_some_and(has_control) {
            let address = address.to_owned();
            return Err(ProxyError::InvalidRequest { address });
        }
        // §4.1 item 2 has this request as its example.
        let mut request = format!("CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n");
        if let Some(authorization) = authorization {
            request += &format!("Proxy-Authorization: {authorization}\r\n");
        }
        request += "\r\n";
        Ok(Self {
            request: request.into_bytes(),
            head: HeadBuffer::new(head_octets_max),
        })
    }

    /// The octets to send.
    pub fn request(&self) -> &[u8] {
        &self.request
    }

    /// Takes octets from the proxy and says whether the tunnel stands; if not, more are needed.
    ///
    /// # Errors
    /// By variant of [`ProxyError`]. TCP is to be closed then.
    pub fn receive(&mut self, octets: &[u8]) -> Result<bool, ProxyError> {
        let Some(taken) = self.head.receive(octets)? else {
            return Ok(false);
        };
        let response = match Response::parse(self.head.octets()) {
            Ok(response) => response,
            Err(ResponseError::Head(error)) => return Err(error.into()),
            Err(_) => return Err(HeadError::Malformed.into()),
        };
        let status = response.status;
        if !(200..300).contains(&status) {
            return Err(ProxyError::Refused { status });
        }
        match octets.len() - taken {
            0 => Ok(true),
            octets => Err(ProxyError::OctetsAfterAnswer { octets }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tunnel() -> ProxyTunnel {
        ProxyTunnel::new("example.com:80", None, 1_000).expect("an address")
    }

    #[test]
    fn the_request_is_that_of_section_4_1() {
        let expected = b"CONNECT example.com:80 HTTP/1.1\r\nHost: example.com:80\r\n\r\n";
        assert_eq!(tunnel().request(), expected);
        let with_user = ProxyTunnel::new("[::1]:443", Some("Basic dXNlcjo="), 1_000);
        let expected = b"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\
            Proxy-Authorization: Basic dXNlcjo=\r\n\r\n";
        assert_eq!(with_user.expect("an address").request(), expected);
        for address in ["a b:80", "a:80\r\nX: y", ""] {
            assert!(
                ProxyTunnel::new(address, None, 1_000).is_err(),
                "{address:?}"
            );
        }
    }

    #[test]
    fn any_2xx_makes_a_tunnel_and_nothing_else_does() {
        for (answer, expected) in [
            (&b"HTTP/1.1 200 OK\r\n\r\n"[..], Ok(true)),
            (
                b"HTTP/1.0 200 Connection established\r\nA: b\r\n\r\n",
                Ok(true),
            ),
            (b"HTTP/1.1 204 x\r\n\r\n", Ok(true)),
            (b"HTTP/1.1 200 OK\r\n", Ok(false)),
            (
                b"HTTP/1.1 407 x\r\n\r\n",
                Err(ProxyError::Refused { status: 407 }),
            ),
            (
                b"HTTP/1.1 101 x\r\n\r\n",
                Err(ProxyError::Refused { status: 101 }),
            ),
            (
                b"HTTP/1.1 302 x\r\n\r\nbody",
                Err(ProxyError::Refused { status: 302 }),
            ),
            (b"nonsense\r\n\r\n", Err(HeadError::Malformed.into())),
            (
                b"HTTP/1.1 200 OK\r\n\r\nab",
                Err(ProxyError::OctetsAfterAnswer { octets: 2 }),
            ),
        ] {
            assert_eq!(tunnel().receive(answer), expected, "{answer:02x?}");
        }
        let long = tunnel().receive(&[b'a'; 1_001]);
        assert_eq!(long, Err(HeadError::TooLong { max: 1_000 }.into()));
    }
}
