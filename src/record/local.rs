//! The calling thread's end of the recording: who is running here, and a writer for what it does.
//!
//! A thread belongs to one recorder at a time: the session attaches its runtime's threads, and a lane attaches
//! whatever thread it is polled or woken on. Nothing here takes a lock that another worker could hold, and nothing
//! allocates on the poll path but a chunk of log now and then.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tracing::Metadata;

use super::event::Encoder;
use super::log::Writer;
use super::{Shared, find};
use crate::trace::TaskKind;

/// A name longer than this is cut: names are looked at, and a stranger's line can be one.
const LONGEST_NAME: usize = 200;
/// So is what a mark or a panic says.
const LONGEST_TEXT: usize = 2_000;

/// Names a lane of one recorder.
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
    /// The one it belongs to: new lanes and marks are this one's.
    own: Option<Local>,
    /// Those whose lanes it woke while it worked for its own.
    others: Vec<Local>,
}

impl Locals {
    /// Works for another recorder than its own: which becomes its own, unless it works for that one right now.
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
    /// `shared.id`, at hand.
    recorder: u32,
    /// Whether a session asked for it: then it is this thread's own until another one does.
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

/// Works with this thread's writer for `recorder`, attaching the thread if need be. None if that recorder is gone.
#[inline]
fn with<R>(recorder: u32, work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    let mut work = Some(work);
    let done = LOCALS.try_with(|locals| match &mut *locals.borrow_mut() {
        Locals { own: Some(own), .. } if own.recorder == recorder => work.take().map(|work| work(own)),
        locals => locals.elsewhere(recorder, work.take()),
    });
    // The thread is ending and its slot is gone, yet a value that it drops may still wake a task: a log of its own
    // keeps that.
    done.unwrap_or_else(|_| Locals::default().elsewhere(recorder, work))
}

/// Works with whatever recorder this thread is attached to, if any.
fn with_current<R>(work: impl FnOnce(&mut Local) -> R) -> Option<R> {
    LOCALS.try_with(|locals| locals.borrow_mut().own.as_mut().map(work)).ok().flatten()
}

/// A new lane in this thread's recording, a child of the lane that runs here. None where nobody records.
pub(crate) fn create(kind: TaskKind, name: &str) -> Option<LaneId> {
    with_current(|local| {
        let lane = local.shared.next_lane.fetch_add(1, Ordering::Relaxed);
        let parent = local.writer.log().running().top();
        let (now, name) = (local.now(), cut(name, LONGEST_NAME));
        local.encoder.created(now, lane, parent, kind as u8, &name, local.writer.with_text(&name));
        LaneId { recorder: local.recorder, lane }
    })
}

impl LaneId {
    /// The first poll is about to begin: notes whether an executor does it, or another lane.
    pub(crate) fn started(self) {
        with(self.recorder, |local| {
            if local.writer.log().running().depth() == 0 {
                local.encoder.started(self.lane, local.writer.short());
            }
        });
    }

    /// This lane holds the thread from now until [`LaneId::end`], which wants the answer: the tick of now.
    #[inline]
    pub(crate) fn begin(self) -> u64 {
        let begun = with(self.recorder, |local| {
            let now = local.now();
            local.writer.log().running().push(self.lane, now);
            now
        });
        begun.unwrap_or(0)
    }

    /// The poll that began at tick `since` is over.
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
                    let out = local.writer.with_text(&message);
                    return local.encoder.panicked(now, self.lane, ticks, &message, out);
                }
            };
            local.encoder.polled(now, self.lane, ticks, ready, local.writer.short());
        });
    }

    /// This lane's waker fires.
    #[inline]
    pub(crate) fn woken(self) {
        with(self.recorder, |local| {
            local.encoder.woken(local.now(), self.lane, local.writer.short());
        });
    }

    /// The lane ends outside of a poll: its future is dropped, or its span closed (`done`).
    pub(crate) fn ended(self, done: bool) {
        with(self.recorder, |local| local.encoder.ended(local.now(), self.lane, done, local.writer.short()));
    }
}

/// Somebody says `text` at `site`, on behalf of the lane that runs on this thread.
pub(super) fn mark(site: &'static Metadata<'static>, text: &str) {
    with_current(|local| {
        let log = local.writer.log();
        let (lane, site) = (log.running().top(), log.site(site));
        let (now, text) = (local.now(), cut(text, LONGEST_TEXT));
        local.encoder.marked(now, lane, site, &text, local.writer.with_text(&text));
    });
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest {
        return Cow::Borrowed(text);
    }
    let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(format!("{}…", &text[..end]))
}
