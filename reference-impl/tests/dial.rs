//! From a URL to a connection: TLS, proxies, redirections, timeouts; over the loopback interface.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use wsspec_reference::frame::{Opcode, RawFrame};
use wsspec_reference::handshake::ProxyError;
use wsspec_reference::net::{
    ClientConfig, ConnectError, Dialed, Dialer, EchoServer, Identity, ProxyUrl, RedirectError,
    ServerConfig, TlsClient, TlsError, TlsServer, Trust, WebSocketUrl, local_names,
};
use wsspec_reference::{CloseCode, Event, Message};

/// A file that is removed when this is dropped.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new(content: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("wsspec-dial-{}-{number}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).expect("a place for temporary files");
        Self(path)
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A server that speaks TLS, and its certificate.
async fn secure_server() -> (SocketAddr, EchoServer, TemporaryFile) {
    let identity = Identity::throw_away(&local_names("127.0.0.1:0")).expect("lawful names");
    let certificate = TemporaryFile::new(identity.pem().expect("made here").0);
    let config = ServerConfig {
        tls: Some(TlsServer::new(identity).expect("they belong together")),
        ..ServerConfig::default()
    };
    let (address, server) = EchoServer::start("127.0.0.1:0", config)
        .await
        .expect("a port is free");
    (address, server, certificate)
}

fn trusting(trust: &Trust) -> Dialer {
    let tls = TlsClient::new(trust).expect("certificates");
    Dialer::new(ClientConfig::new("", "/"), tls)
}

fn dialer() -> Dialer {
    trusting(&Trust::Anything)
}

fn url(scheme: &str, address: SocketAddr, rest: &str) -> WebSocketUrl {
    let text = format!("{scheme}://{address}{rest}");
    WebSocketUrl::parse(&text).expect("a URL")
}

async fn echo(dialed: &mut Dialed, text: &str) {
    dialed.endpoint.connection().send_text(text).expect("open");
    let event = dialed.endpoint.next_event().await;
    assert_eq!(event, Some(Event::Message(Message::text(text))));
}

async fn close(mut dialed: Dialed) {
    let connection = dialed.endpoint.connection();
    connection
        .start_closing_handshake(CloseCode::NORMAL, "")
        .expect("open");
    let mut last = None;
    while let Some(event) = dialed.endpoint.next_event().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(Event::Closed(ending)) if ending.clean));
    let error = dialed.endpoint.error();
    assert!(error.is_none(), "{error:?}");
}

#[tokio::test]
async fn messages_of_all_sizes_come_back_through_tls() {
    let (address, server, certificate) = secure_server().await;
    let dialer = trusting(&Trust::File(certificate.0.clone()));
    let mut dialed = dialer
        .open(&url("wss", address, "/"))
        .await
        .expect("a server");
    assert!(dialed.welcome.deflate.is_some());
    for length in [0, 1, 125, 126, 65_535, 65_536, 3_000_000] {
        let payload: Vec<u8> = (0..length).map(|i: u32| (i % 251) as u8).collect();
        let connection = dialed.endpoint.connection();
        connection.send_binary(&payload).expect("open");
        let event = dialed.endpoint.next_event().await;
        let expected = Event::Message(Message::binary(payload));
        assert!(event == Some(expected), "length {length}");
    }
    close(dialed).await;
    server.shut_down().await;
}

#[tokio::test]
async fn floods_through_tls_come_back() {
    let (address, server, _certificate) = secure_server().await;
    let mut dialer = dialer();
    dialer.client.handshake.deflate.clear();
    let mut dialed = dialer
        .open(&url("wss", address, "/"))
        .await
        .expect("a server");
    // As much as an endpoint lets wait before it stops reading, again and again.
    let payload = vec![7; 60_000];
    for _ in 0..10 {
        for _ in 0..17 {
            let connection = dialed.endpoint.connection();
            connection.send_binary(&payload).expect("open");
        }
        for _ in 0..17 {
            let event = dialed.endpoint.next_event().await;
            assert!(matches!(event, Some(Event::Message(message)) if message.payload() == payload));
        }
    }
    close(dialed).await;
    server.shut_down().await;
}

