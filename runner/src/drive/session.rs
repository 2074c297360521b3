//! A conversation in progress: the connection, what was seen on it, and the replies
//! that any lawful endpoint gives by itself.

use std::io;
use std::time::{Duration, Instant};

use wsspec_cases::{Frame, Observation, Target};
use wsspec_record::Octets;
use wsspec_record::transcript::{self, EchoLoop, Entry, KEPT_KEYS_MAX, Phase, Transcript, What};

use super::encode::{EncodeError, Encoded, Encoder};
use super::kept::Kept;
use super::link::{Link, WroteOrRead};
use super::{Next, Patience, Watch};
use wsspec_judge::observe::Observer;

/// How many octets a target may send in one case, besides four times what it was sent.
const SPARE_OCTETS: u64 = 64 * 1024 * 1024;
/// How many frames that begin a message and go on with it, besides four times as many
/// as it was sent, and one for each octet.
const SPARE_FRAGMENTS: u64 = 16 * 1024;
/// How many messages and control frames, besides four times as many as it was sent.
const SPARE_EVENTS: u64 = 1024;
/// How often is read once the time is over: what lies ready then came in time, but
/// a target that never stops sending is not read for ever.
const LATE_READS_MAX: u32 = 16;
/// How much is looked at before the limits are asked again.
const PIECE_OCTETS: usize = 1024;
/// The most octets of replies that wait to be sent.
const REPLIES_OCTETS_MAX: usize = 1024 * 1024;
const BUFFER_OCTETS: usize = 16 * 1024;

/// A conversation in progress.
pub(super) struct Session<'watch, W: Watch> {
    target: Target,
    link: Option<Link>,
    started: Instant,
    kept: Kept,
    watch: &'watch mut W,
    observer: Observer,
    encoder: Encoder,
    buffer: Box<[u8]>,
    /// Pongs and the Close that answers a Close, until they are sent.
    replies: Vec<u8>,
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

/// How much went over the connection in one direction. Of our side, what the case
/// sends: the replies to Pings are the target's own doing.
#[derive(Debug, Default)]
struct Traffic {
    octets: u64,
    /// Data frames but the last of each message.
    fragments: u64,
    /// Messages and control frames.
    events: u64,
}

impl Traffic {
    fn count(&mut self, frame: &transcript::Frame) {
        if frame.fin || frame.is_control() {
            self.events += 1;
        } else {
            self.fragments += 1;
        }
    }

    /// Whether this is more than any answer to `sent` can need.
    fn is_flood(&self, sent: &Self) -> bool {
        let frames_sent = sent.fragments + sent.events;
        self.octets > SPARE_OCTETS + 4 * sent.octets
            || self.fragments > SPARE_FRAGMENTS + 4 * frames_sent + sent.octets
            || self.events > SPARE_EVENTS + 4 * frames_sent
    }
}

/// An echo loop in progress.
struct EchoState {
    opcode: u8,
    payload: Octets,
    sent_at: std::collections::VecDeque<Instant>,
    latencies: Vec<u64>,
    masking_keys: Vec<String>,
}

impl EchoState {
    /// Whether a frame is an echo or a fragment of one.
    fn takes(&mut self, frame: &transcript::Frame) -> bool {
        let (opcode, payload) = match &frame.message {
            Some(message) => (message.opcode, &message.payload),
            None => (frame.opcode, &frame.payload),
        };
        let completes = frame.fin && matches!(frame.opcode, 0x0..=0x2);
        if !(completes
            && frame.oddities.is_empty()
            && opcode == self.opcode
            && *payload == self.payload)
        {
            // The fragments before the last one are no entries either.
            return !frame.fin && frame.oddities.is_empty() && frame.opcode <= 0x2;
        }
        match self.sent_at.pop_front() {
            Some(sent) => {
                let latency = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
                self.latencies.push(latency);
                true
            }
            None => false,
        }
    }
}

