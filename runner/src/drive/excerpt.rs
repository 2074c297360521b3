//! An excerpt of a conversation in bounded memory: everything that the judge looks at, so
//! that it can be judged again, and of the rest the beginning and the end.

use std::collections::VecDeque;

use wsspec_judge::judge::matters;
use wsspec_record::transcript::{Entry, Transcript, What};

/// How many entries are kept from the beginning, whatever they are,
const FIRST: usize = 100;
/// how many from the end that decide nothing,
const LAST: usize = 40;
/// and how many that may decide something. With more of them a conversation is a flood.
const DECIDING_MAX: usize = 4096;

/// Keeps the entries of a transcript.
#[derive(Debug, Default)]
pub(super) struct Excerpt {
    /// Entries with their places.
    kept: Vec<(u64, Entry)>,
    /// The last ones that decide nothing.
    last: VecDeque<(u64, Entry)>,
    count: u64,
    masked_frames: usize,
    begins_phase: bool,
}

impl Excerpt {
    pub(super) fn push(&mut self, entry: Entry) {
        let place = self.count;
        self.count += 1;
        // The first thing of each phase shows that the phase was more than a word.
        let decides = matters(&entry.what, self.masked_frames) || self.begins_phase;
        self.begins_phase = matches!(entry.what, What::Phase(_));
        let is_masked =
            |what: &What| matches!(what, What::ReceivedFrame(frame) if frame.mask.is_some());
        self.masked_frames += usize::from(is_masked(&entry.what));
        if self.kept.len() < FIRST || decides {
            self.kept.push((place, entry));
            return;
        }
        if self.last.len() == LAST {
            self.last.pop_front();
        }
        self.last.push_back((place, entry));
    }

    /// Whether there is more to look at than any conversation of a case needs.
    pub(super) fn is_full(&self) -> bool {
        self.kept.len() >= DECIDING_MAX
    }

    pub(super) fn into_transcript(self) -> Transcript {
        let mut entries = self.kept;
        entries.extend(self.last);
        entries.sort_by_key(|(place, _)| *place);
        Transcript {
            omitted: self.count - entries.len() as u64,
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use wsspec_record::Octets;

    use super::*;

    #[test]
    fn the_middle_is_left_out_where_it_decides_nothing() {
        let sent = What::SentOctets(Octets::default());
        for (count, omitted) in [(0, 0), (100, 0), (140, 0), (141, 1), (1000, 860)] {
            let mut excerpt = Excerpt::default();
            for at_us in 0..count {
                excerpt.push(Entry::new(at_us, sent.clone()));
            }
            assert!(!excerpt.is_full());
            let transcript = excerpt.into_transcript();
            assert_eq!(transcript.omitted, omitted, "of {count}");
            assert_eq!(transcript.entries.len() as u64 + omitted, count);
            let last = transcript.entries.last().map(|entry| entry.at_us + 1);
            assert_eq!(last.unwrap_or(0), count);
        }
    }

    #[test]
    fn what_decides_is_kept_in_its_place() {
        let mut excerpt = Excerpt::default();
        for at_us in 0..1000 {
            excerpt.push(Entry::new(
                at_us,
                match at_us % 10 {
                    0 => What::HalfClosed,
                    _ => What::SentOctets(Octets::default()),
                },
            ));
        }
        let transcript = excerpt.into_transcript();
        let times: Vec<u64> = transcript.entries.iter().map(|entry| entry.at_us).collect();
        assert!(times.is_sorted());
        let deciding = times.iter().filter(|at_us| *at_us % 10 == 0);
        assert_eq!(deciding.count(), 100);
        assert_eq!(transcript.omitted + times.len() as u64, 1000);
        let mut flood = Excerpt::default();
        for at_us in 0..DECIDING_MAX as u64 {
            flood.push(Entry::new(at_us, What::HalfClosed));
        }
        assert!(flood.is_full());
    }
}
