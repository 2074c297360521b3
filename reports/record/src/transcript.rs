//! What was seen on the wire in one case, in both directions, bounded in size.
//!
//! A transcript holds what the judge needs, so that a stored one can be judged again.
//! Payloads are kept up to [`KEPT_OCTETS_MAX`]; of longer ones the beginning, the
//! length and a digest are kept.

use serde::{Deserialize, Serialize};
use wsspec_cases::{Liveness, Observation};

pub use crate::head::Head;
use crate::oddity::Oddity;
use crate::reason::Reason;
use crate::results::Ending;

/// The connection that an entry is about where it names none.
pub const MAIN_CONNECTION: &str = "main";

/// How many octets of a payload are kept as they are.
pub const KEPT_OCTETS_MAX: usize = 128;

/// How many masking keys of an echo loop are kept.
pub const KEPT_KEYS_MAX: usize = 512;

/// What was seen on the wire in one case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// What happened, in order.
    pub entries: Vec<Entry>,
    /// How many entries in the middle were left out of the stored form.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, in microseconds since the case began.
    pub at_us: u64,
    /// On which connection of the case; none for the main one, and for what is about
    /// no connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

impl Entry {
    /// An entry of the main connection.
    pub fn new(at_us: u64, what: What) -> Self {
        Self {
            at_us,
            on: None,
            what,
        }
    }

    /// An entry of the connection with this name.
    pub fn on(connection: &str, at_us: u64, what: What) -> Self {
        let on = (connection != MAIN_CONNECTION).then(|| connection.to_owned());
        Self { at_us, on, what }
    }

    /// The name of the connection.
    pub fn connection(&self) -> &str {
        self.on.as_deref().unwrap_or(MAIN_CONNECTION)
    }
}

/// Something that can happen on a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// A part of the case begins.
    Phase(Phase),
    /// The TCP connection (and TLS) is there.
    Connected,
    /// We sent the head of a request or response.
    SentHead(Head),
    /// The target sent the head of a request or response.
    ReceivedHead(Head),
    /// We sent a frame.
    SentFrame(Frame),
    /// The target sent a frame, or the beginning of one.
    ReceivedFrame(Frame),
    /// We sent octets that are no frame, or some of a frame's in pieces.
    SentOctets(Octets),
    /// The target sent octets that are no frame.
    ReceivedOctets(Octets),
    /// An echo loop came to its end.
    EchoLoop(EchoLoop),
    /// We closed our half of TCP.
    HalfClosed,
    /// We closed TCP before the target did.
    Closed,
    /// We reset TCP.
    Reset,
    /// The target closed its half of TCP.
    ReceivedFin,
    /// The target reset TCP.
    ReceivedReset,
    /// No connection could be made.
    NotConnected {
        /// Why.
        reason: NoConnection,
    },
    /// We stopped waiting.
    TimedOut {
        /// What was awaited.
        awaited: Awaited,
        /// For how long, in milliseconds.
        waited_ms: u64,
    },
    /// A time is over in which nothing was sent, inside of an unfinished frame.
    Quiet {
        /// How long it was, in milliseconds.
        waited_ms: u64,
    },
    /// The target sent more than any answer can need; we stopped reading.
    Flooded {
        /// How many octets it had sent.
        octets: u64,
    },
    /// The connection is over TLS, in which the client asked for a name (SNI) or not.
    Secured {
        /// The name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server_name: Option<String>,
    },
    /// A key of the opening handshake of an earlier connection of the same client, as
    /// the field has it.
    EarlierKey {
        /// The value of Sec-WebSocket-Key.
        key: String,
    },
    /// The client was given this in place of a plain URL.
    GivenUrl {
        /// What it was given.
        url: String,
    },
    /// Right before, the same command connected to a plain URL and echoed a message.
    ComesOtherwise,
    /// The client did not connect to what it was given.
    StayedAway {
        /// Whether its process ended by itself, so that no connection can come.
        ended_by_itself: bool,
    },
    /// While the client was to connect to what it was given, somebody came who cannot be
    /// told to have come for this case.
    Stray(Stray),
    /// The process that was started for this case ended.
    ProcessEnded {
        /// The exit status or signal, as the operating system has it.
        status: String,
        /// The exit status, unless a signal ended it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
        /// What it took to end it.
        ended: Ending,
    },
    /// The end of what the target's process printed, stdout and stderr together.
    ProcessOutput {
        /// Hostile text.
        text: String,
    },
    /// The target's process ended, on which more than this case depends.
    TargetDied {
        /// The exit status or signal, as the operating system has it.
        status: String,
    },
}

/// A connection that cannot be told to belong to a case, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stray {
    /// A request for something else than what the client was given.
    Asked {
        /// The request target. Hostile text.
        target: String,
    },
    /// A request without TLS, where the client was given a URL that asks for it.
    AskedWithoutTls {
        /// The request target. Hostile text.
        target: String,
    },
    /// TLS did not come about.
    NoTls {
        /// What our side of TLS says.
        error: String,
    },
    /// It ended without a word.
    Unspoken,
    /// It ended before a whole request had come.
    CutShort,
    /// No whole request came in time.
    Late,
    /// What came is no HTTP request.
    NotHttp,
    /// The head of the request has no end.
    Endless,
}

