//! What the templates are given: everything in words, nothing left to decide.

use serde::Serialize;
use wsspec_cases::case::{Barrier, Liveness};
use wsspec_cases::{Case, Outcome, Target};

use super::wire;
use super::{CasePage, Site};
use crate::tally::{self, Counts};
use crate::words;
use wsspec_record::results::{CaseResult, Closing, Grade, TargetInfo, Verdict};

/// How much of what a process printed is shown, in characters.
const OUTPUT_CHARS_MAX: usize = 4_000;

/// What every page shows.
#[derive(Debug, Serialize)]
pub(super) struct Run {
    /// The way from the page to the report's folder.
    root: &'static str,
    tool: String,
    started: String,
    seed: u64,
    duration: String,
    cases: String,
    policy: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct Index {
    run: Run,
    targets: Vec<TargetCard>,
    groups: Vec<Group>,
    /// The verdicts that occur, for the filter.
    verdicts: Vec<Filter>,
    total: String,
    attention: u64,
    bad_closings: u64,
    /// Whether cells have room for a mark alone.
    compact: bool,
}

#[derive(Debug, Serialize)]
struct TargetCard {
    name: String,
    role: String,
    url: String,
    product: String,
    command: String,
    kept: String,
    judged: String,
    counts: Vec<Count>,
    bars: Vec<Bar>,
    closing_not_ok: u64,
    missing: u64,
    duration: String,
    conclusion: &'static str,
    conforms: bool,
}

#[derive(Debug, Serialize)]
struct Count {
    verdict: &'static str,
    mark: &'static str,
    number: String,
    sentence: &'static str,
}

/// A part of the bar of a target, in thousandths of its width.
#[derive(Debug, Serialize)]
struct Bar {
    verdict: &'static str,
    x: u64,
    width: u64,
}

#[derive(Debug, Serialize)]
struct Filter {
    verdict: &'static str,
    mark: &'static str,
    number: String,
    sentence: &'static str,
}

#[derive(Debug, Serialize)]
struct Group {
    anchor: String,
    topic: String,
    cases: String,
    tallies: Vec<Tally>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Tally {
    text: String,
    whole: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    leaf: String,
    slug: String,
    title: String,
    autobahn: String,
    /// Words for the filters: verdicts, `attention`, `closing`.
    tokens: String,
    cells: Vec<Option<Cell>>,
}

#[derive(Debug, Clone, Serialize)]
struct Cell {
    anchor: usize,
    verdict: &'static str,
    mark: &'static str,
    /// Only where it is not fine.
    closing: &'static str,
    failure: &'static str,
    reason: String,
}

#[derive(Debug, Serialize)]
pub(super) struct CaseView {
    run: Run,
    id: String,
    topic: String,
    topic_anchor: String,
    title: String,
    autobahn: String,
    audience: &'static str,
    because: String,
    needs: Vec<String>,
    flags: Vec<FlagView>,
    exclusive: bool,
    known: bool,
    opening: Vec<String>,
    liveness: &'static str,
    steps: Vec<String>,
    barrier: bool,
    outcomes: Vec<OutcomeView>,
    requirements: Vec<RequirementView>,
    targets: Vec<TargetView>,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
}

/// A class of known vulnerabilities.
#[derive(Debug, Serialize)]
struct FlagView {
    name: String,
    title: String,
    effect: String,
    advisories: String,
}

#[derive(Debug, Serialize)]
struct Neighbour {
    slug: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct OutcomeView {
    verdict: &'static str,
    mark: &'static str,
    course: String,
    because: String,
}

#[derive(Debug, Serialize)]
pub(super) struct RequirementView {
    id: String,
    citation: String,
    pub(super) link: String,
    level: String,
    summary: String,
}

#[derive(Debug, Serialize)]
struct TargetView {
    anchor: usize,
    name: String,
    url: String,
    results: Vec<ResultView>,
}

#[derive(Debug, Serialize)]
struct ResultView {
    verdict: &'static str,
    mark: &'static str,
    meaning: &'static str,
    closing: &'static str,
    closing_meaning: &'static str,
    closing_fine: bool,
    /// Whether the closing has a sentence of its own beside the reason.
    closing_told: bool,
    failure: &'static str,
    failure_meaning: &'static str,
    reason: String,
    duration: String,
    attempts: u32,
    close_code: Option<u16>,
    broken: Option<RequirementView>,
    expected: Vec<String>,
    observed: String,
    replay: String,
    process: Option<ProcessView>,
    wire: Vec<wire::Line>,
    entries: String,
    good: bool,
}

#[derive(Debug, Serialize)]
struct ProcessView {
    words: String,
    /// What it printed at the end, line by line.
    output: Vec<String>,
}

/// A mark that tells verdicts apart without their colour.
pub(super) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::NonStrict => "≈",
        Verdict::Fail => "✗",
        Verdict::Info => "i",
        Verdict::Unimplemented => "–",
        Verdict::Skipped => "○",
        Verdict::Error => "!",
    }
}

/// Beyond this many targets, the cells of the matrix hold a mark alone.
const WIDE_TARGETS_MAX: usize = 6;

pub(super) fn run(site: &Site<'_>, root: &'static str) -> Run {
    let header = &site.tally.results.header;
    Run {
        root,
        tool: words::clean(&format!("{} {}", header.tool.name, header.tool.version), 60),
        started: words::clean(&header.started, 40)
            .replace('T', " ")
            .replace('Z', " UTC"),
        seed: header.seed,
        duration: words::milliseconds(site.tally.results.duration_ms as f64),
        cases: words::counted(site.pages.len() as u64, "case", "cases"),
        policy: site.tally.policy.name(),
    }
}

pub(super) fn index(site: &Site<'_>) -> Index {
    let all = site.tally.sum();
    let attention =
        |page: &&CasePage<'_>| page.results.iter().flatten().any(|r| needs_attention(r));
    Index {
        run: run(site, ""),
        targets: site
            .tally
            .targets
            .iter()
            .map(|target| card(&target.info, &target.counts))
            .collect(),
        groups: groups(site),
        verdicts: Verdict::ALL
            .iter()
            .filter(|verdict| all.verdict(**verdict) > 0)
            .map(|verdict| Filter {
                verdict: verdict.name(),
                mark: mark(*verdict),
                number: words::grouped(all.verdict(*verdict)),
                sentence: words::verdict(*verdict),
            })
            .collect(),
        total: words::grouped(all.total()),
        attention: site.pages.iter().filter(attention).count() as u64,
        bad_closings: all.closing_not_ok,
        compact: site.tally.targets.len() > WIDE_TARGETS_MAX,
    }
}

fn needs_attention(result: &CaseResult) -> bool {
    result.grade() > Grade::Good
}

fn card(info: &TargetInfo, counts: &Counts) -> TargetCard {
    let told = |verdict: &&Verdict| counts.verdict(**verdict) > 0;
    let total = counts.total().max(1);
    let mut before = 0;
    TargetCard {
        name: words::clean(&info.name, 80),
        role: words::clean(&info.role, 20),
        url: words::clean(info.url.as_deref().unwrap_or_default(), 200),
        product: words::clean(info.product.as_deref().unwrap_or_default(), 80),
        command: words::clean(info.command.as_deref().unwrap_or_default(), 300),
        kept: words::grouped(counts.kept),
        judged: words::grouped(counts.judged()),
        counts: Verdict::ALL
            .iter()
            .filter(told)
            .map(|verdict| Count {
                verdict: verdict.name(),
                mark: mark(*verdict),
                number: words::grouped(counts.verdict(*verdict)),
                sentence: words::verdict(*verdict),
            })
            .collect(),
        bars: Verdict::ALL
            .iter()
            .filter(told)
            .map(|verdict| {
                let x = before * 1_000 / total;
                before += counts.verdict(*verdict);
                Bar {
                    verdict: verdict.name(),
                    x,
                    width: before * 1_000 / total - x,
                }
            })
            .collect(),
        closing_not_ok: counts.closing_not_ok,
        missing: counts.missing,
        duration: words::milliseconds(counts.duration_ms),
        conclusion: match counts {
            _ if counts.missing > 0 => "did not come to its end",
            _ if counts.failing > 0 => "does not conform",
            _ => "conforms",
        },
        conforms: counts.missing == 0 && counts.failing == 0,
    }
}

fn groups(site: &Site<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    let mut members: Vec<Vec<&CasePage<'_>>> = Vec::new();
    for page in &site.pages {
        let topic = group_of(page.id);
        let place = *places.entry(topic).or_insert_with(|| {
            groups.push(Group {
                anchor: anchor(topic),
                topic: words::clean(topic, 80).replace('/', " / "),
                cases: String::new(),
                tallies: Vec::new(),
                rows: Vec::new(),
            });
            members.push(Vec::new());
            groups.len() - 1
        });
        groups[place].rows.push(row(site, page, topic));
        members[place].push(page);
    }
    for (group, members) in groups.iter_mut().zip(&members) {
        group.cases = words::counted(members.len() as u64, "case", "cases");
        group.tallies = (0..site.tally.targets.len())
            .map(|target| {
                let results = members.iter().flat_map(|page| &page.results[target]);
                let results: Vec<&CaseResult> = results.copied().collect();
                let good = results.iter().filter(|r| r.grade() == Grade::Good).count();
                Tally {
                    text: format!("{good}/{}", results.len()),
                    whole: good == results.len(),
                }
            })
            .collect();
    }
    groups
}

/// The topic under which a case stands: the first two parts of its id, or the first
/// where there are only two.
fn group_of(id: &str) -> &str {
    match id.match_indices('/').nth(1) {
        Some((at, _)) => &id[..at],
        None => id.split_once('/').map_or(id, |(first, _)| first),
    }
}

fn anchor(topic: &str) -> String {
    format!("topic-{}", super::slug(topic))
}

fn row(site: &Site<'_>, page: &CasePage<'_>, topic: &str) -> Row {
    let case = site.tally.results.header.cases.get(page.id);
    let mut tokens: Vec<&str> = Vec::new();
    for result in page.results.iter().flatten() {
        tokens.push(result.verdict.name());
        if needs_attention(result) {
            tokens.push("attention");
        }
        if !tally::is_fine(result.closing) {
            tokens.push("closing");
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    let leaf = page.id.strip_prefix(topic).unwrap_or(page.id);
    Row {
        id: words::clean(page.id, 200),
        leaf: words::clean(leaf.trim_start_matches('/'), 120),
        slug: page.slug.clone(),
        title: title(case, page.id),
        autobahn: number(case, page),
        tokens: tokens.join(" "),
        cells: page
            .results
            .iter()
            .enumerate()
            .map(|(target, results)| cell(target, results))
            .collect(),
    }
}

fn title(case: Option<&Case>, id: &str) -> String {
    words::clean(case.map_or(id, |case| &case.title), 200)
}

fn number(case: Option<&Case>, page: &CasePage<'_>) -> String {
    let of_case = case.and_then(|case| case.autobahn.clone());
    let of_results = || {
        let mut results = page.results.iter().flatten();
        results.find_map(|result| result.autobahn.clone())
    };
    words::clean(&of_case.or_else(of_results).unwrap_or_default(), 20)
}

fn cell(target: usize, results: &[&CaseResult]) -> Option<Cell> {
    let worst = results.iter().max_by_key(|result| result.grade())?;
    Some(Cell {
        anchor: target + 1,
        verdict: worst.verdict.name(),
        mark: mark(worst.verdict),
        closing: match worst.closing {
            closing if tally::is_fine(closing) => "",
            closing => closing.name(),
        },
        failure: worst.failure.map_or("", |failure| failure.name()),
        reason: match worst.grade() {
            Grade::Good => String::new(),
            _ => words::clean(&words::reason(worst), 200),
        },
    })
}

pub(super) fn case(site: &Site<'_>, place: usize) -> CaseView {
    let page = &site.pages[place];
    let case = site.tally.results.header.cases.get(page.id);
    let neighbour = |place: Option<usize>| {
        let page = site.pages.get(place?)?;
        let case = site.tally.results.header.cases.get(page.id);
        Some(Neighbour {
            slug: page.slug.clone(),
            title: title(case, page.id),
        })
    };
    let topic = group_of(page.id);
    let mut view = CaseView {
        run: run(site, "../"),
        id: words::clean(page.id, 200),
        topic: words::clean(topic, 80).replace('/', " / "),
        topic_anchor: anchor(topic),
        title: title(case, page.id),
        autobahn: number(case, page),
        audience: "",
        because: String::new(),
        needs: Vec::new(),
        flags: Vec::new(),
        exclusive: false,
        known: case.is_some(),
        opening: Vec::new(),
        liveness: "",
        steps: Vec::new(),
        barrier: false,
        outcomes: Vec::new(),
        requirements: requirements(site, case, page),
        targets: site
            .tally
            .targets
            .iter()
            .enumerate()
            .filter(|(target, _)| !page.results[*target].is_empty())
            .map(|(target, found)| TargetView {
                anchor: target + 1,
                name: words::clean(&found.info.name, 80),
                url: words::clean(found.info.url.as_deref().unwrap_or_default(), 200),
                results: page.results[target]
                    .iter()
                    .map(|result| result_view(site, case, result))
                    .collect(),
            })
            .collect(),
        previous: neighbour(place.checked_sub(1)),
        next: neighbour(Some(place + 1)),
    };
    if let Some(case) = case {
        tell(site, &mut view, case);
    }
    view
}

fn flag(site: &Site<'_>, name: &str) -> FlagView {
    let flag = site.flags.find(name);
    FlagView {
        name: words::clean(name, 80),
        title: flag.map_or_else(String::new, |flag| flag.title.clone()),
        effect: flag.map_or_else(String::new, |flag| flag.effect.clone()),
        advisories: flag.map_or_else(String::new, |flag| flag.advisories.join(", ")),
    }
}

fn tell(site: &Site<'_>, view: &mut CaseView, case: &Case) {
    view.audience = match case.target {
        Target::Server => "servers only",
        Target::Client => "clients only",
        Target::Endpoint => "servers and clients",
    };
    view.because = words::clean(&case.because, 2_000);
    view.needs = case.needs.iter().map(words::need).collect();
    view.flags = case.flags.iter().map(|name| flag(site, name)).collect();
    view.exclusive = case.exclusive;
    view.opening = words::opening(&case.opening);
    view.liveness = match case.liveness() {
        Liveness::Echo => "have a text message echoed, as proof of life",
        Liveness::Pong => "have a Ping answered, as proof of life",
        Liveness::None => "",
    };
    view.steps = case.script.iter().map(words::step).collect();
    view.barrier = case.barrier() == Barrier::Echo;
    view.outcomes = case.outcomes.iter().map(outcome).collect();
}

fn outcome(outcome: &Outcome) -> OutcomeView {
    let verdict = match outcome.verdict {
        wsspec_cases::OutcomeVerdict::Pass => Verdict::Pass,
        wsspec_cases::OutcomeVerdict::NonStrict => Verdict::NonStrict,
        wsspec_cases::OutcomeVerdict::Info => Verdict::Info,
        wsspec_cases::OutcomeVerdict::Unimplemented => Verdict::Unimplemented,
        wsspec_cases::OutcomeVerdict::Fail => Verdict::Fail,
    };
    OutcomeView {
        verdict: verdict.name(),
        mark: mark(verdict),
        course: words::course(outcome),
        because: words::clean(outcome.because.as_deref().unwrap_or_default(), 1_000),
    }
}

fn requirements(site: &Site<'_>, case: Option<&Case>, page: &CasePage<'_>) -> Vec<RequirementView> {
    let results = page.results.iter().flatten();
    let ids: &[String] = match case {
        Some(case) => &case.requirements,
        None => results
            .map(|result| &result.requirements[..])
            .next()
            .unwrap_or_default(),
    };
    ids.iter().map(|id| requirement(site, id)).collect()
}

pub(super) fn requirement(site: &Site<'_>, id: &str) -> RequirementView {
    match site.tally.catalogue.find(id) {
        Some(found) => RequirementView {
            id: id.to_owned(),
            citation: found.citation(),
            link: format!(
                "https://www.rfc-editor.org/rfc/rfc{}#section-{}",
                found.rfc(),
                found.section
            ),
            level: found.level.clone(),
            summary: found.summary.clone(),
        },
        None => RequirementView {
            id: words::clean(id, 40),
            citation: words::clean(id, 40),
            link: String::new(),
            level: String::new(),
            summary: "Not in the catalogue of this wsspec.".to_owned(),
        },
    }
}

fn result_view(site: &Site<'_>, case: Option<&Case>, result: &CaseResult) -> ResultView {
    let expected = match (&result.expected[..], case) {
        ([], Some(case)) => words::expected(case),
        (expected, _) => expected.to_vec(),
    };
    let transcript = result.transcript.as_ref();
    let entries = transcript.map_or(0, |transcript| transcript.entries.len() as u64);
    ResultView {
        verdict: result.verdict.name(),
        mark: mark(result.verdict),
        meaning: words::verdict(result.verdict),
        closing: result.closing.name(),
        closing_meaning: words::closing(result.closing),
        closing_fine: tally::is_fine(result.closing),
        closing_told: !tally::is_fine(result.closing)
            && words::reason(result) != words::closing(result.closing),
        failure: result.failure.map_or("", |failure| failure.name()),
        failure_meaning: result.failure.map_or("", words::failure),
        reason: words::reason(result),
        duration: words::milliseconds(result.duration_ms),
        attempts: result.attempts,
        close_code: result.close_code,
        broken: result.broken.as_ref().map(|id| requirement(site, id)),
        expected: expected
            .iter()
            .map(|text| words::clean(text, 600))
            .collect(),
        observed: words::clean(&result.observed, 1_000),
        replay: words::clean(&result.replay, 2_000),
        process: result.process.as_ref().map(|process| ProcessView {
            words: words::process(process),
            output: words::clean_lines(&process.output, OUTPUT_CHARS_MAX),
        }),
        wire: transcript.map(wire::lines).unwrap_or_default(),
        entries: words::counted(entries, "entry", "entries"),
        good: result.grade() == Grade::Good && result.closing != Closing::Fail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_stand_under_their_first_two_parts() {
        for (id, expected) in [
            ("framing/rsv/rsv2", "framing/rsv"),
            ("closing/code/invalid/999", "closing/code"),
            ("echo/text", "echo"),
            ("alone", "alone"),
        ] {
            assert_eq!(group_of(id), expected);
        }
    }
}
