//! What people read in a terminal: lanes, tables, questions and steps.

pub(crate) mod lanes;
#[cfg(feature = "program")]
pub(super) mod legend;
pub(super) mod letters;
#[cfg(feature = "program")]
pub(crate) mod question;
#[cfg(feature = "program")]
mod report;
#[cfg(feature = "program")]
pub(crate) mod screens;
#[cfg(feature = "program")]
pub(crate) mod step_lanes;
#[cfg(feature = "program")]
pub(crate) mod steps;
#[cfg(feature = "program")]
pub(super) mod table;
pub(super) mod thread_lanes;
