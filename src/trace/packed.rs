//! The compact form of many events in one line, for recorders that write thousands of them at once.
//!
//! `docs/events.md` specifies it. It may come from a stranger: nothing is reserved for what its numbers say, and a line
//! is bounded before it gets here.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

use super::ids::{SiteId, TaskId, ThreadId};
use super::{Contradiction, Event, Outcome, Usage};
use crate::nanos::Nanos;

/// The size of a group: four numbers of 64 bits.
const GROUP: usize = 32;

/// How many low bits of a group's first number say what happened. The others are the task's number.
const OPERATION_BITS: u32 = 3;

const POLL: i64 = 0;
const WAKE: i64 = 1;
const STANDS: i64 = 2;
const END: i64 = 3;
const USAGE: i64 = 4;

/// Many events of one thread. Its moments are of the machine's monotonic clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// The monotonic clock at the start of the scene.
    pub zero: Nanos,
    /// The thread that the polls held.
    pub thread: ThreadId,
    /// Little-endian signed numbers of 64 bits, in groups of four, as Base64.
    pub data: String,
}

impl Packed {
    /// Decodes the data.
    ///
    /// # Errors
    /// If it is not Base64, or ends within a group.
    pub(super) fn unpack(&self) -> Result<Unpacked, Contradiction> {
        let bytes = BASE64.decode(self.data.as_bytes());
        let bytes = bytes.map_err(|_| Contradiction::Packed("its data is not Base64"))?;
        if !bytes.len().is_multiple_of(GROUP) {
            return Err(Contradiction::Packed("its data ends within a group of four numbers"));
        }
        Ok(Unpacked { zero: self.zero, thread: self.thread, bytes, read: 0, pending: None })
    }
}

/// The events of a packed line, one after the other.
#[derive(Debug)]
pub(super) struct Unpacked {
    zero: Nanos,
    thread: ThreadId,
    bytes: Vec<u8>,
    /// How many of the bytes are read.
    read: usize,
    /// The second event of the last group, if it has two.
    pending: Option<Event>,
}

impl Unpacked {
    /// Returns the next event; none at the end. Groups of a kind that this version does not know are skipped.
    ///
    /// # Errors
    /// If a group names a task or a site by a number that none can have.
    pub(super) fn next_event(&mut self) -> Result<Option<Event>, Contradiction> {
        if let Some(event) = self.pending.take() {
            return Ok(Some(event));
        }
        while let Some(group) = self.next_group() {
            if let Some(event) = self.event(group)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    fn next_group(&mut self) -> Option<[i64; 4]> {
        let group = self.bytes.get(self.read..self.read + GROUP)?;
        self.read += GROUP;
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().zip(group.chunks_exact(8)) {
            *number = i64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        Some(numbers)
    }

    fn event(&mut self, [first, a, b, c]: [i64; 4]) -> Result<Option<Event>, Contradiction> {
        let operation = first & ((1 << OPERATION_BITS) - 1);
        let task = task(first >> OPERATION_BITS)?;
        let event = match operation {
            POLL => {
                let poll = Event::Poll { task, thread: self.thread, start: self.moment(b), end: self.moment(c) };
                if a == 0 {
                    return Ok(Some(poll));
                }
                self.pending = Some(poll);
                Event::Wake { task, at: self.moment(a), by: None }
            }
            WAKE => Event::Wake { task, at: self.moment(a), by: peer(b)? },
            STANDS => {
                let site = SiteId(u32::try_from(b).map_err(|_| Contradiction::UnknownSite(task))?);
                Event::Stands { task, at: self.moment(a), site, awaits: None, waits_for: peer(c)? }
            }
            END => {
                let outcome = match b {
                    0 => Outcome::Done,
                    1 => Outcome::Cancelled,
                    _ => return Err(Contradiction::Packed("an end is neither done nor cancelled")),
                };
                Event::End { task, at: self.moment(a), outcome, site: None }
            }
            USAGE => {
                let time = |number: i64| Nanos(u64::try_from(number).unwrap_or_default());
                Event::Usage(Usage { task, start: self.moment(a), computed: time(b), preempted: time(c) })
            }
            _ => return Ok(None),
        };
        Ok(Some(event))
    }

    /// Returns a moment of the scene. What was before its start, such as the wake of a task that an earlier scene has
    /// left waiting, counts as its start.
    fn moment(&self, clock: i64) -> Nanos {
        Nanos(u64::try_from(clock).unwrap_or_default().saturating_sub(self.zero.0))
    }
}

fn task(number: i64) -> Result<TaskId, Contradiction> {
    let number = u32::try_from(number);
    number.map(TaskId::new).map_err(|_| Contradiction::Packed("a task's number is out of range"))
}

/// Returns the task that a group names beside its own: its number is one more than the task's, and 0 is none.
fn peer(number: i64) -> Result<Option<TaskId>, Contradiction> {
    if number == 0 { Ok(None) } else { task(number.saturating_sub(1)).map(Some) }
}
