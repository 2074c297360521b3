//! An echo server: `echo_server [ADDRESS] [DEVIATION]…`, on 127.0.0.1:9001 unless told otherwise.

use wsspec_reference::net::{EchoServer, ServerConfig};
use wsspec_reference::{Deviation, Deviations};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9001".into());
    let mut deviations = Deviations::NONE;
    for name in arguments {
        let deviation = Deviation::from_name(&name);
        deviations = deviations.with(deviation.ok_or(format!("no deviation is called {name}"))?);
    }
    let config = ServerConfig::default().deviating(deviations);
    let (local_address, server) = EchoServer::start(address, config).await?;
    println!("listening on {local_address}");
    tokio::signal::ctrl_c().await?;
    server.shut_down().await;
    Ok(())
}
