//! Plain HTTP/1.1 answers, one to a connection.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wsspec_reference::net::Stream;

/// How long a browser may take to take an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much is read and dropped of what follows a request.
const DISCARDED_OCTETS_MAX: usize = 64 * 1024;

/// The status of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    Found,
    BadRequest,
    NotFound,
    MethodNotAllowed,
    Conflict,
    UpgradeRequired,
    ServiceUnavailable,
}

impl Status {
    fn line(self) -> &'static str {
        match self {
            Self::Ok => "200 OK",
            Self::Found => "302 Found",
            Self::BadRequest => "400 Bad Request",
            Self::NotFound => "404 Not Found",
            Self::MethodNotAllowed => "405 Method Not Allowed",
            Self::Conflict => "409 Conflict",
            Self::UpgradeRequired => "426 Upgrade Required",
            Self::ServiceUnavailable => "503 Service Unavailable",
        }
    }
}

/// What is answered.
#[derive(Debug)]
pub(crate) enum Content {
    /// Plain text, in words of ours.
    Text(String),
    /// JSON.
    Json(String),
    /// A page of ours, with scripts and styles in it.
    Page(&'static str),
    /// Octets of a media type.
    Octets(&'static str, Vec<u8>),
    /// The way to another page.
    Location(&'static str),
}

/// Answers and closes the connection.
pub(crate) async fn respond(mut stream: Stream, status: Status, content: Content) {
    let mut extra = String::new();
    let (media_type, body) = match content {
        Content::Text(text) => ("text/plain; charset=utf-8", (text + "\n").into_bytes()),
        Content::Json(json) => ("application/json", json.into_bytes()),
        Content::Page(page) => {
            extra.push_str(
                "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; \
                 script-src 'unsafe-inline'; connect-src 'self' ws: wss:; base-uri 'none'\r\n",
            );
            ("text/html; charset=utf-8", page.as_bytes().to_vec())
        }
        Content::Octets(media_type, octets) => (media_type, octets),
        Content::Location(path) => {
            extra = format!("Location: {path}\r\n");
            ("text/plain; charset=utf-8", Vec::new())
        }
    };
    if status == Status::UpgradeRequired {
        extra.push_str("Upgrade: websocket\r\nConnection: Upgrade, close\r\n");
    } else {
        extra.push_str("Connection: close\r\n");
    }
    let head = format!(
        "HTTP/1.1 {}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n{extra}\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
         Referrer-Policy: no-referrer\r\n\r\n",
        status.line(),
        body.len()
    );
    let answer = async {
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(&body).await?;
        stream.shutdown().await?;
        // Read on for a while, lest a reset overtake what was written.
        let mut buffer = [0; 1024];
        let mut left = DISCARDED_OCTETS_MAX;
        while left > 0 {
            match stream.read(&mut buffer).await? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        std::io::Result::Ok(())
    };
    // Whoever does not take the answer does without.
    let _ = tokio::time::timeout(PATIENCE, answer).await;
}
