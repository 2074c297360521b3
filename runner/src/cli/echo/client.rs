//! `wsspec echo client`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args};
use wsspec_reference::handshake::ResponseError;
use wsspec_reference::net::{
    ClientConfig, ConnectError, Dialed, Dialer, Endpoint, ProxyUrl, Stream, TlsClient, TlsError,
    Trust, UrlError, WebSocketUrl,
};
use wsspec_reference::{CloseCode, Deviations, Ending, Event, ProtocolError, Role};

use super::{EndpointOptions, problem};
use crate::cli::Exit;

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("target").required(true).args(["url", "autobahn", "list_deviations", "list_liberties"]),
    after_help = "Exit status: 0 the connection was closed by the closing handshake (with \
        --autobahn: all cases were played), 1 the server broke the protocol, 2 usage error, \
        3 there was no connection, or it broke."
)]
pub(super) struct ClientArguments {
    /// The server: ws://HOST[:PORT]/PATH or wss://…
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// Play all cases of Autobahn's fuzzing server at this URL
    #[arg(long, value_name = "BASE-URL")]
    autobahn: Option<WebSocketUrl>,
    /// The name under which Autobahn's server files the results
    #[arg(
        long,
        value_name = "NAME",
        default_value = "wsspec-reference",
        requires = "autobahn"
    )]
    agent: String,
    /// Add a header field to the opening handshake; repeatable
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = field)]
    fields: Vec<(String, String)>,
    /// Offer a subprotocol, the preferred one first; repeatable
    #[arg(long = "subprotocol", value_name = "NAME")]
    subprotocols: Vec<String>,
    /// Trust the certificates in this PEM file in place of the system's
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    /// Trust any certificate
    #[arg(long)]
    insecure: bool,
    /// The name that the server's certificate has to have, if not the host of the URL
    #[arg(long, value_name = "NAME")]
    server_name: Option<String>,
    /// Go through an HTTP proxy: http://[USER:PASSWORD@]HOST[:PORT]
    #[arg(long, value_name = "URL")]
    proxy: Option<ProxyUrl>,
    /// Follow up to N redirections
    #[arg(long, value_name = "N", default_value_t = 0)]
    follow_redirects: u32,
    /// How long connecting may take, and then the opening handshake, in seconds
    #[arg(long, value_name = "S", default_value = "10", value_parser = seconds)]
    timeout: Duration,
    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Why a run of the client was not as it should be.
#[derive(Debug, thiserror::Error)]
enum ClientError {
    #[error("invalid value {text:?} for [URL]: {source}")]
    Url { text: String, source: UrlError },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot open {url}: {source}")]
    Connect {
        url: Box<WebSocketUrl>,
        source: Box<ConnectError>,
    },
    #[error("the server broke RFC {}: {violation}", words_for_section(violation.section()))]
    Protocol { violation: ProtocolError },
    #[error("the connection broke before the closing handshake was complete{words}")]
    Broke { words: String },
    #[error("the server at {url} tells no number of cases")]
    NoCaseCount { url: WebSocketUrl },
    #[error("{0}")]
    Ways(String),
}

impl ClientError {
    fn exit(&self) -> Exit {
        match self {
            // The former is a file that cannot be read, for instance.
            Self::Tls(_) | Self::Ways(_) | Self::Url { .. } => Exit::Usage,
            Self::Connect { source, .. } if source.is_callers_fault() => Exit::Usage,
            Self::Connect { source, .. } if is_unlawful_response(source) => Exit::DoesNotConform,
            Self::Protocol { .. } => Exit::DoesNotConform,
            Self::Connect { .. } | Self::Broke { .. } | Self::NoCaseCount { .. } => Exit::NoRun,
        }
    }
}

