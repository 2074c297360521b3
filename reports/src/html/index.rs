//! The index: what is wrong first, then every case on every target.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use wsspec_record::Notice;
use wsspec_record::results::{CaseResult, Grade, TargetInfo, Verdict};

use super::page::{Run, anchor, group_of, mark, number, run, title};
use super::{CasePage, Site};
use crate::causes::{Cause, Seen};
use crate::tally::{self, Counts, TargetResults};
use crate::words;

/// How many cases are linked for a fault; the matrix shows the others.
const LINKED_MAX: usize = 100;
/// How many faults stand open.
const OPEN_MAX: usize = 12;
/// Beyond this many targets, the cells of the matrix hold a mark alone.
const WIDE_TARGETS_MAX: usize = 5;
/// How much is shown of what a target printed before it died, in characters and lines.
const OUTPUT_CHARS_MAX: usize = 8_192;
const OUTPUT_LINES_MAX: usize = 20;

#[derive(Debug, Serialize)]
pub(super) struct Index {
    run: Run,
    targets: Vec<TargetCard>,
    /// What is wrong, the worst first.
    faults: Vec<Fault>,
    /// What else is wrong, folded up.
    more: Vec<Fault>,
    /// What a baseline knows.
    known: Vec<Fault>,
    /// What is allowed, and not strictly right.
    allowed: Vec<Fault>,
    groups: Vec<Group>,
    /// The verdicts that occur, for the filter and the legend.
    verdicts: Vec<Filter>,
    total: String,
    attention: usize,
    differing: usize,
    bad_closings: u64,
    compact: bool,
}

#[derive(Debug, Serialize)]
struct TargetCard {
    place: usize,
    name: String,
    role: String,
    url: String,
    product: String,
    command: String,
    notices: Vec<NoticeView>,
    kept: String,
    judged: String,
    faults: String,
    known: String,
    counts: Vec<Count>,
    bars: Vec<Bar>,
    closing_not_ok: u64,
    missing: u64,
    conclusion: &'static str,
    conforms: bool,
    history: Vec<super::history::Point>,
}

