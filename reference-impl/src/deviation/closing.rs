//! Closing otherwise than §7 asks: the status codes that are sent and refused.

use super::{Deviation, Deviations};
use crate::close::CloseCode;
use crate::error::ProtocolError;
use crate::message::MessageError;

use Deviation as D;

impl Deviations {
    /// Whether a status code is refused that may be received.
    #[cold]
    pub(crate) fn refuse_close_code(&self, code: CloseCode) -> bool {
        match code.value() {
            1012..=1014 => self.include(D::RefuseRegisteredCloseCodes),
            3000..=3999 => self.include(D::RefuseLibraryCloseCodes),
            4000..=4999 => self.include(D::RefusePrivateCloseCodes),
            _ => false,
        }
    }

    /// The status code that answers a Close frame with `code`.
    #[cold]
    pub(crate) fn alter_reply_code(&self, code: Option<CloseCode>) -> Option<CloseCode> {
        let reply = self.first_of(&[
            (D::AnswerCloseWith1005, CloseCode::NO_STATUS_RECEIVED),
            (D::AnswerCloseWith1006, CloseCode::ABNORMAL_CLOSURE),
            (D::AnswerCloseWithOtherCode, CloseCode::new(4000)),
        ]);
        match code {
            _ if reply.is_some() => reply,
            None => self
                .include(D::AnswerEmptyCloseWith1005)
                .then_some(CloseCode::NO_STATUS_RECEIVED),
            code => code.filter(|_| !self.include(D::AnswerCloseEmptily)),
        }
    }

    /// The status code the connection is failed with because of `violation`.
    #[cold]
    pub(crate) fn alter_failure_code(&self, violation: &ProtocolError) -> CloseCode {
        let is_text = matches!(
            violation,
            ProtocolError::Message(MessageError::TextNotUtf8(_))
        );
        if is_text && self.include(D::ReportInvalidTextAs1002) {
            return CloseCode::PROTOCOL_ERROR;
        }
        let too_much = violation.close_code() == CloseCode::MESSAGE_TOO_BIG;
        if too_much && self.include(D::ReportLimitsAs1007) {
            return CloseCode::INVALID_FRAME_PAYLOAD_DATA;
        }
        self.first_of(&[
            (D::FailWith1000, CloseCode::NORMAL),
            (D::FailWith1006, CloseCode::ABNORMAL_CLOSURE),
            (D::FailWith1010, CloseCode::MANDATORY_EXTENSION),
            (D::FailWith1011, CloseCode::INTERNAL_ERROR),
        ])
        .unwrap_or(violation.close_code())
    }

    fn first_of(&self, codes: &[(Deviation, CloseCode)]) -> Option<CloseCode> {
        codes
            .iter()
            .find(|(deviation, _)| self.include(*deviation))
            .map(|&(_, code)| code)
    }
}
