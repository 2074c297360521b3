//! From what was measured to ratios, and from these to Markdown.

use std::fmt::Write as _;

use crate::load::{Load, Measured};

/// What one load brought, round by round; ours first.
#[derive(Default)]
pub struct Comparison {
    rounds: Vec<[Measured; 3]>,
}

impl Comparison {
    pub fn push(&mut self, round: [Measured; 3]) {
        self.rounds.push(round);
    }

    /// The median of the rounds' ratios of ours to the other one's.
    fn ratio(&self, other: usize, what: impl Fn(&Measured) -> f64) -> f64 {
        median(
            self.rounds
                .iter()
                .map(|round| what(&round[0]) / what(&round[other]))
                .collect(),
        )
    }
}

/// How fast one of our functions is, beside others that do the same.
pub struct Row {
    pub title: String,
    /// How many times as fast ours is as that of `fastwebsockets`, if that is public.
    pub fastwebsockets: Option<f64>,
    /// The same for `tungstenite`.
    pub tungstenite: Option<f64>,
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

pub fn of_servers(rows: &[(Load, Comparison)]) -> String {
    let mut out = String::from(
        "| kind | payload | connections | under way on each | rate, to fastwebsockets | to tokio-tungstenite | \
         **to the faster** | CPU, to fastwebsockets | to tokio-tungstenite |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (load, comparison) in rows {
        let [fast, tungstenite] =
            [1, 2].map(|other| comparison.ratio(other, |measured| measured.rate));
        let [fast_cpu, tungstenite_cpu] =
            [1, 2].map(|other| comparison.ratio(other, |measured| measured.yield_of_cpu));
        let lower = fast.min(tungstenite);
        writeln!(
            out,
            "| {load} | {fast:.2} | {tungstenite:.2} | **{lower:.2}** | {fast_cpu:.2} | {tungstenite_cpu:.2} |"
        )
        .expect("a string takes everything");
    }
    out
}

pub fn of_functions(rows: &[Row]) -> String {
    let mut out = String::from(
        "| what | to fastwebsockets | to tungstenite | **to the faster** |\n| --- | ---: | ---: | ---: |\n",
    );
    let cell = |ratio: Option<f64>| ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"));
    for Row {
        title,
        fastwebsockets,
        tungstenite,
    } in rows
    {
        let lower = fastwebsockets
            .iter()
            .chain(tungstenite)
            .copied()
            .reduce(f64::min);
        writeln!(
            out,
            "| {title} | {} | {} | **{}** |",
            cell(*fastwebsockets),
            cell(*tungstenite),
            cell(lower)
        )
        .expect("a string takes everything");
    }
    out
}
