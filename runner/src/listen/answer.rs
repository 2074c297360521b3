//! One conversation of the driver protocol: opened, answered with a text message, closed.

use std::time::Duration;

use wsspec_reference::handshake::{ServerHandshake, ServerOptions};
use wsspec_reference::net::{Endpoint, Stream, random_masks};
use wsspec_reference::{CloseCode, Config, Connection, Role};

use super::Visitor;

/// How long a connection that asks something may take.
const COMMAND_PATIENCE: Duration = Duration::from_secs(30);

/// Opens the connection, does something, sends what it gives as a text message and
/// closes. What is done takes as long as it takes, for it is ours; the rest does not.
pub(super) async fn converse(visitor: Visitor, answer: impl Future<Output = Option<String>>) {
    let opened = tokio::time::timeout(COMMAND_PATIENCE, open(visitor)).await;
    let Some(mut endpoint) = opened.ok().flatten() else {
        return;
    };
    let text = answer.await;
    let close = async {
        if let Some(text) = text {
            // Where the client has begun to close there is nobody to tell.
            let _ = endpoint.connection().send_text(&text);
        }
        let _ = endpoint
            .connection()
            .start_closing_handshake(CloseCode::NORMAL, "");
        while endpoint.next_event().await.is_some() {}
    };
    let _ = tokio::time::timeout(COMMAND_PATIENCE, close).await;
}

/// Our side of the opening handshake; nothing where there is nothing to open.
async fn open(visitor: Visitor) -> Option<Endpoint<Stream>> {
    let Visitor {
        mut stream,
        head,
        behind,
        ..
    } = visitor;
    let octets = [head, behind].concat();
    let mut handshake = ServerHandshake::new(ServerOptions::default());
    let accepted = match handshake.receive(&octets) {
        Ok(accepted) => accepted?,
        Err(refusal) => {
            let _ = write(&mut stream, &refusal.response).await;
            return None;
        }
    };
    write(&mut stream, &accepted.response).await.ok()?;
    let connection = Connection::new(Role::Server, &Config::default(), random_masks());
    let behind = &octets[accepted.taken..];
    Some(Endpoint::new(stream, connection, behind, COMMAND_PATIENCE))
}

async fn write(stream: &mut Stream, octets: &[u8]) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt as _;
    stream.tcp().set_nodelay(true)?;
    stream.write_all(octets).await?;
    stream.flush().await
}
