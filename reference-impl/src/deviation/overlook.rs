//! Violations of the peer that are overlooked: which deviation excuses what.

use super::{Deviation, Deviations};
use crate::close::CloseError;
use crate::frame::{FrameError, LengthForm, Opcode, Rsv};
use crate::handshake::{RequestError, ResponseError};

use Deviation as D;

impl Deviations {
    /// Whether a frame with this opcode is taken in spite of `violation`.
    #[cold]
    pub(crate) fn overlook_in_frame(&self, opcode: Opcode, violation: &FrameError) -> bool {
        let control = opcode.is_control();
        match violation {
            FrameError::ReservedBits { rsv } => self.overlook_reserved_bits(*rsv, opcode),
            FrameError::ControlFrameCompressed { .. } | FrameError::ContinuationCompressed => {
                self.overlook_reserved_bits(Rsv::RSV1, opcode)
            }
            FrameError::ReservedOpcode { .. } if control => self.include_any(&[
                D::AcceptReservedOpcodes,
                D::SkipReservedControlOpcodes,
                D::TakeReservedControlAsPing,
            ]),
            FrameError::ReservedOpcode { .. } => self.include_any(&[
                D::AcceptReservedOpcodes,
                D::SkipReservedDataOpcodes,
                D::TakeReservedDataAsBinary,
                D::TakeReservedDataAsText,
            ]),
            FrameError::NotMasked => {
                self.include(D::AcceptUnmaskedFrames)
                    || control && self.include(D::AcceptUnmaskedControlFrames)
            }
            FrameError::Masked => {
                self.include(D::AcceptMaskedFrames)
                    || control && self.include(D::AcceptMaskedControlFrames)
            }
            FrameError::StrayContinuation => {
                self.include_any(&[D::AcceptStrayContinuation, D::SkipStrayContinuation])
            }
            FrameError::MessageUnfinished { .. } => {
                self.include_any(&[D::AbandonInterruptedMessage, D::JoinInterruptingMessage])
            }
            FrameError::ControlFrameFragmented { .. } => {
                self.include(D::AcceptFragmentedControlFrames)
            }
            FrameError::ControlFrameTooLong { .. } => self.include(D::AcceptLongControlFrames),
            FrameError::FrameTooBig { .. }
            | FrameError::MessageTooBig { .. }
            | FrameError::TooManyFragments { .. } => self.include(D::IgnoreSizeLimits),
            FrameError::LengthTopBitSet => self.include(D::AcceptLengthTopBit),
            FrameError::LengthNotMinimal { .. } => false,
        }
    }

    fn overlook_reserved_bits(&self, rsv: Rsv, opcode: Opcode) -> bool {
        let of_frame = match opcode {
            Opcode::CONTINUATION => D::AcceptRsvOnContinuationFrames,
            _ if opcode.is_control() => D::AcceptRsvOnControlFrames,
            _ => D::AcceptReservedBits,
        };
        if self.include_any(&[
            D::AcceptReservedBits,
            D::SkipFramesWithReservedBits,
            of_frame,
        ]) {
            return true;
        }
        [
            (D::AcceptRsv1, Rsv::RSV1),
            (D::AcceptRsv2, Rsv::RSV2),
            (D::AcceptRsv3, Rsv::RSV3),
        ]
        .into_iter()
        .filter(|&(deviation, _)| self.include(deviation))
        .fold(rsv, |left, (_, bit)| left.without(bit))
        .is_none()
    }

    /// Whether a payload length is taken although its form is not the shortest; `octets` are
    /// those of the length, as far as they have arrived.
    #[cold]
    pub(crate) fn overlook_long_form(&self, form: LengthForm, octets: &[u8]) -> bool {
        let (any, edge, greatest): (_, _, &[u8]) = match form {
            LengthForm::SixteenBit => (D::AcceptLong16BitLengths, D::Accept125In16Bits, &[0, 125]),
            _ => (
                D::AcceptLong64BitLengths,
                D::Accept65535In64Bits,
                &[0, 0, 0, 0, 0, 0, 0xff, 0xff],
            ),
        };
        let at_edge = || {
            octets
                .iter()
                .zip(greatest)
                .all(|(octet, other)| octet == other)
        };
        self.include_any(&[D::AcceptLongLengthForms, any]) || self.include(edge) && at_edge()
    }

