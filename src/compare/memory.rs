//! Peak memory use of a piece of work. Linux alone reports it.

use crate::machine::proc;

/// The resident memory of this process at the start of a piece of work, in bytes.
#[derive(Debug)]
pub(crate) struct MemoryMark(u64);

impl MemoryMark {
    /// Marks what this process holds now and makes the kernel forget its peak so far.
    ///
    /// Returns none if the system does not report memory.
    pub(crate) fn set() -> Option<Self> {
        if !proc::forget_peak() {
            return None;
        }
        proc::resident().map(MemoryMark)
    }

    /// Returns how many bytes larger than at the mark this process was at its peak since then.
    pub(crate) fn peak(&self) -> Option<u64> {
        Some(proc::peak()?.saturating_sub(self.0))
    }
}
