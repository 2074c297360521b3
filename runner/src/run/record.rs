//! Results as they come: written at once, replaced where a case is played again.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use wsspec_cases::{Case, Suite};
use wsspec_record::results::{FORMAT, Header, Tool, VERSION};
use wsspec_record::store::{self, ResultsWriter};
use wsspec_record::{CaseResult, Failure, Notice, Results, TargetInfo};
use wsspec_reports::words;

use super::RunError;
use super::event::{Event, Sink};
use super::secrets::Secrets;

/// How many notices of a target are kept.
const NOTICES_MAX: usize = 100;
/// How long what is wrong with a target may be in words until nothing is added.
const TROUBLE_OCTETS_MAX: usize = 2_000;

/// Collects results and writes them to `results.json`.
#[derive(Debug)]
pub struct Record {
    dir: PathBuf,
    header: Header,
    writer: Option<ResultsWriter>,
    results: Vec<CaseResult>,
    /// Where the result of a target's case stands.
    places: HashMap<(String, String), usize>,
    began: Instant,
    secrets: Secrets,
}

/// What is known before the first case is played.
pub fn header(suite: &Suite, cases: &[Arc<Case>], seed: u64) -> Header {
    // Only the cases that were selected: a report needs no others.
    let by_id = |case: &Arc<Case>| {
        let located = suite.find(&case.id);
        let case = located.map_or_else(|| (**case).clone(), |located| located.case.clone());
        (case.id.clone(), case)
    };
    Header {
        cases: cases.iter().map(by_id).collect(),
        order: cases.iter().map(|case| case.id.clone()).collect(),
        ..header_without_cases(seed, SystemTime::now())
    }
}

/// What is known of a run whose cases are not, or that has none of its own.
pub fn header_without_cases(seed: u64, started: SystemTime) -> Header {
    Header {
        format: FORMAT.into(),
        version: VERSION,
        tool: Tool {
            name: "wsspec".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        },
        seed,
        started: humantime::format_rfc3339_seconds(started).to_string(),
        targets: Vec::new(),
        cases: BTreeMap::new(),
        order: Vec::new(),
        shard: None,
    }
}

impl Record {
    /// A record in this folder, of the targets that are known so far.
    pub fn new(dir: PathBuf, mut header: Header, targets: Vec<TargetInfo>) -> Self {
        header.targets.extend(targets);
        Self {
            dir,
            header,
            writer: None,
            results: Vec::new(),
            places: HashMap::new(),
            began: Instant::now(),
            secrets: Secrets::default(),
        }
    }

    /// The same, in which these are not told.
    #[must_use]
    pub fn hiding(mut self, secrets: Secrets) -> Self {
        self.secrets = secrets;
        self
    }

    /// The result of a target's case, where there is one.
    pub fn get(&self, target: &str, case: &str) -> Option<&CaseResult> {
        let place = (target.to_owned(), case.to_owned());
        self.places.get(&place).map(|&at| &self.results[at])
    }

    /// All results so far, in the order of targets and cases.
    pub fn snapshot(&self) -> Results {
        Results {
            header: self.header.clone(),
            results: sorted(&self.header, self.results.clone()),
            duration_ms: milliseconds(self.began.elapsed()),
        }
    }