#[tokio::test]
async fn certificates_are_checked() {
    let (address, server, certificate) = secure_server().await;
    let (_, other_server, other) = secure_server().await;
    let secure = url("wss", address, "/");
    let name = |name: &str| Some(name.to_owned());
    let own = Trust::File(certificate.0.clone());
    for (trust, server_name, accepted) in [
        (&own, None, true),
        (&own, name("localhost"), true),
        (&own, name("::1"), true),
        (&own, name("127.0.0.2"), false),
        (&own, name("example.com"), false),
        (&Trust::File(other.0.clone()), None, false),
        (&Trust::Anything, None, true),
        (&Trust::Anything, name("example.com"), true),
    ] {
        let mut dialer = trusting(trust);
        dialer.server_name.clone_from(&server_name);
        match dialer.open(&secure).await {
            Ok(mut dialed) => {
                assert!(accepted, "{trust:?} {server_name:?}");
                echo(&mut dialed, "a").await;
                close(dialed).await;
            }
            Err(error) => {
                let is_tls = matches!(error, ConnectError::Tls(TlsError::Handshake { .. }));
                assert!(is_tls && !accepted, "{trust:?} {server_name:?}: {error}");
            }
        }
    }
    let mut dialer = dialer();
    dialer.server_name = Some("not a name".into());
    let outcome = dialer.open(&secure).await;
    assert!(matches!(
        outcome.err(),
        Some(ConnectError::Tls(TlsError::InvalidServerName { .. }))
    ));
    server.shut_down().await;
    other_server.shut_down().await;
}

#[test]
fn files_that_are_no_certificates_are_refused_with_a_reason() {
    let identity = Identity::throw_away(&["localhost".into()]).expect("a lawful name");
    let (certificate, key) = identity.pem().expect("made here");
    let (certificate, key) = (TemporaryFile::new(certificate), TemporaryFile::new(key));
    let empty = TemporaryFile::new("");
    let broken = TemporaryFile::new("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
    let missing = PathBuf::from("/no/such/file.pem");
    let trust = |path: &PathBuf| TlsClient::new(&Trust::File(path.clone())).err();
    assert!(trust(&certificate.0).is_none());
    assert!(matches!(trust(&missing), Some(TlsError::Unreadable { .. })));
    assert!(matches!(
        trust(&empty.0),
        Some(TlsError::NoCertificate { .. })
    ));
    assert!(matches!(
        trust(&key.0),
        Some(TlsError::NoCertificate { .. })
    ));
    assert!(matches!(trust(&broken.0), Some(TlsError::NotPem { .. })));
    let files = |a: &PathBuf, b: &PathBuf| Identity::from_files(a, b);
    assert!(files(&certificate.0, &key.0).is_ok());
    let no_key = files(&certificate.0, &certificate.0);
    assert!(matches!(no_key.err(), Some(TlsError::NoKey { .. })));
    let no_file = files(&certificate.0, &missing);
    assert!(matches!(no_file.err(), Some(TlsError::Unreadable { .. })));
    let stranger = Identity::throw_away(&["localhost".into()]).expect("a lawful name");
    let stranger = TemporaryFile::new(stranger.pem().expect("made here").1);
    let mismatch = files(&certificate.0, &stranger.0).expect("readable");
    assert!(matches!(
        TlsServer::new(mismatch).err(),
        Some(TlsError::UnusableIdentity { .. })
    ));
    let unlawful = Identity::throw_away(&["caf\u{e9}".into()]);
    assert!(matches!(unlawful.err(), Some(TlsError::NotIssued { .. })));
}

#[test]
fn a_certificate_is_made_for_the_names_at_hand() {
    let local = ["localhost", "127.0.0.1", "::1"];
    for (listen, added) in [
        ("127.0.0.1:9001", None),
        ("0.0.0.0:9001", None),
        ("[::]:0", None),
        ("[::1]:1", None),
        ("192.0.2.1:1", Some("192.0.2.1")),
        ("[2001:db8::1]:1", Some("2001:db8::1")),
        ("host.example:1", Some("host.example")),
    ] {
        let expected: Vec<_> = local.into_iter().chain(added).collect();
        assert_eq!(local_names(listen), expected, "{listen}");
    }
}

/// §7.1.1: "the underlying TCP connection ... SHOULD be closed first by the server"; inside TLS
/// that is its close_notify.
#[tokio::test]
async fn the_server_ends_tls_first_and_properly() {
    let (address, server, _certificate) = secure_server().await;
    let stream = TcpStream::connect(address).await.expect("a server");
    let tls = TlsClient::new(&Trust::Anything).expect("nothing to load");
    let mut stream = tls.connect(stream, "localhost").await.expect("TLS");
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";
    let mut octets = request.as_bytes().to_vec();
    RawFrame::new(Opcode::CLOSE, [0x03, 0xe8])
        .masked([1, 2, 3, 4])
        .encode(&mut octets);
    stream.write_all(&octets).await.expect("it reads");
    stream.flush().await.expect("it reads");
    // Without a close_notify this would be an error, and without an end it would not return.
    let mut answer = Vec::new();
    stream
        .read_to_end(&mut answer)
        .await
        .expect("a close_notify");
    assert!(
        answer.ends_with(b"\r\n\r\n\x88\x02\x03\xe8"),
        "{answer:02x?}"
    );
    stream.shutdown().await.expect("it is still there");
    server.shut_down().await;
}

#[tokio::test]
async fn a_client_waits_for_the_end_of_tls() {
    let identity = Identity::throw_away(&["localhost".into()]).expect("a lawful name");
    let tls = TlsServer::new(identity).expect("they belong together");
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut stream = tls.accept(stream).await.expect("TLS");
        let mut handshake = wsspec_reference::handshake::ServerHandshake::new(Default::default());
        let mut buffer = [0; 2_000];
        let acceptance = loop {
            let count = stream.read(&mut buffer).await.expect("a request");
            if let Some(acceptance) = handshake.receive(&buffer[..count]).expect("lawful") {
                break acceptance;
            }
        };
        let octets = [&acceptance.response[..], b"\x88\x02\x03\xe8"].concat();
        stream.write_all(&octets).await.expect("it reads");
        stream.flush().await.expect("it reads");
        // The client's Close frame, and then nothing: it waits for us.
        let mut close = [0; 8];
        stream.read_exact(&mut close).await.expect("a Close frame");
        let more = tokio::time::timeout(Duration::from_millis(50), stream.read(&mut buffer)).await;
        assert!(more.is_err(), "the client did not wait: {more:?}");
        stream.shutdown().await.expect("it is there");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.expect("a close_notify");
        assert_eq!(rest, b"");
    });
    let mut dialed = dialer()
        .open(&url("wss", address, "/"))
        .await
        .expect("a server");
    let mut last = None;
    while let Some(event) = dialed.endpoint.next_event().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(Event::Closed(ending)) if ending.clean));
    server.await.expect("no panic");
}

