//! The client's side of the opening handshake (RFC 6455 §4.1).

use super::head::HeadBuffer;
use super::key::{accept_for, key_from_nonce};
use super::request::is_authority;
use super::tokens::{Extension, is_token};
use super::{HeadError, Response, ResponseError, VERSION};
use crate::deflate::{Agreement, Offer};
use crate::{Deviation, Deviations, Liberties, Role};

/// What a client asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientOptions {
    /// The resource name (§3): a path, with a query if there is one.
    pub resource_name: String,
    /// The host, with the port unless it is the default.
    pub host: String,
    /// The origin of the code that asks, for browsers (item 8).
    pub origin: Option<String>,
    /// The subprotocols to offer, the preferred one first.
    pub subprotocols: Vec<String>,
    /// The offers of permessage-deflate, the preferred one first; none leaves messages uncompressed.
    pub deflate: Vec<Offer>,
    /// Further header fields, such as cookies.
    pub fields: Vec<(String, String)>,
    /// The longest response head that is read, in octets.
    pub head_octets_max: usize,
    /// The departures from the RFC to make.
    pub deviations: Deviations,
    /// What is done otherwise of that which the RFC leaves open.
    pub liberties: Liberties,
    /// What to send in place of host and resource name, by departures that are about URLs.
    pub as_given: Option<AsGiven>,
}

/// A host and a request target that are sent as they are, lawful or not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsGiven {
    /// The value of the Host field.
    pub host: String,
    /// The request target.
    pub target: String,
}

impl ClientOptions {
    /// A request for `resource_name` of `host`, which offers permessage-deflate and nothing more.
    pub fn new(host: impl Into<String>, resource_name: impl Into<String>) -> Self {
        Self {
            resource_name: resource_name.into(),
            host: host.into(),
            origin: None,
            subprotocols: Vec::new(),
            deflate: vec![Offer::default()],
            fields: Vec::new(),
            head_octets_max: 16 << 10,
            deviations: Deviations::NONE,
            liberties: Liberties::NONE,
            as_given: None,
        }
    }
}

impl ClientOptions {
    /// Whether they make a lawful request.
    ///
    /// # Errors
    /// They do not, by variant of [`OptionsError`].
    pub fn check(&self) -> Result<(), OptionsError> {
        check_options(self)
    }
}

/// The options do not make a lawful request.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OptionsError {
    /// The resource name does not start with a slash, or has characters that no URI has.
    #[error("{resource_name:?} is not a resource name")]
    ResourceName {
        /// The resource name.
        resource_name: String,
    },
    /// The host is not a host with or without a port.
    #[error("{host:?} is not a host with or without a port")]
    Host {
        /// The host.
        host: String,
    },
    /// A subprotocol is not a token, or is listed twice.
    #[error("{name:?} is not a token or is listed twice")]
    Subprotocol {
        /// The subprotocol.
        name: String,
    },
    /// A field has a name that is not a token or belongs to the handshake, or a value with
    /// control characters.
    #[error("the field {name:?} cannot be sent")]
    Field {
        /// The field's name.
        name: String,
    },
}

/// A handshake that a client takes part in.
#[derive(Debug)]
pub struct ClientHandshake {
    options: ClientOptions,
    offered_extensions: Vec<Extension>,
    key: String,
    head: HeadBuffer,
    interim_responses: usize,
}

/// How many interim responses may come before the one that counts.
const INTERIM_RESPONSES_MAX: usize = 16;

/// The handshake succeeded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Welcome {
    /// The server's response.
    pub response: Response,
    /// The subprotocol in use.
    pub subprotocol: Option<String>,
    /// The extensions in use.
    pub extensions: Vec<Extension>,
    /// What to call [`Connection::use_deflate`](crate::Connection::use_deflate) with, if
    /// permessage-deflate is in use.
    pub deflate: Option<Agreement>,
    /// How many of the octets last received belong to the handshake; the others are for the
    /// [`Connection`](crate::Connection).
    pub taken: usize,
}

impl ClientHandshake {
    /// A handshake with `nonce`, 16 octets drawn at random for this connection alone (item 7).
    ///
    /// # Errors
    /// The options do not make a lawful request, by variant of [`OptionsError`].
    pub fn new(mut options: ClientOptions, nonce: [u8; 16]) -> Result<Self, OptionsError> {
        check_options(&options)?;
        let liberties = options.liberties.of(Role::Client);
        liberties.configure_client(&mut options);
        options.liberties = liberties;
        options.deviations = options.deviations.and(liberties.as_deviations());
        options.deviations = options.deviations.of(Role::Client);
        Ok(Self {
            head: HeadBuffer::new(options.head_octets_max),
            interim_responses: 0,
            offered_extensions: options.deflate.iter().map(Offer::to_extension).collect(),
            key: options.deviations.alter_key(key_from_nonce(nonce)),
            options,
        })
    }

