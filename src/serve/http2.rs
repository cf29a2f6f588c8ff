//! HTTP/2: streams on one side, an application's events on the other; and what the server sends without being asked.
//!
//! hyper speaks HTTP/2 as well, but not this last part of it. The one door to h2.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use h2::server::{Builder, SendPushedResponse, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use http_body_util::Empty;
use hyper::body::{Body, Bytes, Frame};
use hyper::{Method, Request, StatusCode, Uri};
use tokio::time::{sleep, timeout};

use super::asgi::{Kind, Scope};
use super::exchange::Exchange;
use super::request::{Asked, BrokenOff, plain, scope};
use super::stream::Stream;
use super::{About, GRACE, PATIENCE, guard};

/// Requests that one connection may have under way.
const MOST_STREAMS: u32 = 100;
/// The most that the headers of a request may take, in bytes.
const LONGEST_HEAD: u32 = 16 * 1024;

/// An answer under way.
type Answering = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves what `begin` begins for each request, to the connection's end.
pub(super) async fn serve(
    stream: Stream,
    mut about: About,
    begin: impl Fn(Scope) -> Exchange + Clone + Send + Sync + 'static,
) {
    let mut builder = Builder::new();
    builder.max_concurrent_streams(MOST_STREAMS).max_header_list_size(LONGEST_HEAD);
    let handshake = timeout(PATIENCE, builder.handshake::<_, Bytes>(stream)).await;
    let Ok(Ok(mut connection)) = handshake else { return };
    let mut answers: FuturesUnordered<Answering> = FuturesUnordered::new();
    let own = about.clone();
    let serving = async {
        loop {
            tokio::select! {
                request = connection.accept() => match request {
                    Some(Ok((request, respond))) => {
                        answers.push(Box::pin(answer(request, respond, own.clone(), begin.clone())));
                    }
                    // How a connection ended is its other end's business.
                    Some(Err(_)) | None => return,
                },
                Some(()) = answers.next() => {}
                () = sleep(PATIENCE), if answers.is_empty() => return,
            }
        }
    };
    tokio::select! {
        () = serving => return,
        () = about.closing() => {}
    }
    connection.graceful_shutdown();
    let rest = async {
        loop {
            tokio::select! {
                ended = connection.accept() => if !matches!(ended, Some(Ok(_))) { return },
                Some(()) = answers.next() => {}
            }
        }
    };
    let _ = timeout(GRACE, rest).await;
}

/// Answers one request, and sends what the application would like to push.
async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    about: About,
    begin: impl Fn(Scope) -> Exchange + Send + Sync + 'static,
) {
    let authority = request.uri().authority().map(ToString::to_string);
    if !guard::lets_in(request.headers(), authority.as_deref(), about.own.ip()) {
        let _ = respond.send_response(plain(StatusCode::FORBIDDEN, ()), true);
        return;
    }
    let exchange = begin(scope(&request, Kind::Http, "2", &about));
    let mut asked = Asked::new(exchange, Coming(request.into_body()));
    let mut pushes = Pushes { answers: FuturesUnordered::new(), authority, about, begin };
    let head = poll_fn(|context| {
        let start = asked.poll_start(context);
        pushes.go_on(&mut asked.pushes, &mut respond, context);
        start
    });
    let head = head.await;
    let Ok(mut stream) = respond.send_response(head, asked.is_end_stream()) else { return };
    loop {
        let part = poll_fn(|context| {
            let part = asked.poll_part(context);
            pushes.go_on(&mut asked.pushes, &mut respond, context);
            part
        });
        if !send(&mut stream, part.await).await {
            break;
        }
    }
    while pushes.answers.next().await.is_some() {}
}

/// Answers to requests that nobody made.
struct Pushes<F> {
    answers: FuturesUnordered<Answering>,
    authority: Option<String>,
    about: About,
    begin: F,
}

impl<F: Fn(Scope) -> Exchange> Pushes<F> {
    /// Promises these paths, and goes on with what was promised.
    fn go_on(&mut self, paths: &mut Vec<String>, respond: &mut SendResponse<Bytes>, context: &mut Context<'_>) {
        for path in paths.drain(..) {
            let Some(promise) = promise(self.authority.as_deref(), &path) else { continue };
            let exchange = (self.begin)(scope(&promise, Kind::Http, "2", &self.about));
            // Whoever wants no pushes gets none.
            if let Ok(respond) = respond.push_request(promise) {
                self.answers.push(Box::pin(answer_unasked(exchange, respond)));
            }
        }
        while let Poll::Ready(Some(())) = self.answers.poll_next_unpin(context) {}
    }
}

/// The request for `path` that the client will not have to make.
fn promise(authority: Option<&str>, path: &str) -> Option<Request<()>> {
    let uri = Uri::builder().scheme("http").authority(authority?).path_and_query(path).build().ok()?;
    Request::builder().method(Method::GET).uri(uri).body(()).ok()
}

async fn answer_unasked(exchange: Exchange, mut respond: SendPushedResponse<Bytes>) {
    let mut asked = Asked::new(exchange, Empty::new());
    let head = poll_fn(|context| asked.poll_start(context)).await;
    let Ok(mut stream) = respond.send_response(head, asked.is_end_stream()) else { return };
    while send(&mut stream, poll_fn(|context| asked.poll_part(context)).await).await {}
}

/// Sends a part of an answer, as fast as the other end takes it: whether there is more to send.
async fn send(stream: &mut SendStream<Bytes>, part: Option<Result<Bytes, BrokenOff>>) -> bool {
    let mut part = match part {
        Some(Ok(part)) => part,
        Some(Err(BrokenOff)) => {
            stream.send_reset(Reason::INTERNAL_ERROR);
            return false;
        }
        None => {
            let _ = stream.send_data(Bytes::new(), true);
            return false;
        }
    };
    while !part.is_empty() {
        stream.reserve_capacity(part.len());
        let capacity = timeout(PATIENCE, poll_fn(|context| stream.poll_capacity(context))).await;
        let Ok(Some(Ok(room))) = capacity else {
            stream.send_reset(Reason::CANCEL);
            return false;
        };
        let now = part.split_to(room.min(part.len()));
        if stream.send_data(now, false).is_err() {
            return false;
        }
    }
    true
}

/// The body of a request, as it comes.
struct Coming(RecvStream);

impl Body for Coming {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let Some(data) = ready!(self.0.poll_data(context)) else { return Poll::Ready(None) };
        // It is kept no longer than until the application has it, which has to ask for more.
        let taken = data.and_then(|data| self.0.flow_control().release_capacity(data.len()).map(|()| data));
        Poll::Ready(Some(taken.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }
}
