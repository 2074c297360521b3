//! The observer and the reference decoder were written apart; here they have to agree.

use proptest::collection::vec;
use proptest::prelude::*;
use wsspec_cases::Target;
use wsspec_judge::observe::{Observer, octets};
use wsspec_record::Octets;
use wsspec_record::transcript::What;
use wsspec_reference::frame::{LengthForm, MaskingKey, Opcode, RawFrame, Rsv};
use wsspec_reference::{CloseCode, Config, Connection, Event, MessageKind, Role};

/// What both decoders say in their own words, in common ones.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Message(u8, Octets),
    Control(u8, Octets),
}

fn observed(target: Target, pieces: &[&[u8]]) -> Vec<What> {
    let mut observer = Observer::new(target);
    let mut seen = Vec::new();
    for piece in pieces {
        observer.receive(piece, |what| seen.push(what));
    }
    observer.finish(|what| seen.push(what));
    seen
}

fn in_common_words(seen: &[What]) -> Vec<Came> {
    let came = |what: &What| match what {
        What::ReceivedFrame(frame) if frame.is_control() => {
            Some(Came::Control(frame.opcode, frame.payload.clone()))
        }
        What::ReceivedFrame(frame) if frame.fin => Some(match &frame.message {
            Some(message) => Came::Message(message.opcode, message.payload.clone()),
            None => Came::Message(frame.opcode, frame.payload.clone()),
        }),
        _ => None,
    };
    seen.iter().filter_map(came).collect()
}

/// What the other side of the target is.
fn reference(target: Target) -> Connection {
    let role = match target {
        Target::Client => Role::Server,
        _ => Role::Client,
    };
    Connection::new(role, &Config::default(), MaskingKey::default)
}

fn decoded(target: Target, stream: &[u8]) -> Vec<Came> {
    let mut connection = reference(target);
    connection.receive(stream);
    let mut came = Vec::new();
    while let Some(event) = connection.poll_event() {
        came.push(match event {
            Event::Message(message) => {
                let opcode = match message.kind() {
                    MessageKind::Text => 0x1,
                    MessageKind::Binary => 0x2,
                };
                Came::Message(opcode, octets(message.payload()))
            }
            Event::Ping(payload) => Came::Control(0x9, octets(&payload)),
            Event::Pong(payload) => Came::Control(0xa, octets(&payload)),
            Event::CloseReceived(close) => {
                let mut body = Vec::new();
                if let Some(code) = close.code {
                    body.extend_from_slice(&code.value().to_be_bytes());
                    body.extend_from_slice(close.reason.as_bytes());
                }
                Came::Control(0x8, octets(&body))
            }
            Event::Failed(error) => panic!("a lawful stream was refused: {error}"),
            Event::Fragment(_) | Event::Closed(_) => continue,
        });
    }
    came
}

fn control() -> impl Strategy<Value = RawFrame> {
    (any::<bool>(), vec(any::<u8>(), 0..=125)).prop_map(|(ping, payload)| {
        let opcode = if ping { 0x9 } else { 0xa };
        RawFrame::new(Opcode::from_first_octet(opcode), payload)
    })
}

/// A message in fragments cut anywhere, with control frames between them.
fn message() -> impl Strategy<Value = Vec<RawFrame>> {
    let text = ".{0,80}".prop_map(|text| (0x1, text.into_bytes()));
    let binary = vec(any::<u8>(), 0..300).prop_map(|octets| (0x2, octets));
    let long = (65_530_usize..65_540).prop_map(|length| (0x2, vec![7; length]));
    let payload = prop_oneof![8 => text, 8 => binary, 1 => long];
    let cuts = vec(
        (
            any::<prop::sample::Index>(),
            proptest::option::of(control()),
        ),
        0..4,
    );
    (payload, cuts).prop_map(|((opcode, payload), mut cuts)| {
        cuts.sort_by_key(|(cut, _)| cut.index(payload.len() + 1));
        let mut frames = Vec::new();
        let mut from = 0;
        for (cut, between) in cuts {
            let to = cut.index(payload.len() + 1);
            let mut fragment = RawFrame::new(Opcode::from_first_octet(0), &payload[from..to]);
            fragment.fin = false;
            frames.push(fragment);
            frames.extend(between);
            from = to;
        }
        frames.push(RawFrame::new(Opcode::from_first_octet(0), &payload[from..]));
        frames[0].opcode = Opcode::from_first_octet(opcode);
        frames
    })
}

fn close() -> impl Strategy<Value = RawFrame> {
    let code = prop_oneof![1000_u16..=1003, 1007_u16..=1014, 3000_u16..=4999];
    let body = proptest::option::of((code, ".{0,30}")).prop_map(|body| match body {
        None => Vec::new(),
        Some((code, reason)) => [&code.to_be_bytes(), reason.as_bytes()].concat(),
    });
    body.prop_map(|mut body| {
        // Long reasons end where a character does, and within 125 octets.
        while body.len() > 125 || (body.len() > 2 && std::str::from_utf8(&body[2..]).is_err()) {
            body.pop();
        }
        RawFrame::new(Opcode::from_first_octet(0x8), body)
    })
}

