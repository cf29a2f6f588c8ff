//! The syllabus, in teaching order: one `mod` line and one entry for each lesson. A test compares it with the folders.
//!
//! See `README.md` beside this file for how to add a lesson.
#![expect(unreachable_pub, reason = "scenes are read by beginners, to whom `pub(crate)` would be a riddle")]

mod coroutine;
mod gather;
mod handles;
mod sequential;
mod spawn;
mod ways;

use asyncguide::lesson::Lesson;

/// Every lesson, in teaching order.
pub const SYLLABUS: &[&Lesson] =
    &[&sequential::LESSON, &gather::LESSON, &spawn::LESSON, &ways::LESSON, &handles::LESSON, &coroutine::LESSON];
