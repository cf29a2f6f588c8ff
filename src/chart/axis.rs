//! The time axis: cells of equal width, and ticks at round numbers.

use super::Window;
use crate::trace::Nanos;
use crate::units::unit;

/// A part of the time of scenes, from their start, cut into cells of equal width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The moment when it begins.
    pub from: Nanos,
    /// The axis's length: at least one nanosecond for each cell.
    pub extent: Nanos,
    /// The number of cells, at least 1.
    pub cells: usize,
}

/// A moment on the axis that has a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The moment.
    pub at: Nanos,
    /// Index of the cell that holds the moment; the number of cells for the end of the axis.
    pub cell: usize,
    /// The moment in the unit of the axis, without the unit. All labels of an axis have the same number of decimals.
    pub label: String,
}

impl Axis {
    /// Makes an axis of length `extent` from the start of the scenes, in `cells` cells. There is at least 1 cell, and an
    /// extent of less than one nanosecond for each cell is raised to that.
    pub fn new(extent: Nanos, cells: usize) -> Self {
        Self::within(Window { from: Nanos::ZERO, to: extent }, cells)
    }

    /// Makes an axis of a part of the time, in `cells` cells; like [`Axis::new`] otherwise.
    pub fn within(window: Window, cells: usize) -> Self {
        let cells = cells.max(1);
        Axis { from: window.from, extent: (window.to - window.from).max(Nanos(cells as u64)), cells }
    }

    /// Returns the moment when the axis ends.
    pub fn end(&self) -> Nanos {
        self.from + self.extent
    }

    /// Returns the moment at which the cell with this index begins.
    pub fn start(&self, cell: usize) -> Nanos {
        self.from + self.offset(cell)
    }

    /// Returns the time from the start of the axis to that of the cell with this index.
    fn offset(&self, cell: usize) -> Nanos {
        let (offset, _) = divide_product(self.extent.0, cell as u64, self.cells as u64);
        Nanos(offset)
    }

    /// Returns the width of the cell with this index. Widths differ by at most one nanosecond.
    pub fn width(&self, cell: usize) -> Nanos {
        self.offset(cell + 1) - self.offset(cell)
    }

    /// Returns the index of the cell that holds the moment `at`; that of the first or the last cell for moments before or
    /// beyond the axis.
    pub fn cell_at(&self, at: Nanos) -> usize {
        let at = at - self.from;
        // It is the last cell that begins before the nanosecond after `at`.
        let (cells, rest) = divide_product(at.0.saturating_add(1), self.cells as u64, self.extent.0);
        let cell = if rest { cells } else { cells - 1 };
        cell.min(self.cells as u64 - 1) as usize
    }

    /// Returns the index of each cell that `start..end` touches, with the time that lies in that cell. What lies
    /// beyond the axis is cut off.
    pub fn split(&self, start: Nanos, end: Nanos) -> impl Iterator<Item = (usize, Nanos)> {
        let axis = *self;
        let start = start.max(axis.from);
        let end = end.min(axis.end());
        let range = if start < end { axis.cell_at(start)..axis.cell_at(end - Nanos(1)) + 1 } else { 0..0 };
        range.map(move |cell| (cell, axis.start(cell + 1).min(end) - axis.start(cell).max(start)))
    }

    /// Returns the moments in the middle of each cell.
    pub(crate) fn middles(&self) -> Vec<Nanos> {
        (0..self.cells).map(|cell| self.start(cell) + self.width(cell) / 2).collect()
    }

    /// Returns ticks at multiples of 1, 2 or 5 times a power of ten nanoseconds, at least `apart` cells from each other,
    /// and the unit of their labels.
    pub fn ticks(&self, apart: usize) -> (Vec<Tick>, &'static str) {
        let step = self.step(apart.max(1));
        let (unit, whole) = unit(self.end());
        let digits = decimals(step, whole);
        let tick = |at: Nanos| {
            let cell = if at == self.end() { self.cells } else { self.cell_at(at) };
            Tick { at, cell, label: format!("{:.digits$}", at.ratio(whole)) }
        };
        let mut ticks: Vec<Tick> =
            (self.from.0.div_ceil(step.0)..=self.end().0 / step.0).map(|i| tick(i * step)).collect();
        if let Some(zero) = ticks.first_mut().filter(|tick| tick.at == Nanos::ZERO) {
            zero.label = "0".to_owned();
        }
        (ticks, unit)
    }

    fn step(&self, apart: usize) -> Nanos {
        let least = (u128::from(self.extent.0) * apart as u128).div_ceil(self.cells as u128);
        let powers = std::iter::successors(Some(1u64), |power| power.checked_mul(10));
        let steps = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
        let step = steps.into_iter().find(|step| u128::from(*step) >= least);
        step.map_or(Nanos::MAX, Nanos)
    }
}

/// Divides the product of `a` and `b`. Returns the whole part, at most the largest number, and whether there is a rest.
fn divide_product(a: u64, b: u64, divisor: u64) -> (u64, bool) {
    if let Some(product) = a.checked_mul(b) {
        return (product / divisor, product % divisor != 0);
    }
    // Divisions of this width take several times as long.
    let (product, divisor) = (u128::from(a) * u128::from(b), u128::from(divisor));
    (u64::try_from(product / divisor).unwrap_or(u64::MAX), product % divisor != 0)
}

/// Returns how many decimals multiples of `step` need in a unit of length `unit`.
fn decimals(step: Nanos, unit: Nanos) -> usize {
    let mut digits = 0;
    let mut unit = unit.0;
    while unit > 1 && !step.0.is_multiple_of(unit) {
        unit /= 10;
        digits += 1;
    }
    digits
}
