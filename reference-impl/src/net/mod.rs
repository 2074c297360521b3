//! A server and a client on tokio: thin loops over the core.
//!
//! Nothing here knows the protocol; it moves octets and asks what time it is.

mod ask;
mod client;
mod company;
mod connect_error;
mod dial;
mod endpoint;
mod misread;
mod output;
mod pace;
mod random;
mod server;
mod stream;
mod tls;
mod url;

pub use client::{ClientConfig, connect, open};
pub use company::Company;
pub use connect_error::{ConnectError, RedirectError};
pub use dial::{Dialed, Dialer};
pub use endpoint::Endpoint;
pub use random::{random_masks, random_nonce};
pub use server::{EchoServer, ServerConfig, serve, serve_stream};
pub use stream::Stream;
pub use tls::{Authority, Identity, TlsClient, TlsError, TlsServer, Trust, local_names};
pub use url::{ProxyUrl, UrlError, WebSocketUrl};

use crate::{Config, Deviation, Liberty};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpStream;

/// Reads until the peer closes its half, and does nothing about what comes.
async fn read_to_end(
    stream: &mut (impl AsyncRead + Unpin),
    buffer: &mut [u8],
) -> std::io::Result<()> {
    while stream.read(buffer).await? > 0 {}
    Ok(())
}

/// Sets the options of a TCP connection that has just been made.
fn prepare(stream: &TcpStream, config: &Config) -> std::io::Result<()> {
    // Small messages are to leave at once.
    stream.set_nodelay(true)?;
    let (deviations, liberties) = (config.deviations, config.liberties);
    if deviations.include(Deviation::ResetTcp)
        || liberties.include(Liberty::ResetTcp)
        || liberties.include(Liberty::FailByReset)
    {
        // A socket that is dropped without this ends with a FIN.
        stream.set_zero_linger()?;
    }
    Ok(())
}
