//! The program's servers, spoken to through raw sockets and by clients of other projects.

mod gateways;
pub(crate) mod push;
mod serve;
mod serving;
pub(crate) mod websocket;
