//! An ASGI server for scenes: it serves an application over HTTP/1.1, HTTP/2 and WebSocket.
//!
//! Everything that clients do is limited here, so that an application need not care: which pages may reach it, how long
//! a message may be, how long a handshake may take, and how long a client may leave its response unread. Each
//! connection is one future, so that a scene can give it a lane:
//!
//! ```no_run
//! use asyncguide::serve::{Endpoint, EventReceiver, EventSender, Scope, SendEvent, Server};
//!
//! async fn app(scope: Scope, _receiver: EventReceiver, sender: EventSender) {
//!     let start = SendEvent::HttpResponseStart { status: 200, headers: Vec::new() };
//!     let body = SendEvent::HttpResponseBody { body: scope.path.into_bytes(), more_body: false };
//!     if sender.send(start).await.is_ok() {
//!         let _ = sender.send(body).await;
//!     }
//! }
//!
//! # async fn serve() -> std::io::Result<()> {
//! let server = Server::open(&Endpoint::default()).await?;
//! println!("http://{}/", server.address());
//! while let Some(connection) = server.accept().await {
//!     tokio::spawn(connection.serve(app));
//! }
//! # Ok(())
//! # }
//! ```
//!
//! This module knows nothing of lessons and recordings. Read `asgi.rs` next for what an application sees, then
//! `http1.rs`.

mod asgi;
mod event;
mod exchange;
mod guard;
mod http1;
mod http2;
mod reach;
mod request;
mod stream;
mod websocket;

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tracing::warn;

use crate::refusals;

pub use self::asgi::{EventReceiver, EventSender, Scope, ScopeKind};
pub use self::event::{Disconnected, Message, ReceiveEvent, SendEvent};
use self::exchange::{EventSlot, Exchange};
use self::stream::ClientStream;
use self::websocket::WebSocketConnection;

/// The time that a client has for its first bytes, for each further part of a request, and for reading what was sent.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);
/// The time that a connection has to end once the server closes.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest body of a request and the longest message on a WebSocket, in bytes.
const MAX_MESSAGE_BYTES: usize = 64 * 1024;
/// The wait after a connection could not be accepted.
const RETRY_DELAY: Duration = Duration::from_millis(50);
/// The shortest time between two warnings about connections that could not be accepted.
const WARNING_INTERVAL: Duration = Duration::from_secs(1);

/// A server for ASGI applications over HTTP/1.1, HTTP/2 and WebSockets, which listens until it is closed.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    endpoint: Endpoint,
    closing: watch::Sender<bool>,
    /// The time of the last warning about a connection that could not be accepted.
    last_warning: Mutex<Option<Instant>>,
}

/// A connection from one client.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    info: ConnectionInfo,
}

/// The facts about a connection that are known before its first byte.
#[derive(Clone, Debug)]
struct ConnectionInfo {
    client: SocketAddr,
    /// The address that the server listens at.
    local: SocketAddr,
    /// Becomes true when the server closes.
    closing: watch::Receiver<bool>,
}

/// The address that a scene serves at, and the signal that ends it.
///
/// The default is any free port of 127.0.0.1, without such a signal.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// `None` stands for any free port of 127.0.0.1.
    listener: Option<Arc<std::net::TcpListener>>,
    /// Becomes true when the server is to close. `None` if it is never told to.
    stop: Option<watch::Receiver<bool>>,
}

