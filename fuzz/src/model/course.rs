//! The lawful courses of a conversation, and what each is worth.
//!
//! What may be seen follows from what was read, with what the RFC leaves open:
//!
//! - Echoes keep their order, and so do Pongs; how the two mix is open (§5.5.2: a Pong is sent "as
//!   soon as is practical").
//! - Of several Pings that wait, the last one is answered (§5.5.3); those before it may be.
//! - Valid messages right before a violation or a Close frame may be lost with the connection. What
//!   was waited for was seen, and is not lost any more.
//! - A Ping right before a Close frame may go without its Pong (§5.5.2).
//! - A Close frame is answered with any status code, usually its own (§5.5.1). What comes behind it
//!   is thrown away (§7.1.1), or is taken for an error.
//! - A connection is failed with a Close frame or without (§7.1.7).
//! - Where our half of TCP ends without a Close frame, the connection is given up, and the RFC sets
//!   no time for that.

use super::reader::{Reading, State};
use super::rule::{self, Rule};
use super::timeline::{Mark, TcpCut, Timeline};

/// U+FEFF, which is a character of the message (RFC 3629 §6 leaves it to protocols to forbid it) and
/// which many decoders of text take away.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One lawful course.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course {
    /// What it is worth.
    pub worth: Worth,
    /// What is seen, in order.
    pub trace: Vec<Seen>,
    /// Why it is worth that, where it is not the best.
    pub because: Option<String>,
    /// Whether how the connection ends is left open.
    pub open_end: bool,
}

/// What a course is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Worth {
    /// It is what the RFC asks for.
    Pass,
    /// It is lawful.
    NonStrict,
    /// The RFC leaves it open.
    Info,
}

/// Something that is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// A text message.
    Text(Vec<u8>),
    /// A binary message.
    Binary(Vec<u8>),
    /// A text message, one of these: the mark at its beginning may be taken for one of the byte
    /// order, and be left out.
    MarkedText(Vec<u8>),
    /// A Pong.
    Pong(Vec<u8>),
    /// Our Close frame is answered, with one of these codes at best.
    Closed(Vec<u16>),
    /// The connection is failed, with one of these codes at best.
    Failed(Vec<u16>),
    /// The connection is failed with one of these codes, or without any.
    FailedOnly(Vec<u16>),
    /// This or nothing.
    Optional(Vec<Seen>),
    /// All of these, mixed.
    Mixed(Vec<Vec<Seen>>),
}

/// An answer that is due.
#[derive(Clone, Debug)]
struct Answer {
    seen: Seen,
    /// Whether it was waited for, so that it cannot be missing.
    is_settled: bool,
}

/// What is due so far.
#[derive(Clone, Debug, Default)]
struct Due {
    echoes: Vec<Answer>,
    pongs: Vec<Answer>,
}

/// What the conversation comes to.
enum End<'rule> {
    Open,
    Closed { code: Option<u16>, more: bool },
    Failed(&'rule Rule),
    HalfClosed,
    Reset,
}

/// The lawful courses of a conversation, best first. Whether the frames are known: the judge knows
/// those that were sent as frames and read as the same.
pub(super) fn courses(timeline: &Timeline, frames_are_known: bool) -> Vec<Course> {
    let mut due = Due::default();
    let mut doubts: Vec<(Rule, Due)> = Vec::new();
    let mut end = match timeline.state {
        // Nothing but the end of our half of TCP can follow.
        State::InFrame => End::HalfClosed,
        _ => End::Open,
    };
    for (at, mark) in timeline.marks.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| &timeline.marks[at]);
        match mark {
            Mark::Read(Reading::Text(text)) => due.echo(match text.starts_with(BYTE_ORDER_MARK) {
                true => Seen::MarkedText(text.clone()),
                false => Seen::Text(text.clone()),
            }),
            Mark::Read(Reading::Binary(octets)) => due.echo(Seen::Binary(octets.clone())),
            Mark::Read(Reading::Ping(payload)) => due.pong(Seen::Pong(payload.clone())),
            Mark::Read(Reading::Pong) => {}
            Mark::Read(Reading::Doubt(rule)) => doubts.push((*rule, due.clone())),
            Mark::Read(Reading::Close(code)) => {
                let more = timeline.octets_behind_end > 0;
                end = End::Closed { code: *code, more };
                break;
            }
            Mark::Read(Reading::Violation(rule)) => {
                // Nothing can have been seen between the doubt and the certainty.
                doubts.pop_if(|(doubt, _)| before == Some(&Mark::Read(Reading::Doubt(*doubt))));
                end = End::Failed(rule);
                break;
            }
            Mark::AwaitedEcho => due.settle_echoes(),
            Mark::AwaitedPong => due.settle_pongs(),
            Mark::HalfClosed => {
                end = End::HalfClosed;
                break;
            }
            Mark::Reset => {
                end = End::Reset;
                break;
            }
        }
    }
    if !frames_are_known {
        due.forgive_pongs();
    }
    let mut courses = due.courses(&end);
    courses.extend(due.late(&timeline.behind_text));
    if let Some((first, before_doubt)) = doubts.first() {
        // Best first; and before those that a Close frame of the target's own would fit too.
        let worth = courses
            .get(1)
            .map_or(Worth::NonStrict, |second| second.worth);
        courses.insert(1, doubted(first, before_doubt, &due, worth));
    }
    // Whose Close frame came first does not tell then what it is about; and where we end TCP, the
    // target has no say in how it ends.
    let cut = timeline.cut;
    if let (Some(cut), End::Closed { .. } | End::Failed(_)) = (cut, &end) {
        courses.push(due.cut_short(cut));
    }
    if !doubts.is_empty() || !frames_are_known || cut.is_some() {
        for course in &mut courses {
            course.open_end = true;
        }
    }
    courses
}

