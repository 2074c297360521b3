//! The server's opening handshake, as the client reads it (RFC 6455 §4.1, §4.2.2).

use super::fields::{Fields, Single};
use super::head::{FIELDS_MAX, HeadError, with_known_version};
use super::tokens::{Extension, extension_list, is_token, list_elements, lists_contain};
use crate::deflate::AgreementError;

/// The head of a response, of which nothing but the HTTP grammar was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Whether the HTTP version is 1.1 or a higher minor version rather than 1.0.
    pub is_http_1_1: bool,
    /// All header fields.
    pub fields: Fields,
}

/// Why a response does not establish a connection: one variant for each check.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ResponseError {
    /// The response cannot be read.
    #[error("the response cannot be read: {0}")]
    Head(#[from] HeadError),
    /// There are more interim responses than our limit (RFC 9110 §15.2).
    #[error("there are more than {max} interim responses")]
    TooManyInterimResponses {
        /// The limit.
        max: usize,
    },
    /// The HTTP version is below 1.1.
    #[error("the HTTP version is 1.0, not 1.1 or higher")]
    HttpVersionTooLow,
    /// The status is not 101 (item 1).
    #[error("the status is {}, not 101", .0.status)]
    NotSwitchingProtocols(Box<Response>),
    /// There is no Upgrade field (item 2).
    #[error("there is no Upgrade field")]
    UpgradeMissing,
    /// The Upgrade field does not say `websocket` (item 2).
    #[error("the Upgrade field does not say websocket")]
    UpgradeNotWebSocket,
    /// No Connection field has the token `Upgrade` (item 3).
    #[error("no Connection field holds Upgrade")]
    ConnectionUpgradeMissing,
    /// There is no Sec-WebSocket-Accept field (item 4).
    #[error("there is no Sec-WebSocket-Accept field")]
    AcceptMissing,
    /// There are several Sec-WebSocket-Accept fields (§11.3.3).
    #[error("there are several Sec-WebSocket-Accept fields")]
    AcceptRepeated,
    /// The Sec-WebSocket-Accept field does not answer our key (item 4).
    #[error("the Sec-WebSocket-Accept field does not answer the key")]
    AcceptWrong,
    /// A Sec-WebSocket-Extensions field does not follow the grammar (§9.1).
    #[error("a Sec-WebSocket-Extensions field does not follow the grammar")]
    ExtensionsInvalid,
    /// An extension is in use that was not offered (item 5).
    #[error("the extension {name:?} was not offered")]
    ExtensionNotOffered {
        /// The extension.
        name: String,
    },
    /// permessage-deflate is accepted in a way that was not offered (RFC 7692 §7).
    #[error(transparent)]
    Deflate(#[from] AgreementError),
    /// There are several Sec-WebSocket-Protocol fields (§11.3.4).
    #[error("there are several Sec-WebSocket-Protocol fields")]
    SubprotocolRepeated,
    /// The Sec-WebSocket-Protocol field does not hold one token (§4.2.2).
    #[error("the Sec-WebSocket-Protocol field does not hold one token")]
    SubprotocolInvalid,
    /// A subprotocol is in use that was not offered (item 6).
    #[error("the subprotocol {name:?} was not offered")]
    SubprotocolNotOffered {
        /// The subprotocol.
        name: String,
    },
}

impl ResponseError {
    /// The section of RFC 6455 that was not kept, or of RFC 7692, as in `"7692 7.1.2.1"`.
    pub fn section(&self) -> &'static str {
        match self {
            Self::AcceptRepeated => "11.3.3",
            Self::SubprotocolRepeated => "11.3.4",
            Self::SubprotocolInvalid => "4.2.2",
            Self::ExtensionsInvalid => "9.1",
            Self::Deflate(error) => error.section(),
            _ => "4.1",
        }
    }
}