/// TLS and no TLS do not meet.
#[tokio::test]
async fn tls_on_one_side_alone_is_an_error() {
    let (secure, secure_server, _certificate) = secure_server().await;
    let (plain, plain_server) = EchoServer::start("127.0.0.1:0", ServerConfig::default())
        .await
        .expect("a port is free");
    let outcome = dialer().open(&url("wss", plain, "/")).await;
    assert!(matches!(
        outcome.err(),
        Some(ConnectError::Tls(TlsError::Handshake { .. }))
    ));
    let outcome = dialer().open(&url("ws", secure, "/")).await;
    assert!(matches!(
        outcome.err(),
        Some(ConnectError::Response(_) | ConnectError::Closed | ConnectError::Io(_))
    ));
    secure_server.shut_down().await;
    plain_server.shut_down().await;
}

/// Answers each connection with one of `answers` and gives what was asked.
async fn scripted(answers: Vec<String>) -> (SocketAddr, tokio::task::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let task = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a client");
            requests.push(read_head(&mut stream).await.expect("a request"));
            stream.write_all(answer.as_bytes()).await.expect("it reads");
        }
        requests
    });
    (address, task)
}

async fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn redirection(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
}

#[tokio::test]
async fn the_request_holds_what_was_asked_for() {
    let (address, server) = scripted(vec!["HTTP/1.1 403 x\r\n\r\n".into()]).await;
    let mut dialer = dialer();
    let handshake = &mut dialer.client.handshake;
    handshake.subprotocols = vec!["chat".into(), "superchat".into()];
    handshake.fields = vec![("X-Test".into(), "a: b".into())];
    handshake.origin = Some("https://example.com".into());
    let target = format!("ws://me:secret@localhost:{}/a/b?c=d", address.port());
    let outcome = dialer.open(&target.parse().expect("a URL")).await;
    assert!(matches!(outcome.err(), Some(ConnectError::Response(_))));
    let requests = server.await.expect("no panic");
    let host = format!("Host: localhost:{}", address.port());
    for line in [
        "GET /a/b?c=d HTTP/1.1",
        &host,
        "Origin: https://example.com",
        "Sec-WebSocket-Protocol: chat, superchat",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "X-Test: a: b",
        "Authorization: Basic bWU6c2VjcmV0",
    ] {
        let count = requests[0].lines().filter(|&other| other == line).count();
        assert_eq!(count, 1, "{line} in {}", requests[0]);
    }
}

