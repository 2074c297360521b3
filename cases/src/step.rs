//! The steps of a script, performed in order.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::cut::Cut;
use crate::frame::Frame;
use crate::observation::Observation;

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StepForm", into = "StepForm")]
pub struct Step {
    /// What is done.
    pub kind: StepKind,
    /// The connection on which it is done, by the name that the case gives it; the main
    /// one where there is no name.
    pub on: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// Send frames, in one write unless cut.
    Send(Send),
    /// Let through octets that a `send` with `withhold` kept back.
    Release(Release),
    /// Wait until the target has done something; the connection's end or the
    /// deadline end the wait too, and the outcomes decide what that means.
    Await(Observation),
    /// Wait for the end of the connection for so many milliseconds at least. Only
    /// lawful inside an unfinished frame, where no barrier can be sent.
    Quiet {
        /// The least time; the runner waits longer on a slow target.
        milliseconds: u32,
    },
    /// Send a message and wait for its echo, over and over.
    EchoLoop(EchoLoopStep),
    /// Open the connection that the step names; a connection without such a step is
    /// open, and was shown to be alive, before the script begins.
    Open,
    /// Close our half of the TCP connection (FIN) and go on reading.
    HalfClose,
    /// Reset the TCP connection (RST).
    Reset,
    /// Stop reading, so that the target's output backs up.
    StopReading,
    /// Read again.
    ResumeReading,
}

/// Send frames.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// The frames, in order.
    pub frames: Vec<Frame>,
    /// The writes in which their octets leave.
    pub cut: Cut,
    /// Wait so many milliseconds between the writes.
    pub pause_milliseconds: u32,
    /// Keep back so many octets at the end.
    pub withhold: u64,
}

/// Let through octets that were kept back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Release {
    /// All that are left.
    Rest,
    /// So many octets.
    #[serde(untagged)]
    Octets(u32),
}

/// Send a message and wait for its echo, over and over; latency and throughput are
/// recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EchoLoopStep {
    /// The message.
    pub message: Frame,
    /// How many times it is sent.
    pub count: u32,
    /// How many may be on their way at once.
    #[serde(default = "one")]
    pub window: u32,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Step")]
enum StepForm {
    Word(Word),
    Fields(Box<StepFields>),
}

// By hand, since an untagged enum would swallow what is wrong inside of the fields.
impl<'de> Deserialize<'de> for StepForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StepVisitor;

        impl<'de> Visitor<'de> for StepVisitor {
            type Value = StepForm;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a step: \"half-close\", \"reset\", \"stop-reading\", \"resume-reading\", or an \
                     object with one of send, release, await, quiet_ms, echo_loop, open",
                )
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<StepForm, E> {
                Word::deserialize(word.into_deserializer()).map(StepForm::Word)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<StepForm, A::Error> {
                StepFields::deserialize(MapAccessDeserializer::new(map))
                    .map(|fields| StepForm::Fields(Box::new(fields)))
            }
        }

        deserializer.deserialize_any(StepVisitor)
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Word {
    /// Close our half of the TCP connection (FIN) and go on reading.
    HalfClose,
    /// Reset the TCP connection (RST).
    Reset,
    /// Stop reading, so that the target's output backs up.
    StopReading,
    /// Read again.
    ResumeReading,
}

/// A step with data: exactly one field says what is done.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct StepFields {
    /// Frames to send, in one write unless `cut` says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    send: Option<Vec<Frame>>,
    /// So many octets, or `"rest"`, of those that `withhold` kept back.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    /// What to wait for before the next step.
    #[serde(rename = "await", skip_serializing_if = "Option::is_none")]
    await_: Option<Observation>,
    /// Wait for the end of the connection for so many milliseconds at least; only
    /// inside an unfinished frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    quiet_ms: Option<u32>,
    /// Send a message and wait for its echo, over and over.
    #[serde(skip_serializing_if = "Option::is_none")]
    echo_loop: Option<EchoLoopStep>,
    /// Open the connection of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    open: Option<String>,
    /// Close our half of the connection of this name, and go on reading.
    #[serde(rename = "half-close", skip_serializing_if = "Option::is_none")]
    half_close: Option<String>,
    /// Reset the connection of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset: Option<String>,
    /// Stop reading from the connection of this name.
    #[serde(rename = "stop-reading", skip_serializing_if = "Option::is_none")]
    stop_reading: Option<String>,
    /// Read again from the connection of this name.
    #[serde(rename = "resume-reading", skip_serializing_if = "Option::is_none")]
    resume_reading: Option<String>,

    /// The connection on which the step is done, where it is not the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<String>,
    /// With `send`: the writes in which the octets leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<Cut>,
    /// With `cut`: milliseconds between the writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u32>,
    /// With `send`: how many octets at the end are kept back for `release`.
    #[serde(skip_serializing_if = "Option::is_none")]
    withhold: Option<u64>,
}

impl From<StepKind> for Step {
    fn from(kind: StepKind) -> Self {
        Self { kind, on: None }
    }
}

impl Send {
    /// Frames in one write.
    pub fn new(frames: Vec<Frame>) -> Self {
        Self {
            frames,
            cut: Cut::Together,
            pause_milliseconds: 0,
            withhold: 0,
        }
    }
}

impl TryFrom<StepForm> for Step {
    type Error = String;

