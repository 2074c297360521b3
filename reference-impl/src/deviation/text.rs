//! Text that is validated otherwise than §8.1 asks.

use super::{Deviation, Deviations};
use crate::MessageKind;
use crate::utf8::Utf8Error;

use Deviation as D;

/// Stands in for the lawful validator where deviations are about UTF-8.
#[derive(Debug)]
pub(crate) struct DeviatingText {
    deviations: Deviations,
    /// What has arrived and is not known to be valid yet.
    pending: Vec<u8>,
    valid_octets: u64,
    /// Whether anything is looked at any more.
    looking: bool,
}

impl DeviatingText {
    /// Gives no validator if the deviations leave text alone.
    #[cold]
    pub(crate) fn new(kind: MessageKind, deviations: Deviations) -> Option<Self> {
        let about = match kind {
            MessageKind::Text => deviations.include_any(ABOUT_UTF8),
            MessageKind::Binary => deviations.include(D::ValidateBinaryAsText),
        };
        about.then(|| Self {
            deviations,
            pending: Vec::new(),
            valid_octets: 0,
            looking: !deviations.include_any(&[D::SkipUtf8Validation, D::ReplaceInvalidUtf8]),
        })
    }

    pub(crate) fn push(&mut self, octets: &[u8]) -> Result<(), Utf8Error> {
        if !self.looking {
            return Ok(());
        }
        self.pending.extend_from_slice(octets);
        if self.deviations.include(D::ValidateUtf8AtEnd) {
            return Ok(());
        }
        self.scan()
    }

    /// Whether text is let be that was compressed.
    pub(crate) fn skips_inflated(&self) -> bool {
        self.deviations.include(D::SkipInflatedValidation)
    }

    /// Octets of a compressed message have come, which say nothing of its text.
    pub(crate) fn see_compressed(&self, octets: &[u8]) -> Result<(), Utf8Error> {
        let takes_for_text = self.deviations.include(D::ValidateCompressedText);
        if takes_for_text && std::str::from_utf8(octets).is_err() {
            return Err(self.error());
        }
        Ok(())
    }

    /// A frame of the message has ended.
    pub(crate) fn end_frame(&mut self) -> Result<(), Utf8Error> {
        if self.deviations.include(D::ValidateFirstFragmentOnly) {
            self.looking = false;
            self.pending.clear();
        }
        if self.deviations.include(D::ValidateUtf8PerFrame) {
            return self.finish();
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self) -> Result<(), Utf8Error> {
        self.scan()?;
        if self.pending.is_empty() || self.deviations.include(D::AcceptIncompleteUtf8) {
            return Ok(());
        }
        Err(self.error())
    }

    /// Looks at everything pending up to a character that is not complete.
    fn scan(&mut self) -> Result<(), Utf8Error> {
        loop {
            let (valid, error) = match std::str::from_utf8(&self.pending) {
                Ok(text) => (text, None),
                Err(error) => {
                    let valid = &self.pending[..error.valid_up_to()];
                    let valid = std::str::from_utf8(valid).expect("it was found valid");
                    (valid, Some(error))
                }
            };
            if let Some(at) = valid.char_indices().find(|&(_, char)| self.refuses(char)) {
                self.valid_octets += at.0 as u64;
                return Err(self.error());
            }
            let taken = valid.len();
            self.pending.drain(..taken);
            self.valid_octets += taken as u64;
            // Nothing is wrong, or not yet.
            if error.is_none_or(|error| error.error_len().is_none()) {
                return Ok(());
            }
            match self.excused_octets() {
                Some(octets) if octets <= self.pending.len() => {
                    self.pending.drain(..octets);
                    self.valid_octets += octets as u64;
                }
                Some(_) => return Ok(()),
                None => return Err(self.error()),
            }
        }
    }

    fn refuses(&self, char: char) -> bool {
        match char {
            '\0' => self.deviations.include(D::RefuseNul),
            '\u{fdd0}'..='\u{fdef}' => self.deviations.include(D::RefuseNoncharacters),
            '\u{10000}'.. if self.deviations.include(D::RefuseFourOctetCharacters) => true,
            _ => {
                u32::from(char) & 0xfffe == 0xfffe
                    && self.deviations.include(D::RefuseNoncharacters)
            }
        }
    }

    /// How many octets the malformed sequence has that is pending, if a deviation takes it.
    fn excused_octets(&self) -> Option<usize> {
        // The standard library refuses some of these at their first octet already.
        let (deviation, length) = match self.pending[..] {
            [0xed, 0xa0..=0xbf, ..] => (D::AcceptSurrogates, 3),
            [0xc0 | 0xc1, ..] => (D::AcceptOverlongUtf8, 2),
            [0xe0, 0x80..=0x9f, ..] => (D::AcceptOverlongUtf8, 3),
            [0xf0, 0x80..=0x8f, ..] => (D::AcceptOverlongUtf8, 4),
            [0xf4, 0x90..=0xbf, ..] | [0xf5..=0xf7, ..] => (D::AcceptUtf8BeyondUnicode, 4),
            _ => return None,
        };
        let trail = self.pending.iter().take(length).skip(1);
        let continued = trail.into_iter().all(|octet| octet & 0xc0 == 0x80);
        (continued && self.deviations.include(deviation)).then_some(length)
    }

    const fn error(&self) -> Utf8Error {
        Utf8Error {
            offset: self.valid_octets,
        }
    }
}

/// The deviations that this file knows.
const ABOUT_UTF8: &[Deviation] = &[
    D::SkipUtf8Validation,
    D::ReplaceInvalidUtf8,
    D::ValidateUtf8PerFrame,
    D::ValidateFirstFragmentOnly,
    D::ValidateUtf8AtEnd,
    D::AcceptIncompleteUtf8,
    D::AcceptSurrogates,
    D::AcceptOverlongUtf8,
    D::AcceptUtf8BeyondUnicode,
    D::RefuseNul,
    D::RefuseNoncharacters,
    D::RefuseFourOctetCharacters,
    D::ValidateCompressedText,
    D::SkipInflatedValidation,
];
