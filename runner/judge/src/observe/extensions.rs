//! Offers and agreements in the Sec-WebSocket-Extensions field (RFC 6455 §9.1), with the
//! parameters of permessage-deflate (RFC 7692 §7.1), read without the reference implementation.

use wsspec_record::Fault;

use super::http::is_token;
use super::response::told;

/// A requirement that is not kept, and how.
pub(super) type Broken = (&'static str, Fault);

const DEFLATE: &str = "permessage-deflate";

/// An extension with its parameters, quoted values without their quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    pub(crate) name: String,
    parameters: Vec<(String, Option<String>)>,
}

impl Extension {
    /// Whether this is permessage-deflate.
    pub fn is_deflate(&self) -> bool {
        self.name == DEFLATE
    }

    /// Whether its parameters are those of an offer of permessage-deflate (RFC 7692 §7.1).
    pub(crate) fn has_parameters_of_offer(&self) -> bool {
        check(self, OFFER).is_empty()
    }

    /// The value of a parameter that is there; there may be none.
    pub fn parameter(&self, name: &str) -> Option<Option<&str>> {
        let found = self.parameters.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_deref())
    }
}

/// The extensions in the values of all fields; nothing where they do not follow the grammar.
pub fn parse<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<Extension>> {
    let mut extensions = Vec::new();
    for value in values {
        // Empty elements of lists mean nothing, but there has to be another one.
        for element in split(value, b',')? {
            if !element.trim_ascii().is_empty() {
                extensions.push(extension(element)?);
            }
        }
    }
    (!extensions.is_empty()).then_some(extensions)
}

fn extension(element: &[u8]) -> Option<Extension> {
    let mut parts = split(element, b';')?.into_iter().map(<[u8]>::trim_ascii);
    let name = token(parts.next()?)?;
    let parameter = |part: &[u8]| {
        let mut sides = part.splitn(2, |octet| *octet == b'=');
        let name = token(sides.next()?.trim_ascii())?;
        let value = match sides.next() {
            None => None,
            Some(value) => Some(token(&unquoted(value.trim_ascii())?)?),
        };
        Some((name, value))
    };
    Some(Extension {
        name,
        parameters: parts.map(parameter).collect::<Option<_>>()?,
    })
}

