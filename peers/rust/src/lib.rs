//! What the Rust echo servers share: their arguments, the accept loop and how they end.

use std::{io, net::Ipv4Addr};

use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
};

/// The largest message that must be echoed, in octets.
///
/// Not "unlimited": a frame header that announces 2^63 octets should meet a limit, as it does in a server that
/// somebody runs.
pub const MESSAGE_OCTETS_MAX: usize = 64 << 20;

/// Listens on the port in the last argument, says so, and runs `echo` on a task per connection until SIGTERM or SIGINT.
///
/// # Errors
///
/// When the port is missing or no number, or cannot be listened on.
pub async fn serve<F>(echo: impl Fn(TcpStream) -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let port: u16 = std::env::args()
        .skip(1)
        .last()
        .and_then(|argument| argument.parse().ok())
        .ok_or_else(|| io::Error::other("the last argument must be a port"))?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("listening {}", listener.local_addr()?.port());
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    stream.set_nodelay(true).ok();
                    tokio::spawn(echo(stream));
                }
                // A connection that was reset while it waited, or no file descriptor left: the next may do better.
                Err(error) => eprintln!("accept: {error}"),
            },
        }
    }
}
