//! `index.html` and a page for each case.
//!
//! The pages open from disk, need no network and work without JavaScript. What a
//! target said goes through [`crate::words`] and then through the templates' escaping,
//! which is on for all of them; the scripts only read what the templates wrote, and
//! never make markup of it.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use tera::{Context, Tera};
use wsspec_cases::flag::Flags;

use crate::tally::{self, Tally};
use wsspec_record::results::{CaseResult, Results};

mod case;
mod coverage;
mod history;
mod index;
mod page;
mod wire;

const TEMPLATES: [(&str, &str); 5] = [
    ("page.html", include_str!("templates/page.html")),
    ("components.html", include_str!("templates/components.html")),
    ("index.html", include_str!("templates/index.html")),
    ("case.html", include_str!("templates/case.html")),
    ("coverage.html", include_str!("templates/coverage.html")),
];

const ASSETS: [(&str, &str); 2] = [
    ("report.css", include_str!("assets/report.css")),
    ("report.js", include_str!("assets/report.js")),
];

/// Makes the pages of a report, one at a time, since together they may be large.
#[derive(Debug)]
pub struct Site<'a> {
    tally: &'a Tally<'a>,
    flags: Flags,
    pages: Vec<CasePage<'a>>,
    earlier: Vec<history::Earlier>,
    tera: Tera,
}

/// A case with its results and the name of its page.
#[derive(Debug)]
struct CasePage<'a> {
    id: &'a str,
    slug: String,
    /// The results by target, in the order of the targets; several where the results
    /// of a target name the case more than once.
    results: Vec<Vec<&'a CaseResult>>,
}

impl<'a> Site<'a> {
    /// Sorts the results onto pages.
    ///
    /// # Errors
    /// Where a template is not well formed, which is a mistake of ours.
    pub fn new(tally: &'a Tally<'a>) -> Result<Self, tera::Error> {
        let mut tera = Tera::default();
        tera.set_escape_fn(escape);
        tera.add_raw_templates(TEMPLATES)?;
        Ok(Self {
            tally,
            flags: wsspec_cases::suite::flags(),
            pages: pages(tally),
            earlier: Vec::new(),
            tera,
        })
    }

    /// Shows what earlier runs found of the same targets, too.
    #[must_use]
    pub fn with_history(mut self, runs: &[Results]) -> Self {
        self.earlier = history::earlier(runs);
        self
    }

    /// `index.html`.
    ///
    /// # Errors
    /// Where a template asks for what is not there, which is a mistake of ours.
    pub fn index(&self) -> Result<String, tera::Error> {
        self.render("index.html", &index::view(self))
    }

    /// `coverage.html`: every requirement with its cases, or why it has none.
    ///
    /// # Errors
    /// As [`Site::index`].
    pub fn coverage(&self) -> Result<String, tera::Error> {
        self.render("coverage.html", &coverage::view(self))
    }

    /// How many cases have a page.
    pub fn len(&self) -> usize {
        self.pages.len()
    }

    /// Whether there is no case at all.
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The file name and text of a case's page.
    ///
    /// # Errors
    /// As [`Site::index`].
    ///
    /// # Panics
    /// Where `place` is not below [`Site::len`].
    pub fn case(&self, place: usize) -> Result<(String, String), tera::Error> {
        let text = self.render("case.html", &case::view(self, place))?;
        Ok((format!("{}.html", self.pages[place].slug), text))
    }

    fn render(&self, template: &str, view: &impl Serialize) -> Result<String, tera::Error> {
        self.tera.render(template, &Context::from_serialize(view)?)
    }
}

