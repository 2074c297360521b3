//! Reads octets as a lawful endpoint that echoes messages does (RFC 6455 §5, §6.2).

use super::close::{self, Body};
use super::header::Header;
use super::rule::{self, Rule};
use wsspec_cases::Target;

/// The largest message that every endpoint is held to take, in octets. The RFC sets none (§10.4);
/// this is below the limits that are in use.
pub const OCTETS_SURELY_TAKEN: u64 = 8 * 1024;
/// The most fragments that every endpoint is held to take.
pub const FRAGMENTS_SURELY_TAKEN: u64 = 64;

/// What an endpoint reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// A text message (§5.6), which is echoed.
    Text(Vec<u8>),
    /// A binary message (§5.6), which is echoed.
    Binary(Vec<u8>),
    /// A Ping (§5.5.2), which is answered.
    Ping(Vec<u8>),
    /// A Pong (§5.5.3), which asks for nothing.
    Pong,
    /// A Close frame (§5.5.1) with this status code, which is answered. Nothing is read behind it.
    Close(Option<u16>),
    /// From here on the connection may be failed for this; otherwise things go on.
    Doubt(Rule),
    /// Here at the latest the connection is failed for this (§7.1.7). Nothing is read behind it.
    Violation(Rule),
}

/// Where an endpoint is in what it reads.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum State {
    /// Between messages.
    Between,
    /// Between the fragments of a text message.
    InText,
    /// Between the fragments of a binary message.
    InBinary,
    /// Inside a frame.
    InFrame,
    /// Behind a Close frame.
    Closed,
    /// Behind a violation.
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: &'static [Self] = &[
        Self::Between,
        Self::InText,
        Self::InBinary,
        Self::InFrame,
        Self::Closed,
        Self::Failed,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Between => "between messages",
            Self::InText => "in a text message",
            Self::InBinary => "in a binary message",
            Self::InFrame => "in a frame",
            Self::Closed => "behind a Close frame",
            Self::Failed => "behind a violation",
        }
    }
}

/// An endpoint that reads.
#[derive(Debug)]
pub struct Reader {
    target: Target,
    /// Octets of a header that is not complete.
    head: Vec<u8>,
    /// Whether that much of it may be enough for the connection to be failed.
    head_is_doubtful: bool,
    frame: Option<OpenFrame>,
    message: Option<OpenMessage>,
    /// Reads what comes behind a text that is not UTF-8.
    behind_text: Option<Box<Self>>,
    /// Whether a Close frame or a violation was read.
    end: Option<State>,
    readings: Vec<Reading>,
    behind_end: u64,
}

/// A frame whose payload is not complete.
#[derive(Debug)]
struct OpenFrame {
    header: Header,
    payload: Vec<u8>,
    /// What the header breaks.
    broken: Option<Rule>,
}

/// A message whose last fragment has not come.
#[derive(Debug)]
struct OpenMessage {
    is_text: bool,
    payload: Vec<u8>,
    fragments: u64,
    /// How many octets were declared, so that a limit is passed before they are there.
    declared: u64,
    limit_passed: bool,
    invalid: bool,
}

