//! Writing and reading `results.json`.
//!
//! The file is valid JSON after every result, so that a run that is interrupted keeps
//! what it has found. Each result stands on a line of its own: where a run was killed in the
//! middle of writing one, the others are read.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::results::{CaseResult, FORMAT, Header, OLDEST_VERSION, Results, VERSION};

/// The name of the results file in a report's folder.
pub const FILE_NAME: &str = "results.json";

/// What stands on a line of its own before the results.
const RESULTS_BEGIN: &str = "\"results\":[";

/// Writes results as they come.
#[derive(Debug)]
pub struct ResultsWriter {
    file: File,
    path: PathBuf,
    /// Where the end of the list of results begins, which the next result overwrites.
    tail_at: u64,
    any: bool,
}

impl ResultsWriter {
    /// Makes the folder where there is none, and in it a results file without results.
    ///
    /// # Errors
    /// What the file system says.
    pub fn create(dir: &Path, header: &Header) -> io::Result<Self> {
        Self::replace(dir, header, &[])
    }

    /// The same with results.
    ///
    /// They go into a file beside the one that may be there, which they replace when they
    /// are whole: neither a full disk nor an end in the middle costs what was there.
    ///
    /// # Errors
    /// What the file system says.
    pub fn replace(dir: &Path, header: &Header, results: &[CaseResult]) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let part = dir.join(format!("{FILE_NAME}.part"));
        let written = Self::create_file(part.clone(), header).and_then(|mut writer| {
            results.iter().try_for_each(|result| writer.push(result))?;
            writer.file.sync_data()?;
            writer.path = dir.join(FILE_NAME);
            std::fs::rename(&part, &writer.path)?;
            Ok(writer)
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written
    }

    fn create_file(path: PathBuf, header: &Header) -> io::Result<Self> {
        let head = head(header)?;
        let mut writer = Self {
            file: File::create(&path)?,
            path,
            tail_at: head.len() as u64,
            any: false,
        };
        writer.file.write_all((head + &tail(0)).as_bytes())?;
        Ok(writer)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a result; the file is whole before and after.
    ///
    /// # Errors
    /// What the file system says; the results before this one are kept.
    pub fn push(&mut self, result: &CaseResult) -> io::Result<()> {
        let mut text = String::from(if self.any { ",\n" } else { "\n" });
        text.push_str(&serde_json::to_string(result)?);
        let tail_at = self.tail_at + text.len() as u64;
        text.push_str(&tail(0));
        if let Err(error) = self.write_tail(&text) {
            // A disk that is full has taken a part of it. What was there before fits.
            let _ = self
                .write_tail(&tail(0))
                .and_then(|()| self.file.set_len(self.tail_at + tail(0).len() as u64));
            return Err(error);
        }
        self.tail_at = tail_at;
        self.any = true;
        Ok(())
    }

    /// Ends the file with the duration of the run, in milliseconds.
    ///
    /// # Errors
    /// What the file system says.
    pub fn finish(mut self, duration_ms: u64) -> io::Result<()> {
        self.write_tail(&tail(duration_ms))?;
        self.file.sync_all()
    }

    fn write_tail(&mut self, text: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.tail_at))?;
        self.file.write_all(text.as_bytes())
    }
}

/// Writes all results at once, in the form that [`ResultsWriter`] writes.
///
/// # Errors
/// What the file system says.
pub fn save(dir: &Path, results: &Results) -> io::Result<PathBuf> {
    let writer = ResultsWriter::replace(dir, &results.header, &results.results)?;
    let path = writer.path.clone();
    writer.finish(results.duration_ms)?;
    Ok(path)
}

