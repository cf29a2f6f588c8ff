//! What a lane of a chart stands for.

/// The two views of one recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// A lane for each task.
    #[default]
    Task,
    /// A lane for each thread, with the tasks that ran on it.
    Thread,
}
