//! The exercises, in teaching order: one entry for each. A test compares it with the folders.
//!
//! Each folder has the starter that the learner gets, a solution, a check in Python, counter-solutions in `wrong/`, and
//! `exercise.toml` with the texts and the claims. `src/exercise/judge.py` runs the check.

use asyncguide::exercise;
use asyncguide::exercise::Exercise;

/// All exercises.
pub(crate) const EXERCISES: &[Exercise] = &[
    exercise!("overlap"),
    exercise!("order"),
    exercise!("limit"),
    exercise!("first"),
    exercise!("timeout"),
    exercise!("failure"),
    exercise!("unblock"),
    exercise!("processes"),
    exercise!("lost"),
    exercise!("endofinput"),
    exercise!("workers"),
    exercise!("reading"),
    exercise!("closing"),
    exercise!("shutdown"),
];
