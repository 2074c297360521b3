//! Echo server on `wsspec-reference`, to be measured beside the others. Usage: server-wsspec-reference PORT
//!
//! It is what `wsspec echo server` runs, with the defaults of the library.

use std::{io, net::Ipv4Addr};

use tokio::signal::unix::{SignalKind, signal};
use wsspec_reference::net::{EchoServer, ServerConfig};

#[tokio::main]
async fn main() -> io::Result<()> {
    let port: u16 = std::env::args()
        .skip(1)
        .last()
        .and_then(|argument| argument.parse().ok())
        .ok_or_else(|| io::Error::other("the last argument must be a port"))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (address, _server) =
        EchoServer::start((Ipv4Addr::LOCALHOST, port), ServerConfig::default()).await?;
    println!("listening {}", address.port());
    terminate.recv().await;
    Ok(())
}
