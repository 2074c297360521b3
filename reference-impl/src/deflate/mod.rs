//! permessage-deflate: compressing messages (RFC 7692).
//!
//! | RFC 7692 | here |
//! |---|---|
//! | §5, §7 negotiation | [`Offer`], [`ServerPolicy`], [`Agreement`] |
//! | §7.1 parameters | [`WindowBits`], [`ParameterError`] |
//! | §6, §7.2 messages | [`Connection::use_deflate`](crate::Connection::use_deflate) |
//!
//! # Windows
//!
//! Every window of §7.1.2 can be agreed on in either direction, from 256 to 32,768 octets. zlib
//! cannot compress with a window of 256 octets. With one of 512 it refers back by at most 250,
//! because it keeps 262 octets for looking ahead; so that is what is used where 256 are agreed
//! on, and a test reads the distances. Inflating always takes a window of 32,768 octets, which
//! §7.2.2 allows whatever was agreed on. What a message may refer to in earlier ones is cut to the
//! window that was agreed on; references within a message are not measured.
//!
//! # What is compressed
//!
//! Once the extension is agreed on every data message is, however short. RFC 7692 §8 warns of
//! compressing secrets beside what an attacker chooses; an endpoint that sends secrets should not
//! offer this extension.

mod agreement;
mod compress;
mod inflate;
mod offer;
mod parameters;
mod policy;

pub use agreement::{Agreement, AgreementError, Direction};
pub(crate) use compress::{Deflater, Manner};
pub use inflate::InflateError;
pub(crate) use inflate::{FinalBlocks, Inflater};
pub use offer::{ClientWindow, Offer};
pub use parameters::{ParameterError, WindowBits};
pub use policy::ServerPolicy;

/// zlib's usual balance of time and size, from 0 to 9.
pub const LEVEL_DEFAULT: u8 = 6;

/// The name of the extension (RFC 7692 §7).
pub const NAME: &str = "permessage-deflate";
