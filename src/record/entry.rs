//! The entries of a log, and how they are packed into its bytes.
//!
//! An entry is one byte of kind and lane step, then variable-length numbers: ticks since the thread's last entry,
//! lengths, text. Entries of a thread come in the order of time and mostly about lanes close to the last one, so a poll
//! takes four to six bytes. Nothing here knows what the numbers mean; [`Encoder`] and [`Decoder`] mirror each other.

mod decode;
#[cfg(test)]
mod tests;

pub(super) use self::decode::Decoder;

use std::borrow::Cow;

/// What one thread did at one moment. `ticks` are those of the recorder's clock.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry<'a> {
    /// A lane came to be, inside the poll of `parent`.
    Created { lane: u32, parent: Option<u32>, kind: u8, name: Cow<'a, str> },
    /// An executor is about to poll a lane for the first time, with no other poll around it.
    Spawned { lane: u32 },
    /// A poll ended now; it took `ticks`.
    Polled { lane: u32, ticks: u64, ready: bool },
    /// How the thread spent the poll that ends now.
    Used { lane: u32, usage: UsageEntry },
    /// A poll ended now, by a panic.
    Panicked { lane: u32, ticks: u64, message: Cow<'a, str> },
    /// A lane's waker fired.
    Woken { lane: u32 },
    /// A lane ended without a last poll: it was dropped, or its span was closed.
    Ended { lane: u32, how: LaneEnd },
    /// Code said something while `lane` ran.
    Marked { lane: Option<u32>, site: usize, text: Cow<'a, str>, fields: Vec<FieldEntry<'a>> },
}

/// How a lane ended outside of a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum LaneEnd {
    /// Its future was dropped.
    Dropped = 0,
    /// Its span was closed.
    Closed = 1,
    /// Its span was closed after several slices, of which the last may be no poll: see `Reader`.
    ClosedAfterSeveral = 2,
    /// The same, and if the last slice is no poll, then it dropped a future that was not done: see `span.rs`.
    ClosedUnfinished = 4,
}

/// How a thread spent a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UsageEntry {
    /// The length of the poll.
    pub(super) ticks: u64,
    /// For how long the thread computed, in nanoseconds.
    pub(super) computed: u64,
    /// For how long it waited for a core, in nanoseconds.
    pub(super) preempted: u64,
}

/// A typed field of a mark: its position among the fields of its site, and its value.
pub(super) type FieldEntry<'a> = (usize, Value<'a>);

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'a, str>),
}

const PENDING: u8 = 0;
const READY: u8 = 1;
const WOKEN: u8 = 2;
const CREATED: u8 = 3;
const SPAWNED: u8 = 4;
const ENDED: u8 = 5;
const MARKED: u8 = 6;
const PANICKED: u8 = 7;

const KIND_BITS: u32 = 3;
/// After an entry of the kind [`ENDED`] comes how it ended, as a [`LaneEnd`], or this: it is no end, but a [`UsageEntry`].
/// There is no room for a ninth kind.
const USED: u8 = 3;
/// The most bytes of an entry without text: kind and lane step, the step if it is far, two numbers, a byte.
pub(super) const SHORT: usize = 1 + 5 + 10 + 10 + 1;

/// Lane steps below this share the first byte with the kind; this one says that the step follows.
const FAR: u64 = 31;

/// A lane that is about to be created.
pub(super) struct NewLane<'a> {
    pub(super) lane: u32,
    pub(super) parent: Option<u32>,
    pub(super) kind: u8,
    pub(super) name: &'a str,
}

/// What code says: the text for people, and the typed fields.
#[derive(Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) fields: Vec<FieldEntry<'a>>,
}

impl Said<'_> {
    /// Returns how many bytes its packed form takes at most, beside those of an entry without text.
    pub(super) fn len(&self) -> usize {
        let value = |value: &Value<'_>| if let Value::Text(text) = value { text.len() } else { 0 };
        let fields: usize = self.fields.iter().map(|(_, field)| 3 * SHORT + value(field)).sum();
        self.text.len() + SHORT + fields
    }
}