impl Reader {
    /// The endpoint `target`, right behind the opening handshake.
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            head: Vec::new(),
            head_is_doubtful: false,
            frame: None,
            message: None,
            behind_text: None,
            end: None,
            readings: Vec::new(),
            behind_end: 0,
        }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        match (&self.end, &self.message) {
            (Some(end), _) => *end,
            _ if self.frame.is_some() || !self.head.is_empty() => State::InFrame,
            (None, None) => State::Between,
            (None, Some(message)) if message.is_text => State::InText,
            (None, Some(_)) => State::InBinary,
        }
    }

    /// How many octets came behind the Close frame or the violation.
    pub const fn octets_behind_end(&self) -> u64 {
        self.behind_end
    }

    /// What was read since this was asked for the last time.
    pub fn take(&mut self) -> Vec<Reading> {
        std::mem::take(&mut self.readings)
    }

    /// What control frames stand behind a text that is not UTF-8: an endpoint looks at its text
    /// no earlier than the text is asked for, and may have answered them by then.
    pub fn behind_text(&mut self) -> Vec<Reading> {
        let behind = self.behind_text.as_mut().map(|behind| behind.take());
        let is_control =
            |reading: &Reading| matches!(reading, Reading::Ping(_) | Reading::Close(_));
        behind.into_iter().flatten().filter(is_control).collect()
    }

    /// Reads octets that are sent together; how they are cut makes no difference.
    pub fn receive(&mut self, octets: &[u8]) {
        self.read(octets);
        // Nobody has to wait for the rest of a header that is wrong already.
        if !self.head_is_doubtful
            && let Some(rule) = self.broken_by_start()
        {
            self.head_is_doubtful = true;
            self.readings.push(Reading::Doubt(rule));
        }
    }

    fn read(&mut self, mut octets: &[u8]) {
        while let Some((first, behind_first)) = octets.split_first() {
            if self.end.is_some() {
                self.behind_end += octets.len() as u64;
                if let Some(behind) = &mut self.behind_text {
                    behind.receive(octets);
                }
                return;
            }
            let Some(frame) = &mut self.frame else {
                self.head.push(*first);
                octets = behind_first;
                if let Some((header, _)) = Header::read(&self.head) {
                    self.head.clear();
                    self.begin_frame(header);
                }
                continue;
            };
            let missing = frame.header.length - frame.payload.len() as u64;
            let here =
                usize::try_from(missing).map_or(octets.len(), |missing| missing.min(octets.len()));
            let (payload, behind) = octets.split_at(here);
            octets = behind;
            frame.receive(payload);
            self.end_frame_if_complete();
        }
    }

    /// What an incomplete header breaks, or may be refused for.
    fn broken_by_start(&self) -> Option<Rule> {
        let first = *self.head.first()?;
        let second = self.head.get(1).copied();
        let is_masked = second.map_or(self.target == Target::Server, |second| second & 0x80 != 0);
        let header = Header {
            fin: first & 0x80 != 0,
            rsv: first >> 4 & 0x7,
            opcode: first & 0xf,
            key: is_masked.then_some([0; 4]),
            length: u64::from(second.unwrap_or(0) & 0x7f),
            extended: 0,
        };
        // The rest of it tells a length, or has begun to.
        let has_length = self.head.len() > 2 && header.length > 125;
        self.broken_by(&header)
            .or(has_length.then_some(rule::LIMIT))
    }

    fn begin_frame(&mut self, header: Header) {
        let broken = self.broken_by(&header);
        let was_doubtful = std::mem::take(&mut self.head_is_doubtful);
        if header.length >> 63 != 0 {
            // Nobody can wait for such a payload.
            return self.fail(rule::LENGTH_TOP_BIT);
        }
        match broken {
            Some(_) if was_doubtful => {}
            Some(rule) => self.readings.push(Reading::Doubt(rule)),
            None => self.doubt(&header),
        }
        self.frame = Some(OpenFrame {
            header,
            payload: Vec::new(),
            broken,
        });
        self.end_frame_if_complete();
    }

    /// What a header breaks for certain.
    fn broken_by(&self, header: &Header) -> Option<Rule> {
        let is_data = !header.is_control() && !header.is_reserved();
        let found = [
            // No extension is agreed on.
            (header.rsv != 0, rule::RESERVED_BITS),
            (header.is_reserved(), rule::RESERVED_OPCODE),
            (
                header.key.is_none() && self.target == Target::Server,
                rule::NOT_MASKED,
            ),
            (
                header.key.is_some() && self.target == Target::Client,
                rule::MASKED,
            ),
            (
                header.is_control() && header.length > 125,
                rule::CONTROL_TOO_LONG,
            ),
            (header.is_control() && !header.fin, rule::CONTROL_FRAGMENTED),
            (
                header.opcode == 0x0 && self.message.is_none(),
                rule::STRAY_CONTINUATION,
            ),
            (
                is_data && header.opcode != 0x0 && self.message.is_some(),
                rule::INTERRUPTED_MESSAGE,
            ),
        ];
        found.into_iter().find_map(|(is, rule)| is.then_some(rule))
    }

    /// What a lawful header may be refused for all the same; and the message that it begins.
    fn doubt(&mut self, header: &Header) {
        if header.is_longer_than_needed() {
            self.readings.push(Reading::Doubt(rule::LENGTH_NOT_MINIMAL));
        }
        if header.is_control() {
            return;
        }
        let message = self
            .message
            .get_or_insert_with(|| OpenMessage::new(header.opcode == 0x1));
        message.fragments += 1;
        message.declared = message.declared.saturating_add(header.length);
        let is_large =
            message.declared > OCTETS_SURELY_TAKEN || message.fragments > FRAGMENTS_SURELY_TAKEN;
        if is_large && !message.limit_passed {
            message.limit_passed = true;
            self.readings.push(Reading::Doubt(rule::LIMIT));
        }
    }

    fn end_frame_if_complete(&mut self) {
        let complete = |frame: &mut OpenFrame| frame.payload.len() as u64 == frame.header.length;
        let Some(OpenFrame {
            header,
            payload,
            broken,
        }) = self.frame.take_if(complete)
        else {
            return;
        };
        match (broken, header.opcode) {
            (Some(rule), _) => self.fail(rule),
            (None, 0x8) => self.end_close(&payload),
            // §5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in
            // response, unless it already received a Close frame."
            (None, 0x9) => self.readings.push(Reading::Ping(payload)),
            // §5.5.3: "A response to an unsolicited Pong frame is not expected."
            (None, 0xa) => self.readings.push(Reading::Pong),
            (None, _) => self.end_fragment(header.fin, &payload),
        }
    }

    fn end_close(&mut self, body: &[u8]) {
        let code = match close::read(body) {
            Body::Sound(code) => code,
            Body::Doubtful(code, rule) => {
                self.readings.push(Reading::Doubt(rule));
                Some(code)
            }
            Body::Broken(rule) => return self.fail(rule),
        };
        self.readings.push(Reading::Close(code));
        self.end = Some(State::Closed);
    }

    fn end_fragment(&mut self, fin: bool, payload: &[u8]) {
        let Some(mut message) = self.message.take() else {
            return;
        };
        message.payload.extend_from_slice(payload);
        // §5.6: "a particular text frame might include a partial UTF-8 sequence; however, the whole
        // message MUST contain valid UTF-8."
        let validity = match message.is_text {
            true => std::str::from_utf8(&message.payload),
            false => Ok(""),
        };
        match validity {
            Err(error) if error.error_len().is_some() && !message.invalid => {
                message.invalid = true;
                self.readings.push(Reading::Doubt(rule::TEXT_NOT_UTF8));
            }
            _ => {}
        }
        if !fin {
            self.message = Some(message);
        } else if validity.is_err() {
            self.fail(rule::TEXT_NOT_UTF8);
            self.behind_text = Some(Box::new(Self::new(self.target)));
        } else if message.is_text {
            self.readings.push(Reading::Text(message.payload));
        } else {
            self.readings.push(Reading::Binary(message.payload));
        }
    }

    fn fail(&mut self, rule: Rule) {
        self.readings.push(Reading::Violation(rule));
        self.end = Some(State::Failed);
    }
}

impl OpenFrame {
    /// §5.3: the octets are unmasked with the key, over and over.
    fn receive(&mut self, octets: &[u8]) {
        let begin = self.payload.len();
        let unmasked = octets
            .iter()
            .enumerate()
            .map(|(at, octet)| match self.header.key {
                Some(key) => octet ^ key[(begin + at) % 4],
                None => *octet,
            });
        self.payload.extend(unmasked);
    }
}

impl OpenMessage {
    const fn new(is_text: bool) -> Self {
        Self {
            is_text,
            payload: Vec::new(),
            fragments: 0,
            declared: 0,
            limit_passed: false,
            invalid: false,
        }
    }
}
