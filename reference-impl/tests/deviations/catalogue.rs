//! The table and the catalogue of requirements.

use crate::requirements::{is_slug, requirements};
use wsspec_reference::{Deviation, Role};

#[test]
fn the_requirements_exist_and_bind_the_role() {
    let requirements = requirements();
    for deviation in Deviation::ALL {
        let facts = deviation.facts();
        let roles = match facts.role {
            Some(Role::Client) => &["client"][..],
            Some(Role::Server) => &["server"],
            None => &["client", "server"],
        };
        let mut bound = Vec::new();
        for id in facts.requirements {
            let entry = requirements.get(*id);
            bound.extend(entry.unwrap_or_else(|| panic!("{deviation}: no requirement {id}")));
        }
        for role in roles {
            assert!(
                bound
                    .iter()
                    .any(|who| who == role || who.as_str() == "endpoint"),
                "{deviation}: nothing of {:?} binds a {role}",
                facts.requirements
            );
        }
    }
}

#[test]
fn names_and_titles_are_of_one_form() {
    for deviation in Deviation::ALL {
        let facts = deviation.facts();
        assert!(is_slug(facts.name), "{deviation}");
        assert!(facts.title.len() < 120, "{deviation}: {}", facts.title);
        let mut sorted = facts.requirements.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), facts.requirements.len(), "{deviation}");
    }
}
