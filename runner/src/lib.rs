//! wsspec grades WebSocket implementations against RFC 6455 and RFC 7692.
//!
//! One case goes through the crate like this:
//!
//! ```text
//! Case ──drive──▶ Transcript ──judge──▶ Judgement ──run──▶ results.json, reports
//!          │ ▲
//!    observe └─ next step?
//! ```
//!
//! | module | does |
//! |---|---|
//! | [`cli`] | reads the command line, prints, chooses the exit status |
//! | [`run`] | plays many cases: order, concurrency, deadlines, canaries |
//! | [`subject`] | what is graded, and how it is met |
//! | [`drive`] | performs one case on one connection and records it |
//! | `invent` | cases without end, and the findings that come of them |
//! | `listen` | receives the connections of clients and browsers |
//!
//! Observing and judging is the crate [`wsspec_judge`].

pub mod cli;
pub mod drive;
mod invent;
mod listen;
pub mod run;
pub mod subject;