/// Packs one thread's entries. Remembers the last moment and lane, since an entry holds only the difference.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    last_at: u64,
    last_lane: u32,
    /// How many lanes were dropped before they were done.
    dropped: u64,
}

/// Takes the bytes of an entry, in order.
pub(super) trait Sink {
    /// Takes one byte.
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

    /// Takes a number or its absence.
    fn optional(&mut self, number: Option<u32>) {
        self.number(number.map_or(0, |number| u64::from(number) + 1));
    }

    /// Takes text.
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        text.bytes().for_each(|byte| self.byte(byte));
    }

    /// Takes the value of a field.
    fn value(&mut self, value: &Value<'_>) {
        match value {
            Value::Bool(value) => {
                self.byte(0);
                self.byte(u8::from(*value));
            }
            Value::Unsigned(value) => {
                self.byte(1);
                self.number(*value);
            }
            Value::Signed(value) => {
                self.byte(2);
                self.number(zigzag(*value));
            }
            Value::Float(value) => {
                self.byte(3);
                self.number(value.to_bits());
            }
            Value::Text(text) => {
                self.byte(4);
                self.text(text);
            }
        }
    }
}

impl Sink for &mut Vec<u8> {
    fn byte(&mut self, byte: u8) {
        self.push(byte);
    }
}

impl Encoder {
    /// Packs a poll that ended at `at`, in at most [`SHORT`] bytes.
    #[inline]
    pub(super) fn polled(&mut self, at: u64, lane: u32, ticks: u64, ready: bool, mut out: impl Sink) {
        self.head(&mut out, if ready { READY } else { PENDING }, at, lane);
        out.number(ticks);
    }

    /// Packs a wake at `at`, in at most [`SHORT`] bytes.
    #[inline]
    pub(super) fn woken(&mut self, at: u64, lane: u32, mut out: impl Sink) {
        self.head(&mut out, WOKEN, at, lane);
    }

    /// Packs that an executor polls a lane for the first time at `at`, in at most [`SHORT`] bytes.
    pub(super) fn spawned(&mut self, at: u64, lane: u32, mut out: impl Sink) {
        self.head(&mut out, SPAWNED, at, lane);
    }

    /// Packs a lane's end outside of a poll, in at most [`SHORT`] bytes.
    pub(super) fn ended(&mut self, at: u64, lane: u32, how: LaneEnd, mut out: impl Sink) {
        self.head(&mut out, ENDED, at, lane);
        out.byte(how as u8);
        self.dropped += u64::from(matches!(how, LaneEnd::Dropped | LaneEnd::ClosedUnfinished));
    }

    /// Returns how many lanes were dropped so far before they were done.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Packs how the thread spent a poll that ends at `at`, in at most two times [`SHORT`] bytes.
    pub(super) fn used(&mut self, at: u64, lane: u32, usage: UsageEntry, mut out: impl Sink) {
        self.head(&mut out, ENDED, at, lane);
        out.byte(USED);
        out.number(usage.ticks);
        out.number(usage.computed);
        out.number(usage.preempted);
    }

    /// Packs a new lane.
    pub(super) fn created(&mut self, at: u64, lane: &NewLane<'_>, mut out: impl Sink) {
        self.head(&mut out, CREATED, at, lane.lane);
        out.byte(lane.kind);
        out.optional(lane.parent);
        out.text(lane.name);
    }

    /// Packs a poll that ended at `at` by a panic.
    pub(super) fn panicked(&mut self, at: u64, lane: u32, ticks: u64, message: &str, mut out: impl Sink) {
        self.head(&mut out, PANICKED, at, lane);
        out.number(ticks);
        out.text(message);
    }

    /// Packs what code said at `site` while `lane` ran.
    pub(super) fn marked(&mut self, at: u64, lane: Option<u32>, site: usize, said: &Said<'_>, mut out: impl Sink) {
        self.head(&mut out, MARKED, at, self.last_lane);
        out.optional(lane);
        out.number(site as u64);
        out.text(&said.text);
        out.number(said.fields.len() as u64);
        for (position, value) in &said.fields {
            out.number(*position as u64);
            out.value(value);
        }
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
