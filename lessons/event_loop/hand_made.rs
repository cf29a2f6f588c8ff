//! An event loop made by hand: what stands behind every `await`, in under two hundred lines. Read it from `run` on.
//!
//! The loop has its tasks, and notes of who waits for what: for bytes on a socket, or for a moment in time. It
//! resumes those who can go on, then sleeps in *one* call until any of it happens. tokio's loop is faster, looks
//! after more and spreads over threads; at heart it is this one.

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

/// The loop: spawn tasks on it, then let it run.
pub struct EventLoop {
    /// The system's list of sockets to watch, and the call that sleeps until one of them has something.
    poll: mio::Poll,
    /// A task that has ended leaves its place empty.
    tasks: Vec<Option<Task>>,
    /// Wakers put the numbers of their tasks in here; the loop takes them out.
    wake: Sender<usize>,
    woken: Receiver<usize>,
    notes: Rc<RefCell<Notes>>,
}

struct Task {
    name: String,
    future: Pin<Box<dyn Future<Output = ()>>>,
    waker: Waker,
}

/// Who waits for what, as the futures that wait tell the loop. Whatever can be waited for has a number, its token.
#[derive(Default)]
struct Notes {
    tokens: usize,
    waiting: HashMap<Token, Waker>,
    /// A heap: the timer that is due first is at hand, however many there are.
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

    /// Turn after turn, until every task has ended. Its lane is on while the loop is awake.
    pub fn run(mut self) -> io::Result<()> {
        let lane = info_span!("awake", lane = "the loop");
        let mut events = Events::with_capacity(16);
        for turn in 1.. {
            let awake = lane.enter();
            info!(turn, "looks what there is to do");
            self.wake_whose_sockets_have_something(&events);
            self.wake_whose_time_has_come();
            self.resume_whoever_was_woken();
            if self.tasks.iter().all(Option::is_none) {
                break;
            }
            let timeout = self.until_the_next_timer();
            drop(awake);
            // Here the thread sleeps, and nowhere else: the system wakes it when a socket has something or the time
            // is up. With a timeout of zero, this would be the loop that people imagine, which keeps checking.
            match self.poll.poll(&mut events, timeout) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn wake_whose_sockets_have_something(&mut self, events: &Events) {
        for event in events {
            info!("socket {} has something", event.token().0);
            if let Some(waker) = self.notes.borrow_mut().waiting.remove(&event.token()) {
                waker.wake();
            }
        }
    }

    fn wake_whose_time_has_come(&mut self) {
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

    /// Polls each task that was woken: it runs to its next `await` that has to wait, or to its end.
    fn resume_whoever_was_woken(&mut self) {
        while let Ok(number) = self.woken.try_recv() {
            // Whoever was woken twice may have ended by now.
            let Some(task) = &mut self.tasks[number] else { continue };
            info!("resumes {}", task.name);
            let poll = task.future.as_mut().poll(&mut Context::from_waker(&task.waker));
            if poll.is_ready() {
                self.tasks[number] = None;
            }
        }
    }

    /// How long to sleep if no socket has anything; without a timer, for as long as that takes.
    fn until_the_next_timer(&self) -> Option<Duration> {
        let notes = self.notes.borrow();
        notes.timers.peek().map(|Reverse((due, _))| due.saturating_duration_since(Instant::now()))
    }

    /// A socket that this loop watches from now on.
    pub fn watch(&self, socket: std::net::TcpStream) -> io::Result<Socket> {
        let (token, mut stream) = (self.new_token(), TcpStream::from_std(socket));
        self.poll.registry().register(&mut stream, token, Interest::READABLE)?;
        Ok(Socket { stream, token, notes: Rc::clone(&self.notes) })
    }

    /// Waits for a time that begins now.
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
    /// Tries; if there is nothing yet, leaves a note of whom to wake, and gives the thread back.
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

/// To wake a task is to put its number among the woken. Done from another thread, that would also have to end the
/// loop's sleep, for which there is `mio::Waker`; here nobody does it.
struct TaskWaker {
    task: usize,
    wake: Sender<usize>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        // Nobody takes it out any more when the loop has ended.
        let _ = self.wake.send(self.task);
    }
}
