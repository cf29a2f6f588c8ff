//! The program's servers, spoken to through raw sockets and by clients of other projects.

mod gateways;
pub(crate) mod push;
mod serve;
pub(crate) mod serving;
pub(crate) mod websocket;
