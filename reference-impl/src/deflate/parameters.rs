//! The four parameters of permessage-deflate (RFC 7692 §7.1).

use std::fmt;

/// The size of an LZ77 window as a power of two, from 8 (256 octets) to 15 (32,768 octets).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WindowBits(u8);

impl WindowBits {
    /// The smallest window, 256 octets.
    pub const MIN: Self = Self(8);
    /// The largest window, 32,768 octets, which holds where nothing else was agreed on.
    pub const MAX: Self = Self(15);

    /// The window of two to the power of `bits` octets; `None` outside 8 to 15.
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            8..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    /// The exponent, from 8 to 15.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// How many octets the window holds.
    pub const fn octets(self) -> usize {
        1 << self.0
    }
}

impl fmt::Display for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for WindowBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WindowBits({})", self.0)
    }
}

/// A parameter that §7.1 does not allow: a server declines an offer that has one, a client fails
/// the connection over a response that has one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParameterError {
    /// The parameter is not defined (§7, first condition).
    #[error("permessage-deflate has no parameter {name:?}")]
    Unknown {
        /// Its name.
        name: String,
    },
    /// The parameter occurs twice (§7, third condition).
    #[error("the parameter {name} occurs twice")]
    Repeated {
        /// Its name.
        name: &'static str,
    },
    /// The parameter has a value and takes none (§7.1.1).
    #[error("the parameter {name} has the value {value:?} and takes none")]
    ValueUnexpected {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The parameter has no value and needs one (§7.1.2).
    #[error("the parameter {name} has no value")]
    ValueMissing {
        /// Its name.
        name: &'static str,
    },
    /// The size of a window is not written in decimal digits (§7.1.2).
    #[error("the parameter {name} has the value {value:?}, which is no decimal integer")]
    WindowBitsNotDecimal {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The size of a window has a leading zero (§7.1.2).
    #[error("the parameter {name} has the value {value:?} with a leading zero")]
    WindowBitsLeadingZero {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The size of a window is not between 8 and 15 (§7.1.2).
    #[error("the parameter {name} has the value {value}, which is not between 8 and 15")]
    WindowBitsOutOfRange {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
}

impl ParameterError {
    /// The section of RFC 7692 that was not kept, such as `"7692 7.1.2.1"`.
    pub fn section(&self) -> &'static str {
        match self {
            Self::Unknown { .. } | Self::Repeated { .. } => "7692 7",
            Self::ValueUnexpected { name, .. }
            | Self::ValueMissing { name }
            | Self::WindowBitsNotDecimal { name, .. }
            | Self::WindowBitsLeadingZero { name, .. }
            | Self::WindowBitsOutOfRange { name, .. } => match *name {
                SERVER_NO_CONTEXT_TAKEOVER => "7692 7.1.1.1",
                CLIENT_NO_CONTEXT_TAKEOVER => "7692 7.1.1.2",
                SERVER_MAX_WINDOW_BITS => "7692 7.1.2.1",
                _ => "7692 7.1.2.2",
            },
        }
    }
}

pub(super) const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
pub(super) const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
pub(super) const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
pub(super) const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// What offers and responses have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Parameters {
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_max_window_bits: Window,
    pub(super) client_max_window_bits: Window,
}

/// A `max_window_bits` parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Window {
    #[default]
    Absent,
    NoValue,
    Bits(WindowBits),
}

impl Parameters {
    /// Reads parameters as they come from the grammar of §9.1 of RFC 6455, with quoted values
    /// unquoted: RFC 7692 §5.2 makes no difference between the two.
    pub(super) fn parse(parameters: &[(String, Option<String>)]) -> Result<Self, ParameterError> {
        let mut parsed = Self::default();
        for (name, value) in parameters {
            parsed.add(name, value.as_deref())?;
        }
        Ok(parsed)
    }

