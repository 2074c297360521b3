//! The head of a request or response, taken apart.

use serde::{Deserialize, Serialize};

/// The head of a request or response.
///
/// Names and values are hostile text where the target sent them, escaped as
/// [`escape_octets`](crate::escape::escape_octets) does it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Head {
    /// The start line.
    pub start: String,
    /// The status code of a response that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The header fields in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// How many fields at the end are not kept, since the head is too large.
    #[serde(skip_serializing_if = "is_zero")]
    pub fields_omitted: u64,
    /// What makes it no HTTP/1 head at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub malformed: Option<Malformed>,
    /// What is wrong with it; empty where it is what it has to be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<HeadFault>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A header field, or another line of a head.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The name; empty where the line is no field.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The value, without white space around it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// The line as it was written, where it is not the name, a colon, a space and the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
}

/// Why a head cannot be read (RFC 7230 §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Malformed {
    /// The line; the start line is the first.
    pub line: u32,
    /// What is wrong with it.
    pub why: Malformation,
}

/// What makes a line no line of a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Malformation {
    /// It is no request line.
    RequestLine,
    /// It is no status line.
    StatusLine,
    /// It begins with white space: it would go on with the line before (§3.2.4).
    Folded,
    /// It has no colon.
    NoColon,
    /// What stands before the colon is no token, as with white space behind the name.
    Name,
    /// The value has a control character.
    Value,
    /// The empty line behind the last one is missing.
    NoEnd,
}

/// Something wrong with the head of a handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadFault {
    /// The requirement that is broken.
    pub requirement: String,
    /// What is wrong.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What can be wrong with the head of a handshake. Texts are hostile and escaped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// It is no HTTP/1 request or response.
    NotHttp,
    /// The method of a request.
    Method {
        /// What it is.
        found: String,
    },
    /// The version of a request is below HTTP/1.1.
    OldVersion,
    /// The request target is not the resource name.
    Target {
        /// What it is.
        found: String,
        /// What it has to be.
        expected: String,
    },
    /// Octets follow a request before it was answered.
    EarlyOctets,
    /// A field is missing.
    Missing {
        /// Its name.
        field: String,
    },
    /// A field stands there more than once.
    Repeated {
        /// Its name.
        field: String,
    },
    /// A field has another value than it has to have.
    Value {
        /// Its name.
        field: String,
        /// What it is.
        found: String,
        /// What it has to be.
        expected: String,
    },
    /// A list does not have an element that it has to have.
    Without {
        /// The name of the field.
        field: String,
        /// The element.
        element: String,
        /// The values of all fields with this name; none where there is no such field.
        found: Vec<String>,
    },
    /// The key is no base64 of 16 octets.
    Key {
        /// What it is.
        found: String,
    },
    /// A list has no element.
    Empty {
        /// The name of the field.
        field: String,
    },
    /// A field that names one thing names several or none.
    NotOne {
        /// The name of the field.
        field: String,
        /// Its value.
        found: String,
    },
    /// An element is no token.
    NotAToken {
        /// The name of the field.
        field: String,
        /// The element.
        found: String,
    },
    /// An element stands there twice.
    Twice {
        /// The name of the field.
        field: String,
        /// The element.
        found: String,
    },
    /// A response names what the request did not offer.
    NotOffered {
        /// The name of the field.
        field: String,
        /// The element.
        found: String,
    },
    /// Sec-WebSocket-Extensions does not follow its grammar.
    Grammar {
        /// The values of all fields with this name.
        found: Vec<String>,
    },
    /// A response agrees to an extension more than once.
    AgreedAgain {
        /// The name of the extension.
        extension: String,
        /// How often.
        times: u64,
    },
    /// An extension has no such parameter.
    UnknownParameter {
        /// The name of the extension.
        extension: String,
        /// The name of the parameter.
        parameter: String,
    },
    /// A parameter of an extension stands there twice.
    ParameterTwice {
        /// The name of the parameter.
        parameter: String,
    },
    /// A parameter of an extension has a value that it cannot have, or none.
    ParameterValue {
        /// The name of the parameter.
        parameter: String,
        /// Its value.
        found: Option<String>,
    },
    /// A response leaves out a parameter that the offer has.
    ParameterLeftOut {
        /// The name of the parameter.
        parameter: String,
    },
    /// A response has a larger value than the offer.
    ParameterAbove {
        /// The name of the parameter.
        parameter: String,
        /// The value in the response.
        found: u32,
        /// The value in the offer.
        offered: u32,
    },
    /// A response has a parameter that the offer does not have.
    ParameterNotOffered {
        /// The name of the parameter.
        parameter: String,
    },
    /// As version 1 of the results format has it: in words.
    Words(String),
}

