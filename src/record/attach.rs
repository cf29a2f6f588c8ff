//! Which recorder a thread writes for.
//!
//! A thread belongs to one recorder at a time: the session attaches its runtime's threads,
//! [`Recorder::attach_for_poll`] the thread of one poll, and a lane attaches each thread that it is polled or woken on.
//! A thread that belongs to none records for the process's recorder, if there is one: see [`Recorder::open_to_all`].
//! Nothing here takes a lock that another worker could hold, but to find a recorder that this thread has not met yet.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::entry::Encoder;
use super::log::Writer;
use super::meter::Meter;
use super::{Recorder, Shared, find};
use crate::trace::POOL;

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals { own: None, others: Vec::new(), gone: None }) };
}

/// The recorders that are open to all threads, by their numbers; the last one gets what is recorded.
static OPEN_TO_ALL: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// The last one of [`OPEN_TO_ALL`], for threads that must not wait for its lock; 0 if there is none.
static OF_THE_PROCESS: AtomicU32 = AtomicU32::new(0);

/// The recorders that this thread writes for.
#[derive(Debug, Default)]
struct Locals {
    /// The recorder that this thread belongs to: it gets new lanes and marks.
    own: Option<Local>,
    /// Recorders whose lanes this thread woke while it worked for its own.
    others: Vec<Local>,
    /// The last recorder that was asked for after its end. A task that outlives it asks at each poll, and would take
    /// the lock of all recorders each time.
    gone: Option<u32>,
}

impl Locals {
    /// Makes `shared` this thread's own recorder, and returns the one before.
    fn enter(&mut self, shared: &Arc<Shared>) -> Option<Owner> {
        self.drop_stopped();
        let before = self.own.as_ref().map(|own| Owner { recorder: own.recorder, attached: own.attached });
        self.others.extend(self.own.take());
        let mut local = self.take(shared.id).unwrap_or_else(|| Local::new(Arc::clone(shared)));
        local.attached = true;
        self.own = Some(local);
        before
    }

    /// Undoes [`Locals::enter`], unless this thread was attached to yet another recorder since.
    fn leave(&mut self, recorder: u32, before: Option<Owner>) {
        match &mut self.own {
            Some(own) if own.recorder == recorder => own.attached = false,
            _ => return,
        }
        // Kept for the next poll on this thread: a new log for each would be a waste.
        self.others.extend(self.own.take());
        let Some(before) = before else { return };
        self.own = self.take(before.recorder);
        if let Some(own) = &mut self.own {
            own.attached = before.attached;
        }
    }

    fn take(&mut self, recorder: u32) -> Option<Local> {
        let known = self.others.iter().position(|other| other.recorder == recorder)?;
        Some(self.others.swap_remove(known))
    }

    /// Lets go of the logs of recorders that have stopped.
    fn drop_stopped(&mut self) {
        if self.own.as_ref().is_some_and(Local::is_stopped) {
            self.own = None;
        }
        self.others.retain(|other| !other.is_stopped());
    }

    /// Does `work` for another recorder than the thread's own. That recorder becomes its own, unless the thread works
    /// for the present one right now.
    #[cold]
    fn elsewhere<R>(&mut self, recorder: u32, work: Option<impl FnOnce(&mut Local) -> R>) -> Option<R> {
        if self.gone == Some(recorder) {
            return None;
        }
        self.drop_stopped();
        let local = match self.take(recorder) {
            Some(local) => local,
            None => match find(recorder) {
                Some(shared) if !shared.is_stopped() => Local::new(shared),
                _ => {
                    self.gone = Some(recorder);
                    return None;
                }
            },
        };
        let local = if self.own.as_ref().is_some_and(Local::is_busy) {
            self.others.push(local);
            self.others.last_mut()?
        } else {
            self.own.insert(local)
        };
        work.map(|work| work(local))
    }
}

/// Which recorder a thread belonged to, and whether a session had asked for it.
#[derive(Clone, Copy, Debug)]
struct Owner {
    recorder: u32,
    attached: bool,
}

#[derive(Debug)]
pub(super) struct Local {
    /// A copy of `shared.id`, which the poll path compares.
    pub(super) recorder: u32,
    /// Whether a session attached the thread. It then stays with this recorder until another session attaches it.
    attached: bool,
    pub(super) shared: Arc<Shared>,
    pub(super) writer: Writer,
    pub(super) encoder: Encoder,
    pub(super) meter: Meter,
    /// How many polls executors have begun on this thread.
    pub(super) polls: u64,
    /// Whether the thread's name says that it is one of the pool for blocking work.
    of_pool: bool,
}

impl Local {
    fn new(shared: Arc<Shared>) -> Self {
        let writer = Writer::new(shared.add_log(None));
        let meter = Meter::new(&shared.clock);
        let of_pool = writer.log().name.starts_with(POOL);
        let (recorder, encoder) = (shared.id, Encoder::default());
        Local { recorder, attached: false, shared, writer, encoder, meter, polls: 0, of_pool }
    }

