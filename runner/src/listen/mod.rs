//! Connections that come to us: the head of what they ask for, plain HTTP answers, and
//! the way to hand a connection to a case.
//!
//! Nothing here knows cases or results. Whoever connects is a stranger: heads are
//! bounded in size and time, connections in number.

mod door;
mod http;
mod query;

pub(crate) use door::{Door, Silence, Visit, Visitor};
pub(crate) use http::{Content, Status, respond};
pub(crate) use query::Query;
