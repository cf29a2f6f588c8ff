//! The axis: cells that fill it without gaps, and ticks at round numbers that say what they mean.

use asyncguide::chart::{Axis, Tick};
use asyncguide::trace::Nanos;
use proptest::prelude::*;

/// Any length, from none to three centuries; short ones as often as long ones.
fn extent() -> impl Strategy<Value = u64> {
    (0..64u32, any::<u64>()).prop_map(|(bits, number)| (number >> 1) >> bits)
}

fn axis() -> impl Strategy<Value = Axis> {
    (extent(), 0..300usize).prop_map(|(extent, cells)| Axis::new(Nanos(extent), cells))
}

/// A moment on the axis or somewhat beyond it.
fn moment(axis: Axis) -> impl Strategy<Value = Nanos> {
    let (extent, last) = (axis.extent.0, axis.cells);
    let edges = (0..=last, -1..2i64).prop_map(move |(cell, by)| axis.start(cell).0.saturating_add_signed(by));
    prop_oneof![0..=extent, edges, extent..=extent.saturating_mul(2), Just(u64::MAX)].prop_map(Nanos)
}

fn axis_and_moments() -> impl Strategy<Value = (Axis, Nanos, Nanos)> {
    axis().prop_flat_map(|axis| (Just(axis), moment(axis), moment(axis)))
}

/// The moment that a label names, to the digit.
fn read(label: &str, unit: u64) -> u64 {
    let (whole, part) = label.split_once('.').unwrap_or((label, ""));
    let whole: u64 = whole.parse().expect("a number");
    let part_nanos = |part: &str| part.parse::<u64>().expect("digits") * unit / 10u64.pow(part.len() as u32);
    whole * unit + if part.is_empty() { 0 } else { part_nanos(part) }
}

/// Whether `number` is 1, 2 or 5 times a power of ten.
fn is_round(number: u64) -> bool {
    let mut digit = number;
    while digit.is_multiple_of(10) {
        digit /= 10;
    }
    [1, 2, 5].contains(&digit)
}

proptest! {
    #[test]
    fn cells_fill_the_axis_and_are_of_the_same_width(axis in axis()) {
        prop_assert!(axis.cells >= 1 && axis.extent.0 >= axis.cells as u64);
        prop_assert_eq!((axis.start(0), axis.start(axis.cells)), (Nanos::ZERO, axis.extent));
        let widths: Vec<u64> = (0..axis.cells).map(|cell| axis.width(cell).0).collect();
        prop_assert_eq!(widths.iter().sum::<u64>(), axis.extent.0);
        let (least, most) = (widths.iter().min(), widths.iter().max());
        prop_assert!(most.expect("a cell") - least.expect("a cell") <= 1 && *least.expect("a cell") >= 1);
        for cell in 0..axis.cells {
            prop_assert_eq!(axis.start(cell) + axis.width(cell), axis.start(cell + 1));
        }
    }

    #[test]
    fn a_moment_is_in_the_cell_that_begins_before_it_and_ends_after_it((axis, at, _) in axis_and_moments()) {
        let cell = axis.cell_at(at);
        if at < axis.extent {
            prop_assert!(axis.start(cell) <= at && at < axis.start(cell + 1));
        } else {
            prop_assert_eq!(cell, axis.cells - 1);
        }
    }

    #[test]
    fn a_stretch_is_split_into_what_it_has_in_each_cell((axis, start, end) in axis_and_moments()) {
        let parts: Vec<(usize, Nanos)> = axis.split(start, end).collect();
        let in_cell = |cell: usize| end.min(axis.start(cell + 1)) - start.max(axis.start(cell));
        let expected: Vec<(usize, Nanos)> =
            (0..axis.cells).map(|cell| (cell, in_cell(cell))).filter(|(_, time)| *time > Nanos::ZERO).collect();
        prop_assert_eq!(parts, expected);
    }

    #[test]
    fn ticks_are_round_apart_and_within((axis, apart) in (axis(), 0..50usize)) {
        let (ticks, _) = axis.ticks(apart);
        prop_assert_eq!((ticks[0].at, ticks[0].cell), (Nanos::ZERO, 0));
        for tick in &ticks {
            prop_assert!(tick.at <= axis.extent);
            let cell = if tick.at == axis.extent { axis.cells } else { axis.cell_at(tick.at) };
            prop_assert_eq!(tick.cell, cell);
        }
        if let Some(step) = ticks.get(1).map(|tick| tick.at) {
            prop_assert!(is_round(step.0), "{}", step);
            prop_assert!(ticks.iter().zip(0..).all(|(tick, index): (&Tick, u64)| tick.at == index * step));
            prop_assert!(step > axis.extent - ticks[ticks.len() - 1].at, "there is room for another one");
        }
        for pair in ticks.windows(2) {
            prop_assert!(pair[1].cell - pair[0].cell >= apart.max(1));
        }
    }

    #[test]
    fn labels_say_their_moment_to_the_digit_and_no_more((axis, apart) in (axis(), 1..50usize)) {
        let (ticks, unit) = axis.ticks(apart);
        let nanos = match unit {
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "µs" => 1_000,
            _ => 1,
        };
        prop_assert!(unit == "s" || axis.extent.0 < 1_000 * nanos);
        prop_assert!(axis.extent.0 >= nanos);
        prop_assert_eq!(&ticks[0].label, "0");
        let decimals = |label: &str| label.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        for tick in &ticks {
            prop_assert_eq!(Nanos(read(&tick.label, nanos)), tick.at, "{} {}", &tick.label, unit);
            prop_assert!(tick.at == Nanos::ZERO || decimals(&tick.label) == decimals(&ticks[1].label));
        }
        if ticks.len() > 1 {
            let needed = decimals(&ticks[1].label) == 0 || ticks[1..].iter().any(|tick| !tick.label.ends_with('0'));
            prop_assert!(needed, "{:?}", ticks);
        }
    }
}

fn labels(extent: u64, cells: usize, apart: usize) -> String {
    let (ticks, unit) = Axis::new(Nanos(extent), cells).ticks(apart);
    let labels: Vec<String> = ticks.iter().map(|tick| format!("{}@{}", tick.label, tick.cell)).collect();
    format!("{} {unit}", labels.join(" "))
}

#[test]
fn the_ticks_of_some_lengths() {
    assert_eq!(labels(2_000_000_000, 40, 8), "0@0 0.5@10 1.0@20 1.5@30 2.0@40 s");
    assert_eq!(labels(2_002_345_678, 40, 8), "0@0 0.5@9 1.0@19 1.5@29 2.0@39 s");
    assert_eq!(labels(1_000_000, 50, 10), "0@0 0.2@10 0.4@20 0.6@30 0.8@40 1.0@50 ms");
    assert_eq!(labels(60_000_000, 24, 8), "0@0 20@8 40@16 60@24 ms");
    assert_eq!(labels(0, 30, 8), "0@0 10@10 20@20 30@30 ns");
    assert_eq!(labels(86_400_000_000_000, 60, 20), "0@0 50000@34 s");
    // Three centuries, with no room for a second label.
    assert_eq!(labels(9_000_000_000_000_000_000, 3, 7), "0@0 s");
}
