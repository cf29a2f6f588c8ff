//! The syllabus, in teaching order: one `mod` line and one entry for each lesson. A test compares it with the folders.
//!
//! See `README.md` beside this file for how to add a lesson.
#![expect(unreachable_pub, reason = "scenes are read by beginners, to whom `pub(crate)` would be a riddle")]

mod blocking;
mod coroutine;
mod counterparts;
mod event_loop;
mod files;
mod gateway;
mod gather;
mod handles;
mod idle;
mod parallel;
mod push;
mod sequential;
mod spawn;
mod threads;
mod ways;
mod websocket;

use asyncguide::lesson::Lesson;

/// Every lesson, in teaching order.
pub const SYLLABUS: &[&Lesson] = &[
    &sequential::LESSON,
    &gather::LESSON,
    &spawn::LESSON,
    &ways::LESSON,
    &handles::LESSON,
    &coroutine::LESSON,
    &event_loop::LESSON,
    &threads::LESSON,
    &idle::LESSON,
    &parallel::LESSON,
    &blocking::LESSON,
    &counterparts::LESSON,
    &files::LESSON,
    &gateway::LESSON,
    &websocket::LESSON,
    &push::LESSON,
];
