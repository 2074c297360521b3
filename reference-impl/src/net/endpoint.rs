//! A connection and the stream it runs over.

use super::ask::AskedToClose;
use super::output::Output;
use super::pace::{HEARTBEAT, Pace};
use crate::{CloseCode, Connection, Event, Liberty, Message, Transmit};
use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::{Instant, Sleep};

/// An open connection over a stream.
///
/// Queue what is to be sent with [`connection`](Self::connection); it is written when
/// [`next_event`](Self::next_event) or [`flush`](Self::flush) is awaited, replies to many
/// frames with one write.
pub struct Endpoint<S> {
    stream: S,
    connection: Connection,
    /// What is being written.
    output: Output,
    /// Whether the stream may hold back some of what was written: TLS does.
    unflushed: bool,
    half_close: HalfClose,
    pace: Pace,
    /// Events of a batch that is read as a whole.
    events: VecDeque<Event>,
    echoes: u32,
    stall_timeout: Duration,
    /// Since when the peer has taken no octet of what waits for it.
    stalled_since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    closed: bool,
    /// Reading or writing failed; nothing more is attempted.
    error: Option<io::Error>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HalfClose {
    NotYet,
    Due,
    Done,
}

/// Whose time has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timer {
    /// The connection ends, or goes on to its end.
    OfConnection,
    /// Something can be sent.
    OfPace,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Endpoint<S> {
    /// Runs `connection` over `stream`; `received` are octets that came after the opening handshake.
    ///
    /// A peer that takes no octet for `stall_timeout` while some wait for it is given up.
    pub fn new(
        stream: S,
        mut connection: Connection,
        received: &[u8],
        stall_timeout: Duration,
    ) -> Self {
        connection.receive(received);
        let pace = Pace::new(connection.liberties());
        if let Some(payload) = pace.first_ping() {
            // It is open, and the payload is short enough.
            let _ = connection.send_ping(&payload);
        }
        Self {
            stream,
            connection,
            pace,
            events: VecDeque::new(),
            echoes: 0,
            output: Output::default(),
            unflushed: false,
            half_close: HalfClose::NotYet,
            stall_timeout,
            stalled_since: None,
            timer: None,
            closed: false,
            error: None,
        }
    }

    /// The connection, to send with.
    pub const fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Why the stream broke, if it did.
    pub const fn error(&self) -> Option<&io::Error> {
        self.error.as_ref()
    }

    /// The next event; `None` after [`Event::Closed`], when all is written.
    ///
    /// Nothing is lost if the future is dropped before it is ready.
    pub async fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.poll_event() {
                self.closed |= matches!(event, Event::Closed(_));
                return Some(event);
            }
            if self.closed {
                self.flush().await;
                return None;
            }
            poll_fn(|context| self.poll_progress(context)).await;
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        if self
            .connection
            .liberties()
            .include(Liberty::ReadWholeBatches)
            && self.events.is_empty()
        {
            while let Some(event) = self.connection.poll_event() {
                self.events.push_back(event);
            }
        }
        self.events
            .pop_front()
            .or_else(|| self.connection.poll_event())
    }

    /// Echoes messages until the connection is closed.
    pub async fn echo(&mut self) {
        while let Some(event) = self.next_event().await {
            self.echo_event(event);
        }
    }

    /// Echoes the message in `event`, if it is one, or closes the connection if that is what it
    /// asks for: a text message `wsspec: close CODE REASON`.
    pub fn echo_event(&mut self, event: Event) {
        // While we close the connection there is no echo any more.
        match event {
            Event::Message(message) if self.closes_as_asked(&message) => {
                self.connection.reuse_message(message);
            }
            Event::Message(message) => {
                let _ = self.connection.send_own_message(message);
                self.close_if_told();
            }
            Event::Fragment(fragment) => {
                let _ = self.connection.send_fragment(&fragment);
                if fragment.is_last {
                    self.close_if_told();
                }
            }
            _ => {}
        }
    }

    fn closes_as_asked(&mut self, message: &Message) -> bool {
        AskedToClose::of(message).is_some_and(|asked| {
            // What may not be sent is no request.
            let started = self
                .connection
                .start_closing_handshake(asked.code, &asked.reason);
            started.is_ok()
        })
    }

    /// Begins the closing handshake behind an echo, which a server may do at any time (§7.3).
    fn close_if_told(&mut self) {
        self.echoes = self.echoes.saturating_add(1);
        let liberties = self.connection.liberties();
        let code = match self.echoes {
            1 if liberties.include(Liberty::CloseAfterFirstEcho) => CloseCode::NORMAL,
            3 if liberties.include(Liberty::CloseAfterThirdEcho) => CloseCode::GOING_AWAY,
            _ => return,
        };
        // If it is not open any more, it is on its way to be closed.
        let _ = self.connection.start_closing_handshake(code, "");
    }

    /// Writes everything that is queued, unless the stream breaks or the peer stalls.
    pub async fn flush(&mut self) {
        poll_fn(|context| {
            loop {
                if self.poll_write(context).is_ready() {
                    return Poll::Ready(());
                }
                if ready!(self.poll_timer(context)) != Timer::OfPace {
                    return Poll::Ready(());
                }
            }
        })
        .await;
    }