/// Writes `index.html`, `coverage.html`, `cases/*.html` and `assets/*` into a folder, the index last.
///
/// # Errors
/// What the file system says, or a mistake of ours in a template.
pub fn write(dir: &Path, tally: &Tally<'_>) -> io::Result<()> {
    let site = Site::new(tally).map_err(io::Error::other)?;
    let (assets, cases) = (dir.join("assets"), dir.join("cases"));
    std::fs::create_dir_all(&assets)?;
    std::fs::create_dir_all(&cases)?;
    for (name, text) in ASSETS {
        std::fs::write(assets.join(name), text)?;
    }
    write_cases(&cases, &site)?;
    let coverage = site.coverage().map_err(io::Error::other)?;
    std::fs::write(dir.join("coverage.html"), coverage)?;
    let index = site.index().map_err(io::Error::other)?;
    std::fs::write(dir.join("index.html"), index)
}

/// Writes the pages of the cases, by as many threads as there are processors.
fn write_cases(dir: &Path, site: &Site<'_>) -> io::Result<()> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let write_some = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if place >= site.len() {
                return Ok(());
            }
            let (name, text) = site.case(place).map_err(io::Error::other)?;
            std::fs::write(dir.join(name), text)?;
        }
    };
    std::thread::scope(|scope| {
        let writing: Vec<_> = (0..threads).map(|_| scope.spawn(write_some)).collect();
        let panicked = |_| Err(io::Error::other("a page made a thread panic"));
        writing
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(panicked))
    })
}

/// Text as HTML text or as an attribute's value in quotation marks.
fn escape(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut written = 0;
    for (at, octet) in text.bytes().enumerate() {
        let escaped: &[u8] = match octet {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'"' => b"&quot;",
            b'\'' => b"&#39;",
            _ => continue,
        };
        out.write_all(&text.as_bytes()[written..at])?;
        out.write_all(escaped)?;
        written = at + 1;
    }
    out.write_all(&text.as_bytes()[written..])
}

fn pages<'a>(tally: &Tally<'a>) -> Vec<CasePage<'a>> {
    let Tally {
        results, targets, ..
    } = tally;
    let mut by_case: std::collections::HashMap<&str, Vec<Vec<&CaseResult>>> =
        tally::case_ids(results)
            .into_iter()
            .map(|id| (id, vec![Vec::new(); targets.len()]))
            .collect();
    for (place, target) in targets.iter().enumerate() {
        for result in &target.results {
            if let Some(found) = by_case.get_mut(result.case.as_str()) {
                found[place].push(result);
            }
        }
    }
    let mut taken = BTreeSet::new();
    tally::case_ids(results)
        .into_iter()
        .map(|id| CasePage {
            id,
            slug: unused_slug(id, &mut taken),
            results: by_case.remove(id).unwrap_or_default(),
        })
        .collect()
}

/// A case's id as a file name. Ids of well-formed cases stay readable; whatever else a
/// results file may hold becomes harmless.
fn slug(id: &str) -> String {
    const CHARS_MAX: usize = 120;
    let slug: String = id
        .chars()
        .take(CHARS_MAX)
        .map(|character| match character {
            'a'..='z' | '0'..='9' | '-' | '_' => character,
            'A'..='Z' => character.to_ascii_lowercase(),
            '/' => '.',
            _ => '_',
        })
        .collect();
    match slug.trim_matches('.') {
        "" => "case".to_owned(),
        slug => slug.to_owned(),
    }
}

