//! Conversations.

#![allow(dead_code, reason = "each test binary uses a part")]

use crate::trace;
use wsspec_reference::deflate::Agreement;
use wsspec_reference::frame::{LengthForm, MaskingKey, Opcode, RawFrame, Rsv};
use wsspec_reference::{Config, Connection, Deviation, Event, Liberty, Limits, Role, Transmit};

/// A way to be unlike the usual endpoint.
pub(crate) trait Way: Copy + PartialEq + std::fmt::Display + 'static {
    const ALL: &'static [Self];

    /// The role that can be so; `None` if both can.
    fn role(self) -> Option<Role>;

    fn configure(self, config: &mut Config);

    fn suits(self, role: Role) -> bool {
        self.role().is_none_or(|only| only == role)
    }
}

impl Way for Deviation {
    const ALL: &'static [Self] = Self::ALL;

    fn role(self) -> Option<Role> {
        self.facts().role
    }

    fn configure(self, config: &mut Config) {
        config.deviations = config.deviations.with(self);
    }
}

impl Way for Liberty {
    const ALL: &'static [Self] = Self::ALL;

    fn role(self) -> Option<Role> {
        self.facts().role
    }

    fn configure(self, config: &mut Config) {
        config.liberties = config.liberties.with(self);
    }
}

/// A conversation: what the peer says, and what an endpoint that echoes sends in answer.
#[derive(Clone)]
pub(crate) struct Talk<W = Deviation> {
    pub(crate) title: &'static str,
    /// `None` if it can be had with either.
    role: Option<Role>,
    said: Vec<Say>,
    /// What the usual endpoint sends, as [`trace`] has it, with `fin` where it closes its half of
    /// TCP and `end` where it drops the socket.
    pub(crate) usual: &'static str,
    /// What others send to whom it makes a difference.
    pub(crate) others: Vec<(W, &'static str)>,
    /// What was agreed on for compression.
    agreement: Option<Agreement>,
    /// The ways shown here show in all conversations with these words in what is sent.
    pub(crate) ordinary: &'static [&'static str],
}

/// Something the peer does.
#[derive(Clone)]
pub(crate) enum Say {
    /// Sends a frame, masked if its role asks for that.
    Frame(RawFrame),
    /// Sends a frame, masked if its role does not ask for that.
    Mismasked(RawFrame),
    /// Sends a frame, all of its octets but with a pause in the middle.
    Halves(RawFrame),
    /// Sends frames at once.
    AtOnce(Vec<RawFrame>),
    /// Sends the start of a frame, so many octets.
    Start(RawFrame, usize),
    /// Closes its half of TCP.
    Eof,
    /// Nothing; the endpoint itself does something.
    Local(fn(&mut Connection)),
}

impl<W: Way> Talk<W> {
    pub(crate) fn new(
        title: &'static str,
        role: Option<Role>,
        said: impl IntoIterator<Item = Say>,
        usual: &'static str,
        others: &[(W, &'static str)],
    ) -> Self {
        Self {
            title,
            role,
            said: said.into_iter().collect(),
            usual,
            others: others.to_vec(),
            agreement: None,
            ordinary: &[],
        }
    }

    /// The same conversation after an agreement to compress.
    pub(crate) const fn agreeing(mut self, agreement: Agreement) -> Self {
        self.agreement = Some(agreement);
        self
    }

    /// The same conversation; what shows here shows wherever a lawful endpoint sends `words`.
    pub(crate) const fn ordinary(mut self, words: &'static [&'static str]) -> Self {
        self.ordinary = words;
        self
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = Role> + use<W> {
        let only = self.role;
        [Role::Client, Role::Server]
            .into_iter()
            .filter(move |&role| only.is_none_or(|only| only == role))
    }

    pub(crate) fn shows(&self, way: W) -> bool {
        self.others.iter().any(|&(other, _)| other == way)
    }

    /// What an endpoint sends that is unlike the usual one in these ways.
    pub(crate) fn play(&self, role: Role, ways: &[W]) -> String {
        let mut config = Config {
            limits: Limits {
                frame_octets_max: 128 << 10,
                message_octets_max: 128 << 10,
                ..Limits::default()
            },
            ..Config::default()
        };
        ways.iter().for_each(|way| way.configure(&mut config));
        let mut endpoint = Endpoint {
            connection: Connection::new(role, &config, keys()),
            role,
            sent: Vec::new(),
            ending: "",
        };
        if let Some(agreement) = &self.agreement {
            endpoint.connection.use_deflate(agreement, 6);
        }
        for say in &self.said {
            endpoint.hear(say);
        }
        let mut words = trace::frames(role, &endpoint.sent);
        words.extend(endpoint.ending.split_whitespace().map(str::to_owned));
        words.join(" ")
    }
}

struct Endpoint {
    connection: Connection,
    role: Role,
    sent: Vec<u8>,
    ending: &'static str,
}

impl Endpoint {
    fn hear(&mut self, say: &Say) {
        let lawful = (self.role == Role::Server).then_some(KEY);
        let unlawful = (self.role == Role::Client).then_some(KEY);
        let octets = |frame: &RawFrame, key: Option<MaskingKey>| {
            let masking_key = frame.masking_key.or(key);
            RawFrame {
                masking_key,
                ..frame.clone()
            }
            .to_octets()
        };
        match say {
            Say::Frame(frame) => self.receive(&octets(frame, lawful)),
            Say::Mismasked(frame) => self.receive(&octets(frame, unlawful)),
            Say::Halves(frame) => {
                let octets = octets(frame, lawful);
                let (left, right) = octets.split_at(octets.len() / 2);
                self.receive(left);
                self.receive(right);
            }
            Say::AtOnce(frames) => {
                let octets: Vec<_> = frames
                    .iter()
                    .flat_map(|frame| octets(frame, lawful))
                    .collect();
                self.receive(&octets);
            }
            Say::Start(frame, count) => self.receive(&octets(frame, lawful)[..*count]),
            Say::Eof => {
                self.connection.receive_eof();
                self.react();
            }
            Say::Local(act) => {
                act(&mut self.connection);
                self.react();
            }
        }
    }

    fn receive(&mut self, octets: &[u8]) {
        self.connection.receive(octets);
        self.react();
    }

    fn react(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            match event {
                Event::Message(message) => drop(self.connection.send_message(&message)),
                Event::Fragment(fragment) => drop(self.connection.send_fragment(&fragment)),
                Event::Closed(_) => {
                    self.ending = if self.ending == "fin" {
                        "fin end"
                    } else {
                        "end"
                    }
                }
                _ => {}
            }
        }
        while let Some(transmit) = self.connection.poll_transmit() {
            match transmit {
                Transmit::Octets(octets) => {
                    assert!(
                        !self.ending.contains("fin"),
                        "nothing follows the half-close"
                    );
                    self.sent.extend_from_slice(&octets);
                }
                Transmit::HalfClose if self.ending.is_empty() => self.ending = "fin",
                // Who drops the socket closes both halves.
                Transmit::HalfClose => {}
            }
        }
    }
}

/// Keys that look random and are the same every time.
fn keys() -> impl FnMut() -> MaskingKey + Send + 'static {
    let mut state = 0x9e37_79b9_u32;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        MaskingKey(state.to_be_bytes())
    }
}

