//! In which order ways are run: in rounds of all of them, there and back, so that a machine that drifts favours none.
//!
//! A machine gets warmer, a neighbour wakes up: what runs later runs slower, for no fault of its own. Were all runs of
//! one way made before those of the next, that would look like a difference. In rounds, each way meets each moment;
//! and since every other round goes backwards, whoever came first in one comes last in the next. Knows nothing of
//! what is run.

/// The order of `runs` rounds of `ways` ways: the indices of the ways, each in every round, every other round backwards.
pub(crate) fn rounds(ways: usize, runs: usize) -> Vec<Vec<usize>> {
    let forth: Vec<usize> = (0..ways).collect();
    let back: Vec<usize> = forth.iter().rev().copied().collect();
    [forth, back].into_iter().cycle().take(runs).collect()
}

#[cfg(test)]
mod tests {
    use super::super::stats::{Difference, compare};
    use super::*;

    /// The figures of runs on a machine whose clock only this test turns: each run takes as long as its way does, and
    /// `drift` longer for each run before it.
    fn walls(ways: &[u64], order: &[Vec<usize>], drift: u64) -> Vec<Vec<u64>> {
        let mut walls = vec![Vec::new(); ways.len()];
        for (before, way) in order.iter().flatten().enumerate() {
            walls[*way].push(ways[*way] + drift * before as u64);
        }
        walls
    }

    /// What is said of the first two ways, whichever of them is run first.
    fn verdicts(a: u64, b: u64, drift: u64, runs: usize) -> [Difference; 2] {
        let order = rounds(2, runs);
        let (forth, back) = (walls(&[a, b], &order, drift), walls(&[b, a], &order, drift));
        [compare(&forth[0], &forth[1]), compare(&back[1], &back[0])]
    }

    #[test]
    fn every_way_is_run_once_a_round_and_every_other_round_backwards() {
        assert_eq!(rounds(3, 3), [[0, 1, 2], [2, 1, 0], [0, 1, 2]]);
    }

    #[test]
    fn a_machine_that_drifts_favours_neither_the_first_nor_the_last() {
        for drift in [0, 10, 50, 200] {
            for runs in [3, 4, 5, 10] {
                assert_eq!(verdicts(1000, 1000, drift, runs), [Difference::None; 2], "drift {drift}, {runs} runs");
                for verdict in verdicts(3000, 1000, drift, runs) {
                    assert!(matches!(verdict, Difference::Faster(times) if times > 1.5), "drift {drift}: {verdict:?}");
                }
            }
        }
    }

    #[test]
    fn one_way_after_the_other_would_have_been_wrong() {
        // Otherwise this test of rounds would prove nothing.
        let order = vec![vec![0; 5], vec![1; 5]];
        let walls = walls(&[1000, 1000], &order, 50);
        assert_ne!(compare(&walls[0], &walls[1]), Difference::None);
    }
}
