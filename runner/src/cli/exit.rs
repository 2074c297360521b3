//! Exit statuses.

use std::process::{ExitCode, Termination};

/// The exit status of the program; the numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// Everything selected ran and is as the policy allows.
    Conforms = 0,
    /// A target does not conform.
    DoesNotConform = 1,
    /// The command line, the configuration or a case file is wrong.
    Usage = 2,
    /// No honest run was possible: a target was unreachable, or the harness failed.
    NoRun = 3,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}
