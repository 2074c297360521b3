//! What there is to know of a target besides the results of cases.

use serde::{Deserialize, Serialize};

use crate::results::Verdict;

/// Something that the user should know of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Notice {
    /// It did not echo a message before the first case.
    NoEchoBefore {
        /// What the judge says.
        reason: String,
    },
    /// It did not echo a message after the last case.
    NoEchoAfter {
        /// What the judge says.
        reason: String,
    },
    /// It is not what could be graded; nothing was.
    NotRight {
        /// What it is instead, as far as that can be told.
        found: Mismatch,
    },
    /// It let time run out in so many of the first cases that the rest was left.
    ShownItself {
        /// In how many.
        late: u64,
        /// Of how many.
        of: u64,
    },
    /// It went away.
    Died {
        /// The exit status or signal, or what a connection met.
        status: String,
        /// The end of what it printed. Hostile text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        output: String,
        /// The ids of the cases that were in flight.
        in_flight: Vec<String>,
    },
    /// It was not there, or did not come back.
    Absent {
        /// Why, as a sentence.
        reason: String,
    },
    /// It is there again.
    Returned,
    /// These cases failed while others were played, and did not alone.
    InCompany {
        /// Their ids.
        cases: Vec<String>,
    },
    /// It died so often that nothing more can be found out about it.
    DiedTooOften,
    /// So many of its processes did not end by themselves.
    Hung {
        /// How many.
        processes: u64,
    },
    /// It never asked for so many of the cases.
    NeverAsked {
        /// How many.
        missing: u64,
        /// Of how many.
        of: u64,
    },
}

impl Notice {
    /// Whether it counts against the target.
    pub fn is_trouble(&self) -> bool {
        !matches!(
            self,
            Self::Returned | Self::Hung { .. } | Self::InCompany { .. }
        )
    }
}

/// What is found where an echo server, or client, was to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mismatch {
    /// A server that answers the opening handshake with another status than 101.
    Status {
        /// The status code.
        found: u16,
    },
    /// Somebody who speaks TLS where it was not to be spoken.
    SpeaksTls,
    /// Somebody who sends no HTTP response.
    NotHttp,
    /// Somebody who ends the connection in the opening handshake.
    Ends,
    /// Somebody who does not answer the opening handshake.
    Silent,
    /// Somebody who opens a WebSocket connection and sends nothing back.
    NoEcho,
    /// Somebody who opens one and sends something else back, or ends it.
    OtherAnswer,
}

/// Why a case is not played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// It is about TLS, and the target is graded without.
    NotOverTls,
    /// It shows a certificate which we cannot make.
    NoCertificate,
    /// It has a URL or a certificate of its own, for a client that is started for it.
    ForStartedClients,
    /// It needs another case.
    Needs {
        /// Which.
        case: String,
        /// The verdict of that, which is not good enough; none where it was not played
        /// before.
        verdict: Option<Verdict>,
    },
    /// The target never asked for it.
    NeverAsked,
    /// The target has shown that it does not answer.
    ShownItself,
}
