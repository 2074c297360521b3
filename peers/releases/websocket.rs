//! Echo server on `websocket`, a thread for each connection. Usage: … PORT

use std::thread;

use websocket::OwnedMessage;
use websocket::sync::Server;

fn main() {
    let port = std::env::args().next_back().and_then(|port| port.parse().ok()).unwrap_or(0_u16);
    let mut server = Server::bind(("127.0.0.1", port)).expect("the port is free");
    println!("listening {}", server.local_addr().expect("it is bound").port());
    loop {
        let Ok(upgrade) = server.accept() else { continue };
        thread::spawn(move || {
            let Ok(mut client) = upgrade.accept() else { return };
            while let Ok(message) = client.recv_message() {
                let answer = match message {
                    OwnedMessage::Close(data) => {
                        let _ = client.send_message(&OwnedMessage::Close(data));
                        return;
                    }
                    OwnedMessage::Ping(payload) => OwnedMessage::Pong(payload),
                    OwnedMessage::Pong(_) => continue,
                    message => message,
                };
                if client.send_message(&answer).is_err() {
                    return;
                }
            }
        });
    }
}