impl Stray {
    /// The requirement that is broken. None where TLS did not come about, of which
    /// RFC 6455 says nothing, nor where the client thought better of it.
    pub fn requirement(&self) -> Option<&'static str> {
        match self {
            Self::Asked { .. } => Some("6455-4.1-h3"),
            Self::AskedWithoutTls { .. } => Some("6455-4.1-c5a"),
            Self::CutShort | Self::Late | Self::NotHttp | Self::Endless => Some("6455-4.1-h0"),
            Self::NoTls { .. } | Self::Unspoken => None,
        }
    }
}

/// Why no connection could be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoConnection {
    /// The server did not accept one in time.
    NotAccepted,
    /// The client's process ended without one.
    Ended {
        /// The exit status or signal, as the operating system has it.
        status: String,
    },
    /// The client made none in time.
    NotMade {
        /// How long it was waited for, in milliseconds.
        waited_ms: u64,
    },
    /// Right before, the same command did not echo a message at a plain URL either.
    NorOtherwise(Box<Reason>),
    /// We could not make one, for want of descriptors, ports or memory.
    Ours {
        /// What the operating system says.
        error: String,
    },
    /// There was one, and no TLS over it.
    NoTls {
        /// What our side of TLS says.
        error: String,
    },
    /// What the operating system says.
    #[serde(untagged)]
    System(String),
}

/// What can be waited for in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Awaited {
    /// The response to the opening handshake.
    Response,
    /// The echo or the Pong that shows that the target is alive.
    Life(Liveness),
    /// What a step of the script waits for.
    Observation(Box<Observation>),
    /// The echo of a message of an echo loop.
    Echo,
    /// That the target reads what we send.
    Reading,
    /// What an outcome of the case expects.
    Outcome,
    /// The Close frame that answers ours.
    Close,
    /// The end of TCP.
    End,
    /// As version 1 of the results format has it: in words.
    #[serde(untagged)]
    Words(String),
}

/// A part of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The opening handshake.
    Opening,
    /// The proof that the target is alive.
    Liveness,
    /// The case's script.
    Script,
    /// The whole script was sent; what comes now decides.
    Waiting,
    /// A message whose echo shows that the target reads on.
    Barrier,
    /// The closing handshake.
    Closing,
}

/// A frame (RFC 6455 §5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The FIN bit.
    pub fin: bool,
    /// The RSV bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1.
    pub rsv: u8,
    /// The opcode, 0 to 15.
    pub opcode: u8,
    /// The masking key in hexadecimal, where the frame is masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<String>,
    /// The payload length as declared.
    pub length: u64,
    /// How many octets the extended payload length takes: 0, 2 or 8.
    #[serde(default, skip_serializing_if = "is_none_at_all")]
    pub extended_length_octets: u8,
    /// The payload after unmasking, as far as it came.
    pub payload: Octets,
    /// Departures from the RFC that the frame shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub oddities: Vec<Oddity>,
    /// The message that this frame completes, where it had several fragments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

fn is_none_at_all(octets: &u8) -> bool {
    *octets == 0
}

/// A message in several fragments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The opcode of the first frame.
    pub opcode: u8,
    /// How many frames it has.
    pub fragments: u64,
    /// The payload as a whole.
    pub payload: Octets,
}

/// The course of an echo loop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EchoLoop {
    /// How many echoes came back unchanged and in order.
    pub echoed: u32,
    /// How many messages were to be echoed.
    pub count: u32,
    /// The shortest, median and longest time from message to echo, in microseconds.
    pub latency_us: [u64; 3],
    /// From the first message to the last echo, in microseconds.
    pub took_us: u64,
    /// The masking keys of the echoes in hexadecimal, [`KEPT_KEYS_MAX`] at the most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masking_keys: Vec<String>,
}

/// Octets, or what is kept of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Octets {
    /// How many there were.
    pub length: u64,
    /// The first ones in hexadecimal, [`KEPT_OCTETS_MAX`] at the most.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hex: String,
    /// The SHA-1 of all of them, where not all were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha1: Option<String>,
}

impl Octets {
    /// The octets that were kept.
    pub fn kept(&self) -> Vec<u8> {
        wsspec_cases::payload::parse_hex(&self.hex).unwrap_or_default()
    }

    /// Whether all octets were kept.
    pub fn is_whole(&self) -> bool {
        self.hex.len() as u64 == 2 * self.length
    }
}

impl Frame {
    /// Whether the frame is a control frame (§5.5).
    pub fn is_control(&self) -> bool {
        self.opcode >= 0x8
    }

    /// The status code of a Close frame that has one.
    pub fn close_code(&self) -> Option<u16> {
        match (self.opcode, &self.payload.kept()[..]) {
            (0x8, [high, low, ..]) => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        }
    }

    /// Whether the whole payload came.
    pub fn is_complete(&self) -> bool {
        self.payload.length == self.length
    }
}
