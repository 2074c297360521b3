//! Rules for scripts.

use crate::case::Case;
use crate::check::outcomes::observation_payloads;
use crate::check::{Found, check_payload};
use crate::cut::Cut;
use crate::error::CaseErrorKind;
use crate::frame::Frame;
use crate::load::PathPart;
use crate::step::{Release, StepKind};

pub(super) fn check(case: &Case, found: &mut Found<'_>) {
    if case.opening.cut == Cut::Frames {
        let message = "a head has no frames: expected another cut".to_owned();
        let path = ["opening".into(), "cut".into()];
        let suggestion = None;
        found(
            &path,
            CaseErrorKind::Form {
                message,
                suggestion,
            },
        );
    }
    let mut withheld = 0_u64;
    let mut declares_more = false;
    for (at, step) in case.script.iter().enumerate() {
        let path: [PathPart; 2] = ["script".into(), at.into()];
        match &step.kind {
            StepKind::Send(send) => {
                if withheld > 0 {
                    let expected = "octets that were kept back are released before the next send";
                    found(&path, CaseErrorKind::Withhold { expected });
                }
                withheld = send.withhold;
                declares_more = send.frames.last().is_some_and(Frame::declares_more);
                for (index, frame) in send.frames.iter().enumerate() {
                    let path = ["script".into(), at.into(), "send".into(), index.into()];
                    for payload in frame.payloads() {
                        check_payload(payload, &path, found);
                    }
                }
            }
            StepKind::Release(release) => {
                let octets = match release {
                    Release::Octets(octets) => u64::from(*octets),
                    Release::Rest => withheld,
                };
                if withheld == 0 || octets > withheld {
                    let expected = "release lets through what withhold kept back, and no more";
                    found(&path, CaseErrorKind::Withhold { expected });
                }
                withheld = withheld.saturating_sub(octets);
            }
            StepKind::Quiet { .. } if withheld == 0 && !declares_more => {
                found(&path, CaseErrorKind::QuietOutsideFrame);
            }
            StepKind::Await(observation) => observation_payloads(observation, &path, found),
            _ => {}
        }
    }
}
