//! That the cases with an Autobahn number send what Autobahn's cases send, and take
//! for good what those take for good.
//!
//! `autobahn-core.json` holds facts about the cases 1 to 7 and 10. Where a case of
//! ours differs on purpose, the difference is named here; `DIFFERENCES.md` has the
//! reasons.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use wsspec_cases::expand::Dose;
use wsspec_cases::step::{Send, StepKind};
use wsspec_cases::{
    Case, Codes, Cut, Frame, FrameKind, Observation, ObservationKind, Outcome, OutcomeVerdict,
    Payload, Suite,
};

#[derive(Deserialize)]
struct Facts {
    cases: Vec<Fact>,
}

#[derive(Deserialize)]
struct Fact {
    number: String,
    frames: Vec<WireFrame>,
    chop: Option<u32>,
    expected: BTreeMap<String, Vec<Event>>,
    close_codes: BTreeSet<u16>,
    clean: bool,
}

/// Opcode, FIN, RSV, octets of payload, FNV-1a of the payload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct WireFrame(u8, bool, u8, usize, String);

/// What kind of thing arrives, octets of its payload, FNV-1a of the payload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Event(String, usize, String);

/// Those that end with a closing handshake of ours, where Autobahn closes unasked.
const WITH_CLOSE: [&str; 1] = ["7.1.1"];

/// Those that put Pings, as barriers, between the frames that Autobahn sends.
const WITH_PINGS: [&str; 2] = ["6.4.1", "6.4.2"];

/// Those that wait for the echo of the valid message before they send the violation, so
/// that the course in which it never comes is none of theirs.
const WITH_AWAIT: [&str; 3] = ["3.4", "4.1.5", "4.2.5"];

/// Those in which nothing is judged, by Autobahn either.
const INFORMATIONAL: [&str; 3] = ["7.1.6", "7.13.1", "7.13.2"];

/// Those in which we take a Close frame with an unassigned status code for
/// non-strict, where Autobahn knows failure only.
const MILDER_ON_CODES: [&str; 5] = ["7.9.3", "7.9.6", "7.9.7", "7.9.8", "7.9.9"];

#[test]
fn autobahns_core_has_its_counterparts_and_no_more() {
    let suite = Suite::embedded(Dose::Small).unwrap();
    let is_core = |number: &&str| {
        let category = number.split('.').next().unwrap_or_default();
        matches!(category, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "10")
    };
    let ours: BTreeSet<&str> = suite
        .cases()
        .filter_map(|case| case.autobahn.as_deref())
        .filter(is_core)
        .collect();
    let facts = facts();
    let theirs: BTreeSet<&str> = facts.iter().map(|fact| fact.number.as_str()).collect();
    assert_eq!(theirs.len(), 247);
    assert_eq!(ours, theirs);
}

#[test]
fn counterparts_send_the_same_frames() {
    for_each_pair(|fact, case| {
        let number = fact.number.as_str();
        let mut frames = Vec::new();
        for send in sends(case) {
            for frame in &send.frames {
                assert!(
                    frame.length_form.is_none()
                        && frame.declared_length.is_none()
                        && frame.compress.is_none()
                        && frame.mask == wsspec_cases::Mask::Lawful,
                    "{number}: a frame with a field that no core case sets"
                );
                frames.extend(on_the_wire(frame));
            }
        }
        if WITH_PINGS.contains(&number) {
            frames.retain(|frame| frame.0 != 0x9);
        }
        if WITH_CLOSE.contains(&number) {
            let close = frames.pop().unwrap();
            assert_eq!(close, wire_frame(0x8, true, 0, &1000_u16.to_be_bytes()));
        }
        assert_eq!(frames, fact.frames, "{number}: {}", case.id);
    });
}

#[test]
fn counterparts_cut_the_same_way() {
    for_each_pair(|fact, case| {
        let expected = fact.chop.map_or(Cut::Together, Cut::Every);
        for send in sends(case) {
            // Autobahn's frames leave one by one or not, which nothing can tell apart.
            let cut = match &send.cut {
                Cut::Frames => &Cut::Together,
                cut => cut,
            };
            assert_eq!(*cut, expected, "{}: {}", fact.number, case.id);
        }
    });
}

#[test]
fn counterparts_expect_the_same_events() {
    for_each_pair(|fact, case| {
        let number = fact.number.as_str();
        if INFORMATIONAL.contains(&number) {
            let info = |outcome: &Outcome| outcome.verdict == OutcomeVerdict::Info;
            assert!(case.outcomes.iter().all(info), "{number}");
            return;
        }
        for (kind, expected) in &fact.expected {
            if kind == "NON-STRICT" && WITH_AWAIT.contains(&number) {
                continue;
            }
            let verdict = match kind.as_str() {
                "OK" => OutcomeVerdict::Pass,
                "NON-STRICT" => OutcomeVerdict::NonStrict,
                other => panic!("{number}: {other}"),
            };
            let ours = case
                .outcomes
                .iter()
                .find(|outcome| outcome.verdict == verdict)
                .unwrap_or_else(|| panic!("{number}: no outcome is {kind}"));
            let mut events = events(&ours.trace);
            if WITH_PINGS.contains(&number) {
                events.retain(|event| event.0 != "pong");
            }
            assert_eq!(&events, expected, "{number}: {kind} in {}", case.id);
        }
    });
}

