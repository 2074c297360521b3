//! A conversation in progress: what was seen, and the replies of any lawful peer.

use wsspec_cases::{Liveness, Target};
use wsspec_judge::judge::{Judge, Next};
use wsspec_judge::observe::{Observer, octets};
use wsspec_record::Head;
use wsspec_record::Transcript;
use wsspec_record::transcript::{self, Awaited, Entry, Phase, What};

use super::{Answer, Endpoint, Played};
use crate::conversation::encode::{Done, encode};
use crate::conversation::{Action, Conversation, Frame};

/// How many frames an endpoint may send in one conversation, and how many octets besides.
const FRAMES_MAX: usize = 4096;
const OCTETS_MAX: u64 = 64 << 20;

const USUAL_CODE: u16 = 1000;

/// What proves that an endpoint is alive.
const ALIVE: &str = "alive";

pub(super) struct Stage<'play, E> {
    target: Target,
    judge: Judge<'play>,
    endpoint: &'play mut E,
    observer: Observer,
    entries: Vec<Entry>,
    answer: Answer,
    frames: usize,
    octets: u64,
    we_closed: bool,
    half_closed: bool,
    their_code: Option<u16>,
    pub(super) they_closed: bool,
    pub(super) script_closed: bool,
    pub(super) has_ended: bool,
}

impl<'play, E: Endpoint> Stage<'play, E> {
    pub(super) fn new(target: Target, judge: Judge<'play>, endpoint: &'play mut E) -> Self {
        Self {
            target,
            judge,
            endpoint,
            observer: Observer::new(target),
            entries: Vec::new(),
            answer: Answer::default(),
            frames: 0,
            octets: 0,
            we_closed: false,
            half_closed: false,
            their_code: None,
            they_closed: false,
            script_closed: false,
            has_ended: false,
        }
    }

    /// The opening handshake is behind us.
    pub(super) fn open(&mut self) {
        self.begin(Phase::Opening);
        self.record(What::Connected);
        self.record(What::ReceivedHead(Head {
            status: (self.target == Target::Server).then_some(101),
            ..Head::default()
        }));
    }

    pub(super) fn begin(&mut self, phase: Phase) {
        self.record(What::Phase(phase));
    }

    pub(super) fn next(&self) -> Next {
        self.judge.next()
    }

    /// Shows that the endpoint echoes; says whether it does.
    pub(super) fn prove_life(&mut self) -> bool {
        self.begin(Phase::Liveness);
        self.send_lawful(0x1, ALIVE.as_bytes());
        let echo = wsspec_cases::ObservationKind::Text(ALIVE.into()).into();
        let lives = self.judge.has_seen(&echo);
        if !lives {
            self.time_out(Awaited::Life(Liveness::Echo));
        }
        lives
    }

    pub(super) fn time_out(&mut self, awaited: Awaited) {
        self.record(What::TimedOut {
            awaited,
            waited_ms: 0,
        });
    }

    /// Notes a frame of the script.
    pub(super) fn note_frame(&mut self, frame: &Frame) {
        self.script_closed |= frame.opcode == 0x8;
        self.we_closed |= frame.opcode == 0x8;
        let payload = frame.payload.octets();
        self.record(What::SentFrame(transcript::Frame {
            fin: frame.fin,
            rsv: frame.rsv,
            opcode: frame.opcode,
            mask: None,
            length: frame.declared.unwrap_or(payload.len() as u64),
            extended_length_octets: 0,
            payload: octets(&payload),
            oddities: Vec::new(),
            message: None,
        }));
    }

    pub(super) fn note_octets(&mut self, sent: &[u8]) {
        self.record(What::SentOctets(octets(sent)));
    }

    /// Sends a lawful frame that is no part of the script.
    pub(super) fn send_lawful(&mut self, opcode: u8, payload: &[u8]) {
        let conversation = Conversation {
            target: self.target,
            actions: vec![Action::Frame(Frame::new(opcode, payload))],
        };
        let script_closed = self.script_closed;
        for action in &conversation.actions {
            if let Action::Frame(frame) = action {
                self.note_frame(frame);
            }
        }
        self.script_closed = script_closed;
        for done in encode(&conversation) {
            if let Done::Sent { pieces, .. } = done {
                pieces.iter().for_each(|piece| self.send(piece));
            }
        }
    }

