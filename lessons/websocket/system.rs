//! What the system says of this process. Where it says nothing, neither do the figures.

use std::fs;

use asyncguide::machine::most_files;
use tracing::info;

/// Descriptors for whatever else this process has open.
const RESERVE: u64 = 64;

/// How many connections there can be of so many: both ends of each are here, and take a descriptor each.
pub fn room_for(tasks: usize) -> usize {
    let Some(limit) = most_files() else { return tasks };
    let room = limit.saturating_sub(RESERVE) / 2;
    if tasks as u64 <= room {
        return tasks;
    }
    info!(descriptors = limit, connections = room, "the limit of the system leaves less room");
    room as usize
}

/// How many kilobytes this process holds.
pub fn own_memory() -> Option<u64> {
    kilobytes("/proc/self/smaps_rollup", "Rss:")
}

/// How many kilobytes the kernel holds for all processes, sockets among it.
pub fn kernel_memory() -> Option<u64> {
    kilobytes("/proc/meminfo", "Slab:")
}

/// For how many nanoseconds this thread had a processor.
pub fn processor() -> Option<u64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok()
}

fn kilobytes(file: &str, name: &str) -> Option<u64> {
    let told = fs::read_to_string(file).ok()?;
    let line = told.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
