//! The time axis: slices of time of equal width, and ticks at round numbers.

use crate::units::unit;

/// A stretch of time from zero, cut into equal cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Its length in nanoseconds; at least 1 for each cell.
    pub extent: u64,
    /// How many cells.
    pub cells: usize,
}

/// A moment worth a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// The moment, in nanoseconds.
    pub at: u64,
    /// The cell that holds it, or the number of cells at the axis's end.
    pub cell: usize,
    /// The moment in the axis's unit, as short as all labels allow.
    pub label: String,
}

impl Axis {
    /// An axis for `extent` nanoseconds, or one for each cell if that is more, in `cells` cells, at least 1.
    pub fn new(extent: u64, cells: usize) -> Self {
        let cells = cells.max(1);
        Axis { extent: extent.max(cells as u64), cells }
    }

    /// Where cell number `cell` begins.
    pub fn start(&self, cell: usize) -> u64 {
        (u128::from(self.extent) * cell as u128 / self.cells as u128) as u64
    }

    /// How long cell number `cell` is.
    pub fn width(&self, cell: usize) -> u64 {
        self.start(cell + 1) - self.start(cell)
    }

    /// The cell that holds moment `at`; what lies beyond the axis is in the last one.
    pub fn cell_at(&self, at: u64) -> usize {
        // The last one that begins before the next nanosecond does.
        let before = (u128::from(at) + 1) * self.cells as u128;
        let cell = before.div_ceil(u128::from(self.extent)) - 1;
        cell.min(self.cells as u128 - 1) as usize
    }

    /// The cells that `start..end` touches, each with the time it has in them. What lies beyond the axis is cut.
    pub fn split(&self, start: u64, end: u64) -> impl Iterator<Item = (usize, u64)> {
        let axis = *self;
        let end = end.min(axis.extent);
        let range = if start < end { axis.cell_at(start)..axis.cell_at(end - 1) + 1 } else { 0..0 };
        range.map(move |cell| (cell, axis.start(cell + 1).min(end) - axis.start(cell).max(start)))
    }

    /// The first cell whose middle is not before `at`; the number of cells if there is none.
    pub(crate) fn first_middle_from(&self, at: u64) -> usize {
        let middle = |cell: usize| self.start(cell) + self.width(cell) / 2;
        let cell = self.cell_at(at);
        if at <= middle(cell) { cell } else { cell + 1 }
    }

    /// Ticks at multiples of 1, 2 or 5 times a power of ten, at least `apart` cells from each other; and the unit
    /// of their labels.
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

/// How many decimals multiples of `step` need, in a unit of `unit` nanoseconds.
fn decimals(step: u64, unit: u64) -> usize {
    let mut digits = 0;
    let mut unit = unit;
    while unit > 1 && !step.is_multiple_of(unit) {
        unit /= 10;
        digits += 1;
    }
    digits
}
