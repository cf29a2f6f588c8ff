//! Numbers with a meaning: tasks, threads, processes and moments.

/// A task's number in its scene, from 0 in the order of creation: its index in `SceneTrace::tasks`.
pub type TaskId = u32;
/// A thread's number in its scene, from 0 in the order of its first event: its index in `SceneTrace::threads`.
pub type ThreadId = u32;
/// A process's number in its scene, from 0: its index in `SceneTrace::processes`.
pub type ProcessId = u32;
/// Nanoseconds: a moment since the start of a scene, or a duration.
pub type Nanos = u64;
