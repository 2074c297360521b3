//! Over TLS: both roles, certificates that are not trusted, and what the end of a
//! connection is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use wsspec_record::{Closing, Verdict};
use wsspec_reference::net::{EchoServer, Identity, ServerConfig, Stream, TlsServer, local_names};

use crate::support::{Peer, Wsspec, count, lawful_echo, passes_the_core};

const ALL: &str = "--case=autobahn:*";
const ONE: &str = "--case=autobahn:1.1.1";

fn identity() -> (TlsServer, String) {
    let (identity, authority) = Identity::issued_by_nobody(&local_names("localhost")).unwrap();
    (TlsServer::new(identity).unwrap(), authority)
}

#[tokio::test]
async fn the_bundled_server_passes_the_core() {
    let run = Wsspec::new(["server", "--tls", ALL]).run().await;
    let results = passes_the_core(&run);
    let target = &results.header.targets[0];
    assert!(target.url.as_deref().unwrap().starts_with("wss://"));
    assert!(results.results[0].replay.contains(" --tls"));
}

#[tokio::test]
async fn the_bundled_client_passes_the_core() {
    let wsspec = env!("CARGO_BIN_EXE_wsspec");
    for trust in [&["--ca", "{ca}"][..], &[]] {
        let command = ["client", "--tls", ALL, "--", wsspec, "echo", "client"];
        let words = command.iter().chain(trust).chain(&["{url}"]);
        let run = Wsspec::new(words).run().await;
        passes_the_core(&run);
    }
}

#[tokio::test]
async fn whom_nobody_trusts_is_not_graded() {
    let (tls, authority) = identity();
    let config = ServerConfig {
        tls: Some(tls),
        ..ServerConfig::default()
    };
    let (address, _server) = EchoServer::start("127.0.0.1:0", config).await.unwrap();
    let url = format!("wss://{address}/");
    for (trust, exit, words) in [
        (&[][..], 3, "UnknownIssuer"),
        (&["--ca=ca.pem"], 0, ""),
        (&["--insecure"], 0, ""),
        (&["--ca=ca.pem", "--server-name=localhost"], 0, ""),
        (
            &["--ca=ca.pem", "--server-name=other.example"],
            3,
            "not valid for name \"other.example\"",
        ),
        (&["--ca=nowhere.pem"], 2, "cannot read nowhere.pem"),
        (&["--ca=empty.pem"], 2, "empty.pem holds no certificate"),
    ] {
        let words_of_command = ["server", &url, ONE]
            .into_iter()
            .chain(trust.iter().copied());
        let run = Wsspec::new(words_of_command)
            .file("ca.pem", &authority)
            .file("empty.pem", "")
            .run()
            .await;
        assert_eq!(run.exit, Some(exit), "{trust:?}: {}", run.said());
        assert!(run.stderr.contains(words), "{trust:?}: {}", run.said());
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_graded() {
    let (address, _server) = EchoServer::start("127.0.0.1:0", ServerConfig::default())
        .await
        .unwrap();
    let url = format!("wss://{address}/");
    let run = Wsspec::new(["server", &url, "--insecure", "--timeout=2", ONE])
        .run()
        .await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(
        run.stderr.contains("the TLS handshake failed"),
        "{}",
        run.said()
    );
}

#[tokio::test]
async fn a_client_that_does_not_trust_us_is_an_error_and_no_failure() {
    let wsspec = env!("CARGO_BIN_EXE_wsspec");
    let empty = "SSL_CERT_FILE=/dev/null";
    let command = [
        "client", "--tls", ONE, "--", "env", empty, wsspec, "echo", "client",
    ];
    let run = Wsspec::new(command.iter().chain(&["--ca", "other.pem", "{url}"]))
        .file("other.pem", &identity().1)
        .run()
        .await;
    assert_eq!(run.exit, Some(3), "{}", run.said());
    assert!(
        run.stderr.contains("received fatal alert"),
        "{}",
        run.said()
    );
    assert_eq!(count(&run.results(), Verdict::Error), 1);
}

/// How a server ends a connection.
#[derive(Clone, Copy, Debug)]
enum End {
    /// With a close_notify and a FIN,
    Both,
    /// with a close_notify alone,
    TlsAlone,
    /// or with a FIN alone.
    TcpAlone,
}

struct Ending {
    stream: Stream,
    end: End,
}

impl AsyncRead for Ending {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Ending {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let end = self.end;
        let Stream::Tls(stream) = &mut self.stream else {
            unreachable!("it is over TLS")
        };
        match end {
            End::Both => Pin::new(stream).poll_shutdown(context),
            End::TlsAlone => {
                stream.get_mut().1.send_close_notify();
                Pin::new(stream).poll_flush(context)
            }
            End::TcpAlone => Pin::new(stream.get_mut().0).poll_shutdown(context),
        }
    }
}

#[tokio::test]
async fn the_end_of_a_connection_is_the_end_of_tcp() {
    for (end, closing) in [
        (End::Both, Closing::Ok),
        (End::TcpAlone, Closing::Ok),
        // §7.1.1: it is TCP that the server has to close.
        (End::TlsAlone, Closing::FailedByClient),
    ] {
        let (tls, _) = identity();
        let peer = Peer::start(move |stream| {
            let tls = tls.clone();
            async move {
                let Ok(stream) = tls.accept(stream).await else {
                    return;
                };
                let stream = Stream::Tls(Box::new(stream));
                let mut ending = Ending { stream, end };
                lawful_echo(&mut ending).await;
                let Stream::Tls(mut stream) = ending.stream else {
                    return;
                };
                // Until the other side closes.
                let mut rest = Vec::new();
                let _ = stream.get_mut().0.read_to_end(&mut rest).await;
            }
        })
        .await;
        let url = peer.url().replace("ws:", "wss:");
        let run = Wsspec::new(["server", &url, "--insecure", "--timeout=1", ONE])
            .run()
            .await;
        let results = run.results();
        assert_eq!(results.results[0].verdict, Verdict::Pass, "{end:?}");
        assert_eq!(
            results.results[0].closing,
            closing,
            "{end:?}: {}",
            run.said()
        );
    }
}
