//! The echo canary: before the first case and after the last, an echo server echoes.

use std::time::Duration;

use wsspec_cases::{Case, Target};
use wsspec_record::{Failure, Verdict};

use crate::drive::{Patience, ServerAddress, play_server};
use wsspec_judge::judge::Judge;

/// What a canary found.
#[derive(Debug, Clone)]
pub struct CanarySays {
    /// What went wrong, if something did.
    pub failure: Option<(Failure, String)>,
    /// What the target calls itself.
    pub product: Option<String>,
    /// How long it took to connect and to echo.
    pub took: Duration,
}

impl CanarySays {
    /// Whether there was nobody to talk to.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.failure, Some((Failure::Unreachable, _)))
    }
}

/// Plays the canary.
pub(super) async fn sing(server: &ServerAddress, patience: Patience, seed: u64) -> CanarySays {
    let began = std::time::Instant::now();
    let case = canary();
    let mut judge = Judge::new(&case, Target::Server);
    let played = play_server(&case, server, patience, seed, &mut judge).await;
    let judgement = judge.conclude();
    CanarySays {
        failure: match (&played, judgement.verdict) {
            (Err(error), _) => Some((Failure::Harness, error.to_string())),
            (Ok(_), Verdict::Pass) => None,
            (Ok(_), _) => Some((
                judgement.failure.unwrap_or(Failure::WrongAnswer),
                wsspec_reports::words::why(&judgement.reason),
            )),
        },
        product: played.ok().and_then(|played| played.product),
        took: began.elapsed(),
    }
}

/// A case that any echo endpoint passes.
pub(super) fn canary() -> Case {
    serde_json::from_value(serde_json::json!({
        "id": "canary/echo",
        "title": "A text message is echoed",
        "requirements": [],
        "because": "What is graded here is an echo server.",
        "script": [{ "send": [{ "text": "wsspec canary" }] }],
        "outcomes": [{ "pass": [{ "text": "wsspec canary" }] }]
    }))
    .expect("the canary is a case, as its test shows")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_canary_is_a_case() {
        super::canary();
    }
}
