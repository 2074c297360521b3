//! The documents of a report: which there are, and writing them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::tally::Tally;

/// A document that can be made from results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `index.html` and a page for each case.
    Html,
    /// `results.json`.
    Json,
    /// `junit.xml`.
    Junit,
    /// `index.json` and a file for each case, as Autobahn|Testsuite writes them.
    Autobahn,
    /// `summary.md`.
    Markdown,
    /// `badge.svg`.
    Badge,
}

impl Format {
    /// Every document.
    pub const ALL: &[Self] = &[
        Self::Html,
        Self::Json,
        Self::Junit,
        Self::Autobahn,
        Self::Markdown,
        Self::Badge,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Autobahn => "autobahn",
            Self::Markdown => "markdown",
            Self::Badge => "badge",
        }
    }

    /// The file to open, in the report's folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Html => "index.html",
            Self::Json => wsspec_record::store::FILE_NAME,
            Self::Junit => "junit.xml",
            Self::Autobahn => "index.json",
            Self::Markdown => "summary.md",
            Self::Badge => "badge.svg",
        }
    }

    /// Reads a list such as `html,junit`; `all` and `none` are understood too.
    ///
    /// # Errors
    /// [`UnknownFormat`] for the first name that is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, UnknownFormat> {
        let mut formats = Vec::new();
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            match name {
                "all" => formats.extend_from_slice(Self::ALL),
                "none" => {}
                name => formats.push(name.parse()?),
            }
        }
        formats.sort_unstable();
        formats.dedup();
        Ok(formats)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A name that is no document's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no format: expected html, json, junit, autobahn, markdown, badge, all or none, \
     separated by commas"
)]
pub struct UnknownFormat {
    /// What was written.
    pub text: String,
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let known = Self::ALL.iter().find(|format| format.name() == text);
        known.copied().ok_or_else(|| UnknownFormat {
            text: text.to_owned(),
        })
    }
}

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {format} to {}", path.display())]
pub struct WriteError {
    /// The document.
    pub format: Format,
    /// The file or folder.
    pub path: PathBuf,
    /// What went wrong.
    pub source: io::Error,
}

/// Documents that could not be written; the others were.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.lines())]
pub struct WriteErrors {
    /// What was written all the same.
    pub written: Vec<PathBuf>,
    /// What was not.
    pub errors: Vec<WriteError>,
}

impl WriteErrors {
    fn lines(&self) -> String {
        let lines: Vec<String> = self
            .errors
            .iter()
            .map(|error| format!("{error}: {}", error.source))
            .collect();
        lines.join("\n")
    }
}

/// Writes documents into a folder and tells the file to open of each.
///
/// What is there already is overwritten; writing the same results again changes
/// nothing. A document that fails does not keep the others from being written.
///
/// # Errors
/// [`WriteErrors`], with everything that went wrong.
pub fn write_all(
    dir: &Path,
    tally: &Tally<'_>,
    formats: &[Format],
) -> Result<Vec<PathBuf>, WriteErrors> {
    let mut written = Vec::new();
    let mut errors = Vec::new();
    for format in formats {
        let path = dir.join(format.file_name());
        match write(dir, tally, *format) {
            Ok(()) => written.push(path),
            Err(source) => errors.push(WriteError {
                format: *format,
                path,
                source,
            }),
        }
    }
    if errors.is_empty() {
        Ok(written)
    } else {
        Err(WriteErrors { written, errors })
    }
}

fn write(dir: &Path, tally: &Tally<'_>, format: Format) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let text = |text: String| std::fs::write(dir.join(format.file_name()), text);
    match format {
        Format::Json => wsspec_record::store::save(dir, tally.results).map(|_| ()),
        Format::Html => crate::html::write(dir, tally),
        Format::Junit => text(crate::junit::render(tally)?),
        Format::Autobahn => crate::autobahn::write(dir, tally),
        Format::Markdown => text(crate::summary::render(tally)),
        Format::Badge => text(crate::badge::render(tally)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;

    #[test]
    fn writing_again_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let mut before = Vec::new();
        for round in 0..2 {
            let written = write_all(dir.path(), &tally, Format::ALL).unwrap();
            assert_eq!(written.len(), Format::ALL.len());
            let now: Vec<Vec<u8>> = written
                .iter()
                .map(|path| std::fs::read(path).unwrap())
                .collect();
            if round > 0 {
                assert_eq!(before, now);
            }
            before = now;
        }
        // A report that is made of the stored results is the same, too.
        let stored = wsspec_record::store::load(dir.path()).unwrap();
        assert_eq!(stored, results);
    }

    #[test]
    fn one_document_that_fails_does_not_stop_the_others() {
        let dir = tempfile::tempdir().unwrap();
        for format in [Format::Html, Format::Badge] {
            std::fs::create_dir(dir.path().join(format.file_name())).unwrap();
        }
        let results = fixtures::results();
        let failed =
            write_all(dir.path(), &Tally::new(&results, FailOn::Fail), Format::ALL).unwrap_err();
        assert_eq!(failed.written.len(), 4);
        let formats: Vec<Format> = failed.errors.iter().map(|error| error.format).collect();
        assert_eq!(formats, [Format::Html, Format::Badge]);
        assert_eq!(failed.to_string().lines().count(), 2, "{failed}");
        assert!(dir.path().join("junit.xml").is_file());
    }

    #[test]
    fn lists_are_read() {
        for (text, expected) in [
            ("", Ok(vec![])),
            ("none", Ok(vec![])),
            ("junit, html,junit", Ok(vec![Format::Html, Format::Junit])),
            ("all", Ok(Format::ALL.to_vec())),
            (
                "html,tap",
                Err(UnknownFormat {
                    text: "tap".to_owned(),
                }),
            ),
        ] {
            assert_eq!(Format::parse_list(text), expected, "{text:?}");
        }
        let error = "tap".parse::<Format>().unwrap_err().to_string();
        for format in Format::ALL {
            assert!(error.contains(format.name()), "{error}");
        }
    }
}
