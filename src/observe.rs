//! `.observe("A")`: gives a future, a thread or a call a lane in the recording.
//!
//! [`Observed`] stamps the start and end of each poll and, by wrapping the waker, each wake, so it works wherever a
//! future does: spawned, under `join!` or a `JoinSet`, one within the other. Where nothing is recorded, it only passes
//! the poll on. It writes through `record/local.rs`; read that next.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use pin_project_lite::pin_project;

use crate::record::{LaneEnd, LaneId, Polled, create};
use crate::trace::TaskKind;

/// Gives any future a lane.
pub trait Observe: Future + Sized {
    /// Returns this future with a lane called `name`, from now until it is done or dropped.
    ///
    /// The lane is a child of the lane that is running here and now. A name of more than 200 bytes is cut.
    fn observe(self, name: impl AsRef<str>) -> Observed<Self> {
        Observed::of_kind(TaskKind::Future, name.as_ref(), self)
    }
}

impl<F: Future> Observe for F {}

/// Returns a thread's work with a lane called `name`: `thread::spawn(observe_thread("A", || work()))`.
///
/// The lane is created here and now; it holds its thread from the first moment of `work` to the last, sleeping
/// or not.
pub fn observe_thread<T>(name: impl AsRef<str>, work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    observed(create(TaskKind::Thread, name.as_ref()), work)
}

/// Calls `work` and gives the call a lane called `name`. The lane holds the thread until `work` returns.
pub fn observe_call<T>(name: impl AsRef<str>, work: impl FnOnce() -> T) -> T {
    observed(create(TaskKind::Call, name.as_ref()), work)()
}

fn observed<T>(lane: Option<LaneId>, work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    move || match lane {
        None => work(),
        Some(lane) => {
            lane.starts();
            running(lane, work, |_| Polled::Ready)
        }
    }
}

/// Runs `work` as one slice of `lane`. `how` says how the slice ended; if `work` panics, so does this.
#[inline]
fn running<T>(lane: LaneId, work: impl FnOnce() -> T, how: impl FnOnce(&T) -> Polled<'static>) -> T {
    let begun = lane.begin();
    // Between the panic and `resume_unwind`, nothing uses a value that the panic may have left half changed.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => {
            lane.end(begun, how(&value));
            value
        }
        Err(panic) => {
            lane.end(begun, Polled::Panicked(message(&*panic)));
            resume_unwind(panic)
        }
    }
}

/// Returns the message of a panic, or a sentence that it has none.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

pin_project! {
    /// A future with a lane; made by [`Observe::observe`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited or spawned"]
    pub struct Observed<F> {
        // None once the lane has ended, and where nothing is recorded.
        lane: Option<Arc<LaneWaker>>,
        #[pin]
        future: F,
    }

    impl<F> PinnedDrop for Observed<F> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(lane) = this.project().lane.take() {
                lane.id.ended(LaneEnd::Dropped);
            }
        }
    }
}

impl<F: Future> Observed<F> {
    pub(crate) fn of_kind(kind: TaskKind, name: &str, future: F) -> Self {
        Observed { lane: create(kind, name).map(LaneWaker::new), future }
    }
}

impl<F: Future> Future for Observed<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(lane) = this.lane else {
            return this.future.poll(cx);
        };
        rewire(lane, cx.waker());
        let waker = Waker::from(Arc::clone(lane));
        let mut cx = Context::from_waker(&waker);
        let poll = running(lane.id, || this.future.poll(&mut cx), how_it_ended);
        if poll.is_ready() {
            *this.lane = None;
        }
        poll
    }
}

fn how_it_ended<T>(poll: &Poll<T>) -> Polled<'static> {
    if poll.is_ready() { Polled::Ready } else { Polled::Pending }
}

/// The waker of a lane: records the wake, then wakes the task.
///
/// An observed future holds one pointer to it. The cells in which tokio keeps its tasks grow in steps of 128 bytes: if
/// these 40 bytes lay in the future, a million sleeping tasks would pay for one step more each.
#[derive(Debug)]
struct LaneWaker {
    /// None before the first poll.
    inner: Option<Waker>,
    id: LaneId,
}

impl LaneWaker {
    fn new(id: LaneId) -> Arc<Self> {
        Arc::new(LaneWaker { inner: None, id })
    }
}

/// Makes `lane` wake `waker`.
#[inline]
fn rewire(lane: &mut Arc<LaneWaker>, waker: &Waker) {
    if !lane.inner.as_ref().is_some_and(|inner| inner.will_wake(waker)) {
        rewire_anew(lane, waker);
    }
}

fn rewire_anew(lane: &mut Arc<LaneWaker>, waker: &Waker) {
    let (id, inner) = (lane.id, Some(waker.clone()));
    if lane.inner.is_none() {
        id.starts();
    }
    match Arc::get_mut(lane) {
        Some(lane) => lane.inner = inner,
        // Code still holds the old one, and may fire it.
        None => *lane = Arc::new(LaneWaker { inner, id }),
    }
}

impl Wake for LaneWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Recorded first, because the next poll may begin on another core before `wake` returns.
        self.id.woken();
        if let Some(inner) = &self.inner {
            inner.wake_by_ref();
        }
    }
}