#[tokio::test]
async fn redirections_are_followed_when_asked_for() {
    let (end, server) = EchoServer::start("127.0.0.1:0", ServerConfig::default())
        .await
        .expect("a port is free");
    for status in [301, 302, 303, 307, 308] {
        let answers = vec![
            redirection(status, "/elsewhere"),
            redirection(status, &format!("http://{end}/end")),
        ];
        let (address, redirecting) = scripted(answers).await;
        let mut dialer = dialer();
        dialer.redirects_max = 2;
        let confidential = ["Authorization", "Cookie", "X-Other"];
        dialer.client.handshake.fields = confidential.map(|name| (name.into(), "a".into())).into();
        let mut dialed = dialer
            .open(&url("ws", address, "/"))
            .await
            .expect("a server");
        assert_eq!(dialed.url, url("ws", end, "/end"));
        echo(&mut dialed, "there").await;
        close(dialed).await;
        let requests = redirecting.await.expect("no panic");
        assert!(
            requests[1].starts_with("GET /elsewhere "),
            "{}",
            requests[1]
        );
        assert!(requests[1].contains("\r\nCookie: a\r\n"), "{}", requests[1]);
    }
    server.shut_down().await;
}

#[tokio::test]
async fn confidential_fields_stay_with_the_first_server() {
    let (end, ending) = scripted(vec!["HTTP/1.1 403 x\r\n\r\n".into()]).await;
    let (address, redirecting) = scripted(vec![redirection(302, &format!("ws://{end}/"))]).await;
    let mut dialer = dialer();
    dialer.redirects_max = 1;
    let fields = ["Authorization", "cookie", "X-Other"];
    dialer.client.handshake.fields = fields.map(|name| (name.into(), "a".into())).into();
    let first = format!("ws://me:secret@{address}/").parse().expect("a URL");
    assert!(dialer.open(&first).await.is_err());
    redirecting.await.expect("no panic");
    let request = ending.await.expect("no panic").remove(0).to_lowercase();
    assert!(
        !request.contains("authorization") && !request.contains("cookie"),
        "{request}"
    );
    assert!(request.contains("x-other"), "{request}");
}

#[tokio::test]
async fn redirections_that_lead_nowhere_are_refused() {
    for (answers, redirects_max, expected) in [
        (
            vec![redirection(302, "/a")],
            0,
            "the status is 302, not 101",
        ),
        (
            vec![
                redirection(302, "/a"),
                redirection(302, "/b"),
                redirection(302, "/c"),
            ],
            2,
            "more than 2 redirections",
        ),
        (
            vec!["HTTP/1.1 302 x\r\n\r\n".into()],
            1,
            "says nowhere to go",
        ),
        (vec![redirection(302, "/a#b")], 1, "it has the fragment"),
        (vec![redirection(302, "ftp://a/")], 1, "the scheme is"),
        (
            vec!["HTTP/1.1 304 x\r\nLocation: /a\r\n\r\n".into()],
            1,
            "the status is 304",
        ),
    ] {
        let (address, server) = scripted(answers).await;
        let mut dialer = dialer();
        dialer.redirects_max = redirects_max;
        let error = dialer
            .open(&url("ws", address, "/"))
            .await
            .err()
            .expect("no server");
        assert!(error.to_string().contains(expected), "{error}");
        server.await.expect("no panic");
    }
    let (secure, server, _certificate) = secure_redirection().await;
    let mut dialer = dialer();
    dialer.redirects_max = 1;
    let outcome = dialer.open(&url("wss", secure, "/")).await;
    assert!(matches!(
        outcome.err(),
        Some(ConnectError::Redirect(RedirectError::Insecure { .. }))
    ));
    server.await.expect("no panic");
}

/// Leads from TLS to no TLS.
async fn secure_redirection() -> (SocketAddr, tokio::task::JoinHandle<()>, ()) {
    let identity = Identity::throw_away(&["localhost".into()]).expect("a lawful name");
    let tls = TlsServer::new(identity).expect("they belong together");
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut stream = tls.accept(stream).await.expect("TLS");
        let answer = redirection(302, "http://localhost/");
        stream.write_all(answer.as_bytes()).await.expect("it reads");
        stream.shutdown().await.expect("it reads");
    });
    (address, task, ())
}

