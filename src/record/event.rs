//! What is written down, and how it is packed into a log's bytes.
//!
//! A record is one byte of kind and lane step, then variable-length numbers: ticks since the thread's last record,
//! lengths, text. Stamps on a thread come in the order of time and mostly about lanes close to the last one, so a
//! poll takes four to six bytes. Knows numbers only; [`Encoder`] and [`Decoder`] mirror each other.

use std::borrow::Cow;

/// What happened on one thread at one moment. `ticks` are the recorder's own, converted by its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event<'a> {
    /// A lane came to be, inside the poll of `parent`.
    Created { lane: u32, parent: Option<u32>, kind: u8, name: Cow<'a, str> },
    /// A lane is about to be polled for the first time, with no other poll around it: an executor's doing.
    Started { lane: u32 },
    /// A poll ended now; it took `ticks`.
    Polled { lane: u32, ticks: u64, ready: bool },
    /// A poll ended now, by a panic.
    Panicked { lane: u32, ticks: u64, message: Cow<'a, str> },
    /// A lane's waker fired.
    Woken { lane: u32 },
    /// A lane ended without a last poll: it was dropped, or its span closed.
    Ended { lane: u32, done: bool },
    /// Somebody said something; `lane` is who was running.
    Marked { lane: Option<u32>, site: usize, text: Cow<'a, str> },
}

const PENDING: u8 = 0;
const READY: u8 = 1;
const WOKEN: u8 = 2;
const CREATED: u8 = 3;
const STARTED: u8 = 4;
const ENDED: u8 = 5;
const MARKED: u8 = 6;
const PANICKED: u8 = 7;

const KIND_BITS: u32 = 3;
/// What a record without text takes at most: kind and lane step, the step if it is far, two numbers, a byte.
pub(super) const SHORT: usize = 1 + 5 + 10 + 10 + 1;

/// Lane steps below this share the first byte with the kind; this one says that the step follows.
const FAR: u64 = 31;

/// Packs one thread's events; remembers the last moment and lane, since each record only holds the difference.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    last_at: u64,
    last_lane: u32,
}

/// Takes a record's bytes, in order.
pub(super) trait Sink {
    /// Takes one.
    fn byte(&mut self, byte: u8);

    /// Takes a number, seven bits to a byte.
    #[inline]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// Takes a number or none.
    fn optional(&mut self, number: Option<u32>) {
        self.number(number.map_or(0, |number| u64::from(number) + 1));
    }

    /// Takes text.
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        text.bytes().for_each(|byte| self.byte(byte));
    }
}

impl Sink for &mut Vec<u8> {
    fn byte(&mut self, byte: u8) {
        self.push(byte);
    }
}

impl Encoder {
    /// A poll that ended at `at` and was `ready` or not: at most [`SHORT`] bytes.
    #[inline]
    pub(super) fn polled(&mut self, at: u64, lane: u32, ticks: u64, ready: bool, mut out: impl Sink) {
        self.head(&mut out, if ready { READY } else { PENDING }, at, lane);
        out.number(ticks);
    }

    /// A wake at `at`: at most [`SHORT`] bytes.
    #[inline]
    pub(super) fn woken(&mut self, at: u64, lane: u32, mut out: impl Sink) {
        self.head(&mut out, WOKEN, at, lane);
    }

    /// A lane's first poll by an executor, which begins about now: at most [`SHORT`] bytes. When, the poll will tell.
    pub(super) fn started(&mut self, lane: u32, mut out: impl Sink) {
        self.head(&mut out, STARTED, self.last_at, lane);
    }

    /// A lane's end outside of a poll: at most [`SHORT`] bytes.
    pub(super) fn ended(&mut self, at: u64, lane: u32, done: bool, mut out: impl Sink) {
        self.head(&mut out, ENDED, at, lane);
        out.byte(u8::from(done));
    }

    /// A new lane.
    pub(super) fn created(
        &mut self,
        at: u64,
        lane: u32,
        parent: Option<u32>,
        kind: u8,
        name: &str,
        mut out: impl Sink,
    ) {
        self.head(&mut out, CREATED, at, lane);
        out.byte(kind);
        out.optional(parent);
        out.text(name);
    }

    /// A poll that ended at `at` by a panic.
    pub(super) fn panicked(&mut self, at: u64, lane: u32, ticks: u64, message: &str, mut out: impl Sink) {
        self.head(&mut out, PANICKED, at, lane);
        out.number(ticks);
        out.text(message);
    }

    /// Something that was said while `lane` ran.
    pub(super) fn marked(&mut self, at: u64, lane: Option<u32>, site: usize, said: &str, mut out: impl Sink) {
        self.head(&mut out, MARKED, at, self.last_lane);
        out.optional(lane);
        out.number(site as u64);
        out.text(said);
    }

    #[inline]
    fn head(&mut self, out: &mut impl Sink, kind: u8, at: u64, lane: u32) {
        let step = zigzag(i64::from(lane) - i64::from(self.last_lane));
        out.byte(kind | (step.min(FAR) as u8) << KIND_BITS);
        if step >= FAR {
            out.number(step);
        }
        // Counters of two cores may disagree by a few ticks when a thread moves: time stands still then.
        out.number(at.saturating_sub(self.last_at));
        self.last_at = self.last_at.max(at);
        self.last_lane = lane;
    }
}

