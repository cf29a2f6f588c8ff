//! The bytes of a connection: a TCP stream that tells its protocol from the first bytes and limits slow readers.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::CLIENT_TIMEOUT;

/// The bytes that every HTTP/2 connection begins with (RFC 9113, section 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A TCP stream whose writes fail with [`ErrorKind::TimedOut`] if the client does not read for [`CLIENT_TIMEOUT`].
#[derive(Debug)]
pub(super) struct ClientStream {
    stream: TcpStream,
    /// Bytes that [`ClientStream::speaks_http2`] has read. They are read again before anything else.
    unread: Vec<u8>,
    /// The end of the time for the write that is pending now. On the heap, so that an idle connection stays small.
    write_deadline: Option<Pin<Box<Sleep>>>,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream) -> Self {
        ClientStream { stream, unread: Vec::new(), write_deadline: None }
    }

    /// Returns whether the client speaks HTTP/2. Waits until its first bytes decide that, at most 24 of them.
    ///
    /// # Errors
    /// Returns [`ErrorKind::UnexpectedEof`] if the client closes before that, and errors of the socket.
    pub(super) async fn speaks_http2(&mut self) -> io::Result<bool> {
        while self.unread.len() < HTTP2_PREFACE.len() && HTTP2_PREFACE.starts_with(&self.unread) {
            let mut bytes = [0; HTTP2_PREFACE.len()];
            let room = HTTP2_PREFACE.len() - self.unread.len();
            match self.stream.read(&mut bytes[..room]).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                read => self.unread.extend(&bytes[..read]),
            }
        }
        Ok(self.unread == HTTP2_PREFACE)
    }

    /// Returns the result of a write, or an error if writes have been pending for [`CLIENT_TIMEOUT`].
    fn limit_write<T>(&mut self, result: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.write_deadline = None;
            return result;
        }
        let deadline = self.write_deadline.get_or_insert_with(|| Box::pin(sleep(CLIENT_TIMEOUT)));
        deadline.as_mut().poll(context).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unread.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let count = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread[..count]);
        self.unread.drain(..count);
        if self.unread.is_empty() {
            // Frees the memory, which `drain` keeps. The connection may stay open for hours.
            self.unread = Vec::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.limit_write(result, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(context);
        self.limit_write(result, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
