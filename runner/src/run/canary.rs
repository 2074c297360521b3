//! The echo canary: before the first case and after the last, an echo endpoint echoes.

use wsspec_cases::Case;

/// A case that any echo endpoint passes.
pub(crate) fn canary() -> Case {
    serde_json::from_value(serde_json::json!({
        "id": "canary/echo",
        "title": "A text message is echoed",
        "requirements": [],
        "because": "What is graded here is an echo endpoint.",
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
