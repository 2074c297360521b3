//! An echo client: `echo_client ADDRESS [RESOURCE]…` connects to each resource in turn and
//! echoes until it is closed. With no resource it plays all cases of Autobahn's fuzzing server.

use wsspec_reference::Event;
use wsspec_reference::net::{ClientConfig, ConnectError, Endpoint, connect};

type AnyError = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("an address is needed")?;
    let resources: Vec<String> = arguments.collect();
    if !resources.is_empty() {
        for resource in resources {
            open(&address, &resource).await?.echo().await;
        }
        return Ok(());
    }
    let count = case_count(&address).await?;
    for case in 1..=count {
        let resource = format!("/runCase?case={case}&agent=wsspec-reference");
        open(&address, &resource).await?.echo().await;
    }
    let report = "/updateReports?agent=wsspec-reference";
    open(&address, report).await?.echo().await;
    println!("{count} cases");
    Ok(())
}

async fn open(
    address: &str,
    resource: &str,
) -> Result<Endpoint<tokio::net::TcpStream>, ConnectError> {
    let config = ClientConfig::new(address, resource);
    Ok(connect(address, config).await?.0)
}

async fn case_count(address: &str) -> Result<u32, AnyError> {
    let mut endpoint = open(address, "/getCaseCount").await?;
    let mut count = None;
    while let Some(event) = endpoint.next_event().await {
        if let Event::Message(message) = event {
            count = message.as_text().map(str::parse);
        }
    }
    Ok(count.ok_or("the server told no number of cases")??)
}
