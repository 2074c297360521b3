//! What frames carry, described where it is long.

/// Octets, or a few of them repeated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// These octets.
    Octets(Vec<u8>),
    /// These octets, so many times.
    Repeated {
        /// What is repeated.
        piece: Vec<u8>,
        /// How often.
        times: u32,
    },
}

impl Payload {
    /// How many octets there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Octets(octets) => octets.len(),
            Self::Repeated { piece, times } => piece.len() * *times as usize,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The octets.
    pub fn octets(&self) -> Vec<u8> {
        match self {
            Self::Octets(octets) => octets.clone(),
            Self::Repeated { piece, times } => piece.repeat(*times as usize),
        }
    }
}

impl<O: Into<Vec<u8>>> From<O> for Payload {
    fn from(octets: O) -> Self {
        Self::Octets(octets.into())
    }
}
