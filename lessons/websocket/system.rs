//! What the system says about this process. Where it says nothing, the figures are unknown.

use std::fs;

use asyncguide::machine::most_files;
use tracing::info;

/// The number of descriptors that are left for other open files of this process.
const RESERVE: u64 = 64;

/// Returns how many of `tasks` connections there can be. Both ends of each are in this process: two descriptors.
pub fn room_for(tasks: usize) -> usize {
    let Some(limit) = most_files() else { return tasks };
    let room = limit.saturating_sub(RESERVE) / 2;
    if tasks as u64 <= room {
        return tasks;
    }
    info!(descriptors = limit, connections = room, "the limit of the system leaves less room");
    room as usize
}

/// Returns the memory that this process holds, in kilobytes.
pub fn own_memory() -> Option<u64> {
    kilobytes("/proc/self/smaps_rollup", "Rss:")
}

/// Returns the memory that the kernel holds for all processes, in kilobytes. It includes the sockets' memory.
pub fn kernel_memory() -> Option<u64> {
    kilobytes("/proc/meminfo", "Slab:")
}

/// Returns how long this thread has had a processor, in nanoseconds.
pub fn processor() -> Option<u64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok()
}

fn kilobytes(file: &str, name: &str) -> Option<u64> {
    let told = fs::read_to_string(file).ok()?;
    let line = told.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
