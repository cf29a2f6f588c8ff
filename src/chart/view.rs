//! The two views of one recording: by task and by thread.

/// What each lane of a chart stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// A lane for each task.
    #[default]
    Task,
    /// A lane for each thread, with the tasks that ran on it.
    Thread,
}

/// Whether lanes that look the same share a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lanes {
    /// Lanes that follow each other and look the same are drawn as one, with their number.
    #[default]
    Folded,
    /// Each lane has a row of its own.
    All,
}
