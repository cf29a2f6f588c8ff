//! Unpacks entries: the mirror of [`Encoder`](super::Encoder).

use std::borrow::Cow;

use super::{
    CREATED, ENDED, Entry, FAR, KIND_BITS, LaneEnd, MARKED, PENDING, READY, SPAWNED, USED, UsageEntry, Value, WOKEN,
};

/// Unpacks the entries that an [`Encoder`](super::Encoder) packed, in the same order.
#[derive(Debug, Default)]
pub(in crate::record) struct Decoder {
    last_at: u64,
    last_lane: u32,
}

impl Decoder {
    /// Unpacks the next entry and its moment in ticks; none at the end of `bytes`.
    // Inlined, an entry goes from the bytes into an event without being put together in between.
    #[inline(always)]
    pub(in crate::record) fn decode<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<(u64, Entry<'a>)> {
        let first = byte(bytes)?;
        let near = u64::from(first >> KIND_BITS);
        let step = if near == FAR { number(bytes)? } else { near };
        let lane = (i64::from(self.last_lane) + unzigzag(step)) as u32;
        let at = self.last_at + number(bytes)?;
        (self.last_at, self.last_lane) = (at, lane);
        let entry = match first & ((1 << KIND_BITS) - 1) {
            PENDING => Entry::Polled { lane, ticks: number(bytes)?, ready: false },
            READY => Entry::Polled { lane, ticks: number(bytes)?, ready: true },
            WOKEN => Entry::Woken { lane },
            SPAWNED => Entry::Spawned { lane },
            kind => decode_rare(kind, lane, bytes)?,
        };
        Some((at, entry))
    }
}

/// Unpacks the rest of an entry of a kind that a lane has once or seldom. The loop over polls and wakes stays small.
#[inline(never)]
fn decode_rare<'a>(kind: u8, lane: u32, bytes: &mut &'a [u8]) -> Option<Entry<'a>> {
    let entry = match kind {
        CREATED => {
            let kind = byte(bytes)?;
            Entry::Created { lane, parent: read_optional(bytes)?, kind, name: read_text(bytes)? }
        }
        ENDED => {
            let how = match byte(bytes)? {
                0 => LaneEnd::Dropped,
                1 => LaneEnd::Closed,
                4 => LaneEnd::ClosedUnfinished,
                USED => {
                    let usage =
                        UsageEntry { ticks: number(bytes)?, computed: number(bytes)?, preempted: number(bytes)? };
                    return Some(Entry::Used { lane, usage });
                }
                _ => LaneEnd::ClosedAfterSeveral,
            };
            Entry::Ended { lane, how }
        }
        MARKED => {
            let lane = read_optional(bytes)?;
            let site = number(bytes)? as usize;
            let text = read_text(bytes)?;
            let count = number(bytes)?;
            let mut fields = Vec::new();
            for _ in 0..count {
                let position = number(bytes)? as usize;
                fields.push((position, read_value(bytes)?));
            }
            Entry::Marked { lane, site, text, fields }
        }
        _ => Entry::Panicked { lane, ticks: number(bytes)?, message: read_text(bytes)? },
    };
    Some(entry)
}

#[inline]
fn byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

#[inline]
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let next = byte(bytes)?;
        number |= u64::from(next & 0x7f) << shift;
        if next < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

fn read_optional(bytes: &mut &[u8]) -> Option<Option<u32>> {
    Some(number(bytes)?.checked_sub(1).map(|number| number as u32))
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Option<Cow<'a, str>> {
    let len = number(bytes)? as usize;
    let (text, rest) = bytes.split_at_checked(len)?;
    *bytes = rest;
    Some(String::from_utf8_lossy(text))
}

fn read_value<'a>(bytes: &mut &'a [u8]) -> Option<Value<'a>> {
    Some(match byte(bytes)? {
        0 => Value::Bool(byte(bytes)? != 0),
        1 => Value::Unsigned(number(bytes)?),
        2 => Value::Signed(unzigzag(number(bytes)?)),
        3 => Value::Float(f64::from_bits(number(bytes)?)),
        _ => Value::Text(read_text(bytes)?),
    })
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
