//! What a scene serves: an ASGI application, over HTTP/1.1, HTTP/2 and WebSockets.
//!
//! Whatever comes from outside is bounded here, so that an application need not care: who may ask, how long a
//! message may be and a handshake may take, and how long a reader may keep others waiting. Each connection is one
//! future, so that a scene can give it a lane. Knows nothing of lessons. Read `asgi.rs` next for what an application
//! sees, then `http1.rs`.

mod asgi;
mod exchange;
mod guard;
mod http1;
mod http2;
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

pub use self::asgi::{Gone, Kind, Message, Receive, Received, Scope, Send, Sent};
use self::exchange::{Exchange, Line};
use self::stream::Stream;
use self::websocket::Upgraded;

/// How long somebody may take to say who they are, to send what they have begun, or to read what they asked for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a connection may take to end once it is asked to.
const GRACE: Duration = Duration::from_secs(1);
/// The longest body of a request and message of a WebSocket, in bytes.
const LONGEST: usize = 64 * 1024;
/// How soon to try again when there is nothing to take a connection with,
const SOON: Duration = Duration::from_millis(50);
/// and how often to say so.
const COMPLAINT: Duration = Duration::from_secs(1);

/// A place where connections come in.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Site,
    closing: watch::Sender<bool>,
    complained: Mutex<Option<Instant>>,
}

/// Somebody who has come in.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    about: About,
}

/// What is known of a connection before it says anything.
#[derive(Clone, Debug)]
struct About {
    client: SocketAddr,
    own: SocketAddr,
    closing: watch::Receiver<bool>,
}

/// Where a scene serves, and until when.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// None is any free port of this machine, for this machine alone.
    listener: Option<Arc<std::net::TcpListener>>,
    /// None is never.
    stop: Option<watch::Receiver<bool>>,
}

impl Site {
    /// Listens at `address` from now on, and is to be served until `stop` becomes true.
    ///
    /// # Errors
    /// If that address is not to be had.
    pub(crate) fn at(address: SocketAddr, stop: watch::Receiver<bool>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Site { listener: Some(Arc::new(listener)), stop: Some(stop) })
    }

    /// Waits for the end.
    async fn stopped(&self) {
        let Some(mut stop) = self.stop.clone() else { return pending().await };
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

impl Server {
    /// Opens at `site`: by default at any free port of this machine, for this machine alone.
    ///
    /// # Errors
    /// If there is no port to be had.
    pub async fn open(site: &Site) -> io::Result<Self> {
        let listener = match &site.listener {
            Some(listener) => TcpListener::from_std(listener.try_clone()?)?,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
        };
        let address = listener.local_addr()?;
        let (closing, complained) = (watch::Sender::new(false), Mutex::default());
        Ok(Server { listener, address, site: site.clone(), closing, complained })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the next connection; none once the server closes, or is to close since somebody pressed Ctrl-C.
    ///
    /// While there is no file descriptor left to take one with, tries again and again, and warns once a second.
    pub async fn accept(&self) -> Option<Connection> {
        let mut closing = self.closing.subscribe();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = closing.wait_for(|closing| *closing) => return None,
                () = self.site.stopped() => {
                    self.close();
                    return None;
                }
            };
            match accepted {
                Ok((stream, client)) => {
                    // Small messages are not to wait for more of them. Without that, all is well but slower.
                    let _ = stream.set_nodelay(true);
                    let about = About { client, own: self.address, closing: self.closing.subscribe() };
                    return Some(Connection { stream, about });
                }
                Err(error) => {
                    self.complain(&error);
                    sleep(SOON).await;
                }
            }
        }
    }

    fn complain(&self, error: &io::Error) {
        let mut complained = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        if complained.is_none_or(|last| last.elapsed() >= COMPLAINT) {
            warn!("cannot take another connection: {error}");
            *complained = Some(Instant::now());
        }
    }

    /// Asks every connection to come to an end, which takes a second at most: WebSockets are closed with 1001.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}

impl About {
    /// Waits until the server closes. A server that is gone has closed as well.
    async fn closing(&mut self) {
        let _ = self.closing.wait_for(|closing| *closing).await;
    }
}

impl Connection {
    /// Who it is.
    pub fn client(&self) -> SocketAddr {
        self.about.client
    }

    /// Serves `app` on this connection, to its end: whoever is connected may ask for one thing after another.
    pub async fn serve<A, F>(self, app: A)
    where
        A: Fn(Scope, Receive, Send) -> F + Clone + std::marker::Send + Sync + 'static,
        F: Future<Output = ()> + std::marker::Send + 'static,
    {
        // What speaks HTTP is large, and on the heap to be gone while a WebSocket stays.
        if let Some(mut upgraded) = Box::pin(self.speak_http(app)).await {
            websocket::serve(&mut upgraded).await;
        }
    }

    /// Serves `app` until the connection has ended or become a WebSocket.
    async fn speak_http<A, F>(self, app: A) -> Option<Upgraded>
    where
        A: Fn(Scope, Receive, Send) -> F + Clone + std::marker::Send + Sync + 'static,
        F: Future<Output = ()> + std::marker::Send + 'static,
    {
        let Connection { stream, about } = self;
        let mut stream = Stream::new(stream);
        let begin = move |scope| {
            let line = Line::default();
            let running = app(scope, Receive(line.clone()), Send(line.clone()));
            Exchange::new(line, Box::pin(running))
        };
        // Whoever says nothing has no business here.
        if timeout(PATIENCE, stream.speaks_http2()).await.ok()?.ok()? {
            http2::serve(stream, about, begin).await;
            return None;
        }
        http1::serve(stream, about, begin).await
    }
}