/// Splits at a separator outside of quoted strings; nothing where one of these never ends.
fn split(value: &[u8], separator: u8) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, &octet) in value.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if octet == separator && !quoted => {
                parts.push(&value[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&value[start..]);
    (!quoted).then_some(parts)
}

fn unquoted(value: &[u8]) -> Option<Vec<u8>> {
    let Some(rest) = value.strip_prefix(b"\"") else {
        return Some(value.to_vec());
    };
    let mut octets = rest.strip_suffix(b"\"")?.iter();
    let mut plain = Vec::new();
    while let Some(&octet) = octets.next() {
        plain.push(if octet == b'\\' {
            *octets.next()?
        } else {
            octet
        });
    }
    Some(plain)
}

fn token(text: &[u8]) -> Option<String> {
    is_token(text).then(|| String::from_utf8_lossy(text).into_owned())
}

/// What is wrong with the offers of a request.
pub(super) fn check_offers(values: &[&[u8]]) -> Vec<Broken> {
    if values.is_empty() {
        return Vec::new();
    }
    let Some(offers) = parse(values.iter().copied()) else {
        return vec![malformed(values)];
    };
    let deflate = offers.iter().filter(|offer| offer.is_deflate());
    deflate.flat_map(|offer| check(offer, OFFER)).collect()
}

/// What is wrong with the extensions that a response agrees to, given the offers.
pub(super) fn check_agreed(values: &[&[u8]], offers: &[Extension]) -> Vec<Broken> {
    if values.iter().all(|value| value.is_empty()) {
        return Vec::new();
    }
    let Some(agreed) = parse(values.iter().copied()) else {
        return vec![malformed(values)];
    };
    let agreed: Vec<&Extension> = agreed.iter().filter(|one| one.is_deflate()).collect();
    let offers: Vec<&Extension> = offers.iter().filter(|one| one.is_deflate()).collect();
    let [response] = agreed[..] else {
        let again = Fault::AgreedAgain {
            extension: DEFLATE.into(),
            times: agreed.len() as u64,
        };
        let twice = agreed.len() > 1;
        return twice.then_some(("7692-5-12", again)).into_iter().collect();
    };
    // That it was not offered at all is found elsewhere.
    if offers.is_empty() {
        return Vec::new();
    }
    let mut faults = check(response, RESPONSE);
    let all_offers = |name| offers.iter().all(|offer| offer.parameter(name).is_some());
    let name = "server_no_context_takeover";
    if all_offers(name) && response.parameter(name).is_none() {
        faults.push(("7692-7.1.1.1-5", left_out(name)));
    }
    let name = "server_max_window_bits";
    let bits = |one: &Extension| one.parameter(name).flatten()?.parse::<u32>().ok();
    if all_offers(name) {
        let most = offers.iter().filter_map(|offer| bits(offer)).max();
        match (response.parameter(name), bits(response), most) {
            // A limit of 15 bits is none, so that one without it agrees to the same.
            (None, _, Some(15)) => {}
            (None, ..) => faults.push(("7692-7.1.2.1-10", left_out(name))),
            (Some(_), Some(found), Some(offered)) if found > offered => {
                let parameter = name.to_owned();
                let above = Fault::ParameterAbove {
                    parameter,
                    found,
                    offered,
                };
                faults.push(("7692-7.1.2.1-10", above));
            }
            (Some(_), ..) => {}
        }
    }
    let name = "client_max_window_bits";
    let offered = offers.iter().any(|offer| offer.parameter(name).is_some());
    if response.parameter(name).is_some() && !offered {
        let parameter = name.to_owned();
        faults.push(("7692-7.1.2.2-11", Fault::ParameterNotOffered { parameter }));
    }
    faults
}

fn left_out(parameter: &str) -> Fault {
    Fault::ParameterLeftOut {
        parameter: parameter.to_owned(),
    }
}

fn malformed(values: &[&[u8]]) -> Broken {
    let found = values.iter().map(|value| told(value)).collect();
    ("6455-4.3-5", Fault::Grammar { found })
}

/// What a value of a parameter has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    None,
    /// A number of bits.
    Bits,
    /// A number of bits, or nothing.
    BitsOrNone,
}

/// A parameter of permessage-deflate: what its value is, and the requirement that says so.
type Parameter = (&'static str, Value, &'static str);

/// The parameters, and the requirement against naming one twice.
type Rules = (&'static [Parameter], &'static str);

const OFFER: Rules = (
    &[
        ("server_no_context_takeover", Value::None, "7692-7.1.1.1-2"),
        ("client_no_context_takeover", Value::None, "7692-7.1.1.2-2"),
        ("server_max_window_bits", Value::Bits, "7692-7.1.2.1-3"),
        (
            "client_max_window_bits",
            Value::BitsOrNone,
            "7692-7.1.2.2-2",
        ),
    ],
    "7692-5-1",
);
const RESPONSE: Rules = (
    &[
        ("server_no_context_takeover", Value::None, "7692-7.1.1.1-6"),
        ("client_no_context_takeover", Value::None, "7692-7.1.1.2-6"),
        ("server_max_window_bits", Value::Bits, "7692-7.1.2.1-11"),
        ("client_max_window_bits", Value::Bits, "7692-7.1.2.2-9"),
    ],
    "7692-5-9",
);

fn check(extension: &Extension, (rules, once): Rules) -> Vec<Broken> {
    let mut faults = Vec::new();
    for (at, (name, value)) in extension.parameters.iter().enumerate() {
        let Some(&(_, kind, requirement)) = rules.iter().find(|(known, ..)| known == name) else {
            let (extension, parameter) = (DEFLATE.to_owned(), name.clone());
            let unknown = Fault::UnknownParameter {
                extension,
                parameter,
            };
            faults.push(("6455-9.1-5", unknown));
            continue;
        };
        let before = &extension.parameters[..at];
        if before.iter().any(|(other, _)| other == name) {
            let parameter = name.clone();
            faults.push((once, Fault::ParameterTwice { parameter }));
        }
        let is_sound = match value {
            None => kind != Value::Bits,
            Some(value) => kind != Value::None && is_window_bits(value),
        };
        if !is_sound {
            let (parameter, found) = (name.clone(), value.clone());
            let value = Fault::ParameterValue { parameter, found };
            faults.push((requirement, value));
        }
    }
    faults
}

