//! How much memory a piece of work took at its peak, where the system tells: on Linux.

use crate::machine::proc;

/// The resident memory from which growth is measured, in bytes.
#[derive(Debug)]
pub(crate) struct Mark(u64);

impl Mark {
    /// Returns a mark of what this process holds now, and makes the kernel forget the peak before it. There is none
    /// where the system does not tell.
    pub(crate) fn set() -> Option<Self> {
        if !proc::forget_peak() {
            return None;
        }
        proc::resident().map(Mark)
    }

    /// Returns by how many bytes this process was larger at its peak since the mark was set.
    pub(crate) fn peak(&self) -> Option<u64> {
        Some(proc::peak()?.saturating_sub(self.0))
    }
}