/// Something to know of a target besides its results.
#[derive(Debug, Serialize)]
struct NoticeView {
    is_trouble: bool,
    text: String,
    /// The end of what it printed, in lines.
    output: String,
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

/// A cause that one target or several have.
#[derive(Debug, Serialize)]
struct Fault {
    number: usize,
    /// `fail`, `error` or `non-strict`.
    class: &'static str,
    mark: &'static str,
    citation: String,
    link: String,
    level: String,
    summary: String,
    id: String,
    seen: String,
    places: String,
    flags: Vec<String>,
    reason: String,
    total: String,
    targets: Vec<FaultTarget>,
    example: Example,
    cases: Vec<CaseLink>,
    more: String,
}

#[derive(Debug, Serialize)]
struct FaultTarget {
    place: usize,
    name: String,
    number: String,
}

#[derive(Debug, Serialize)]
struct Example {
    slug: String,
    place: usize,
    title: String,
    why: String,
    expected: String,
    observed: String,
    replay: String,
}

#[derive(Debug, Serialize)]
struct CaseLink {
    slug: String,
    id: String,
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
    leaf: String,
    slug: String,
    title: String,
    autobahn: String,
    /// Words for the filters: verdicts, `attention`, `closing`, `differs`.
    tokens: String,
    /// The numbers of the faults that show here.
    faults: String,
    requirements: String,
    cells: Vec<Cell>,
}

/// A cell of the matrix; its words are short, since there are thousands.
#[derive(Debug, Serialize)]
struct Cell {
    class: String,
    words: String,
    /// Where it leads, unless there is nothing to see.
    place: usize,
}

pub(super) fn view(site: &Site<'_>) -> Index {
    let all = site.tally.sum();
    let mut faults = Faults::of(site);
    let groups = groups(site, &faults);
    let mut wrong = faults.take(|fault| fault.reason.is_empty() && fault.class != "non-strict");
    let more = wrong.split_off(wrong.len().min(OPEN_MAX));
    let rows = || groups.iter().flat_map(|group| &group.rows);
    let with = |token: &str| {
        let mut tokens = rows().map(|row| row.tokens.split(' '));
        let mut number = 0;
        for row in &mut tokens {
            number += usize::from(row.into_iter().any(|other| other == token));
        }
        number
    };
    Index {
        run: run(site, ""),
        targets: site
            .tally
            .targets
            .iter()
            .enumerate()
            .map(|(at, target)| card(site, at, target))
            .collect(),
        faults: wrong,
        more,
        known: faults.take(|fault| !fault.reason.is_empty()),
        allowed: faults.take(|_| true),
        attention: with("attention"),
        differing: with("differs"),
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
        bad_closings: all.closing_not_ok,
        compact: site.tally.targets.len() > WIDE_TARGETS_MAX,
        groups,
    }
}

/// What there is to know of a target, with the end of what it printed when it died.
fn notices(target: &TargetResults<'_>) -> Vec<NoticeView> {
    let told = target.notices().into_iter().enumerate();
    told.map(|(at, (is_trouble, text))| {
        let output = match target.info.notices.get(at) {
            Some(Notice::Died { output, .. }) => words::clean_lines(output, OUTPUT_CHARS_MAX),
            _ => Vec::new(),
        };
        let skipped = output.len().saturating_sub(OUTPUT_LINES_MAX);
        NoticeView {
            is_trouble,
            text,
            output: output[skipped..].join("\n"),
        }
    })
    .collect()
}

fn card(site: &Site<'_>, place: usize, target: &TargetResults<'_>) -> TargetCard {
    let (info, counts): (&TargetInfo, &Counts) = (&target.info, &target.counts);
    let told = |verdict: &&Verdict| counts.verdict(**verdict) > 0;
    let total = counts.total().max(1);
    let mut before = 0;
    let known = |cause: &&Cause<'_>| site.tally.known_cause(cause).is_some();
    let faults = target.faults().filter(|cause| !known(cause)).count() as u64;
    TargetCard {
        place: place + 1,
        name: words::clean(&info.name, 80),
        role: words::clean(&info.role, 20),
        url: words::clean(info.url.as_deref().unwrap_or_default(), 200),
        product: words::clean(info.product.as_deref().unwrap_or_default(), 80),
        command: words::clean(info.command.as_deref().unwrap_or_default(), 300),
        notices: notices(target),
        kept: words::grouped(counts.kept),
        judged: words::grouped(counts.judged()),
        faults: match faults {
            0 => String::new(),
            faults => words::counted(faults, "fault", "faults"),
        },
        known: match counts.known {
            0 => String::new(),
            known => words::grouped(known),
        },
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
        conclusion: match counts {
            _ if counts.missing > 0 => "did not come to its end",
            _ if counts.failing + counts.troubles > 0 => "does not conform",
            _ if counts.known > 0 => "is as it is known",
            _ => "conforms",
        },
        conforms: counts.missing + counts.failing + counts.troubles == 0,
        history: super::history::of(site, &info.name, counts),
    }
}

/// The causes of all targets, those that several share together.
struct Faults {
    faults: Vec<Fault>,
    /// The faults that show in a case, by the case.
    by_case: HashMap<String, Vec<usize>>,
}

impl Faults {
    fn of(site: &Site<'_>) -> Self {
        type Shared<'a> = Vec<(usize, &'a Cause<'a>)>;
        let mut shared: Vec<Shared<'_>> = Vec::new();
        let mut places: HashMap<(Option<&str>, &Seen, bool), usize> = HashMap::new();
        for (at, target) in site.tally.targets.iter().enumerate() {
            for cause in &target.causes {
                let (requirement, seen) = cause.key();
                let key = match seen {
                    Seen::Allowed(_) => (None, seen, false),
                    seen => (requirement, seen, site.tally.known_cause(cause).is_some()),
                };
                let place = *places.entry(key).or_insert_with(|| {
                    shared.push(Vec::new());
                    shared.len() - 1
                });
                shared[place].push((at, cause));
            }
        }
        shared.sort_by_key(|causes| {
            let worst = causes.iter().map(|(_, cause)| cause.rank()).min();
            let number: usize = causes.iter().map(|(_, cause)| cause.results.len()).sum();
            (
                worst.map(|(class, lesser, _)| (class, lesser)),
                std::cmp::Reverse(number),
            )
        });
        let slugs: HashMap<&str, &str> = site
            .pages
            .iter()
            .map(|page| (page.id, page.slug.as_str()))
            .collect();
        let mut by_case: HashMap<String, Vec<usize>> = HashMap::new();
        let faults = shared.iter().zip(1..).map(|(causes, number)| {
            for result in causes.iter().flat_map(|(_, cause)| &cause.results) {
                let numbers = by_case.entry(result.case.clone()).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
            fault(site, &slugs, number, causes)
        });
        let faults = faults.collect();
        Self { faults, by_case }
    }

    fn take(&mut self, wanted: impl Fn(&Fault) -> bool) -> Vec<Fault> {
        let (taken, left) = std::mem::take(&mut self.faults)
            .into_iter()
            .partition(wanted);
        self.faults = left;
        taken
    }
}

fn fault(
    site: &Site<'_>,
    slugs: &HashMap<&str, &str>,
    number: usize,
    causes: &[(usize, &Cause<'_>)],
) -> Fault {
    let (first_at, first) = causes[0];
    let stake = first
        .requirement
        .map(|id| super::page::requirement(site, id));
    let stake = stake.unwrap_or_default();
    let slug = |result: &CaseResult| {
        slugs
            .get(result.case.as_str())
            .map(|slug| (*slug).to_owned())
    };
    let mut cases: BTreeMap<&str, String> = BTreeMap::new();
    for result in causes.iter().flat_map(|(_, cause)| &cause.results) {
        cases.insert(&result.case, slug(result).unwrap_or_default());
    }
    let total: usize = causes.iter().map(|(_, cause)| cause.results.len()).sum();
    let more = cases.len().saturating_sub(LINKED_MAX);
    let example = first.example();
    let verdict = match first.grade {
        Grade::Error => Verdict::Error,
        Grade::Bad => Verdict::Fail,
        Grade::NonStrict | Grade::Good => Verdict::NonStrict,
    };
    Fault {
        number,
        class: verdict.name(),
        mark: mark(verdict),
        seen: first.sentence(),
        places: first.places(),
        flags: first
            .flags
            .iter()
            .map(|flag| words::clean(flag, 60))
            .collect(),
        reason: site
            .tally
            .known_cause(first)
            .map_or_else(String::new, |known| words::clean(&known.reason, 600)),
        total: words::counted(total as u64, "result", "results"),
        targets: causes
            .iter()
            .map(|(at, cause)| FaultTarget {
                place: at + 1,
                name: words::clean(&site.tally.targets[*at].info.name, 40),
                number: words::grouped(cause.results.len() as u64),
            })
            .collect(),
        example: Example {
            slug: slug(example).unwrap_or_default(),
            place: first_at + 1,
            title: title(site.tally.case_of(example), &example.case),
            why: words::reason(example),
            expected: example
                .expected
                .first()
                .map_or_else(String::new, |text| words::clean(text, 400)),
            observed: words::clean(&example.observed, 400),
            replay: words::clean(&example.replay, 1_000),
        },
        cases: cases
            .into_iter()
            .take(LINKED_MAX)
            .map(|(id, slug)| CaseLink {
                slug,
                id: words::clean(id, 120),
            })
            .collect(),
        more: match more {
            0 => String::new(),
            more => words::counted(more as u64, "more", "more"),
        },
        citation: stake.citation,
        link: stake.link,
        level: stake.level,
        summary: stake.summary,
        id: stake.id,
    }
}

/// The topics in the order in which the RFCs treat them.
fn groups(site: &Site<'_>, faults: &Faults) -> Vec<Group> {
    let mut groups: Vec<(&str, Vec<&CasePage<'_>>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for page in &site.pages {
        let topic = group_of(page.id);
        let place = *places.entry(topic).or_insert_with(|| {
            groups.push((topic, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(page);
    }
    let section = |pages: &[&CasePage<'_>]| {
        let cases = pages
            .iter()
            .filter_map(|page| site.tally.results.header.cases.get(page.id));
        let main = cases.filter_map(|case| site.tally.catalogue.find(case.requirements.first()?));
        let sections = main.map(|requirement| {
            let numbers = requirement
                .section
                .split('.')
                .map(|part| part.parse().unwrap_or(u32::MAX));
            (
                requirement.rfc().parse().unwrap_or(u32::MAX),
                numbers.collect::<Vec<u32>>(),
            )
        });
        sections.min()
    };
    // What no requirement places comes last.
    groups.sort_by_cached_key(|(_, pages)| {
        let section = section(pages);
        (section.is_none(), section)
    });
    groups
        .iter()
        .map(|(topic, pages)| Group {
            anchor: anchor(topic),
            topic: words::clean(topic, 80).replace('/', " / "),
            cases: words::counted(pages.len() as u64, "case", "cases"),
            tallies: (0..site.tally.targets.len())
                .map(|target| tallied(pages, target))
                .collect(),
            rows: pages
                .iter()
                .map(|page| row(site, page, topic, faults))
                .collect(),
        })
        .collect()
}

/// How many of the judged cases keep to every MUST, as everywhere else.
fn tallied(pages: &[&CasePage<'_>], target: usize) -> Tally {
    let results = pages.iter().flat_map(|page| &page.results[target]);
    let judged: Vec<&CaseResult> = results
        .copied()
        .filter(|result| tally::is_judged(result))
        .collect();
    let kept = judged
        .iter()
        .filter(|result| result.grade() <= Grade::NonStrict)
        .count();
    Tally {
        text: match judged.len() {
            0 => String::new(),
            judged => format!("{kept}/{judged}"),
        },
        whole: kept == judged.len(),
    }
}

fn row(site: &Site<'_>, page: &CasePage<'_>, topic: &str, faults: &Faults) -> Row {
    let case = site.tally.results.header.cases.get(page.id);
    let mut tokens: Vec<&str> = Vec::new();
    for result in page.results.iter().flatten() {
        tokens.push(result.verdict.name());
        if result.grade() > Grade::Good {
            tokens.push("attention");
        }
        if !tally::is_fine(result.closing) {
            tokens.push("closing");
        }
    }
    let worst = |results: &Vec<&CaseResult>| results.iter().map(|result| result.grade()).max();
    let grades: Vec<Option<Grade>> = page.results.iter().map(worst).collect();
    if grades.windows(2).any(|pair| pair[0] != pair[1]) {
        tokens.push("differs");
    }
    tokens.sort_unstable();
    tokens.dedup();
    let leaf = page.id.strip_prefix(topic).unwrap_or(page.id);
    let numbers = faults
        .by_case
        .get(page.id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let requirements = case
        .map(|case| case.requirements.as_slice())
        .unwrap_or_default();
    Row {
        leaf: words::clean(leaf.trim_start_matches('/'), 120),
        slug: page.slug.clone(),
        title: title(case, page.id),
        autobahn: number(case, page),
        tokens: tokens.join(" "),
        faults: numbers
            .iter()
            .map(usize::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        requirements: words::clean(&requirements.join(" "), 300),
        cells: page
            .results
            .iter()
            .enumerate()
            .map(|(at, results)| cell(at, results))
            .collect(),
    }
}

fn cell(target: usize, results: &[&CaseResult]) -> Cell {
    let Some(worst) = results.iter().max_by_key(|result| result.grade()) else {
        return Cell {
            class: "none".to_owned(),
            words: String::new(),
            place: 0,
        };
    };
    let mut class = worst.verdict.name().to_owned();
    let mut words = worst
        .failure
        .map_or(worst.verdict.name(), |kind| kind.name())
        .to_owned();
    if !tally::is_fine(worst.closing) {
        class.push_str(match worst.closing {
            wsspec_record::Closing::WrongCode => " mis",
            _ => " un",
        });
        words.push_str(", closing ");
        words.push_str(worst.closing.name());
    }
    Cell {
        class,
        words,
        place: match worst.grade() {
            Grade::Good => 0,
            _ => target + 1,
        },
    }
}
