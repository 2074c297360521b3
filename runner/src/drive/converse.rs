//! Everything after the opening handshake; the same with a server and with a client.

use std::time::Duration;

use tokio::time::Instant;
use wsspec_cases::case::Barrier;
use wsspec_cases::step::Release;
use wsspec_cases::{
    Case, Liveness, Observation, ObservationKind, Outcome, Payload, Step, StepKind, Target,
};
use wsspec_record::transcript::{Awaited, Phase};

use super::session::{Session, quiet, read_until};
use wsspec_judge::Next;
use wsspec_judge::judge::BARRIER;

use super::{Patience, PlayError, Watch};

const USUAL_CODE: u16 = 1000;

/// Proves life, performs the script, waits for the outcome and closes.
pub(super) async fn converse<W: Watch>(
    session: &mut Session<'_, W>,
    case: &Case,
    patience: Patience,
    token: u32,
) -> Result<Option<Duration>, PlayError> {
    let mut round_trip = None;
    if case.liveness() != Liveness::None {
        let began = Instant::now();
        if !prove_life(session, case.liveness(), patience, token).await {
            return Ok(None);
        }
        round_trip = Some(began.elapsed());
    }
    session.begin(Phase::Script);
    if perform(session, case, patience).await? {
        session.begin(Phase::Waiting);
        session.set_reading(true);
        let wants_barrier =
            case.barrier() == Barrier::Echo || has_to_refuse(session.target(), case);
        if wants_barrier && !session.they_closed() && !session.has_ended() {
            session.begin(Phase::Barrier);
            let barrier = BARRIER.as_bytes().to_vec();
            session.send_lawful(0x1, barrier, patience.answer).await;
        }
    }
    session.set_reading(true);
    let waited = read_until(session, patience.answer, Awaited::Outcome, |session| {
        session.next() != Next::Wait
    })
    .await;
    if session.next() == Next::Close {
        let answer = if waited {
            patience.answer
        } else {
            patience.end
        };
        close(session, answer, patience.end).await;
    }
    Ok(round_trip)
}

/// Shows that the target is alive and understands us.
async fn prove_life<W: Watch>(
    session: &mut Session<'_, W>,
    liveness: Liveness,
    patience: Patience,
    token: u32,
) -> bool {
    session.begin(Phase::Liveness);
    let word = format!("alive {token:08x}");
    let payload = Payload::Text(word.clone());
    let (opcode, expected) = match liveness {
        Liveness::Pong => (0x9, Observation::from(ObservationKind::Pong(payload))),
        _ => (0x1, Observation::from(ObservationKind::Text(payload))),
    };
    let awaited = Awaited::Life(liveness);
    session
        .send_lawful(opcode, word.into_bytes(), patience.answer)
        .await;
    read_until(session, patience.answer, awaited, |session| {
        session.has_seen(&expected)
    })
    .await
}

/// Performs the steps of the script; says whether all of it was sent.
async fn perform<W: Watch>(
    session: &mut Session<'_, W>,
    case: &Case,
    patience: Patience,
) -> Result<bool, PlayError> {
    for step in &case.script {
        session.glance();
        let answered_early = session.they_closed() && !sent_close_before(session, case, step);
        if session.has_ended() || answered_early {
            return Ok(false);
        }
        match &step.kind {
            StepKind::Send(send) => session.send(send, patience.answer).await?,
            StepKind::Release(Release::Octets(octets)) => {
                session.release(Some(*octets), patience.answer).await;
            }
            StepKind::Release(Release::Rest) => session.release(None, patience.answer).await,
            StepKind::Await(observation) => {
                let awaited = Awaited::Observation(Box::new(observation.clone()));
                let came = read_until(session, patience.answer, awaited, |session| {
                    session.has_seen(observation)
                        || session.they_closed()
                        || session.next() == Next::Stop
                })
                .await;
                if !came {
                    return Ok(false);
                }
            }
            StepKind::Quiet { milliseconds } => {
                session.pause(quiet(&patience, *milliseconds)).await;
            }
            StepKind::EchoLoop(echo) => session.echo_loop(echo, patience.answer).await?,
            StepKind::HalfClose => session.half_close().await,
            StepKind::Reset => session.reset(),
            // Cases with further connections are not played yet; the checks refuse them.
            StepKind::Open => {}
            StepKind::StopReading => session.set_reading(false),
            StepKind::ResumeReading => session.set_reading(true),
        }
    }
    Ok(true)
}

