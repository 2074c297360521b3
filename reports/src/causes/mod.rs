//! What is wrong with a target: its failures by their cause, the worst first.
//!
//! A target rarely has as many faults as failed cases: one that takes no binary messages fails
//! hundreds of them. Results are of one cause where the same requirement is broken and the same
//! is [seen](Seen) in its place, wherever in the suite. Where even a plain message is not
//! answered, whatever else goes unanswered in the same way has no other cause.

mod seen;
mod told;

use std::collections::{BTreeMap, HashMap};

use wsspec_cases::frame::FrameKind;
use wsspec_cases::requirement::{Catalogue, Requirement};
use wsspec_cases::{Case, Cut, Mask, StepKind, Target};
use wsspec_record::results::{CaseResult, Grade, Results};

use crate::tally;

pub use seen::{Awaited, Seen};
pub use told::names;

/// A fault of a target, or something that it may do and had better not.
#[derive(Debug, Clone)]
pub struct Cause<'a> {
    /// How bad its worst result is.
    pub grade: Grade,
    /// The requirement that is broken, or at stake.
    pub requirement: Option<&'a str>,
    /// Whether the requirement is known to be broken; else it is at stake.
    pub is_broken: bool,
    /// Whether it is a MUST.
    is_must: bool,
    /// What was seen in place of what the cases ask for.
    pub seen: Seen,
    /// The results, the plainest first: it is the example.
    pub results: Vec<&'a CaseResult>,
    /// The classes of known vulnerabilities that most of the cases belong to.
    pub flags: Vec<&'a str>,
}

impl<'a> Cause<'a> {
    /// The result that shows it best.
    pub fn example(&self) -> &'a CaseResult {
        self.results[0]
    }

    /// Where it shows: the topics of the cases, and how many there are of each. Where these
    /// would be too many to take in, the folders that they stand in, the fullest first.
    pub fn topics(&self) -> Vec<(&'a str, usize)> {
        const TOPICS_MAX: usize = 4;
        let topics = self.count_by(tally::topic);
        if topics.len() <= TOPICS_MAX {
            return topics;
        }
        let mut folders = self.count_by(|id| id.split('/').next().unwrap_or(id));
        folders.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
        folders
    }

    fn count_by(&self, name: fn(&str) -> &str) -> Vec<(&'a str, usize)> {
        let mut names: Vec<(&str, usize)> = Vec::new();
        for result in &self.results {
            let name = name(&result.case);
            match names.iter_mut().find(|(other, _)| *other == name) {
                Some((_, number)) => *number += 1,
                None => names.push((name, 1)),
            }
        }
        names
    }

    /// What tells causes apart over several runs.
    pub fn key(&self) -> (Option<&'a str>, &Seen) {
        (self.requirement, &self.seen)
    }

    pub(crate) fn rank(&self) -> (u8, bool, std::cmp::Reverse<usize>) {
        let class = match (&self.seen, self.grade) {
            (Seen::Died, _) => 0,
            (_, Grade::Bad) => 1,
            (_, Grade::Error) => 2,
            _ => 3,
        };
        (class, !self.is_must, std::cmp::Reverse(self.results.len()))
    }
}

