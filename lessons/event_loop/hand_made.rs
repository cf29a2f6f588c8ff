//! An event loop made by hand: what makes every `await` work, in under two hundred lines. Start reading at `run`.
//!
//! The loop keeps its tasks, and notes which task waits for what: for bytes on a socket, or for a point in time. It
//! resumes the tasks that can go on, then sleeps in *one* call until something happens. tokio's loop works the same
//! way. It is faster, watches more kinds of events, and can use several threads.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use asyncguide::Observe;
use mio::net::TcpStream;
use mio::{Events, Interest, Token};
use tracing::{info, info_span};

/// An event loop on one thread. Spawn tasks on it, then call `run`.
pub struct EventLoop {
    /// The system's list of watched sockets, and the call that sleeps until one of them has something to read.
    poll: mio::Poll,
    /// The tasks by their numbers. A task that has ended leaves `None`.
    tasks: Vec<Option<Task>>,
    /// A channel of task numbers: a waker sends the number of its task, and the loop takes it from `woken`.
    wake: Sender<usize>,
    woken: Receiver<usize>,
    notes: Rc<RefCell<Notes>>,
}

struct Task {
    name: String,
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
}

/// Which task waits for what: futures write it, and the loop reads it. Each socket and timer has a number, its token.
#[derive(Default)]
struct Notes {
    tokens: usize,
    waiting: HashMap<Token, Waker>,
    /// A heap, which keeps the timer that is due first on top, however many there are.
    timers: BinaryHeap<Reverse<(Instant, Token)>>,
}

impl EventLoop {
    pub fn new() -> io::Result<Self> {
        let (wake, woken) = channel();
        Ok(EventLoop { poll: mio::Poll::new()?, tasks: Vec::new(), wake, woken, notes: Rc::default() })
    }

    /// Adds a task. It counts as woken, so the loop's next turn polls it.
    pub fn spawn(&mut self, name: &str, future: impl Future<Output = ()> + 'static) {
        let waker = Waker::from(Arc::new(TaskWaker { task: self.tasks.len(), wake: self.wake.clone() }));
        waker.wake_by_ref();
        self.tasks.push(Some(Task { name: name.to_owned(), future: Box::pin(future.observe(name)), waker }));
    }

    /// Runs turn after turn, until every task has ended. The lane “the loop” shows when the loop is awake.
    pub fn run(mut self) -> io::Result<()> {
        let lane = info_span!("awake", lane = "the loop");
        let mut events = Events::with_capacity(16);
        for turn in 1.. {
            let awake = lane.enter();
            info!(turn, "looks what there is to do");
            self.wake_tasks_of_ready_sockets(&events);
            self.wake_tasks_of_due_timers();
            self.resume_woken_tasks();
            if self.tasks.iter().all(Option::is_none) {
                break;
            }
            let timeout = self.time_until_next_timer();
            drop(awake);
            // The thread sleeps here, and only here. The system wakes it when a socket has something to read or the
            // time is up. With a timeout of zero, the loop would never sleep but keep checking, as people imagine it.
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn wake_tasks_of_ready_sockets(&mut self, events: &Events) {
        for event in events {
            info!("socket {} has something", event.token().0);
            if let Some(waker) = self.notes.borrow_mut().waiting.remove(&event.token()) {
                waker.wake();
            }
        }
    }

    fn wake_tasks_of_due_timers(&mut self) {
        let mut notes = self.notes.borrow_mut();
        while let Some(&Reverse((due, token))) = notes.timers.peek()
            && due <= Instant::now()
        {
            info!("timer {} is due", token.0);
            notes.timers.pop();
            if let Some(waker) = notes.waiting.remove(&token) {
                waker.wake();
            }
        }
    }

    /// Polls each woken task: it runs until an `await` has to wait, or until its end.
    fn resume_woken_tasks(&mut self) {
        while let Ok(number) = self.woken.try_recv() {
            // A task that was woken twice may have ended by now.
            let Some(task) = &mut self.tasks[number] else { continue };
            info!("resumes {}", task.name);
            let poll = task.future.as_mut().poll(&mut Context::from_waker(&task.waker));
            if poll.is_ready() {
                self.tasks[number] = None;
            }
        }
    }

    /// Returns the time until the next timer is due. Without a timer it is `None`: only a socket can end the sleep.
    fn time_until_next_timer(&self) -> Option<Duration> {
        let notes = self.notes.borrow();
        notes.timers.peek().map(|Reverse((due, _))| due.saturating_duration_since(Instant::now()))
    }

    /// Makes this loop watch a socket from now on. The socket must be non-blocking.
    pub fn watch(&self, socket: std::net::TcpStream) -> io::Result<Socket> {
        let (token, mut stream) = (self.new_token(), TcpStream::from_std(socket));
        self.poll.registry().register(&mut stream, token, Interest::READABLE)?;
        Ok(Socket { stream, token, notes: Rc::clone(&self.notes) })
    }

    /// Returns a future that waits for `time`, which begins with this call.
    pub fn sleep(&self, time: Duration) -> impl Future<Output = ()> + use<> {
        let (token, due, notes) = (self.new_token(), Instant::now() + time, Rc::clone(&self.notes));
        poll_fn(move |context| {
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            let mut notes = notes.borrow_mut();
            notes.timers.push(Reverse((due, token)));
            notes.waiting.insert(token, context.waker().clone());
            Poll::Pending
        })
    }

    fn new_token(&self) -> Token {
        let mut notes = self.notes.borrow_mut();
        notes.tokens += 1;
        Token(notes.tokens)
    }
}

/// A socket whose `read` waits without holding the thread.
pub struct Socket {
    stream: TcpStream,
    token: Token,
    notes: Rc<RefCell<Notes>>,
}

impl Socket {
    /// Tries to read. If nothing has come yet, notes which task to wake, and gives the thread back.
    pub async fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = poll_fn(|context| match self.stream.read(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.notes.borrow_mut().waiting.insert(self.token, context.waker().clone());
                Poll::Pending
            }
            read => Poll::Ready(read),
        });
        read.await
    }
}

/// Wakes a task by sending its number to the loop. A wake from another thread would also have to end the loop's
/// sleep; `mio::Waker` does that. Here, every wake comes from the loop's own thread.
struct TaskWaker {
    task: usize,
    wake: Sender<usize>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        // Ignores errors: sending fails only when the loop has ended.
        let _ = self.wake.send(self.task);
    }
}
