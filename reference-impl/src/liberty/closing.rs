//! Close frames in other forms.

use super::{Liberties, Liberty};
use crate::CloseCode;
use crate::close::{ClosePayload, REASON_OCTETS_MAX};

use Liberty as L;

/// What a Close frame is answered with.
#[derive(Clone, Copy)]
enum Reply {
    Code(u16),
    Empty,
    OwnReason,
    SameReason,
    LongReason,
}

const REPLIES: &[(Liberty, Reply)] = &[
    (L::AnswerCloseWith1000, Reply::Code(1000)),
    (L::AnswerCloseWith1001, Reply::Code(1001)),
    (L::AnswerCloseWith3000, Reply::Code(3000)),
    (L::AnswerCloseWith4000, Reply::Code(4000)),
    (L::AnswerCloseWithoutCode, Reply::Empty),
    (L::AnswerCloseWithReason, Reply::OwnReason),
    (L::RepeatCloseReason, Reply::SameReason),
    (L::AnswerCloseWithLongReason, Reply::LongReason),
];

/// What is said in a Close frame by which the connection is failed.
#[derive(Clone, Copy)]
pub(crate) enum FailureForm {
    Code(CloseCode, &'static str),
    Empty,
    /// There is none.
    Omitted,
}

/// Where 1002 is asked for.
const FAILURES: &[(Liberty, u16)] = &[
    (L::FailWith1003, 1003),
    (L::FailWith1007, 1007),
    (L::FailWith1008, 1008),
    (L::FailWith1009, 1009),
    (L::FailWith1011, 1011),
    (L::FailWith3000, 3000),
];

/// Where 1007 is.
const TEXT_FAILURES: &[(Liberty, u16)] = &[
    (L::FailTextWith1002, 1002),
    (L::FailTextWith1003, 1003),
    (L::FailTextWith1008, 1008),
];

/// Where 1009 is.
const LIMIT_FAILURES: &[(Liberty, u16)] = &[
    (L::AnswerLimitsWith1008, 1008),
    (L::AnswerLimitsWith1011, 1011),
];

impl Liberties {
    /// The body of the Close frame that answers `close`.
    pub(crate) fn reply_to(&self, close: &ClosePayload) -> ClosePayload {
        let say = |code: Option<CloseCode>, reason: &str| ClosePayload {
            code,
            reason: reason.to_owned(),
        };
        let code = match close.code {
            // It was taken, and may not be sent back.
            Some(code) if !code.may_be_received() => {
                let emptily = self.include(L::TakeInvalidCloseCodesEmptily);
                (!emptily).then_some(CloseCode::NORMAL)
            }
            code => code,
        };
        match self.choose(REPLIES) {
            Some(Reply::Code(code)) => say(Some(CloseCode::new(code)), ""),
            Some(Reply::Empty) => ClosePayload::default(),
            Some(Reply::LongReason) => say(Some(CloseCode::NORMAL), &"x".repeat(REASON_OCTETS_MAX)),
            // There is no reason without a status code.
            Some(Reply::OwnReason) if code.is_some() => say(code, "good bye"),
            Some(Reply::SameReason) if code.is_some() => say(code, &close.reason),
            _ => say(code, ""),
        }
    }

    /// How the connection is failed where `usual` is the status code for that.
    pub(crate) fn failure(&self, usual: CloseCode) -> FailureForm {
        if self.include(L::FailByReset) {
            return FailureForm::Omitted;
        }
        if self.include(L::FailWithoutCode) {
            return FailureForm::Empty;
        }
        let codes = match usual {
            CloseCode::PROTOCOL_ERROR => FAILURES,
            CloseCode::INVALID_FRAME_PAYLOAD_DATA => TEXT_FAILURES,
            CloseCode::MESSAGE_TOO_BIG => LIMIT_FAILURES,
            _ => &[],
        };
        let code = self.choose(codes).map_or(usual, CloseCode::new);
        let reason = match self.include(L::FailWithReason) {
            true => "this is not allowed",
            false => "",
        };
        FailureForm::Code(code, reason)
    }
}