    /// All results, in the order of targets and cases, and the file complete.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn finish(&mut self) -> Result<Results, RunError> {
        let results = self.snapshot();
        if let Some(writer) = self.writer.take() {
            // Once more as a whole: in order, with what was learned of the targets, and
            // without what was replaced.
            let finished = writer.finish(results.duration_ms);
            let saved = finished.and_then(|()| store::save(&self.dir, &results));
            saved.map_err(|source| self.write_error(source))?;
        }
        Ok(results)
    }

    /// Adds a target that was not known when the run began.
    fn add(&mut self, info: &TargetInfo) -> Result<(), RunError> {
        self.header.targets.push(info.clone());
        // The head of the file names the targets.
        if self.writer.take().is_some() {
            let written = ResultsWriter::replace(&self.dir, &self.header, &self.results);
            self.writer = Some(written.map_err(|source| self.write_error(source))?);
        }
        Ok(())
    }

    fn info(&mut self, target: &str) -> Option<&mut TargetInfo> {
        let mut targets = self.header.targets.iter_mut();
        targets.find(|info| info.name == target)
    }

    /// Takes a result, in place of an earlier one of the same case if there is one.
    fn push(&mut self, result: &CaseResult) -> Result<(), RunError> {
        let place = (result.target.clone(), result.case.clone());
        if let Some(&at) = self.places.get(&place) {
            let before = self.results[at].attempts;
            self.results[at] = result.clone();
            self.results[at].attempts += before;
            return Ok(());
        }
        // A run that reaches nothing leaves an earlier run's results alone.
        let is_empty_handed = result.failure == Some(Failure::Unreachable)
            && self.writer.is_none()
            && has_results(&self.dir);
        if !is_empty_handed {
            let pushed = self.open().and_then(|writer| writer.push(result));
            pushed.map_err(|source| self.write_error(source))?;
        }
        self.places.insert(place, self.results.len());
        self.results.push(result.clone());
        Ok(())
    }

    fn open(&mut self) -> std::io::Result<&mut ResultsWriter> {
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => ResultsWriter::create(&self.dir, &self.header)?,
        };
        Ok(self.writer.insert(writer))
    }

    fn note(&mut self, target: &str, notice: &Notice) {
        let Some(info) = self.info(target) else {
            return;
        };
        if notice.is_trouble() {
            let words = words::notice(notice);
            info.trouble = Some(match info.trouble.take() {
                Some(before) if before.len() > TROUBLE_OCTETS_MAX => before,
                Some(before) => format!("{before} {words}"),
                None => words,
            });
        }
        if info.notices.len() < NOTICES_MAX {
            info.notices.push(notice.clone());
        }
    }

    fn write_error(&self, source: std::io::Error) -> RunError {
        RunError::Write {
            dir: self.dir.clone(),
            source,
        }
    }
}

impl Sink for Record {
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        match event {
            Event::Rose { facts, url, .. } => {
                if self.info(&facts.info.name).is_none() {
                    self.add(&facts.info)?;
                }
                if let (Some(info), Some(url)) = (self.info(&facts.info.name), url) {
                    info.url = Some((*url).to_owned());
                }
            }
            Event::Named { target, product } => {
                if let Some(info) = self.info(target) {
                    info.product = Some((*product).to_owned());
                }
            }
            Event::Settled { result } | Event::Skipped { result, .. } => {
                let told = self.secrets.hide((*result).clone());
                self.push(&told)?;
            }
            Event::Notice { target, notice } => {
                let told = self.secrets.hide_everywhere(*notice);
                self.note(target, told.as_ref().unwrap_or(notice));
            }
            Event::Fell { target, took } => {
                let took = milliseconds(*took);
                if let Some(info) = self.info(target) {
                    info.duration_ms = Some(took);
                }
            }
            Event::Started { .. } | Event::Retried { .. } => {}
        }
        Ok(())
    }
}

/// Whether a folder holds results of an earlier run.
fn has_results(dir: &Path) -> bool {
    dir.join(store::FILE_NAME).exists()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Results in the order of targets and cases.
fn sorted(header: &Header, mut results: Vec<CaseResult>) -> Vec<CaseResult> {
    let order: HashMap<&str, usize> = numbered(header.order.iter().map(String::as_str));
    let names = header.targets.iter().map(|target| target.name.as_str());
    let targets = numbered(names);
    results.sort_by_key(|result| {
        let target = targets.get(result.target.as_str()).copied();
        (target, order.get(result.case.as_str()).copied())
    });
    results
}

fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    names.enumerate().map(|(at, name)| (name, at)).collect()
}
