//! The calling thread's end of the recording: which lane runs here, and the writer for what it does.
//!
//! A thread belongs to one recorder at a time: the session attaches its runtime's threads,
//! [`Recorder::attach_for_poll`] the thread of one poll, and a lane attaches each thread that it is polled or woken on.
//! Nothing here takes a lock that another worker could hold, and nothing allocates on the poll path but a chunk of log
//! now and then.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::Metadata;

use super::entry::{Encoder, LaneEnd, NewLane, Said, Value};
use super::log::Writer;
use super::{Recorder, Shared, find};
use crate::trace::TaskKind;

/// The most bytes of a name. People read names, and a line from a stranger can be one.
const LONGEST_NAME: usize = 200;
/// The most bytes of the text of a mark or a panic.
const LONGEST_TEXT: usize = 2_000;

/// The number of a lane, with that of its recorder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneId {
    recorder: u32,
    lane: u32,
}

/// How a poll ended.
pub(crate) enum Polled<'a> {
    Pending,
    Ready,
    Panicked(&'a str),
}

thread_local! {
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals { own: None, others: Vec::new(), gone: None }) };
}

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
struct Local {
    /// A copy of `shared.id`, which the poll path compares.
    recorder: u32,
    /// Whether a session attached the thread. It then stays with this recorder until another session attaches it.
    attached: bool,
    shared: Arc<Shared>,
    writer: Writer,
    encoder: Encoder,
}

impl Local {
    fn new(shared: Arc<Shared>) -> Self {
        let writer = Writer::new(shared.add_log());
        Local { recorder: shared.id, attached: false, shared, writer, encoder: Encoder::default() }
    }

    fn is_busy(&self) -> bool {
        self.attached || self.writer.log().running().depth() > 0
    }

    #[inline]
    fn is_stopped(&self) -> bool {
        self.shared.is_stopped()
    }

    #[inline]
    fn now(&self) -> u64 {
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

    /// Ends the recording on all threads: lanes that go on are not recorded any more, and no new ones begin.
    pub(crate) fn stop(&self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        // The other threads let go of their logs when they next record something.
        let _ = LOCALS.try_with(|locals| locals.borrow_mut().drop_stopped());
    }
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
fn with<R>(recorder: u32, work: impl FnOnce(&mut Local) -> R) -> Option<R> {
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

/// Does `work` with the recorder that this thread is attached to, or that it runs a lane of.
///
/// A thread that merely polled or woke a lane some time ago is not at work for that lane's recorder any more.
fn with_current<R>(work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    let of_own = |locals: &RefCell<Locals>| match &mut locals.borrow_mut().own {
        Some(own) if own.is_busy() && !own.is_stopped() => Some(work(own)),
        _ => None,
    };
    LOCALS.try_with(of_own).ok().flatten()
}

/// Creates a lane in this thread's recording, as a child of the lane that runs here. Returns none if nothing is
/// recorded here.
pub(crate) fn create(kind: TaskKind, name: &str) -> Option<LaneId> {
    with_current(|local| {
        let lane = local.shared.next_lane.fetch_add(1, Ordering::Relaxed);
        let parent = local.writer.log().running().top();
        let now = local.now();
        let name = cut(name, LONGEST_NAME);
        let room = local.writer.long(name.len());
        local.encoder.created(now, &NewLane { lane, parent, kind: kind as u8, name: &name }, room);
        LaneId { recorder: local.recorder, lane }
    })
}

impl LaneId {
    /// Notes, before the first poll, whether an executor does it, or another lane.
    pub(crate) fn starts(self) {
        with(self.recorder, |local| {
            if local.writer.log().running().depth() == 0 {
                local.encoder.spawned(self.lane, local.writer.short());
            }
        });
    }

    /// Notes that the lane holds the thread from now until [`LaneId::end`]. Returns the tick of now for that call.
    #[inline]
    pub(crate) fn begin(self) -> u64 {
        let begun = with(self.recorder, |local| {
            let now = local.now();
            local.writer.log().running().push(self.lane, now);
            now
        });
        begun.unwrap_or(0)
    }

    /// Records that the poll that began at tick `since` is over.
    #[inline]
    pub(crate) fn end(self, since: u64, how: Polled<'_>) {
        with(self.recorder, |local| {
            let now = local.now();
            let ticks = now.saturating_sub(since);
            local.writer.log().running().pop();
            let ready = match how {
                Polled::Pending => false,
                Polled::Ready => true,
                Polled::Panicked(message) => {
                    let message = cut(message, LONGEST_TEXT);
                    let out = local.writer.long(message.len());
                    return local.encoder.panicked(now, self.lane, ticks, &message, out);
                }
            };
            local.encoder.polled(now, self.lane, ticks, ready, local.writer.short());
        });
    }

    /// Records that the lane's waker fires.
    #[inline]
    pub(crate) fn woken(self) {
        with(self.recorder, |local| {
            local.encoder.woken(local.now(), self.lane, local.writer.short());
        });
    }

    /// Records that the lane ends outside of a poll.
    pub(crate) fn ended(self, how: LaneEnd) {
        with(self.recorder, |local| local.encoder.ended(local.now(), self.lane, how, local.writer.short()));
    }
}

/// Records what code says at `site`, on behalf of the lane that runs on this thread.
pub(super) fn mark(site: &'static Metadata<'static>, said: Said<'_>) {
    with_current(|local| {
        let log = local.writer.log();
        let lane = log.running().top();
        let number = log.site(site);
        let now = local.now();
        let shorten = |(position, value)| match value {
            Value::Text(text) => (position, Value::Text(Cow::Owned(cut(&text, LONGEST_TEXT).into_owned()))),
            value => (position, value),
        };
        let text = Cow::Owned(cut(&said.text, LONGEST_TEXT).into_owned());
        let said = Said { text, fields: said.fields.into_iter().map(shorten).collect() };
        let room = local.writer.long(said.len());
        local.encoder.marked(now, lane, number, &said, room);
    });
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(format!("{}…", &text[..end]))
}