    /// Sends octets and takes the answer.
    pub(super) fn send(&mut self, piece: &[u8]) {
        if self.has_ended || self.half_closed {
            return;
        }
        let mut answer = std::mem::take(&mut self.answer);
        answer.octets.clear();
        self.endpoint.receive(piece, &mut answer);
        self.take(answer);
    }

    pub(super) fn half_close(&mut self) {
        if self.has_ended || self.half_closed {
            return;
        }
        self.half_closed = true;
        self.record(What::HalfClosed);
        let mut answer = Answer::default();
        self.endpoint.receive_end(&mut answer);
        self.take(answer);
    }

    pub(super) fn reset(&mut self) {
        self.record(What::Reset);
        self.has_ended = true;
    }

    /// The closing handshake (§7.1.2), and the end of TCP (§7.1.1).
    pub(super) fn close(&mut self) {
        self.begin(Phase::Closing);
        if !self.we_closed {
            self.send_lawful(0x8, &USUAL_CODE.to_be_bytes());
        }
        if !self.they_closed {
            if !self.has_ended {
                self.time_out(Awaited::Close);
            }
            return;
        }
        if self.target == Target::Client {
            self.half_close();
        }
        if !self.has_ended {
            self.time_out(Awaited::End);
        }
    }

    pub(super) fn finish(mut self) -> Played {
        if !self.has_ended {
            self.end_of_observation();
            self.record(What::Closed);
        }
        Played {
            judgement: self.judge.conclude(),
            transcript: Transcript {
                entries: self.entries,
                omitted: 0,
            },
        }
    }

    fn record(&mut self, what: What) {
        let entry = Entry::new(0, what);
        self.judge.observe(&entry);
        self.entries.push(entry);
    }

    fn take(&mut self, answer: Answer) {
        self.octets += answer.octets.len() as u64;
        let mut seen = Vec::new();
        self.observer
            .receive(&answer.octets, |what| seen.push(what));
        let ends = answer.ends;
        self.answer = answer;
        let mut replies = Vec::new();
        for what in seen {
            self.see(what, &mut replies);
        }
        if self.octets > OCTETS_MAX || self.frames > FRAMES_MAX {
            let octets = self.octets;
            self.record(What::Flooded { octets });
            self.has_ended = true;
        } else if ends && !self.has_ended {
            self.end_of_observation();
            self.record(What::ReceivedFin);
            self.has_ended = true;
        }
        for (opcode, payload) in replies {
            self.send_lawful(opcode, &payload);
        }
    }

    fn end_of_observation(&mut self) {
        let mut seen = Vec::new();
        self.observer.finish(|what| seen.push(what));
        for what in seen {
            self.record(what);
        }
    }

    /// Notes what the endpoint sent. Pings are answered (§5.5.2), and so is a Close frame (§5.5.1).
    fn see(&mut self, what: What, replies: &mut Vec<(u8, Vec<u8>)>) {
        if let What::ReceivedFrame(frame) = &what {
            self.frames += 1;
            let is_whole = frame.fin && frame.is_complete() && frame.payload.is_whole();
            match frame.opcode {
                0x9 if is_whole && !self.we_closed && !self.they_closed => {
                    replies.push((0xa, frame.payload.kept()));
                }
                0x8 if frame.is_complete() && !self.they_closed => {
                    self.they_closed = true;
                    self.their_code = frame.close_code();
                    if !self.we_closed {
                        replies.push((0x8, self.answering_code()));
                    }
                }
                _ => {}
            }
        }
        self.record(what);
    }

    /// A code that is not for the wire is not sent back.
    fn answering_code(&self) -> Vec<u8> {
        match self.their_code {
            None => Vec::new(),
            Some(code @ (1000..=1003 | 1007..=1014 | 3000..=4999)) => code.to_be_bytes().to_vec(),
            Some(_) => 1002_u16.to_be_bytes().to_vec(),
        }
    }
}
