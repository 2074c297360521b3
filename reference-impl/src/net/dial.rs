//! From a URL to an open connection.

use super::client::{ClientConfig, open};
use super::connect_error::{ConnectError, RedirectError};
use super::endpoint::Endpoint;
use super::prepare;
use super::stream::Stream;
use super::tls::TlsClient;
use super::url::{ProxyUrl, WebSocketUrl};
use crate::Deviation;
use crate::handshake::{ProxyError, ProxyTunnel, Response, ResponseError, Welcome};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How to get to a server.
#[derive(Clone, Debug)]
pub struct Dialer {
    /// What to ask for and how to behave. Host and resource name are those of the URL.
    pub client: ClientConfig,
    /// How to speak TLS, where the URL asks for it.
    pub tls: TlsClient,
    /// The name that the server's certificate has to have, if it is not the host of the URL.
    pub server_name: Option<String>,
    /// An HTTP proxy to go through.
    pub proxy: Option<ProxyUrl>,
    /// How many redirections to follow.
    pub redirects_max: u32,
    /// How long it may take to connect: to find the address, and for TCP, proxy and TLS.
    pub connect_timeout: Duration,
}

/// A connection that was opened.
pub struct Dialed {
    /// The connection.
    pub endpoint: Endpoint<Stream>,
    /// What the server answered.
    pub welcome: Welcome,
    /// The URL that was opened in the end.
    pub url: WebSocketUrl,
}

impl Dialer {
    /// Connects without proxy or redirections, within 10 seconds.
    pub fn new(client: ClientConfig, tls: TlsClient) -> Self {
        Self {
            client,
            tls,
            server_name: None,
            proxy: None,
            redirects_max: 0,
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// Opens a WebSocket connection to `url`.
    ///
    /// User and password in the URL are sent as basic authentication, unless the options have an
    /// Authorization field. In a redirection to another server neither is sent, nor are cookies.
    ///
    /// # Errors
    /// By variant of [`ConnectError`].
    pub async fn open(&self, url: &WebSocketUrl) -> Result<Dialed, ConnectError> {
        let mut url = url.clone();
        let mut fields = self.client.handshake.fields.clone();
        let mut followed = 0;
        loop {
            let response = match self.open_once(&url, &fields).await {
                Err(ConnectError::Response(ResponseError::NotSwitchingProtocols(response)))
                    if self.redirects_max > 0 && is_redirection(&response) =>
                {
                    response
                }
                outcome => {
                    let (endpoint, welcome) = outcome?;
                    return Ok(Dialed {
                        endpoint,
                        welcome,
                        url,
                    });
                }
            };
            let next = next_url(&url, &response)?;
            if followed == self.redirects_max {
                return Err(ConnectError::Redirect(RedirectError::TooMany {
                    max: self.redirects_max,
                    location: next.to_string(),
                }));
            }
            followed += 1;
            // RFC 9110 §15.4: what was meant for the first server is not for another one.
            if !next.has_origin_of(&url) {
                fields.retain(|(name, _)| !is_confidential(name));
            }
            url = next;
        }
    }

    async fn open_once(
        &self,
        url: &WebSocketUrl,
        fields: &[(String, String)],
    ) -> Result<(Endpoint<Stream>, Welcome), ConnectError> {
        let mut client = self.client.clone();
        client.handshake.fields = fields.to_vec();
        let client = client.for_url(url);
        client.handshake.check()?;
        let timeout = self.connect_timeout;
        let stream = tokio::time::timeout(timeout, self.connect(url))
            .await
            .map_err(|_| ConnectError::ConnectTimedOut { timeout })??;
        open(stream, client).await
    }

    /// Connects to the server of `url`, as far as TLS.
    async fn connect(&self, url: &WebSocketUrl) -> Result<Stream, ConnectError> {
        let stream = match &self.proxy {
            None => connect_to(&url.host(), url.port()).await?,
            Some(proxy) => self.tunnel(proxy, url).await?,
        };
        prepare(&stream, &self.client.connection)?;
        let deviations = &self.client.connection.deviations;
        if !url.is_secure() || deviations.include(Deviation::SkipTls) {
            return Ok(Stream::Tcp(stream));
        }
        let host = url.host();
        let name = self.server_name.as_deref().unwrap_or(&host);
        let stream = self.tls.connect(stream, name).await?;
        Ok(Stream::Tls(Box::new(stream)))
    }

    async fn tunnel(
        &self,
        proxy: &ProxyUrl,
        url: &WebSocketUrl,
    ) -> Result<TcpStream, ConnectError> {
        let mut stream = TcpStream::connect((proxy.host().as_str(), proxy.port())).await?;
        let host = url.host();
        let address = match host.contains(':') {
            true => format!("[{host}]:{}", url.port()),
            false => format!("{host}:{}", url.port()),
        };
        let authorization = proxy.authorization();
        let octets_max = self.client.handshake.head_octets_max;
        let mut tunnel = ProxyTunnel::new(&address, authorization.as_deref(), octets_max)?;
        stream.write_all(tunnel.request()).await?;
        let mut buffer = [0; 1 << 10];
        loop {
            let count = stream.read(&mut buffer).await?;
            if count == 0 {
                return Err(ProxyError::Closed.into());
            }
            if tunnel.receive(&buffer[..count])? {
                return Ok(stream);
            }
        }
    }
}

/// Connects to a host, which is this machine if its name ends in localhost: RFC 6761 §6.3
/// lets applications know that without asking.
async fn connect_to(host: &str, port: u16) -> std::io::Result<TcpStream> {
    let name = host.strip_suffix('.').unwrap_or(host);
    if name == "localhost" || name.ends_with(".localhost") {
        let addresses: [SocketAddr; 2] = [
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ];
        return TcpStream::connect(&addresses[..]).await;
    }
    TcpStream::connect((host, port)).await
}

/// RFC 9110 §15.4: the statuses that send a GET elsewhere.
fn is_redirection(response: &Response) -> bool {
    matches!(response.status, 301 | 302 | 303 | 307 | 308)
}

fn next_url(url: &WebSocketUrl, response: &Response) -> Result<WebSocketUrl, RedirectError> {
    let status = response.status;
    let location = response
        .fields
        .values("Location")
        .next()
        .ok_or(RedirectError::LocationMissing { status })?;
    let location = String::from_utf8_lossy(location).into_owned();
    let next = url
        .join(&location)
        .map_err(|error| RedirectError::Location {
            location: location.clone(),
            error,
        })?;
    if url.is_secure() && !next.is_secure() {
        let location = next.to_string();
        return Err(RedirectError::Insecure { location });
    }
    Ok(next)
}

fn is_confidential(name: &str) -> bool {
    ["Authorization", "Cookie"]
        .iter()
        .any(|other| other.eq_ignore_ascii_case(name))
}