/// The connection is failed somewhere behind the first doubt.
fn doubted(first: &Rule, before: &Due, due: &Due, worth: Worth) -> Course {
    let mut since = due.clone();
    since.unsettle_since(before);
    Course {
        worth,
        trace: since.trace(Lost::Some, vec![Seen::Failed(Vec::new())]),
        because: Some(format!(
            "{} An endpoint may fail the connection for that.",
            first.broken
        )),
        open_end: true,
    }
}

/// Which answers may be missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// Pongs to Pings that others follow.
    Hardly,
    /// Pongs.
    Pongs,
    /// Pongs, and messages from some point on.
    Some,
}

impl Due {
    fn echo(&mut self, seen: Seen) {
        self.echoes.push(Answer {
            seen,
            is_settled: false,
        });
    }

    fn pong(&mut self, seen: Seen) {
        self.pongs.push(Answer {
            seen,
            is_settled: false,
        });
    }

    fn settle_echoes(&mut self) {
        for echo in &mut self.echoes {
            echo.is_settled = true;
        }
    }

    /// Waited for was the last Pong; those before it may have been left out.
    fn settle_pongs(&mut self) {
        if let Some(last) = self.pongs.last_mut() {
            last.is_settled = true;
        }
    }

    /// The judge knows of no Ping that was sent as mere octets, and of no Pong that answers it.
    fn forgive_pongs(&mut self) {
        self.pongs = self
            .pongs
            .drain(..)
            .map(|pong| Answer {
                seen: Seen::Optional(vec![pong.seen]),
                is_settled: true,
            })
            .collect();
    }

    /// What was not settled `before` need not be.
    fn unsettle_since(&mut self, before: &Self) {
        let unsettle = |now: &mut [Answer], before: &[Answer]| {
            let was_settled = before.iter().map(|answer| answer.is_settled);
            let was_settled = was_settled.chain(std::iter::repeat(false));
            for (answer, was_settled) in now.iter_mut().zip(was_settled) {
                answer.is_settled = was_settled;
            }
        };
        unsettle(&mut self.echoes, &before.echoes);
        unsettle(&mut self.pongs, &before.pongs);
    }

    fn courses(&self, end: &End<'_>) -> Vec<Course> {
        match end {
            End::Open => vec![Course::pass(self.trace(Lost::Hardly, Vec::new()))],
            End::Closed { code, more } => {
                // What is not for the wire (§7.4.1) is not sent back.
                let sendable = code.filter(|code| ![1004, 1005, 1006, 1015].contains(code));
                let best: Vec<u16> = match code {
                    None => Vec::new(),
                    Some(_) => [1000].into_iter().chain(sendable).collect(),
                };
                let closed = || Seen::Closed(best.clone());
                let mut courses = vec![Course::pass(self.trace(Lost::Pongs, vec![closed()]))];
                self.add_loss(&mut courses, closed());
                if *more {
                    let failed = Seen::Failed(Vec::new());
                    courses.push(Course {
                        worth: Worth::Info,
                        trace: self.trace(Lost::Some, vec![failed]),
                        because: Some(
                            "What comes behind the Close frame was taken for an error.".into(),
                        ),
                        open_end: true,
                    });
                }
                courses
            }
            End::Failed(rule) => {
                let failed = || failed_for(rule);
                let mut courses = vec![Course::pass(self.trace(Lost::Pongs, vec![failed()]))];
                self.add_loss(&mut courses, failed());
                courses
            }
            End::HalfClosed => {
                let failed = Seen::Failed(Vec::new());
                vec![
                    Course::open(
                        self.trace(Lost::Some, vec![failed]),
                        "TCP ended without a Close frame, and the connection was given up.",
                    ),
                    Course::open(
                        self.trace(Lost::Some, Vec::new()),
                        "The target left its half of the connection open; the RFC sets no time for giving it up.",
                    ),
                ]
            }
            End::Reset => vec![Course::open(
                self.trace(Lost::Some, Vec::new()),
                "TCP was reset.",
            )],
        }
    }