impl Response {
    /// Reads a complete response head.
    ///
    /// # Errors
    /// [`ResponseError::Head`].
    pub fn parse(head: &[u8]) -> Result<Self, ResponseError> {
        let mut headers = [httparse::EMPTY_HEADER; FIELDS_MAX];
        let mut parsed = httparse::Response::new(&mut headers);
        let known = with_known_version(head);
        match parsed.parse(&known) {
            Ok(httparse::Status::Complete(_)) => {}
            Err(httparse::Error::TooManyHeaders) => {
                return Err(HeadError::TooManyFields { max: FIELDS_MAX }.into());
            }
            Ok(httparse::Status::Partial) | Err(_) => return Err(HeadError::Malformed.into()),
        }
        Ok(Self {
            status: parsed.code.unwrap_or_default(),
            is_http_1_1: parsed.version == Some(1),
            fields: Fields::from_parsed(parsed.headers),
        })
    }

    /// Whether this is an interim response (RFC 9110 §15.2), which another one follows. 101 is
    /// none here: it is the last response in HTTP.
    pub(super) const fn is_interim(&self) -> bool {
        matches!(self.status, 100 | 102..=199)
    }

    /// Item 1 of §4.1, and the HTTP version.
    pub(super) fn check_status(&self) -> Result<(), ResponseError> {
        if self.status != 101 {
            return Err(ResponseError::NotSwitchingProtocols(Box::new(self.clone())));
        }
        Ok(())
    }

    pub(super) const fn check_http_version(&self) -> Result<(), ResponseError> {
        if !self.is_http_1_1 {
            return Err(ResponseError::HttpVersionTooLow);
        }
        Ok(())
    }

    /// Item 2 of §4.1: the server upgrades to a WebSocket.
    pub(super) fn check_upgrade(&self) -> Result<(), ResponseError> {
        // Item 2: the field has a value that is an ASCII case-insensitive match for "websocket";
        // unlike the client's, it is no list to choose from.
        match self.fields.single("Upgrade") {
            Single::Missing => Err(ResponseError::UpgradeMissing),
            Single::Value(value) if value.eq_ignore_ascii_case(b"websocket") => Ok(()),
            Single::Value(_) | Single::Repeated => Err(ResponseError::UpgradeNotWebSocket),
        }
    }

    /// Item 3 of §4.1.
    pub(super) fn check_connection(&self) -> Result<(), ResponseError> {
        if !lists_contain(self.fields.values("Connection"), "Upgrade") {
            return Err(ResponseError::ConnectionUpgradeMissing);
        }
        Ok(())
    }

    /// Item 4 of §4.1. The values are compared with their case: they are base64.
    pub(super) fn check_accept(&self, expected: &str) -> Result<(), ResponseError> {
        match self.fields.single("Sec-WebSocket-Accept") {
            Single::Missing => Err(ResponseError::AcceptMissing),
            Single::Repeated => Err(ResponseError::AcceptRepeated),
            Single::Value(value) if value == expected.as_bytes() => Ok(()),
            Single::Value(_) => Err(ResponseError::AcceptWrong),
        }
    }

    /// Item 5 of §4.1: the extensions in use, each of which was offered.
    pub(super) fn extensions(
        &self,
        offered: &[Extension],
    ) -> Result<Vec<Extension>, ResponseError> {
        let values = self.fields.values("Sec-WebSocket-Extensions");
        if values.clone().next().is_none() {
            return Ok(Vec::new());
        }
        let extensions = extension_list(values).ok_or(ResponseError::ExtensionsInvalid)?;
        for extension in &extensions {
            if !offered.iter().any(|offer| offer.name == extension.name) {
                let name = extension.name.clone();
                return Err(ResponseError::ExtensionNotOffered { name });
            }
        }
        Ok(extensions)
    }

    /// Item 6 of §4.1: the subprotocol in use, which was offered.
    pub(super) fn subprotocol(&self, offered: &[String]) -> Result<Option<String>, ResponseError> {
        let value = match self.fields.single("Sec-WebSocket-Protocol") {
            Single::Missing => return Ok(None),
            Single::Repeated => return Err(ResponseError::SubprotocolRepeated),
            Single::Value(value) => value,
        };
        if !is_token(value) || list_elements(value).count() != 1 {
            return Err(ResponseError::SubprotocolInvalid);
        }
        let name = String::from_utf8_lossy(value).into_owned();
        if !offered.contains(&name) {
            return Err(ResponseError::SubprotocolNotOffered { name });
        }
        Ok(Some(name))
    }
}
