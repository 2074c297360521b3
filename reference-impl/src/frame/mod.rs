//! Frames: the unit of the base framing protocol (RFC 6455 §5).

mod encode;
mod header;
mod mask;
mod opcode;
mod raw;

pub use header::{
    CONTROL_PAYLOAD_OCTETS_MAX, FrameError, FrameHeader, HEADER_OCTETS_MAX, HeaderRules,
};
pub use mask::{MaskSource, MaskingKey, apply_mask};
pub use opcode::{Opcode, Rsv};
pub use raw::{LengthForm, RawFrame};