    /// A text is interpreted no earlier than the application asks for it (§8.1: "when an endpoint is
    /// to interpret a byte stream as UTF-8"), and control frames behind it may be answered by then.
    fn late(&self, behind_text: &[Reading]) -> Vec<Course> {
        let mut due = self.clone();
        let mut ends = vec![vec![Seen::Failed(Vec::new())]];
        for reading in behind_text {
            match reading {
                Reading::Ping(payload) => due.pong(Seen::Pong(payload.clone())),
                _ => ends.push(vec![Seen::Closed(Vec::new())]),
            }
        }
        let course = |end| Course {
            worth: Worth::NonStrict,
            trace: due.trace(Lost::Some, end),
            because: Some(
                "Control frames behind the text were answered before it was looked at.".into(),
            ),
            open_end: true,
        };
        match behind_text {
            [] => Vec::new(),
            _ => ends.into_iter().map(course).collect(),
        }
    }

    /// We end TCP before the answer can be there, or can be known to be read.
    fn cut_short(&self, cut: TcpCut) -> Course {
        match cut {
            TcpCut::HalfClosed => Course::open(
                self.trace(Lost::Some, vec![Seen::Failed(Vec::new())]),
                "The connection was given up at the end of our half of TCP.",
            ),
            TcpCut::Reset => Course::open(self.trace(Lost::Some, Vec::new()), "TCP was reset."),
        }
    }

    /// Valid messages may be lost with the connection.
    fn add_loss(&self, courses: &mut Vec<Course>, end: Seen) {
        if self.echoes.iter().any(|echo| !echo.is_settled) {
            courses.push(Course {
                worth: Worth::NonStrict,
                trace: self.trace(Lost::Some, vec![end]),
                because: Some("Valid messages were not echoed.".into()),
                open_end: false,
            });
        }
    }

    fn trace(&self, lost: Lost, end: Vec<Seen>) -> Vec<Seen> {
        let echoes = match lost {
            Lost::Some => cut_off(&self.echoes),
            _ => self.echoes.iter().map(|echo| echo.seen.clone()).collect(),
        };
        let last = self.pongs.len().wrapping_sub(1);
        let pongs: Vec<Seen> = self
            .pongs
            .iter()
            .enumerate()
            .map(|(at, pong)| {
                let is_sure = pong.is_settled || lost == Lost::Hardly && at == last;
                match is_sure {
                    true => pong.seen.clone(),
                    false => Seen::Optional(vec![pong.seen.clone()]),
                }
            })
            .collect();
        let mut trace = match (echoes.is_empty(), pongs.is_empty()) {
            (_, true) => echoes,
            (true, _) => pongs,
            _ => vec![Seen::Mixed(vec![echoes, pongs])],
        };
        trace.extend(end);
        trace
    }
}

/// How a connection is failed for what was sent.
fn failed_for(rule: &Rule) -> Seen {
    // An answer of 1000, or of the code itself, took the Close frame for a valid one. Where it is the
    // code that is wrong, the RFC binds its sender alone, and to repeat it is to send it.
    if [rule::HALF_A_CODE, rule::REASON_NOT_UTF8].contains(rule) {
        Seen::FailedOnly(vec![1002, 1007, 1003, 1008, 1009, 1011, 3000, 4000])
    } else {
        Seen::Failed(rule.codes.to_vec())
    }
}

/// Those that were waited for, and of the others none, or the first ones.
fn cut_off(answers: &[Answer]) -> Vec<Seen> {
    let settled = answers
        .iter()
        .rposition(|answer| answer.is_settled)
        .map_or(0, |last| last + 1);
    let (sure, rest) = answers.split_at(settled);
    let mut trace: Vec<Seen> = sure.iter().map(|answer| answer.seen.clone()).collect();
    let rest = rest.iter().rev().fold(Vec::new(), |behind, answer| {
        let mut chain = vec![answer.seen.clone()];
        chain.extend(behind);
        vec![Seen::Optional(chain)]
    });
    trace.extend(rest);
    trace
}

impl Course {
    const fn pass(trace: Vec<Seen>) -> Self {
        Self {
            worth: Worth::Pass,
            trace,
            because: None,
            open_end: false,
        }
    }

    fn open(trace: Vec<Seen>, because: &str) -> Self {
        Self {
            worth: Worth::Info,
            trace,
            because: Some(because.into()),
            open_end: true,
        }
    }
}