    /// The octets to send.
    pub fn request(&self) -> Vec<u8> {
        let options = &self.options;
        let (host, target) = match &options.as_given {
            None => (&options.host, &options.resource_name),
            Some(given) => (&given.host, &given.target),
        };
        let mut request = format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: {}\r\nSec-WebSocket-Version: {VERSION}\r\n",
            self.key
        );
        if let Some(origin) = &options.origin {
            request += &format!("Origin: {origin}\r\n");
        }
        if !options.subprotocols.is_empty() {
            let names = options.subprotocols.join(", ");
            request += &format!("Sec-WebSocket-Protocol: {names}\r\n");
        }
        if !self.offered_extensions.is_empty() {
            let offers: Vec<_> = self
                .offered_extensions
                .iter()
                .map(Extension::to_string)
                .collect();
            request += &format!("Sec-WebSocket-Extensions: {}\r\n", offers.join(", "));
        }
        for (name, value) in &options.fields {
            request += &format!("{name}: {value}\r\n");
        }
        request += "\r\n";
        let request = options.liberties.write_head(request);
        options.deviations.alter_request(request)
    }

    /// Takes octets from the server; `None` if more are needed.
    ///
    /// # Errors
    /// The first check of §4.1 that fails, by variant of [`ResponseError`]. TCP is to be closed then.
    pub fn receive(&mut self, octets: &[u8]) -> Result<Option<Welcome>, ResponseError> {
        let mut taken = 0;
        let response = loop {
            let deviations = &self.options.deviations;
            let Some(more) = self.head.receive_with(&octets[taken..], deviations)? else {
                return Ok(None);
            };
            taken += more;
            let head = self.options.deviations.alter_head(self.head.octets());
            let response = Response::parse(&head)?;
            let refuses = self
                .options
                .deviations
                .include(Deviation::RefuseInterimResponses);
            if !response.is_interim() || refuses {
                break response;
            }
            // RFC 9110 §15.2: a client parses any number of these; ours has a limit.
            self.interim_responses += 1;
            if self.interim_responses > INTERIM_RESPONSES_MAX {
                let max = INTERIM_RESPONSES_MAX;
                return Err(ResponseError::TooManyInterimResponses { max });
            }
            self.head = HeadBuffer::new(self.options.head_octets_max);
        };
        let deviations = &self.options.deviations;
        if deviations.include(Deviation::TakeAnyResponse) {
            return Ok(Some(Welcome {
                response,
                subprotocol: None,
                extensions: Vec::new(),
                deflate: None,
                taken,
            }));
        }
        let overlook = |check| deviations.overlook_in_response(check);
        overlook(response.check_status())?;
        overlook(response.check_http_version())?;
        overlook(response.check_upgrade())?;
        overlook(response.check_connection())?;
        overlook(response.check_accept(&accept_for(&self.key)))?;
        if !deviations.is_empty()
            && (deviations.refuse_fields(&response.fields)
                || deviations.refuse_space(self.head.octets()))
        {
            return Err(HeadError::Malformed.into());
        }
        let extensions =
            deviations.overlook_in_response(response.extensions(&self.offered_extensions))?;
        if deviations.refuse_agreement(&extensions) {
            return Err(HeadError::Malformed.into());
        }
        let agreement = Agreement::from_response(&extensions, &self.options.deflate);
        let subprotocol = response.subprotocol(&self.options.subprotocols);
        let taken = if deviations.include(Deviation::LoseEarlyFrames) {
            octets.len()
        } else {
            taken
        };
        Ok(Some(Welcome {
            deflate: deviations.overlook_in_agreement(agreement)?,
            extensions,
            subprotocol: deviations
                .overlook_subprotocol(subprotocol, &self.options.subprotocols)?,
            response,
            taken,
        }))
    }
}

