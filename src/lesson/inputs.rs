//! What a scene is given, and how its tasks are named.

use std::time::Duration;

use crate::serve::Endpoint;
use crate::stdio::{InputLines, LineWriter};

/// The inputs of a scene.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inputs {
    /// The number of tasks to run.
    pub tasks: usize,
    /// How long each task waits.
    pub delay: Duration,
    /// The largest number of tasks in flight at once.
    pub limit: usize,
    /// Standard input, line by line.
    pub lines: InputLines,
    /// Standard output, line by line.
    pub out: LineWriter,
    /// The address that a scene listens at if it is a server, and the signal that ends it.
    pub endpoint: Endpoint,
}

impl Inputs {
    /// Returns inputs of `tasks` tasks of `delay` each. Standard input is empty, and printed lines are dropped.
    pub fn new(tasks: usize, delay: Duration) -> Self {
        Inputs {
            tasks,
            delay,
            limit: 1_000,
            lines: InputLines::none(),
            out: LineWriter::nowhere(),
            endpoint: Endpoint::default(),
        }
    }

    /// Returns a name for each task: A, B, … Z, AA, AB, …
    pub fn names(&self) -> impl Iterator<Item = String> + use<> {
        (0..self.tasks).map(task_name)
    }
}

/// Returns the name of task number `index`, from 0, as a spreadsheet names its columns: A, B, … Z, AA, AB, …
pub fn task_name(index: usize) -> String {
    let (mut letters, mut rest) = (Vec::new(), index + 1);
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}
