//! The steps of a script, performed in order on one connection.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::frame::Frame;
use crate::outcome::Observation;

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StepFields", into = "StepFields")]
pub enum Step {
    /// Send frames, in one write unless chopped.
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
    EchoLoop(EchoLoop),
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
    /// The sizes of the writes in octets, the last one repeated; empty for one write.
    pub chop: Vec<u32>,
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
pub struct EchoLoop {
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
enum StepFields {
    Word(Word),
    Fields(Box<Fields>),
}

// By hand, since an untagged enum would swallow what is wrong inside of the fields.
impl<'de> Deserialize<'de> for StepFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StepVisitor;

        impl<'de> Visitor<'de> for StepVisitor {
            type Value = StepFields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(
                    "a step: \"half-close\", \"reset\", \"stop-reading\", \"resume-reading\", or an \
                     object with one of send, release, await, quiet_ms, echo_loop",
                )
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<StepFields, E> {
                Word::deserialize(word.into_deserializer()).map(StepFields::Word)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<StepFields, A::Error> {
                Fields::deserialize(MapAccessDeserializer::new(map))
                    .map(|fields| StepFields::Fields(Box::new(fields)))
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

/// A step with data: exactly one of the first five fields.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "StepFields")]
struct Fields {
    /// Frames to send, in one write unless `chop` says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    send: Option<Vec<Frame>>,
    /// So many octets, or `"rest"`, of those that `withhold` kept back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    /// What to wait for before the next step.
    #[serde(default, rename = "await", skip_serializing_if = "Option::is_none")]
    await_: Option<Observation>,
    /// Wait for the end of the connection for so many milliseconds at least; only
    /// inside an unfinished frame.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    quiet_ms: Option<u32>,
    /// Send a message and wait for its echo, over and over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    echo_loop: Option<EchoLoop>,

    /// With `send`: the size of each write in octets, or a list of sizes of which
    /// the last one repeats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chop: Option<Chop>,
    /// With `chop`: milliseconds between the writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pause_ms: Option<u32>,
    /// With `send`: how many octets at the end are kept back for `release`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withhold: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a number of octets or a list of them")]
enum Chop {
    Every(u32),
    Sizes(Vec<u32>),
}

impl Send {
    /// Frames in one write.
    pub fn new(frames: Vec<Frame>) -> Self {
        Self {
            frames,
            chop: Vec::new(),
            pause_milliseconds: 0,
            withhold: 0,
        }
    }
}

impl TryFrom<StepFields> for Step {
    type Error = String;

    fn try_from(fields: StepFields) -> Result<Self, String> {
        let fields = match fields {
            StepFields::Word(Word::HalfClose) => return Ok(Self::HalfClose),
            StepFields::Word(Word::Reset) => return Ok(Self::Reset),
            StepFields::Word(Word::StopReading) => return Ok(Self::StopReading),
            StepFields::Word(Word::ResumeReading) => return Ok(Self::ResumeReading),
            StepFields::Fields(fields) => *fields,
        };
        let sends = fields.send.is_some();
        if !sends && (fields.chop.is_some() || fields.withhold.is_some()) {
            return Err("chop and withhold go with send".into());
        }
        if fields.pause_ms.is_some() && fields.chop.is_none() {
            return Err("pause_ms goes with chop".into());
        }
        let chop = match fields.chop {
            None => Vec::new(),
            Some(Chop::Every(octets)) => vec![octets],
            Some(Chop::Sizes(sizes)) => sizes,
        };
        if chop.contains(&0) {
            return Err("a chop is at least one octet".into());
        }
        let steps = [
            fields.send.map(|frames| {
                Self::Send(Send {
                    frames,
                    chop,
                    pause_milliseconds: fields.pause_ms.unwrap_or(0),
                    withhold: fields.withhold.unwrap_or(0),
                })
            }),
            fields.release.map(Self::Release),
            fields.await_.map(Self::Await),
            fields
                .quiet_ms
                .map(|milliseconds| Self::Quiet { milliseconds }),
            fields.echo_loop.map(Self::EchoLoop),
        ];
        let steps: Vec<Self> = steps.into_iter().flatten().collect();
        let [step] = <[Self; 1]>::try_from(steps).map_err(|steps| {
            format!(
                "a step has exactly one of send, release, await, quiet_ms and echo_loop; this one has {}",
                steps.len()
            )
        })?;
        Ok(step)
    }
}

impl From<Step> for StepFields {
    fn from(step: Step) -> Self {
        let mut fields = Fields::default();
        match step {
            Step::HalfClose => return Self::Word(Word::HalfClose),
            Step::Reset => return Self::Word(Word::Reset),
            Step::StopReading => return Self::Word(Word::StopReading),
            Step::ResumeReading => return Self::Word(Word::ResumeReading),
            Step::Send(send) => {
                fields.send = Some(send.frames);
                fields.chop = match send.chop[..] {
                    [] => None,
                    [every] => Some(Chop::Every(every)),
                    _ => Some(Chop::Sizes(send.chop)),
                };
                fields.pause_ms = (send.pause_milliseconds > 0).then_some(send.pause_milliseconds);
                fields.withhold = (send.withhold > 0).then_some(send.withhold);
            }
            Step::Release(release) => fields.release = Some(release),
            Step::Await(observation) => fields.await_ = Some(observation),
            Step::Quiet { milliseconds } => fields.quiet_ms = Some(milliseconds),
            Step::EchoLoop(echo) => fields.echo_loop = Some(echo),
        }
        Self::Fields(Box::new(fields))
    }
}

impl JsonSchema for Step {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        StepFields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        StepFields::json_schema(generator)
    }
}
