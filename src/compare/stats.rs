//! What can be concluded from several runs: their spread, and whether one way is faster than another.

/// The median, the least and the most of a figure over several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// With an even number of runs, halfway between the two in the middle.
    pub(crate) median: f64,
    pub(crate) min: u64,
    pub(crate) max: u64,
}

/// The verdict on a second way beside a first one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Difference {
    /// The second way is this many times as fast as the first one, by the median of the rounds.
    Faster(f64),
    /// The second way is this many times as slow as the first one, by the median of the rounds.
    Slower(f64),
    /// There is no measurable difference: at least one round does not show it.
    NotMeasurable,
    /// There are fewer than three rounds, too few to tell a difference from chance.
    TooFew,
}

/// With fewer rounds, chance alone may have put them all in the same order.
const MIN_ROUNDS: usize = 3;
/// A smaller ratio between two walls is too small to matter.
const MIN_RATIO: f64 = 1.02;

/// Returns the spread of `figures`; none if there are none.
pub(crate) fn spread(figures: &[u64]) -> Option<Spread> {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    let min = *sorted.first()?;
    let max = *sorted.last()?;
    let sorted: Vec<f64> = sorted.into_iter().map(|figure| figure as f64).collect();
    Some(Spread { median: middle(&sorted), min, max })
}

/// Returns the index of the run whose figure is nearest the median; none if there are no runs.
pub(crate) fn typical(figures: &[u64]) -> Option<usize> {
    let median = spread(figures)?.median;
    let distance = |index: &usize| (figures[*index] as f64 - median).abs();
    (0..figures.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// Compares the walls of two ways round by round. There is a difference only if every round shows one of at least 2 %.
///
/// `first` and `second` hold the walls in the order of the rounds; rounds that only one of them has are ignored.
pub(crate) fn compare_walls(first: &[u64], second: &[u64]) -> Difference {
    let ratio = |(first, second): (&u64, &u64)| *first as f64 / (*second).max(1) as f64;
    let mut ratios: Vec<f64> = first.iter().zip(second).map(ratio).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    match ratios[..] {
        _ if ratios.len() < MIN_ROUNDS => Difference::TooFew,
        [least, ..] if least >= MIN_RATIO => Difference::Faster(middle(&ratios)),
        [.., most] if most <= 1.0 / MIN_RATIO => Difference::Slower(1.0 / middle(&ratios)),
        _ => Difference::NotMeasurable,
    }
}

/// Returns the median of sorted figures; 0 if there are none.
fn middle(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        even if even % 2 == 0 => (sorted[half - 1] + sorted[half]) / 2.0,
        _ => sorted[half],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ends_are_those_of_a_textbook() {
        let known: [(&[u64], f64, u64, u64); 5] = [
            (&[7], 7.0, 7, 7),
            (&[1, 2], 1.5, 1, 2),
            (&[3, 1, 2], 2.0, 1, 3),
            (&[4, 1, 3, 2], 2.5, 1, 4),
            (&[2, 9, 2, 5, 5, 11], 5.0, 2, 11),
        ];
        for (figures, median, min, max) in known {
            assert_eq!(spread(figures), Some(Spread { median, min, max }));
        }
        assert_eq!(spread(&[]), None);
        assert_eq!((typical(&[30, 10, 21]), typical(&[])), (Some(2), None));
    }

    #[test]
    fn a_difference_is_one_that_every_round_shows() {
        assert_eq!(compare_walls(&[100, 100, 100], &[50, 40, 25]), Difference::Faster(2.5));
        assert_eq!(compare_walls(&[50, 40, 25], &[100, 100, 100]), Difference::Slower(2.5));
        assert_eq!(compare_walls(&[100, 100, 100], &[50, 101, 25]), Difference::NotMeasurable);
        assert_eq!(compare_walls(&[100, 100, 100], &[99, 99, 99]), Difference::NotMeasurable);
        assert_eq!(compare_walls(&[100, 100], &[50, 50]), Difference::TooFew);
    }
}
