//! What must not stand in a document: values of `--header`, and passwords in URLs.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wsspec_record::CaseResult;
use wsspec_record::transcript::What;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";
/// From how many octets on a value is looked for in whatever a target says; shorter ones
/// would be found by accident.
const TELLING_OCTETS_MIN: usize = 8;
/// Header fields with nothing to hide.
const OPEN: [&str; 7] = [
    "accept",
    "accept-language",
    "host",
    "origin",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "user-agent",
];

/// Names and values of header fields that are nobody's business.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets(Vec<(String, String)>);

impl Secrets {
    /// Those among the header fields that are sent with every opening handshake.
    pub fn among(fields: &[(String, String)]) -> Self {
        let secret = fields.iter().filter(|(name, _)| is_secret(name));
        Self(secret.cloned().collect())
    }

    /// Adds those among further fields.
    pub fn add(&mut self, fields: &[(String, String)]) {
        self.0.extend(Self::among(fields).0);
    }

    /// A result without them: in the heads that we sent, and wherever else they are told.
    pub fn hide(&self, mut result: CaseResult) -> CaseResult {
        if self.0.is_empty() {
            return result;
        }
        for entry in result
            .transcript
            .iter_mut()
            .flat_map(|found| &mut found.entries)
        {
            if let What::SentHead(head) = &mut entry.what {
                for field in &mut head.fields {
                    if self
                        .0
                        .iter()
                        .any(|(name, _)| field.name.eq_ignore_ascii_case(name))
                    {
                        field.value = REDACTED.to_owned();
                        field.written = None;
                    }
                }
            }
        }
        self.hide_everywhere(&result).unwrap_or(result)
    }

    /// The same without the values, wherever they stand in a text.
    pub fn hide_everywhere<T: Serialize + DeserializeOwned>(&self, what: &T) -> Option<T> {
        let mut value = serde_json::to_value(what).ok()?;
        self.redact(&mut value);
        serde_json::from_value(value).ok()
    }

    fn redact(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for (_, secret) in &self.0 {
                    // Of `Bearer x` the latter is the secret; a target may tell it alone.
                    let last = secret.rsplit(' ').next().unwrap_or_default();
                    for told in [secret.as_str(), last] {
                        if told.len() >= TELLING_OCTETS_MIN && text.contains(told) {
                            *text = text.replace(told, REDACTED);
                        }
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.redact(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.redact(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// Whether the value of a header field is nobody's business.
pub fn is_secret(name: &str) -> bool {
    !OPEN.iter().any(|open| name.eq_ignore_ascii_case(open))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsspec_record::fixtures;
    use wsspec_record::transcript::{Entry, Head, Transcript};
    use wsspec_record::{Closing, Verdict};

    #[test]
    fn secrets_are_hidden_wherever_they_are_told() {
        let fields = [
            ("Authorization", "Bearer topsecret1"),
            ("X-Pin", "1"),
            ("Origin", "http://example.org"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let secrets = Secrets::among(&fields);
        let head = "GET / HTTP/1.1\r\nauthorization: Bearer topsecret1\r\nX-Pin: 1\r\n\
                    Origin: http://example.org\r\n\r\n";
        let answer = "HTTP/1.1 101 x\r\nX-You-Said: topsecret1\r\n\r\n";
        let mut result = fixtures::result("echo", "a/1", Verdict::Pass, Closing::Ok);
        result.reason = "It said Bearer topsecret1.".into();
        result.transcript = Some(Transcript {
            entries: vec![
                Entry::new(1, What::SentHead(Head::from_text(head))),
                Entry::new(2, What::ReceivedHead(Head::from_text(answer))),
            ],
            omitted: 0,
        });
        let hidden = secrets.hide(result.clone());
        let text = serde_json::to_string(&hidden).unwrap();
        assert!(
            !text.contains("topsecret1") && text.contains(REDACTED),
            "{text}"
        );
        assert!(text.contains("http://example.org"), "{text}");
        let What::SentHead(head) = &hidden.transcript.unwrap().entries[0].what else {
            unreachable!("it is the first entry");
        };
        assert_eq!(head.values("x-pin").collect::<Vec<_>>(), [REDACTED]);
        assert_eq!(Secrets::default().hide(result.clone()), result);
    }

    #[test]
    fn what_looks_like_a_word_of_ours_breaks_nothing() {
        let secrets = Secrets::among(&[("X".into(), "non-strict".into())]);
        let result = fixtures::result("echo", "a/1", Verdict::NonStrict, Closing::Ok);
        assert_eq!(secrets.hide(result).verdict, Verdict::NonStrict);
    }
}
