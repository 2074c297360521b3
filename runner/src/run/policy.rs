//! What to do about what happens: facts and times in, decisions out. Nothing here waits,
//! and every number that a run depends on is here.

use std::time::Duration;

use wsspec_record::results::{Ending, Grade, ProcessEnd};
use wsspec_record::{CaseResult, Failure, Mismatch};

use super::seen::{mismatch, opening, ran_out_of_time};
use crate::drive::Patience;
use crate::subject::{Waits, Way};

/// The numbers of a run.
#[derive(Debug, Clone)]
pub struct Policy {
    /// How long to wait for an answer.
    pub answer: Duration,
    /// How long once a target has shown that it does not answer,
    pub hopeless: Duration,
    /// which it has after so many cases that ran out of time.
    pub late_tolerated: usize,
    /// How many cases may run out of time once more when they are played alone, before
    /// none is played once more for that reason.
    pub late_alone_tolerated: usize,
    /// How many cases wait to be played alone at the most while others are played.
    pub alone_waiting_max: usize,
    /// How long a client that we start may take to connect, as long as nobody knows how
    /// long it takes,
    pub start: Duration,
    /// and how many times as long as the first time, besides `answer`: others start at
    /// the same time.
    pub start_factor: u32,
    /// How long a process may take to end that has shown that it does not.
    pub end_hopeless: Duration,
    /// How often a target may die without having played a case to its end in between.
    pub deaths_in_a_row_max: usize,
    /// After how many deaths cases are played one by one.
    pub deaths_in_company_max: usize,
    /// How often a target may be started again; without a bound where there is none.
    pub restarts_max: Option<usize>,
    /// How often a case is played whose conversation ended with the target.
    pub deaths_survived_max: u32,
    /// How long after it ended a connection a target may take to die of what it came over,
    pub moment: Duration,
    /// besides so many times as long as it takes for an echo,
    pub moment_factor: u32,
    /// at the most.
    pub moment_max: Duration,
    /// After how many cases a target has shown itself that let time run out in nearly all.
    pub shown_after: usize,
    /// Whether a target is graded that is not what could be, or has shown itself.
    pub force: bool,
}

impl Policy {
    /// The usual numbers, with this time to wait for an answer.
    pub fn new(answer: Duration) -> Self {
        let hopeless = Duration::from_secs(1);
        Self {
            answer,
            hopeless,
            late_tolerated: 4,
            late_alone_tolerated: 8,
            alone_waiting_max: 64,
            start: Duration::from_secs(15).max(answer),
            start_factor: 32,
            end_hopeless: hopeless / 4,
            deaths_in_a_row_max: 5,
            deaths_in_company_max: 4,
            restarts_max: None,
            deaths_survived_max: 6,
            moment: Duration::from_millis(20),
            moment_factor: 10,
            moment_max: Duration::from_millis(100),
            shown_after: 24,
            force: false,
        }
    }
}

/// What a target has shown so far.
#[derive(Debug, Clone, Default)]
pub struct Conduct {
    /// How long it took to connect and to echo a message.
    pub echo_took: Option<Duration>,
    /// How long it took to start and to connect, where a process does for each case.
    pub start_took: Option<Duration>,
    /// Whether it left the first message without an answer.
    pub is_mute: bool,
    /// How many cases ran out of time,
    pub late: usize,
    /// how many of them alone,
    pub late_alone: usize,
    /// and how many times nobody came.
    pub absent: usize,
    /// How many processes did not end by themselves.
    pub hung: usize,
    /// How many cases were played,
    pub played: usize,
    /// and in how many nothing was answered but, maybe, the opening handshake.
    pub unanswered: usize,
    /// How many connections may be open at once without one waiting for long to be
    /// accepted, where that is known,
    pub room: Option<usize>,
    /// and how many were accepted soon since that was found.
    pub soon: usize,
    /// How often it died,
    pub deaths: usize,
    /// and how often since a case was played to its end.
    pub deaths_in_a_row: usize,
}

