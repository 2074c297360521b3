//! A conversation as typed actions: what is generated, played, and made smaller.
//!
//! Everything is lawful unless an action says otherwise, so that what is left of a finding
//! shows what is wrong. [`encode`] makes octets of it, [`script`] the script of a case.

pub mod encode;
pub mod frame;
pub mod payload;
pub mod script;

use wsspec_cases::Target;

pub use frame::{Frame, Masking};
pub use payload::Payload;
pub use wsspec_cases::Cut;

/// What is said to a target after the opening handshake, and how.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conversation {
    /// What it is held with: we are the other end.
    pub target: Target,
    /// What is done, in order.
    pub actions: Vec<Action>,
}

/// One thing that is done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// A frame is put into the write in progress.
    Frame(Frame),
    /// Octets that are no frame are put into the write in progress.
    Octets(Vec<u8>),
    /// The write in progress ends, and travels like this.
    Write(Cut),
    /// The write in progress ends, and the answer to the last message or Ping is waited for.
    Await,
    /// Our half of TCP is closed.
    HalfClose,
    /// TCP is reset.
    Reset,
}

impl Conversation {
    /// A conversation in which nothing is said.
    pub const fn new(target: Target) -> Self {
        Self {
            target,
            actions: Vec::new(),
        }
    }

    /// The frames, in order.
    pub fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.actions.iter().filter_map(|action| match action {
            Action::Frame(frame) => Some(frame),
            _ => None,
        })
    }

    /// Whether octets may be read as another part of a frame than they were sent as, so that
    /// even the masking keys matter.
    pub fn is_skewed(&self) -> bool {
        self.actions.iter().any(|action| match action {
            Action::Frame(frame) => frame.lies_about_length(),
            Action::Octets(_) => true,
            _ => false,
        })
    }
}
