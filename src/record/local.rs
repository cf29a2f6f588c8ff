//! The calling thread's end of the recording: which lane runs here, and the writer for what it does.
//!
//! A thread belongs to one recorder at a time: the session attaches the threads of its runtime, and a lane attaches
//! every thread that it is polled or woken on. Nothing here takes a lock that another worker could hold, and the poll
//! path allocates nothing but a chunk of log now and then.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::Metadata;

use super::entry::{Encoder, LaneEnd, NewLane, Said, Value};
use super::log::Writer;
use super::{Shared, find};
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
    static LOCALS: RefCell<Locals> = const { RefCell::new(Locals { own: None, others: Vec::new() }) };
}

/// The recorders that this thread writes for.
#[derive(Debug, Default)]
struct Locals {
    /// The recorder that this thread belongs to: it gets new lanes and marks.
    own: Option<Local>,
    /// Recorders whose lanes this thread woke while it worked for its own.
    others: Vec<Local>,
}

impl Locals {
    /// Does `work` for another recorder than the thread's own. That recorder becomes its own, unless the thread works
    /// for the present one right now.
    #[cold]
    fn elsewhere<R>(&mut self, recorder: u32, work: Option<impl FnOnce(&mut Local) -> R>) -> Option<R> {
        let known = self.others.iter().position(|other| other.recorder == recorder);
        let local = match known {
            Some(known) => self.others.swap_remove(known),
            None => Local::new(find(recorder)?),
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
    fn now(&self) -> u64 {
        self.shared.clock.ticks()
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
        Locals { own: Some(own), .. } if own.recorder == recorder => work.take().map(|work| work(own)),
        locals => locals.elsewhere(recorder, work.take()),
    });
    // The thread is ending and its slot is gone, yet a value that it drops may still wake a task. That goes into a log
    // of its own.
    done.unwrap_or_else(|_| Locals::default().elsewhere(recorder, work))
}

/// Does `work` with the recorder that this thread belongs to, if it belongs to one.
fn with_current<R>(work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    LOCALS.try_with(|locals| locals.borrow_mut().own.as_mut().map(work)).ok().flatten()
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
