//! The first octet of a frame: reserved bits and opcode (RFC 6455 §5.2).

use std::fmt;

/// The four bits that say what a frame is (RFC 6455 §5.2, §11.8).
///
/// Every value from 0 to 15 can be held, reserved ones included; whether an
/// endpoint takes it is asked with [`Opcode::is_reserved`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Opcode(u8);

impl Opcode {
    /// A further fragment of a message.
    pub const CONTINUATION: Self = Self(0x0);
    /// The first frame of a text message.
    pub const TEXT: Self = Self(0x1);
    /// The first frame of a binary message.
    pub const BINARY: Self = Self(0x2);
    /// A Close frame (§5.5.1).
    pub const CLOSE: Self = Self(0x8);
    /// A Ping frame (§5.5.2).
    pub const PING: Self = Self(0x9);
    /// A Pong frame (§5.5.3).
    pub const PONG: Self = Self(0xA);

    /// The opcode in the first octet of a frame: its low four bits.
    pub const fn from_first_octet(octet: u8) -> Self {
        Self(octet & 0x0f)
    }

    /// The value, from 0 to 15.
    pub const fn value(self) -> u8 {
        self.0
    }

    /// Whether this is a control frame (§5.5): the opcode's top bit is set.
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether no meaning has been assigned: 3 to 7 and 0xB to 0xF.
    pub const fn is_reserved(self) -> bool {
        matches!(self.0, 0x3..=0x7 | 0xB..=0xF)
    }

    const fn name(self) -> Option<&'static str> {
        match self {
            Self::CONTINUATION => Some("continuation"),
            Self::TEXT => Some("text"),
            Self::BINARY => Some("binary"),
            Self::CLOSE => Some("close"),
            Self::PING => Some("ping"),
            Self::PONG => Some("pong"),
            _ => None,
        }
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opcode({self})")
    }
}

/// The three reserved bits of a frame (RFC 6455 §5.2), RSV1 being the highest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rsv(u8);

impl Rsv {
    /// No reserved bit is set, as it has to be without an extension.
    pub const NONE: Self = Self(0);
    /// RSV1 alone, which RFC 7692 uses.
    pub const RSV1: Self = Self(0b100);
    /// RSV2 alone.
    pub const RSV2: Self = Self(0b010);
    /// RSV3 alone.
    pub const RSV3: Self = Self(0b001);

    /// The bits as a number from 0 to 7 (RSV1 = 4, RSV2 = 2, RSV3 = 1); higher bits are dropped.
    pub const fn new(bits: u8) -> Self {
        Self(bits & 0b111)
    }

    /// The reserved bits in the first octet of a frame.
    pub const fn from_first_octet(octet: u8) -> Self {
        Self::new(octet >> 4)
    }

    /// The bits as a number from 0 to 7 (RSV1 = 4, RSV2 = 2, RSV3 = 1).
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The bits set here or in `other`.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The bits set here and not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all bits of `other` are set here.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether no bit is set.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Rsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() {
            return f.write_str("none");
        }
        let mut separator = "";
        for (bit, name) in [
            (Self::RSV1, "RSV1"),
            (Self::RSV2, "RSV2"),
            (Self::RSV3, "RSV3"),
        ] {
            if self.0 & bit.0 != 0 {
                write!(f, "{separator}{name}")?;
                separator = "+";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Rsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rsv({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixteen_opcodes_are_sorted_as_the_rfc_sorts_them() {
        let control: Vec<u8> = (0..16)
            .filter(|&value| Opcode::from_first_octet(value).is_control())
            .collect();
        let reserved: Vec<u8> = (0..16)
            .filter(|&value| Opcode::from_first_octet(value).is_reserved())
            .collect();
        assert_eq!(control, [8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(reserved, [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);
    }

    #[test]
    fn opcode_and_reserved_bits_share_the_first_octet() {
        for octet in 0..=255u8 {
            let (opcode, rsv) = (
                Opcode::from_first_octet(octet),
                Rsv::from_first_octet(octet),
            );
            assert_eq!(
                octet & 0x80 | rsv.bits() << 4 | opcode.value(),
                octet,
                "octet {octet:#04x}"
            );
        }
    }

    #[test]
    fn names_are_those_of_the_rfc() {
        assert_eq!(Opcode::PING.to_string(), "ping");
        assert_eq!(Opcode::from_first_octet(0x8b).to_string(), "0xb");
        assert_eq!(Rsv::NONE.to_string(), "none");
        assert_eq!(Rsv::RSV1.union(Rsv::RSV3).to_string(), "RSV1+RSV3");
    }
}
