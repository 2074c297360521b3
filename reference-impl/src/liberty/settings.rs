//! Liberties that are another configuration, or a deviation that breaks no more than a SHOULD.

use super::{Liberties, Liberty};
use crate::deflate::{
    Agreement, ClientWindow, Direction, Manner, NAME, Offer, ServerPolicy, WindowBits,
};
use crate::handshake::tokens::Extension;
use crate::handshake::{ClientOptions, ServerOptions};
use crate::{Deviation, Deviations, Limits};

use Deviation as D;
use Liberty as L;

/// A table of changes.
type Changes<T> = [(Liberty, fn(&mut T))];

const LIMITS: &Changes<Limits> = &[
    (L::LimitMessagesTo8192, |limits| {
        limits.message_octets_max = 8_192;
    }),
    (L::LimitMessagesTo32768, |limits| {
        limits.message_octets_max = 32_768;
    }),
    (L::LimitMessagesTo65536, |limits| {
        limits.message_octets_max = 65_536;
    }),
    (L::LimitFramesTo8192, |limits| {
        limits.frame_octets_max = 8_192;
    }),
    (L::LimitFramesTo32768, |limits| {
        limits.frame_octets_max = 32_768;
    }),
    (L::LimitFramesTo65536, |limits| {
        limits.frame_octets_max = 65_536;
    }),
    (L::LimitFragmentsTo128, |limits| limits.fragments_max = 128),
    // The last one is kept where there is no room.
    (L::AnswerLastPingOnly, |limits| {
        limits.queued_pong_octets_max = 0;
    }),
];

const SERVER: &Changes<ServerOptions> = &[
    (L::LimitHeadsTo4096, |options| {
        options.head_octets_max = 4_096;
    }),
    (L::LimitHeadsTo4096With400, |options| {
        options.head_octets_max = 4_096;
    }),
    (L::LimitHeadsTo4096ByDropping, |options| {
        options.head_octets_max = 4_096;
    }),
    (L::InsistOnSubprotocol, |options| {
        options.subprotocols = vec!["chat".into()];
    }),
    (L::DeclineCompression, |options| options.deflate = None),
];

const CLIENT: &Changes<ClientOptions> = &[
    (L::LimitHeadsTo4096, |options| {
        options.head_octets_max = 4_096;
    }),
    (L::OfferSubprotocols, |options| {
        if options.subprotocols.is_empty() {
            options.subprotocols = vec!["chat".into(), "superchat".into()];
        }
    }),
    (L::SendOrigin, |options| {
        let origin = || "http://example.com".to_owned();
        options.origin.get_or_insert_with(origin);
    }),
    (L::DeclineCompression, |options| options.deflate.clear()),
    (L::OfferPlainly, |options| offer(options, &[PLAIN])),
    (L::OfferAllParameters, |options| {
        offer(
            options,
            &[Offer {
                server_no_context_takeover: true,
                client_no_context_takeover: true,
                server_max_window_bits: WindowBits::new(10),
                client_max_window_bits: hint(10),
            }],
        );
    }),
    (L::OfferWithoutTakeover, |options| {
        offer(
            options,
            &[Offer {
                server_no_context_takeover: true,
                client_no_context_takeover: true,
                ..PLAIN
            }],
        );
    }),
    (L::OfferServerWindow8, |options| {
        offer(options, &[SMALL_WINDOW]);
    }),
    (L::OfferClientWindow9, |options| {
        offer(
            options,
            &[Offer {
                client_max_window_bits: hint(9),
                ..PLAIN
            }],
        );
    }),
    (L::OfferSeveral, |options| {
        offer(options, &[SMALL_WINDOW, PLAIN]);
    }),
];

const PLAIN: Offer = Offer {
    server_no_context_takeover: false,
    client_no_context_takeover: false,
    server_max_window_bits: None,
    client_max_window_bits: ClientWindow::Fixed,
};

const SMALL_WINDOW: Offer = Offer {
    server_max_window_bits: Some(WindowBits::MIN),
    ..PLAIN
};

/// What a client offers in place of what it would, if it would offer anything.
fn offer(options: &mut ClientOptions, offers: &[Offer]) {
    if !options.deflate.is_empty() {
        options.deflate = offers.to_vec();
    }
}

const fn hint(bits: u8) -> ClientWindow {
    match WindowBits::new(bits) {
        Some(bits) => ClientWindow::Hint(bits),
        None => ClientWindow::Limitable,
    }
}