fn check_options(options: &ClientOptions) -> Result<(), OptionsError> {
    let resource_name = &options.resource_name;
    let is_resource_octet = |octet: u8| octet.is_ascii_graphic() && octet != b'#';
    if !resource_name.starts_with('/') || !resource_name.bytes().all(is_resource_octet) {
        let resource_name = resource_name.clone();
        return Err(OptionsError::ResourceName { resource_name });
    }
    if !is_authority(options.host.as_bytes()) {
        let host = options.host.clone();
        return Err(OptionsError::Host { host });
    }
    for (index, name) in options.subprotocols.iter().enumerate() {
        if !is_token(name.as_bytes()) || options.subprotocols[..index].contains(name) {
            let name = name.clone();
            return Err(OptionsError::Subprotocol { name });
        }
    }
    let origin = options.origin.iter().map(|origin| ("Origin", origin));
    let others = options
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    for (name, value) in origin.chain(others.clone()) {
        let has_control = value
            .bytes()
            .any(|octet| octet.is_ascii_control() && octet != b'\t');
        if !is_token(name.as_bytes()) || has_control {
            let name = name.to_owned();
            return Err(OptionsError::Field { name });
        }
    }
    for (name, _) in others {
        if FIELDS_OF_THE_HANDSHAKE
            .iter()
            .any(|other| other.eq_ignore_ascii_case(name))
        {
            let name = name.to_owned();
            return Err(OptionsError::Field { name });
        }
    }
    Ok(())
}

