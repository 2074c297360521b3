//! Measures the reference implementation beside `fastwebsockets` and `tokio-tungstenite`.
//!
//! usage: bench-echo [--rounds N] [--milliseconds N] [--only WORD]
//!
//! The echo servers run as processes of their own, all with one tokio worker thread, and meet the same load one after
//! the other, round by round. Then functions are compared in this process. What is printed, as Markdown, are medians
//! of the rounds' ratios: on a machine that others use as well, times say little, and ratios of neighbours a lot.

mod load;
mod micro;
mod server;
mod table;

use std::{process::ExitCode, time::Duration};

use load::{Kind, Load};
use server::Server;
use table::Comparison;

/// Ours first. The names are those of the binaries, after `server-`.
const SERVERS: [&str; 3] = ["wsspec-reference", "fastwebsockets", "tokio-tungstenite"];

/// Payloads, each with how many messages are under way on a connection when there are several.
const PAYLOADS: [(usize, usize); 4] = [(64, 16), (1 << 10, 16), (64 << 10, 4), (1 << 20, 2)];

const CONNECTIONS: [usize; 2] = [1, 64];

struct Options {
    rounds: usize,
    /// How long one server bears one load.
    time: Duration,
    /// Leaves out the rows whose names do not contain this.
    only: String,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!(
                "bench-echo: {problem}\nusage: bench-echo [--rounds N] [--milliseconds N] [--only WORD]"
            );
            return ExitCode::from(2);
        }
    };
    match compare_servers(&options) {
        Ok(rows) if !rows.is_empty() => println!("{}", table::of_servers(&rows)),
        Ok(_) => {}
        Err(error) => {
            eprintln!("bench-echo: {error}");
            return ExitCode::from(2);
        }
    }
    let rows = micro::compare(options.rounds, &options.only);
    if !rows.is_empty() {
        println!("{}", table::of_functions(&rows));
    }
    ExitCode::SUCCESS
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        rounds: 15,
        time: Duration::from_millis(200),
        only: String::new(),
    };
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{name} needs a value"))?;
        let number = |max: u64| match value.parse() {
            Ok(number) if (1..=max).contains(&number) => Ok(number),
            _ => Err(format!(
                "{name} takes a number from 1 to {max}, not {value:?}"
            )),
        };
        match &*name {
            "--rounds" => options.rounds = number(1_000)? as usize,
            "--milliseconds" => options.time = Duration::from_millis(number(10_000)?),
            "--only" => options.only = value,
            _ => return Err(format!("there is no option {name}")),
        }
    }
    Ok(options)
}

fn compare_servers(options: &Options) -> std::io::Result<Vec<(Load, Comparison)>> {
    let loads: Vec<_> = loads()
        .filter(|load| load.to_string().contains(&options.only))
        .collect();
    if loads.is_empty() {
        return Ok(Vec::new());
    }
    let servers: Vec<_> = SERVERS
        .iter()
        .map(|name| Server::start(name))
        .collect::<Result<_, _>>()?;
    let mut rows: Vec<_> = loads
        .into_iter()
        .map(|load| (load, Comparison::default()))
        .collect();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        for (load, comparison) in &mut rows {
            let mut measured = [None; SERVERS.len()];
            // Whoever comes first finds other caches than who comes last: all take turns.
            for turn in 0..SERVERS.len() {
                let index = (round + turn) % SERVERS.len();
                measured[index] = Some(load.bear(&servers[index], options.time)?);
            }
            comparison.push(measured.map(|one| one.expect("every server had its turn")));
        }
    }
    Ok(rows)
}

/// Every payload over every number of connections: one message at a time, the same as text, and several at a time.
fn loads() -> impl Iterator<Item = Load> {
    [
        (Kind::Binary, false),
        (Kind::Text, false),
        (Kind::Binary, true),
    ]
    .into_iter()
    .flat_map(|(kind, several)| {
        CONNECTIONS.into_iter().flat_map(move |connections| {
            PAYLOADS
                .into_iter()
                .map(move |(payload_octets, window)| Load {
                    kind,
                    payload_octets,
                    connections,
                    window: if several { window } else { 1 },
                })
        })
    })
}