impl Endpoint {
    /// Binds `address` and listens at once. The server closes when `stop` becomes true.
    ///
    /// # Errors
    /// Returns the system's error if the address is in use or not allowed.
    pub(crate) fn bind(address: SocketAddr, stop: watch::Receiver<bool>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Endpoint { listener: Some(Arc::new(listener)), stop: Some(stop) })
    }

    async fn wait_for_stop(&self) {
        let Some(mut stop) = self.stop.clone() else { return pending().await };
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

impl Server {
    /// Opens a server at `endpoint`.
    ///
    /// # Errors
    /// Returns the system's error if there is no free port, or no file descriptor left.
    pub async fn open(endpoint: &Endpoint) -> io::Result<Self> {
        let listener = match &endpoint.listener {
            Some(listener) => TcpListener::from_std(listener.try_clone()?)?,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
        };
        Ok(Server {
            address: listener.local_addr()?,
            listener,
            endpoint: endpoint.clone(),
            closing: watch::Sender::new(false),
            last_warning: Mutex::default(),
        })
    }

    /// Returns the address that the server listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the addresses that people can open: those of this machine if the server listens at all of them, as at
    /// 0.0.0.0. There is at least one, and the first is one of this machine alone if the server listens there.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        reach::addresses(self.address)
    }

    /// Waits for the next connection. Returns `None` once the server closes, for instance after Ctrl-C.
    ///
    /// If the system cannot give it a connection, because no file descriptor is left, the server tries again every
    /// 50 ms and logs a warning at most once a second.
    pub async fn accept(&self) -> Option<Connection> {
        let mut closing = self.closing.subscribe();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = closing.wait_for(|closing| *closing) => return None,
                () = self.endpoint.wait_for_stop() => {
                    self.close();
                    return None;
                }
            };
            match accepted {
                Ok((stream, client)) => {
                    // Sends small messages at once. If that fails, they are only later.
                    let _ = stream.set_nodelay(true);
                    reach::keep_alive(&stream);
                    let info = ConnectionInfo { client, local: self.address, closing: self.closing.subscribe() };
                    return Some(Connection { stream, info });
                }
                Err(error) => {
                    self.warn_of(&error);
                    if self.endpoint.stop.is_none() {
                        // The clients are in this process. They hold the descriptors, and would wait for ever.
                        refusals::report_error(&error);
                    }
                    sleep(RETRY_DELAY).await;
                }
            }
        }
    }

    /// Logs a warning, unless there was one within [`WARNING_INTERVAL`].
    fn warn_of(&self, error: &io::Error) {
        let mut last_warning = self.last_warning.lock().unwrap_or_else(PoisonError::into_inner);
        if last_warning.is_none_or(|last| last.elapsed() >= WARNING_INTERVAL) {
            warn!("cannot take another connection: {error}");
            *last_warning = Some(Instant::now());
        }
    }

    /// Closes the server: it accepts no more connections, and those that are open end within about a second.
    /// WebSockets are closed with code 1001.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl ConnectionInfo {
    /// Waits until the server closes or is dropped.
    async fn wait_for_close(&mut self) {
        let _ = self.closing.wait_for(|closing| *closing).await;
    }
}

impl Connection {
    /// Returns the address and port of the client.
    pub fn client(&self) -> SocketAddr {
        self.info.client
    }

    /// Serves `app` until the connection ends. Calls it for each request and for a WebSocket.
    pub async fn serve<A, F>(self, app: A)
    where
        A: Fn(Scope, EventReceiver, EventSender) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        // The state of HTTP is large. On the heap it is freed when the connection becomes a WebSocket, which may then
        // be idle for hours.
        if let Some(mut connection) = Box::pin(self.serve_http(app)).await {
            websocket::serve(&mut connection).await;
        }
    }

    /// Serves `app` over HTTP until the connection ends. Returns the connection if it has become a WebSocket.
    async fn serve_http<A, F>(self, app: A) -> Option<WebSocketConnection>
    where
        A: Fn(Scope, EventReceiver, EventSender) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let Connection { stream, info } = self;
        let mut stream = ClientStream::new(stream);
        let start_app = move |scope| {
            let slot = EventSlot::default();
            let future = app(scope, EventReceiver(slot.clone()), EventSender(slot.clone()));
            Exchange::new(slot, Box::pin(future))
        };
        // A client that sends nothing is dropped.
        let speaks_http2 = timeout(CLIENT_TIMEOUT, stream.speaks_http2()).await.ok()?.ok()?;
        if speaks_http2 {
            http2::serve(stream, info, start_app).await;
            return None;
        }
        http1::serve(stream, info, start_app).await
    }
}
