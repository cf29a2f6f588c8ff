//! Peak memory use of a piece of work. Linux alone reports it.

use std::fs;

/// The resident memory of this process at the start of a piece of work, in bytes.
#[derive(Debug)]
pub(crate) struct MemoryMark(u64);

impl MemoryMark {
    /// Marks what this process holds now and resets the kernel's record of its peak.
    ///
    /// Returns none if the system does not report memory.
    pub(crate) fn set() -> Option<Self> {
        // Writing 5 makes the kernel forget the peak so far (proc(5), clear_refs).
        fs::write("/proc/self/clear_refs", "5").ok()?;
        resident("VmRSS:").map(MemoryMark)
    }

    /// Returns how many bytes larger than at the mark this process was at its peak since then.
    pub(crate) fn peak(&self) -> Option<u64> {
        Some(resident("VmHWM:")?.saturating_sub(self.0))
    }
}

/// Returns a figure of `/proc/self/status` in bytes. `name` is that of its line, with the colon.
fn resident(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}
