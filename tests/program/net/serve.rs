//! Servers that are kept up with `--serve`: where they listen, how they end, and what they survive.

use std::net::TcpStream;

use super::serving::Serving;
use crate::program::{PATIENCE, ag, check, command, fixture, misbehaving};

const SERVE: [&str; 3] = ["lesson", "many", "--serve"];

#[test]
fn it_serves_until_ctrl_c_and_then_draws_its_connections() {
    let serving = Serving::start(command(misbehaving(), &SERVE));
    assert!(serving.address.ip().is_loopback(), "{}", serving.address);
    for _ in 0..2 {
        let answer = serving.answer("GET", "/", "");
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains("here"), "{answer}");
    }
    // Somebody who stays is no hindrance.
    let _stays = serving.connect();
    serving.interrupt();
    let ran = serving.end();
    let lanes = ran.out.lines().filter(|line| line.trim_start().starts_with("a client")).count();
    check(&ran, ran.code == 130 && lanes >= 2 && ran.err.is_empty(), "it is drawn, and nothing else said");
    check(&ran, !ran.out.contains("One task for each number"), "the other scenes are not mentioned");
}

#[test]
fn s14_out_of_file_descriptors_it_says_so_and_recovers() {
    let program = misbehaving();
    let limited = ["-c", "ulimit -n 20; exec \"$@\"", "sh", program.to_str().expect("UTF-8")];
    let mut serving = Serving::start(command("sh", &[&limited as &[&str], &SERVE].concat()));
    let crowd: Vec<TcpStream> = (0..30).map(|_| serving.connect()).collect();
    let err = serving.errors();
    let warning = err.recv_timeout(PATIENCE).expect("it says so");
    check(&warning, warning.contains("WARN") && warning.contains("cannot take another connection"), "it says why");
    drop(crowd);
    let answer = serving.answer("GET", "/", "");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    serving.interrupt();
    assert_eq!(serving.end().code, 130);
    // At most once a second, and it cannot have been without for long.
    let more = err.iter().count();
    assert!(more < 20, "{more} warnings");
}

#[test]
fn s14_other_addresses_come_with_a_warning_and_ports_that_are_taken_with_an_error() {
    let serving = Serving::start(command(misbehaving(), &[&SERVE as &[&str], &["--bind", "0.0.0.0"]].concat()));
    assert!(serving.address.ip().is_unspecified(), "{}", serving.address);
    let port = serving.address.port();
    let taken = fixture(&[&SERVE as &[&str], &["--bind", "0.0.0.0", "--port", &port.to_string()]].concat());
    let refused = taken.err.contains(&format!("error: cannot listen at 0.0.0.0:{port}: "));
    check(&taken, taken.code == 2 && taken.out.is_empty() && refused, "it is refused");
    serving.interrupt();
    let ran = serving.end();
    check(&ran, ran.err == "warning: anyone who can reach 0.0.0.0 can connect\n", "it warns");
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
