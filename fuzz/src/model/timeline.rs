//! A conversation as its reader goes through it.

use super::reader::{Reader, Reading, State};
use crate::conversation::encode::Done;
use wsspec_cases::Target;

/// One thing of a conversation that matters for what may be seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// This was read.
    Read(Reading),
    /// The echo of the last message was waited for.
    AwaitedEcho,
    /// The Pong to the last Ping was waited for.
    AwaitedPong,
    /// Our half of TCP ended.
    HalfClosed,
    /// TCP was reset.
    Reset,
}

/// How we end TCP.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TcpCut {
    /// Our half of it.
    HalfClosed,
    /// All of it.
    Reset,
}

/// What a lawful endpoint reads, and what else is done, in order.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// What happens.
    pub marks: Vec<Mark>,
    /// What each wait waits for: an answer that has not been due before, or nothing.
    pub awaits: Vec<Option<Reading>>,
    /// Where the reader is at the end.
    pub state: State,
    /// Where each frame, and whatever else is sent or done, finds the reader.
    pub states: Vec<State>,
    /// Whether and how we end TCP, whatever was read before.
    pub cut: Option<TcpCut>,
    /// The control frames behind a text that is not UTF-8.
    pub behind_text: Vec<Reading>,
    /// How many octets come behind a Close frame or a violation.
    pub octets_behind_end: u64,
}

impl Timeline {
    /// Has `target` read what is done to the connection.
    pub fn of(target: Target, done: &[Done]) -> Self {
        let mut reader = Reader::new(target);
        let mut timeline = Self {
            marks: Vec::new(),
            awaits: Vec::new(),
            state: State::Between,
            states: Vec::new(),
            cut: None,
            behind_text: Vec::new(),
            octets_behind_end: 0,
        };
        for done in done {
            match done {
                Done::Sent {
                    pieces, lengths, ..
                } => {
                    let sent = pieces.concat();
                    let mut rest = &sent[..];
                    for length in lengths {
                        let (one, behind) = rest.split_at(*length);
                        timeline.states.push(reader.state());
                        reader.receive(one);
                        rest = behind;
                    }
                    let read = reader.take().into_iter().map(Mark::Read);
                    timeline.marks.extend(read);
                }
                Done::Awaited => timeline.wait(),
                Done::HalfClosed => {
                    timeline.states.push(reader.state());
                    timeline.cut = Some(TcpCut::HalfClosed);
                    timeline.marks.push(Mark::HalfClosed);
                    break;
                }
                Done::Reset => {
                    timeline.states.push(reader.state());
                    timeline.cut = Some(TcpCut::Reset);
                    timeline.marks.push(Mark::Reset);
                    break;
                }
            }
        }
        timeline.state = reader.state();
        timeline.behind_text = reader.behind_text();
        timeline.octets_behind_end = reader.octets_behind_end();
        timeline
    }

    /// Whether the script has to end with the end of our half of TCP: inside of a frame nothing
    /// else can be said.
    pub fn ends_inside_frame(&self) -> bool {
        let is_ended = matches!(self.marks.last(), Some(Mark::HalfClosed | Mark::Reset));
        self.state == State::InFrame && !is_ended
    }

    /// What answer is waited for: the last one that is due, unless another one was like it.
    fn wait(&mut self) {
        let is_answered = |mark: &&Mark| {
            matches!(
                mark,
                Mark::Read(Reading::Text(_) | Reading::Binary(_) | Reading::Ping(_))
            )
        };
        let over = self
            .marks
            .iter()
            .any(|mark| matches!(mark, Mark::Read(Reading::Close(_) | Reading::Violation(_))));
        let last = self.marks.iter().rev().find(is_answered).cloned();
        let awaited = match last {
            Some(Mark::Read(reading)) if !over => {
                let like = |mark: &&Mark| **mark == Mark::Read(reading.clone());
                let is_new = self.marks.iter().filter(like).count() == 1;
                is_new.then_some(reading)
            }
            _ => None,
        };
        match awaited {
            Some(Reading::Ping(_)) => self.marks.push(Mark::AwaitedPong),
            Some(_) => self.marks.push(Mark::AwaitedEcho),
            None => {}
        }
        self.awaits.push(awaited);
    }
}
