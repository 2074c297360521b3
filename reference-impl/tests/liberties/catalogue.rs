//! The table and the catalogue of requirements.

use crate::requirements::{is_slug, requirements};
use wsspec_reference::Liberty;

#[test]
fn what_leaves_a_liberty_open_exists() {
    let requirements = requirements();
    for liberty in Liberty::ALL {
        for id in liberty.facts().left_open_by {
            let elsewhere = id
                .strip_prefix("RFC ")
                .and_then(|rest| rest.split_once(" §"));
            let is_known = match elsewhere {
                Some((rfc, section)) => {
                    rfc.parse::<u32>().is_ok() && section.starts_with(char::is_numeric)
                }
                None => requirements.contains_key(*id),
            };
            assert!(is_known, "{liberty}: no requirement {id}");
        }
    }
}

#[test]
fn names_and_titles_are_of_one_form() {
    for liberty in Liberty::ALL {
        let facts = liberty.facts();
        assert!(is_slug(facts.name), "{liberty}");
        assert!(facts.title.ends_with('.'), "{liberty}: {}", facts.title);
        assert!(facts.title.len() < 120, "{liberty}: {}", facts.title);
    }
}
