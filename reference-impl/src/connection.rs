//! An open WebSocket connection, after the opening handshake (RFC 6455 §5 to §7).

use crate::close::{ClosePayload, REASON_OCTETS_MAX};
use crate::closing::{CloseReply, Closing, Ending};
use crate::deflate::{Agreement, Deflater, Inflater};
use crate::deviation::Sending;
use crate::error::{ProtocolError, SendError};
use crate::frame::{CONTROL_PAYLOAD_OCTETS_MAX, FrameError, MaskSource, Opcode};
use crate::incoming::{Incoming, Received};
use crate::liberty::FailureForm;
use crate::message::{Fragment, MessageError, MessageKind};
use crate::outgoing::Outgoing;
use crate::{CloseCode, Deviation, Deviations, Liberties, Liberty, Limits, Message, Role};
use std::time::Instant;

/// How a connection behaves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// What the peer may make us hold, read or wait for.
    pub limits: Limits,
    /// The departures from the RFC to make; none unless a tester is tested.
    pub deviations: Deviations,
    /// What is done otherwise of that which the RFC leaves open.
    pub liberties: Liberties,
}

/// One end of an open connection.
///
/// It reads no socket and no clock. After octets were given to [`receive`](Self::receive),
/// call [`poll_event`](Self::poll_event) until it gives `None`, then
/// [`poll_transmit`](Self::poll_transmit) until it gives `None`, then ask
/// [`poll_timeout`](Self::poll_timeout) how long to wait. The crate's front page has the loop.
///
/// How the octets are cut makes no difference: the events are the same.
pub struct Connection {
    role: Role,
    deviations: Deviations,
    liberties: Liberties,
    incoming: Incoming,
    outgoing: Outgoing,
    closing: Closing,
    message_octets_max: u64,
}

/// Something the peer did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A whole message arrived.
    Message(Message),
    /// A part of a message arrived, for an endpoint that does not put messages together.
    Fragment(Fragment),
    /// A Ping arrived, with this payload; the Pong is queued.
    Ping(Vec<u8>),
    /// A Pong arrived, with this payload.
    Pong(Vec<u8>),
    /// A Close frame arrived; the reply is queued. No message, Ping or Pong follows.
    CloseReceived(ClosePayload),
    /// The peer broke the protocol or went beyond a limit, and the connection is failed for
    /// it (§7.1.7). No message, Ping or Pong follows.
    Failed(ProtocolError),
    /// The connection is closed (§7.1.4): the last event. When nothing is left to be
    /// transmitted, drop the socket.
    Closed(Ending),
}

/// Something to do with the socket, in the order given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Transmit {
    /// Send these octets. Their buffer can be given to [`Connection::reuse_output`].
    Octets(Vec<u8>),
    /// Close our half of TCP (§7.1.1) and go on reading.
    HalfClose,
}

impl Connection {
    /// A connection whose opening handshake has just succeeded.
    ///
    /// A client masks its frames with keys from `masks` (§5.3); a server asks for none.
    pub fn new(role: Role, config: &Config, masks: impl MaskSource + 'static) -> Self {
        let liberties = config.liberties.of(role);
        let deviations = config.deviations.and(liberties.as_deviations()).of(role);
        let masking = match role {
            // §5.1: "a client MUST mask all frames that it sends".
            Role::Client => !deviations.include(Deviation::SendUnmaskedFrames),
            // §5.1: "A server MUST NOT mask any frames that it sends to the client."
            Role::Server => deviations.include_any(&[
                Deviation::MaskServerFrames,
                Deviation::MaskServerControlFrames,
            ]),
        };
        let masks = masking.then(|| Box::new(masks) as Box<dyn MaskSource>);
        let limits = &liberties.limits(&config.limits);
        let mut connection = Self {
            role,
            deviations,
            liberties,
            incoming: Incoming::new(role.peer(), limits, deviations, liberties),
            outgoing: Outgoing::new(
                masks,
                limits.queued_pong_octets_max,
                Sending::new(deviations),
                liberties,
            ),
            closing: Closing::new(role, limits, deviations, liberties),
            message_octets_max: limits.message_octets_max,
        };
        if deviations.include(Deviation::CompressUnagreed) {
            let direction = Agreement::default().direction(role);
            connection
                .outgoing
                .deflate_with(Deflater::new(direction, 6, liberties.manner()));
        }
        connection
    }

