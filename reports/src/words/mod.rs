//! Recorded facts in words: the one place where reports and the runner get them.
//!
//! What a target said is hostile text. Whatever leaves this module is bounded in
//! length, on one line, and free of characters that a terminal or a reader could be
//! deceived with; what a document asks for beyond that (`&lt;`, `\|`) is its own affair.

mod expectation;
mod frame;
mod head;
mod notice;
mod number;
mod oddity;
mod payload;
mod reason;
mod script;
mod text;
mod transcript;
mod verdict;

pub use expectation::{course, expected, observation, outcome, trace};
pub use frame::{frame, opcode, rsv_bits, sent_frame};
pub use head::{fault, head, head_faults};
pub use notice::{in_company, notice, skip};
pub use number::{at, counted, grouped, hexadecimal, milliseconds, octets};
pub use oddity::oddity;
pub use payload::{PREVIEW_CHARS_MAX, payload, preview};
pub use reason::{observed, why, why_with_last_words};
pub use script::{need, opening, step};
pub use text::{clean, clean_lines, quoted};
pub use transcript::{Direction, complaints, direction, entry, process, stray, what};
pub use verdict::{REASON_CHARS_MAX, closing, failure, reason, verdict};