/// Fields that the handshake sets itself, and those that would announce a body.
const FIELDS_OF_THE_HANDSHAKE: &[&str] = &[
    "Host",
    "Upgrade",
    "Connection",
    "Origin",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Content-Length",
    "Transfer-Encoding",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::{HeadError, ServerHandshake, ServerOptions};

    const NONCE: [u8; 16] = *b"the sample nonce";

    fn client() -> ClientHandshake {
        let options = ClientOptions {
            subprotocols: vec!["chat".into(), "superchat".into()],
            ..ClientOptions::new("server.example.com", "/chat")
        };
        ClientHandshake::new(options, NONCE).expect("lawful options")
    }

    /// The response of §1.3 with the line that starts with `change` replaced, or with a line added.
    fn response(change: &str, instead: &str) -> Vec<u8> {
        let lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "",
        ];
        let mut head = String::new();
        for line in lines {
            let line = if line.starts_with(change) && (change.is_empty() == line.is_empty()) {
                instead
            } else {
                line
            };
            if !line.is_empty() {
                head += line;
                head += "\r\n";
            }
        }
        head += "\r\n";
        head.into_bytes()
    }

    #[test]
    fn a_server_accepts_the_request() {
        let request = client().request();
        let mut server = ServerHandshake::new(ServerOptions::default());
        let accepted = server.receive(&request).expect("lawful");
        let acceptance = accepted.expect("complete");
        assert_eq!(acceptance.request.subprotocols, ["chat", "superchat"]);
        let welcome = client().receive(&acceptance.response).expect("lawful");
        assert_eq!(welcome.expect("complete").subprotocol, None);
    }

    #[test]
    fn lawful_responses_are_welcome() {
        for (change, instead) in [
            ("", ""),
            ("HTTP", "HTTP/1.1 101"),
            ("HTTP", "HTTP/1.1 101 Any words"),
            ("HTTP", "HTTP/1.2 101"),
            (
                "HTTP",
                "HTTP/1.1 103 Early\r\nLink: </>\r\n\r\nHTTP/1.1 101",
            ),
            ("Upgrade", "upgrade: WebSocket"),
            ("Connection", "Connection: keep-alive, UPGRADE"),
            (
                "Sec-WebSocket-Accept",
                "sec-websocket-accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= ",
            ),
            ("", "Sec-WebSocket-Protocol: superchat"),
            ("", "X-Unknown: y"),
        ] {
            let outcome = client().receive(&response(change, instead));
            assert!(
                matches!(outcome, Ok(Some(_))),
                "{change:?} becomes {instead:?}: {outcome:?}"
            );
        }
    }

    #[test]
    fn each_check_has_its_error() {
        use ResponseError as E;
        let extension = |name: &str| E::ExtensionNotOffered {
            name: name.to_owned(),
        };
        let subprotocol = |name: &str| E::SubprotocolNotOffered {
            name: name.to_owned(),
        };
        for (change, instead, error) in [
            (
                "HTTP",
                "HTTP/1.0 101 Switching Protocols",
                E::HttpVersionTooLow,
            ),
            ("HTTP", "nonsense", E::Head(HeadError::Malformed)),
            ("Upgrade", "", E::UpgradeMissing),
            ("Upgrade", "Upgrade: h2c", E::UpgradeNotWebSocket),
            ("Upgrade", "Upgrade: h2c, websocket", E::UpgradeNotWebSocket),
            ("Connection", "", E::ConnectionUpgradeMissing),
            (
                "Connection",
                "Connection: close",
                E::ConnectionUpgradeMissing,
            ),
            ("Sec-WebSocket-Accept", "", E::AcceptMissing),
            (
                "Sec-WebSocket-Accept",
                "Sec-WebSocket-Accept:",
                E::AcceptWrong,
            ),
            (
                "Sec-WebSocket-Accept",
                "Sec-WebSocket-Accept: S3PPLMBITXAQ9KYGZZHZRBK+XOO=",
                E::AcceptWrong,
            ),
            (
                "",
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                E::AcceptRepeated,
            ),
            ("", "Sec-WebSocket-Extensions: foo", extension("foo")),
            ("", "Sec-WebSocket-Extensions: ", E::ExtensionsInvalid),
            ("", "Sec-WebSocket-Protocol: other", subprotocol("other")),
            ("", "Sec-WebSocket-Protocol: Chat", subprotocol("Chat")),
            (
                "",
                "Sec-WebSocket-Protocol: chat, superchat",
                E::SubprotocolInvalid,
            ),
            ("", "Sec-WebSocket-Protocol:", E::SubprotocolInvalid),
            (
                "",
                "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat",
                E::SubprotocolRepeated,
            ),
        ] {
            let outcome = client().receive(&response(change, instead));
            assert_eq!(outcome, Err(error), "{change:?} becomes {instead:?}");
        }
        for status in [200, 302, 400, 401, 426, 503] {
            let outcome = client().receive(&response("HTTP", &format!("HTTP/1.1 {status} x")));
            assert!(
                matches!(&outcome, Err(E::NotSwitchingProtocols(response)) if response.status == status),
                "{status}: {outcome:?}"
            );
        }
    }

    #[test]
    fn interim_responses_are_passed_over_and_counted() {
        let interim = b"HTTP/1.1 100 Continue\r\n\r\n";
        for count in [1, INTERIM_RESPONSES_MAX, INTERIM_RESPONSES_MAX + 1] {
            let octets = [interim.repeat(count), response("", "")].concat();
            for size in [1, octets.len()] {
                let mut client = client();
                let outcome = octets
                    .chunks(size)
                    .map(|chop| client.receive(chop))
                    .find(|outcome| !matches!(outcome, Ok(None)));
                match outcome.expect("an outcome") {
                    Ok(welcome) => {
                        assert!(count <= INTERIM_RESPONSES_MAX, "{count}");
                        assert_eq!(welcome.map(|welcome| welcome.taken), Some(size), "{count}");
                    }
                    Err(error) => {
                        let max = INTERIM_RESPONSES_MAX;
                        assert_eq!(error, ResponseError::TooManyInterimResponses { max });
                        assert!(count > max, "{count}");
                    }
                }
            }
        }
    }

    #[test]
    fn options_cannot_smuggle_anything_into_the_request() {
        let base = ClientOptions::new("example.com", "/");
        for options in [
            ClientOptions {
                resource_name: String::new(),
                ..base.clone()
            },
            ClientOptions {
                resource_name: "/a b".into(),
                ..base.clone()
            },
            ClientOptions {
                resource_name: "/a#b".into(),
                ..base.clone()
            },
            ClientOptions {
                resource_name: "/\r\nA: b".into(),
                ..base.clone()
            },
            ClientOptions {
                host: "a\r\nb".into(),
                ..base.clone()
            },
            ClientOptions {
                host: String::new(),
                ..base.clone()
            },
            ClientOptions {
                origin: Some("a\r\nb".into()),
                ..base.clone()
            },
            ClientOptions {
                subprotocols: vec!["a,b".into()],
                ..base.clone()
            },
            ClientOptions {
                subprotocols: vec!["a".into(), "a".into()],
                ..base.clone()
            },
            ClientOptions {
                fields: vec![("A".into(), "b\r\nC: d".into())],
                ..base.clone()
            },
            ClientOptions {
                fields: vec![("A b".into(), "c".into())],
                ..base.clone()
            },
            ClientOptions {
                fields: vec![("host".into(), "c".into())],
                ..base.clone()
            },
        ] {
            assert!(
                ClientHandshake::new(options.clone(), NONCE).is_err(),
                "{options:?}"
            );
        }
        assert!(ClientHandshake::new(base, NONCE).is_ok());
    }
}
