//! The world outside: three sockets, and a thread that writes to their other ends.

use std::io::{self, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Opens three non-blocking sockets, each with a name for its reader. A message comes in every `delay`: on the first,
/// the second and the third socket, then once more on each.
pub fn three_sockets(delay: Duration) -> io::Result<Vec<(&'static str, TcpStream)>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for name in ["reader 1", "reader 2", "reader 3"] {
        let socket = TcpStream::connect(listener.local_addr()?)?;
        socket.set_nonblocking(true)?;
        here.push((name, socket));
        there.push(listener.accept()?.0);
    }
    thread::spawn(move || {
        for mut socket in there.iter().chain(&there) {
            thread::sleep(delay);
            // Ignores errors: a reader that has ended needs no message.
            let _ = socket.write_all(b"hello");
        }
    });
    Ok(here)
}
