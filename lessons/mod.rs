//! The syllabus, in teaching order: one `mod` line and one entry for each lesson. A test compares it with the folders.

mod gather;

use asyncguide::lesson::Lesson;

/// Every lesson, in teaching order.
pub const SYLLABUS: &[&Lesson] = &[&gather::LESSON];