/// The octets of frames, masked where a client sends them.
fn encode(target: Target, frames: &[RawFrame]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        let frame = match target {
            Target::Client => frame.clone().masked([at as u8, 0x5a, 0xff, 1]),
            _ => frame.clone(),
        };
        frame.encode(&mut stream);
    }
    stream
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![Just(Target::Server), Just(Target::Client)]
}

/// A whole frame with any header that tells the truth about its length.
fn any_frame() -> impl Strategy<Value = RawFrame> {
    let form = prop_oneof![
        6 => Just(LengthForm::Minimal),
        1 => Just(LengthForm::SixteenBit),
        1 => Just(LengthForm::SixtyFourBit),
    ];
    let rsv = prop_oneof![9 => Just(0_u8), 1 => 1_u8..8];
    let opcode = prop_oneof![
        9 => prop::sample::select(vec![0x0_u8, 0x1, 0x1, 0x2, 0x8, 0x9, 0xa]),
        1 => 0_u8..16,
    ];
    let payload = prop_oneof![
        6 => ".{0,6}".prop_map(String::into_bytes),
        3 => vec(any::<u8>(), 0..6),
        1 => vec(any::<u8>(), 120..130),
    ];
    let masked = prop_oneof![9 => Just(false), 1 => Just(true)];
    (any::<bool>(), rsv, opcode, form, payload, masked).prop_map(
        |(fin, rsv, opcode, length_form, payload, masked)| {
            let mut frame = RawFrame::new(Opcode::from_first_octet(opcode), payload);
            // Control frames are whole more often than not.
            frame.fin = fin || opcode >= 0x8 && rsv == 0;
            frame.rsv = Rsv::new(rsv);
            frame.length_form = length_form;
            frame.masking_key = masked.then_some(MaskingKey([1, 2, 3, 4]));
            frame
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_see_the_same_in_lawful_streams(
        target in target(),
        messages in vec(message(), 0..6),
        close in proptest::option::of(close()),
    ) {
        let frames: Vec<RawFrame> = messages.into_iter().flatten().chain(close).collect();
        let stream = encode(target, &frames);
        let seen = observed(target, &[&stream]);
        for what in &seen {
            let odd = matches!(what, What::ReceivedFrame(frame) if !frame.oddities.is_empty());
            prop_assert!(!odd, "{what:?}");
        }
        prop_assert_eq!(seen.len(), frames.len());
        prop_assert_eq!(in_common_words(&seen), decoded(target, &stream));
    }

    /// One refuses a frame where the other finds it odd, and at the same frame.
    #[test]
    fn what_one_refuses_is_odd_to_the_other(frames in vec(any_frame(), 1..8)) {
        let mut observer = Observer::new(Target::Server);
        let mut connection = reference(Target::Server);
        for frame in &frames {
            let stream = frame.to_octets();
            let mut odd = Vec::new();
            let mut code = None;
            observer.receive(&stream, |what| {
                if let What::ReceivedFrame(frame) = what {
                    code = frame.close_code();
                    odd = frame.oddities;
                }
            });
            connection.receive(&stream);
            let mut failed = None;
            while let Some(event) = connection.poll_event() {
                if let Event::Failed(error) = event {
                    failed = Some(error);
                }
            }
            // Unregistered codes are refused by the one and left to the case by the other.
            let is_open = code.is_none_or(|code| {
                CloseCode::new(code).may_be_received()
                    || matches!(code, 0..=999 | 1005 | 1006 | 1015)
            });
            if is_open {
                prop_assert_eq!(
                    failed.is_some(), !odd.is_empty(),
                    "{:?}: {:?} against {:?}", frame, failed, odd
                );
            }
            if failed.is_some() || frame.opcode.value() == 0x8 {
                break;
            }
        }
    }

    #[test]
    fn any_octets_in_any_pieces_give_the_same(
        target in target(),
        stream in vec(prop_oneof![Just(0x81_u8), Just(0x02), Just(0x00), Just(0x88), any::<u8>()], 0..200),
        cuts in vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let whole = observed(target, &[&stream]);
        let singly: Vec<&[u8]> = stream.chunks(1).collect();
        prop_assert_eq!(&observed(target, &singly), &whole);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut rest = &stream[..];
        let mut from = 0;
        for cut in cuts {
            let (piece, after) = rest.split_at(cut - from);
            pieces.push(piece);
            (rest, from) = (after, cut);
        }
        pieces.push(rest);
        prop_assert_eq!(&observed(target, &pieces), &whole);
        // Not one octet is lost.
        let length: u64 = whole.iter().map(|what| match what {
            What::ReceivedFrame(frame) => {
                let key = if frame.mask.is_some() { 4 } else { 0 };
                2 + u64::from(frame.extended_length_octets) + key + frame.payload.length
            }
            What::ReceivedOctets(octets) => octets.length,
            other => panic!("{other:?}"),
        }).sum();
        prop_assert_eq!(length, stream.len() as u64);
    }
}
