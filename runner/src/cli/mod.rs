//! The command line.

mod baseline;
mod cases;
mod client;
mod conclude;
mod echo;
mod exit;
mod fuzz;
mod grade;
mod options;
mod problem;
mod progress;
mod report;
mod server;
mod signal;
mod tls;
mod values;

use clap::{Parser, Subcommand};

pub use exit::Exit;

/// Grades WebSocket implementations against RFC 6455 and RFC 7692.
#[derive(Debug, Parser)]
#[command(
    name = "wsspec",
    version,
    max_term_width = 100,
    after_help = "Exit status: 0 the target conforms, 1 it does not, 2 usage or case-file error, 3 no honest run was possible."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade servers; without one, the bundled reference server is started and graded.
    Server(server::ServerArguments),
    /// Grade a client that is started for each case, or clients and browsers that connect.
    Client(client::ClientArguments),
    /// Invent conversations, and make a case file of each fault that they show.
    #[command(subcommand)]
    Fuzz(fuzz::FuzzCommand),
    /// Run the reference implementation as a target.
    Echo(echo::EchoArguments),
    /// List, show and check cases.
    #[command(subcommand)]
    Cases(cases::CasesCommand),
    /// Make documents of stored results.
    #[command(subcommand)]
    Report(report::ReportCommand),
}

/// Runs the command line and says what the exit status is to be.
pub fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Where the message cannot be printed there is nobody to tell.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Conforms
            };
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return problem::fail(Exit::NoRun, &error),
    };
    runtime.block_on(async {
        match arguments.command {
            Command::Server(server) => server::run(server).await,
            Command::Client(client) => client::run(client).await,
            Command::Fuzz(fuzz) => fuzz::run(fuzz).await,
            Command::Echo(echo) => echo::run(echo).await,
            Command::Cases(cases) => cases::run(cases),
            Command::Report(report) => report::run(report),
        }
    })
}
