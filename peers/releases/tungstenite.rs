//! Echo server on `tungstenite`, a thread for each connection. Usage: … PORT

use std::net::TcpListener;
use std::thread;

fn main() {
    let port = std::env::args().next_back().and_then(|port| port.parse().ok()).unwrap_or(0_u16);
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    println!("listening {}", listener.local_addr().expect("it is bound").port());
    for stream in listener.incoming().flatten() {
        thread::spawn(move || {
            let Ok(mut socket) = tungstenite::accept(stream) else { return };
            while let Ok(message) = socket.read() {
                if (message.is_text() || message.is_binary()) && socket.send(message).is_err() {
                    return;
                }
            }
        });
    }
}
