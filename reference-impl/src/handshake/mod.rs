//! The opening handshake (RFC 6455 §4).
//!
//! [`ServerHandshake`] and [`ClientHandshake`] read the head of an HTTP message as it arrives
//! and judge it when it is complete. What follows the head belongs to the
//! [`Connection`](crate::Connection) and is handed back.

mod client;
mod fields;
mod head;
pub mod key;
mod proxy;
mod request;
mod response;
mod server;
pub mod tokens;

pub use client::{AsGiven, ClientHandshake, ClientOptions, OptionsError, Welcome};
pub use fields::Fields;
pub use head::HeadError;
pub use proxy::{ProxyError, ProxyTunnel};
pub use request::{Request, RequestError};
pub use response::{Response, ResponseError};
pub use server::{Acceptance, Refusal, ServerHandshake, ServerOptions};

/// The version of the protocol (§4.1 item 9).
pub const VERSION: &str = "13";
