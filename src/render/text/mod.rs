//! What people read in a terminal: lanes, tables, questions and steps.

pub(crate) mod lanes;
pub(crate) mod question;
mod report;
pub(crate) mod steps;
pub(super) mod table;