fn unused_slug(id: &str, taken: &mut BTreeSet<String>) -> String {
    let slug = slug(id);
    let mut unused = slug.clone();
    let mut number = 2;
    while !taken.insert(unused.clone()) {
        unused = format!("{slug}~{number}");
        number += 1;
    }
    unused
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::policy::FailOn;

    #[test]
    fn a_run_as_pages() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let site = Site::new(&tally).unwrap();
        insta::assert_snapshot!("index", site.index().unwrap());
        let (name, text) = site.case(0).unwrap();
        assert_eq!(name, "framing.rsv.rsv2-on-second-message.html");
        insta::assert_snapshot!("case", text);
    }

    #[test]
    fn coverage_tells_of_every_requirement() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let site = Site::new(&tally).unwrap();
        let page = site.coverage().unwrap();
        // The cases grow in number; one requirement shows the form.
        let start = page.find("<tr id=\"server-6455-5.2-2\"").unwrap();
        let end = start + page[start..].find("</tr>").unwrap();
        let row: String = page[start..end]
            .split_inclusive('>')
            .map(|part| match part.strip_suffix(" not in this run</span>") {
                Some(_) => "and … not in this run</span>\n".to_owned(),
                None => format!("{part}\n"),
            })
            .collect();
        insta::assert_snapshot!("coverage", row);
        for (part, is_there) in [
            ("id=\"server-6455\"", true),
            ("id=\"client-6455\"", false),
            ("6455-7.2.2-1", true),
            ("cases/framing.rsv.rsv2-on-second-message.html", true),
        ] {
            assert_eq!(page.contains(part), is_there, "{part}");
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let results = fixtures::results();
        let tally = Tally::new(&results, FailOn::Fail);
        let site = Site::new(&tally).unwrap();
        let mut pages = vec![site.index().unwrap()];
        assert_eq!(
            site.coverage().unwrap().matches("</script>").count(),
            1,
            "ours alone"
        );
        pages.extend((0..site.len()).map(|place| site.case(place).unwrap().1));
        for page in &pages {
            assert_eq!(page.matches("</script>").count(), 1, "ours alone");
            for broken in [
                "<img", "<b>\\u", "</pre><b", "<is>", "\u{202e}", "\0", "\u{1b}",
            ] {
                assert!(!page.contains(broken), "{broken:?}");
            }
            assert!(page.len() < 200_000, "bounded");
        }
    }

    #[test]
    fn names_of_pages_are_harmless_and_distinct() {
        for (id, expected) in [
            ("framing/rsv/rsv2", "framing.rsv.rsv2"),
            ("../../etc/passwd", "etc.passwd"),
            ("a\u{202e}\0b", "a__b"),
            ("CON", "con"),
            ("", "case"),
        ] {
            let slug = slug(id);
            assert!(
                slug.ends_with(expected.trim_start_matches('.')),
                "{id:?}: {slug}"
            );
            assert!(!slug.starts_with('.') && !slug.contains('/'), "{slug}");
        }
        let mut taken = BTreeSet::new();
        assert_eq!(unused_slug("a/b", &mut taken), "a.b");
        assert_eq!(unused_slug("A/b", &mut taken), "a.b~2");
    }

    #[test]
    fn everything_that_is_linked_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let results = fixtures::results();
        for _ in 0..2 {
            write(dir.path(), &Tally::new(&results, FailOn::Fail)).unwrap();
        }
        let mut links = 0;
        let mut check = |page: &Path| {
            let text = std::fs::read_to_string(page).unwrap();
            for part in text
                .split("href=\"")
                .skip(1)
                .chain(text.split("src=\"").skip(1))
            {
                let link = part.split('"').next().unwrap();
                if link.starts_with("https:") || link.starts_with('#') {
                    continue;
                }
                let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
                let linked = page.parent().unwrap().join(file);
                let found = std::fs::read_to_string(&linked).unwrap_or_default();
                assert!(!found.is_empty(), "{}: {link}", page.display());
                let id = format!("id=\"{anchor}\"");
                assert!(
                    anchor.is_empty() || found.contains(&id),
                    "{}: {link}",
                    page.display()
                );
                links += 1;
            }
        };
        check(&dir.path().join("index.html"));
        check(&dir.path().join("coverage.html"));
        for entry in std::fs::read_dir(dir.path().join("cases")).unwrap() {
            check(&entry.unwrap().path());
        }
        assert!(links > 50, "{links}");
    }

    #[test]
    fn no_script_makes_markup() {
        let script = ASSETS[1].1;
        for forbidden in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ] {
            assert!(!script.contains(forbidden), "{forbidden}");
        }
    }
}
