//! Handshakes refused in other ways.

use super::{Liberties, Liberty};
use crate::handshake::{HeadError, RequestError};

use Liberty as L;

/// How a request is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum RefusalForm {
    /// With a body whose length is told.
    Sized,
    Empty,
    Chunked,
    /// With a body that ends with TCP.
    UntilEnd,
    /// Without a word.
    Dropped,
}

const STATUSES: &[(Liberty, u16)] = &[
    (L::RefuseWith400, 400),
    (L::RefuseWith403, 403),
    (L::RefuseWith404, 404),
    (L::RefuseWith426, 426),
    (L::RefuseWith500, 500),
    (L::RefuseWith503, 503),
];

const FORMS: &[(Liberty, RefusalForm)] = &[
    (L::RefuseWithoutBody, RefusalForm::Empty),
    (L::RefuseInChunks, RefusalForm::Chunked),
    (L::RefuseUntilEnd, RefusalForm::UntilEnd),
];

impl Liberties {
    /// The status with which a request is refused for `error`.
    pub(crate) fn refusal_status(&self, error: &RequestError) -> u16 {
        let usual = match error {
            RequestError::Head(HeadError::TooLong { .. })
                if self.include(L::LimitHeadsTo4096With400) =>
            {
                400
            }
            error => error.status(),
        };
        self.choose(STATUSES).unwrap_or(usual)
    }

    /// The form of a refusal for `error`.
    pub(crate) fn refusal_form(&self, error: &RequestError) -> RefusalForm {
        let dropped = match error {
            // §4.2.2 item 4 asks for a response that tells which versions there are.
            RequestError::VersionNotSupported { .. } => false,
            RequestError::Head(HeadError::TooLong { .. }) => {
                self.include(L::RefuseByDropping) || self.include(L::LimitHeadsTo4096ByDropping)
            }
            _ => self.include(L::RefuseByDropping),
        };
        match self.choose(FORMS) {
            _ if dropped => RefusalForm::Dropped,
            Some(RefusalForm::UntilEnd) if self.keeps_refused_connections() => RefusalForm::Sized,
            form => form.unwrap_or(RefusalForm::Sized),
        }
    }

    /// Whether requests are answered on a connection on which one was refused.
    pub(crate) fn keeps_refused_connections(&self) -> bool {
        self.include(L::KeepRefusedConnections)
    }
}