/// The causes of what is not good about one target, the worst first: a broken MUST before
/// anything less, then those with the most cases, then as the suite has them.
///
/// `found` are the results of that target in the order of the suite.
pub fn of_target<'a>(
    results: &'a Results,
    catalogue: &Catalogue,
    role: Target,
    found: &[&'a CaseResult],
) -> Vec<Cause<'a>> {
    let case_of = |result: &CaseResult| results.header.cases.get(&result.case);
    let mut causes: Vec<Cause<'a>> = Vec::new();
    let mut places: HashMap<(Grade, Option<&str>, Seen), usize> = HashMap::new();
    for result in found
        .iter()
        .copied()
        .filter(|result| result.grade() > Grade::Good)
    {
        let case = case_of(result);
        let seen = Seen::of(result, case, role);
        let (requirement, is_broken) = requirement(result, &seen);
        let key = match &seen {
            // The reason is the case's own, and says more than a requirement.
            Seen::Allowed(_) => (result.grade(), None, seen.clone()),
            Seen::Died | Seen::Nothing(_) => (Grade::Error, None, seen.clone()),
            _ => (result.grade(), requirement, seen.clone()),
        };
        let place = *places.entry(key).or_insert_with(|| {
            causes.push(Cause {
                grade: result.grade(),
                requirement,
                is_broken,
                is_must: false,
                seen,
                results: Vec::new(),
                flags: Vec::new(),
            });
            causes.len() - 1
        });
        let cause = &mut causes[place];
        cause.grade = cause.grade.max(result.grade());
        cause.results.push(result);
    }
    let is_plain = |result: &CaseResult| case_of(result).is_some_and(is_plain);
    let place: HashMap<&str, usize> = (found.iter().map(|result| result.case.as_str()))
        .zip(0..)
        .collect();
    gather(&mut causes, &is_plain);
    for cause in &mut causes {
        cause
            .results
            .sort_by_key(|result| place[result.case.as_str()]);
        let plainest = |result: &&CaseResult| (!is_plain(result), effort(case_of(result)));
        if let Some(at) = (0..cause.results.len()).min_by_key(|at| plainest(&cause.results[*at])) {
            cause.results[..=at].rotate_right(1);
        }
        let is_must = |id| catalogue.find(id).is_some_and(Requirement::is_must);
        cause.is_must = cause.requirement.is_some_and(is_must);
        cause.flags = common_flags(&cause.results, &case_of);
    }
    causes.sort_by_key(Cause::rank);
    causes
}

/// What is broken, and whether that is known: on the second axis the closing tells.
fn requirement<'a>(result: &'a CaseResult, seen: &Seen) -> (Option<&'a str>, bool) {
    match seen {
        // That is about no requirement in particular.
        Seen::Died | Seen::Nothing(_) => return (None, false),
        Seen::Closing(_) => {
            if let Some(id) = seen::broken_by_closing(result.closing) {
                return (Some(id), true);
            }
        }
        _ => {}
    }
    match &result.broken {
        Some(id) => (Some(id), true),
        None => (result.requirements.first().map(String::as_str), false),
    }
}

/// Puts causes together where a plain message already goes unanswered in the same way.
fn gather(causes: &mut Vec<Cause<'_>>, is_plain: &dyn Fn(&CaseResult) -> bool) {
    let goes_unanswered = |seen: &Seen| match seen {
        Seen::Ended(awaited) | Seen::Silence(awaited) | Seen::Other(awaited) => awaited.is_echo(),
        _ => false,
    };
    let mut at = 0;
    while at < causes.len() {
        let is_general = goes_unanswered(&causes[at].seen)
            && causes[at].results.iter().any(|result| is_plain(result));
        if !is_general {
            at += 1;
            continue;
        }
        let mut general = causes.remove(at);
        let before = causes[..at]
            .iter()
            .filter(|other| other.seen == general.seen)
            .count();
        let (same, others): (Vec<_>, Vec<_>) = causes
            .drain(..)
            .partition(|other| other.seen == general.seen);
        *causes = others;
        for cause in same {
            general.grade = general.grade.max(cause.grade);
            general.results.extend(cause.results);
        }
        at -= before;
        causes.insert(at, general);
        at += 1;
    }
}

/// The flags that most of the cases have.
fn common_flags<'a>(
    results: &[&CaseResult],
    case_of: &dyn Fn(&CaseResult) -> Option<&'a Case>,
) -> Vec<&'a str> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let cases = results.iter().filter_map(|result| case_of(result));
    for flag in cases.flat_map(|case| &case.flags) {
        *numbers.entry(flag).or_default() += 1;
    }
    numbers.retain(|_, number| 2 * *number > results.len());
    numbers.into_keys().collect()
}

