//! permessage-deflate, agreed on and used otherwise than RFC 7692 asks.

use super::{Deviation, Deviations};
use crate::deflate::{
    Agreement, AgreementError, Direction, FinalBlocks, InflateError, Manner, NAME, Offer,
    ParameterError, WindowBits,
};
use crate::handshake::tokens::Extension;
use crate::message::MessageError;

use Deviation as D;

impl Deviations {
    /// The offers that are answered where `extensions` were offered.
    pub(crate) fn alter_offers(&self, extensions: &[Extension]) -> Vec<Extension> {
        let mut offers: Vec<_> = extensions.to_vec();
        if self.include(D::TakeFirstOfferOnly) {
            offers.truncate(1);
        }
        for offer in offers.iter_mut().filter(|offer| offer.name == NAME) {
            // What is overlooked is left out until nothing is wrong, or nothing is overlooked.
            while let Err(error) = Offer::parse(&offer.parameters) {
                let Some(at) = self.overlooked_parameter(&offer.parameters, &error) else {
                    break;
                };
                offer.parameters.remove(at);
            }
        }
        offers
    }

    /// The place of a parameter with which an offer is taken although `error` says it is wrong.
    fn overlooked_parameter(
        &self,
        parameters: &[(String, Option<String>)],
        error: &ParameterError,
    ) -> Option<usize> {
        let (deviation, wrong) = match error {
            ParameterError::Unknown { name } => (D::AcceptUnknownParameters, name.as_str()),
            ParameterError::Repeated { name } => (D::AcceptRepeatedParameters, *name),
            ParameterError::ValueUnexpected { name, .. }
            | ParameterError::ValueMissing { name }
            | ParameterError::WindowBitsNotDecimal { name, .. }
            | ParameterError::WindowBitsLeadingZero { name, .. }
            | ParameterError::WindowBitsOutOfRange { name, .. } => {
                (D::AcceptInvalidParameters, *name)
            }
        };
        self.include(deviation)
            .then(|| parameters.iter().rposition(|(name, _)| name == wrong))
            .flatten()
    }

    /// Whether a handshake is refused for an offer that should be declined.
    pub(crate) fn refuse_offers(&self, extensions: &[Extension]) -> bool {
        self.include(D::RefuseHandshakeOverOffer)
            && extensions
                .iter()
                .any(|offer| offer.name == NAME && Offer::parse(&offer.parameters).is_err())
    }

    /// What a response agrees to, unless it is overlooked that it should not.
    pub(crate) fn overlook_in_agreement(
        &self,
        agreement: Result<Option<Agreement>, AgreementError>,
    ) -> Result<Option<Agreement>, AgreementError> {
        let excuse = match &agreement {
            Ok(_) => return agreement,
            Err(AgreementError::Parameter(ParameterError::Unknown { .. })) => {
                D::AcceptUnknownResponseParameters
            }
            Err(AgreementError::Parameter(ParameterError::Repeated { .. })) => {
                D::AcceptRepeatedResponseParameters
            }
            Err(AgreementError::Parameter(_)) => D::AcceptInvalidResponseParameters,
            Err(AgreementError::AcceptedTwice) => D::AcceptDeflateTwice,
            Err(AgreementError::ClientWindowNotLimitable) => D::AcceptLimitNotOffered,
            Err(AgreementError::ServerContextTakeoverNotGivenUp) => D::AcceptTakeoverRefused,
            Err(
                AgreementError::ServerWindowNotLimited
                | AgreementError::ServerWindowTooLarge { .. },
            ) => D::AcceptLargerServerWindow,
        };
        if self.include(excuse) {
            return Ok(Some(Agreement::default()));
        }
        agreement
    }

    /// How messages are compressed where `lawful` was agreed on.
    pub(crate) fn alter_deflation(&self, lawful: Direction) -> Direction {
        Direction {
            context_takeover: lawful.context_takeover || self.include(D::TakeContextOver),
            window_bits: if self.include(D::ExceedWindow) {
                WindowBits::MAX
            } else {
                lawful.window_bits
            },
        }
    }

    /// How messages are inflated where `lawful` was agreed on.
    pub(crate) fn alter_inflation(&self, lawful: Direction) -> Direction {
        Direction {
            context_takeover: lawful.context_takeover && !self.include(D::ForgetContext),
            window_bits: match self.include(D::InflateInSmallWindow) {
                true => WindowBits::MIN,
                false => lawful.window_bits,
            },
        }
    }

    /// Of which blocks messages are made, where `lawful` is the manner.
    pub(crate) fn alter_manner(&self, lawful: Manner) -> Manner {
        match self.include(D::OmitEmptyBlock) {
            true => Manner::BareFinalBlock,
            false => lawful,
        }
    }

    /// What becomes of final blocks.
    pub(crate) fn alter_final_blocks(&self) -> FinalBlocks {
        match () {
            () if self.include(D::RefuseFinalBlocks) => FinalBlocks::Refused,
            () if self.include(D::StopAtFinalBlock) => FinalBlocks::EndMessages,
            () => FinalBlocks::PassedOver,
        }
    }

    /// Whether a message is taken in spite of what is wrong with its data.
    pub(crate) fn overlook_in_data(&self, error: &MessageError) -> bool {
        let invalid = matches!(
            error,
            MessageError::NotInflatable(InflateError::Invalid | InflateError::EndMissing)
        );
        invalid && self.include(D::AcceptInvalidDeflate)
    }

    /// Whether a client refuses a response that it has to take, for a parameter of its agreement.
    pub(crate) fn refuse_agreement(&self, extensions: &[Extension]) -> bool {
        let has = |parameter: &str| {
            let of_deflate = extensions.iter().filter(|extension| extension.name == NAME);
            let mut parameters = of_deflate.flat_map(|extension| &extension.parameters);
            parameters.any(|(name, _)| name == parameter)
        };
        [
            (D::RefuseServerTakeover, "server_no_context_takeover"),
            (D::RefuseClientTakeover, "client_no_context_takeover"),
            (D::RefuseServerWindow, "server_max_window_bits"),
            (D::RefuseClientWindow, "client_max_window_bits"),
        ]
        .into_iter()
        .any(|(deviation, parameter)| self.include(deviation) && has(parameter))
    }

    /// The longest message after inflation, where `lawful` is the limit.
    pub(crate) fn alter_inflated_max(&self, lawful: u64) -> u64 {
        if self.include(D::InflateWithoutLimit) {
            UNLIMITED_OCTETS_MAX
        } else {
            lawful
        }
    }
}

/// Enough to show that a bomb goes off, and too little to do harm.
const UNLIMITED_OCTETS_MAX: u64 = 256 << 20;