const KEY: MaskingKey = MaskingKey([0x37, 0xfa, 0x21, 0x3d]);

pub(crate) const BOTH: Option<Role> = None;
pub(crate) const SERVER: Option<Role> = Some(Role::Server);
pub(crate) const CLIENT: Option<Role> = Some(Role::Client);

pub(crate) fn frame(opcode: u8, payload: impl Into<Vec<u8>>) -> RawFrame {
    RawFrame::new(Opcode::from_first_octet(opcode), payload)
}

pub(crate) fn text(payload: impl Into<Vec<u8>>) -> RawFrame {
    frame(0x1, payload)
}

pub(crate) fn binary(payload: impl Into<Vec<u8>>) -> RawFrame {
    frame(0x2, payload)
}

pub(crate) fn continuation(payload: impl Into<Vec<u8>>) -> RawFrame {
    frame(0x0, payload)
}

pub(crate) fn ping(payload: impl Into<Vec<u8>>) -> RawFrame {
    frame(0x9, payload)
}

pub(crate) fn pong(payload: impl Into<Vec<u8>>) -> RawFrame {
    frame(0xa, payload)
}

/// A Close frame with a body of any octets.
pub(crate) fn close_body(payload: impl Into<Vec<u8>>) -> RawFrame {
    frame(0x8, payload)
}

pub(crate) fn close(code: u16) -> RawFrame {
    close_body(code.to_be_bytes())
}

/// So many times the letter x.
pub(crate) fn many(count: usize) -> Vec<u8> {
    vec![b'x'; count]
}

/// The compressed Hello of RFC 7692 §7.2.3.1.
pub(crate) const HELLO: &[u8] = b"\xf2H\xcd\xc9\xc9\x07\x00";

/// Octets in which nothing repeats.
pub(crate) fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(600).collect()
}

/// Changes of a frame, to be read after it.
pub(crate) trait But: Sized {
    fn not_final(self) -> RawFrame;
    fn rsv(self, bits: u8) -> RawFrame;
    fn form(self, form: LengthForm) -> RawFrame;
    fn declaring(self, length: u64) -> RawFrame;
    fn said(self) -> Say;
}

impl But for RawFrame {
    fn not_final(self) -> RawFrame {
        RawFrame { fin: false, ..self }
    }

    fn rsv(self, bits: u8) -> RawFrame {
        RawFrame {
            rsv: Rsv::new(bits),
            ..self
        }
    }

    fn form(self, form: LengthForm) -> RawFrame {
        RawFrame {
            length_form: form,
            ..self
        }
    }

    fn declaring(self, length: u64) -> RawFrame {
        RawFrame {
            declared_length: Some(length),
            ..self
        }
    }

    fn said(self) -> Say {
        Say::Frame(self)
    }
}
