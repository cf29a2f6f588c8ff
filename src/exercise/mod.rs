//! An exercise: a Python file that the learner changes, and that is judged by the recording of what it does.
//!
//! An [`Exercise`] is plain data: texts that are compiled in. Those of this program are in `exercises/`. Its sheet,
//! `exercise.toml`, has the texts for the learner and the claims, each a relation between figures of the scene `it`. Read
//! `judge.rs` for how a file is judged, and `judge.py` for what runs it.

#[cfg(unix)]
mod judge;
mod sheet;

#[cfg(unix)]
pub(crate) use self::judge::{Judge, Judgement, Ruling};
pub(crate) use self::sheet::Sheet;

/// A Python file to change until it does what is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// Its name on the command line, in lower case; the name of its folder and of the learner's file.
    pub name: &'static str,
    /// The text of its `exercise.toml`.
    pub sheet: &'static str,
    /// The file that the learner begins with.
    pub starter: &'static str,
    /// A file that passes.
    pub solution: &'static str,
    /// The Python file that calls the learner's functions.
    pub check: &'static str,
}

/// Makes an [`Exercise`] of the folder of that name, beside the file that calls the macro.
#[macro_export]
macro_rules! exercise {
    ($name:literal) => {
        $crate::exercise::Exercise {
            name: $name,
            sheet: include_str!(concat!($name, "/exercise.toml")),
            starter: include_str!(concat!($name, "/starter.py")),
            solution: include_str!(concat!($name, "/solution.py")),
            check: include_str!(concat!($name, "/check.py")),
        }
    };
}

impl Exercise {
    /// Returns the name of the learner's file.
    pub(crate) fn file(&self) -> String {
        format!("{}.py", self.name)
    }
}
