//! A case: one scripted conversation with its acceptable outcomes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::frame::FrameKind;
use crate::observation::{Observation, ObservationKind, trace_proves_life};
use crate::opening::Opening;
use crate::outcome::Outcome;
use crate::step::{Step, StepKind};
use crate::target::Target;

/// One case, after `for_each` has been expanded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A stable slug of path form, such as `framing/rsv/rsv2-on-second-message`.
    pub id: String,
    /// What happens, in one sentence.
    pub title: String,
    /// The number of the counterpart in Autobahn|Testsuite, an alias for selection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autobahn: Option<String>,
    /// Ids of the normative statements that are at stake, the main one first.
    pub requirements: Vec<String>,
    /// Why the outcomes are what they are; for whoever reads a failing CI job.
    pub because: String,
    /// Which kind of target the case is for.
    #[serde(default, skip_serializing_if = "Target::is_endpoint")]
    pub target: Target,
    /// What has to be there before the case makes sense.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Need>,
    /// Run with no other case at the same time, as measurements have to.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exclusive: bool,
    /// Names in the table of known vulnerabilities (`flags.json`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Names of further connections. Each is opened, and shown to be alive, before the
    /// script begins, unless a step of the script opens it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<String>,
    /// Of how many connections of a client the handshake keys are looked at: of this one
    /// and of others of the same run before it, for what no single connection shows.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub keys_of: u32,
    /// What is unusual about the opening handshake.
    #[serde(default, skip_serializing_if = "Opening::is_lawful")]
    pub opening: Opening,
    /// How it is shown that the target is alive before the script begins; by default
    /// an echo, wherever an outcome does not show it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Liveness>,
    /// What is sent after the script to tell a target that went on from one that is
    /// slow; by default a text message, wherever one is lawful.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barrier: Option<Barrier>,
    /// What the runner does after the opening handshake, in order.
    pub script: Vec<Step>,
    /// The acceptable outcomes, best first.
    pub outcomes: Vec<Outcome>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

fn one() -> u32 {
    1
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

/// A prerequisite of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// An optional feature; without it the verdict is unimplemented.
    Feature(Feature),
    /// Another case (by id); unless it passes, this one is skipped.
    Case(String),
}

/// An optional feature that a case can need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// The extension of RFC 7692: a client offers it, a server accepts it.
    PermessageDeflate,
    /// A client offers a subprotocol that can be written in another letter case, a
    /// server selects one of those that are offered.
    Subprotocol,
    /// The target is graded over TLS; else the case is skipped.
    Tls,
    /// The client calls itself a browser: its User-Agent field begins with Mozilla/5.0.
    Browser,
}

/// How it is shown that the target is alive before the script begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// A text message is echoed.
    Echo,
    /// A Ping frame is answered.
    Pong,
    /// Not at all: only for cases that prove it in another way, and for those on
    /// the opening handshake alone.
    None,
}

/// What is sent after the script to tell a target that went on from a slow one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Barrier {
    /// A text message; its echo shows that the target reads on.
    Echo,
    /// Nothing.
    None,
}

impl Case {
    /// Whether the case can fail: no outcome lets whatever comes be.
    pub fn can_fail(&self) -> bool {
        !self.outcomes.iter().any(Outcome::accepts_anything)
    }

    /// Whether a step of the script opens the connection of this name.
    pub fn opens_later(&self, connection: &str) -> bool {
        self.script
            .iter()
            .any(|step| step.kind == StepKind::Open && step.on.as_deref() == Some(connection))
    }

    /// Whether the case is only for targets that are graded over TLS.
    pub fn is_for_tls(&self) -> bool {
        self.opening.tls.is_some() || self.needs.contains(&Need::Feature(Feature::Tls))
    }

    /// Whether the case is for clients that are started for it, since it gives them a
    /// URL of its own or another certificate than the usual one.
    pub fn starts_client(&self) -> bool {
        self.target == Target::Client && (self.opening.url.is_some() || self.opening.tls.is_some())
    }

    /// Whether the opening handshake alone can earn a pass: an outcome that counts asks for
    /// nothing behind it. Of such a case, and of no other, a target that does nothing
    /// behind the handshake can get a good result.
    pub fn is_on_handshake_alone(&self) -> bool {
        self.outcomes.iter().any(|outcome| {
            let only = match &outcome.trace[..] {
                [only] => &only.kind,
                _ => return false,
            };
            outcome.verdict.is_good()
                && matches!(
                    only,
                    ObservationKind::Opened(_) | ObservationKind::Refused(_)
                )
        })
    }

    /// Whether an outcome speaks of something of this kind, not looking inside of others.
    pub fn expects(&self, is: impl Fn(&ObservationKind) -> bool) -> bool {
        let mut traces = self.outcomes.iter().flat_map(|outcome| &outcome.trace);
        traces.any(|observation| is(&observation.kind))
    }

