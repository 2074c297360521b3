//! An excerpt of a conversation: its beginning and its end, however long it was.

use std::collections::VecDeque;

use wsspec_record::transcript::{Entry, Transcript};

/// How many entries are kept from the beginning,
const FIRST: usize = 100;
/// and how many from the end.
const LAST: usize = 40;

/// Keeps the entries of a transcript, in bounded memory.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    first: Vec<Entry>,
    last: VecDeque<Entry>,
    omitted: u64,
}

impl Excerpt {
    pub(super) fn push(&mut self, entry: Entry) {
        if self.first.len() < FIRST {
            self.first.push(entry);
            return;
        }
        if self.last.len() == LAST {
            self.last.pop_front();
            self.omitted += 1;
        }
        self.last.push_back(entry);
    }

    pub(super) fn into_transcript(self) -> Transcript {
        let mut entries = self.first;
        entries.extend(self.last);
        Transcript {
            entries,
            omitted: self.omitted,
        }
    }
}

#[cfg(test)]
mod tests {
    use wsspec_record::transcript::What;

    use super::*;

    #[test]
    fn the_middle_is_left_out() {
        for (count, omitted) in [(0, 0), (100, 0), (140, 0), (141, 1), (1000, 860)] {
            let mut kept = Excerpt::default();
            for at_us in 0..count {
                let what = What::Connected;
                kept.push(Entry::new(at_us, what));
            }
            let transcript = kept.into_transcript();
            assert_eq!(transcript.omitted, omitted, "of {count}");
            assert_eq!(transcript.entries.len() as u64 + omitted, count);
            let last = transcript.entries.last().map(|entry| entry.at_us + 1);
            assert_eq!(last.unwrap_or(0), count);
        }
    }
}
