//! How much memory a piece of work took at its peak, where the system tells: on Linux.

use std::fs;

/// A mark from which growth is measured.
#[derive(Debug)]
pub(crate) struct Mark(u64);

impl Mark {
    /// Sets the mark to what this process holds now; none where the system does not tell.
    pub(crate) fn set() -> Option<Self> {
        // Writing 5 makes the kernel forget the peak so far (proc(5), clear_refs).
        fs::write("/proc/self/clear_refs", "5").ok()?;
        resident("VmRSS:").map(Mark)
    }

    /// By how many bytes this process was larger at its peak since then.
    pub(crate) fn peak(&self) -> Option<u64> {
        Some(resident("VmHWM:")?.saturating_sub(self.0))
    }
}

fn resident(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}
