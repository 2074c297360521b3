//! Echo client on `tokio-tungstenite`, which has no permessage-deflate.
//!
//! Usage: client-tokio-tungstenite URL                    echoes until the connection is closed
//!        client-tokio-tungstenite --autobahn BASE-URL    plays every case that a driver's server has

use std::{io, process::ExitCode};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async_with_config,
    tungstenite::{Error, protocol::WebSocketConfig},
};
use wsspec_peers::MESSAGE_OCTETS_MAX;

const AGENT: &str = "tokio-tungstenite";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["--autobahn", base] => play(base.trim_end_matches('/')).await,
        [url] => echo(url).await,
        _ => {
            eprintln!("usage: client-tokio-tungstenite URL | --autobahn BASE-URL");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn play(base: &str) -> Result<(), Error> {
    let mut socket = connect(&format!("{base}/getCaseCount")).await?;
    let mut count = 0;
    while let Some(message) = socket.next().await {
        if let Ok(text) = message?.to_text() {
            count = text.parse().unwrap_or(count);
        }
    }
    for case in 1..=count {
        match echo(&format!("{base}/runCase?case={case}&agent={AGENT}")).await {
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::ConnectionRefused => return Err(error.into()),
            // Most cases are about that; what the library makes of it is seen on the wire.
            Err(error) => eprintln!("case {case}: {error}"),
            Ok(()) => {}
        }
    }
    echo(&format!("{base}/updateReports?agent={AGENT}")).await?;
    println!("played {count} cases");
    Ok(())
}

async fn connect(url: &str) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_OCTETS_MAX))
        .max_frame_size(Some(MESSAGE_OCTETS_MAX));
    let (socket, _) = connect_async_with_config(url, Some(config), true).await?;
    Ok(socket)
}

async fn echo(url: &str) -> Result<(), Error> {
    let mut socket = connect(url).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
