//! The deviation matrix: which case sees which deliberate departure from the RFC.
//!
//! It is no report on a target: it shows that the cases can fail. Whoever computes it knows
//! the reference implementation; this only makes a page of it.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::Serialize;
use tera::{Context, Tera};
use wsspec_reports::words::counted;

/// The matrix of one role.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// `server` or `client`.
    pub(super) role: String,
    /// The cases, in the order of the suite.
    pub(super) columns: Vec<Column>,
    /// The deviations, in the order of their table.
    pub(super) rows: Vec<Row>,
}

/// A case.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// Its id.
    pub(super) id: String,
    /// What happens in it.
    pub(super) title: String,
}

/// A deviation.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its name.
    pub(super) name: String,
    /// What it is.
    pub(super) title: String,
    /// What it is about, as the name of a type: `ControlFrames`.
    pub(super) family: String,
    /// The requirements that are not kept.
    pub(super) requirements: Vec<String>,
    /// Why no case sees it, where that is known.
    pub(super) excuse: Option<String>,
    /// For each column what the case says of it, if it says anything.
    pub(super) cells: Vec<Option<Cell>>,
}

/// A case that sees a deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// Whether it fails it, and does not only call it non-strict.
    pub(super) fails: bool,
    /// Whether that is about what the case is about; or would any case see it?
    pub(super) to_the_point: bool,
}

/// Writes `matrix.html` into a folder.
pub(super) fn write(dir: &Path, sides: &[Side]) -> io::Result<()> {
    let mut tera = Tera::default();
    tera.add_raw_template("page.html", include_str!("page.html"))
        .map_err(io::Error::other)?;
    let sides: Vec<SideView<'_>> = sides.iter().map(SideView::of).collect();
    let mut context = Context::new();
    context.insert("sides", &sides);
    context.insert("style", include_str!("page.css"));
    let page = tera
        .render("page.html", &context)
        .map_err(io::Error::other)?;
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("matrix.html"), page)
}

#[derive(Serialize)]
struct SideView<'a> {
    role: &'a str,
    cases: String,
    deviations: String,
    /// Cases that see no deviation, or none of those that only they and a few others see.
    blind: Vec<&'a str>,
    passing: Vec<&'a str>,
    /// Deviations that no case sees.
    unseen: Vec<UnseenView<'a>>,
    topics: Vec<TopicView<'a>>,
    families: Vec<FamilyView<'a>>,
    groups: Vec<GroupView<'a>>,
}

#[derive(Serialize)]
struct UnseenView<'a> {
    name: &'a str,
    title: &'a str,
    excuse: Option<&'a str>,
}

#[derive(Serialize)]
struct TopicView<'a> {
    name: &'a str,
    cases: usize,
}

#[derive(Serialize)]
struct FamilyView<'a> {
    name: String,
    rows: Vec<RowView<'a>>,
}

#[derive(Serialize)]
struct RowView<'a> {
    name: &'a str,
    title: &'a str,
    requirements: String,
    /// How many cases see it.
    seen: usize,
    fields: Vec<Option<FieldView>>,
    groups: Vec<SeenView<'a>>,
}

/// What the cases on a topic say of a deviation.
#[derive(Serialize)]
struct FieldView {
    count: usize,
    /// From 1 to 4: how many of the cases these are.
    shade: usize,
    fails: bool,
    words: String,
}

/// The cases of a group that see a deviation.
#[derive(Serialize)]
struct SeenView<'a> {
    name: &'a str,
    all: bool,
    cases: Vec<LeafView<'a>>,
}

#[derive(Serialize)]
struct LeafView<'a> {
    leaf: &'a str,
    fails: bool,
}

#[derive(Serialize)]
struct GroupView<'a> {
    name: &'a str,
    cases: Vec<CaseView<'a>>,
}

#[derive(Serialize)]
struct CaseView<'a> {
    leaf: &'a str,
    title: &'a str,
    /// How many deviations it fails, and how many it calls non-strict.
    fails: usize,
    non_strict: usize,
    /// Those among them that show here and in few other places, the rarest first.
    pointed: Vec<SightView<'a>>,
    more: usize,
}

#[derive(Serialize)]
struct SightView<'a> {
    name: &'a str,
    fails: bool,
}

/// How many deviations are named for a case.
const POINTED_MAX: usize = 4;

