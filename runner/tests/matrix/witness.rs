//! Which case sees which deviation: enough pairs of them that every case and every
//! deviation is in one. `cargo run --release -p wsspec --example matrix` chooses them.

use std::path::{Path, PathBuf};

use wsspec_cases::Target;

use super::play::Complaint;

/// A case that complains about a deviation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Witness {
    pub(crate) deviation: String,
    pub(crate) case: String,
    pub(crate) complaint: Complaint,
}

/// A deviation that no case sees, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unseen {
    pub(crate) deviation: String,
    pub(crate) reason: String,
}

/// Where the data of this test is.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/matrix")
}

/// How complaints are written.
pub(crate) const NAMES: [(Complaint, &str); 2] = [
    (Complaint::Fail, "fail"),
    (Complaint::NonStrict, "non-strict"),
];

/// The witnesses in a file's text.
pub(crate) fn parse(text: &str) -> Vec<Witness> {
    lines(text)
        .map(|[deviation, case, complaint]| {
            let name = NAMES.iter().find(|(_, name)| *name == complaint);
            let &(complaint, _) = name.expect("a complaint");
            Witness {
                deviation: deviation.to_owned(),
                case: case.to_owned(),
                complaint,
            }
        })
        .collect()
}

/// The deviations that no case for `role` sees, from the text of the file that lists them.
pub(crate) fn unseen(text: &str, role: Target) -> Vec<Unseen> {
    lines(text)
        .filter(|[of, ..]| *of == role.name())
        .map(|[_, deviation, reason]| Unseen {
            deviation: deviation.to_owned(),
            reason: reason.to_owned(),
        })
        .collect()
}

/// Lines of three columns.
fn lines(text: &str) -> impl Iterator<Item = [&str; 3]> {
    let is_data = |line: &&str| !line.starts_with('#') && !line.is_empty();
    text.lines().filter(is_data).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        columns.try_into().expect("three columns")
    })
}
