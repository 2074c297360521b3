//! Echoing messages, which the server and the client have in common.

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{WebSocketStream, tungstenite::Error};

/// Sends every message back until the connection is closed.
pub async fn echo(
    mut socket: WebSocketStream<impl AsyncRead + AsyncWrite + Unpin>,
) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let message = message?;
        // The library itself answers Pings and Close frames.
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