/// One playing of a case, as far as it matters to what is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Playing {
    /// How good the result is.
    pub grade: Grade,
    /// Whether time ran out, or nobody came.
    pub is_late: bool,
    /// Whether others were played at the same time.
    pub had_company: bool,
}

impl Playing {
    /// What matters of a result.
    pub fn of(result: &CaseResult, had_company: bool) -> Self {
        Self {
            grade: result.grade(),
            is_late: result.failure == Some(Failure::Unreachable) || ran_out_of_time(result),
            had_company,
        }
    }
}

/// What to do about a case that was played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Its result stands.
    Keep,
    /// It is played once more, alone.
    Retry,
}

/// What to do about a target that died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDeath {
    /// It is to come back, or to be started again, within this time.
    Return(Duration),
    /// It has died too often.
    GiveUp,
}

impl Conduct {
    /// Takes a result into account.
    pub fn learn(&mut self, result: &CaseResult, had_company: bool) {
        use Failure::{NotAlive, Timeout, Unreachable};
        let is_late = matches!(result.failure, Some(Timeout | NotAlive));
        let has_opened = opening(result) != Some(None);
        self.late += usize::from(is_late && has_opened);
        self.played += 1;
        self.unanswered += usize::from(is_late);
        let playing = Playing::of(result, had_company);
        let is_bad = playing.grade >= Grade::Bad;
        self.late_alone += usize::from(is_bad && playing.is_late && !had_company);
        self.absent += usize::from(result.failure == Some(Unreachable));
        self.note_process(result);
    }

    /// Takes into account how a process ended.
    pub fn note_process(&mut self, result: &CaseResult) {
        let hung = |process: &ProcessEnd| process.ended != Ending::ByItself;
        self.hung += usize::from(result.process.as_ref().is_some_and(hung));
    }

    /// Takes a death into account.
    pub fn died(&mut self) {
        self.deaths += 1;
        self.deaths_in_a_row += 1;
    }
}

impl Policy {
    /// How long to wait for a target of this conduct.
    pub fn waits(&self, conduct: &Conduct) -> Waits {
        let mut answer = self.answer;
        if conduct.is_mute || conduct.late >= self.late_tolerated {
            answer = answer.min(self.hopeless);
        }
        let mut conversation = Patience::new(answer);
        // Who answers late is not who accepts late.
        conversation.opening = if conduct.is_mute { answer } else { self.answer };
        if let Some(took) = conduct.echo_took {
            let slow = took.as_millis() / 10;
            conversation.quiet_factor = 1 + u32::try_from(slow.min(15)).unwrap_or(15);
        }
        let known = conduct.start_took;
        let mut start = known.map_or(self.start, |took| {
            self.start.min(self.answer + took * self.start_factor)
        });
        if conduct.absent >= self.late_tolerated {
            start = start.min(self.answer);
        }
        let mut end = self.answer;
        if conduct.hung >= self.late_tolerated {
            end = end.min(self.end_hopeless);
        }
        Waits {
            conversation,
            start,
            end,
        }
    }

    /// How many cases are played with a target at once, where `jobs` may be.
    pub fn jobs(&self, conduct: &Conduct, jobs: usize) -> usize {
        let is_mortal = conduct.deaths >= self.deaths_in_company_max;
        let room = conduct.room.unwrap_or(usize::MAX);
        if is_mortal { 1 } else { jobs.min(room).max(1) }
    }

    /// Learns how many connections a target takes at once from how long one waited to be
    /// accepted and answered: nothing where it waited in vain. `others` were open too.
    pub fn opened(&self, conduct: &mut Conduct, waited: Option<Duration>, others: usize) {
        let long = self.answer / 4;
        let room = conduct.room.unwrap_or(usize::MAX);
        match waited {
            Some(waited) if waited < long / 4 => {
                conduct.soon += 1;
                if conduct.soon >= room {
                    conduct.soon = 0;
                    conduct.room = Some(room.saturating_mul(2));
                }
            }
            Some(waited) if waited < long => conduct.soon = 0,
            // Those that were open before there was so little room say nothing new.
            _ if others > 0 && others < room => {
                conduct.soon = 0;
                conduct.room = Some((others + 1).div_ceil(2));
            }
            _ => {}
        }
    }