    /// Whether a Close frame is taken in spite of `violation`.
    #[cold]
    pub(crate) fn overlook_in_close(&self, violation: &CloseError) -> bool {
        match violation {
            CloseError::CodeCutOff => self.include(D::AcceptHalfCloseCode),
            CloseError::InvalidCode { code } => {
                let of_code = match code.value() {
                    0..=999 => D::AcceptCloseCodesBelow1000,
                    1004 => D::AcceptCloseCode1004,
                    1005 => D::AcceptCloseCode1005,
                    1006 => D::AcceptCloseCode1006,
                    1015 => D::AcceptCloseCode1015,
                    5000.. => D::AcceptCloseCodesAbove4999,
                    _ => D::AcceptUnassignedCloseCodes,
                };
                self.include_any(&[D::AcceptInvalidCloseCodes, of_code])
            }
            CloseError::ReasonNotUtf8(_) => {
                self.include_any(&[D::SkipUtf8Validation, D::SkipCloseReasonValidation])
            }
        }
    }

    /// What a check of a request found, unless it is overlooked.
    pub(crate) fn overlook_in_request<T: Default>(
        &self,
        check: Result<T, RequestError>,
    ) -> Result<T, RequestError> {
        let excuse = match &check {
            Ok(_) => return check,
            Err(violation) => match violation {
                RequestError::MethodNotGet { .. } => D::AcceptOtherMethods,
                RequestError::HttpVersionTooLow => D::AcceptHttp10,
                RequestError::InvalidTarget => D::AcceptInvalidTarget,
                RequestError::HostMissing => D::AcceptMissingHost,
                RequestError::HostRepeated => D::AcceptRepeatedHost,
                RequestError::HostInvalid => D::AcceptInvalidHost,
                RequestError::UpgradeMissing => D::AcceptMissingUpgrade,
                RequestError::ConnectionUpgradeMissing => D::AcceptMissingConnection,
                RequestError::VersionMissing => D::AcceptMissingVersion,
                RequestError::VersionRepeated => D::AcceptRepeatedVersion,
                RequestError::VersionNotSupported { .. } => D::AcceptOtherVersions,
                RequestError::KeyMissing => D::AcceptMissingKey,
                RequestError::KeyRepeated => D::AcceptRepeatedKey,
                RequestError::SubprotocolsInvalid => D::AcceptInvalidSubprotocols,
                RequestError::SubprotocolRepeated => D::AcceptRepeatedSubprotocols,
                RequestError::ExtensionsInvalid => D::AcceptInvalidExtensions,
                RequestError::Head(_)
                | RequestError::BodyAnnounced
                | RequestError::KeyInvalid
                | RequestError::Busy
                | RequestError::OctetsTooEarly
                | RequestError::SubprotocolMissing => return check,
            },
        };
        if self.include(excuse) {
            return Ok(T::default());
        }
        check
    }

    /// What a check of a response found, unless it is overlooked.
    pub(crate) fn overlook_in_response<T: Default>(
        &self,
        check: Result<T, ResponseError>,
    ) -> Result<T, ResponseError> {
        let excuse = match &check {
            Ok(_) => return check,
            Err(violation) => match violation {
                ResponseError::HttpVersionTooLow => D::AcceptResponseHttp10,
                ResponseError::NotSwitchingProtocols(_) => D::AcceptOtherStatus,
                ResponseError::UpgradeMissing => D::AcceptResponseWithoutUpgrade,
                ResponseError::UpgradeNotWebSocket => D::AcceptOtherResponseUpgrade,
                ResponseError::ConnectionUpgradeMissing => D::AcceptResponseWithoutConnection,
                ResponseError::AcceptMissing => D::AcceptMissingAccept,
                ResponseError::AcceptRepeated => D::AcceptRepeatedAccept,
                ResponseError::AcceptWrong => D::AcceptWrongAccept,
                ResponseError::ExtensionsInvalid => D::AcceptInvalidResponseExtensions,
                ResponseError::ExtensionNotOffered { .. } => D::AcceptUnofferedExtension,
                ResponseError::SubprotocolRepeated => D::AcceptRepeatedSubprotocol,
                ResponseError::SubprotocolInvalid => D::AcceptInvalidSubprotocol,
                ResponseError::SubprotocolNotOffered { .. } => D::AcceptUnofferedSubprotocol,
                ResponseError::Head(_)
                | ResponseError::TooManyInterimResponses { .. }
                | ResponseError::Deflate(_) => return check,
            },
        };
        if self.include(excuse) {
            return Ok(T::default());
        }
        check
    }

    /// Whether one of `deviations` is in the set.
    pub(crate) fn include_any(&self, deviations: &[Deviation]) -> bool {
        deviations.iter().any(|&deviation| self.include(deviation))
    }
}
