//! An echo server with tokio-tungstenite. Usage: echo-server PORT

use std::error::Error;

use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::args()
        .nth(1)
        .ok_or("usage: echo-server PORT")?
        .parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let served = async { echo::echo(tokio_tungstenite::accept_async(stream).await?).await };
            if let Err(error) = served.await {
                eprintln!("{error}");
            }
        });
    }
}
