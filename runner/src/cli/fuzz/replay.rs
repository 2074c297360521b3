//! `wsspec fuzz replay`: what has become of findings.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use wsspec_cases::expand::Dose;
use wsspec_cases::{Case, Suite, Target};
use wsspec_fuzz::findings::{self, Judged, Replayed, compare, fingerprint};
use wsspec_fuzz::scene::Scene;
use wsspec_record::{CaseResult, Failure};
use wsspec_reports::words;

use super::options::PlayingOptions;
use crate::cli::client::Started;
use crate::cli::options::{HandshakeOptions, OutputOptions};
use crate::cli::server::Servers;
use crate::cli::signal::asked_to_stop;
use crate::cli::tls::{ListenTlsOptions, TrustOptions};
use crate::cli::{Exit, problem};
use crate::run::{self, Ended, Event, RunError, Selected, Sink};
use crate::subject::{NamedServer, Subject};

/// Play findings again: each is fixed, still there, or differs.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArguments {
    /// Findings, or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Play them with the server at this URL; without one, and without a command, with the bundled reference server
    #[arg(long, value_name = "URL")]
    url: Option<NamedServer>,
    /// Play them with the server that this command starts
    #[arg(long, value_name = "CMD {port}", conflicts_with = "url")]
    spawn: Option<String>,
    #[command(flatten)]
    trust: TrustOptions,
    #[command(flatten)]
    playing: PlayingOptions,
    #[command(flatten)]
    handshake: HandshakeOptions,
    #[command(flatten)]
    tls: ListenTlsOptions,
    #[command(flatten)]
    output: OutputOptions,
    /// Play them with this client
    #[arg(last = true, value_name = "CMD … {url} …", conflicts_with_all = ["url", "spawn"])]
    command: Vec<String>,
}

/// Masking keys and nonces of a replay: a finding does not depend on them.
const SEED: u64 = 0;

pub(super) async fn run(arguments: ReplayArguments) -> Exit {
    arguments.output.apply();
    let role = match arguments.command.is_empty() {
        true => Target::Server,
        false => Target::Client,
    };
    let cases = match load(&arguments.files, role) {
        Ok(cases) => cases,
        Err(exit) => return exit,
    };
    let played = match role {
        Target::Client => match client(&arguments).subject() {
            Ok(client) => play(&arguments, &cases, vec![Arc::new(client)]).await,
            Err(exit) => return exit,
        },
        _ => {
            let targets: Vec<NamedServer> = arguments.url.iter().cloned().collect();
            let spawn: Vec<String> = arguments.spawn.iter().cloned().collect();
            match servers(&arguments, &targets, &spawn).subjects().await {
                Ok((servers, _bundled)) => play(&arguments, &cases, servers).await,
                Err(exit) => return exit,
            }
        }
    };
    match played {
        Ok(exit) => exit,
        Err(error) => problem::fail(Exit::NoRun, &error),
    }
}

/// The cases for this kind of target in these files and folders.
fn load(paths: &[PathBuf], role: Target) -> Result<Vec<Arc<Case>>, Exit> {
    let mut files = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(findings::files(path).unwrap_or_default()),
            false => files.push(path.clone()),
        }
    }
    let suite = Suite::from_paths(files.iter().map(PathBuf::as_path), Dose::Small);
    let suite = suite.map_err(|errors| problem::case_errors(&errors))?;
    let fits = |case: &&Case| case.target.includes(role);
    let cases: Vec<Arc<Case>> = suite.cases().filter(fits).cloned().map(Arc::new).collect();
    if cases.is_empty() {
        let words = format!("there is no finding for a {} there", role.name());
        return Err(problem::complain(Exit::Usage, &words));
    }
    Ok(cases)
}

fn servers<'a>(
    arguments: &'a ReplayArguments,
    targets: &'a [NamedServer],
    spawn: &'a [String],
) -> Servers<'a> {
    Servers {
        targets,
        spawn,
        tls: false,
        trust: &arguments.trust,
        handshake: &arguments.handshake,
        seed: SEED,
        timeout: arguments.playing.timeout,
        command: "wsspec server",
        options: Vec::new(),
    }
}

fn client(arguments: &ReplayArguments) -> Started<'_> {
    Started {
        command: &arguments.command,
        tls: &arguments.tls,
        out: &arguments.playing.out,
        handshake: &arguments.handshake,
        seed: SEED,
        timeout: arguments.playing.timeout,
        before: "wsspec client",
        options: String::new(),
    }
}

/// Plays the cases, and says what became of each.
async fn play(
    arguments: &ReplayArguments,
    cases: &[Arc<Case>],
    subjects: Vec<Arc<dyn Subject>>,
) -> Result<Exit, RunError> {
    let mut again = Again {
        cases: cases.to_vec(),
        quiet: arguments.output.quiet,
        exit: Exit::Conforms,
    };
    let ended = run::run(
        &mut Selected::new(cases),
        subjects,
        &arguments.playing.policy(),
        &mut [&mut again],
        usize::from(arguments.playing.jobs),
        asked_to_stop(),
    )
    .await?;
    Ok(match ended {
        Ended::Over => again.exit,
        Ended::Stopped => again
            .exit
            .max(problem::complain(Exit::NoRun, "interrupted")),
    })
}

/// Tells what became of each case.
struct Again {
    cases: Vec<Arc<Case>>,
    quiet: bool,
    exit: Exit,
}

impl Again {
    fn settled(&mut self, result: &CaseResult) {
        let Some(case) = self.cases.iter().find(|case| case.id == result.case) else {
            return;
        };
        let (words, exit) = match became(case, result) {
            None => (words::clean(&result.reason, 300), Exit::NoRun),
            Some(Replayed::Fixed) => ("fixed".into(), Exit::Conforms),
            Some(Replayed::StillThere) => ("still there".into(), Exit::DoesNotConform),
            Some(Replayed::Differs(now)) => {
                let reason = words::clean(&result.reason, 300);
                (format!("differs: {now}: {reason}"), Exit::DoesNotConform)
            }
        };
        self.exit = self.exit.max(exit);
        if !self.quiet {
            anstream::println!("{}: {words}", case.id);
        }
    }
}

/// What a result shows of a finding; nothing where it could not be judged.
fn became(case: &Case, result: &CaseResult) -> Option<Replayed> {
    let role = match case.target {
        Target::Client => Target::Client,
        _ => Target::Server,
    };
    if matches!(
        result.failure,
        Some(Failure::Unreachable | Failure::Harness)
    ) {
        return None;
    }
    let conversation = findings::conversations([case], role).pop()?;
    let scene = Scene::new(&case.id, conversation);
    let now = fingerprint(&scene.expected, Judged::of_result(result));
    Some(compare(findings::known(case).unwrap_or_default(), now))
}

impl Sink for Again {
    fn take(&mut self, event: &Event<'_>) -> Result<(), RunError> {
        if let Event::Settled { result } = event {
            self.settled(result);
        }
        Ok(())
    }
}
