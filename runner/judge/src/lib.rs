//! What a target sent, observed and judged: octets and records in, verdicts out.
//!
//! No socket, no clock, no process. A stored transcript can be judged again, and gives
//! the same verdict.
//!
//! | module | does |
//! |---|---|
//! | [`observe`] | decodes what the target sends, without ever rejecting anything |
//! | [`judge`] | from case and transcript to verdict, entry by entry |

pub mod judge;
pub mod observe;

pub use judge::{Judge, Judgement, Next};
