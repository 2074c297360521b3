//! What is kept of a fault: a case as any other, named by what it shows.

mod fingerprint;
mod replay;

pub use fingerprint::{Class, Fingerprint, Judged, fingerprint};
pub use replay::{Replayed, compare};

use std::io;
use std::path::{Path, PathBuf};

use wsspec_cases::Case;

use crate::conversation::{Conversation, script};
use crate::scene::Scene;

/// A conversation in which a target did what it may not, as small as it could be made.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it shows.
    pub fingerprint: Fingerprint,
    /// What is said.
    pub conversation: Conversation,
    /// How often it showed the same when it was played again, and how often it was.
    pub steady: (u32, u32),
}

impl Finding {
    /// The case that shows it.
    pub fn case(&self) -> Case {
        let mut case = Scene::new(&self.id(), self.conversation.clone()).case;
        let (same, times) = self.steady;
        if same < times {
            case.because
                .push_str(&format!(" It showed {same} of {times} times."));
        }
        case
    }

    /// The id of the case.
    pub fn id(&self) -> String {
        format!("fuzz/finding/{}", self.fingerprint.slug())
    }

    /// The name of the file.
    pub fn file_name(&self) -> String {
        format!("finding-{}.json", self.fingerprint.slug())
    }

    /// Writes the case file to a folder.
    ///
    /// # Errors
    /// The folder or the file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<PathBuf> {
        let path = folder.join(self.file_name());
        std::fs::create_dir_all(folder)?;
        std::fs::write(&path, file_text(&self.case()))?;
        Ok(path)
    }
}

/// The files of findings in a folder, in order.
///
/// # Errors
/// The folder cannot be read.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| name.starts_with("finding-") && name.ends_with(".json")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A case file with one case.
fn file_text(case: &Case) -> String {
    let file = serde_json::json!({ "title": "What the fuzzer found", "cases": [case] });
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    text
}

/// What a case of a finding shows, by its id.
pub fn known(case: &Case) -> Option<&str> {
    case.id.strip_prefix("fuzz/finding/")
}

/// The conversations of cases, as far as they are such.
pub fn conversations<'a>(
    cases: impl IntoIterator<Item = &'a Case>,
    target: wsspec_cases::Target,
) -> Vec<Conversation> {
    cases
        .into_iter()
        .filter(|case| case.target.includes(target) && is_plain(case))
        .filter_map(|case| script::conversation(target, &case.script))
        .filter(|conversation| !asks_to_act(conversation))
        .collect()
}

/// Whether all of a case is its script.
fn is_plain(case: &Case) -> bool {
    case.opening.is_lawful() && case.connections.is_empty() && case.needs.is_empty()
}

/// Whether a message asks the target to close the connection, which echo endpoints do not.
fn asks_to_act(conversation: &Conversation) -> bool {
    conversation
        .frames()
        .any(|frame| frame.payload.octets().starts_with(b"wsspec:"))
}
