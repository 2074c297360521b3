//! A server and a client on tokio: thin loops over the core.
//!
//! Nothing here knows the protocol; it moves octets and asks what time it is.

mod ask;
mod client;
mod dial;
mod endpoint;
mod misread;
mod output;
mod random;
mod server;
mod stream;
mod tls;
mod url;

pub use client::{ClientConfig, ConnectError, connect, open};
pub use dial::{Dialed, Dialer, RedirectError};
pub use endpoint::Endpoint;
pub use random::{random_masks, random_nonce};
pub use server::{EchoServer, ServerConfig, serve};
pub use stream::Stream;
pub use tls::{Authority, Identity, TlsClient, TlsError, TlsServer, Trust, local_names};
pub use url::{ProxyUrl, UrlError, WebSocketUrl};

use crate::{Deviation, Deviations};
use tokio::net::TcpStream;

/// Sets the options of a TCP connection that has just been made.
fn prepare(stream: &TcpStream, deviations: Deviations) -> std::io::Result<()> {
    // Small messages are to leave at once.
    stream.set_nodelay(true)?;
    if deviations.include(Deviation::ResetTcp) {
        // A socket that is dropped without this ends with a FIN.
        stream.set_zero_linger()?;
    }
    Ok(())
}
