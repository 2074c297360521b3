//! An echo client with tokio-tungstenite, until the connection is closed. Usage: echo-client URL

use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("usage: echo-client URL")?;
    let (socket, _) = tokio_tungstenite::connect_async(url).await?;
    Ok(echo::echo(socket).await?)
}
