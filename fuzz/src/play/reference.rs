//! The reference implementation as an endpoint in this process.

use wsspec_cases::Target;
use wsspec_reference::frame::MaskingKey;
use wsspec_reference::{Config, Connection, Event, Role, Transmit};

use super::{Answer, Endpoint};

/// The reference implementation, which echoes messages.
#[derive(Debug)]
pub struct ReferenceEcho {
    connection: Connection,
}

impl ReferenceEcho {
    /// An endpoint of this role, right behind the opening handshake.
    pub fn new(target: Target, config: &Config) -> Self {
        let role = match target {
            Target::Client => Role::Client,
            _ => Role::Server,
        };
        let mut state = 0x9e37_79b9_u32;
        let masks = move || {
            // Xorshift: nothing here depends on how good the keys are.
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            MaskingKey(state.to_be_bytes())
        };
        Self {
            connection: Connection::new(role, config, masks),
        }
    }

    fn turn(&mut self, answer: &mut Answer) {
        while let Some(event) = self.connection.poll_event() {
            match event {
                // This fails once a Close frame was sent, and then it does not matter.
                Event::Message(message) => drop(self.connection.send_message(&message)),
                Event::Fragment(fragment) => drop(self.connection.send_fragment(&fragment)),
                Event::Closed(_) => answer.ends = true,
                _ => {}
            }
        }
        while let Some(transmit) = self.connection.poll_transmit() {
            match transmit {
                Transmit::Octets(octets) => answer.octets.extend_from_slice(&octets),
                Transmit::HalfClose => answer.ends = true,
            }
        }
    }
}

impl Endpoint for ReferenceEcho {
    fn receive(&mut self, octets: &[u8], answer: &mut Answer) {
        self.connection.receive(octets);
        self.turn(answer);
    }

    fn receive_end(&mut self, answer: &mut Answer) {
        self.connection.receive_eof();
        self.turn(answer);
    }
}