impl<'a> SideView<'a> {
    fn of(side: &'a Side) -> Self {
        let seen_by = |row: &Row| row.cells.iter().flatten().count();
        let sights = |at: usize| side.rows.iter().filter_map(move |row| row.cells[at]);
        let ids = |chosen: &dyn Fn(usize) -> bool| {
            let columns = side.columns.iter().enumerate();
            let chosen = columns.filter(|(at, _)| chosen(*at));
            chosen.map(|(_, column)| column.id.as_str()).collect()
        };
        let unseen = side.rows.iter().filter(|row| seen_by(row) == 0);
        let topics = spans(&side.columns, topic);
        Self {
            role: &side.role,
            cases: counted(side.columns.len() as u64, "case", "cases"),
            deviations: counted(side.rows.len() as u64, "deviation", "deviations"),
            blind: ids(&|at| sights(at).next().is_none()),
            passing: ids(&|at| {
                sights(at).next().is_some() && !sights(at).any(|cell| cell.to_the_point)
            }),
            unseen: unseen
                .map(|row| UnseenView {
                    name: &row.name,
                    title: &row.title,
                    excuse: row.excuse.as_deref(),
                })
                .collect(),
            topics: topics
                .iter()
                .map(|(name, places)| TopicView {
                    name,
                    cases: places.len(),
                })
                .collect(),
            families: families(side, &topics),
            groups: spans(&side.columns, group)
                .into_iter()
                .map(|(name, places)| GroupView {
                    name,
                    cases: places.iter().map(|&at| case(side, at)).collect(),
                })
                .collect(),
        }
    }
}

/// The first part of a case's id.
fn topic(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

/// A case's id without its last part.
fn group(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(group, _)| group)
}

/// The last part of a case's id.
fn leaf(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, leaf)| leaf)
}

/// The places of the cases that have a name in common, by that name.
fn spans(columns: &[Column], name: fn(&str) -> &str) -> Vec<(&str, Vec<usize>)> {
    let mut spans: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        spans.entry(name(&column.id)).or_default().push(at);
    }
    spans.into_iter().collect()
}

fn families<'a>(side: &'a Side, topics: &[(&'a str, Vec<usize>)]) -> Vec<FamilyView<'a>> {
    let mut families: Vec<FamilyView<'a>> = Vec::new();
    let groups = spans(&side.columns, group);
    for row in &side.rows {
        let view = RowView {
            name: &row.name,
            title: &row.title,
            requirements: row.requirements.join(", "),
            seen: row.cells.iter().flatten().count(),
            fields: topics
                .iter()
                .map(|(_, places)| field(row, places))
                .collect(),
            groups: groups
                .iter()
                .filter_map(|(name, places)| seen(side, row, name, places))
                .collect(),
        };
        let name = words_of(&row.family);
        match families.last_mut() {
            Some(last) if last.name == name => last.rows.push(view),
            _ => families.push(FamilyView {
                name,
                rows: vec![view],
            }),
        }
    }
    families
}

fn field(row: &Row, places: &[usize]) -> Option<FieldView> {
    let cells = || places.iter().filter_map(|&at| row.cells[at]);
    let (count, fails) = (cells().count(), cells().filter(|cell| cell.fails).count());
    (count > 0).then(|| FieldView {
        count,
        shade: (count * 4).div_ceil(places.len()),
        fails: fails > 0,
        words: format!(
            "{fails} fail and {} non-strict of {}",
            count - fails,
            places.len()
        ),
    })
}

fn seen<'a>(side: &'a Side, row: &Row, name: &'a str, places: &[usize]) -> Option<SeenView<'a>> {
    let leaves = places.iter().filter_map(|&at| {
        Some(LeafView {
            leaf: leaf(&side.columns[at].id),
            fails: row.cells[at]?.fails,
        })
    });
    let cases: Vec<LeafView<'a>> = leaves.collect();
    (!cases.is_empty()).then_some(SeenView {
        name,
        all: cases.len() == places.len(),
        cases,
    })
}

fn case(side: &Side, at: usize) -> CaseView<'_> {
    let column = &side.columns[at];
    let sights = || {
        side.rows
            .iter()
            .filter_map(move |row| Some((row, row.cells[at]?)))
    };
    let fails = sights().filter(|(_, cell)| cell.fails).count();
    let mut pointed: Vec<_> = sights().filter(|(_, cell)| cell.to_the_point).collect();
    pointed.sort_by_key(|(row, cell)| (!cell.fails, row.cells.iter().flatten().count()));
    pointed.truncate(POINTED_MAX);
    CaseView {
        leaf: leaf(&column.id),
        title: &column.title,
        fails,
        non_strict: sights().count() - fails,
        more: sights().count() - pointed.len(),
        pointed: pointed
            .into_iter()
            .map(|(row, cell)| SightView {
                name: &row.name,
                fails: cell.fails,
            })
            .collect(),
    }
}

/// `ControlFrames` as `Control frames`.
fn words_of(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(character);
        }
    }
    words
}
