//! How many conversations it takes to find each deviation of the reference implementation, and
//! how small the finding gets: `cargo run --release -p wsspec-fuzz --example deviations [COUNT]`.

use std::time::Instant;

use wsspec_cases::Target;
use wsspec_fuzz::campaign::Campaign;
use wsspec_fuzz::play::ReferenceEcho;
use wsspec_fuzz::shrink::steps;
use wsspec_reference::{Config, Deviation, Deviations, Liberties, Liberty, Role};

fn main() {
    let count = std::env::args().nth(1);
    let count = count.map_or(10_000, |count| {
        count.parse().expect("a number of conversations")
    });
    for (target, role) in [
        (Target::Server, Role::Server),
        (Target::Client, Role::Client),
    ] {
        let fits = |only: Option<Role>| only.is_none_or(|only| only == role);
        let began = Instant::now();
        let lawful = try_one(target, &Config::default(), count);
        println!("{target:?}\tlawful\t{lawful}\t{:.2?}", began.elapsed());
        for liberty in Liberty::ALL.iter().filter(|one| fits(one.facts().role)) {
            let liberties = Liberties::NONE.with(*liberty);
            let config = Config {
                liberties,
                ..Config::default()
            };
            let found = try_one(target, &config, count / 10);
            if found != "nothing" {
                println!("{target:?}\tliberty {}\t{found}", liberty.name());
            }
        }
        for deviation in Deviation::ALL.iter().filter(|one| fits(one.facts().role)) {
            let deviations = Deviations::NONE.with(*deviation);
            let config = Config {
                deviations,
                ..Config::default()
            };
            let began = Instant::now();
            let found = try_one(target, &config, count);
            let facts = deviation.facts();
            println!(
                "{target:?}\t{:?}\t{}\t{found}\t{:.2?}",
                facts.family,
                facts.name,
                began.elapsed()
            );
        }
    }
}

fn try_one(target: Target, config: &Config, count: u64) -> String {
    let endpoint = || ReferenceEcho::new(target, config);
    match Campaign::new(target, 1).run(count, endpoint) {
        None => "nothing".into(),
        Some(found) => {
            let number = found.number + 1;
            let finding = found.shrink(2000, endpoint);
            let steps = steps(&finding.conversation);
            format!("{number}\t{steps}\t{}", finding.fingerprint)
        }
    }
}
