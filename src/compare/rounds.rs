//! The order of runs: rounds of all ways, every other round backwards, so that a drifting machine favours none.
//!
//! As a machine gets warmer or another program starts, later runs get slower. If all runs of one way came before those
//! of the next, that drift would look like a difference between the ways. In rounds, every way runs early and late, and
//! the way that comes first in one round comes last in the next. Knows nothing of what is run.

/// Returns the order of runs, round by round. Each round holds every index below `ways` once.
pub(crate) fn rounds(ways: usize, runs: usize) -> Vec<Vec<usize>> {
    let forth: Vec<usize> = (0..ways).collect();
    let back: Vec<usize> = forth.iter().rev().copied().collect();
    [forth, back].into_iter().cycle().take(runs).collect()
}

#[cfg(test)]
mod tests {
    use super::super::stats::{Difference, compare_walls};
    use super::*;

    /// Simulates runs on a machine that drifts: each run takes as long as its way does, and `drift` longer for each run
    /// before it.
    fn walls(ways: &[u64], order: &[Vec<usize>], drift: u64) -> Vec<Vec<u64>> {
        let mut walls = vec![Vec::new(); ways.len()];
        for (before, way) in order.iter().flatten().enumerate() {
            walls[*way].push(ways[*way] + drift * before as u64);
        }
        walls
    }

    /// Returns the verdict on way `a` beside way `b`, once with `a` first in the first round and once with `b` first.
    fn verdicts(a: u64, b: u64, drift: u64, runs: usize) -> [Difference; 2] {
        let order = rounds(2, runs);
        let forth = walls(&[a, b], &order, drift);
        let back = walls(&[b, a], &order, drift);
        [compare_walls(&forth[0], &forth[1]), compare_walls(&back[1], &back[0])]
    }

    #[test]
    fn every_way_is_run_once_a_round_and_every_other_round_backwards() {
        assert_eq!(rounds(3, 3), [[0, 1, 2], [2, 1, 0], [0, 1, 2]]);
    }

    #[test]
    fn a_machine_that_drifts_favours_neither_the_first_nor_the_last() {
        for drift in [0, 10, 50, 200] {
            for runs in [3, 4, 5, 10] {
                assert_eq!(
                    verdicts(1000, 1000, drift, runs),
                    [Difference::NotMeasurable; 2],
                    "drift {drift}, {runs} runs"
                );
                for verdict in verdicts(3000, 1000, drift, runs) {
                    assert!(matches!(verdict, Difference::Faster(times) if times > 1.5), "drift {drift}: {verdict:?}");
                }
            }
        }
    }

    #[test]
    fn one_way_after_the_other_would_have_been_wrong() {
        // Shows that the drift in the test above is large enough to mislead without rounds.
        let order = vec![vec![0; 5], vec![1; 5]];
        let walls = walls(&[1000, 1000], &order, 50);
        assert_ne!(compare_walls(&walls[0], &walls[1]), Difference::NotMeasurable);
    }
}
