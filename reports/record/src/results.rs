//! The results format: what `results.json` holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wsspec_cases::Case;

use crate::notice::Notice;
use crate::reason::Reason;
use crate::transcript::Transcript;

/// The value of `format` in every results file.
pub const FORMAT: &str = "wsspec-results";
/// The value of `version` that this crate writes.
pub const VERSION: u32 = 2;
/// The oldest version that it reads.
pub const OLDEST_VERSION: u32 = 1;

/// Everything that one run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// What was known before the first case was played.
    #[serde(flatten)]
    pub header: Header,
    /// A result for each selected case and each target.
    pub results: Vec<CaseResult>,
    /// How long the run took, in milliseconds; 0 while it goes on.
    pub duration_ms: u64,
}

/// What is known before the first case is played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// What made the file.
    pub tool: Tool,
    /// The seed of the run; the same seed plays the same octets.
    pub seed: u64,
    /// When the run began, as RFC 3339 in UTC.
    pub started: String,
    /// The targets, in the order of the command line.
    pub targets: Vec<TargetInfo>,
    /// The cases that were selected, by id, so that a report needs no other file.
    #[serde(default)]
    pub cases: BTreeMap<String, Case>,
    /// The ids of the selected cases in the order of the suite.
    #[serde(default)]
    pub order: Vec<String>,
}

/// The program that made a results file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `wsspec`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A target of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// The name that the user gave it, or one made from its URL. Hostile text when
    /// the target chose it.
    pub name: String,
    /// `server` or `client`.
    pub role: String,
    /// Where it was reached.
    pub url: Option<String>,
    /// The command that started it, where the runner did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// What it says of itself in a `Server` or `User-Agent` field. Hostile text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What was wrong with the target as a whole, such as that it stopped echoing
    /// before the run was over, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What there is to know of it besides the results, in the order in which it happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<Notice>,
    /// How long its turn took, in milliseconds; cases run side by side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

impl TargetInfo {
    /// A target of which nothing is known but its name and its role.
    pub fn new(name: impl Into<String>, role: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            role: role.into(),
            url: None,
            command: None,
            product: None,
            trouble: None,
            notices: Vec::new(),
            duration_ms: None,
        }
    }
}

/// The result of one case on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The target's name.
    pub target: String,
    /// The case's id.
    pub case: String,
    /// The number of the case's counterpart in Autobahn|Testsuite.
    pub autobahn: Option<String>,
    /// What the exchange is worth.
    pub verdict: Verdict,
    /// How the connection ended.
    pub closing: Closing,
    /// What kind of failure it is; none unless the verdict is fail or error.
    pub failure: Option<Failure>,
    /// Why the verdict is what it is, in one sentence.
    pub reason: String,
    /// The same as facts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Reason>,
    /// Faults that the case is not about, and that did not decide it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Reason>,
    /// What would have been accepted, best first, each in one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<String>,
    /// What was observed, in one line.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub observed: String,
    /// The status code of the target's Close frame.
    pub close_code: Option<u16>,
    /// How long the case took, in milliseconds, to the microsecond.
    pub duration_ms: f64,
    /// The ids of the requirements that are at stake.
    pub requirements: Vec<String>,
    /// The requirement that was broken, where the judge can tell which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    /// The command that plays this case again.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub replay: String,
    /// How often the case was played; more than once where time ran out at first.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub attempts: u32,
    /// What the case gave while others were played, where it gave something else alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_company: Option<Box<InCompany>>,
    /// How the process ended that was started for this case, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process: Option<ProcessEnd>,
    /// What was seen on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<Transcript>,
}

/// A failure that shows only while others are played: what a case gave then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InCompany {
    /// What the exchange was worth.
    pub verdict: Verdict,
    /// How the connection ended.
    pub closing: Closing,
    /// What kind of failure it was.
    pub failure: Option<Failure>,
    /// Why, in one sentence.
    pub reason: String,
    /// The ids of the cases that were in flight at some time of it.
    pub others: Vec<String>,
}

fn one() -> u32 {
    1
}

fn is_one(attempts: &u32) -> bool {
    *attempts == 1
}