    /// How the target is shown to be alive before the script begins.
    pub fn liveness(&self) -> Liveness {
        self.liveness.unwrap_or_else(|| {
            let proven = self
                .outcomes
                .iter()
                .all(|outcome| trace_proves_life(&outcome.trace));
            let refused = |observation: &Observation| {
                matches!(
                    observation.kind,
                    ObservationKind::Opened(_)
                        | ObservationKind::Refused(_)
                        | ObservationKind::StaysAway(_)
                )
            };
            let opening_alone = self
                .outcomes
                .iter()
                .any(|outcome| outcome.trace.first().is_some_and(refused));
            if proven || opening_alone {
                Liveness::None
            } else {
                Liveness::Echo
            }
        })
    }

    /// What is sent after the script.
    ///
    /// By default a text message wherever every outcome waits for the target to fail
    /// the connection and another message is lawful at that point: no frame or message
    /// is unfinished, no Close frame was sent and our half of TCP is open.
    pub fn barrier(&self) -> Barrier {
        self.barrier.unwrap_or_else(|| {
            let waits_for_failure = self.outcomes.iter().all(|outcome| {
                let last = outcome.trace.last();
                last.is_some_and(|last| matches!(last.kind, ObservationKind::Fails(_)))
            });
            if waits_for_failure
                && !self.outcomes.is_empty()
                && self.message_is_lawful_after_script()
            {
                Barrier::Echo
            } else {
                Barrier::None
            }
        })
    }

    fn message_is_lawful_after_script(&self) -> bool {
        let mut in_message = false;
        for step in &self.script {
            if step.on.is_some() {
                continue;
            }
            let send = match &step.kind {
                StepKind::Send(send) => send,
                StepKind::HalfClose
                | StepKind::Reset
                | StepKind::StopReading
                | StepKind::Quiet { .. } => return false,
                _ => continue,
            };
            if send.withhold > 0 {
                return false;
            }
            for frame in &send.frames {
                if matches!(frame.kind, FrameKind::Octets(_)) || frame.declared_length.is_some() {
                    return false;
                }
                match frame.opcode() {
                    Some(0x8) => return false,
                    Some(0x0..=0x7) => in_message = !frame.fin,
                    _ => {}
                }
            }
        }
        !in_message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(script: &str, outcomes: &str) -> Case {
        serde_json::from_str(&format!(
            r#"{{"id": "a/b", "title": "t", "requirements": [], "because": "b",
                "script": {script}, "outcomes": {outcomes}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn liveness_is_asked_for_where_no_outcome_shows_it() {
        let failed = r#"[{"pass": [{"fails": {"best": 1002}}]}]"#;
        let echo = r#"[{"pass": [{"text": "x"}]}]"#;
        let either = r#"[{"pass": [{"text": "x"}, {"fails": {"best": 1002}}]},
                         {"non-strict": [{"fails": {"best": 1002}}]}]"#;
        let nothing = r#"[{"pass": []}]"#;
        let refused = r#"[{"pass": [{"refused": {"status": [400]}}]}]"#;
        for (outcomes, expected) in [
            (failed, Liveness::Echo),
            (echo, Liveness::None),
            (either, Liveness::Echo),
            (nothing, Liveness::Echo),
            (refused, Liveness::None),
        ] {
            assert_eq!(case("[]", outcomes).liveness(), expected, "{outcomes}");
        }
    }

    #[test]
    fn a_barrier_is_sent_only_where_a_message_is_lawful() {
        let failed = r#"[{"pass": [{"fails": {"best": 1002}}]}]"#;
        for (script, expected) in [
            (r#"[{"send": [{"text": "", "rsv": [3]}]}]"#, Barrier::Echo),
            (r#"[{"send": [{"text": "", "fin": false}]}]"#, Barrier::None),
            (
                r#"[{"send": [{"text": "", "fin": false}, {"continuation": ""}]}]"#,
                Barrier::Echo,
            ),
            (r#"[{"send": [{"close": 999}]}]"#, Barrier::None),
            (
                r#"[{"send": [{"text": "", "declared_length": 9}]}]"#,
                Barrier::None,
            ),
            (
                r#"[{"send": [{"text": "abc"}], "withhold": 1}]"#,
                Barrier::None,
            ),
            (r#"["half-close"]"#, Barrier::None),
            (r#"[{"send": [{"ping": "", "fin": false}]}]"#, Barrier::Echo),
        ] {
            assert_eq!(case(script, failed).barrier(), expected, "{script}");
        }
        let echo = r#"[{"pass": [{"text": "x"}]}]"#;
        assert_eq!(case("[]", echo).barrier(), Barrier::None);
    }
}
