//! The run that the tests of all documents share, with the words that the runner adds.

use wsspec_record::Results;
pub(crate) use wsspec_record::fixtures::*;

use crate::words;

pub(crate) fn results() -> Results {
    let mut results = wsspec_record::fixtures::results();
    for result in &mut results.results {
        if let Some(case) = results.header.cases.get(&result.case) {
            result.expected = words::expected(case);
        }
    }
    results
}
