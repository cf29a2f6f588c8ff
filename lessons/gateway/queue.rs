//! The queue before the workers: whoever of them is free takes what came first.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};

pub struct Queue<T> {
    waiting: Mutex<VecDeque<T>>,
    came: Condvar,
}

impl<T> Queue<T> {
    pub fn new() -> Self {
        Queue { waiting: Mutex::new(VecDeque::new()), came: Condvar::new() }
    }

    pub fn put(&self, item: T) {
        self.waiting.lock().expect("nobody panics").push_back(item);
        self.came.notify_one();
    }

    /// Holds its thread until there is something to take.
    pub fn take(&self) -> T {
        let mut waiting = self.waiting.lock().expect("nobody panics");
        loop {
            match waiting.pop_front() {
                Some(item) => return item,
                None => waiting = self.came.wait(waiting).expect("nobody panics"),
            }
        }
    }
}
