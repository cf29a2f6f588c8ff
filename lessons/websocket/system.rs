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
    info!("the limit of {limit} descriptors allows {room} connections");
    room as usize
}

/// What this process holds, and what the kernel does for all processes, sockets among it.
pub fn memory() -> String {
    let told: String = ["/proc/self/smaps_rollup", "/proc/meminfo"].iter().filter_map(read).collect();
    let figures = told.lines().filter(|line| line.starts_with("Rss:") || line.starts_with("Slab:"));
    figures.collect::<Vec<_>>().join(", ")
}

/// For how many nanoseconds this thread had a processor.
pub fn processor() -> String {
    let told = read(&"/proc/thread-self/schedstat").unwrap_or_default();
    told.split_whitespace().next().map(|nanos| format!("processor: {nanos} ns")).unwrap_or_default()
}

fn read(file: &&str) -> Option<String> {
    fs::read_to_string(file).ok()
}
