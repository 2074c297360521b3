//! What the target sends, decoded without ever rejecting anything.
//!
//! This is not the reference decoder: a mistake that both shared would acquit itself.
//! It keeps no payload, only its length, its beginning and its digest, so that
//! endless input costs no memory.

mod agreement;
mod digest;
mod extensions;
mod frames;
mod http;
mod inflate;
mod request;
mod response;
mod utf8;

pub use agreement::{Agreement, Direction};
pub use digest::octets;
pub use extensions::{Extension, parse as parse_extensions};
pub use frames::Observer;
pub use http::{HEAD_OCTETS_MAX, HeadReader, sent_head};
pub use request::{Request, UrlFacts, check_request, swappable_subprotocol};
pub use response::{Asked, Response, check_response, is_interim};
