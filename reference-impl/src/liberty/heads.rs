//! Heads of the opening handshake in other forms.

use super::{Liberties, Liberty};
use crate::handshake::tokens::list_elements;
use crate::handshake::{Fields, VERSION};
use std::borrow::Cow;

use Liberty as L;

/// A field as it is written: name and value.
type Field = (String, String);

/// What is done to the fields of a head.
type Edit = fn(&mut Vec<Field>);

/// What each liberty does to them, in this order.
const EDITS: &[(Liberty, Edit)] = &[
    (L::SendMoreFields, |fields| {
        fields.extend(more_fields(&[
            ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("Cache-Control", "no-cache"),
            ("Server", "wsspec"),
            ("User-Agent", "wsspec"),
            ("Set-Cookie", "session=\"a b\"; Path=/; HttpOnly"),
            ("Cookie", "session=1; theme=dark"),
            ("Vary", "Origin, Accept-Encoding"),
        ]));
    }),
    (L::SendUnknownFields, |fields| {
        fields.extend(more_fields(&[
            ("X-Wsspec", "1"),
            ("X_Wsspec.More!", "a: b, c; d=\"e\""),
            ("X-Wsspec-Empty", ""),
        ]));
        fields.push(("X-Wsspec-Long".into(), "x".repeat(1_024)));
    }),
    (L::WriteValuesInLowerCase, |fields| {
        edit_value(fields, "Connection", |_| "upgrade".into());
    }),
    (L::WriteValuesInMixedCase, |fields| {
        edit_value(fields, "Upgrade", |_| "WebSocket".into());
    }),
    (L::KeepAlive, |fields| {
        edit_value(fields, "Connection", |_| "keep-alive, Upgrade".into());
    }),
    (L::SplitLists, |fields| {
        edit_value(fields, "Connection", |_| "keep-alive, Upgrade".into());
        let split = |(name, value): Field| {
            let elements = match LISTS.contains(&name.as_str()) {
                true => value.split(", ").map(str::to_owned).collect(),
                false => vec![value],
            };
            elements
                .into_iter()
                .map(move |element| (name.clone(), element))
        };
        *fields = std::mem::take(fields).into_iter().flat_map(split).collect();
    }),
    (L::QuoteParameters, |fields| {
        edit_value(fields, EXTENSIONS, |value| {
            let quoted = |parameter: &str| match parameter.split_once('=') {
                Some((name, value)) => format!("{name}=\"{value}\""),
                None => parameter.to_owned(),
            };
            each(value, ", ", |extension| each(extension, "; ", quoted))
        });
    }),
    (L::SpaceOutParameters, |fields| {
        edit_value(fields, EXTENSIONS, |value| {
            value
                .replace("; ", " ;\t")
                .replace('=', " = ")
                .replace(", ", " , ")
        });
    }),
    (L::ReverseFields, |fields| fields.reverse()),
    (L::WriteNamesInLowerCase, |fields| {
        fields
            .iter_mut()
            .for_each(|(name, _)| name.make_ascii_lowercase());
    }),
    (L::WriteNamesInCapitals, |fields| {
        fields
            .iter_mut()
            .for_each(|(name, _)| name.make_ascii_uppercase());
    }),
];

const EXTENSIONS: &str = "Sec-WebSocket-Extensions";

/// Fields whose elements may stand in fields of their own.
const LISTS: &[&str] = &["Connection", EXTENSIONS, "Sec-WebSocket-Protocol"];

/// How the white space of a field is written.
const SPACES: &[(Liberty, (&str, &str))] = &[
    (L::WriteFieldsTight, ("", "")),
    (L::WriteFieldsWide, (" \t   ", "  \t ")),
];

/// Reason phrases of responses that switch protocols.
const REASON_PHRASES: &[(Liberty, &str)] = &[
    (L::OmitReasonPhrase, ""),
    (
        L::SendLongReasonPhrase,
        "Web Socket Protocol Handshake: from here on (and until the end of TCP) frames, \
         no more lines of text; 200 would be another answer",
    ),
];

const EARLY_HINTS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";

/// What is made of several fields of one name.
pub(crate) type Join = fn(&[&[u8]]) -> Vec<u8>;

const JOINS: &[(Liberty, Join)] = &[
    (L::TakeFirstField, |values| values[0].to_vec()),
    (L::TakeLastField, |values| values[values.len() - 1].to_vec()),
    (L::JoinFields, |values| values.join(&b", "[..])),
];

/// Fields that a request may not name twice, and a server may make one of.
const SINGLE_FIELDS: &[&str] = &["Sec-WebSocket-Key", "Sec-WebSocket-Version"];

impl Liberties {
    /// A request, or a response that refuses one, in the form that the set asks for.
    pub(crate) fn write_head(&self, message: String) -> String {
        if self.is_empty() || message.is_empty() {
            return message;
        }
        let (head, body) = message.split_once("\r\n\r\n").unwrap_or((&message, ""));
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default();
        let field = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            (name.to_owned(), value.to_owned())
        };
        let mut fields: Vec<_> = lines.map(field).collect();
        for (_, edit) in EDITS.iter().filter(|(liberty, _)| self.include(*liberty)) {
            edit(&mut fields);
        }
        let (before, behind) = self.choose(SPACES).unwrap_or((" ", ""));
        let fields = fields
            .iter()
            .map(|(name, value)| format!("{name}:{before}{value}{behind}\r\n"));
        [start, "\r\n", &fields.collect::<String>(), "\r\n", body].concat()
    }

    /// A response that accepts a request, in the form that the set asks for.
    pub(crate) fn write_response(&self, response: String) -> String {
        let response = self.write_head(response);
        let response = match self.choose(REASON_PHRASES) {
            Some(phrase) => response.replacen("Switching Protocols", phrase, 1),
            None => response,
        };
        match self.include(L::SendEarlyHints) {
            true => [EARLY_HINTS, &response].concat(),
            false => response,
        }
    }

    /// The fields of a request as they are read.
    pub(crate) fn read_fields<'fields>(&self, fields: &'fields Fields) -> Cow<'fields, Fields> {
        let Some(join) = self.choose(JOINS) else {
            return Cow::Borrowed(fields);
        };
        let once = |fields: Fields, name: &&str| fields.with_one(name, join);
        Cow::Owned(SINGLE_FIELDS.iter().fold(fields.clone(), once))
    }

    /// Whether this version is taken for 13.
    pub(crate) fn takes_version(&self, version: &[u8]) -> bool {
        let mut versions = list_elements(version);
        self.include(L::TakeVersionLists) && versions.any(|one| one == VERSION.as_bytes())
    }

    /// The subprotocol that is spoken where the client lists `names`.
    pub(crate) fn choose_subprotocol(&self, names: &[String]) -> Option<String> {
        match () {
            () if self.include(L::AgreeToFirstSubprotocol) => names.first().cloned(),
            () if self.include(L::AgreeToLastSubprotocol) => names.last().cloned(),
            () => None,
        }
    }
}

fn more_fields<'a>(fields: &'a [(&str, &str)]) -> impl Iterator<Item = Field> + 'a {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

/// Edits the value of a field, unless it closes the connection.
fn edit_value(fields: &mut [Field], name: &str, edit: impl Fn(&str) -> String) {
    for (other, value) in fields {
        if other == name && !value.contains("close") {
            *value = edit(value);
        }
    }
}

/// `list` with `edit` done to each of its elements.
fn each(list: &str, separator: &str, edit: impl Fn(&str) -> String) -> String {
    let elements: Vec<_> = list.split(separator).map(edit).collect();
    elements.join(separator)
}