impl Fault {
    /// Whether it leaves nothing to go on with: what is no HTTP, a request without a key
    /// that can be answered, and extensions that nobody could agree on. Behind any other
    /// fault a conversation can be held, and be judged by itself.
    pub fn hinders(&self) -> bool {
        match self {
            Self::Missing { field } | Self::Repeated { field } => field == "Sec-WebSocket-Key",
            Self::NotOffered { field, .. } | Self::Empty { field } => {
                field == "Sec-WebSocket-Extensions"
            }
            Self::Method { .. }
            | Self::OldVersion
            | Self::Target { .. }
            | Self::Value { .. }
            | Self::Without { .. }
            | Self::NotOne { .. }
            | Self::NotAToken { .. }
            | Self::Twice { .. } => false,
            Self::NotHttp
            | Self::EarlyOctets
            | Self::Key { .. }
            | Self::Words(_)
            | Self::Grammar { .. }
            | Self::AgreedAgain { .. }
            | Self::UnknownParameter { .. }
            | Self::ParameterTwice { .. }
            | Self::ParameterValue { .. }
            | Self::ParameterLeftOut { .. }
            | Self::ParameterAbove { .. }
            | Self::ParameterNotOffered { .. } => true,
        }
    }
}

impl Head {
    /// The values of all fields with this name, without white space around them.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value.as_str())
    }

    /// The head as it was written, line by line, without the empty line.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let fields = self.fields.iter().map(Field::line);
        std::iter::once(self.start.clone()).chain(fields)
    }

    /// The head as it was written, with its empty line.
    pub fn text(&self) -> String {
        let mut text: Vec<String> = self.lines().collect();
        text.extend([String::new(), String::new()]);
        text.join("\r\n")
    }

    /// A head that is written as text, with or without its empty line, unchecked.
    pub fn from_text(text: &str) -> Self {
        let mut lines = text.lines().take_while(|line| !line.is_empty());
        Self {
            start: lines.next().unwrap_or_default().to_owned(),
            fields: lines.map(Field::from_line).collect(),
            ..Self::default()
        }
    }
}

impl Field {
    /// A field from a line, without its end.
    pub fn from_line(line: &str) -> Self {
        let is_folded = line.starts_with([' ', '\t']);
        let Some((name, value)) = line.split_once(':').filter(|_| !is_folded) else {
            return Self {
                written: Some(line.to_owned()),
                ..Self::default()
            };
        };
        let value = value.trim_matches([' ', '\t']);
        let is_plain =
            line.len() == name.len() + 2 + value.len() && line[name.len() + 1..].starts_with(' ');
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            written: (!is_plain).then(|| line.to_owned()),
        }
    }

    /// The line as it was written.
    pub fn line(&self) -> String {
        let plain = || format!("{}: {}", self.name, self.value);
        self.written.clone().unwrap_or_else(plain)
    }
}

/// A head as a file has it; version 1 of the results format has its text.
#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    start: String,
    #[serde(default)]
    status: Option<u16>,
    #[serde(default)]
    fields: Vec<Field>,
    #[serde(default)]
    fields_omitted: u64,
    #[serde(default)]
    malformed: Option<Malformed>,
    #[serde(default)]
    faults: Vec<HeadFault>,
}

impl From<Stored> for Head {
    fn from(stored: Stored) -> Self {
        let head = match &stored.text {
            Some(text) => Self::from_text(text),
            None => Self {
                start: stored.start,
                fields: stored.fields,
                ..Self::default()
            },
        };
        Self {
            status: stored.status,
            fields_omitted: stored.fields_omitted,
            malformed: stored.malformed,
            faults: stored.faults,
            ..head
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_as_they_were_written() {
        for (line, name, value, is_plain) in [
            ("Host: h", "Host", "h", true),
            ("Host: ", "Host", "", true),
            ("Host:", "Host", "", false),
            ("Host:h", "Host", "h", false),
            ("Host:  h\t", "Host", "h", false),
            ("Host : h", "Host ", "h", true),
            ("no field", "", "", false),
            (" folded: on", "", "", false),
        ] {
            let field = Field::from_line(line);
            assert_eq!((&field.name[..], &field.value[..]), (name, value), "{line}");
            assert_eq!(field.written.is_none(), is_plain, "{line}");
            assert_eq!(field.line(), line);
            let stored = serde_json::to_string(&field).unwrap();
            assert_eq!(serde_json::from_str::<Field>(&stored).unwrap(), field);
        }
    }

    #[test]
    fn heads_of_version_1_are_read() {
        let stored = r#"{"text": "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n", "status": 101,
            "faults": [{"requirement": "6455-4.1-v3b", "words": "Something is missing"}]}"#;
        let head: Head = serde_json::from_str(stored).unwrap();
        assert_eq!(head.start, "HTTP/1.1 101 x");
        assert_eq!(head.values("upgrade").collect::<Vec<_>>(), ["websocket"]);
        let told = Fault::Words("Something is missing".into());
        assert_eq!(head.faults[0].fault, told);
        let again: Head = serde_json::from_value(serde_json::to_value(&head).unwrap()).unwrap();
        assert_eq!(again, head);
    }
}
