//! What several runs say together, and what they do not.

/// The figures of several runs: the one in the middle, and the ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: u64,
    pub(crate) max: u64,
}

/// What can be said of one way beside another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Difference {
    /// The second one is so many times as fast as the first one.
    Faster(f64),
    /// It is so many times as slow.
    Slower(f64),
    /// Nothing: runs of the same way differ as much.
    None,
    /// Nothing, since there are too few runs to tell.
    TooFew,
}

/// With fewer rounds, chance alone may have put them all in the same order.
const FEWEST: usize = 3;
/// What is closer than this is no difference that anybody would notice.
const LEAST: f64 = 1.02;

/// The median and the ends of `figures`; none if there are none. The median of an even number of them is halfway
/// between the two in the middle.
pub(crate) fn spread(figures: &[u64]) -> Option<Spread> {
    let mut sorted = figures.to_vec();
    sorted.sort_unstable();
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let sorted: Vec<f64> = sorted.into_iter().map(|figure| figure as f64).collect();
    Some(Spread { median: middle(&sorted), min, max })
}

/// The index of the run whose figure is nearest the median.
pub(crate) fn typical(figures: &[u64]) -> Option<usize> {
    let median = spread(figures)?.median;
    let off = |index: &usize| (figures[*index] as f64 - median).abs();
    (0..figures.len()).min_by(|a, b| off(a).total_cmp(&off(b)))
}

/// Compares two ways by their walls, round by round: a difference is one that every round shows, whichever of the two
/// came first in it, and that is worth the name.
pub(crate) fn compare(first: &[u64], second: &[u64]) -> Difference {
    let ratio = |(first, second): (&u64, &u64)| *first as f64 / (*second).max(1) as f64;
    let mut ratios: Vec<f64> = first.iter().zip(second).map(ratio).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    match ratios[..] {
        _ if ratios.len() < FEWEST => Difference::TooFew,
        [least, ..] if least >= LEAST => Difference::Faster(middle(&ratios)),
        [.., most] if most <= 1.0 / LEAST => Difference::Slower(1.0 / middle(&ratios)),
        _ => Difference::None,
    }
}

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
        assert_eq!(compare(&[100, 100, 100], &[50, 40, 25]), Difference::Faster(2.5));
        assert_eq!(compare(&[50, 40, 25], &[100, 100, 100]), Difference::Slower(2.5));
        assert_eq!(compare(&[100, 100, 100], &[50, 101, 25]), Difference::None);
        assert_eq!(compare(&[100, 100, 100], &[99, 99, 99]), Difference::None);
        assert_eq!(compare(&[100, 100], &[50, 50]), Difference::TooFew);
    }
}
