//! A request under way: its body comes in as the application asks for it, and the application's answer goes out.
//!
//! The same for HTTP/1.1 and HTTP/2. Read `http1.rs` next.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body_util::Limited;
use hyper::body::{Body, Bytes, Frame};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode, http};
use tokio::time::{Sleep, sleep};

use super::asgi::{Kind, Received, Scope, Sent};
use super::exchange::Exchange;
use super::{About, LONGEST, PATIENCE};

/// A request, and the application that answers it.
pub(super) struct Asked<B> {
    pub(super) exchange: Exchange,
    /// None once all of it has come.
    body: Option<Pin<Box<Limited<B>>>>,
    /// When the other end has taken too long to go on with it.
    deadline: Option<Pin<Box<Sleep>>>,
    /// What is wrong with the request, if anything is.
    refused: Option<StatusCode>,
    /// Whether the answer is complete.
    answered: bool,
    /// Paths that the application would like to push.
    pub(super) pushes: Vec<String>,
}

/// The answer broke off, so the connection has to, or nobody would know.
#[derive(Debug, thiserror::Error)]
#[error("the application ended in the middle of its answer")]
pub(super) struct BrokenOff;

impl<B: Body<Data = Bytes>> Asked<B> {
    pub(super) fn new(exchange: Exchange, body: B) -> Self {
        let body = Some(Box::pin(Limited::new(body, LONGEST)));
        Asked { exchange, body, deadline: None, refused: None, answered: false, pushes: Vec::new() }
    }

    /// The application's next event; none once it has ended, or once there is something wrong with the request.
    pub(super) fn poll_sent(&mut self, context: &mut Context<'_>) -> Poll<Option<Sent>>
    where
        B::Error: Into<Box<dyn std::error::Error + std::marker::Send + Sync>>,
    {
        loop {
            let fed = self.feed(context);
            match self.exchange.poll_sent(context) {
                Poll::Pending if self.refused.is_some() => return Poll::Ready(None),
                // It has taken what there was, and may ask for more.
                Poll::Pending if fed && self.exchange.line.has_room() => {}
                polled => return polled,
            }
        }
    }

    /// Hands on what has come of the body, if there is room: whether there was anything.
    fn feed(&mut self, context: &mut Context<'_>) -> bool
    where
        B::Error: Into<Box<dyn std::error::Error + std::marker::Send + Sync>>,
    {
        let Some(body) = self.body.as_mut().filter(|_| self.exchange.line.has_room()) else { return false };
        let frame = body.as_mut().poll_frame(context);
        if frame.is_ready() {
            self.deadline = None;
        }
        match frame {
            Poll::Ready(Some(Ok(frame))) => {
                let part = frame.into_data().unwrap_or_default();
                let more_body = !body.is_end_stream();
                self.put(part.into(), more_body);
            }
            Poll::Ready(None) => self.put(Vec::new(), false),
            Poll::Ready(Some(Err(_))) => self.refuse(StatusCode::PAYLOAD_TOO_LARGE),
            Poll::Pending => {
                let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
                if deadline.as_mut().poll(context).is_pending() {
                    return false;
                }
                self.refuse(StatusCode::REQUEST_TIMEOUT);
            }
        }
        true
    }

    fn put(&mut self, body: Vec<u8>, more_body: bool) {
        if !more_body {
            self.body = None;
        }
        self.exchange.line.put(Received::HttpRequest { body, more_body });
    }

    fn refuse(&mut self, status: StatusCode) {
        self.body = None;
        self.refused = Some(status);
        self.exchange.line.end(Received::HttpDisconnect);
    }

    /// The beginning of the answer: the status that the application gives, or one that says what went wrong.
    pub(super) fn poll_start(&mut self, context: &mut Context<'_>) -> Poll<Response<()>>
    where
        B::Error: Into<Box<dyn std::error::Error + std::marker::Send + Sync>>,
    {
        loop {
            return Poll::Ready(match ready!(self.poll_sent(context)) {
                Some(Sent::HttpResponseStart { status, headers }) => match response(status, &headers) {
                    Ok(response) => response,
                    Err(_) => self.give_up(StatusCode::INTERNAL_SERVER_ERROR),
                },
                Some(Sent::HttpResponsePush { path }) => {
                    self.pushes.push(path);
                    continue;
                }
                _ => self.give_up(self.refused.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
            });
        }
    }

    fn give_up(&mut self, status: StatusCode) -> Response<()> {
        self.answered = true;
        plain(status, ())
    }

    /// The next part of the answer's body; none at its end.
    pub(super) fn poll_part(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BrokenOff>>>
    where
        B::Error: Into<Box<dyn std::error::Error + std::marker::Send + Sync>>,
    {
        while !self.answered {
            match ready!(self.poll_sent(context)) {
                Some(Sent::HttpResponseBody { body, more_body }) => {
                    self.answered = !more_body;
                    if !body.is_empty() {
                        return Poll::Ready(Some(Ok(body.into())));
                    }
                }
                Some(Sent::HttpResponsePush { path }) => self.pushes.push(path),
                _ => {
                    self.answered = true;
                    return Poll::Ready(Some(Err(BrokenOff)));
                }
            }
        }
        Poll::Ready(None)
    }
}

/// An answer's body is what the application sends; it is polled by whoever writes the answer.
impl<B: Body<Data = Bytes>> Body for Asked<B>
where
    B::Error: Into<Box<dyn std::error::Error + std::marker::Send + Sync>>,
{
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        // Nothing in it is pinned in place.
        self.get_mut().poll_part(context).map(|part| part.map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.answered
    }
}

impl<B> Drop for Asked<B> {
    fn drop(&mut self) {
        // A task that the application has spawned may still hold the line.
        self.exchange.line.end(Received::HttpDisconnect);
    }
}

/// What an application is told of a request.
pub(super) fn scope<B>(request: &http::Request<B>, kind: Kind, http_version: &'static str, about: &About) -> Scope {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Scope {
        kind,
        http_version,
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query_string: request.uri().query().unwrap_or_default().to_owned(),
        headers: request.headers().iter().map(header).collect(),
        client: about.client,
    }
}

fn response(status: u16, headers: &[(String, String)]) -> http::Result<Response<()>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(())
}

/// An answer that has nothing to say but its status.
pub(super) fn plain<B>(status: StatusCode, body: B) -> Response<B> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = HeaderMap::new();
    response
}