    /// How many connections a target takes at once that took so long for the second of two,
    /// one right behind the other.
    pub fn first_room(&self, took: Duration) -> usize {
        let took = took.as_millis().max(1);
        usize::try_from((self.answer / 4).as_millis() / took)
            .unwrap_or(usize::MAX)
            .max(1)
    }

    /// Whether a target has shown that it does not answer, so that the rest of the cases
    /// would say nothing new.
    pub fn has_shown_itself(&self, conduct: &Conduct) -> bool {
        let is_known = conduct.played >= self.shown_after;
        !self.force && is_known && conduct.unanswered * 10 >= conduct.played * 9
    }

    /// What a target is instead, where its answer to the first message shows that it is not
    /// what can be graded. One that breaks a rule in it can.
    pub fn mismatch(&self, answer: &CaseResult) -> Option<Mismatch> {
        match self.force {
            true => None,
            false => mismatch(answer),
        }
    }

    /// Whether every conversation is followed by one that shows that the target is there
    /// yet.
    pub fn asks_after_each(&self, conduct: &Conduct) -> bool {
        conduct.deaths >= self.deaths_in_company_max
    }

    /// How long after it ended a connection the death of a target may be due to that.
    pub fn moment(&self, conduct: &Conduct) -> Duration {
        let echo = conduct.echo_took.unwrap_or_default();
        (self.moment + echo * self.moment_factor).min(self.moment_max)
    }

    /// Whether what runs out of time does so alone, too.
    pub fn is_hopeless(&self, conduct: &Conduct) -> bool {
        conduct.late_alone >= self.late_alone_tolerated
    }

    /// What to do about a case that was played: a failure in company is no failure yet.
    pub fn settled(&self, conduct: &Conduct, way: Way, playing: Playing) -> Decision {
        let is_good = playing.grade < Grade::Bad;
        let comes_again = way != Way::ByItself;
        let is_hopeless = playing.is_late && self.is_hopeless(conduct);
        if is_good || !comes_again || !playing.had_company || is_hopeless {
            Decision::Keep
        } else {
            Decision::Retry
        }
    }