/// Whether somebody was there, whatever became of the opening handshake.
fn was_answered(error: &ConnectError) -> bool {
    match error {
        ConnectError::Response(_)
        | ConnectError::Closed
        | ConnectError::TimedOut { .. }
        | ConnectError::Redirect(_) => true,
        ConnectError::Io(error) => error.kind() != std::io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

/// Whether a server switched protocols, and not as it should.
fn is_unlawful_response(error: &ConnectError) -> bool {
    match error {
        ConnectError::Response(error) => !matches!(error, ResponseError::NotSwitchingProtocols(_)),
        _ => false,
    }
}

pub(super) async fn run(arguments: ClientArguments) -> Exit {
    let outcome = match (&arguments.url, &arguments.autobahn) {
        (Some(url), _) => echo(&arguments, url).await,
        (None, Some(base)) => play_autobahn(&arguments, base).await,
        // One of the two, or one of the lists was asked for.
        (None, None) => return arguments.endpoint.list().unwrap_or(Exit::Usage),
    };
    match outcome {
        Ok(words) => {
            anstream::println!("{words}");
            Exit::Conforms
        }
        Err(error) => problem::fail(error.exit(), &error),
    }
}

/// Echoes until the connection is closed, and says how it was.
async fn echo(arguments: &ClientArguments, text: &str) -> Result<String, ClientError> {
    let url = WebSocketUrl::parse_with(text, deviations(arguments)?);
    let url = url.map_err(|source| ClientError::Url {
        text: text.to_owned(),
        source,
    })?;
    let dialer = dialer(arguments, &url)?;
    let ending = echo_once(&dialer, &url).await?;
    Ok(words_for_ending(&ending))
}

async fn echo_once(dialer: &Dialer, url: &WebSocketUrl) -> Result<Ending, ClientError> {
    let mut endpoint = open(dialer, url).await?;
    let mut violation = None;
    let mut ending = None;
    while let Some(event) = endpoint.next_event().await {
        match event {
            Event::Failed(error) => violation = Some(error),
            Event::Closed(closed) => ending = Some(closed),
            other => endpoint.echo_event(other),
        }
    }
    match (violation, ending) {
        (Some(violation), _) => Err(ClientError::Protocol { violation }),
        (None, Some(ending)) if ending.clean => Ok(ending),
        _ => {
            let words = endpoint.error().map(|error| format!(": {error}"));
            let words = words.unwrap_or_default();
            Err(ClientError::Broke { words })
        }
    }
}

/// Autobahn's protocol for the clients it tests: how many cases are there, each case on a
/// connection of its own, and at last a connection on which the reports are written.
async fn play_autobahn(
    arguments: &ClientArguments,
    base: &WebSocketUrl,
) -> Result<String, ClientError> {
    let dialer = dialer(arguments, base)?;
    let agent = percent_encode(&arguments.agent);
    let count = case_count(&dialer, base).await?;
    for case in 1..=count {
        let url = resource(base, &format!("/runCase?case={case}&agent={agent}"));
        match echo_once(&dialer, &url).await {
            // Breaking the protocol, or off, is what many cases are about.
            Ok(_) | Err(ClientError::Protocol { .. } | ClientError::Broke { .. }) => {}
            // So is a response that a client has to refuse.
            Err(ClientError::Connect { source, .. }) if was_answered(&source) => {}
            Err(error) => return Err(error),
        }
    }
    echo_once(
        &dialer,
        &resource(base, &format!("/updateReports?agent={agent}")),
    )
    .await?;
    Ok(format!("played {count} cases"))
}

async fn case_count(dialer: &Dialer, base: &WebSocketUrl) -> Result<u32, ClientError> {
    let url = resource(base, "/getCaseCount");
    let mut endpoint = open(dialer, &url).await?;
    let mut count = None;
    while let Some(event) = endpoint.next_event().await {
        if let Event::Message(message) = event {
            count = message.as_text().and_then(|text| text.parse().ok());
        }
    }
    count.ok_or(ClientError::NoCaseCount { url })
}

fn resource(base: &WebSocketUrl, resource_name: &str) -> WebSocketUrl {
    base.join(resource_name)
        .expect("a path and a query fit any WebSocket URL")
}

async fn open(dialer: &Dialer, url: &WebSocketUrl) -> Result<Endpoint<Stream>, ClientError> {
    match dialer.open(url).await {
        Ok(Dialed { endpoint, .. }) => Ok(endpoint),
        Err(source) => Err(ClientError::Connect {
            url: Box::new(url.clone()),
            source: Box::new(source),
        }),
    }
}

fn deviations(arguments: &ClientArguments) -> Result<Deviations, ClientError> {
    let deviations = arguments.endpoint.deviations(Role::Client);
    deviations.map_err(ClientError::Ways)
}

fn dialer(arguments: &ClientArguments, url: &WebSocketUrl) -> Result<Dialer, ClientError> {
    let deviations = deviations(arguments)?;
    let liberties = arguments.endpoint.liberties(Role::Client);
    let liberties = liberties.map_err(ClientError::Ways)?;
    let mut client = ClientConfig::new("", "/")
        .deviating(deviations)
        .taking(liberties);
    client.handshake_timeout = arguments.timeout;
    client
        .handshake
        .subprotocols
        .clone_from(&arguments.subprotocols);
    if arguments.endpoint.no_compression {
        client.handshake.deflate.clear();
    }
    for (name, value) in &arguments.fields {
        if name.eq_ignore_ascii_case("Origin") {
            client.handshake.origin = Some(value.clone());
        } else {
            client.handshake.fields.push((name.clone(), value.clone()));
        }
    }
    // Loading the system's certificates takes a while, and may fail where nobody needs them.
    let may_need_trust = arguments.follow_redirects > 0 || url.is_secure();
    let trust = match &arguments.ca {
        Some(path) => Trust::File(path.clone()),
        None if arguments.insecure || !may_need_trust => Trust::Anything,
        None => Trust::System,
    };
    let mut dialer = Dialer::new(client, TlsClient::deviating(&trust, deviations)?);
    dialer.server_name.clone_from(&arguments.server_name);
    dialer.proxy.clone_from(&arguments.proxy);
    dialer.redirects_max = arguments.follow_redirects;
    dialer.connect_timeout = arguments.timeout;
    Ok(dialer)
}

fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
        None => Err("a header field is written NAME: VALUE".into()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "a number of seconds is expected, more than 0".into())
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::new();
    for octet in text.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(octet));
            }
            _ => encoded += &format!("%{octet:02X}"),
        }
    }
    encoded
}