    fn add(&mut self, name: &str, value: Option<&str>) -> Result<(), ParameterError> {
        match name {
            SERVER_NO_CONTEXT_TAKEOVER => set_flag(
                &mut self.server_no_context_takeover,
                SERVER_NO_CONTEXT_TAKEOVER,
                value,
            ),
            CLIENT_NO_CONTEXT_TAKEOVER => set_flag(
                &mut self.client_no_context_takeover,
                CLIENT_NO_CONTEXT_TAKEOVER,
                value,
            ),
            SERVER_MAX_WINDOW_BITS => set_window(
                &mut self.server_max_window_bits,
                SERVER_MAX_WINDOW_BITS,
                value,
            ),
            CLIENT_MAX_WINDOW_BITS => set_window(
                &mut self.client_max_window_bits,
                CLIENT_MAX_WINDOW_BITS,
                value,
            ),
            _ => Err(ParameterError::Unknown {
                name: name.to_owned(),
            }),
        }
    }

    /// The parameters in the form in which they are written.
    pub(super) fn to_list(self) -> Vec<(String, Option<String>)> {
        let flag = |present: bool, name: &str| present.then(|| (name.to_owned(), None::<String>));
        let window = |window: Window, name: &str| match window {
            Window::Absent => None,
            Window::NoValue => Some((name.to_owned(), None)),
            Window::Bits(bits) => Some((name.to_owned(), Some(bits.to_string()))),
        };
        [
            flag(self.server_no_context_takeover, SERVER_NO_CONTEXT_TAKEOVER),
            flag(self.client_no_context_takeover, CLIENT_NO_CONTEXT_TAKEOVER),
            window(self.server_max_window_bits, SERVER_MAX_WINDOW_BITS),
            window(self.client_max_window_bits, CLIENT_MAX_WINDOW_BITS),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn set_flag(
    flag: &mut bool,
    name: &'static str,
    value: Option<&str>,
) -> Result<(), ParameterError> {
    if *flag {
        return Err(ParameterError::Repeated { name });
    }
    // §7.1.1: the parameter "has no value".
    if let Some(value) = value {
        let value = value.to_owned();
        return Err(ParameterError::ValueUnexpected { name, value });
    }
    *flag = true;
    Ok(())
}

fn set_window(
    window: &mut Window,
    name: &'static str,
    value: Option<&str>,
) -> Result<(), ParameterError> {
    if *window != Window::Absent {
        return Err(ParameterError::Repeated { name });
    }
    *window = match value {
        None => Window::NoValue,
        Some(value) => Window::Bits(window_bits(name, value)?),
    };
    Ok(())
}

/// §7.1.2: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
fn window_bits(name: &'static str, value: &str) -> Result<WindowBits, ParameterError> {
    let owned = || value.to_owned();
    match value.as_bytes() {
        digits if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) => {
            let value = owned();
            Err(ParameterError::WindowBitsNotDecimal { name, value })
        }
        [b'0', _, ..] => {
            let value = owned();
            Err(ParameterError::WindowBitsLeadingZero { name, value })
        }
        // A number too long for the type is out of range as well.
        _ => value.parse().ok().and_then(WindowBits::new).ok_or_else(|| {
            ParameterError::WindowBitsOutOfRange {
                name,
                value: owned(),
            }
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_read_at_both_sides_of_every_edge() {
        let name = SERVER_MAX_WINDOW_BITS;
        for (value, error) in [
            ("8", None),
            ("9", None),
            ("10", None),
            ("15", None),
            ("7", Some("out of range")),
            ("0", Some("out of range")),
            ("16", Some("out of range")),
            ("99", Some("out of range")),
            ("4294967304", Some("out of range")),
            ("99999999999999999999999999", Some("out of range")),
            ("08", Some("leading zero")),
            ("010", Some("leading zero")),
            ("00", Some("leading zero")),
            ("+10", Some("not decimal")),
            ("-10", Some("not decimal")),
            ("10.0", Some("not decimal")),
            ("1e1", Some("not decimal")),
            ("0xa", Some("not decimal")),
            ("ten", Some("not decimal")),
            ("", Some("not decimal")),
        ] {
            let value = value.to_owned();
            let expected = match error {
                None => Ok(WindowBits(value.parse().expect("a number"))),
                Some("out of range") => Err(ParameterError::WindowBitsOutOfRange {
                    name,
                    value: value.clone(),
                }),
                Some("leading zero") => Err(ParameterError::WindowBitsLeadingZero {
                    name,
                    value: value.clone(),
                }),
                Some(_) => Err(ParameterError::WindowBitsNotDecimal {
                    name,
                    value: value.clone(),
                }),
            };
            assert_eq!(window_bits(name, &value), expected, "{value:?}");
        }
    }
}