#[inline]
fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// Unpacks what an [`Encoder`] packed, in the same order.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    last_at: u64,
    last_lane: u32,
}

impl Decoder {
    /// The next event and its moment; none at the end of `bytes`.
    pub(super) fn decode<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<(u64, Event<'a>)> {
        let first = byte(bytes)?;
        let near = u64::from(first >> KIND_BITS);
        let step = if near == FAR { number(bytes)? } else { near };
        let lane = (i64::from(self.last_lane) + unzigzag(step)) as u32;
        let at = self.last_at + number(bytes)?;
        (self.last_at, self.last_lane) = (at, lane);
        let event = match first & ((1 << KIND_BITS) - 1) {
            PENDING => Event::Polled { lane, ticks: number(bytes)?, ready: false },
            READY => Event::Polled { lane, ticks: number(bytes)?, ready: true },
            WOKEN => Event::Woken { lane },
            CREATED => {
                let kind = byte(bytes)?;
                Event::Created { lane, parent: read_optional(bytes)?, kind, name: read_text(bytes)? }
            }
            STARTED => Event::Started { lane },
            ENDED => Event::Ended { lane, done: byte(bytes)? != 0 },
            MARKED => {
                let lane = read_optional(bytes)?;
                Event::Marked { lane, site: number(bytes)? as usize, text: read_text(bytes)? }
            }
            _ => Event::Panicked { lane, ticks: number(bytes)?, message: read_text(bytes)? },
        };
        Some((at, event))
    }
}

fn byte(bytes: &mut &[u8]) -> Option<u8> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(*first)
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = Event<'static>> {
        let (lane, text) = (any::<u32>, || ".*".prop_map(Cow::from));
        let ticks = || prop_oneof![0..300u64, any::<u64>()];
        prop_oneof![
            (lane(), any::<Option<u32>>(), any::<u8>(), text()).prop_map(|(lane, parent, kind, name)| {
                let parent = parent.map(|parent| parent >> 1);
                Event::Created { lane, parent, kind, name }
            }),
            lane().prop_map(|lane| Event::Started { lane }),
            (lane(), ticks(), any::<bool>()).prop_map(|(lane, ticks, ready)| Event::Polled { lane, ticks, ready }),
            (0..40u32, ticks()).prop_map(|(lane, ticks)| Event::Polled { lane, ticks, ready: false }),
            (lane(), ticks(), text()).prop_map(|(lane, ticks, message)| Event::Panicked { lane, ticks, message }),
            lane().prop_map(|lane| Event::Woken { lane }),
            (lane(), any::<bool>()).prop_map(|(lane, done)| Event::Ended { lane, done }),
            (any::<Option<u32>>(), 0..9usize, text()).prop_map(|(lane, site, text)| Event::Marked { lane, site, text }),
        ]
    }

    fn encode(encoder: &mut Encoder, at: u64, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::Created { lane, parent, kind, name } => encoder.created(at, *lane, *parent, *kind, name, out),
            Event::Started { lane } => encoder.started(*lane, out),
            Event::Polled { lane, ticks, ready } => encoder.polled(at, *lane, *ticks, *ready, out),
            Event::Woken { lane } => encoder.woken(at, *lane, out),
            Event::Panicked { lane, ticks, message } => encoder.panicked(at, *lane, *ticks, message, out),
            Event::Ended { lane, done } => encoder.ended(at, *lane, *done, out),
            Event::Marked { lane, site, text } => encoder.marked(at, *lane, *site, text, out),
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(steps in prop::collection::vec((0..1u64 << 40, event()), 0..50)) {
            let (mut encoder, mut decoder) = (Encoder::default(), Decoder::default());
            let (mut at, mut bytes, mut expected) = (0, Vec::new(), Vec::new());
            for (step, event) in steps {
                // The start of a poll has no moment of its own.
                at += if matches!(event, Event::Started { .. }) { 0 } else { step };
                encode(&mut encoder, at, &event, &mut bytes);
                expected.push((at, event));
            }
            let mut rest = bytes.as_slice();
            let unpacked: Vec<_> = std::iter::from_fn(|| decoder.decode(&mut rest)).collect();
            prop_assert_eq!(unpacked, expected);
        }
    }

    #[test]
    fn time_that_runs_backwards_stands_still() {
        let (mut encoder, mut decoder, mut bytes) = (Encoder::default(), Decoder::default(), Vec::new());
        for at in [100, 90, 110] {
            encoder.woken(at, 1, &mut bytes);
        }
        let mut rest = bytes.as_slice();
        let times: Vec<_> = std::iter::from_fn(|| decoder.decode(&mut rest)).map(|(at, _)| at).collect();
        assert_eq!(times, [100, 100, 110]);
    }

    #[test]
    fn a_poll_among_near_lanes_takes_six_bytes_at_most() {
        let (mut encoder, mut bytes) = (Encoder::default(), Vec::new());
        encoder.polled(1_000, 10, 100, false, &mut bytes);
        let before = bytes.len();
        encoder.polled(1_300, 14, 250, false, &mut bytes);
        assert!(bytes.len() - before <= 6);
    }
}