fn words_for_ending(ending: &Ending) -> String {
    let code = match ending.code {
        CloseCode::NO_STATUS_RECEIVED => "no status code".to_owned(),
        code => format!("status code {code}"),
    };
    match ending.reason.as_str() {
        "" => format!("closed with {code}"),
        reason => format!("closed with {code}: {}", reason.escape_debug()),
    }
}

/// `"5.2"` is a section of RFC 6455, `"7692 6.1"` one of RFC 7692.
fn words_for_section(section: &str) -> String {
    match section.split_once(' ') {
        Some((rfc, section)) => format!("{rfc} §{section}"),
        None => format!("6455 §{section}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_fields_have_a_name_and_a_value() {
        let pair = |name: &str, value: &str| Ok((name.to_owned(), value.to_owned()));
        for (text, expected) in [
            ("A: b", pair("A", "b")),
            ("A:b:c", pair("A", "b:c")),
            ("A:", pair("A", "")),
            ("A", Err("a header field is written NAME: VALUE".to_owned())),
        ] {
            assert_eq!(field(text), expected, "{text:?}");
        }
    }

    #[test]
    fn agents_are_encoded_for_a_query() {
        for (agent, encoded) in [
            ("wsspec-1.0_~", "wsspec-1.0_~"),
            ("a b&c=d#e", "a%20b%26c%3Dd%23e"),
            ("\u{e9}%", "%C3%A9%25"),
        ] {
            assert_eq!(percent_encode(agent), encoded);
        }
    }

    #[test]
    fn times_are_positive() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "nan", "1e300", "soon", ""] {
            assert!(seconds(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn endings_and_sections_are_put_into_words() {
        let ending = |code, reason: &str| Ending {
            clean: true,
            code: CloseCode::new(code),
            reason: reason.to_owned(),
        };
        for (ending, words) in [
            (ending(1005, ""), "closed with no status code"),
            (ending(1000, ""), "closed with status code 1000"),
            (
                ending(1001, "a\u{1b}b"),
                "closed with status code 1001: a\\u{1b}b",
            ),
        ] {
            assert_eq!(words_for_ending(&ending), words);
        }
        assert_eq!(words_for_section("5.2"), "6455 §5.2");
        assert_eq!(words_for_section("7692 6.1"), "7692 §6.1");
    }
}
