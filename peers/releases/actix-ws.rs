//! Echo server on `actix-ws`, which puts fragmented messages together. Usage: … PORT

use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::AggregatedMessage;
use futures_util::StreamExt;

async fn echo(request: HttpRequest, body: web::Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, stream) = actix_ws::handle(&request, body)?;
    let mut messages = stream.aggregate_continuations();
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            let sent = match message {
                AggregatedMessage::Text(text) => session.text(text).await,
                AggregatedMessage::Binary(octets) => session.binary(octets).await,
                AggregatedMessage::Ping(payload) => session.pong(&payload).await,
                AggregatedMessage::Pong(_) => Ok(()),
                AggregatedMessage::Close(reason) => {
                    let _ = session.close(reason).await;
                    return;
                }
            };
            if sent.is_err() {
                return;
            }
        }
        let _ = session.close(None).await;
    });
    Ok(response)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().next_back().and_then(|port| port.parse().ok()).unwrap_or(0_u16);
    let server = HttpServer::new(|| App::new().default_service(web::get().to(echo)))
        .workers(1)
        .bind(("127.0.0.1", port))?;
    println!("listening {}", server.addrs()[0].port());
    server.run().await
}
