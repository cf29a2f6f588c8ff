//! A request that an application answers: the body comes in as the application asks for it, the response goes out.
//!
//! HTTP/1.1 and HTTP/2 share this module. Read `http1.rs` next, then `http2.rs`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body_util::Limited;
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode, http};
use tokio::time::{Sleep, sleep};

use super::asgi::{Scope, ScopeKind};
use super::event::{ReceiveEvent, SendEvent};
use super::exchange::Exchange;
use super::{CLIENT_TIMEOUT, ConnectionInfo, MAX_MESSAGE_BYTES};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A request and the application that answers it. As a [`Body`], it is the body of the response.
pub(super) struct RequestExchange<B> {
    exchange: Exchange,
    /// The rest of the request's body. `None` once all of it has arrived.
    body: Option<Pin<Box<Limited<B>>>>,
    /// The end of the time that the client has for the next part of the body.
    body_deadline: Option<Pin<Box<Sleep>>>,
    /// The status for a request whose body was too long or too slow.
    refused: Option<StatusCode>,
    /// Whether the response is complete.
    complete: bool,
    /// Paths that the application wants to push and that the connection has not yet taken.
    pub(super) pushes: Vec<String>,
}

/// The error of a response whose application returned before the response was complete. The connection or the stream
/// has to be reset, since the client could not tell otherwise.
#[derive(Debug, thiserror::Error)]
#[error("the application returned before its response was complete")]
pub(super) struct IncompleteResponse;

impl<B> RequestExchange<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    pub(super) fn new(exchange: Exchange, body: B) -> Self {
        let body = Box::pin(Limited::new(body, MAX_MESSAGE_BYTES));
        RequestExchange {
            exchange,
            body: Some(body),
            body_deadline: None,
            refused: None,
            complete: false,
            pushes: Vec::new(),
        }
    }

    /// Returns the next event that the application sends. `None` once it has returned, or if the request is refused.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<SendEvent>> {
        loop {
            let has_fed = self.feed(context);
            match self.exchange.poll_event(context) {
                Poll::Pending if self.refused.is_some() => return Poll::Ready(None),
                // The application has received the part and may wait for the next one, which may be here already.
                Poll::Pending if has_fed && self.exchange.slot.has_room() => {}
                polled => return polled,
            }
        }
    }

    /// Hands the next part of the body to the application if it has room. Returns whether there was something to tell.
    fn feed(&mut self, context: &mut Context<'_>) -> bool {
        if !self.exchange.slot.has_room() {
            return false;
        }
        let Some(body) = &mut self.body else { return false };
        let frame = body.as_mut().poll_frame(context);
        if frame.is_ready() {
            self.body_deadline = None;
        }
        match frame {
            Poll::Ready(Some(Ok(frame))) => {
                let part = frame.into_data().unwrap_or_default();
                let more_body = !body.is_end_stream();
                self.put_part(part.into(), more_body);
            }
            Poll::Ready(None) => self.put_part(Vec::new(), false),
            Poll::Ready(Some(Err(_))) => self.refuse(StatusCode::PAYLOAD_TOO_LARGE),
            Poll::Pending => {
                let deadline = self.body_deadline.get_or_insert_with(|| Box::pin(sleep(CLIENT_TIMEOUT)));
                if deadline.as_mut().poll(context).is_pending() {
                    return false;
                }
                self.refuse(StatusCode::REQUEST_TIMEOUT);
            }
        }
        true
    }

    fn put_part(&mut self, body: Vec<u8>, more_body: bool) {
        if !more_body {
            self.body = None;
        }
        self.exchange.slot.put(ReceiveEvent::HttpRequest { body, more_body });
    }

    fn refuse(&mut self, status: StatusCode) {
        self.body = None;
        self.refused = Some(status);
        self.exchange.slot.disconnect(ReceiveEvent::HttpDisconnect);
    }

    /// Returns the head of the response.
    ///
    /// It is the application's, or an empty response with status 413 or 408 if the request is refused, or 500 if the
    /// application sends something else first or returns.
    pub(super) fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Response<()>> {
        loop {
            match ready!(self.poll_event(context)) {
                Some(SendEvent::HttpResponsePush { path }) => self.pushes.push(path),
                Some(SendEvent::HttpResponseStart { status, headers }) => {
                    let head = build_head(status, &headers);
                    return Poll::Ready(head.unwrap_or_else(|_| self.fail(StatusCode::INTERNAL_SERVER_ERROR)));
                }
                _ => {
                    let status = self.refused.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                    return Poll::Ready(self.fail(status));
                }
            }
        }
    }

    fn fail(&mut self, status: StatusCode) -> Response<()> {
        self.complete = true;
        build_empty_response(status, ())
    }

    /// Returns the next part of the response's body, which is never empty. `None` once the response is complete.
    pub(super) fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, IncompleteResponse>>> {
        while !self.complete {
            match ready!(self.poll_event(context)) {
                Some(SendEvent::HttpResponseBody { body, more_body }) => {
                    self.complete = !more_body;
                    if !body.is_empty() {
                        return Poll::Ready(Some(Ok(body.into())));
                    }
                }
                Some(SendEvent::HttpResponsePush { path }) => self.pushes.push(path),
                _ => {
                    self.complete = true;
                    return Poll::Ready(Some(Err(IncompleteResponse)));
                }
            }
        }
        Poll::Ready(None)
    }
}

impl<B> Body for RequestExchange<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = IncompleteResponse;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IncompleteResponse>>> {
        // What has to stay pinned in place is boxed.
        let part = ready!(self.get_mut().poll_part(context));
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.complete
    }
}

impl<B> Drop for RequestExchange<B> {
    fn drop(&mut self) {
        // The application may have spawned a task that still holds an `EventSender`; it must not wait for ever.
        self.exchange.slot.disconnect(ReceiveEvent::HttpDisconnect);
    }
}

/// Builds the scope that an application gets for `request`.
pub(super) fn build_scope<B>(
    request: &http::Request<B>,
    kind: ScopeKind,
    http_version: &'static str,
    info: &ConnectionInfo,
) -> Scope {
    let to_text = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Scope {
        kind,
        http_version,
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query_string: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().iter().map(to_text).collect(),
        client: info.client,
    }
}

fn build_head(status: u16, headers: &[(String, String)]) -> http::Result<Response<()>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(())
}

/// Builds a response whose `body` says in plain text why the server refuses a request.
pub(super) fn build_refusal<B>(status: StatusCode, body: B) -> Response<B> {
    let mut response = build_empty_response(status, body);
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
    response
}

/// Builds a response that has a status and no headers. `body` is an empty body of the type that the caller needs.
pub(super) fn build_empty_response<B>(status: StatusCode, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
