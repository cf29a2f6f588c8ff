//! How large a recording may be: checked before anything is allocated for it.

use crate::nanos::Nanos;

/// The most tasks in one scene: a lesson runs up to 1,000,000, and its scene and helpers have lanes too.
pub(crate) const TASKS: usize = 1 << 21;
/// The most threads in one scene.
pub(crate) const THREADS: usize = 1 << 16;
/// The most processes in one scene.
pub(crate) const PROCESSES: usize = 1 << 12;
/// The most places in source files that one scene names.
pub(crate) const SITES: usize = 1 << 16;
/// The most polls in one scene, and the most wakes: a task finds its own by 32-bit positions.
pub(crate) const POLLS: usize = u32::MAX as usize;
/// The most polls in one scene of which it is told how the thread spent them: those are polls of a millisecond or more.
pub(crate) const USAGES: usize = 1 << 22;
/// The most names of helpers in one scene. Each lane's name is compared with all of them.
pub(crate) const HELPERS: usize = 64;
/// The most scenes in one run, and the most that did not run: `watch` makes one of each process.
pub(crate) const SCENES: usize = 1 << 12;
/// The most claims about one run. Some tables count them for each scene.
pub(crate) const CLAIMS: usize = 1 << 10;
/// The most figures of one scene: each is a column of a table of all scenes.
pub(crate) const FIGURES: usize = 1 << 8;
/// The longest name of a task, a thread, a function and the like, in bytes. A picture may repeat it for each poll.
pub(crate) const NAME: usize = 200;
/// The longest path of a source file, in bytes.
pub(crate) const PATH: usize = 1_024;
/// The longest text of a mark, a panic and the like, in bytes.
pub(crate) const TEXT: usize = 2_000;
/// How far a task's number may run ahead of the tasks that were created so far. Threads that create tasks at the same
/// time report them in any order, but not in an order that far off.
pub(crate) const LEAP: usize = 1 << 16;
/// How long two polls of one task may overlap. Clocks of two cores may disagree by a little.
pub(crate) const OVERLAP: Nanos = Nanos::from_millis(1);
/// The longest line of an event stream, in bytes.
pub(crate) const LINE: usize = 256 * 1024;
