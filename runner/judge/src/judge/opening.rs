//! Whether the opening handshake succeeded, and what keeps a case from being judged.

use wsspec_cases::{Need, Target};
use wsspec_record::transcript::Stray;
use wsspec_record::{Head, HeadFault, Reason, Verdict};

use super::trace::Tracker;
use super::{Judge, shows};

/// How far the opening handshake is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OpeningState {
    /// The target's head has not come.
    Open,
    Succeeded,
    /// A fault of the target's head.
    Faulty(HeadFault),
    /// A status that refuses.
    Refused(u16),
}

impl Judge<'_> {
    /// Judges the head of the target's side of the handshake.
    pub(super) fn judge_opening(&mut self, head: &Head) {
        let outcomes = &self.main().outcomes;
        // A client's request comes before anything that a case could do to it.
        let is_about_opening = outcomes.iter().any(Tracker::expects_opening);
        let expected = self.target != Target::Client && is_about_opening;
        // A faulty head opens nothing, though an outcome may speak of the opening. Where
        // all of them ask for a refusal, that the handshake was accepted says more.
        let may_open = !expected || outcomes.iter().any(Tracker::may_open);
        let opening = match (self.deciding(head), head.status) {
            (Some(fault), Some(101) | None) if may_open => OpeningState::Faulty(fault),
            (Some(fault), _) if !expected => OpeningState::Faulty(fault),
            (None, Some(status)) if status != 101 && !expected => OpeningState::Refused(status),
            _ => OpeningState::Succeeded,
        };
        if opening == OpeningState::Succeeded {
            self.look_for_needs(head);
            self.notes
                .extend(head.faults.iter().cloned().map(Reason::Head));
        }
        self.connections[0].opening = opening;
    }

    /// The first fault of a head that decides the case: those that leave nothing to go on
    /// with, and in cases that are about the opening handshake all of them. Other cases
    /// go on behind it, and it is noted.
    fn deciding(&self, head: &Head) -> Option<HeadFault> {
        let outcomes = &self.main().outcomes;
        let is_about_opening = match self.target {
            Target::Client => outcomes.iter().any(Tracker::expects_request),
            _ => outcomes.iter().any(Tracker::expects_opening),
        };
        let cited = |fault: &HeadFault| self.case.requirements.contains(&fault.requirement);
        let mut faults = head.faults.iter();
        faults
            .find(|fault| is_about_opening || fault.fault.hinders() || cited(fault))
            .cloned()
    }

    /// Whether the opening handshake has gone wrong.
    pub(super) fn opening_failed(&self) -> bool {
        matches!(
            self.main().opening,
            OpeningState::Faulty(_) | OpeningState::Refused(_)
        )
    }

    /// Looks for what the case needs in the target's head.
    fn look_for_needs(&mut self, head: &Head) {
        if self.target == Target::Client
            && let Some(key) = head.values("sec-websocket-key").next()
        {
            self.note_handshake_key(key);
        }
        self.missing = self.case.needs.iter().find_map(|need| match need {
            Need::Feature(feature) if !shows::shows(*feature, self.target, head) => Some(*feature),
            _ => None,
        });
    }

    /// Who came last in place of a client that did not come.
    pub(super) fn stray_in_its_place(&self) -> Option<&Stray> {
        self.stray.as_ref().filter(|_| !self.main().connected)
    }

    /// What keeps the case from being judged at all.
    pub(super) fn obstacle(&self) -> Option<(Verdict, Reason)> {
        if self.main().opening != OpeningState::Succeeded {
            return None;
        }
        if let Some(feature) = self.missing {
            return Some((Verdict::Unimplemented, Reason::FeatureMissing(feature)));
        }
        let (wanted, seen) = (
            u64::from(self.case.keys_of),
            self.handshake_keys.len() as u64,
        );
        (wanted > 1 && seen < wanted)
            .then_some((Verdict::Skipped, Reason::TooFewConnections { wanted, seen }))
    }
}