    /// Gives a thread of the pool a log under another name if it is a worker now: `block_in_place` hands its worker's
    /// tasks to a thread of the pool.
    #[inline]
    pub(super) fn check_pool(&mut self) {
        if self.of_pool {
            self.take_over();
        }
    }

    #[cold]
    fn take_over(&mut self) {
        let Some(worker) = tokio::runtime::worker_index() else { return };
        self.of_pool = false;
        self.writer = Writer::new(self.shared.add_log(Some(format!("worker {} (took over)", worker + 1))));
        self.encoder = Encoder::default();
    }

    fn is_busy(&self) -> bool {
        self.attached || self.writer.depth() > 0
    }

    #[inline]
    fn is_stopped(&self) -> bool {
        self.shared.is_stopped()
    }

    /// Returns the recorder's tick of now.
    #[inline]
    pub(super) fn now(&self) -> u64 {
        self.shared.clock.ticks()
    }
}

impl Shared {
    #[inline]
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Ends the attachment of [`Recorder::attach_for_poll`] when it is dropped, on the thread that it was made on.
#[derive(Debug)]
#[must_use = "the thread is attached for as long as this lives"]
pub(crate) struct Attachment {
    recorder: u32,
    before: Option<Owner>,
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let _ = LOCALS.try_with(|locals| locals.borrow_mut().leave(self.recorder, self.before));
    }
}

impl Recorder {
    /// Records the calling thread's lanes and marks here until the answer is dropped. From then on the thread belongs
    /// to the recorder that it belonged to before, if any.
    pub(crate) fn attach_for_poll(&self) -> Attachment {
        let before = LOCALS.try_with(|locals| locals.borrow_mut().enter(&self.shared));
        Attachment { recorder: self.shared.id, before: before.ok().flatten() }
    }

    /// Records the lanes and marks of every thread that belongs to no other recorder, until [`Recorder::stop`]. Of
    /// several such recorders, the one that was opened last gets them.
    pub(crate) fn open_to_all(&self) {
        change_open_to_all(|open| open.push(self.shared.id));
    }

    /// Ends the recording on all threads: lanes that go on are not recorded any more, and no new ones begin.
    pub(crate) fn stop(&self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        change_open_to_all(|open| open.retain(|known| *known != self.shared.id));
        // The other threads let go of their logs when they next record something.
        let _ = LOCALS.try_with(|locals| locals.borrow_mut().drop_stopped());
    }
}

fn change_open_to_all(change: impl FnOnce(&mut Vec<u32>)) {
    let mut open = OPEN_TO_ALL.lock().unwrap_or_else(PoisonError::into_inner);
    change(&mut open);
    OF_THE_PROCESS.store(open.last().copied().unwrap_or(0), Ordering::Relaxed);
}

/// Returns the recorder that threads without one of their own record for; none if there is none.
fn of_the_process() -> Option<u32> {
    let recorder = OF_THE_PROCESS.load(Ordering::Relaxed);
    (recorder != 0).then_some(recorder)
}

/// Makes the calling thread record for `shared` from now on.
pub(super) fn attach(shared: &Arc<Shared>) {
    // While a thread ends there is nothing left to attach.
    let _ = LOCALS.try_with(|locals| {
        let own = &mut locals.borrow_mut().own;
        if own.as_ref().is_none_or(|own| own.recorder != shared.id) {
            *own = Some(Local::new(Arc::clone(shared)));
        }
        own.iter_mut().for_each(|own| own.attached = true);
    });
}

/// Does `work` with this thread's writer for `recorder`, and attaches the thread if need be. Returns none if that
/// recorder is gone.
#[inline]
pub(super) fn with<R>(recorder: u32, work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    let mut work = Some(work);
    let done = LOCALS.try_with(|locals| match &mut *locals.borrow_mut() {
        Locals { own: Some(own), .. } if own.recorder == recorder && !own.is_stopped() => {
            work.take().map(|work| work(own))
        }
        locals => locals.elsewhere(recorder, work.take()),
    });
    // The thread is ending and its slot is gone, yet a value that it drops may still wake a task. That goes into a log
    // of its own.
    done.unwrap_or_else(|_| Locals::default().elsewhere(recorder, work))
}

/// Does `work` with the recorder that this thread is attached to, or that it runs a lane of; otherwise with that of the
/// process. Returns none if nothing is recorded here.
///
/// A thread that merely polled or woke a lane some time ago is not at work for that lane's recorder any more.
pub(super) fn with_current<R>(work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    let mut work = Some(work);
    let done = LOCALS.try_with(|locals| match &mut locals.borrow_mut().own {
        Some(own) if own.is_busy() && !own.is_stopped() => work.take().map(|work| work(own)),
        _ => None,
    });
    match work {
        Some(work) => with(of_the_process()?, work),
        None => done.ok().flatten(),
    }
}