/// A proxy for one connection; gives what it was asked.
async fn proxy(answer: &'static str) -> (SocketAddr, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let task = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.expect("a client");
        let request = read_head(&mut client).await.expect("a request");
        client.write_all(answer.as_bytes()).await.expect("it reads");
        if answer.starts_with("HTTP/1.1 200") {
            let target = request.split(' ').nth(1).expect("a target");
            let mut server = TcpStream::connect(target).await.expect("a server");
            // How either end closes is theirs to judge.
            let _ = copy_bidirectional(&mut client, &mut server).await;
        }
        request
    });
    (address, task)
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel() {
    let (address, server, certificate) = secure_server().await;
    let (plain, plain_server) = EchoServer::start("127.0.0.1:0", ServerConfig::default())
        .await
        .expect("a port is free");
    for (target, user, authorization) in [
        (url("ws", plain, "/"), "", None),
        (
            url("wss", address, "/"),
            "Aladdin:open%20sesame@",
            Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ),
    ] {
        let (proxy_address, proxy) = proxy("HTTP/1.1 200 Connection established\r\n\r\n").await;
        let mut dialer = trusting(&Trust::File(certificate.0.clone()));
        let proxy_url = format!("http://{user}{proxy_address}");
        dialer.proxy = Some(ProxyUrl::parse(&proxy_url).expect("a URL"));
        let mut dialed = dialer.open(&target).await.expect("a server");
        assert_eq!(dialed.welcome.response.status, 101);
        echo(&mut dialed, "through").await;
        close(dialed).await;
        let request = proxy.await.expect("no panic");
        let line = format!("CONNECT {} HTTP/1.1\r\n", target.authority());
        assert!(request.starts_with(&line), "{request}");
        let field = request
            .lines()
            .find_map(|line| line.strip_prefix("Proxy-Authorization: "));
        assert_eq!(field, authorization);
    }
    server.shut_down().await;
    plain_server.shut_down().await;
}

#[tokio::test]
async fn a_proxy_that_refuses_is_an_error() {
    for (answer, expected) in [
        (
            "HTTP/1.1 407 x\r\n\r\n",
            ProxyError::Refused { status: 407 },
        ),
        ("HTTP/1.1 2", ProxyError::Closed),
    ] {
        let (address, proxy) = proxy(answer).await;
        let mut dialer = dialer();
        dialer.proxy = Some(ProxyUrl::parse(&format!("http://{address}")).expect("a URL"));
        let target = WebSocketUrl::parse("ws://server.invalid/").expect("a URL");
        match dialer.open(&target).await.err() {
            Some(ConnectError::Proxy(error)) => assert_eq!(error, expected),
            other => panic!("{other:?}"),
        }
        let request = proxy.await.expect("no panic");
        assert!(
            request.starts_with("CONNECT server.invalid:80 "),
            "{request}"
        );
    }
}

#[tokio::test]
async fn waiting_has_an_end() {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("bound");
    let timeout = Duration::from_millis(30);
    let mut dialer = dialer();
    dialer.connect_timeout = timeout;
    dialer.client.handshake_timeout = timeout;
    // TCP is there, and no word is said: in TLS, in the tunnel, in the handshake.
    let outcome = dialer.open(&url("wss", address, "/")).await;
    assert!(matches!(
        outcome.err(),
        Some(ConnectError::ConnectTimedOut { .. })
    ));
    let outcome = dialer.open(&url("ws", address, "/")).await;
    assert!(matches!(outcome.err(), Some(ConnectError::TimedOut { .. })));
    dialer.proxy = Some(ProxyUrl::parse(&format!("http://{address}")).expect("a URL"));
    let outcome = dialer.open(&url("ws", address, "/")).await;
    assert!(matches!(
        outcome.err(),
        Some(ConnectError::ConnectTimedOut { .. })
    ));
    drop(listener);
}

#[tokio::test]
async fn what_may_not_be_asked_is_not_sent() {
    let mut dialer = dialer();
    let fields = &mut dialer.client.handshake.fields;
    fields.push(("Upgrade".into(), "h2c".into()));
    let target = WebSocketUrl::parse("ws://server.invalid/").expect("a URL");
    let outcome = dialer.open(&target).await;
    assert!(outcome.err().is_some_and(|error| error.is_callers_fault()));
}
