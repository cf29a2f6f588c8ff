//! HTTP/2: turns the requests of h2 into events for an application and its events into responses and pushes.
//!
//! hyper speaks HTTP/2 as well, but it has no server push. This is the only module that uses h2.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use h2::server::{Builder, SendPushedResponse, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use http_body_util::Empty;
use hyper::body::{Body, Bytes, Frame};
use hyper::{Method, Request, Uri};
use tokio::time::{sleep, timeout};

use super::asgi::{Scope, ScopeKind};
use super::exchange::Exchange;
use super::guard::Refusal;
use super::request::{IncompleteResponse, RequestExchange, build_refusal, build_scope};
use super::stream::ClientStream;
use super::{CLIENT_TIMEOUT, CLOSE_TIMEOUT, ConnectionInfo, guard};

/// The number of requests that a client may have open at once on one connection.
const MAX_OPEN_REQUESTS: u32 = 100;
/// The longest list of headers of a request, in bytes, as HTTP/2 counts them.
const MAX_HEAD_BYTES: u32 = 16 * 1024;

/// The work of answering one request.
type ResponseFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves requests until the connection ends.
///
/// `start_app` starts the application for each request and each push.
pub(super) async fn serve(
    stream: ClientStream,
    mut info: ConnectionInfo,
    start_app: impl Fn(Scope) -> Exchange + Clone + Send + Sync + 'static,
) {
    let mut builder = Builder::new();
    builder.max_concurrent_streams(MAX_OPEN_REQUESTS).max_header_list_size(MAX_HEAD_BYTES);
    let handshake = timeout(CLIENT_TIMEOUT, builder.handshake::<_, Bytes>(stream)).await;
    let Ok(Ok(mut connection)) = handshake else { return };
    let mut responses: FuturesUnordered<ResponseFuture> = FuturesUnordered::new();
    let request_info = info.clone();
    let serving = async {
        loop {
            tokio::select! {
                request = connection.accept() => match request {
                    Some(Ok((request, responder))) => {
                        responses.push(Box::pin(respond(request, responder, request_info.clone(), start_app.clone())));
                    }
                    // Errors are ignored: a client that breaks the protocol or the connection gets no answer anyway.
                    Some(Err(_)) | None => return true,
                },
                Some(()) = responses.next() => {}
                () = sleep(CLIENT_TIMEOUT), if responses.is_empty() => return false,
            }
        }
    };
    let has_ended = tokio::select! {
        has_ended = serving => has_ended,
        () = info.wait_for_close() => false,
    };
    if has_ended {
        return;
    }
    // Sends GOAWAY, so that the client knows which of its requests are answered.
    connection.graceful_shutdown();
    let finishing = async {
        loop {
            tokio::select! {
                request = connection.accept() => if !matches!(request, Some(Ok(_))) { return },
                Some(()) = responses.next() => {}
            }
        }
    };
    let _ = timeout(CLOSE_TIMEOUT, finishing).await;
}

/// Answers one request, and sends what the application wants to push along with it.
async fn respond(
    request: Request<RecvStream>,
    mut responder: SendResponse<Bytes>,
    info: ConnectionInfo,
    start_app: impl Fn(Scope) -> Exchange + Send + Sync + 'static,
) {
    let authority = request.uri().authority().map(ToString::to_string);
    // An answer to HEAD has the head alone (RFC 9110, section 9.3.2).
    let head_alone = request.method() == Method::HEAD;
    if let Err(Refusal { status, reason }) = guard::check(request.headers(), authority.as_deref(), info.local.ip()) {
        let sent = responder.send_response(build_refusal(status, ()), head_alone);
        if let Ok(mut stream) = sent
            && !head_alone
        {
            let _ = stream.send_data(Bytes::from_static(reason.as_bytes()), true);
        }
        return;
    }
    let exchange = start_app(build_scope(&request, ScopeKind::Http, "2", &info));
    let mut exchange = RequestExchange::new(exchange, RequestBody(request.into_body()));
    let mut pushes = Pushes { responses: FuturesUnordered::new(), authority, info, start_app };
    let head = poll_fn(|context| {
        let head = exchange.poll_head(context);
        pushes.poll_all(&mut exchange.pushes, &mut responder, context);
        head
    });
    let head = head.await;
    let ends = head_alone || exchange.is_end_stream();
    let Ok(mut stream) = responder.send_response(head, ends) else { return };
    if !ends {
        send_parts(&mut exchange, &mut pushes, &mut responder, &mut stream).await;
    }
    while pushes.responses.next().await.is_some() {}
}