impl<'watch, W: Watch> Session<'watch, W> {
    pub(super) fn new(target: Target, encoder: Encoder, watch: &'watch mut W) -> Self {
        Self {
            target,
            link: None,
            started: Instant::now(),
            kept: Kept::default(),
            watch,
            observer: Observer::new(target),
            encoder,
            buffer: vec![0; BUFFER_OCTETS].into_boxed_slice(),
            replies: Vec::new(),
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

    pub(super) fn connected(&mut self, link: Link) {
        self.link = Some(link);
        self.record(What::Connected);
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

    /// Keeps octets that came behind the head, and are no part of the opening handshake.
    pub(super) fn hold(&mut self, behind: Vec<u8>) {
        self.behind_head = behind;
    }

    pub(super) fn record(&mut self, what: What) {
        let at_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let entry = Entry { at_us, what };
        self.watch.observe(&entry);
        self.kept.push(entry);
    }

    pub(super) fn next(&self) -> Next {
        self.watch.next()
    }

    pub(super) fn has_seen(&self, observation: &Observation) -> bool {
        self.watch.has_seen(observation)
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

    /// Encodes frames, notes them in the transcript and sends them.
    ///
    /// # Errors
    /// Where a frame cannot be made; that the connection breaks is no error but an
    /// entry.
    pub(super) async fn send(
        &mut self,
        send: &wsspec_cases::step::Send,
        patience: Duration,
    ) -> Result<(), EncodeError> {
        let encoded = self.encode(&send.frames)?;
        let mut octets = encoded.octets;
        let kept = usize::try_from(send.withhold).unwrap_or(usize::MAX);
        self.withheld = octets.split_off(octets.len().saturating_sub(kept));
        let mut sizes = send.cut.sizes(&encoded.lengths);
        let mut rest = &octets[..];
        let mut first = true;
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(usize::MAX);
            if !first && send.pause_milliseconds > 0 {
                let pause = Duration::from_millis(u64::from(send.pause_milliseconds));
                self.pause(pause).await;
            }
            first = false;
            let (piece, after) = rest.split_at(size.min(rest.len()));
            rest = after;
            self.write(piece, patience).await;
            if self.cannot_write || self.ended {
                break;
            }
        }
        Ok(())
    }

    /// Sends octets that were kept back.
    pub(super) async fn release(&mut self, octets: Option<u32>, patience: Duration) {
        let count = octets
            .and_then(|octets| usize::try_from(octets).ok())
            .unwrap_or(usize::MAX)
            .min(self.withheld.len());
        let released: Vec<u8> = self.withheld.drain(..count).collect();
        self.record(What::SentOctets(wsspec_judge::observe::octets(&released)));
        self.write(&released, patience).await;
    }

    /// Sends one lawful frame that no case describes.
    pub(super) async fn send_lawful(&mut self, opcode: u8, payload: Vec<u8>, patience: Duration) {
        let encoded = self.encoder.lawful(opcode, payload);
        self.count_sent(&encoded);
        self.note(encoded.records);
        self.write(&encoded.octets, patience).await;
    }

    pub(super) fn encode(&mut self, frames: &[Frame]) -> Result<Encoded, EncodeError> {
        let mut encoded = self.encoder.encode(frames)?;
        self.count_sent(&encoded);
        self.note(std::mem::take(&mut encoded.records));
        Ok(encoded)
    }

    fn count_sent(&mut self, encoded: &Encoded) {
        self.sent.octets += encoded.octets.len() as u64;
        for what in &encoded.records {
            if let What::SentFrame(frame) = what {
                self.sent.count(frame);
            }
        }
    }

    fn note(&mut self, records: Vec<What>) {
        for what in records {
            if let What::SentFrame(frame) = &what {
                self.we_closed |= frame.opcode == 0x8;
            }
            self.record(what);
        }
    }

    /// Writes octets; reads meanwhile. Gives up where the time is over, the target
    /// refuses them or ends the connection.
    pub(super) async fn write(&mut self, octets: &[u8], patience: Duration) {
        let mut rest = octets;
        let deadline = tokio::time::Instant::now() + patience;
        while !rest.is_empty() && !self.cannot_write && !self.ended {
            let Some(link) = &mut self.link else { return };
            let buffer = self.reading.then_some(&mut self.buffer[..]);
            let what = tokio::time::timeout_at(deadline, link.write_or_read(rest, buffer)).await;
            match what {
                Ok(WroteOrRead::Wrote(Ok(count))) => rest = &rest[count..],
                Ok(WroteOrRead::Wrote(Err(_))) => self.cannot_write = true,
                // While there is always something to read, the deadline of this has no say.
                Ok(WroteOrRead::Read(read)) if tokio::time::Instant::now() < deadline => {
                    self.take(&read);
                }
                late => {
                    if let Ok(WroteOrRead::Read(read)) = late {
                        self.take(&read);
                    }
                    self.cannot_write = true;
                    if !self.ended {
                        self.timed_out("that the target reads what we send", patience);
                    }
                }
            }
        }
    }

    /// Takes what has come already, without waiting.
    pub(super) fn glance(&mut self) {
        while self.reading && !self.ended {
            let Some(link) = &mut self.link else { return };
            let Some(read) = link.try_read(&mut self.buffer) else {
                return;
            };
            self.take(&read);
        }
    }

    /// Waits for something to come, and takes it. False where nothing did in time.
    pub(super) async fn read(&mut self, deadline: tokio::time::Instant) -> bool {
        self.flush(deadline).await;
        if self.ended {
            return true;
        }
        let is_late = tokio::time::Instant::now() >= deadline;
        self.late_reads = if is_late { self.late_reads + 1 } else { 0 };
        if self.late_reads > LATE_READS_MAX {
            return false;
        }
        let Some(link) = &mut self.link else {
            return false;
        };
        match tokio::time::timeout_at(deadline, link.read(&mut self.buffer)).await {
            Ok(read) => {
                self.take(&read);
                self.flush(deadline).await;
                true
            }
            Err(_) => false,
        }
    }

    /// Reads octets that are no frames yet: the head of the opening handshake.
    pub(super) async fn read_raw(
        &mut self,
        deadline: tokio::time::Instant,
    ) -> Option<io::Result<&[u8]>> {
        let link = self.link.as_mut()?;
        let read = tokio::time::timeout_at(deadline, link.read(&mut self.buffer))
            .await
            .ok()?;
        Some(match read {
            Ok(count) => Ok(&self.buffer[..count]),
            Err(error) => Err(error),
        })
    }

    /// Takes octets behind the head.
    pub(super) fn receive(&mut self, octets: &[u8]) {
        for piece in octets.chunks(PIECE_OCTETS) {
            if self.ended {
                return;
            }
            self.received.octets += piece.len() as u64;
            let mut seen = Vec::new();
            self.observer.receive(piece, |what| seen.push(what));
            for what in seen {
                self.see(what);
            }
            if self.received.is_flood(&self.sent) {
                let octets = self.received.octets;
                self.record(What::Flooded { octets });
                self.ended = true;
            }
        }
    }

    /// Notes the end of the connection.
    pub(super) fn receive_end(&mut self, reset: bool) {
        let mut seen = Vec::new();
        self.observer.finish(|what| seen.push(what));
        for what in seen {
            self.see(what);
        }
        self.record(if reset {
            What::ReceivedReset
        } else {
            What::ReceivedFin
        });
        self.ended = true;
    }

    pub(super) fn timed_out(&mut self, awaited: &str, waited: Duration) {
        self.record(What::TimedOut {
            awaited: awaited.to_owned(),
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        });
    }

    pub(super) async fn half_close(&mut self) {
        if let Some(link) = &mut self.link {
            self.cannot_write = true;
            // That the target is gone already shows when we read.
            let _ = link.half_close().await;
            self.record(What::HalfClosed);
        }
    }

    pub(super) fn reset(&mut self) {
        if let Some(mut link) = self.link.take() {
            let _ = link.reset_on_drop();
            self.record(What::Reset);
            self.ended = true;
        }
    }

    pub(super) fn set_reading(&mut self, reading: bool) {
        self.reading = reading;
    }

    /// Sends a message over and over and counts its echoes.
    pub(super) async fn echo_loop(
        &mut self,
        echo: &wsspec_cases::step::EchoLoopStep,
        patience: Duration,
    ) -> Result<(), EncodeError> {
        let wsspec_cases::FrameKind::Frame { opcode, payload } = &echo.message.kind else {
            return Ok(());
        };
        self.echo = Some(EchoState {
            opcode: *opcode,
            payload: wsspec_judge::observe::octets(&payload.octets()?),
            sent_at: std::collections::VecDeque::new(),
            latencies: Vec::with_capacity(echo.count as usize),
            masking_keys: Vec::new(),
        });
        let began = Instant::now();
        let window = echo.window.max(1) as usize;
        let mut to_send = echo.count;
        let mut echoed = 0;
        let mut deadline = tokio::time::Instant::now() + patience;
        loop {
            let under_way = self.echo.as_ref().map_or(0, |echo| echo.sent_at.len());
            if to_send > 0 && under_way < window {
                // Its records would crowd the transcript; the loop has one of its own.
                let encoded = self.encoder.encode(std::slice::from_ref(&echo.message))?;
                self.count_sent(&encoded);
                if let Some(echo) = &mut self.echo {
                    echo.sent_at.push_back(Instant::now());
                }
                self.write(&encoded.octets, patience).await;
                to_send -= 1;
            } else if under_way > 0 {
                // An echo is what is waited for; anything else does not prolong it.
                let so_far = self.echo.as_ref().map_or(0, |echo| echo.latencies.len());
                if so_far > echoed {
                    echoed = so_far;
                    deadline = tokio::time::Instant::now() + patience;
                }
                if !self.read(deadline).await {
                    self.timed_out("the echo of a message", patience);
                    break;
                }
            } else {
                break;
            }
            if self.ended || self.they_closed || self.cannot_write {
                break;
            }
        }
        let (mut latencies, masking_keys) = self
            .echo
            .take()
            .map(|echo| (echo.latencies, echo.masking_keys))
            .unwrap_or_default();
        latencies.sort_unstable();
        let at = |index: usize| latencies.get(index).copied().unwrap_or(0);
        self.record(What::EchoLoop(EchoLoop {
            echoed: u32::try_from(latencies.len()).unwrap_or(u32::MAX),
            count: echo.count,
            latency_us: [
                at(0),
                at(latencies.len() / 2),
                at(latencies.len().saturating_sub(1)),
            ],
            took_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
            masking_keys,
        }));
        Ok(())
    }

    /// The transcript, and the end of the connection from our side.
    pub(super) fn finish(mut self) -> Transcript {
        if self.link.is_some() && !self.ended {
            let mut seen = Vec::new();
            self.observer.finish(|what| seen.push(what));
            for what in seen {
                self.record(what);
            }
            self.record(What::Closed);
        }
        self.kept.into_transcript()
    }

    /// Waits while reading, for pauses that a case asks for; no longer than the target
    /// keeps the connection.
    pub(super) async fn pause(&mut self, pause: Duration) {
        let deadline = tokio::time::Instant::now() + pause;
        while !self.ended && !self.they_closed && self.reading && self.read(deadline).await {}
        if !self.reading {
            tokio::time::sleep_until(deadline).await;
        }
    }

    fn take(&mut self, read: &io::Result<usize>) {
        match read {
            Ok(0) => self.receive_end(false),
            Ok(count) => {
                let buffer = std::mem::take(&mut self.buffer);
                self.receive(&buffer[..*count]);
                self.buffer = buffer;
            }
            Err(_) => self.receive_end(true),
        }
    }

    fn see(&mut self, what: What) {
        let mut pong = None;
        if let What::ReceivedFrame(frame) = &what {
            self.received.count(frame);
            if self.is_echo(frame) {
                return;
            }
            pong = self.pong_for(frame);
            if frame.opcode == 0x8 && frame.is_complete() {
                self.they_closed = true;
                self.their_code = frame.close_code();
            }
        }
        self.record(what);
        if let Some(payload) = pong {
            self.queue(0xa, payload);
        }
        self.answer_close();
    }

    /// What any lawful endpoint does by itself is sent as soon as octets can be.
    fn queue(&mut self, opcode: u8, payload: Vec<u8>) {
        let encoded = self.encoder.lawful(opcode, payload);
        self.note(encoded.records);
        self.replies.extend_from_slice(&encoded.octets);
    }

    fn is_echo(&mut self, frame: &transcript::Frame) -> bool {
        let Some(echo) = &mut self.echo else {
            return false;
        };
        let is_echo = echo.takes(frame);
        // The frame is no entry of its own; of its key this is the only trace.
        if let (true, Some(key)) = (is_echo, &frame.mask)
            && echo.masking_keys.len() < KEPT_KEYS_MAX
        {
            echo.masking_keys.push(key.clone());
        }
        is_echo
    }

    /// The payload of the Pong that answers a frame, where it is a Ping (§5.5.2).
    fn pong_for(&self, frame: &transcript::Frame) -> Option<Vec<u8>> {
        let is_ping = frame.opcode == 0x9 && frame.fin && frame.is_complete();
        let may_send = !self.we_closed && !self.they_closed;
        let room = self.replies.len() < REPLIES_OCTETS_MAX;
        (is_ping && frame.payload.is_whole() && may_send && room).then(|| frame.payload.kept())
    }

    /// Answers a Close with a Close (§5.5.1).
    fn answer_close(&mut self) {
        if !self.they_closed || self.we_closed {
            return;
        }
        // A code that is not for the wire is not sent back.
        let body = match self.their_code {
            None => Vec::new(),
            Some(code @ (1000..=1003 | 1007..=1014 | 3000..=4999)) => code.to_be_bytes().to_vec(),
            Some(_) => 1002_u16.to_be_bytes().to_vec(),
        };
        self.queue(0x8, body);
    }

    async fn flush(&mut self, deadline: tokio::time::Instant) {
        if self.replies.is_empty() || self.cannot_write || self.ended {
            return;
        }
        let replies = std::mem::take(&mut self.replies);
        let patience = deadline.saturating_duration_since(tokio::time::Instant::now());
        self.write(&replies, patience).await;
    }
}

/// Waits until `done` or until nothing came for too long; says whether it was done.
pub(super) async fn read_until<W: Watch>(
    session: &mut Session<'_, W>,
    patience: Duration,
    awaited: &str,
    mut done: impl FnMut(&Session<'_, W>) -> bool,
) -> bool {
    let deadline = tokio::time::Instant::now() + patience;
    loop {
        if done(session) {
            return true;
        }
        if session.has_ended() {
            return false;
        }
        if !session.read(deadline).await {
            session.timed_out(awaited, patience);
            return false;
        }
    }
}

/// The patience with a quiet period of a case.
pub(super) fn quiet(patience: &Patience, milliseconds: u32) -> Duration {
    Duration::from_millis(u64::from(milliseconds)) * patience.quiet_factor
}