    fn try_from(form: StepForm) -> Result<Self, String> {
        let fields = match form {
            StepForm::Word(word) => return Ok(StepKind::from(word).into()),
            StepForm::Fields(fields) => *fields,
        };
        if fields.send.is_none() && (fields.cut.is_some() || fields.withhold.is_some()) {
            return Err("cut and withhold go with send".into());
        }
        if fields.pause_ms.is_some() && fields.cut.as_ref().is_none_or(Cut::is_together) {
            return Err("pause_ms goes with a cut".into());
        }
        let named = [
            (StepKind::Open, fields.open),
            (StepKind::HalfClose, fields.half_close),
            (StepKind::Reset, fields.reset),
            (StepKind::StopReading, fields.stop_reading),
            (StepKind::ResumeReading, fields.resume_reading),
        ];
        let named = named
            .into_iter()
            .filter_map(|(kind, on)| Some((kind, Some(on?))));
        let with_data = [
            fields.send.map(|frames| {
                StepKind::Send(Send {
                    frames,
                    cut: fields.cut.unwrap_or_default(),
                    pause_milliseconds: fields.pause_ms.unwrap_or(0),
                    withhold: fields.withhold.unwrap_or(0),
                })
            }),
            fields.release.map(StepKind::Release),
            fields.await_.map(StepKind::Await),
            fields
                .quiet_ms
                .map(|milliseconds| StepKind::Quiet { milliseconds }),
            fields.echo_loop.map(StepKind::EchoLoop),
        ];
        let with_data = with_data.into_iter().flatten().map(|kind| (kind, None));
        let steps: Vec<(StepKind, Option<String>)> = named.chain(with_data).collect();
        let [(kind, named)] = <[_; 1]>::try_from(steps).map_err(|steps: Vec<_>| {
            format!(
                "a step has exactly one of send, release, await, quiet_ms, echo_loop, open, half-close, reset, \
                 stop-reading and resume-reading; this one has {}",
                steps.len()
            )
        })?;
        if named.is_some() && fields.on.is_some() {
            return Err("the step names its connection already: `on` goes with send, release, await, quiet_ms and echo_loop".into());
        }
        Ok(Self {
            kind,
            on: named.or(fields.on),
        })
    }
}

impl From<Word> for StepKind {
    fn from(word: Word) -> Self {
        match word {
            Word::HalfClose => Self::HalfClose,
            Word::Reset => Self::Reset,
            Word::StopReading => Self::StopReading,
            Word::ResumeReading => Self::ResumeReading,
        }
    }
}

impl From<Step> for StepForm {
    fn from(Step { kind, on }: Step) -> Self {
        let mut fields = StepFields::default();
        let word = match kind {
            StepKind::HalfClose => Some((Word::HalfClose, &mut fields.half_close)),
            StepKind::Reset => Some((Word::Reset, &mut fields.reset)),
            StepKind::StopReading => Some((Word::StopReading, &mut fields.stop_reading)),
            StepKind::ResumeReading => Some((Word::ResumeReading, &mut fields.resume_reading)),
            _ => None,
        };
        if let Some((word, field)) = word {
            if on.is_none() {
                return Self::Word(word);
            }
            *field = on;
            return Self::Fields(Box::new(fields));
        }
        fields.on = on;
        match kind {
            StepKind::Send(send) => {
                fields.send = Some(send.frames);
                fields.cut = (!send.cut.is_together()).then_some(send.cut);
                fields.pause_ms = (send.pause_milliseconds > 0).then_some(send.pause_milliseconds);
                fields.withhold = (send.withhold > 0).then_some(send.withhold);
            }
            StepKind::Release(release) => fields.release = Some(release),
            StepKind::Await(observation) => fields.await_ = Some(observation),
            StepKind::Quiet { milliseconds } => fields.quiet_ms = Some(milliseconds),
            StepKind::EchoLoop(echo) => fields.echo_loop = Some(echo),
            _ => fields.open = fields.on.take(),
        }
        Self::Fields(Box::new(fields))
    }
}

impl JsonSchema for Step {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        StepForm::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        StepForm::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_survive_a_round_trip() {
        for json in [
            r#"{"send":[{"text":"Hello"}]}"#,
            r#"{"send":[{"text":"Hello"}],"cut":"octets","pause_ms":1}"#,
            r#"{"send":[{"text":"Hello"}],"on":"other","withhold":2}"#,
            r#"{"release":"rest"}"#,
            r#"{"await":{"text":"Hello","on":"other"}}"#,
            r#"{"quiet_ms":60}"#,
            r#"{"open":"other"}"#,
            r#""half-close""#,
            r#"{"reset":"other"}"#,
        ] {
            let step: Step = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&step).unwrap(), json);
        }
    }

    #[test]
    fn what_is_no_step_is_refused() {
        for (json, expected) in [
            ("{}", "this one has 0"),
            (r#""open""#, "unknown variant `open`"),
            (r#"{"release": 1, "cut": 1}"#, "go with send"),
            (r#"{"send": [], "pause_ms": 1}"#, "goes with a cut"),
            (
                r#"{"reset": "a", "on": "b"}"#,
                "names its connection already",
            ),
        ] {
            let error = serde_json::from_str::<Step>(json).unwrap_err();
            assert!(error.to_string().contains(expected), "{json}: {error}");
        }
    }
}