/// Sends the body of a response part by part, and what the application wants to push meanwhile.
async fn send_parts<F: Fn(Scope) -> Exchange>(
    exchange: &mut RequestExchange<RequestBody>,
    pushes: &mut Pushes<F>,
    responder: &mut SendResponse<Bytes>,
    stream: &mut SendStream<Bytes>,
) {
    loop {
        let part = poll_fn(|context| {
            let part = exchange.poll_part(context);
            pushes.poll_all(&mut exchange.pushes, responder, context);
            part
        });
        if !send_part(stream, part.await).await {
            return;
        }
    }
}

/// The pushes of one request: responses to requests that the client has not made.
struct Pushes<F> {
    responses: FuturesUnordered<ResponseFuture>,
    authority: Option<String>,
    info: ConnectionInfo,
    start_app: F,
}

impl<F: Fn(Scope) -> Exchange> Pushes<F> {
    /// Promises `paths` to the client, empties it, and polls the responses that were promised before.
    fn poll_all(&mut self, paths: &mut Vec<String>, responder: &mut SendResponse<Bytes>, context: &mut Context<'_>) {
        for path in paths.drain(..) {
            let Some(promise) = build_promise(self.authority.as_deref(), &path) else { continue };
            let exchange = (self.start_app)(build_scope(&promise, ScopeKind::Http, "2", &self.info));
            // Fails if the client does not allow pushes. The application may still ask for them.
            if let Ok(responder) = responder.push_request(promise) {
                self.responses.push(Box::pin(respond_to_push(exchange, responder)));
            }
        }
        while let Poll::Ready(Some(())) = self.responses.poll_next_unpin(context) {}
    }
}

/// Builds the request for `path` that the client is spared. `None` if the path or the authority is not valid.
fn build_promise(authority: Option<&str>, path: &str) -> Option<Request<()>> {
    let uri = Uri::builder().scheme("http").authority(authority?).path_and_query(path).build().ok()?;
    Request::builder().method(Method::GET).uri(uri).body(()).ok()
}

async fn respond_to_push(exchange: Exchange, mut responder: SendPushedResponse<Bytes>) {
    let mut exchange = RequestExchange::new(exchange, Empty::new());
    let head = poll_fn(|context| exchange.poll_head(context)).await;
    let Ok(mut stream) = responder.send_response(head, exchange.is_end_stream()) else { return };
    while send_part(&mut stream, poll_fn(|context| exchange.poll_part(context)).await).await {}
}

/// Sends a part of a response's body as fast as the client reads. Returns whether another part may follow.
async fn send_part(stream: &mut SendStream<Bytes>, part: Option<Result<Bytes, IncompleteResponse>>) -> bool {
    let mut part = match part {
        Some(Ok(part)) => part,
        Some(Err(IncompleteResponse)) => {
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
        let capacity = timeout(CLIENT_TIMEOUT, poll_fn(|context| stream.poll_capacity(context))).await;
        let Ok(Some(Ok(capacity))) = capacity else {
            stream.send_reset(Reason::CANCEL);
            return false;
        };
        let chunk = part.split_to(capacity.min(part.len()));
        if stream.send_data(chunk, false).is_err() {
            return false;
        }
    }
    true
}

/// The body of a request, in the form that [`RequestExchange`] reads.
struct RequestBody(RecvStream);

impl Body for RequestBody {
    type Data = Bytes;
    type Error = h2::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let Some(data) = ready!(self.0.poll_data(context)) else { return Poll::Ready(None) };
        // Lets the client send as much again. The next part is read only once the application has received this one.
        let data = data.and_then(|data| {
            self.0.flow_control().release_capacity(data.len())?;
            Ok(data)
        });
        Poll::Ready(Some(data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }
}
