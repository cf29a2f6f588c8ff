//! The hand-over of events between the server and an application.
//!
//! There are no channels, and the application is not a task of its own: the future that serves its connection polls it.
//! So an idle connection takes little memory, a slow client slows its application down instead of filling a queue, and
//! an application is dropped together with its connection. This module knows events, but not what they become on a
//! socket. Read `request.rs` next for HTTP and `websocket.rs` for WebSockets.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::event::{Disconnected, ReceiveEvent, SendEvent};

/// An application that serves one scope.
pub(super) type AppFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A slot for one event in each direction. The server and the application's two ends hold clones of it.
#[derive(Clone, Default)]
pub(super) struct EventSlot(Arc<Mutex<SlotState>>);

#[derive(Default)]
struct SlotState {
    /// The event that the application has not yet received.
    to_app: Option<ReceiveEvent>,
    /// The event that the server has not yet taken.
    to_server: Option<SendEvent>,
    /// The application's last event. Once it is set, the application receives nothing else and cannot send.
    disconnect: Option<ReceiveEvent>,
    /// Wakes the application when there is an event for it.
    receiver: Option<Waker>,
    /// Wakes the application when there is room for its event.
    sender: Option<Waker>,
    /// Wakes the server when the application has received or sent an event.
    server: Option<Waker>,
}

impl fmt::Debug for EventSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSlot")
    }
}

impl EventSlot {
    fn state(&self) -> MutexGuard<'_, SlotState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the application's next event. After [`EventSlot::disconnect`], returns that event at every call.
    pub(super) async fn recv(&self) -> ReceiveEvent {
        poll_fn(|context| {
            let mut state = self.state();
            if let Some(event) = state.to_app.take() {
                wake(&mut state.server);
                return Poll::Ready(event);
            }
            if let Some(disconnect) = &state.disconnect {
                return Poll::Ready(disconnect.clone());
            }
            state.receiver = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// Waits until the slot has room, then puts the application's event into it.
    pub(super) async fn send(&self, event: SendEvent) -> Result<(), Disconnected> {
        let mut event = Some(event);
        poll_fn(|context| {
            let mut state = self.state();
            if state.disconnect.is_some() {
                return Poll::Ready(Err(Disconnected));
            }
            if state.to_server.is_some() {
                state.sender = Some(context.waker().clone());
                return Poll::Pending;
            }
            state.to_server = event.take();
            wake(&mut state.server);
            Poll::Ready(Ok(()))
        })
        .await
    }

    /// Takes the event that the application has sent, for the server.
    pub(super) fn poll_take(&self, context: &mut Context<'_>) -> Poll<SendEvent> {
        let mut state = self.state();
        match state.to_server.take() {
            Some(event) => {
                wake(&mut state.sender);
                Poll::Ready(event)
            }
            None => {
                state.server = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Returns whether the application has received the event before, so that the server may call [`EventSlot::put`].
    pub(super) fn has_room(&self) -> bool {
        self.state().to_app.is_none()
    }

    /// Hands an event to the application. The caller checks [`EventSlot::has_room`] first, or the event that is still in
    /// the slot is lost.
    pub(super) fn put(&self, event: ReceiveEvent) {
        let mut state = self.state();
        state.to_app = Some(event);
        wake(&mut state.receiver);
    }

    /// Ends the exchange. From now on the application receives `last` at every call and cannot send.
    pub(super) fn disconnect(&self, last: ReceiveEvent) {
        let mut state = self.state();
        state.disconnect = Some(last);
        wake(&mut state.receiver);
        wake(&mut state.sender);
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

/// A running application and the slot through which the server reaches it.
pub(super) struct Exchange {
    pub(super) slot: EventSlot,
    /// `None` once the application has returned.
    app: Option<AppFuture>,
}

impl Exchange {
    pub(super) fn new(slot: EventSlot, app: AppFuture) -> Self {
        Exchange { slot, app: Some(app) }
    }

    /// Polls the application and returns the next event that it sends, or `None` once it has returned.
    pub(super) fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<SendEvent>> {
        loop {
            if let Poll::Ready(event) = self.slot.poll_take(context) {
                return Poll::Ready(Some(event));
            }
            let Some(app) = &mut self.app else { return Poll::Ready(None) };
            match app.as_mut().poll(context) {
                // It may have sent an event just before it returned, so the loop looks once more.
                Poll::Ready(()) => self.app = None,
                // Likewise before it began to wait.
                Poll::Pending => return self.slot.poll_take(context).map(Some),
            }
        }
    }

    /// Waits for the next event that the application sends. Returns `None` once it has returned.
    pub(super) async fn next_event(&mut self) -> Option<SendEvent> {
        poll_fn(|context| self.poll_event(context)).await
    }
}