/// Whether the script itself has sent a Close frame before this step, so that the
/// target's Close is an answer and no reason to stop.
fn sent_close_before<W: Watch>(session: &Session<'_, W>, case: &Case, step: &Step) -> bool {
    session.we_closed()
        && case
            .script
            .iter()
            .take_while(|before| !std::ptr::eq(*before, step))
            .any(|before| match &before.kind {
                StepKind::Send(send) => send.frames.iter().any(|frame| frame.opcode() == Some(0x8)),
                _ => false,
            })
}

/// Whether this is a client that has to refuse our side of the opening handshake,
/// whichever outcome it is. It says nothing in that case, so that a message has to show
/// whether it went on. Where another outcome is that it may go on, the script shows that,
/// and one message more would be an echo too many.
fn has_to_refuse(target: Target, case: &Case) -> bool {
    let refuses = |outcome: &&Outcome| {
        let first = outcome.trace.first();
        first.is_some_and(|first| matches!(first.kind, ObservationKind::Refused(_)))
    };
    let fails = |outcome: &&Outcome| {
        let last = outcome.trace.last();
        last.is_some_and(|last| matches!(last.kind, ObservationKind::Fails(_)))
    };
    let outcomes = || {
        let outcomes = case.outcomes.iter();
        outcomes.filter(|outcome| outcome.target.includes(target))
    };
    target == Target::Client
        && outcomes().any(|outcome| refuses(&outcome))
        && outcomes().all(|outcome| refuses(&outcome) || fails(&outcome))
}

/// The closing handshake (§7.1.2), and TCP closed by the server (§7.1.1).
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method alone is not general enough over the session's lifetime"
)]
async fn close<W: Watch>(session: &mut Session<'_, W>, answer: Duration, end: Duration) {
    session.begin(Phase::Closing);
    if !session.we_closed() {
        let code = USUAL_CODE.to_be_bytes().to_vec();
        session.send_lawful(0x8, code, answer).await;
    }
    let answered = read_until(session, answer, Awaited::Close, |session| {
        session.they_closed()
    })
    .await;
    if !answered {
        return;
    }
    if session.target() == Target::Client {
        // §7.1.1: the server closes first, and does so at once.
        session.half_close().await;
        read_until(session, answer, Awaited::End, |session| session.has_ended()).await;
    } else {
        read_until(session, end, Awaited::End, |session| session.has_ended()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_behind_the_response_is_for_clients_that_may_not_go_on() {
        let refused = r#"{"pass": [{"refused": {"dropped": true}}]}"#;
        let failed = r#"{"info": [{"fails": {}}]}"#;
        let opened = r#"{"pass": [{"opened": {}}, {"text": "Hello"}]}"#;
        let opened_by_server = r#"{"pass": [{"text": "Hello"}], "target": "server"}"#;
        for (target, outcomes, expected) in [
            (Target::Client, &[refused][..], true),
            (Target::Client, &[refused, failed], true),
            (Target::Client, &[refused, opened_by_server], true),
            (Target::Client, &[refused, opened], false),
            (Target::Client, &[opened, refused], false),
            (Target::Client, &[refused, opened, failed], false),
            (Target::Client, &[opened], false),
            (Target::Client, &[failed], false),
            (Target::Client, &[], false),
            (Target::Server, &[refused], false),
        ] {
            let case = format!(
                r#"{{"id": "a/b", "title": "t", "requirements": [], "because": "b",
                    "script": [{{"send": [{{"text": "Hello"}}]}}], "outcomes": [{}]}}"#,
                outcomes.join(", ")
            );
            let case: Case = serde_json::from_str(&case).unwrap();
            assert_eq!(
                has_to_refuse(target, &case),
                expected,
                "{target:?} {outcomes:?}"
            );
        }
    }
}