    /// What to do about a target that died.
    pub fn died(&self, conduct: &Conduct) -> AfterDeath {
        let is_spent = self.restarts_max.is_some_and(|max| conduct.deaths > max);
        if is_spent || conduct.deaths_in_a_row > self.deaths_in_a_row_max {
            AfterDeath::GiveUp
        } else {
            AfterDeath::Return(self.answer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn policy() -> Policy {
        Policy::new(5 * SECOND)
    }

    #[test]
    fn who_does_not_answer_is_waited_for_less() {
        for (late, is_mute, expected) in [(0, false, 5), (3, false, 5), (4, false, 1), (0, true, 1)]
        {
            let conduct = Conduct {
                late,
                is_mute,
                ..Conduct::default()
            };
            let waits = policy().waits(&conduct);
            assert_eq!(
                waits.conversation.answer,
                expected * SECOND,
                "{late} {is_mute}"
            );
        }
    }

    #[test]
    fn who_is_slow_to_echo_has_longer_quiet_periods() {
        for (took, factor) in [(0, 1), (9, 1), (10, 2), (149, 15), (10_000, 16)] {
            let conduct = Conduct {
                echo_took: Some(Duration::from_millis(took)),
                ..Conduct::default()
            };
            let waits = policy().waits(&conduct);
            assert_eq!(waits.conversation.quiet_factor, factor, "{took} ms");
        }
    }

    #[test]
    fn who_is_slow_to_echo_is_slow_to_die() {
        for (took, expected) in [(0, 20), (1, 30), (50, 100)] {
            let conduct = Conduct {
                echo_took: Some(Duration::from_millis(took)),
                ..Conduct::default()
            };
            let expected = Duration::from_millis(expected);
            assert_eq!(policy().moment(&conduct), expected, "{took} ms");
        }
    }

    #[test]
    fn the_first_start_tells_how_long_others_may_take() {
        for (took, absent, expected) in [(None, 0, 15), (Some(SECOND / 8), 0, 9), (None, 4, 5)] {
            let conduct = Conduct {
                start_took: took,
                absent,
                ..Conduct::default()
            };
            let waits = policy().waits(&conduct);
            assert_eq!(waits.start, expected * SECOND, "{took:?} {absent}");
        }
    }

    #[test]
    fn who_accepts_slowly_is_given_less_at_once() {
        let quick = Some(SECOND / 100);
        let slow = Some(2 * SECOND);
        for (room, waited, others, expected) in [
            (None, quick, 63, None),
            (None, slow, 63, Some(32)),
            (None, None, 63, Some(32)),
            (Some(32), slow, 63, Some(32)),
            (Some(32), None, 31, Some(16)),
            (Some(1), None, 0, Some(1)),
            (Some(8), Some(SECOND), 7, Some(8)),
            (Some(1), quick, 0, Some(2)),
        ] {
            let mut conduct = Conduct {
                room,
                ..Conduct::default()
            };
            policy().opened(&mut conduct, waited, others);
            assert_eq!(conduct.room, expected, "{room:?} {waited:?} {others}");
        }
        assert_eq!(policy().first_room(SECOND / 1000), 1250);
        assert_eq!(policy().first_room(SECOND * 2 / 5), 3);
        assert_eq!(policy().first_room(9 * SECOND), 1);
    }

    #[test]
    fn who_answers_nothing_has_shown_itself() {
        for (played, unanswered, force, expected) in [
            (23, 23, false, false),
            (24, 24, false, true),
            (24, 21, false, false),
            (24, 24, true, false),
            (500, 100, false, false),
        ] {
            let conduct = Conduct {
                played,
                unanswered,
                ..Conduct::default()
            };
            let policy = Policy { force, ..policy() };
            assert_eq!(policy.has_shown_itself(&conduct), expected, "{conduct:?}");
        }
    }

    #[test]
    fn what_fails_in_company_is_played_alone() {
        use Decision::{Keep, Retry};
        for (grade, is_late, had_company, late_alone, way, expected) in [
            (Grade::Good, false, true, 0, Way::Connected, Keep),
            (Grade::NonStrict, true, true, 0, Way::Connected, Keep),
            (Grade::Bad, false, true, 0, Way::Connected, Retry),
            (Grade::Bad, false, false, 0, Way::Connected, Keep),
            (Grade::Bad, false, true, 0, Way::ByItself, Keep),
            (Grade::Error, true, true, 0, Way::Started, Retry),
            (Grade::Bad, true, true, 7, Way::Spawned, Retry),
            (Grade::Bad, true, true, 8, Way::Spawned, Keep),
            (Grade::Bad, false, true, 8, Way::Spawned, Retry),
        ] {
            let conduct = Conduct {
                late_alone,
                ..Conduct::default()
            };
            let playing = Playing {
                grade,
                is_late,
                had_company,
            };
            let decision = policy().settled(&conduct, way, playing);
            assert_eq!(decision, expected, "{playing:?} {late_alone} {way:?}");
        }
    }

    #[test]
    fn a_target_returns_unless_it_does_nothing_but_die() {
        use AfterDeath::{GiveUp, Return};
        for (deaths, in_a_row, restarts_max, expected) in [
            (1, 1, None, Return(5 * SECOND)),
            (1000, 1, None, Return(5 * SECOND)),
            (6, 6, None, GiveUp),
            (2, 1, Some(2), Return(5 * SECOND)),
            (3, 1, Some(2), GiveUp),
        ] {
            let conduct = Conduct {
                deaths,
                deaths_in_a_row: in_a_row,
                ..Conduct::default()
            };
            let policy = Policy {
                restarts_max,
                ..policy()
            };
            assert_eq!(policy.died(&conduct), expected, "{conduct:?}");
        }
    }
}
