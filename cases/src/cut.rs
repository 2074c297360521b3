//! How octets travel: in which writes they leave.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The writes in which octets leave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "CutField", into = "CutField")]
pub enum Cut {
    /// All in one.
    #[default]
    Together,
    /// Each frame in one of its own.
    Frames,
    /// So many octets in each.
    Every(u32),
    /// So many octets in the first ones, and the rest in one more.
    Sizes(Vec<u32>),
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected \"together\", \"frames\", \"octets\", a number of octets, or a list of numbers"
)]
#[schemars(rename = "Cut")]
enum CutField {
    Word(CutWord),
    /// So many octets in each write.
    Every(u32),
    /// So many octets in the first writes, and the rest in one more.
    Sizes(Vec<u32>),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum CutWord {
    /// All in one write; this is so unless something else is said.
    Together,
    /// Each frame in a write of its own.
    Frames,
    /// Each octet in a write of its own.
    Octets,
}

impl Cut {
    /// Whether everything leaves in one write.
    pub fn is_together(&self) -> bool {
        *self == Self::Together
    }

    /// The sizes of the writes, given the lengths of the frames; without end, since what
    /// is left of the octets bounds them.
    pub fn sizes<'a>(&'a self, frames: &'a [usize]) -> Box<dyn Iterator<Item = usize> + Send + 'a> {
        let octets = |size: &u32| usize::try_from(*size).unwrap_or(usize::MAX);
        let rest = std::iter::repeat(usize::MAX);
        match self {
            Self::Together => Box::new(rest),
            // A frame that is kept back altogether has no octets to write.
            Self::Frames => Box::new(frames.iter().copied().filter(|size| *size > 0).chain(rest)),
            Self::Every(size) => Box::new(std::iter::repeat(octets(size))),
            Self::Sizes(sizes) => Box::new(sizes.iter().map(octets).chain(rest)),
        }
    }
}

impl TryFrom<CutField> for Cut {
    type Error = &'static str;

    fn try_from(field: CutField) -> Result<Self, Self::Error> {
        let cut = match field {
            CutField::Word(CutWord::Together) => Self::Together,
            CutField::Word(CutWord::Frames) => Self::Frames,
            CutField::Word(CutWord::Octets) => Self::Every(1),
            CutField::Every(size) => Self::Every(size),
            CutField::Sizes(sizes) => Self::Sizes(sizes),
        };
        match &cut {
            Self::Every(0) => Err("a write has at least one octet"),
            Self::Sizes(sizes) if sizes.contains(&0) => Err("a write has at least one octet"),
            _ => Ok(cut),
        }
    }
}

impl From<Cut> for CutField {
    fn from(cut: Cut) -> Self {
        match cut {
            Cut::Together => Self::Word(CutWord::Together),
            Cut::Frames => Self::Word(CutWord::Frames),
            Cut::Every(1) => Self::Word(CutWord::Octets),
            Cut::Every(size) => Self::Every(size),
            Cut::Sizes(sizes) => Self::Sizes(sizes),
        }
    }
}

impl JsonSchema for Cut {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        CutField::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        CutField::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_give_the_sizes_of_the_writes() {
        for (json, expected) in [
            (r#""together""#, [usize::MAX; 4]),
            (r#""frames""#, [5, 7, usize::MAX, usize::MAX]),
            (r#""octets""#, [1; 4]),
            ("3", [3; 4]),
            ("[2,9]", [2, 9, usize::MAX, usize::MAX]),
        ] {
            let cut: Cut = serde_json::from_str(json).unwrap();
            let sizes: Vec<usize> = cut.sizes(&[5, 7, 0]).take(4).collect();
            assert_eq!(sizes, expected, "{json}");
            assert_eq!(serde_json::to_string(&cut).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_cut_is_refused() {
        for (json, expected) in [
            ("0", "at least one octet"),
            ("[1, 0]", "at least one octet"),
            (r#""words""#, "expected \"together\""),
        ] {
            let error = serde_json::from_str::<Cut>(json).unwrap_err();
            assert!(error.to_string().contains(expected), "{json}: {error}");
        }
    }
}