/// Everything up to and with the bracket that opens the list of results.
fn head(header: &Header) -> io::Result<String> {
    let Value::Object(fields) = serde_json::to_value(header)? else {
        return Err(io::Error::other("a header is an object"));
    };
    let mut text = String::from("{");
    for (name, value) in &fields {
        text.push_str(&format!("{}:", Value::from(name.as_str())));
        // The long parts are spread over lines, so that the file reads and diffs well.
        match value {
            Value::Array(elements) if name == "targets" => {
                let lines = elements.iter().map(Value::to_string);
                text.push_str(&spread("[", lines, "]"));
            }
            Value::Object(members) if name == "cases" => {
                let lines = members
                    .iter()
                    .map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())));
                text.push_str(&spread("{", lines, "}"));
            }
            _ => text.push_str(&value.to_string()),
        }
        text.push_str(",\n");
    }
    text.push_str(RESULTS_BEGIN);
    Ok(text)
}

fn spread(open: &str, lines: impl Iterator<Item = String>, close: &str) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return format!("{open}{close}");
    }
    format!("{open}\n{}\n{close}", lines.join(",\n"))
}

fn tail(duration_ms: u64) -> String {
    format!("\n],\"duration_ms\":{duration_ms}}}\n")
}

/// Why a results file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be opened or read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It is JSON, but of another kind.
    #[error(
        "{} is no results file of wsspec: its format is {found}, expected \"{FORMAT}\"",
        path.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// The value of `format`, in words.
        found: String,
    },
    /// It was written by a wsspec that knows more or less.
    #[error(
        "{} has version {found} of the results format; this wsspec reads versions {OLDEST_VERSION} to {VERSION}",
        path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The value of `version`.
        found: u64,
    },
    /// It is of no use.
    #[error("{} is not well formed", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where, and what is wrong.
        source: serde_json::Error,
    },
}

/// Reads a results file; of a folder, the file with the usual name in it.
///
/// # Errors
/// [`LoadError`].
pub fn load(path: &Path) -> Result<Results, LoadError> {
    let path = if path.is_dir() {
        path.join(FILE_NAME)
    } else {
        path.to_owned()
    };
    let text = match std::fs::read(&path) {
        // Where the end is torn, it may be in the middle of a character.
        Ok(octets) => String::from_utf8_lossy(&octets).into_owned(),
        Err(source) => return Err(LoadError::Io { path, source }),
    };
    parse(&text, path, false)
}

fn parse(text: &str, path: PathBuf, is_recovered: bool) -> Result<Results, LoadError> {
    #[derive(Default, Deserialize, Serialize)]
    #[serde(default)]
    struct Label {
        format: Value,
        version: Value,
    }

    let label: Label = match serde_json::from_str(text) {
        Ok(label) => label,
        // Any other JSON than an object has no label either.
        Err(error) if error.is_data() => Label::default(),
        Err(source) if !is_recovered => {
            return match recover(text) {
                Some(whole) => parse(&whole, path, true),
                None => Err(LoadError::Malformed { path, source }),
            };
        }
        Err(source) => return Err(LoadError::Malformed { path, source }),
    };
    if label.format != FORMAT {
        let found = match &label.format {
            Value::Null => "not stated".to_owned(),
            other => other.to_string().chars().take(60).collect(),
        };
        return Err(LoadError::OtherFormat { path, found });
    }
    match label.version.as_u64() {
        Some(version) if (u64::from(OLDEST_VERSION)..=u64::from(VERSION)).contains(&version) => {}
        version => {
            let found = version.unwrap_or(0);
            return Err(LoadError::OtherVersion { path, found });
        }
    }
    serde_json::from_str(text).map_err(|source| LoadError::Malformed { path, source })
}