    /// Compresses messages from now on and takes compressed ones, as was agreed on in the opening
    /// handshake (RFC 7692). To be called before anything is sent or received.
    ///
    /// `level` is zlib's, from 0 (store) to 9 (compress best);
    /// [`LEVEL_DEFAULT`](crate::deflate::LEVEL_DEFAULT) is between.
    pub fn use_deflate(&mut self, agreement: &Agreement, level: u8) {
        let deviations = &self.deviations;
        if deviations.include(Deviation::ForgetAgreement) {
            return;
        }
        let liberties = &self.liberties;
        let swapped = deviations.include(Deviation::SwapDirections);
        let sender = if swapped { self.role.peer() } else { self.role };
        let ours = liberties.direction(agreement.direction(sender));
        let ours = deviations.alter_deflation(ours);
        let theirs = deviations.alter_inflation(agreement.direction(sender.peer()));
        if !deviations.include(Deviation::SendRsv1) {
            let manner = deviations.alter_manner(liberties.manner());
            let deflater = Deflater::new(ours, liberties.level(level), manner);
            self.outgoing.deflate_with(deflater);
        }
        let message_octets_max = deviations.alter_inflated_max(self.message_octets_max);
        let final_blocks = deviations.alter_final_blocks();
        let inflater = Inflater::new(theirs, message_octets_max, final_blocks);
        self.incoming.inflate_with(inflater);
    }

    /// Which end this is.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether messages can be sent: no Close frame was sent or received and TCP has not ended.
    pub fn is_open(&self) -> bool {
        self.closing.is_open()
    }

    /// Takes octets from the peer, any number of them. Call [`poll_event`](Self::poll_event) after it.
    ///
    /// What they hold is kept until it is polled, so poll before receiving more.
    pub fn receive(&mut self, octets: &[u8]) {
        self.incoming.receive(octets);
    }

    /// Takes octets from the peer that `read` appends to the buffer it is handed, and gives what
    /// `read` gives. Call [`poll_event`](Self::poll_event) after it.
    ///
    /// This saves a copy against [`receive`](Self::receive): most of a long payload is read right
    /// into its message. The buffer has room for as much as should be read at once.
    pub fn receive_from<T>(&mut self, read: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        self.incoming.receive_from(read)
    }

    /// The peer closed its half of TCP, or TCP broke. Call [`poll_event`](Self::poll_event) after it.
    pub fn receive_eof(&mut self) {
        self.incoming.end();
    }

    /// The next thing the peer did; `None` if more octets are needed.
    ///
    /// What the protocol demands in answer (a Pong, a Close frame) is queued by this call and
    /// not before, so that it comes after the caller's own answers to earlier events. Call
    /// [`poll_transmit`](Self::poll_transmit) when there are no more events.
    pub fn poll_event(&mut self) -> Option<Event> {
        let received = self.incoming.next()?;
        Some(match received {
            Received::Message(message) if self.understands(message.kind()) => {
                Event::Message(message)
            }
            Received::Message(message) => self.fail_over_kind(message.kind()),
            Received::Fragment(fragment) if self.understands(fragment.kind) => {
                Event::Fragment(fragment)
            }
            Received::Fragment(fragment) => self.fail_over_kind(fragment.kind),
            Received::Ping(payload) if self.deviations.include(Deviation::CloseOnPing) => {
                // If it is not open any more, it is on its way to be closed.
                let _ = self.start_closing_handshake(CloseCode::NORMAL, "");
                Event::Ping(payload)
            }
            Received::Ping(payload) => {
                self.answer_ping(&payload);
                Event::Ping(payload)
            }
            Received::Pong(payload) => {
                if self.deviations.include(Deviation::AnswerPongs) {
                    self.answer_ping(&payload);
                }
                Event::Pong(payload)
            }
            Received::Close(close) if self.deviations.include(Deviation::EchoAfterClose) => {
                self.push_close(close.code, "");
                Event::CloseReceived(close)
            }
            Received::Close(close) => {
                if let CloseReply::Send = self.closing.close_received(close.clone()) {
                    self.answer_close(&close);
                }
                self.drop_tcp_if_told();
                Event::CloseReceived(close)
            }
            Received::Violation(violation) => {
                self.fail_over(&violation);
                Event::Failed(violation)
            }
            Received::TcpEnd => Event::Closed(self.closing.tcp_ended()),
        })
    }

