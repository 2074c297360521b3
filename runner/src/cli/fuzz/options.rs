//! Options that the fuzzing commands share.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::Args;
use wsspec_cases::Target;
use wsspec_cases::select::Pattern;
use wsspec_fuzz::generate::{Generator, Kind};
use wsspec_fuzz::hunt::{Hunt, Limits};

use super::known::Known;
use crate::cli::values::seconds;
use crate::cli::{Exit, problem};
use crate::run::Policy;

/// What is invented, and for how long.
#[derive(Debug, Clone, Args)]
pub(super) struct FuzzOptions {
    /// Where the conversations come from: the same seed invents the same ones. Without it, another one each time
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many conversations are invented for each target at the most
    #[arg(long, value_name = "N")]
    max_cases: Option<u64>,
    /// For how many seconds conversations are invented
    #[arg(long, value_name = "S", value_parser = seconds)]
    max_time: Option<Duration>,
    /// Invent only conversations of these kinds: lawful, wrong (with one thing wrong), wild, mutated (cases of the suite and known findings, changed); repeatable
    #[arg(long = "case", value_name = "GLOB")]
    kinds: Vec<Pattern>,
    /// The folder of findings that are known and do not count; repeatable
    #[arg(long, value_name = "DIR")]
    known: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) playing: PlayingOptions,
}

/// How conversations are held.
#[derive(Debug, Clone, Args)]
pub(super) struct PlayingOptions {
    /// How many conversations take place at once
    #[arg(short, long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: u16,
    /// Seconds to wait for an answer before it counts as missing
    #[arg(long, value_name = "S", default_value = "5", value_parser = seconds)]
    pub(super) timeout: Duration,
    /// Where findings and reports go
    #[arg(short, long, value_name = "DIR", default_value = "wsspec-report")]
    pub(super) out: PathBuf,
    /// How often a target that dies is started again at the most; without it, as often as it takes
    #[arg(long, value_name = "N")]
    max_restarts: Option<usize>,
}

impl FuzzOptions {
    /// The seed, which is another one each time unless it is given.
    pub(super) fn seed(&self) -> u64 {
        self.seed.unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            now.map_or(0, |now| u64::from(now.subsec_nanos()) ^ now.as_secs() << 20) % 1_000_000_000
        })
    }

    /// What is invented for each target.
    ///
    /// # Errors
    /// The exit status, once the mistake was printed.
    pub(super) fn hunt(&self, target: Target, seed: u64) -> Result<Hunt, Exit> {
        let is_selected = |kind: &&Kind| {
            let fits = |pattern: &Pattern| pattern.matches_name(kind.name(), '/');
            self.kinds.is_empty() || self.kinds.iter().any(fits)
        };
        let kinds: Vec<Kind> = Kind::ALL.iter().filter(is_selected).copied().collect();
        if kinds.is_empty() {
            let words = "--case matches no kind of conversation; the kinds are lawful, wrong, wild and mutated";
            return Err(problem::complain(Exit::Usage, words));
        }
        let known = Known::load(&self.known)?;
        let generator = Generator::new(target)
            .of_kinds(kinds)
            .with_seeds(known.seeds(target)?);
        let limits = Limits {
            conversations: self.max_cases,
            time: self.max_time,
        };
        Ok(Hunt::new(generator, seed, limits).with_known(known.slugs()))
    }
}

impl PlayingOptions {
    /// How a run is conducted. What is found out of a target that answers little is worth as much
    /// as what is found out of others.
    pub(super) fn policy(&self) -> Policy {
        Policy {
            force: true,
            restarts_max: self.max_restarts,
            ..Policy::new(self.timeout)
        }
    }
}