const POLICY: &Changes<ServerPolicy> = &[
    (L::AgreeWithoutServerTakeover, |policy| {
        policy.server_context_takeover = false;
    }),
    (L::AgreeWithoutClientTakeover, |policy| {
        policy.client_context_takeover = false;
    }),
    (L::AgreeWithoutTakeover, |policy| {
        policy.server_context_takeover = false;
        policy.client_context_takeover = false;
    }),
    (L::AgreeToServerWindow8, |policy| {
        policy.server_window_bits = window(8);
    }),
    (L::AgreeToServerWindow9, |policy| {
        policy.server_window_bits = window(9);
    }),
    (L::AgreeToServerWindow12, |policy| {
        policy.server_window_bits = window(12);
    }),
    (L::AgreeToClientWindow8, |policy| {
        policy.client_window_bits = window(8);
    }),
    (L::AgreeToClientWindow9, |policy| {
        policy.client_window_bits = window(9);
    }),
    (L::AgreeToClientWindow12, |policy| {
        policy.client_window_bits = window(12);
    }),
    (L::AgreeToAllParameters, |policy| {
        *policy = ServerPolicy {
            server_context_takeover: false,
            client_context_takeover: false,
            server_window_bits: window(10),
            client_window_bits: window(10),
        };
    }),
];

const AGREEMENT: &Changes<Agreement> = &[
    (L::StateServerWindow15, |agreement| {
        agreement
            .server_max_window_bits
            .get_or_insert(WindowBits::MAX);
    }),
    (L::IgnoreHints, |agreement| {
        agreement.client_no_context_takeover = false;
        agreement.client_max_window_bits = None;
    }),
    (L::ExceedHints, |agreement| {
        // It is there only if the offer has it.
        if let Some(bits) = &mut agreement.client_max_window_bits {
            *bits = WindowBits::MAX;
        }
    }),
];

fn window(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap_or(WindowBits::MAX)
}

/// What a deviation does already, and breaks no MUST by.
const AS_DEVIATIONS: &[(Liberty, Deviation)] = &[
    (L::AnswerPingsTwice, D::AnswerPingsTwice),
    (L::TakeInvalidCloseCodes, D::AcceptInvalidCloseCodes),
    (L::TakeInvalidCloseCodesEmptily, D::AcceptInvalidCloseCodes),
    (L::FailWithoutClose, D::FailWithoutClose),
    (L::ValidateTextAtEnd, D::ValidateUtf8AtEnd),
    (L::TakeLongLengthForms, D::AcceptLongLengthForms),
    (L::CloseTcpFirst, D::CloseTcpFirst),
    (L::ResetTcp, D::ResetTcp),
    (L::DiscardEarlyOctets, D::LoseEarlyFrames),
    (L::TakeKeysUndecoded, D::AcceptInvalidKey),
    (L::JoinFields, D::AcceptInvalidKey),
    (L::TakeRepeatedSubprotocols, D::AcceptRepeatedSubprotocols),
];

impl Liberties {
    fn change<T>(&self, value: &mut T, table: &Changes<T>) {
        for (liberty, change) in table {
            if self.include(*liberty) {
                change(value);
            }
        }
    }

    /// The deviations that do what the set allows.
    pub(crate) fn as_deviations(&self) -> Deviations {
        AS_DEVIATIONS
            .iter()
            .filter(|(liberty, _)| self.include(*liberty))
            .map(|&(_, deviation)| deviation)
            .collect()
    }

    /// The limits that hold in place of the usual ones.
    pub(crate) fn limits(&self, usual: &Limits) -> Limits {
        let mut limits = usual.clone();
        self.change(&mut limits, LIMITS);
        limits
    }

    pub(crate) fn configure_server(&self, options: &mut ServerOptions) {
        self.change(options, SERVER);
        if let Some(policy) = &mut options.deflate {
            self.change(policy, POLICY);
        }
    }

    pub(crate) fn configure_client(&self, options: &mut ClientOptions) {
        self.change(options, CLIENT);
    }

    /// What a server with this `policy` answers where `extensions` were offered.
    pub(crate) fn answer_offers(
        &self,
        policy: &ServerPolicy,
        extensions: &[Extension],
    ) -> Option<Agreement> {
        let limits_server = |(name, _): &(String, Option<String>)| name == "server_max_window_bits";
        let mut offers = extensions.to_vec();
        if self.include(L::DeclineServerWindow) {
            offers
                .retain(|offer| offer.name != NAME || !offer.parameters.iter().any(limits_server));
        }
        if self.include(L::TakeLastOffer) {
            offers.reverse();
        }
        let mut agreement = policy.answer(&offers)?;
        self.change(&mut agreement, AGREEMENT);
        Some(agreement)
    }

    /// How messages are compressed where `agreed` was agreed on.
    pub(crate) fn direction(&self, agreed: Direction) -> Direction {
        Direction {
            context_takeover: agreed.context_takeover && !self.include(L::CompressAfresh),
            window_bits: match self.include(L::CompressInSmallWindow) {
                true => agreed.window_bits.min(window(9)),
                false => agreed.window_bits,
            },
        }
    }

    /// Of which blocks compressed messages are made.
    pub(crate) fn manner(&self) -> Manner {
        let manners = [
            (L::CompressInTwoBlocks, Manner::TwoBlocks),
            (L::CompressInFinalBlocks, Manner::FinalBlock),
        ];
        self.choose(&manners).unwrap_or(Manner::Usual)
    }

    /// How hard messages are compressed.
    pub(crate) fn level(&self, usual: u8) -> u8 {
        match self.include(L::CompressInStoredBlocks) {
            true => 0,
            false => usual,
        }
    }
}