/// How the process of a client ended that was started for one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessEnd {
    /// The exit status or signal, in words.
    pub status: String,
    /// The exit status, unless a signal ended it.
    pub code: Option<i32>,
    /// What it took to end it.
    pub ended: Ending,
    /// How many connections it opened for the case; the first one is what was judged.
    pub connections: u32,
    /// The end of what it printed, stdout and stderr together. Hostile text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

/// What it took to end a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It ended by itself.
    ByItself,
    /// It hung until it was asked to end.
    Asked,
    /// It hung, did not end when it was asked, and was killed.
    Killed,
}

/// What an exchange is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The target did what the RFC asks.
    Pass,
    /// Allowed, but not what a SHOULD asks or what is plainly best.
    NonStrict,
    /// A MUST was broken.
    Fail,
    /// Behaviour that the RFC leaves open; recorded.
    Info,
    /// An optional feature was not negotiated.
    Unimplemented,
    /// A prerequisite failed.
    Skipped,
    /// No judgement was possible.
    Error,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closing {
    /// As it should.
    Ok,
    /// With a status code that does not fit.
    WrongCode,
    /// Without the Close frame that answers ours.
    Unclean,
    /// The server left the closing of TCP to the client.
    FailedByClient,
    /// The RFC leaves it open; recorded.
    Info,
    /// By the wrong side, or not at all.
    Fail,
    /// The case did not get that far.
    None,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// Something else came than what was expected.
    WrongAnswer,
    /// A frame of the target breaks the RFC by itself, whatever the case is about.
    UnlawfulFrame,
    /// Nothing came in time.
    Timeout,
    /// The connection ended where it should have gone on.
    Dropped,
    /// The target was not alive before the script began.
    NotAlive,
    /// The opening handshake went wrong.
    OpeningHandshake,
    /// The target sent more than any answer can need.
    Flood,
    /// The target's process ended or stopped listening.
    TargetDied,
    /// No connection to the target could be made.
    Unreachable,
    /// A mistake of ours.
    Harness,
}

macro_rules! names {
    ($type:ident { $($variant:ident => $name:literal,)* }) => {
        impl $type {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in JSON and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.name())
            }
        }
    };
}

names!(Verdict {
    Pass => "pass",
    NonStrict => "non-strict",
    Fail => "fail",
    Info => "info",
    Unimplemented => "unimplemented",
    Skipped => "skipped",
    Error => "error",
});
names!(Closing {
    Ok => "ok",
    WrongCode => "wrong-code",
    Unclean => "unclean",
    FailedByClient => "failed-by-client",
    Info => "info",
    Fail => "fail",
    None => "none",
});
names!(Ending {
    ByItself => "by-itself",
    Asked => "asked",
    Killed => "killed",
});
names!(Failure {
    WrongAnswer => "wrong-answer",
    UnlawfulFrame => "unlawful-frame",
    Timeout => "timeout",
    Dropped => "dropped",
    NotAlive => "not-alive",
    OpeningHandshake => "opening-handshake",
    Flood => "flood",
    TargetDied => "target-died",
    Unreachable => "unreachable",
    Harness => "harness",
});

/// How good a result is, both axes taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Nothing to complain about, or nothing that could be.
    Good,
    /// Allowed, but not what a SHOULD asks.
    NonStrict,
    /// A MUST was broken.
    Bad,
    /// No judgement was possible.
    Error,
}

impl CaseResult {
    /// Both axes in one.
    ///
    /// RFC 6455 §5.5.1 and §7.1.1 say MUST of the reply to a Close frame and of the
    /// server closing TCP, so that `unclean` and `failed-by-client` are bad; §7.1.7
    /// says SHOULD of the status code, so that `wrong-code` is non-strict.
    pub fn grade(&self) -> Grade {
        let verdict = match self.verdict {
            Verdict::Pass | Verdict::Info | Verdict::Unimplemented | Verdict::Skipped => {
                Grade::Good
            }
            Verdict::NonStrict => Grade::NonStrict,
            Verdict::Fail => Grade::Bad,
            Verdict::Error => Grade::Error,
        };
        let closing = match self.closing {
            Closing::Ok | Closing::Info | Closing::None => Grade::Good,
            Closing::WrongCode => Grade::NonStrict,
            Closing::Unclean | Closing::FailedByClient | Closing::Fail => Grade::Bad,
        };
        verdict.max(closing)
    }
}
