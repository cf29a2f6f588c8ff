//! The time axis: cells of equal width, and ticks at round numbers.

use crate::units::unit;

/// The time from zero to `extent`, cut into cells of equal width. All times are nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The axis's length in nanoseconds; at least 1 for each cell.
    pub extent: u64,
    /// The number of cells, at least 1.
    pub cells: usize,
}

/// A moment on the axis that has a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The moment, in nanoseconds from the start of the axis.
    pub at: u64,
    /// Index of the cell that holds the moment; the number of cells for the end of the axis.
    pub cell: usize,
    /// The moment in the unit of the axis, without the unit. All labels of an axis have the same number of decimals.
    pub label: String,
}

impl Axis {
    /// Makes an axis of `extent` nanoseconds in `cells` cells. There is at least 1 cell, and an extent of less than one
    /// nanosecond for each cell is raised to that.
    pub fn new(extent: u64, cells: usize) -> Self {
        let cells = cells.max(1);
        Axis { extent: extent.max(cells as u64), cells }
    }

    /// Returns the moment at which the cell with this index begins, in nanoseconds.
    pub fn start(&self, cell: usize) -> u64 {
        (u128::from(self.extent) * cell as u128 / self.cells as u128) as u64
    }

    /// Returns the width of the cell with this index, in nanoseconds. Widths differ by at most one nanosecond.
    pub fn width(&self, cell: usize) -> u64 {
        self.start(cell + 1) - self.start(cell)
    }

    /// Returns the index of the cell that holds the moment `at`; that of the last cell for moments beyond the axis.
    pub fn cell_at(&self, at: u64) -> usize {
        // It is the last cell that begins before the nanosecond after `at`.
        let before = (u128::from(at) + 1) * self.cells as u128;
        let cell = before.div_ceil(u128::from(self.extent)) - 1;
        cell.min(self.cells as u128 - 1) as usize
    }

    /// Returns the index of each cell that `start..end` touches, with the nanoseconds that lie in that cell. What lies
    /// beyond the axis is cut off.
    pub fn split(&self, start: u64, end: u64) -> impl Iterator<Item = (usize, u64)> {
        let axis = *self;
        let end = end.min(axis.extent);
        let range = if start < end { axis.cell_at(start)..axis.cell_at(end - 1) + 1 } else { 0..0 };
        range.map(move |cell| (cell, axis.start(cell + 1).min(end) - axis.start(cell).max(start)))
    }

    /// Returns the index of the first cell whose middle is not before `at`; the number of cells if there is none.
    pub(crate) fn first_middle_from(&self, at: u64) -> usize {
        let middle = |cell: usize| self.start(cell) + self.width(cell) / 2;
        let cell = self.cell_at(at);
        if at <= middle(cell) { cell } else { cell + 1 }
    }

    /// Returns ticks at multiples of 1, 2 or 5 times a power of ten nanoseconds, at least `apart` cells from each other,
    /// and the unit of their labels.
    pub fn ticks(&self, apart: usize) -> (Vec<Tick>, &'static str) {
        let step = self.step(apart.max(1));
        let (unit, unit_nanos) = unit(self.extent);
        let digits = decimals(step, unit_nanos);
        let tick = |at: u64| {
            let cell = if at == self.extent { self.cells } else { self.cell_at(at) };
            Tick { at, cell, label: format!("{:.digits$}", at as f64 / unit_nanos as f64) }
        };
        let mut ticks: Vec<Tick> = (0..=self.extent / step).map(|i| tick(i * step)).collect();
        if let Some(zero) = ticks.first_mut() {
            zero.label = "0".to_owned();
        }
        (ticks, unit)
    }

    fn step(&self, apart: usize) -> u64 {
        let least = (u128::from(self.extent) * apart as u128).div_ceil(self.cells as u128);
        let powers = std::iter::successors(Some(1u64), |power| power.checked_mul(10));
        let steps = powers.flat_map(|power| [1, 2, 5].map(|digit| power.saturating_mul(digit)));
        steps.into_iter().find(|step| u128::from(*step) >= least).unwrap_or(u64::MAX)
    }
}

/// Returns how many decimals multiples of `step` nanoseconds need in a unit of `unit` nanoseconds.
fn decimals(step: u64, unit: u64) -> usize {
    let mut digits = 0;
    let mut unit = unit;
    while unit > 1 && !step.is_multiple_of(unit) {
        unit /= 10;
        digits += 1;
    }
    digits
}
