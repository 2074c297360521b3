//! Header fields.

use super::tokens::trim;

/// The header fields of an HTTP message, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fields(Vec<(String, Vec<u8>)>);

impl Fields {
    pub(super) fn from_parsed(headers: &[httparse::Header<'_>]) -> Self {
        let field =
            |header: &httparse::Header<'_>| (header.name.to_owned(), trim(header.value).to_vec());
        Self(headers.iter().map(field).collect())
    }

    /// All fields, names as they were written, values without the white space around them.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The values of the fields called `name`, in whatever case it is written (§4.1).
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> + Clone {
        self.0
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }

    /// The same fields with one called `name` of all those, the first or the `last`.
    #[must_use]
    pub(crate) fn with_one(self, name: &str, last: bool) -> Self {
        let is_named = |(other, _): &(String, Vec<u8>)| other.eq_ignore_ascii_case(name);
        let kept = match last {
            true => self.0.iter().rposition(is_named),
            false => self.0.iter().position(is_named),
        };
        let numbered = self.0.into_iter().enumerate();
        let fields = numbered.filter(|(at, field)| Some(*at) == kept || !is_named(field));
        Self(fields.map(|(_, field)| field).collect())
    }

    /// How often a field called `name` occurs, and the value it has.
    pub(super) fn single(&self, name: &str) -> Single<'_> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (None, _) => Single::Missing,
            (Some(value), None) => Single::Value(value),
            (Some(_), Some(_)) => Single::Repeated,
        }
    }
}

/// The value of a field that may occur once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Single<'a> {
    Missing,
    Value(&'a [u8]),
    Repeated,
}
