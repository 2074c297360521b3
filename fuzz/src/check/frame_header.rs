//! Frame headers: any octets, against what the header says of itself.

use arbitrary::Arbitrary;
use wsspec_reference::Role;
use wsspec_reference::frame::{
    FrameError, FrameHeader, HEADER_OCTETS_MAX, HeaderRules, LengthForm, Opcode, RawFrame, Rsv,
};

/// A header, or what passes for one, and the state of the connection it arrives at.
#[derive(Clone, Debug, Arbitrary)]
pub struct Input<'a> {
    /// Whether a client sent it.
    pub from_client: bool,
    /// Whether a fragmented message has begun and not ended.
    pub message_in_progress: bool,
    /// Whether an extension uses RSV1.
    pub rsv1_in_use: bool,
    /// Octets of the message in progress that came before.
    pub message_octets: u16,
    /// The longest frame and message; 0 for no limit.
    pub octets_max: u16,
    /// What arrives.
    pub octets: &'a [u8],
}

/// Checks that the header is read the same however it is cut, that writing it gives the octets
/// back, and that it is refused only for what its octets show.
///
/// # Panics
/// One of these does not hold.
pub fn check(input: &Input<'_>) {
    let rules = rules(input);
    let outcome = FrameHeader::parse(input.octets, &rules);
    check_every_prefix(input.octets, &rules, &outcome);
    match &outcome {
        Ok(Some((header, taken))) => check_encoding(header, &input.octets[..*taken]),
        Ok(None) => assert!(
            input.octets.len() < HEADER_OCTETS_MAX,
            "{} octets are a whole header",
            input.octets.len()
        ),
        Err(error) => check_error(error, input, &rules),
    }
}

fn rules(input: &Input<'_>) -> HeaderRules {
    let octets_max = match input.octets_max {
        0 => u64::MAX,
        max => u64::from(max),
    };
    let sender = match input.from_client {
        true => Role::Client,
        false => Role::Server,
    };
    HeaderRules {
        message_in_progress: input.message_in_progress,
        rsv_in_use: if input.rsv1_in_use {
            Rsv::RSV1
        } else {
            Rsv::NONE
        },
        frame_octets_max: octets_max,
        message_octets_max: octets_max,
        message_octets: u64::from(input.message_octets),
        ..HeaderRules::new(sender)
    }
}

/// A prefix leaves the outcome open or has it already; once known, it stays.
fn check_every_prefix(
    octets: &[u8],
    rules: &HeaderRules,
    whole: &Result<Option<(FrameHeader, usize)>, FrameError>,
) {
    let mut known = false;
    for end in 0..=octets.len().min(HEADER_OCTETS_MAX) {
        let outcome = FrameHeader::parse(&octets[..end], rules);
        if known || outcome != Ok(None) {
            known = true;
            assert_eq!(&outcome, whole, "after {end} octets of {octets:02x?}");
        }
        if let Ok(Some((_, taken))) = outcome {
            assert!(taken <= end, "{taken} octets taken of {end}");
        }
    }
}

/// There is one lawful way to write a header, and it was this one.
fn check_encoding(header: &FrameHeader, octets: &[u8]) {
    let mut encoded = Vec::new();
    header.encode(&mut encoded);
    assert_eq!(encoded, octets, "{header:?}");
    let raw = RawFrame {
        fin: header.fin,
        rsv: header.rsv,
        masking_key: header.masking_key,
        declared_length: Some(header.payload_length),
        ..RawFrame::new(header.opcode, [])
    };
    assert_eq!(raw.to_octets(), octets, "{raw:?}");
}

/// The octets show what the error says. Read anew here, bit by bit.
fn check_error(error: &FrameError, input: &Input<'_>, rules: &HeaderRules) {
    let first = input.octets[0];
    let second = input.octets.get(1).copied();
    let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
    let masked = second.map(|second| second & 0x80 != 0);
    let marks = second.map(|second| second & 0x7f);
    let shown = match error {
        FrameError::ReservedBits { rsv } => first >> 4 & rsv.bits() == rsv.bits() && !rsv.is_none(),
        FrameError::ControlFrameCompressed { .. } => first & 0x40 != 0 && opcode >= 8,
        FrameError::ContinuationCompressed => first & 0x40 != 0 && opcode == 0,
        FrameError::ReservedOpcode { opcode: reserved } => {
            reserved.value() == opcode && [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].contains(&opcode)
        }
        FrameError::ControlFrameFragmented { .. } => !fin && opcode >= 8,
        FrameError::MessageUnfinished { opcode: new } => {
            new.value() == opcode && [1, 2].contains(&opcode) && rules.message_in_progress
        }
        FrameError::StrayContinuation => opcode == 0 && !rules.message_in_progress,
        FrameError::NotMasked => input.from_client && masked == Some(false),
        FrameError::Masked => !input.from_client && masked == Some(true),
        FrameError::ControlFrameTooLong { .. } => opcode >= 8 && marks >= Some(126),
        FrameError::LengthNotMinimal { form } => {
            let zeros = match form {
                LengthForm::SixteenBit => 1,
                _ => 6,
            };
            input.octets[2..]
                .iter()
                .take(zeros)
                .all(|&octet| octet == 0)
        }
        FrameError::LengthTopBitSet => {
            marks == Some(127) && input.octets.get(2).is_some_and(|octet| octet & 0x80 != 0)
        }
        FrameError::FrameTooBig { octets, max } => octets > max && *max == rules.frame_octets_max,
        FrameError::MessageTooBig { octets, max } => {
            octets > max && *octets >= rules.message_octets && opcode < Opcode::CLOSE.value()
        }
        FrameError::TooManyFragments { max } => {
            opcode == 0 && *max == rules.fragments_max && rules.message_fragments >= *max
        }
    };
    assert!(shown, "{error:?} for {:02x?}", input.octets);
}

#[cfg(test)]
mod tests {
    use super::*;
    use arbitrary::Unstructured;
    use proptest::prelude::*;

    #[test]
    fn the_seeds_hold() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/libfuzzer/seeds/frame_header");
        let mut seeds = 0;
        for entry in std::fs::read_dir(folder).expect("the folder of seeds") {
            let path = entry.expect("a readable folder").path();
            let octets = std::fs::read(&path).expect("a readable seed");
            let input = Input::arbitrary_take_rest(Unstructured::new(&octets));
            check(&input.expect("a seed is an input"));
            seeds += 1;
        }
        assert!(seeds > 0, "no seeds in {folder}");
    }

    #[test]
    fn every_start_of_a_header_holds() {
        let tails: [&[u8]; 5] = [
            &[],
            &[0, 125],
            &[0, 126, 1, 2, 3, 4],
            &[0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4],
            &[0x80, 0, 0, 0, 0, 0, 0, 0],
        ];
        for start in 0..=u16::MAX {
            for tail in tails {
                let octets = [&start.to_be_bytes(), tail].concat();
                check(&Input {
                    from_client: start & 0x80 != 0,
                    message_in_progress: start & 0x0f00 == 0,
                    rsv1_in_use: false,
                    message_octets: 100,
                    octets_max: 200,
                    octets: &octets,
                });
            }
        }
    }

    proptest! {
        #[test]
        fn any_octets_hold(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(&octets)) {
                check(&input);
            }
        }
    }
}
