//! Queues without a limit that grew for long: those who take items out are slower than those who put them in.

use std::collections::BTreeMap;

use super::Finding;
use crate::trace::{Mark, Nanos, SceneTrace};
use crate::units::{duration, grouped};

/// Fewest items that wait in the end.
const FEWEST: u64 = 100;
/// Fewest looks at the queue. A queue that is filled first and emptied afterwards grows for a few, too.
const FEWEST_LOOKS: u64 = 8;
/// How many times as many items there are in the end as when it began to grow.
const TIMES: u64 = 4;

pub(super) fn find(scene: &SceneTrace) -> Vec<Finding> {
    // The last mark of each queue says all that the earlier ones said.
    let queues: BTreeMap<u64, Queue<'_>> =
        scene.marks.iter().filter_map(Queue::of).map(|queue| (queue.number, queue)).collect();
    let grew = |queue: &&Queue<'_>| {
        queue.looks >= FEWEST_LOOKS && queue.items >= FEWEST && queue.items / TIMES >= queue.fewest
    };
    queues.values().filter(grew).map(finding).collect()
}

fn finding(queue: &Queue<'_>) -> Finding {
    let statement = format!(
        "A queue without a limit, made at {}:{}, grew until {} items waited in it, after {}: at none of the last {} \
         looks there were fewer than before. With a maxsize, those who put items in wait for those who take them out.",
        queue.file,
        queue.line,
        grouped(queue.items as usize),
        duration(queue.at),
        grouped(queue.looks as usize)
    );
    Finding { statement, time: queue.at, topic: None, lane: None }
}

/// What a mark says of a queue: see `docs/events.md`.
struct Queue<'a> {
    number: u64,
    /// Where it was made.
    file: &'a str,
    line: u32,
    at: Nanos,
    items: u64,
    /// How often the recorder looked at it since it last had fewer items than at the look before.
    looks: u64,
    /// How many items it had at the first of those looks.
    fewest: u64,
}

impl<'a> Queue<'a> {
    fn of(mark: &'a Mark) -> Option<Self> {
        let number = |name: &str| mark.count(name);
        Some(Queue {
            number: number("queue")?,
            file: mark.file.as_deref()?,
            line: mark.line?,
            at: mark.at,
            items: number("queue_items")?,
            looks: number("queue_looks")?,
            fewest: number("queue_fewest")?,
        })
    }
}
