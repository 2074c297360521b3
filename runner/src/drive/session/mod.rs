//! A conversation in progress: the connection, what was seen on it, and the replies
//! that any lawful endpoint gives by itself.

mod boundary;
mod echo_loop;
mod reading;
mod replies;
mod traffic;
mod writing;

use std::time::Duration;

use wsspec_cases::{Observation, Target};
use wsspec_judge::observe::{Agreement, Observer};
use wsspec_record::transcript::{Awaited, Phase, What};

use super::encode::Encoder;
use super::link::Link;
use super::log::Log;
use super::{Next, Patience, Watch};

pub(super) use reading::read_until;

use boundary::Boundary;
use echo_loop::EchoState;
use replies::Replies;
use traffic::Traffic;

const BUFFER_OCTETS: usize = 16 * 1024;

/// A conversation in progress.
pub(super) struct Session<'watch, W: Watch> {
    target: Target,
    link: Option<Box<dyn Link>>,
    log: Log<'watch, W>,
    observer: Observer,
    encoder: Encoder,
    buffer: Box<[u8]>,
    replies: Replies,
    /// Where in our own frames we are.
    boundary: Boundary,
    withheld: Vec<u8>,
    /// Octets behind the head, until the phase begins that they belong to.
    behind_head: Vec<u8>,
    we_closed: bool,
    they_closed: bool,
    ended: bool,
    cannot_write: bool,
    reading: bool,
    sent: Traffic,
    received: Traffic,
    /// What the target closed with.
    their_code: Option<u16>,
    late_reads: u32,
    echo: Option<EchoState>,
}

impl<'watch, W: Watch> Session<'watch, W> {
    pub(super) fn new(target: Target, encoder: Encoder, log: Log<'watch, W>) -> Self {
        Self {
            target,
            link: None,
            log,
            observer: Observer::new(target),
            encoder,
            buffer: vec![0; BUFFER_OCTETS].into_boxed_slice(),
            replies: Replies::default(),
            boundary: Boundary::default(),
            withheld: Vec::new(),
            behind_head: Vec::new(),
            we_closed: false,
            they_closed: false,
            ended: false,
            cannot_write: false,
            reading: true,
            sent: Traffic::default(),
            received: Traffic::default(),
            their_code: None,
            late_reads: 0,
            echo: None,
        }
    }

    pub(super) fn connected(&mut self, link: Box<dyn Link>) {
        self.link = Some(link);
        self.record(What::Connected);
    }

    /// Says what was agreed on compression, before the first frame.
    pub(super) fn agree(&mut self, agreement: Agreement) {
        self.observer.agree(agreement);
        self.encoder.agree(agreement);
    }

    /// What we talk to.
    pub(super) fn target(&self) -> Target {
        self.target
    }

    pub(super) fn begin(&mut self, phase: Phase) {
        self.record(What::Phase(phase));
        let behind = std::mem::take(&mut self.behind_head);
        if !behind.is_empty() {
            self.receive(&behind);
        }
    }

    /// Octets that are no frames will be sent first: the head of the opening handshake.
    pub(super) fn expect_head(&mut self, octets: usize) {
        self.boundary.expect_head(octets);
    }

    /// Keeps octets that came behind the head, and are no part of the opening handshake.
    pub(super) fn hold(&mut self, behind: Vec<u8>) {
        self.behind_head = behind;
    }

    pub(super) fn record(&mut self, what: What) {
        self.log.record(what);
    }

    pub(super) fn next(&self) -> Next {
        self.log.ask(W::next)
    }

    pub(super) fn has_seen(&self, observation: &Observation) -> bool {
        self.log.ask(|watch| watch.has_seen(observation))
    }

    /// Whether the connection is over for reading.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    pub(super) fn we_closed(&self) -> bool {
        self.we_closed
    }

    pub(super) fn they_closed(&self) -> bool {
        self.they_closed
    }

    pub(super) fn timed_out(&mut self, awaited: Awaited, waited: Duration) {
        self.record(What::TimedOut {
            awaited,
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        });
    }

    pub(super) fn set_reading(&mut self, reading: bool) {
        self.reading = reading;
    }

    /// Notes the end of the connection from our side.
    pub(super) fn finish(mut self) {
        if self.link.is_some() && !self.ended {
            self.observe_end();
            self.record(What::Closed);
        }
    }
}

/// The patience with a quiet period of a case.
pub(super) fn quiet(patience: &Patience, milliseconds: u32) -> Duration {
    Duration::from_millis(u64::from(milliseconds)) * patience.quiet_factor
}
