//! Why a verdict is what it is, as data.

use serde::{Deserialize, Serialize};
use wsspec_cases::Observation;
use wsspec_cases::case::Feature;

use crate::event::Event;
use crate::head::HeadFault;
use crate::oddity::Oddity;
use crate::transcript::{NoConnection, Stray};

/// Why a verdict is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The target did what is expected.
    AsExpected,
    /// An outcome came true that gives its reason itself.
    Because(String),
    /// In place of the client somebody came who cannot be told to have come for the case.
    Stray(Stray),
    /// No connection could be made.
    NotConnected {
        /// Why.
        reason: NoConnection,
    },
    /// The target's process ended.
    Died {
        /// The exit status or signal, as the operating system has it.
        status: String,
    },
    /// The head of the target's side of the opening handshake is faulty.
    Head(HeadFault),
    /// The opening handshake was answered with another status than it was to be.
    Status {
        /// The status code.
        found: u16,
    },
    /// No response to the opening handshake came.
    NoResponse(Absence),
    /// A frame breaks the RFC by itself.
    Frame(Oddity),
    /// The target sent more than any answer can need.
    Flooded {
        /// How many octets it had sent.
        octets: u64,
    },
    /// The target was to echo a message before the script began.
    NotAlive(Absence),
    /// The target ended the connection before anything of the script was sent.
    EndedBeforeScript {
        /// With what.
        came: Event,
    },
    /// It happened on another connection of the case than the main one.
    On {
        /// The name of that connection.
        connection: String,
        /// What happened.
        reason: Box<Reason>,
    },
    /// The target echoed a message that was sent behind what it has to refuse.
    WentOn,
    /// Something else came than what was expected.
    Instead {
        /// What was expected at that point; nothing but the end of the conversation where
        /// it is empty.
        expected: Vec<Observation>,
        /// What came.
        came: Event,
    },
    /// What was expected before the whole script was sent did not come before it.
    NotBeforeItsEnd {
        /// What was expected.
        expected: Vec<Observation>,
    },
    /// What was expected did not come.
    Missing {
        /// What was expected.
        expected: Vec<Observation>,
        /// Whether nothing came until the time was over.
        timed_out: bool,
    },
    /// Keys are not as random as they have to be.
    Keys {
        /// Which ones.
        of: Keys,
        /// Why.
        fault: KeyFault,
    },
    /// The case needs a feature that the target does not show.
    FeatureMissing(Feature),
    /// The case compares connections of a client, too few of which were seen.
    TooFewConnections {
        /// How many it compares.
        wanted: u64,
        /// How many were seen.
        seen: u64,
    },
    /// The case has no outcome for this kind of target.
    NoOutcome,
    /// In words, from whoever could not have the case played.
    Words(String),
}

/// In what way an answer is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Absence {
    /// Nothing came in time.
    TimedOut,
    /// The connection was ended instead.
    Ended,
    /// Something else came.
    SomethingElse,
    /// It has no end.
    Endless,
}

/// Which keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keys {
    /// Masking keys (RFC 6455 §5.3).
    Masking,
    /// The keys of opening handshakes (§4.1).
    Handshake,
}

/// Why keys do not look like drawn at random.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyFault {
    /// There are too few to look at.
    TooFew {
        /// How many there are.
        keys: usize,
    },
    /// Some had been used before.
    Repeated {
        /// How many.
        repeated: usize,
        /// Of how many.
        keys: usize,
        /// The one that comes most often, in hexadecimal.
        key: String,
        /// How often it comes.
        times: usize,
    },
    /// An octet takes few values.
    Narrow {
        /// Which octet, counted from 1.
        octet: usize,
        /// How many values.
        values: usize,
        /// In how many keys.
        keys: usize,
    },
    /// A bit is not set about half of the time.
    Unbalanced {
        /// In which octet, counted from 1.
        octet: usize,
        /// Which bit, counted from 1, the most significant first.
        bit: usize,
        /// How often it is set.
        set: usize,
        /// In how many samples.
        samples: usize,
    },
    /// The same step leads from key to key.
    SameStep {
        /// How often.
        times: usize,
        /// Read in which order.
        order: OctetOrder,
    },
    /// Steps from key to key are small.
    SmallSteps {
        /// How many.
        small: usize,
        /// Of how many.
        steps: usize,
        /// Read in which order.
        order: OctetOrder,
    },
    /// Keys follow a linear congruence.
    Congruence {
        /// How many steps have the same factor.
        steps: usize,
        /// Read in which order.
        order: OctetOrder,
    },
    /// The same bits change from key to key.
    SameBits {
        /// How often.
        times: usize,
    },
    /// Bits are a linear function of the key before.
    Predicted {
        /// How many.
        bits: usize,
    },
}

/// The order in which octets make a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OctetOrder {
    /// The most significant first.
    BigEndian,
    /// The least significant first.
    LittleEndian,
}
