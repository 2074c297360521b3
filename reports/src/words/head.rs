//! Heads of the opening handshake, and what is wrong with them.

use wsspec_record::head::{Malformation, Malformed};
use wsspec_record::{Fault, Head};

use super::number::{counted, list};
use super::text::{clean, quoted};

/// How many characters of a value stand in a line.
const VALUE_CHARS_MAX: usize = 80;

/// A head in one line: `HTTP/1.1 101 Switching Protocols and 3 fields`.
pub fn head(head: &Head) -> String {
    let words = match head.start.as_str() {
        "" => "an empty head".to_owned(),
        line => clean(line, 120),
    };
    match head.fields.len() as u64 + head.fields_omitted {
        0 => words,
        fields => format!("{words} and {}", counted(fields, "field", "fields")),
    }
}

/// What is wrong with a head, each thing as a sentence without its full stop, with the
/// requirement that it breaks.
pub fn head_faults(head: &Head) -> Vec<(String, String)> {
    let faults = head.faults.iter();
    faults
        .map(|fault| {
            let mut words = self::fault(&fault.fault);
            if let (Fault::NotHttp, Some(malformed)) = (&fault.fault, &head.malformed) {
                words = format!("{words}: {}", self::malformed(malformed));
            }
            (words, clean(&fault.requirement, 40))
        })
        .collect()
}

/// Something that is wrong with a head, as a sentence without its full stop.
pub fn fault(fault: &Fault) -> String {
    let value = |text: &str| quoted(text, VALUE_CHARS_MAX);
    match fault {
        Fault::NotHttp => "The head is no HTTP".to_owned(),
        Fault::Method { found } => format!("The method is {} and not GET", value(found)),
        Fault::OldVersion => "The version is HTTP/1.0 and not at least HTTP/1.1".to_owned(),
        Fault::Target { found, expected } => {
            let (found, expected) = (quoted(found, 200), quoted(expected, 200));
            format!("The request target is {found} and not {expected}")
        }
        Fault::EarlyOctets => "Octets followed the request before it was answered".to_owned(),
        Fault::Missing { field } => format!("There is no {field} field"),
        Fault::Repeated { field } => format!("There are several {field} fields"),
        Fault::Value {
            field,
            found,
            expected,
        } => format!("{field} is {} and not {}", value(found), value(expected)),
        Fault::Without {
            field,
            element,
            found,
        } => match &found[..] {
            [] => format!("There is no {field} field, which has to include {element}"),
            found => {
                let found: Vec<String> = found.iter().map(|found| value(found)).collect();
                format!(
                    "{field} is {} and does not include {element}",
                    list(&found, "and")
                )
            }
        },
        Fault::Key { found } => format!("The key {} is no base64 of 16 octets", value(found)),
        Fault::Empty { field } => format!("{field} names nothing"),
        Fault::NotOne { field, found } => format!("{field} is {} and not one token", value(found)),
        Fault::NotAToken { field, found } => {
            format!("{field} names {}, which is no token", value(found))
        }
        Fault::Twice { field, found } => format!("{field} names {} twice", value(found)),
        Fault::NotOffered { field, found } => {
            format!("{field} names {}, which was not offered", value(found))
        }
        Fault::Grammar { found } => {
            let found = value(&found.join(", "));
            format!("Sec-WebSocket-Extensions {found} does not follow the grammar")
        }
        Fault::AgreedAgain { extension, times } => {
            format!("{extension} is agreed to {times} times")
        }
        Fault::UnknownParameter {
            extension,
            parameter,
        } => format!("{extension} has no parameter {}", value(parameter)),
        Fault::ParameterTwice { parameter } => {
            format!("The parameter {parameter} stands there twice")
        }
        Fault::ParameterValue { parameter, found } => match found {
            None => format!("The parameter {parameter} has no value"),
            Some(found) => format!("The parameter {parameter} has the value {}", value(found)),
        },
        Fault::ParameterLeftOut { parameter } => {
            format!("The response leaves out {parameter}, which the offer has")
        }
        Fault::ParameterAbove {
            parameter,
            found,
            offered,
        } => {
            format!("The {parameter} of the response is {found}, above the {offered} of the offer")
        }
        Fault::ParameterNotOffered { parameter } => {
            format!("The response has {parameter}, which the offer does not have")
        }
        Fault::Words(words) => clean(words, 300),
    }
}

fn malformed(malformed: &Malformed) -> String {
    let line = malformed.line;
    match malformed.why {
        Malformation::RequestLine => "it does not begin with a request line".to_owned(),
        Malformation::StatusLine => "it does not begin with a status line".to_owned(),
        Malformation::Folded => format!("line {line} begins with white space"),
        Malformation::NoColon => format!("line {line} has no colon"),
        Malformation::Name => format!("line {line} begins with something that is no token"),
        Malformation::Value => format!("line {line} has a control character"),
        Malformation::NoEnd => "it has no empty line at its end".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_sentences_and_name_what_was_found() {
        for (json, expected) in [
            (
                r#"{"requirement": "r", "not-http": null}"#,
                "The head is no HTTP: line 2 has no colon",
            ),
            (
                r#"{"requirement": "r", "missing": {"field": "Host"}}"#,
                "There is no Host field",
            ),
            (
                r#"{"requirement": "r", "value": {"field": "Host", "found": "a\"b", "expected": "c"}}"#,
                r#"Host is "a\"b" and not "c""#,
            ),
            (
                r#"{"requirement": "r", "without": {"field": "Connection", "element": "Upgrade", "found": []}}"#,
                "There is no Connection field, which has to include Upgrade",
            ),
            (
                r#"{"requirement": "r", "without": {"field": "Connection", "element": "Upgrade", "found": ["close", "x"]}}"#,
                r#"Connection is "close" and "x" and does not include Upgrade"#,
            ),
            (
                r#"{"requirement": "r", "words": "As\nit was"}"#,
                "As\\nit was",
            ),
        ] {
            let head = Head {
                malformed: Some(Malformed {
                    line: 2,
                    why: Malformation::NoColon,
                }),
                faults: vec![serde_json::from_str(json).unwrap()],
                ..Head::default()
            };
            let told = head_faults(&head);
            assert_eq!(told, [(expected.to_owned(), "r".to_owned())]);
        }
    }
}
