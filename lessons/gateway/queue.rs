//! The queue in front of the workers: a free worker takes the item that came first.

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
        self.waiting.lock().expect("the lock is not poisoned").push_back(item);
        self.came.notify_one();
    }

    /// Takes the item that came first. Holds the thread until there is one.
    pub fn take(&self) -> T {
        let mut waiting = self.waiting.lock().expect("the lock is not poisoned");
        loop {
            match waiting.pop_front() {
                Some(item) => return item,
                None => waiting = self.came.wait(waiting).expect("the lock is not poisoned"),
            }
        }
    }
}
