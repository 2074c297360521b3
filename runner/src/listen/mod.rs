//! Connections that come to us: the head of what they ask for, plain HTTP answers, and the
//! way to hand a connection to a case.
//!
//! | file | does |
//! |---|---|
//! | `door` | accepts connections and reads what they ask for |
//! | `driver` | Autobahn's driver protocol |
//! | `pages` | the page for browsers, and the report |
//! | `agents` | the cases that are asked for, as a source for the dispatcher |
//!
//! Whoever connects is a stranger: heads are bounded in size and time, connections in
//! number.

mod agents;
mod answer;
mod door;
mod driver;
mod http;
mod pages;
mod query;

pub(crate) use agents::{AgentOptions, SharedRecord};
pub(crate) use door::{Door, Silence, Visit, Visitor};
pub(crate) use driver::Listen;
pub(crate) use http::{Content, Status, respond};
pub(crate) use query::Query;
