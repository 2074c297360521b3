//! The page of a case.

use serde::Serialize;
use wsspec_cases::case::{Barrier, Liveness};
use wsspec_cases::{Case, Outcome, Target};
use wsspec_record::results::{CaseResult, Closing, Grade, Verdict};

use super::page::{RequirementView, Run, anchor, group_of, mark, number, requirement, run, title};
use super::wire::{self, Depth};
use super::{CasePage, Site};
use crate::tally;
use crate::words;

/// Beyond this many targets, the octets of what is good are left to `results.json`.
const MANY_TARGETS: usize = 2;
/// How much of what a process printed is shown, in characters.
const OUTPUT_CHARS_MAX: usize = 4_000;

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
    sections: Vec<Section>,
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

/// A result, and the targets that all have it: nothing is shown twice.
#[derive(Debug, Serialize)]
struct Section {
    anchor: usize,
    targets: Vec<TargetView>,
    result: ResultView,
}

#[derive(Debug, Serialize)]
struct TargetView {
    anchor: usize,
    name: String,
    url: String,
    replay: String,
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
    /// What it gave while others were played.
    in_company: String,
    close_code: Option<u16>,
    broken: Option<RequirementView>,
    expected: Vec<String>,
    observed: String,
    replay: String,
    process: Option<ProcessView>,
    wire: Vec<wire::Line>,
    entries: String,
    good: bool,
    /// `off` where a MUST is broken or nothing was judged, `lesser` where it is allowed,
    /// `fine` else.
    class: &'static str,
    closing_class: &'static str,
    /// What differs, where expected and observed look the same.
    difference: String,
}

#[derive(Debug, Serialize)]
struct ProcessView {
    words: String,
    /// What it printed at the end, line by line.
    output: Vec<String>,
}

pub(super) fn view(site: &Site<'_>, place: usize) -> CaseView {
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
        sections: sections(site, case, page),
        previous: neighbour(place.checked_sub(1)),
        next: neighbour(Some(place + 1)),
    };
    if let Some(case) = case {
        tell(site, &mut view, case);
    }
    view
}

/// The results of a case; targets whose results are alike share one, the first of them shows
/// the conversation.
fn sections(site: &Site<'_>, case: Option<&Case>, page: &CasePage<'_>) -> Vec<Section> {
    let mut sections: Vec<(&CaseResult, Section)> = Vec::new();
    for (at, results) in page.results.iter().enumerate() {
        let info = &site.tally.targets[at].info;
        for result in results {
            let target = TargetView {
                anchor: at + 1,
                name: words::clean(&info.name, 80),
                url: words::clean(info.url.as_deref().unwrap_or_default(), 200),
                replay: words::clean(&result.replay, 2_000),
            };
            match sections
                .iter_mut()
                .find(|(first, _)| are_alike(first, result))
            {
                Some((_, section)) => section.targets.push(target),
                None => {
                    let depth = match result.grade() {
                        Grade::Good if site.tally.targets.len() > MANY_TARGETS => Depth::Words,
                        _ => Depth::Octets,
                    };
                    let section = Section {
                        anchor: at + 1,
                        targets: vec![target],
                        result: result_view(site, case, result, depth),
                    };
                    sections.push((result, section));
                }
            }
        }
    }
    sections.into_iter().map(|(_, section)| section).collect()
}

/// Whether two results of different targets say the same in every word.
fn are_alike(one: &CaseResult, other: &CaseResult) -> bool {
    let said = |result: &CaseResult| {
        let axes = (
            result.verdict,
            result.closing,
            result.failure,
            result.close_code,
        );
        (axes, result.attempts, result.broken.clone())
    };
    one.target != other.target
        && said(one) == said(other)
        && (&one.reason, &one.observed) == (&other.reason, &other.observed)
        && one.process.is_none()
        && other.process.is_none()
}

/// What differs, where what was expected and what was observed are told in the same words.
fn difference(result: &CaseResult, expected: Option<&String>) -> String {
    let core = |text: &str| {
        let ends = [
            ", then the closing handshake",
            ", then the end of the connection",
            ", then FIN",
        ];
        let text = ends
            .iter()
            .fold(text.trim(), |text, end| text.trim_end_matches(end));
        text.to_owned()
    };
    let looks_alike = expected.is_some_and(|expected| core(expected) == core(&result.observed));
    if !looks_alike || result.grade() == Grade::Good {
        return String::new();
    }
    let why = match result.verdict {
        Verdict::Fail | Verdict::Error => words::reason(result),
        _ => words::closing(result.closing).to_owned(),
    };
    format!("Both are told in the same words. What differs: {why}")
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

fn result_view(
    site: &Site<'_>,
    case: Option<&Case>,
    result: &CaseResult,
    depth: Depth,
) -> ResultView {
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
        in_company: result
            .in_company
            .as_deref()
            .map_or_else(String::new, words::in_company),
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
        wire: transcript.map_or_else(Vec::new, |found| wire::lines(found, depth)),
        entries: words::counted(entries, "entry", "entries"),
        good: result.grade() == Grade::Good,
        class: match result.grade() {
            Grade::Good => "fine",
            Grade::NonStrict => "lesser",
            Grade::Bad | Grade::Error => "off",
        },
        closing_class: match result.closing {
            Closing::Ok | Closing::Info | Closing::None => "",
            Closing::WrongCode => "mis",
            Closing::Unclean | Closing::FailedByClient | Closing::Fail => "bad",
        },
        difference: difference(result, expected.first()),
    }
}
