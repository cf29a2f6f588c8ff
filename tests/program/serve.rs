//! Servers that are kept up with `--serve`: where they listen, how they end, and what they survive.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;

use crate::program::{PATIENCE, Ran, ag, check, command, end, fixture, lines, misbehaving, run, spawn};

const SERVE: [&str; 3] = ["lesson", "many", "--serve"];

/// A server under way.
struct Serving {
    child: Child,
    /// Where it says that it serves.
    address: String,
    out: Receiver<String>,
}

/// Starts `command` and waits until it says where it serves.
fn serve(mut command: Command) -> Serving {
    let mut child = spawn(&mut command);
    let out = lines(child.stdout.take().expect("it is a pipe"));
    let mut said = std::iter::from_fn(|| out.recv_timeout(PATIENCE).ok());
    let address = said.find_map(|line| Some(line.strip_prefix("http://")?.trim_end_matches('/').to_owned()));
    let Some(address) = address else {
        panic!("it does not say where it serves: {:?}", end(child));
    };
    Serving { child, address, out }
}

impl Serving {
    /// What comes back to a request.
    fn answer(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        let request = format!("GET / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }

    /// Interrupts it, as Ctrl-C does: what became of it.
    fn interrupt(self) -> Ran {
        let process = self.child.id().to_string();
        let sent = run(command("sh", &["-c", "kill -s INT \"$1\"", "sh", &process]));
        assert_eq!(sent.code, 0, "{sent:?}");
        let ran = end(self.child);
        Ran { out: self.out.iter().collect::<Vec<_>>().join("\n"), ..ran }
    }
}

#[test]
fn it_serves_until_ctrl_c_and_then_draws_its_connections() {
    let serving = serve(command(misbehaving(), &SERVE));
    assert!(serving.address.starts_with("127.0.0.1:"), "{}", serving.address);
    for _ in 0..2 {
        let answer = serving.answer();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("here"), "{answer}");
    }
    // Somebody who stays is no hindrance.
    let _stays = TcpStream::connect(&serving.address).expect("it listens");
    let ran = serving.interrupt();
    let lanes = ran.out.lines().filter(|line| line.trim_start().starts_with("a client")).count();
    check(&ran, ran.code == 130 && lanes >= 2 && ran.err.is_empty(), "it is drawn, and nothing else said");
    check(&ran, !ran.out.contains("One task for each number"), "the other scenes are not mentioned");
}

#[test]
fn s14_out_of_file_descriptors_it_says_so_and_recovers() {
    let program = misbehaving();
    let limited = ["-c", "ulimit -n 20; exec \"$@\"", "sh", program.to_str().expect("UTF-8")];
    let mut serving = serve(command("sh", &[&limited as &[&str], &SERVE].concat()));
    let crowd: Vec<TcpStream> = (0..30).map(|_| TcpStream::connect(&serving.address).expect("it listens")).collect();
    let err = lines(serving.child.stderr.take().expect("it is a pipe"));
    let warning = err.recv_timeout(PATIENCE).expect("it says so");
    check(&warning, warning.contains("WARN") && warning.contains("cannot take another connection"), "it says why");
    drop(crowd);
    let answer = serving.answer();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(serving.interrupt().code, 130);
    // At most once a second, and it cannot have been without for long.
    let more = err.iter().count();
    assert!(more < 20, "{more} warnings");
}

#[test]
fn s14_other_addresses_come_with_a_warning_and_ports_that_are_taken_with_an_error() {
    let serving = serve(command(misbehaving(), &[&SERVE as &[&str], &["--bind", "0.0.0.0"]].concat()));
    assert!(serving.address.starts_with("0.0.0.0:"), "{}", serving.address);
    let (_, port) = serving.address.rsplit_once(':').expect("a port");
    let taken = fixture(&[&SERVE as &[&str], &["--bind", "0.0.0.0", "--port", port]].concat());
    let refused = taken.err.contains(&format!("error: cannot listen at 0.0.0.0:{port}: "));
    check(&taken, taken.code == 2 && taken.out.is_empty() && refused, "it is refused");
    let ran = serving.interrupt();
    check(&ran, ran.err == "warning: whoever reaches 0.0.0.0 can connect\n", "it warns");
}

#[test]
fn what_does_not_go_with_a_server_is_a_usage_error() {
    let gather = ag(&["lesson", "gather", "--serve"]);
    check(&gather, gather.code == 2 && gather.err.contains("gather has no use for --serve"), "there is no server");
    for arguments in [["--port", "8000"], ["--bind", "0.0.0.0"]] {
        let ran = fixture(&[&["lesson", "many"] as &[&str], &arguments].concat());
        check(&ran, ran.code == 2 && ran.err.contains("--serve"), "only with --serve");
    }
    for arguments in [["--port", "65536"], ["--port", "-1"], ["--bind", "localhost"], ["--bind", "1.2.3"]] {
        let ran = fixture(&[&SERVE as &[&str], &arguments].concat());
        check(&ran, ran.code == 2 && ran.err.contains(arguments[1]), "it names what is wrong");
    }
}
