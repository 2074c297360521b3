//! RFC 6455 in a form that can be read beside the RFC: a core that does no I/O, a server and
//! a client on tokio, and, for testing a tester, ways to depart from the RFC on purpose.
//!
//! | RFC 6455 | here |
//! |---|---|
//! | §4 opening handshake | [`handshake`] |
//! | §5 framing | [`frame`], [`Message`] |
//! | §5.5.1, §7.4 Close frames and status codes | [`close`] |
//! | §7 closing the connection | [`Connection`], [`Ending`] |
//! | §8.1 UTF-8 | [`utf8`] |
//! | §10.4 limits | [`Limits`] |
//!
//! RFC 7692, compression, is [`deflate`].
//!
//! # The caller's loop
//!
//! The core reads no socket, no clock and no source of random octets; all three are the
//! caller's. This is the loop around it, over a blocking stream:
//!
//! ```
//! use std::io::{Read, Write};
//! use std::time::{Duration, Instant};
//! use wsspec_reference::frame::MaskingKey;
//! use wsspec_reference::{Config, Connection, Event, Role, Transmit};
//!
//! /// What a stream has to offer: reading with a timeout, and closing one half.
//! trait Stream: Read + Write {
//!     fn set_read_timeout(&mut self, timeout: Option<Duration>);
//!     fn close_writing(&mut self);
//! }
//!
//! /// Echoes messages over a stream on which the opening handshake is done.
//! fn echo(stream: &mut impl Stream) -> std::io::Result<()> {
//!     // A client hands in a source of random keys; a server is never asked for one.
//!     let masks = || MaskingKey::default();
//!     let mut connection = Connection::new(Role::Server, &Config::default(), masks);
//!     let mut buffer = [0; 4096];
//!     let mut closed = false;
//!     loop {
//!         while let Some(event) = connection.poll_event() {
//!             match event {
//!                 // This fails once a Close frame was sent, and then it does not matter.
//!                 Event::Message(message) => drop(connection.send_message(&message)),
//!                 Event::Closed(_) => closed = true,
//!                 _ => {}
//!             }
//!         }
//!         while let Some(transmit) = connection.poll_transmit() {
//!             match transmit {
//!                 Transmit::Octets(octets) => stream.write_all(&octets)?,
//!                 Transmit::HalfClose => stream.close_writing(),
//!             }
//!         }
//!         if closed {
//!             return Ok(());
//!         }
//!         let now = Instant::now();
//!         let deadline = connection.poll_timeout(now);
//!         stream.set_read_timeout(deadline.map(|at| at.saturating_duration_since(now)));
//!         match stream.read(&mut buffer) {
//!             Ok(0) => connection.receive_eof(),
//!             Ok(count) => connection.receive(&buffer[..count]),
//!             Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
//!                 connection.handle_timeout(Instant::now());
//!             }
//!             Err(_) => connection.receive_eof(),
//!         }
//!     }
//! }
//! # struct Script(std::io::Cursor<Vec<u8>>, Vec<u8>);
//! # impl Read for Script {
//! #     fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> { self.0.read(buffer) }
//! # }
//! # impl Write for Script {
//! #     fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> { self.1.write(octets) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # impl Stream for Script {
//! #     fn set_read_timeout(&mut self, _: Option<Duration>) {}
//! #     fn close_writing(&mut self) {}
//! # }
//! # let sent = b"\x81\x82\0\0\0\0hi\x88\x80\0\0\0\0".to_vec();
//! # let mut script = Script(std::io::Cursor::new(sent), Vec::new());
//! # echo(&mut script).unwrap();
//! # assert_eq!(script.1, b"\x81\x02hi\x88\x00");
//! ```
//!
//! [`net`] has the same loop for tokio, ready to be used.
//!
//! # Speaking unlawfully
//!
//! [`frame::RawFrame`] encodes frames whose every field can be set. [`Deviations`] make an
//! endpoint break chosen rules.
//!
//! # Using what the RFC leaves open
//!
//! [`Liberties`] make an endpoint do what is as lawful as what it does by itself: answer in
//! fragments, close with another status code, refuse what is longer than it likes.

mod bits;
pub mod close;
mod closing;
mod connection;
pub mod deflate;
pub mod deviation;
pub mod error;
pub mod frame;
pub mod handshake;
mod incoming;
pub mod liberty;
mod limits;
mod message;
pub mod net;
mod outgoing;
mod role;
mod unread;
pub mod utf8;

pub use close::{CloseCode, ClosePayload};
pub use closing::Ending;
pub use connection::{Config, Connection, Event, Transmit};
pub use deviation::{Deviation, DeviationFacts, Deviations, Family};
pub use error::{ProtocolError, SendError};
pub use liberty::{Group, Liberties, Liberty, LibertyFacts};
pub use limits::Limits;
pub use message::{Fragment, Message, MessageError, MessageKind};
pub use role::Role;