    /// Writes what can be written, then reads once, or finds that a time has come.
    fn poll_progress(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // Ready or not, reading goes on: a peer may send on before it takes our replies.
        let _ = self.poll_write(context);
        if self.error.is_some() {
            self.connection.receive_eof();
            return Poll::Ready(());
        }
        if self.backlog_octets() < BACKLOG_OCTETS_MAX && self.poll_read(context).is_ready() {
            return Poll::Ready(());
        }
        self.poll_timer(context).map(drop)
    }

    /// Ready if nothing is left to be written.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.beat();
        while self.error.is_none() {
            if !self.output.is_empty() {
                if !self.pace.is_usual() && !self.pace.may_write() {
                    return Poll::Pending;
                }
                let at_once = self.pace.octets_at_once(self.output.octets());
                let written = self.output.poll_write(&mut self.stream, at_once, context);
                let outcome = match written {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending => {
                        self.stalled_since.get_or_insert_with(Instant::now);
                        return Poll::Pending;
                    }
                };
                self.stalled_since = None;
                match outcome {
                    Ok(0) => self.error = Some(io::ErrorKind::WriteZero.into()),
                    Ok(count) => {
                        self.unflushed = true;
                        self.output
                            .forget(count, |buffer| self.connection.reuse_output(buffer));
                        if !self.pace.is_usual() && self.output.is_empty() {
                            self.pace.wrote();
                        }
                    }
                    Err(error) => self.error = Some(error),
                }
            } else if self.half_close == HalfClose::Due {
                if !self.pace.is_usual() && !self.pace.may_half_close() {
                    return Poll::Pending;
                }
                let Poll::Ready(outcome) = Pin::new(&mut self.stream).poll_shutdown(context) else {
                    self.stalled_since.get_or_insert_with(Instant::now);
                    return Poll::Pending;
                };
                self.stalled_since = None;
                self.unflushed = false;
                self.half_close = HalfClose::Done;
                self.error = outcome.err();
            } else {
                while let Some(transmit) = self.connection.poll_transmit() {
                    match transmit {
                        Transmit::Octets(octets) => self.output.push(octets),
                        Transmit::HalfClose => self.half_close = HalfClose::Due,
                    }
                    if self.pace.writes_buffers_singly() {
                        break;
                    }
                }
                if !self.output.is_empty() || self.half_close == HalfClose::Due {
                    continue;
                }
                if !self.unflushed {
                    break;
                }
                match Pin::new(&mut self.stream).poll_flush(context) {
                    Poll::Ready(outcome) => {
                        self.unflushed = false;
                        self.stalled_since = None;
                        self.error = outcome.err();
                        break;
                    }
                    Poll::Pending => {
                        self.stalled_since.get_or_insert_with(Instant::now);
                        return Poll::Pending;
                    }
                }
            }
        }
        Poll::Ready(())
    }

    /// Ready if octets, or the end of them, were given to the connection.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let stream = &mut self.stream;
        let read = |buffer: &mut Vec<u8>| match buffer.capacity() - buffer.len() {
            0..=READ_OCTETS_MAX => pin!(stream.read_buf(buffer)).poll(context),
            _ => pin!(stream.take(READ_OCTETS_MAX as u64).read_buf(buffer)).poll(context),
        };
        match ready!(self.connection.receive_from(read)) {
            Ok(0) => self.connection.receive_eof(),
            Ok(_) => {}
            Err(error) => {
                self.error = Some(error);
                self.connection.receive_eof();
            }
        }
        Poll::Ready(())
    }

    /// Ready if a time has come and was dealt with.
    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<Timer> {
        let stalled = self.stalled_since.map(|since| since + self.stall_timeout);
        if self.connection.is_open() && stalled.is_none() && self.pace.is_usual() {
            return Poll::Pending;
        }
        let now = Instant::now();
        let of_pace = self.pace.next();
        let closing = self.connection.poll_timeout(now.into_std());
        let closing = closing.map(Instant::from_std);
        let times = [stalled, closing, of_pace].into_iter().flatten();
        let Some(at) = times.min() else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        ready!(timer.as_mut().poll(context));
        Poll::Ready(if stalled == Some(at) {
            self.error = Some(io::ErrorKind::TimedOut.into());
            self.connection.receive_eof();
            Timer::OfConnection
        } else if closing == Some(at) {
            self.connection.handle_timeout(at.into_std());
            Timer::OfConnection
        } else {
            Timer::OfPace
        })
    }

    /// Queues a heartbeat if one is due, and nothing waits that the peer does not take.
    fn beat(&mut self) {
        let waiting = self.backlog_octets();
        if let Some(heartbeat) = self.pace.beat().filter(|_| waiting == 0) {
            let until_tcp_ends = heartbeat.until_tcp_ends;
            self.connection
                .send_heartbeat(heartbeat.opcode, HEARTBEAT, until_tcp_ends);
        }
    }

    /// How many octets wait to be written.
    fn backlog_octets(&self) -> usize {
        self.output.octets() + self.connection.queued_octets()
    }
}

/// What was read at once is to be in the processor's cache still when it is unmasked.
const READ_OCTETS_MAX: usize = 128 << 10;

/// While this much waits to be written, nothing is read.
const BACKLOG_OCTETS_MAX: usize = 1 << 20;