/// What is whole in the file of a run that was killed while it wrote a result.
fn recover(text: &str) -> Option<String> {
    let (head, lines) = text.split_once(RESULTS_BEGIN)?;
    let whole = lines.lines().filter_map(|line| {
        // What stands behind it may be of what it was to be replaced by, or of before.
        let mut values = serde_json::Deserializer::from_str(line).into_iter::<CaseResult>();
        values.next()?.ok()?;
        line.get(..values.byte_offset())
    });
    let whole: Vec<&str> = whole.collect();
    let separator = if whole.is_empty() { "" } else { "\n" };
    let results = whole.join(",\n");
    Some(format!(
        "{head}{RESULTS_BEGIN}{separator}{results}{}",
        tail(0)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn the_file_is_whole_after_every_result() {
        let dir = tempfile::tempdir().unwrap();
        let all = fixtures::results();
        let below = dir.path().join("made/on/demand");
        let mut writer = ResultsWriter::create(&below, &all.header).unwrap();
        for pushed in 0..=all.results.len() {
            if pushed > 0 {
                writer.push(&all.results[pushed - 1]).unwrap();
            }
            let loaded = load(&below).unwrap();
            assert_eq!(loaded.header, all.header);
            assert_eq!(loaded.results, all.results[..pushed]);
            assert_eq!(loaded.duration_ms, 0);
        }
        writer.finish(all.duration_ms).unwrap();
        assert_eq!(load(&below.join(FILE_NAME)).unwrap(), all);
    }

    #[test]
    fn what_is_whole_is_read_wherever_the_writing_ended() {
        let dir = tempfile::tempdir().unwrap();
        let all = fixtures::results();
        let mut writer = ResultsWriter::create(dir.path(), &all.header).unwrap();
        let path = writer.path().to_owned();
        for (pushed, result) in all.results.iter().enumerate() {
            let before = std::fs::read(&path).unwrap();
            let tail_at = usize::try_from(writer.tail_at).unwrap();
            writer.push(result).unwrap();
            let after = std::fs::read(&path).unwrap();
            let octets = after.len() - tail_at;
            let ends = (0..40).chain(octets.saturating_sub(40)..octets);
            for written in ends.chain((40..octets).step_by(211)) {
                // As much of the new octets as came, over the old ones.
                let mut torn = after[..tail_at + written].to_vec();
                torn.extend(before.get(torn.len()..).unwrap_or_default());
                let text = String::from_utf8_lossy(&torn);
                let loaded = parse(&text, path.clone(), false).unwrap();
                assert_eq!(loaded.header, all.header);
                let found = loaded.results.len();
                assert!(found == pushed || found == pushed + 1, "{written}: {found}");
                assert_eq!(loaded.results, all.results[..found]);
            }
        }
    }

    #[test]
    fn each_result_has_a_line_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let all = fixtures::results();
        let path = save(dir.path(), &all).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text
            .lines()
            .filter(|line| line.starts_with("{\"target\":"))
            .count();
        assert_eq!(lines, all.results.len());
        let lines = text
            .lines()
            .filter(|line| line.contains("\"because\":"))
            .count();
        assert_eq!(lines, all.header.cases.len());
    }

    #[test]
    fn an_earlier_longer_file_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let all = fixtures::results();
        save(dir.path(), &all).unwrap();
        let mut one = all.clone();
        one.results.truncate(1);
        one.duration_ms = 0;
        save(dir.path(), &one).unwrap();
        assert_eq!(load(dir.path()).unwrap(), one);
    }

    #[test]
    fn files_that_are_none_are_named_for_what_they_are() {
        for (text, expected) in [
            ("", "is not well formed"),
            ("{", "is not well formed"),
            (
                "[]",
                "its format is not stated, expected \"wsspec-results\"",
            ),
            ("{}", "its format is not stated"),
            (r#"{"format":"lcov"}"#, "its format is \"lcov\", expected"),
            (
                r#"{"format":"wsspec-results","version":3}"#,
                "has version 3 of the results format; this wsspec reads versions 1 to 2",
            ),
            (
                r#"{"format":"wsspec-results","version":1}"#,
                "is not well formed",
            ),
        ] {
            let error = parse(text, "r.json".into(), false).unwrap_err().to_string();
            assert!(
                error.starts_with("r.json ") && error.contains(expected),
                "{text}: {error}"
            );
        }
        let missing = load(Path::new("no/such/file.json")).unwrap_err();
        assert_eq!(missing.to_string(), "cannot read no/such/file.json");
    }
}
