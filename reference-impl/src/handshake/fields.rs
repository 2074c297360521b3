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

    /// The same fields with one called `name` in place of all those, if there are several: the
    /// first, with the value that `join` makes of theirs.
    #[must_use]
    pub(crate) fn with_one(mut self, name: &str, join: impl Fn(&[&[u8]]) -> Vec<u8>) -> Self {
        let values: Vec<_> = self.values(name).collect();
        if values.len() > 1 {
            let mut value = Some(join(&values));
            self.0.retain_mut(|(other, kept)| {
                !other.eq_ignore_ascii_case(name)
                    || value.take().is_some_and(|value| {
                        *kept = value;
                        true
                    })
            });
        }
        self
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
