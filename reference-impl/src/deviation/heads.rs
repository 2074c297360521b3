//! The heads of the opening handshake, altered.
//!
//! What is sent is written lawfully and then edited, by the tables below. What is received is
//! judged lawfully, and then refused for reasons that are none.

use std::borrow::Cow;

use super::{Deviation, Deviations};
use crate::handshake::key::{GUID, accept_for, is_valid_key};
use crate::handshake::tokens::list_elements;
use crate::handshake::{Fields, Request, ResponseError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use Deviation as D;

/// A change of a head.
#[derive(Clone, Copy)]
enum Edit {
    /// Replaces the first occurrence of a text.
    Replace(&'static str, &'static str),
    /// Replaces the start line.
    Start(&'static str),
    /// Leaves a field out.
    Omit(&'static str),
    /// Sets the value of a field.
    Set(&'static str, &'static str),
    /// Adds a line.
    Add(&'static str),
    /// Writes a field twice.
    Twice(&'static str),
    /// Leaves a parameter of an extension out.
    OmitParameter(&'static str),
    /// Ends lines with LF alone.
    BareLineFeeds,
    /// Sends octets after the head.
    Append(&'static [u8]),
}

const DEFLATE: &str = "permessage-deflate";

/// The parameter in the offer that clients usually make.
const CLIENT_WINDOW: &str = "; client_max_window_bits";

type Edits = [(Deviation, Edit)];

/// Of responses that accept a request.
const RESPONSE_EDITS: &Edits = &[
    (D::OmitResponseUpgrade, Edit::Omit("Upgrade")),
    (D::OmitResponseConnection, Edit::Omit("Connection")),
    (D::OmitAccept, Edit::Omit("Sec-WebSocket-Accept")),
    (D::RepeatAccept, Edit::Twice("Sec-WebSocket-Accept")),
    (D::SendOtherResponseUpgrade, Edit::Set("Upgrade", "h2c")),
    (
        D::SendOtherResponseConnection,
        Edit::Set("Connection", "keep-alive"),
    ),
    (D::AnswerWith200, Edit::Start("HTTP/1.1 200 OK")),
    (
        D::AnswerWithHttp10,
        Edit::Start("HTTP/1.0 101 Switching Protocols"),
    ),
    (
        D::ChooseUnofferedSubprotocol,
        Edit::Add("Sec-WebSocket-Protocol: unoffered"),
    ),
    (
        D::SendEmptySubprotocol,
        Edit::Add("Sec-WebSocket-Protocol:"),
    ),
    (
        D::ChooseUnofferedExtension,
        Edit::Add("Sec-WebSocket-Extensions: x-unoffered"),
    ),
    (
        D::SendEmptyExtensions,
        Edit::Add("Sec-WebSocket-Extensions:"),
    ),
    (D::EndResponseLinesWithLf, Edit::BareLineFeeds),
    (
        D::FoldResponseFields,
        Edit::Set("Upgrade", "\r\n websocket"),
    ),
    (
        D::OmitServerNoContextTakeover,
        Edit::OmitParameter("server_no_context_takeover"),
    ),
    (
        D::OmitServerMaxWindowBits,
        Edit::OmitParameter("server_max_window_bits"),
    ),
    (
        D::LimitClientWindowUnasked,
        Edit::Replace(DEFLATE, "permessage-deflate; client_max_window_bits=15"),
    ),
    (
        D::SendWindowBitsWithoutValue,
        Edit::Replace(DEFLATE, "permessage-deflate; server_max_window_bits"),
    ),
    (
        D::SendWindowBitsOutOfRange,
        Edit::Replace(DEFLATE, "permessage-deflate; server_max_window_bits=16"),
    ),
    (
        D::SendTakeoverWithValue,
        Edit::Replace(
            DEFLATE,
            "permessage-deflate; server_no_context_takeover=true",
        ),
    ),
    (
        D::SendUnknownParameter,
        Edit::Replace(DEFLATE, "permessage-deflate; x_unknown"),
    ),
    (
        D::RepeatParameter,
        Edit::Replace(
            DEFLATE,
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ),
    ),
    (
        D::AgreeToDeflateTwice,
        Edit::Replace(DEFLATE, "permessage-deflate, permessage-deflate"),
    ),
    (D::OmitAgreement, Edit::Omit("Sec-WebSocket-Extensions")),
    (
        D::OmitClientNoContextTakeover,
        Edit::OmitParameter("client_no_context_takeover"),
    ),
    (
        D::OmitClientMaxWindowBits,
        Edit::OmitParameter("client_max_window_bits"),
    ),
    (
        D::AgreeByOtherName,
        Edit::Replace(DEFLATE, "x-webkit-deflate-frame"),
    ),
    (
        D::SendClientTakeoverWithValue,
        Edit::Replace(
            DEFLATE,
            "permessage-deflate; client_no_context_takeover=true",
        ),
    ),
    (
        D::SendClientWindowWithoutValue,
        Edit::Replace(DEFLATE, "permessage-deflate; client_max_window_bits"),
    ),
    (D::RepeatSubprotocol, Edit::Twice("Sec-WebSocket-Protocol")),
    (D::SendOctetsAfterResponse, Edit::Append(b"\r\n")),
];

/// Of responses that refuse one.
const REFUSAL_EDITS: &Edits = &[
    (
        D::OmitVersionsInRefusal,
        Edit::Omit("Sec-WebSocket-Version"),
    ),
    (D::RefuseWith200, Edit::Start("HTTP/1.1 200 OK")),
    (
        D::SendMalformedVersions,
        Edit::Set("Sec-WebSocket-Version", "013"),
    ),
    (D::RefuseAllWith404, Edit::Start("HTTP/1.1 404 Not Found")),
    (
        D::RefuseAllWith401,
        Edit::Start("HTTP/1.1 401 Unauthorized"),
    ),
    (
        D::RefuseAllWith401,
        Edit::Add("WWW-Authenticate: Basic realm=\"wsspec\""),
    ),
    (D::AnswerAllWith200, Edit::Start("HTTP/1.1 200 OK")),
];

const REQUEST_EDITS: &Edits = &[
    (D::OmitHost, Edit::Omit("Host")),
    (D::OmitRequestUpgrade, Edit::Omit("Upgrade")),
    (D::OmitRequestConnection, Edit::Omit("Connection")),
    (D::OmitKey, Edit::Omit("Sec-WebSocket-Key")),
    (D::OmitVersion, Edit::Omit("Sec-WebSocket-Version")),
    (D::SendOtherRequestUpgrade, Edit::Set("Upgrade", "h2c")),
    (
        D::SendOtherRequestConnection,
        Edit::Set("Connection", "keep-alive"),
    ),
    (D::SendVersion8, Edit::Set("Sec-WebSocket-Version", "8")),
    (D::SendVersion12, Edit::Set("Sec-WebSocket-Version", "12")),
    (
        D::SendForeignUri,
        Edit::Replace("GET /", "GET http://elsewhere.example/"),
    ),
    (
        D::OfferOtherName,
        Edit::Replace(DEFLATE, "x-webkit-deflate-frame"),
    ),
    (
        D::OfferTakeoverWithValue,
        Edit::Replace(
            DEFLATE,
            "permessage-deflate; server_no_context_takeover=true",
        ),
    ),
    (
        D::OfferClientTakeoverWithValue,
        Edit::Replace(
            DEFLATE,
            "permessage-deflate; client_no_context_takeover=true",
        ),
    ),
    (
        D::OfferWindowBitsNotDecimal,
        Edit::Replace(DEFLATE, "permessage-deflate; server_max_window_bits=1e1"),
    ),
    (
        D::OfferClientWindowOutOfRange,
        Edit::Replace(CLIENT_WINDOW, "; client_max_window_bits=16"),
    ),
    (
        D::OfferClientWindowWithLeadingZero,
        Edit::Replace(CLIENT_WINDOW, "; client_max_window_bits=010"),
    ),
    (
        D::OfferClientWindowNotDecimal,
        Edit::Replace(CLIENT_WINDOW, "; client_max_window_bits=+10"),
    ),
    (
        D::SendVersionWithLeadingZero,
        Edit::Set("Sec-WebSocket-Version", "013"),
    ),
    (D::RepeatVersion, Edit::Twice("Sec-WebSocket-Version")),
    (D::RepeatKey, Edit::Twice("Sec-WebSocket-Key")),
    (D::RepeatHost, Edit::Twice("Host")),
    (D::SendPost, Edit::Replace("GET ", "POST ")),
    (D::SendLowerCaseMethod, Edit::Replace("GET ", "get ")),
    (D::SendHttp10, Edit::Replace(" HTTP/1.1", " HTTP/1.0")),
    (
        D::SendFragmentIdentifier,
        Edit::Replace(" HTTP/1.1", "#fragment HTTP/1.1"),
    ),
    (
        D::OfferSubprotocolTwice,
        Edit::Add("Sec-WebSocket-Protocol: chat, chat"),
    ),
    (
        D::OfferInvalidSubprotocol,
        Edit::Add("Sec-WebSocket-Protocol: no token"),
    ),
    (
        D::OfferEmptySubprotocols,
        Edit::Omit("Sec-WebSocket-Protocol"),
    ),
    (
        D::OfferEmptySubprotocols,
        Edit::Add("Sec-WebSocket-Protocol:"),
    ),
    (
        D::OfferUnregisteredExtension,
        Edit::Add("Sec-WebSocket-Extensions: x-unregistered"),
    ),
    (
        D::SendMalformedOrigin,
        Edit::Add("Origin: http://example.com/path"),
    ),
    (
        D::OfferInvalidExtension,
        Edit::Add("Sec-WebSocket-Extensions: x-invalid; ="),
    ),
    (
        D::OfferUnknownParameter,
        Edit::Replace(DEFLATE, "permessage-deflate; x_unknown"),
    ),
    (
        D::OfferRepeatedParameter,
        Edit::Replace(
            DEFLATE,
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ),
    ),
    (
        D::OfferWindowBitsOutOfRange,
        Edit::Replace(DEFLATE, "permessage-deflate; server_max_window_bits=7"),
    ),
    (
        D::OfferWindowBitsWithLeadingZero,
        Edit::Replace(DEFLATE, "permessage-deflate; server_max_window_bits=010"),
    ),
    (
        D::OfferServerWindowWithoutValue,
        Edit::Replace(DEFLATE, "permessage-deflate; server_max_window_bits"),
    ),
    (D::EndRequestLinesWithLf, Edit::BareLineFeeds),
    (
        D::SendFrameBeforeResponse,
        Edit::Append(b"\x89\x80\x37\xfa\x21\x3d"),
    ),
];

impl Edit {
    fn apply(self, head: &str) -> String {
        let end_of_start = head.find("\r\n").unwrap_or(head.len());
        let (start, fields) = head.split_at(end_of_start);
        match self {
            Self::Replace(from, to) => head.replacen(from, to, 1),
            Self::Start(line) => [line, fields].concat(),
            Self::Omit(name) => edit_field(head, name, |_| String::new()),
            Self::Set(name, value) => edit_field(head, name, |_| format!("{name}: {value}\r\n")),
            Self::Twice(name) => edit_field(head, name, |line| line.repeat(2)),
            Self::Add(line) => format!("{start}\r\n{line}{fields}"),
            Self::OmitParameter(name) => match head.split_once(&format!("; {name}")) {
                Some((before, after)) => {
                    let end = after.find([';', ',', '\r']).unwrap_or(after.len());
                    [before, &after[end..]].concat()
                }
                None => head.to_owned(),
            },
            Self::BareLineFeeds => head.replace("\r\n", "\n"),
            // This comes when the head is made into octets.
            Self::Append(_) => head.to_owned(),
        }
    }
}

/// `head` with `edit` in place of the line of the field called `name`, its end included.
fn edit_field(head: &str, name: &str, edit: impl Fn(&str) -> String) -> String {
    let is_field = |line: &str| {
        let other = line.split_once(':').map(|(other, _)| other);
        other.is_some_and(|other| other.eq_ignore_ascii_case(name))
    };
    head.split_inclusive("\r\n")
        .map(|line| {
            if is_field(line) {
                edit(line)
            } else {
                line.to_owned()
            }
        })
        .collect()
}

/// Fields with separators in their values.
const LISTS: &[&str] = &[
    "Connection",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Protocol",
];

/// Fields that no lawful peer has to know.
const KNOWN_FIELDS: &[&str] = &["Host", "Upgrade", "Connection", "Origin"];

impl Deviations {
    fn edit(&self, head: String, edits: &Edits) -> Vec<u8> {
        let wanted = || {
            edits
                .iter()
                .filter(|(deviation, _)| self.include(*deviation))
        };
        let head = wanted().fold(head, |head, (_, edit)| edit.apply(&head));
        let mut octets = head.into_bytes();
        for (_, edit) in wanted() {
            if let Edit::Append(rest) = edit {
                octets.extend_from_slice(rest);
            }
        }
        octets
    }

    /// The head that is understood where `head` came.
    pub(crate) fn alter_head<'head>(&self, head: &'head [u8]) -> Cow<'head, [u8]> {
        if !self.include_any(&[D::AcceptMalformedFields, D::MatchStatusLoosely]) {
            return Cow::Borrowed(head);
        }
        let head = String::from_utf8_lossy(head);
        let (mut start, fields) = head.split_once("\r\n").unwrap_or((&head, ""));
        if self.include(D::MatchStatusLoosely) && start.contains("101") {
            start = "HTTP/1.1 101 Switching Protocols";
        }
        let fields = if self.include(D::AcceptMalformedFields) {
            let unfolded = fields.replace("\r\n ", " ").replace("\r\n\t", " ");
            let fields = unfolded.split("\r\n").filter_map(|line| {
                let (name, value) = line.split_once(':')?;
                Some(format!("{}:{value}\r\n", name.trim_end()))
            });
            fields.collect::<String>() + "\r\n"
        } else {
            fields.to_owned()
        };
        Cow::Owned([start, "\r\n", &fields].concat().into_bytes())
    }

    /// The octets that are sent for a lawful `request`.
    pub(crate) fn alter_request(&self, mut request: String) -> Vec<u8> {
        if self.include(D::NeverAsk) {
            return Vec::new();
        }
        if self.include(D::SendWebSocketUri)
            && let Some((_, rest)) = request.split_once("\r\nHost: ")
            && let Some((host, _)) = rest.split_once("\r\n")
        {
            request = request.replacen("GET /", &format!("GET ws://{host}/"), 1);
        }
        self.edit(request, REQUEST_EDITS)
    }

    /// Whether a head is taken for complete that is without the empty line at its end.
    pub(crate) fn completes_head(&self, octets: &[u8]) -> bool {
        self.include(D::TakeUnfinishedHeads)
            && octets.ends_with(b"\r\n")
            && [&b"\nSec-WebSocket-Key: "[..], b"\nSec-WebSocket-Accept: "]
                .iter()
                .any(|field| octets.windows(field.len()).any(|octets| octets == *field))
    }

    /// Whether a head is refused for white space that it may have.
    #[cold]
    pub(crate) fn refuse_space(&self, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let mut values = head.lines().filter_map(|line| line.split_once(':'));
        values.any(|(name, value)| {
            let value = value.strip_prefix(' ').unwrap_or(value);
            let wide = value.trim_matches([' ', '\t']) != value;
            let is_list = LISTS.iter().any(|list| list.eq_ignore_ascii_case(name));
            let spaced = ["\t", " ,", " ;", " =", "= "];
            let separators = is_list && spaced.iter().any(|space| value.trim().contains(space));
            wide && self.include(D::RefuseSpaceAroundValues)
                || separators && self.include(D::RefuseSpaceAroundSeparators)
        })
    }

    /// The octets that are sent for a lawful `refusal`.
    pub(crate) fn alter_refusal(&self, refusal: String) -> Vec<u8> {
        if self.include(D::CloseWithoutRefusal) || self.stall_on_refusal() {
            return Vec::new();
        }
        self.edit(refusal, REFUSAL_EDITS)
    }

    /// Whether TCP stays open, and nothing is said, where a handshake is refused.
    pub(crate) fn stall_on_refusal(&self) -> bool {
        self.include_any(&[D::StallOnRefusal, D::NeverAnswerHandshake])
    }

    /// The octets that are sent for a lawful `response` to `request`.
    pub(crate) fn alter_response(&self, mut response: String, request: &Request) -> Vec<u8> {
        if self.include(D::NeverAnswerHandshake) {
            return Vec::new();
        }
        let asked = |name| {
            let values: Vec<_> = request
                .fields
                .values(name)
                .map(String::from_utf8_lossy)
                .collect();
            values.join(", ")
        };
        for (deviation, name) in [
            (D::EchoSubprotocolList, "Sec-WebSocket-Protocol"),
            (D::EchoExtensionOffers, "Sec-WebSocket-Extensions"),
        ] {
            let asked = asked(name);
            if self.include(deviation) && !asked.is_empty() {
                response = edit_field(&response, name, |_| String::new());
                response = response.replacen("\r\n", &format!("\r\n{name}: {asked}\r\n"), 1);
            }
        }
        self.edit(response, RESPONSE_EDITS)
    }

    /// The Sec-WebSocket-Accept that answers `key`.
    pub(crate) fn accept_for(&self, key: &str) -> String {
        let hash = |octets: &[u8]| STANDARD.encode(Sha1::digest(octets));
        let lawful = accept_for(key);
        let of_nonce = || {
            let nonce = STANDARD.decode(key).unwrap_or_default();
            hash(&[&nonce, GUID.as_bytes()].concat())
        };
        let accept: [(Deviation, &dyn Fn() -> String); 6] = [
            (D::SendWrongAccept, &|| accept_for("")),
            (D::HashDecodedKey, &of_nonce),
            (D::HashKeyWithoutGuid, &|| hash(key.as_bytes())),
            (D::SendLowerCaseAccept, &|| lawful.to_ascii_lowercase()),
            (D::SendUnpaddedAccept, &|| {
                lawful.trim_end_matches('=').to_owned()
            }),
            (D::SendKeyAsAccept, &|| key.to_owned()),
        ];
        let wanted = accept
            .iter()
            .find(|(deviation, _)| self.include(*deviation));
        wanted.map_or_else(|| lawful.clone(), |(_, accept)| accept())
    }

    /// The Sec-WebSocket-Key that is sent where a lawful client sends `key`.
    pub(crate) fn alter_key(&self, key: String) -> String {
        let keys = [
            (D::SendConstantKey, "d3NzcGVjIGlzIHRlc3Rpbg=="),
            (D::SendShortKey, "d3NzcGVjIGlzIA=="),
            (D::SendKeyNotBase64, "this is not base64!!!!!!"),
        ];
        let wanted = keys.iter().find(|(deviation, _)| self.include(*deviation));
        wanted.map_or(key, |&(_, key)| key.to_owned())
    }

    /// Whether a key is taken that is not base64 of 16 octets.
    pub(crate) fn overlook_key(&self, key: &str) -> bool {
        debug_assert!(!is_valid_key(key), "only what is wrong is overlooked");
        let is_base64 = !key.is_empty() && STANDARD.decode(key).is_ok();
        self.include(D::AcceptInvalidKey)
            || is_base64 && self.include(D::AcceptKeyOfOtherLength)
            || key.len() == 24 && self.include(D::AcceptKeyNotBase64)
    }

    /// Whether a request is refused that keeps §4.2.1.
    #[cold]
    pub(crate) fn refuse_request(
        &self,
        target: &str,
        is_higher_version: bool,
        fields: &Fields,
    ) -> bool {
        let has = |name| fields.values(name).next().is_some();
        let is_unknown = |name: &str| {
            let known = KNOWN_FIELDS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name));
            !known && !name.to_ascii_lowercase().starts_with("sec-websocket-")
        };
        let first = fields.iter().next().map(|(name, _)| name);
        self.refuse_fields(fields)
            || self.include_any(&[
                D::RefuseAllWith404,
                D::RefuseAllWith401,
                D::AnswerAllWith200,
            ])
            || self.include(D::RequireOrigin) && !has("Origin")
            || self.include(D::RefuseHigherHttpVersions) && is_higher_version
            || self.include(D::RefuseAbsoluteTargets) && !target.starts_with('/')
            || self.include(D::RequireHostFirst) && first.is_some_and(|name| name != "Host")
            || self.include(D::RefuseUnknownFields)
                && fields.iter().any(|(name, _)| is_unknown(name))
    }

    /// Whether a request or response is refused that is lawful, by what both have in common.
    #[cold]
    pub(crate) fn refuse_fields(&self, fields: &Fields) -> bool {
        let spelt = |name: &str, token: &[u8]| {
            fields
                .values(name)
                .flat_map(list_elements)
                .any(|element| element == token)
        };
        let is_list = |name| {
            fields
                .values(name)
                .any(|value| list_elements(value).count() != 1)
        };
        let has_empty_element = |name| {
            let mut elements = fields
                .values(name)
                .flat_map(|value| value.split(|&octet| octet == b','));
            elements.any(|element| element.iter().all(|&octet| octet == b' '))
        };
        let named = |name: &str| fields.iter().any(|(other, _)| other == name);
        let required = ["Upgrade", "Connection"];
        self.include(D::CompareUpgradeWithCase) && !spelt("Upgrade", b"websocket")
            || self.include(D::CompareConnectionWithCase) && !spelt("Connection", b"Upgrade")
            || self.include(D::RefuseConnectionLists) && is_list("Connection")
            || self.include(D::RefuseEmptyListElements) && has_empty_element("Connection")
            || self.include(D::RefuseEmptyExtensionElements)
                && has_empty_element("Sec-WebSocket-Extensions")
            || self.include(D::CompareNamesWithCase) && !required.into_iter().all(named)
            || self.include(D::RefuseQuotedParameters)
                && fields
                    .values("Sec-WebSocket-Extensions")
                    .any(|value| value.contains(&b'"'))
            || self.include(D::RefuseNonAsciiFields)
                && fields.iter().any(|(_, value)| !value.is_ascii())
    }

    /// The subprotocol that a client takes a response to agree to, where it has offered `names`.
    pub(crate) fn overlook_subprotocol(
        &self,
        subprotocol: Result<Option<String>, ResponseError>,
        names: &[String],
    ) -> Result<Option<String>, ResponseError> {
        match subprotocol {
            Err(ResponseError::SubprotocolNotOffered { name })
                if self.include(D::AcceptSubprotocolInOtherCase)
                    && names.iter().any(|other| other.eq_ignore_ascii_case(&name)) =>
            {
                Ok(Some(name))
            }
            subprotocol => self.overlook_in_response(subprotocol),
        }
    }

    /// The subprotocol that is spoken where the client lists `names`.
    pub(crate) fn alter_subprotocol(&self, names: &[String], spoken: &[String]) -> Option<String> {
        let matches = |name: &&String| spoken.iter().any(|other| other.eq_ignore_ascii_case(name));
        names
            .iter()
            .find(matches)
            .filter(|_| self.include(D::MatchSubprotocolsWithoutCase))
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edit_changes_its_head() {
        let response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
            Connection: Upgrade\r\nSec-WebSocket-Accept: a\r\nSec-WebSocket-Extensions: \
            permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
            server_max_window_bits=9; client_max_window_bits=9\r\n\
            Sec-WebSocket-Protocol: chat\r\n\r\n";
        let refusal = "HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\n\r\n";
        let request = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
        for (head, edits) in [
            (response, RESPONSE_EDITS),
            (refusal, REFUSAL_EDITS),
            (request, REQUEST_EDITS),
        ] {
            assert_eq!(
                Deviations::NONE.edit(head.to_owned(), edits),
                head.as_bytes()
            );
            for &(deviation, _) in edits {
                let edited = Deviations::NONE
                    .with(deviation)
                    .edit(head.to_owned(), edits);
                assert_ne!(edited, head.as_bytes(), "{deviation}");
            }
        }
    }
}
