//! A lesson's server that is kept up with `--serve`, for tests that connect to it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;

use crate::program::{PATIENCE, Ran, command, end, lines, run, spawn};

/// A server under way, until it is dropped. What it prints goes on being read.
pub(crate) struct Serving {
    child: Option<Child>,
    out: Receiver<String>,
    /// Where it says that it serves.
    pub(crate) address: SocketAddr,
}

impl Serving {
    /// Starts `program` and waits until it says where it serves.
    pub(crate) fn start(mut program: Command) -> Self {
        let mut child = spawn(&mut program);
        let out = lines(child.stdout.take().expect("it is a pipe"));
        let mut said = std::iter::from_fn(|| out.recv_timeout(PATIENCE).ok());
        let address = said.find_map(|line| Some(line.strip_prefix("http://")?.trim_end_matches('/').to_owned()));
        let Some(address) = address else {
            panic!("it does not say where it serves: {:?}", end(child));
        };
        Serving { child: Some(child), out, address: address.parse().expect("an address") }
    }

    /// A connection that says nothing yet.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("it can be set");
        stream
    }

    /// Asks by hand, with `more` lines in the head; the answer is there as it comes.
    pub(crate) fn ask(&self, method: &str, path: &str, more: &str) -> TcpStream {
        let mut stream = self.connect();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{more}\r\n", self.address);
        stream.write_all(head.as_bytes()).expect("it reads");
        stream
    }

    /// The whole answer.
    pub(crate) fn answer(&self, method: &str, path: &str, more: &str) -> String {
        let mut answer = String::new();
        let mut stream = self.ask(method, path, &format!("{more}Connection: close\r\n"));
        stream.read_to_string(&mut answer).expect("it answers with text");
        answer
    }

    /// The lines of its standard error, which then does not come with its end.
    pub(crate) fn errors(&mut self) -> Receiver<String> {
        let child = self.child.as_mut().expect("it is ended once");
        lines(child.stderr.take().expect("it is a pipe"))
    }

    /// What Ctrl-C sends.
    pub(crate) fn interrupt(&self) {
        let process = self.child.as_ref().expect("it is ended once").id().to_string();
        let sent = run(command("sh", &["-c", "kill -s INT \"$1\"", "sh", &process]));
        assert_eq!(sent.code, 0, "{sent:?}");
    }

    /// Waits for its end, after an interrupt. What it had said before it was up is left out.
    pub(crate) fn end(mut self) -> Ran {
        let said: Vec<String> = self.out.iter().collect();
        Ran { out: said.join("\n"), ..end(self.child.take().expect("it is ended once")) }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
