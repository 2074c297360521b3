//! What the target sends, decoded without ever rejecting anything.
//!
//! This is not the reference decoder: a mistake that both shared would acquit itself.
//! It keeps no payload, only its length, its beginning and its digest, so that
//! endless input costs no memory.

mod agreement;
mod digest;
mod escape;
mod extensions;
mod frames;
mod head;
mod inflate;
mod request;
mod utf8;

pub use agreement::{Agreement, Direction};
pub use digest::octets;
pub use escape::escape_octets;
pub(crate) use escape::unescape_octets;
pub(crate) use extensions::{Extension, parse as parse_extensions};
pub use frames::Observer;
pub use head::{Asked, HEAD_OCTETS_MAX, HeadReader, Response, check_response};

pub use request::{Request, UrlFacts, check_request, swappable_subprotocol};