#[test]
fn counterparts_expect_the_same_end() {
    for_each_pair(|fact, case| {
        let number = fact.number.as_str();
        if INFORMATIONAL.contains(&number) {
            return;
        }
        for outcome in &case.outcomes {
            if outcome.verdict == OutcomeVerdict::NonStrict
                && !fact.expected.contains_key("NON-STRICT")
            {
                continue;
            }
            let (fails, codes) = end(&outcome.trace);
            assert_eq!(fails, !fact.clean, "{number}: {}", case.id);
            assert_eq!(codes, fact.close_codes, "{number}: {}", case.id);
        }
    });
}

#[test]
fn only_the_cases_that_are_named_are_milder_on_status_codes() {
    for_each_pair(|fact, case| {
        let (fails, _) = end(&case.outcomes[0].trace);
        let milder = fails
            && case.outcomes.iter().any(|outcome| {
                outcome.verdict != OutcomeVerdict::Info
                    && outcome
                        .trace
                        .last()
                        .is_some_and(|last| matches!(last.kind, ObservationKind::AnswersClose(_)))
            });
        let named = MILDER_ON_CODES.contains(&fact.number.as_str());
        assert_eq!(milder, named, "{}: {}", fact.number, case.id);
    });
}

fn facts() -> Vec<Fact> {
    let facts: Facts =
        serde_json::from_str(include_str!("autobahn-core.json")).expect("the facts are JSON");
    facts.cases
}

fn for_each_pair(test: impl Fn(&Fact, &Case)) {
    let suite = Suite::embedded(Dose::Small).expect("the suite is sound");
    let cases: BTreeMap<&str, &Case> = suite
        .cases()
        .filter_map(|case| Some((case.autobahn.as_deref()?, case)))
        .collect();
    for fact in &facts() {
        let case = cases
            .get(fact.number.as_str())
            .unwrap_or_else(|| panic!("{} has no counterpart", fact.number));
        test(fact, case);
    }
}

fn sends(case: &Case) -> impl Iterator<Item = &Send> {
    case.script.iter().filter_map(|step| match &step.kind {
        StepKind::Send(send) => Some(send),
        _ => None,
    })
}

fn on_the_wire(frame: &Frame) -> Vec<WireFrame> {
    let (opcode, payload) = match &frame.kind {
        FrameKind::Frame { opcode, payload } => (*opcode, octets(payload)),
        FrameKind::Close { code, reason } => {
            let mut body = code.to_be_bytes().to_vec();
            body.extend(reason.iter().flat_map(octets));
            (0x8, body)
        }
        FrameKind::Octets(_) => panic!("no core case sends octets that are no frame"),
    };
    let Some(size) = frame.fragment_size else {
        return vec![wire_frame(opcode, frame.fin, frame.rsv, &payload)];
    };
    let fragments: Vec<&[u8]> = payload.chunks(size as usize).collect();
    let last = fragments.len() - 1;
    fragments
        .iter()
        .enumerate()
        .map(|(at, fragment)| {
            let opcode = if at == 0 { opcode } else { 0x0 };
            wire_frame(opcode, at == last && frame.fin, frame.rsv, fragment)
        })
        .collect()
}

fn wire_frame(opcode: u8, fin: bool, rsv: u8, payload: &[u8]) -> WireFrame {
    WireFrame(opcode, fin, rsv, payload.len(), fingerprint(payload))
}

/// What the trace holds before its end, leaving out what is optional.
fn events(trace: &[Observation]) -> Vec<Event> {
    trace
        .iter()
        .filter_map(|observation| {
            let kind = match &observation.kind {
                ObservationKind::Text(_) => "text",
                ObservationKind::Binary(_) => "binary",
                ObservationKind::Pong(_) => "pong",
                ObservationKind::Optional(_)
                | ObservationKind::Fails(_)
                | ObservationKind::AnswersClose(_) => {
                    return None;
                }
                other => panic!("no core case expects {other:?}"),
            };
            let payload = octets(observation.payload()?);
            Some(Event(kind.into(), payload.len(), fingerprint(&payload)))
        })
        .collect()
}

/// Whether the trace ends with a failed connection, and the status codes that are
/// right.
fn end(trace: &[Observation]) -> (bool, BTreeSet<u16>) {
    let set = |codes: &Codes| codes.codes().iter().copied().collect();
    match trace.last().map(|last| &last.kind) {
        Some(ObservationKind::Fails(codes)) => (true, set(codes)),
        Some(ObservationKind::AnswersClose(codes)) => (false, set(codes)),
        // The usual closing handshake, which the runner starts with 1000.
        _ => (false, BTreeSet::from([1000])),
    }
}

fn octets(payload: &Payload) -> Vec<u8> {
    let octets = payload.octets().expect("payloads were checked");
    octets.into_owned()
}

/// FNV-1a in hexadecimal.
fn fingerprint(octets: &[u8]) -> String {
    let hash = octets
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, octet| {
            (hash ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}
