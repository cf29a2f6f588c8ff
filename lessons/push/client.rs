//! A small client for HTTP/1.1: it sends requests, and reads the lines of the answers.

use std::net::SocketAddr;

use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection to a server, for one request after another.
pub struct Client {
    requests: SendRequest<Empty<Bytes>>,
    server: SocketAddr,
}

impl Client {
    pub async fn connect(server: SocketAddr) -> Client {
        let stream = TcpStream::connect(server).await.expect("a server");
        let (requests, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP");
        tokio::spawn(connection);
        Client { requests, server }
    }

    /// Asks for `path`. Returns the answer as soon as it begins.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = Request::get(path).header("host", self.server.to_string());
        let request = request.body(Empty::new()).expect("a request");
        self.requests.ready().await.expect("the server is still there");
        let answer = self.requests.send_request(request).await.expect("an answer");
        Answer { body: answer.into_body(), ahead: String::new() }
    }
}

/// An answer that may go on for as long as the server likes.
pub struct Answer {
    body: Incoming,
    /// Text that has come in but was not returned as a line yet.
    ahead: String,
}

impl Answer {
    /// Waits for the next line. Returns `None` at the end of the answer.
    pub async fn next_line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.ahead.find('\n') {
                let rest = self.ahead.split_off(end + 1);
                let line = std::mem::replace(&mut self.ahead, rest);
                return Some(line.trim_end().to_owned());
            }
            let frame = self.body.frame().await?.expect("the rest of the answer");
            let bytes = frame.into_data().unwrap_or_default();
            self.ahead += std::str::from_utf8(&bytes).expect("text");
        }
    }
}