/// A decimal number from 8 to 15 without leading zeros.
fn is_window_bits(value: &str) -> bool {
    matches!(value, "8" | "9" | "10" | "11" | "12" | "13" | "14" | "15")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirements(faults: &[Broken]) -> Vec<&str> {
        faults.iter().map(|(requirement, _)| *requirement).collect()
    }

    #[test]
    fn offers_are_checked() {
        for (value, expected) in [
            ("permessage-deflate", &[][..]),
            ("permessage-deflate; client_max_window_bits", &[]),
            (
                "permessage-deflate ; client_max_window_bits = \"10\" ,",
                &[],
            ),
            ("x-mine; a; a=\"b\\c\", permessage-deflate", &[]),
            ("", &["6455-4.3-5"]),
            (", ,", &["6455-4.3-5"]),
            ("x-mine; =", &["6455-4.3-5"]),
            ("x-mine; a=\"b", &["6455-4.3-5"]),
            ("x-mine; a=\"b c\"", &["6455-4.3-5"]),
            ("a b", &["6455-4.3-5"]),
            ("permessage-deflate; x_unknown", &["6455-9.1-5"]),
            (
                "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                &["7692-5-1"],
            ),
            (
                "permessage-deflate; server_no_context_takeover=1",
                &["7692-7.1.1.1-2"],
            ),
            (
                "permessage-deflate; server_max_window_bits",
                &["7692-7.1.2.1-3"],
            ),
            (
                "permessage-deflate; server_max_window_bits=08",
                &["7692-7.1.2.1-3"],
            ),
            (
                "permessage-deflate; client_max_window_bits=16",
                &["7692-7.1.2.2-2"],
            ),
        ] {
            let faults = check_offers(&[value.as_bytes()]);
            assert_eq!(requirements(&faults), expected, "{value}: {faults:?}");
        }
        assert!(check_offers(&[]).is_empty());
    }

    #[test]
    fn agreements_are_checked_against_offers() {
        const PLAIN: &str = "permessage-deflate";
        let bits = |bits: &str| format!("{PLAIN}; server_max_window_bits={bits}");
        for (offer, response, expected) in [
            (PLAIN, PLAIN, &[][..]),
            (PLAIN, "", &[]),
            (PLAIN, &bits("9"), &[]),
            (PLAIN, "permessage-deflate; client_no_context_takeover", &[]),
            (
                PLAIN,
                "permessage-deflate, permessage-deflate",
                &["7692-5-12"],
            ),
            (PLAIN, "permessage-deflate; x", &["6455-9.1-5"]),
            (PLAIN, "permessage-deflate;", &["6455-4.3-5"]),
            (PLAIN, &bits("16"), &["7692-7.1.2.1-11"]),
            (
                PLAIN,
                "permessage-deflate; client_max_window_bits=10",
                &["7692-7.1.2.2-11"],
            ),
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=10",
                &[],
            ),
            (&bits("10"), &bits("10"), &[]),
            (&bits("10"), &bits("11"), &["7692-7.1.2.1-10"]),
            (&bits("10"), PLAIN, &["7692-7.1.2.1-10"]),
            (&format!("{}, {PLAIN}", bits("10")), PLAIN, &[]),
            (
                "permessage-deflate; server_no_context_takeover",
                PLAIN,
                &["7692-7.1.1.1-5"],
            ),
        ] {
            let offers = parse([offer.as_bytes()]).unwrap();
            let faults = check_agreed(&[response.as_bytes()], &offers);
            assert_eq!(
                requirements(&faults),
                expected,
                "{offer} -> {response}: {faults:?}"
            );
        }
    }
}
