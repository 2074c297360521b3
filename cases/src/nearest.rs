//! What somebody meant who wrote something else.

/// The candidate that is nearest to `word`, where one is near enough: a third of its
/// letters may differ.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| distance * 3 <= candidate.chars().count().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters have to be put in, left out, exchanged or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().take(64).collect();
    let to: Vec<char> = to.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (at, letter) in from.iter().enumerate() {
        let mut row = vec![at + 1];
        for (other_at, other) in to.iter().enumerate() {
            let exchanged = last[other_at] + usize::from(letter != other);
            let mut least = exchanged.min(last[other_at + 1] + 1).min(row[other_at] + 1);
            if at > 0 && other_at > 0 && *letter == to[other_at - 1] && from[at - 1] == *other {
                least = least.min(before[other_at - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_are_understood() {
        let fields = ["because", "text", "binary", "outcomes", "target"];
        for (word, expected) in [
            ("becuase", Some("because")),
            ("txt", Some("text")),
            ("outcome", Some("outcomes")),
            ("verdict", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, fields), expected, "{word}");
        }
    }
}
