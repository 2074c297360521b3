//! Options that several commands share.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ColorChoice};
use wsspec_cases::expand::Dose;
use wsspec_cases::select::{Pattern, Selection};
use wsspec_cases::{Case, CaseErrors, Suite, Target};
use wsspec_reports::policy::FailOn;

use super::baseline::BaselineOptions;
use super::values::{FormatList, formats, header, policy, seconds, shell_word, token};
use super::{Exit, problem};

/// Which cases.
#[derive(Debug, Clone, Args)]
pub(super) struct CaseOptions {
    /// Play only these cases: an id, the beginning of one, a glob, or autobahn:3.*; repeatable
    #[arg(long = "case", value_name = "GLOB")]
    pub(super) include: Vec<Pattern>,
    /// Leave these cases out; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<Pattern>,
    /// Play the cases in this folder or file in place of the built-in ones; repeatable
    #[arg(long = "cases", value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// How much of something costly the cases may send
    #[arg(long, value_enum, default_value_t = DoseOption::Small)]
    pub(super) dose: DoseOption,
}

/// How much of something costly the cases may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum DoseOption {
    /// Enough to show a mistake, harmless everywhere
    Small,
    /// As much as the known attacks send
    Full,
}

impl CaseOptions {
    /// Loads the suite that the options name.
    pub(super) fn suite(&self) -> Result<Suite, CaseErrors> {
        let dose = match self.dose {
            DoseOption::Small => Dose::Small,
            DoseOption::Full => Dose::Full,
        };
        if self.folders.is_empty() {
            Suite::embedded(dose)
        } else {
            Suite::from_paths(self.folders.iter().map(PathBuf::as_path), dose)
        }
    }

    /// Loads the suite and the cases that are selected for this kind of target.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn load(&self, target: Target) -> Result<(Suite, Vec<Arc<Case>>), Exit> {
        let suite = self
            .suite()
            .map_err(|errors| problem::case_errors(&errors))?;
        let cases: Vec<Arc<Case>> = suite
            .select(target, &self.selection())
            .into_iter()
            .cloned()
            .map(Arc::new)
            .collect();
        if cases.is_empty() {
            let words = "the selection matches no case; `wsspec cases list` shows all of them";
            return Err(problem::complain(Exit::Usage, words));
        }
        Ok((suite, cases))
    }

    /// Options that a replay has to repeat to find the same cases.
    pub(super) fn replay_options(&self) -> impl Iterator<Item = String> {
        self.folders
            .iter()
            .map(|folder| format!("--cases {}", shell_word(&folder.display().to_string())))
    }

    /// Which of its cases are selected.
    pub(super) fn selection(&self) -> Selection {
        Selection {
            include: self.include.clone(),
            exclude: self.exclude.clone(),
        }
    }
}

/// How cases are played, and what becomes of the results.
#[derive(Debug, Clone, Args)]
pub(super) struct RunOptions {
    /// How many cases are played at once
    #[arg(short, long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: u16,
    /// Seconds to wait for an answer before it counts as missing
    #[arg(long, value_name = "S", default_value = "5", value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Where results and reports go
    #[arg(short, long, value_name = "DIR", default_value = "wsspec-report")]
    pub(super) out: PathBuf,
    /// Documents to write, separated by commas: html, json, junit, autobahn, markdown, badge, all or none (results.json is always written)
    #[arg(long, value_name = "LIST", default_value = "all", value_parser = formats)]
    pub(super) format: FormatList,
    #[command(flatten)]
    pub(super) baseline: BaselineOptions,
    /// What gives exit status 1: fail, non-strict (everything that is not strictly right) or never
    #[arg(long, value_name = "WHAT", default_value = "fail", value_parser = policy)]
    pub(super) fail_on: FailOn,
    /// Grade also what is no echo endpoint, and go on with what has shown that it does not answer
    #[arg(long)]
    pub(super) force: bool,
    /// How often a target that dies is started again at the most; without it, as often as it takes
    #[arg(long, value_name = "N")]
    pub(super) max_restarts: Option<usize>,
    /// The seed of masking keys and nonces: the same seed sends the same octets
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
}

/// What is special about every opening handshake.
#[derive(Debug, Clone, Args)]
pub(super) struct HandshakeOptions {
    /// Send this header field in every opening handshake; repeatable
    #[arg(long, value_name = "K: V", value_parser = header)]
    pub(super) header: Vec<(String, String)>,
    /// Offer this subprotocol in every opening handshake; repeatable
    #[arg(long, value_name = "P", value_parser = token)]
    pub(super) subprotocol: Vec<String>,
}

impl HandshakeOptions {
    /// Options that a replay has to repeat to send the same octets.
    pub(super) fn replay_options(&self) -> impl Iterator<Item = String> {
        let headers = self
            .header
            .iter()
            .map(|(name, value)| format!("--header {}", shell_word(&format!("{name}: {value}"))));
        let subprotocols = self
            .subprotocol
            .iter()
            .map(|subprotocol| format!("--subprotocol {}", shell_word(subprotocol)));
        headers.chain(subprotocols)
    }
}

/// How much is printed, and how.
#[derive(Debug, Clone, Args)]
pub(super) struct OutputOptions {
    /// Print nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print more: once for every result that is not good in full, twice for each case
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorChoice,
}

impl OutputOptions {
    /// Makes the choice of colours known to everything that prints.
    pub(super) fn apply(&self) {
        let choice = match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }

    /// Whether progress is drawn: on a terminal, unless nobody wants it.
    pub(super) fn draws_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
}
