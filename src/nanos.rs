//! Times in nanoseconds. Imports nothing, so that every module can have times; [`trace`](crate::trace) exports them.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Sub};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A whole number of nanoseconds: a moment since the start of a scene, or a duration.
///
/// Arithmetic saturates at 0 and at the largest number, because a recording from a stranger may hold any times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nanos(pub u64);

impl Nanos {
    /// No time at all, and the start of a scene.
    pub const ZERO: Nanos = Nanos(0);
    /// The longest time.
    pub const MAX: Nanos = Nanos(u64::MAX);

    /// Returns this number of microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Nanos(micros.saturating_mul(1_000))
    }

    /// Returns this number of milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Nanos(millis.saturating_mul(1_000_000))
    }

    /// Returns this number of seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Nanos(secs.saturating_mul(1_000_000_000))
    }

    /// Returns the number of nanoseconds as a floating-point number.
    pub const fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// Returns `self ÷ whole`, or 0 if `whole` is 0.
    pub fn ratio(self, whole: Nanos) -> f64 {
        if whole == Nanos::ZERO { 0.0 } else { self.as_f64() / whole.as_f64() }
    }

    /// Returns how far two moments are apart.
    pub const fn abs_diff(self, other: Nanos) -> Nanos {
        Nanos(self.0.abs_diff(other.0))
    }
}

/// Writes the number of nanoseconds, without a unit.
impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl Add for Nanos {
    type Output = Nanos;

    fn add(self, other: Nanos) -> Nanos {
        Nanos(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Nanos {
    fn add_assign(&mut self, other: Nanos) {
        *self = *self + other;
    }
}

impl Sub for Nanos {
    type Output = Nanos;

    fn sub(self, other: Nanos) -> Nanos {
        Nanos(self.0.saturating_sub(other.0))
    }
}

impl Mul<u64> for Nanos {
    type Output = Nanos;

    fn mul(self, factor: u64) -> Nanos {
        Nanos(self.0.saturating_mul(factor))
    }
}

impl Mul<Nanos> for u64 {
    type Output = Nanos;

    fn mul(self, time: Nanos) -> Nanos {
        time * self
    }
}

impl Div<u64> for Nanos {
    type Output = Nanos;

    /// Divides the time. Dividing by 0 gives the longest time.
    fn div(self, divisor: u64) -> Nanos {
        self.0.checked_div(divisor).map_or(Nanos::MAX, Nanos)
    }
}

impl Sum for Nanos {
    fn sum<I: Iterator<Item = Nanos>>(times: I) -> Nanos {
        times.fold(Nanos::ZERO, Add::add)
    }
}

impl From<Duration> for Nanos {
    fn from(duration: Duration) -> Self {
        Nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Nanos> for Duration {
    fn from(time: Nanos) -> Self {
        Duration::from_nanos(time.0)
    }
}
