//! `--shard`: a part of a run.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

use wsspec_cases::Case;
use wsspec_cases::case::Need;
use wsspec_record::results::Shard;

use super::{Exit, problem};

/// The I-th of N parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    index: u32,
    count: u32,
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse::<u32>().ok();
        let both = text.split_once('/');
        match both.and_then(|(index, count)| Some((number(index)?, number(count)?))) {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index, count }),
            _ => Err(format!(
                "{text:?} is no part; expected I/N, such as 1/3 for the first of three"
            )),
        }
    }
}

impl Part {
    /// Leaves of the cases those that belong to the part, and tells what the whole was.
    ///
    /// # Errors
    /// The exit status, once it was said that there are none.
    pub(super) fn take(self, cases: &mut Vec<Arc<Case>>) -> Result<Shard, Exit> {
        let shard = Shard {
            index: self.index,
            count: self.count,
            order: cases.iter().map(|case| case.id.clone()).collect(),
        };
        let mut groups = groups(cases).into_iter();
        cases.retain(|_| {
            let group = groups.next().unwrap_or_default();
            group % self.count as usize == self.index as usize - 1
        });
        if cases.is_empty() {
            let words = format!(
                "shard {}/{} has no case: fewer are selected",
                self.index, self.count
            );
            return Err(problem::complain(Exit::Usage, &words));
        }
        Ok(shard)
    }
}

/// The number of each case's group. A case and what it needs are one group: apart, they would
/// be judged otherwise than together.
fn groups(cases: &[Arc<Case>]) -> Vec<usize> {
    let places: HashMap<&str, usize> = cases
        .iter()
        .zip(0..)
        .map(|(case, place)| (case.id.as_str(), place))
        .collect();
    // The place of a case that leads to the first one of its group.
    let mut towards: Vec<usize> = (0..cases.len()).collect();
    let first = |towards: &[usize], mut place: usize| {
        while towards[place] != place {
            place = towards[place];
        }
        place
    };
    for (place, case) in cases.iter().enumerate() {
        for need in &case.needs {
            if let Need::Case(id) = need
                && let Some(&other) = places.get(id.as_str())
            {
                let (one, other) = (first(&towards, place), first(&towards, other));
                towards[one.max(other)] = one.min(other);
            }
        }
    }
    let mut numbers: HashMap<usize, usize> = HashMap::new();
    (0..cases.len())
        .map(|place| {
            let next = numbers.len();
            *numbers.entry(first(&towards, place)).or_insert(next)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsspec_cases::Suite;
    use wsspec_cases::expand::Dose;

    fn suite() -> Vec<Arc<Case>> {
        let suite = Suite::embedded(Dose::Small).unwrap();
        suite.cases().cloned().map(Arc::new).collect()
    }

    fn part(text: &str, cases: &[Arc<Case>]) -> Vec<Arc<Case>> {
        let mut cases = cases.to_vec();
        text.parse::<Part>().unwrap().take(&mut cases).unwrap();
        cases
    }

    #[test]
    fn the_parts_are_the_whole_and_of_one_size() {
        let whole = suite();
        for count in [1, 2, 3, 16] {
            let parts: Vec<_> = (1..=count)
                .map(|index| part(&format!("{index}/{count}"), &whole))
                .collect();
            let mut ids: Vec<_> = parts.iter().flatten().map(|case| &case.id).collect();
            let mut due: Vec<_> = whole.iter().map(|case| &case.id).collect();
            ids.sort_unstable();
            due.sort_unstable();
            assert_eq!(ids, due, "{count}");
            let sizes = parts.iter().map(Vec::len);
            assert!(
                sizes.clone().max().unwrap() <= sizes.min().unwrap() + 8,
                "{count}"
            );
        }
    }

    #[test]
    fn what_a_case_needs_is_in_its_part() {
        let whole = suite();
        for index in 1..=5 {
            let part = part(&format!("{index}/5"), &whole);
            for case in &part {
                for need in &case.needs {
                    if let Need::Case(id) = need {
                        assert!(part.iter().any(|case| case.id == *id), "{}", case.id);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["", "1", "0/3", "4/3", "1/0", "-1/3", "1/3/5", "a/b"] {
            assert!(text.parse::<Part>().is_err(), "{text:?}");
        }
    }
}