/// Whether a case is one lawful, short, unfragmented frame in one write.
fn is_plain(case: &Case) -> bool {
    const SHORT_OCTETS_MAX: u64 = 125;
    let [step] = &case.script[..] else {
        return false;
    };
    let StepKind::Send(send) = &step.kind else {
        return false;
    };
    let [frame] = &send.frames[..] else {
        return false;
    };
    let is_short = match &frame.kind {
        FrameKind::Frame { payload, .. } => {
            payload.len().is_ok_and(|length| length <= SHORT_OCTETS_MAX)
        }
        _ => false,
    };
    is_short
        && frame.fin
        && frame.rsv == 0
        && frame.mask == Mask::Lawful
        && frame.length_form.is_none()
        && frame.declared_length.is_none()
        && frame.fragment_size.is_none()
        && frame.compress.is_none()
        && send.cut.is_together()
        && send.withhold == 0
        && case.opening.is_lawful()
}

/// How much there is to read of a case.
fn effort(case: Option<&Case>) -> usize {
    case.map_or(usize::MAX, |case| {
        let frames = case.script.iter().map(|step| match &step.kind {
            StepKind::Send(send) => send.frames.len() + writes(&send.cut),
            _ => 1,
        });
        frames.sum()
    })
}

/// How many things a reader is told of the writes.
fn writes(cut: &Cut) -> usize {
    match cut {
        Cut::Together => 0,
        Cut::Frames | Cut::Every(_) => 1,
        Cut::Sizes(sizes) => sizes.len() + 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wsspec_record::results::{Closing, Failure, Verdict};
    use wsspec_record::transcript::{Entry, Frame, Phase, Transcript, What};

    use super::*;
    use crate::fixtures;

    /// A run of cases: id, requirement, script, the passing trace; and what came of each.
    struct Run(Results);

    impl Run {
        fn new() -> Self {
            let mut results = fixtures::results();
            results.results.clear();
            results.header.cases.clear();
            results.header.order.clear();
            Self(results)
        }

        fn case(
            &mut self,
            (id, requirement): (&str, &str),
            script: &serde_json::Value,
            observe: &serde_json::Value,
            found: (Failure, &[Frame]),
        ) -> &mut CaseResult {
            let case = json!({
                "id": id, "title": "t", "requirements": [requirement], "because": "b",
                "script": script,
                "outcomes": [{"pass": observe}],
            });
            let case: Case = serde_json::from_value(case).unwrap();
            self.0.header.cases.insert(id.to_owned(), case);
            self.0.header.order.push(id.to_owned());
            let (failure, frames) = found;
            let mut result = fixtures::result("echo", id, Verdict::Fail, Closing::Fail);
            let frames = frames.iter().cloned().map(What::ReceivedFrame);
            result.failure = Some(failure);
            result.broken = Some(requirement.to_owned());
            result.transcript = Some(Transcript {
                entries: std::iter::once(What::Phase(Phase::Script))
                    .chain(frames)
                    .map(|what| Entry::new(0, what))
                    .collect(),
                ..Transcript::default()
            });
            self.0.results.push(result);
            self.0.results.last_mut().unwrap()
        }

        fn told(&self) -> Vec<String> {
            let catalogue = wsspec_cases::suite::catalogue();
            let found: Vec<&CaseResult> = self.0.results.iter().collect();
            of_target(&self.0, &catalogue, Target::Server, &found)
                .iter()
                .map(|cause| {
                    format!(
                        "{} {}: {} | {} | {}",
                        cause.results.len(),
                        cause.requirement.unwrap_or("-"),
                        cause.sentence(),
                        cause.places(),
                        cause.example().case
                    )
                })
                .collect()
        }
    }

    #[test]
    fn a_run_by_cause() {
        let results = fixtures::results();
        let tally = tally::Tally::new(&results, crate::FailOn::Fail);
        let mut text = String::new();
        for target in &tally.targets {
            for cause in &target.causes {
                text += &format!("{:?} {}\n", cause.grade, cause.in_short(&tally.catalogue));
                text += &crate::account::cause(cause, &tally, 10);
                text += "\n\n";
            }
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_fails_like_a_plain_message_has_its_cause() {
        let mut run = Run::new();
        let binary = |octets: &str| json!([{"send": [{"binary": octets}]}]);
        let chopped = json!([{"send": [{"binary": "long"}], "cut": "octets"}]);
        let nothing: &[Frame] = &[];
        run.case(
            ("framing/cut/octets", "6455-6.2-1"),
            &chopped,
            &json!([{"binary": "long"}]),
            (Failure::Dropped, nothing),
        );
        run.case(
            ("messages/binary/short", "6455-5.6-4"),
            &binary("a"),
            &json!([{"binary": "a"}]),
            (Failure::Dropped, nothing),
        );
        // A text message that is lost is something else.
        run.case(
            ("messages/text/cut", "6455-6.2-1"),
            &json!([{"send": [{"text": "a"}], "cut": "octets"}]),
            &json!([{"text": "a"}]),
            (Failure::Dropped, nothing),
        );
        assert_eq!(
            run.told(),
            [
                "2 6455-5.6-4: The target ended the connection in place of the binary message \
                 that was due. | messages/binary 1, framing/cut 1 | messages/binary/short",
                "1 6455-6.2-1: The target ended the connection in place of the text message that \
                 was due. | messages/text | messages/text/cut",
            ]
        );
    }

    #[test]
    fn what_is_seen_tells_causes_apart_that_break_one_requirement() {
        let text = |text: &str| fixtures::frame(0x1, text.as_bytes());
        let mut run = Run::new();
        let script = || json!([{"send": [{"text": "a"}, {"text": "b", "rsv": [2]}]}]);
        let observe = || json!([{"text": "a"}, {"fails": {"best": 1002}}]);
        let key = |id| (id, "6455-5.2-4");
        run.case(
            key("framing/rsv/a"),
            &script(),
            &observe(),
            (Failure::Timeout, &[text("a")]),
        );
        let went_on = [text("a"), text("b")];
        run.case(
            key("framing/rsv/b"),
            &script(),
            &observe(),
            (Failure::WrongAnswer, &went_on),
        );
        run.case(
            key("closing/rsv/c"),
            &script(),
            &observe(),
            (Failure::WrongAnswer, &went_on),
        );
        let wrong = [text("A")];
        run.case(
            key("framing/rsv/d"),
            &script(),
            &observe(),
            (Failure::WrongAnswer, &wrong),
        );
        let died = run.case(
            key("framing/rsv/e"),
            &script(),
            &observe(),
            (Failure::TargetDied, &[]),
        );
        died.verdict = Verdict::Error;
        assert_eq!(
            run.told(),
            [
                "1 -: The target died: its process ended. | framing/rsv | framing/rsv/e",
                "2 6455-5.2-4: The target went on as if nothing were wrong. | framing/rsv 1, \
                 closing/rsv 1 | framing/rsv/b",
                "1 6455-5.2-4: The target sent nothing in place of failing the connection. | \
                 framing/rsv | framing/rsv/a",
                "1 6455-5.2-4: The target sent something else in place of the text message that \
                 was due. | framing/rsv | framing/rsv/d",
            ]
        );
    }

    #[test]
    fn an_unanswered_close_is_one_cause_on_either_axis() {
        let mut run = Run::new();
        let close = run.case(
            ("closing/handshake/a", "6455-5.5.1-4"),
            &json!([{"send": [{"close": 1000}]}]),
            &json!([{"answers_close": {"best": 1000}}]),
            (Failure::Dropped, &[]),
        );
        close.closing = Closing::Unclean;
        let other = run.case(
            ("messages/text/b", "6455-5.6-1"),
            &json!([{"send": [{"text": "a"}]}]),
            &json!([{"text": "a"}]),
            (Failure::Dropped, &[]),
        );
        (other.verdict, other.closing) = (Verdict::Pass, Closing::Unclean);
        other.failure = None;
        assert_eq!(
            run.told(),
            [
                "2 6455-5.5.1-8: The target ended the connection without answering the Close \
                 frame. | messages/text 1, closing/handshake 1 | messages/text/b"
            ]
        );
    }
}
