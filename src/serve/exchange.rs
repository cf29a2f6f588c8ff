//! What flows between the server and an application: one event at a time each way, in the same task.
//!
//! No channels, and no task for the application: whoever serves the connection polls it. So an idle connection takes
//! little memory, a slow reader slows the application down instead of filling a queue, and an application goes with
//! its connection. Knows events, not what they become on a socket. Read `websocket.rs` next.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::asgi::{Gone, Received, Sent};

/// The application at work on one scope.
pub(super) type Running = Pin<Box<dyn Future<Output = ()> + std::marker::Send>>;

/// A place for one event each way.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Mutex<Ends>>);

#[derive(Default)]
struct Ends {
    received: Option<Received>,
    sent: Option<Sent>,
    /// Set when nothing gets across any more: what the application receives from then on.
    gone: Option<Received>,
    /// Who waits for an event, and who for room for one.
    receiver: Option<Waker>,
    sender: Option<Waker>,
    server: Option<Waker>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The application's next event.
    pub(super) async fn receive(&self) -> Received {
        poll_fn(|context| {
            let mut ends = self.ends();
            if let Some(received) = ends.received.take() {
                wake(&mut ends.server);
                return Poll::Ready(received);
            }
            if let Some(gone) = &ends.gone {
                return Poll::Ready(gone.clone());
            }
            ends.receiver = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Takes the application's event as soon as there is room.
    pub(super) async fn send(&self, event: Sent) -> Result<(), Gone> {
        let mut event = Some(event);
        poll_fn(|context| {
            let mut ends = self.ends();
            if ends.gone.is_some() {
                return Poll::Ready(Err(Gone));
            }
            if ends.sent.is_some() {
                ends.sender = Some(context.waker().clone());
                return Poll::Pending;
            }
            ends.sent = event.take();
            wake(&mut ends.server);
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// The server's side of [`Line::send`].
    pub(super) fn poll_sent(&self, context: &mut Context<'_>) -> Poll<Sent> {
        let mut ends = self.ends();
        match ends.sent.take() {
            Some(sent) => {
                wake(&mut ends.sender);
                Poll::Ready(sent)
            }
            None => {
                ends.server = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Whether there is room for an event that the server has received.
    pub(super) fn has_room(&self) -> bool {
        self.ends().received.is_none()
    }

    /// The server's side of [`Line::receive`]; only called while there is room.
    pub(super) fn put(&self, received: Received) {
        let mut ends = self.ends();
        ends.received = Some(received);
        wake(&mut ends.receiver);
    }

    /// Nothing gets across any more: the application receives `last` whenever it asks, and cannot send.
    pub(super) fn end(&self, last: Received) {
        let mut ends = self.ends();
        ends.gone = Some(last);
        wake(&mut ends.receiver);
        wake(&mut ends.sender);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// An application at work, and the line to it.
pub(super) struct Exchange {
    pub(super) line: Line,
    app: Option<Running>,
}

impl Exchange {
    pub(super) fn new(line: Line, app: Running) -> Self {
        Exchange { line, app: Some(app) }
    }

    /// The application's next event; none once it has ended.
    pub(super) fn poll_sent(&mut self, context: &mut Context<'_>) -> Poll<Option<Sent>> {
        loop {
            if let Poll::Ready(sent) = self.line.poll_sent(context) {
                return Poll::Ready(Some(sent));
            }
            let Some(app) = &mut self.app else { return Poll::Ready(None) };
            match app.as_mut().poll(context) {
                Poll::Ready(()) => self.app = None,
                // It may have sent something before it came to wait.
                Poll::Pending => return self.line.poll_sent(context).map(Some),
            }
        }
    }

    /// Waits for it.
    pub(super) async fn next(&mut self) -> Option<Sent> {
        poll_fn(|context| self.poll_sent(context)).await
    }
}