    /// The next thing to do with the socket; `None` until something was sent or received.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        if let Some(octets) = self.outgoing.take() {
            return Some(Transmit::Octets(octets));
        }
        self.closing
            .take_half_close()
            .then_some(Transmit::HalfClose)
    }

    /// When to call [`handle_timeout`](Self::handle_timeout), if nothing happens before.
    ///
    /// Ask anew after each round of receiving, polling and sending. The time spent waiting
    /// counts from the first such call, which is why it takes `now`.
    pub fn poll_timeout(&mut self, now: Instant) -> Option<Instant> {
        self.closing.deadline(now)
    }

    /// Tells what time it is. Call [`poll_event`](Self::poll_event) after it.
    ///
    /// If the peer should have closed by now, the connection ends (§7.1.1).
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.closing.deadline(now).is_some_and(|at| at <= now) {
            self.incoming.discard();
            self.incoming.end();
        }
    }

    /// Sends a text message in one frame.
    ///
    /// # Errors
    /// [`SendError::NotOpen`].
    pub fn send_text(&mut self, text: &str) -> Result<(), SendError> {
        self.send_data(Opcode::TEXT, text.as_bytes(), &[])
    }

    /// Sends a binary message in one frame.
    ///
    /// # Errors
    /// [`SendError::NotOpen`].
    pub fn send_binary(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.send_data(Opcode::BINARY, payload, &[])
    }

    /// Sends a message in one frame, as text or binary according to its kind.
    ///
    /// # Errors
    /// [`SendError::NotOpen`].
    pub fn send_message(&mut self, message: &Message) -> Result<(), SendError> {
        let opcode = message.kind().opcode();
        self.send_data(opcode, message.payload(), message.fragments())
    }

    /// Sends a message like [`send_message`](Self::send_message) and does not copy it if it is long.
    ///
    /// # Errors
    /// [`SendError::NotOpen`].
    pub fn send_own_message(&mut self, message: Message) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        let opcode = message.kind().opcode();
        let (payload, came_in) = message.into_parts();
        if let Some(buffer) = self.outgoing.push_own_message(opcode, payload, &came_in) {
            self.incoming.reuse_payload(buffer);
        }
        Ok(())
    }

    /// Sends a part of a message (§5.4), uncompressed. Nothing but further parts may be sent as
    /// messages before the last one.
    ///
    /// # Errors
    /// [`SendError::NotOpen`].
    pub fn send_fragment(&mut self, fragment: &Fragment) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        self.outgoing.push_fragment(fragment);
        Ok(())
    }

    /// Sends a Ping (§5.5.2).
    ///
    /// # Errors
    /// [`SendError::NotOpen`], [`SendError::ControlPayloadTooLong`].
    pub fn send_ping(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.send_control(Opcode::PING, payload)
    }

    /// Sends a Pong that no Ping has asked for (§5.5.3). Pings are answered without this.
    ///
    /// # Errors
    /// [`SendError::NotOpen`], [`SendError::ControlPayloadTooLong`].
    pub fn send_pong(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.send_control(Opcode::PONG, payload)
    }

    /// Starts the closing handshake (§7.1.2); messages of the peer still arrive until it answers.
    ///
    /// # Errors
    /// [`SendError::NotOpen`], [`SendError::InvalidCode`], [`SendError::ReasonTooLong`].
    pub fn start_closing_handshake(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        if !code.may_be_sent_by(self.role) {
            return Err(SendError::InvalidCode { code });
        }
        if reason.len() > REASON_OCTETS_MAX {
            let octets = reason.len();
            return Err(SendError::ReasonTooLong { octets });
        }
        if !self.deviations.is_empty() {
            self.start_closing_deviating(code, reason);
            return Ok(());
        }
        self.push_close(Some(code), reason);
        self.closing.close_sent();
        Ok(())
    }

    /// Fails the connection (§7.1.7): sends a Close frame with `code`, unless one was sent
    /// before, and looks at nothing more that the peer sends.
    pub fn fail_connection(&mut self, code: CloseCode) {
        if !self.closing.is_receiving() {
            return;
        }
        let may_send_close = self.closing.fail();
        if may_send_close && !self.deviations.include(Deviation::FailWithoutClose) {
            match self.liberties.failure(code) {
                FailureForm::Code(code, reason) => self.push_close(Some(code), reason),
                FailureForm::Empty => self.push_close(None, ""),
                FailureForm::Omitted => {}
            }
        }
        self.incoming.discard();
        self.drop_tcp_if_told();
    }

    /// Sends a Ping or Pong that a timer asks for, behind our Close frame too if `until_tcp_ends`:
    /// §5.5.1 forbids data frames there.
    pub(crate) fn send_heartbeat(&mut self, opcode: Opcode, payload: &[u8], until_tcp_ends: bool) {
        if self.is_open() || until_tcp_ends && self.closing.may_send_control() {
            self.outgoing.push_frame(opcode, payload);
        }
    }

    /// What is done otherwise of that which the RFC leaves open.
    pub(crate) const fn liberties(&self) -> Liberties {
        self.liberties
    }

    /// How many octets wait for [`poll_transmit`](Self::poll_transmit).
    ///
    /// A caller that answers each message should stop reading while its peer does not take the answers.
    pub fn queued_octets(&self) -> usize {
        self.outgoing.queued_octets()
    }

    /// Gives back the buffer of [`Transmit::Octets`], to save an allocation.
    pub fn reuse_output(&mut self, buffer: Vec<u8>) {
        self.outgoing.reuse(buffer);
    }

    /// Gives back a message that is done with, to save an allocation.
    pub fn reuse_message(&mut self, message: Message) {
        self.incoming.reuse_payload(message.into_payload());
    }

    fn send_data(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        came_in: &[usize],
    ) -> Result<(), SendError> {
        // §5.5.1: "The application MUST NOT send any more data frames after sending a Close
        // frame."
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        self.outgoing.push_message(opcode, payload, came_in);
        Ok(())
    }

    fn send_control(&mut self, opcode: Opcode, payload: &[u8]) -> Result<(), SendError> {
        if !self.is_open() {
            return Err(SendError::NotOpen);
        }
        if payload.len() as u64 > CONTROL_PAYLOAD_OCTETS_MAX {
            let octets = payload.len();
            return Err(SendError::ControlPayloadTooLong { octets });
        }
        self.outgoing.push_frame(opcode, payload);
        Ok(())
    }

    /// §5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response,
    /// unless it already received a Close frame."
    fn answer_ping(&mut self, payload: &[u8]) {
        // Having sent a Close frame is no excuse: §5.5.1 then forbids data frames only.
        if !self.closing.is_receiving() {
            return;
        }
        // §5.5.3: the Pong "MUST have identical "Application data" as found in the message body
        // of the Ping frame being replied to".
        self.outgoing.push_pong(payload.to_vec());
    }

    fn answer_close(&mut self, close: &ClosePayload) {
        // §5.5.1: it "typically echos the status code it received"; an empty one, which has no
        // code to repeat, is answered with an empty one.
        let (code, reason) = match self.liberties.is_empty() {
            true => (close.code, String::new()),
            false => {
                let reply = self.liberties.reply_to(close);
                (reply.code, reply.reason)
            }
        };
        if self.deviations.is_empty() {
            self.push_close(code, &reason);
        } else if !self.deviations.include(Deviation::CloseTcpWithoutReply) {
            self.push_close(self.deviations.alter_reply_code(code), &reason);
        }
        if self.deviations.include(Deviation::CloseTcpWithoutReply) {
            self.incoming.end();
        }
    }

    fn understands(&self, kind: MessageKind) -> bool {
        !self.liberties.include(match kind {
            MessageKind::Text => Liberty::UnderstandBinaryOnly,
            MessageKind::Binary => Liberty::UnderstandTextOnly,
        })
    }

    fn start_closing_deviating(&mut self, code: CloseCode, reason: &str) {
        if self.deviations.include(Deviation::EndTcpInsteadOfClosing) {
            self.incoming.end();
            return;
        }
        let (code, reason) = match self.deviations.include(Deviation::StartClosingWith1000) {
            true => (CloseCode::NORMAL, ""),
            false => (code, reason),
        };
        self.push_close(Some(code), reason);
        self.closing.close_sent();
        if self.deviations.include(Deviation::EndTcpAfterOwnClose) {
            self.incoming.end();
        }
    }

    fn fail_over_kind(&mut self, kind: MessageKind) -> Event {
        let violation = MessageError::NotUnderstood { kind }.into();
        self.fail_over(&violation);
        Event::Failed(violation)
    }

    fn fail_over(&mut self, violation: &ProtocolError) {
        if self.deviations.is_empty() {
            self.fail_connection(violation.close_code());
        } else {
            self.fail_deviating(violation);
        }
    }

    fn fail_deviating(&mut self, violation: &ProtocolError) {
        let code = self.deviations.alter_failure_code(violation);
        let too_big = matches!(
            violation,
            ProtocolError::Frame(FrameError::FrameTooBig { .. })
        );
        if too_big && self.deviations.include(Deviation::CrashOnLargeLengths) {
            self.incoming.end();
        } else if self.deviations.go_on_after(violation) {
            self.push_close(Some(code), "");
        } else {
            self.fail_connection(code);
        }
    }

    /// Ends the connection without waiting for the peer's end of TCP, if it is not to be closed in
    /// the usual way.
    fn drop_tcp_if_told(&mut self) {
        let resets = self.deviations.include(Deviation::ResetTcp)
            || self.closing.was_failed() && self.liberties.include(Liberty::FailByReset);
        if resets || self.liberties.include(Liberty::DropTcp) {
            self.incoming.end();
        }
    }

    fn push_close(&mut self, code: Option<CloseCode>, reason: &str) {
        let mut payload = Vec::with_capacity(2 + reason.len());
        if let Some(code) = code {
            payload.extend_from_slice(&code.value().to_be_bytes());
            payload.extend_from_slice(reason.as_bytes());
        }
        self.outgoing.push_close(&payload);
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("role", &self.role)
            .field("closing", &self.closing)
            .finish_non_exhaustive()
    }
}
