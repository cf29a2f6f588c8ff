//! `lesson push --serve`, as those meet it who come by hand: sockets, curl, nghttp, and a browser on its page.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use super::serving::Serving;
use crate::program::{PATIENCE, asyncguide, command, end, lines, run, spawn, there_is, wait_for};

/// The server of the lesson, which makes news after each `delay`.
pub(crate) fn serve(delay: &str) -> Serving {
    Serving::start(command(asyncguide(), &["lesson", "push", "--serve", "-q", "--delay", delay]))
}

fn ask(served: &Serving, path: &str, more: &str) -> BufReader<TcpStream> {
    BufReader::new(served.ask("GET", path, more))
}

fn socket(served: &Serving) -> WebSocket<TcpStream> {
    client(format!("ws://{}/socket", served.address), served.connect()).expect("a handshake").0
}

/// The first line that `is_it`.
fn line(reader: &mut impl std::io::BufRead, is_it: impl Fn(&str) -> bool) -> String {
    reader.lines().map(|line| line.expect("it goes on")).find(|line| is_it(line)).expect("there is such a line")
}

fn text(socket: &mut WebSocket<TcpStream>) -> String {
    socket.read().expect("a message").into_text().expect("text").to_string()
}

#[test]
fn a_page_that_may_ask_for_nothing_from_elsewhere() {
    let served = serve("50ms");
    let page = served.answer("GET", "/", "");
    let policy = page.lines().find(|line| line.starts_with("content-security-policy: ")).expect("it has one");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let (_, nonce) = policy.split_once("script-src 'nonce-").expect("scripts bear a nonce");
    let nonce = nonce.split('\'').next().expect("its end");
    assert!(page.contains(&format!("<script nonce=\"{nonce}\">")) && !page.contains("NONCE"), "{page}");
    assert!(!served.answer("GET", "/", "").contains(nonce), "each answer has its own");
    assert!(served.answer("GET", "/nothing", "").starts_with("HTTP/1.1 404 "));
}

#[test]
fn news_is_made_by_a_button_but_not_by_a_stranger() {
    // Nothing happens by itself within the test.
    let served = serve("1h");
    let body = |answer: &str| answer.split_once("\r\n\r\n").expect("a body").1.matches("news ").count();
    assert_eq!(body(&served.answer("GET", "/news?after=0", "")), 0);
    assert!(served.answer("POST", "/news", "").starts_with("HTTP/1.1 204 "));
    let own = format!("Origin: http://{}\r\n", served.address);
    assert!(served.answer("POST", "/news", &own).starts_with("HTTP/1.1 204 "));
    assert!(served.answer("POST", "/news", "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403 "));
    assert_eq!(body(&served.answer("GET", "/news?after=0", "")), 2);
    assert_eq!(body(&served.answer("GET", "/news?after=1", "")), 1);
    assert_eq!(body(&served.answer("GET", "/news?after=2", "")), 0);
}

#[test]
fn events_go_on_where_a_browser_was_cut_off() {
    let served = serve("1h");
    for _ in 0..3 {
        served.answer("POST", "/news", "");
    }
    let mut events = ask(&served, "/events?after=0", "Last-Event-ID: 1\r\n");
    assert!(line(&mut events, |line| line.starts_with("data: ")).starts_with("data: news 2,"));
    let id = line(&mut events, |line| line.starts_with("id: "));
    assert!(id.ends_with(".3"), "{id}");
}

#[test]
fn ctrl_c_ends_every_connection_and_draws_the_timeline() {
    let served = serve("20ms");
    let mut events = ask(&served, "/events", "");
    line(&mut events, |line| line.starts_with("data: news "));
    let mut sockets = [socket(&served), socket(&served)];
    sockets.iter_mut().for_each(|socket| assert!(text(socket).starts_with("news ")));
    // A third one has said nothing yet.
    let _silent = served.connect();

    let readers = sockets.map(|mut socket| {
        std::thread::spawn(move || {
            loop {
                match socket.read() {
                    Ok(Message::Close(why)) => return why.map(|why| u16::from(why.code)),
                    Ok(_) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    let since = Instant::now();
    served.interrupt();
    let (ran, took) = (served.end(), since.elapsed());
    assert!(took < 5 * Duration::from_secs(2), "two seconds, but on a busy machine: {took:?}");
    for reader in readers {
        assert_eq!(reader.join().expect("it reads to the end"), Some(1001));
    }
    line(&mut events, |line| line == "0");
    assert_eq!(ran.code, 130, "{}", ran.out);
    for lane in ["newsroom", "client 1", "client 2", "client 3"] {
        let drawn = |line: &str| line.starts_with(&format!("   {lane} ")) && line.ends_with("done");
        assert!(ran.out.lines().any(drawn), "{lane}: {}", ran.out);
    }
}

#[test]
fn whoever_does_not_read_is_cut_off_and_holds_nobody_up() {
    let served = serve("1h");
    // It asks for news again and again, and never reads an answer.
    let mut slow = served.connect();
    slow.set_write_timeout(Some(PATIENCE)).expect("it can be set");
    let asks = format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", served.address).repeat(100);
    let mut events = ask(&served, "/events", "");
    line(&mut events, |line| line == ": news follows");
    let cut_off = std::thread::spawn(move || {
        while slow.write_all(asks.as_bytes()).is_ok() {}
        slow
    });
    let mut number = 0;
    while !cut_off.is_finished() {
        served.answer("POST", "/news", "");
        number += 1;
        let news = line(&mut events, |line| line.starts_with("data: "));
        assert!(news.starts_with(&format!("data: news {number},")), "{news}");
    }
    cut_off.join().expect("it is cut off");
}

#[test]
fn curl_gets_the_page_the_events_and_http2() {
    if !there_is("curl") {
        return;
    }
    let served = serve("50ms");
    let curl = |arguments: &[&str]| spawn(&mut command("curl", &[&["-sS"], arguments].concat()));
    let page = end(curl(&[&format!("http://{}/", served.address)]));
    assert!(page.code == 0 && page.out.contains("</html>"), "{page:?}");

    let mut events = curl(&["-N", &format!("http://{}/events", served.address)]);
    let said = lines(events.stdout.take().expect("it is a pipe"));
    for _ in 0..2 {
        wait_for(&said, &mut events, |line| line.starts_with("data: news "));
    }
    let _ = events.kill();
    let _ = events.wait();

    let version = end(curl(&["--version"])).out;
    if !version.contains("HTTP2") {
        return crate::program::skip("this curl speaks no HTTP/2");
    }
    let address = format!("http://{}/news?after=0", served.address);
    let news = end(curl(&["--http2-prior-knowledge", "-i", &address]));
    assert!(news.code == 0 && news.out.starts_with("HTTP/2 200") && news.out.contains("\nnews 1,"), "{news:?}");
}

#[test]
fn nghttp_shows_the_push() {
    if !there_is("nghttp") {
        return;
    }
    let served = serve("50ms");
    let address = format!("http://{}/pushes", served.address);
    // Its lines come at once even though it writes to a pipe, as long as it writes them with times.
    let mut nghttp = spawn(&mut command("nghttp", &["-v", &address]));
    let said = lines(nghttp.stdout.take().expect("it is a pipe"));
    wait_for(&said, &mut nghttp, |line| line.contains("recv PUSH_PROMISE frame"));
    wait_for(&said, &mut nghttp, |line| line.contains("news "));
    let _ = nghttp.kill();
    let _ = nghttp.wait();
}

#[test]
fn a_reader_that_comes_back_too_late_is_told_what_it_missed() {
    let served = serve("1h");
    for _ in 0..40 {
        served.answer("POST", "/news", "");
    }
    // 32 pieces are kept: number 9 and those after it.
    let polled = served.answer("GET", "/news?after=1", "");
    assert!(polled.contains("missed: all up to number 8 of server ") && polled.contains("news 9,"), "{polled}");
    let mut events = ask(&served, "/events", "Last-Event-ID: 1\r\n");
    assert!(line(&mut events, |line| line.starts_with("data: ")).starts_with("data: missed: all up to number 8 "));
    assert!(line(&mut events, |line| line.starts_with("data: ")).starts_with("data: news 9,"));
    let address = format!("ws://{}/socket?after=1", served.address);
    let mut socket = client(address, served.connect()).expect("a handshake").0;
    assert!(text(&mut socket).starts_with("missed: all up to number 8 "));
    assert!(text(&mut socket).starts_with("news 9,"));
}

#[test]
fn a_reader_of_an_earlier_server_begins_with_the_oldest_news() {
    let served = serve("1h");
    for _ in 0..3 {
        served.answer("POST", "/news", "");
    }
    // The earlier server had made as many pieces, so that the number alone would say nothing.
    let polled = served.answer("GET", "/news?after=1000.3", "");
    assert!(polled.contains("missed: all up to number 0 of server ") && polled.contains("news 1,"), "{polled}");
    let server = polled.split_once("of server ").expect("it says which").1.lines().next().expect("a line").trim();
    let same = served.answer("GET", &format!("/news?after={server}.2"), "");
    assert!(!same.contains("missed") && same.contains("news 3,") && !same.contains("news 2,"), "{same}");
}

#[test]
fn head_is_answered_like_get_without_a_body() {
    let served = serve("1h");
    for path in ["/", "/news", "/events"] {
        let answer = served.answer("HEAD", path, "");
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"), "{path}: {answer}");
    }
    if !there_is("curl") {
        return;
    }
    for path in ["/", "/news", "/events", "/nothing"] {
        let url = format!("http://{}{path}", served.address);
        let ran = run(command("curl", &["-sI", "--http2-prior-knowledge", "--max-time", "30", &url]));
        let status = if path == "/nothing" { "HTTP/2 404" } else { "HTTP/2 200" };
        assert!(ran.code == 0 && ran.out.starts_with(status), "{path}: {ran:?}");
    }
}

#[test]
fn head_is_refused_like_get_without_a_body() {
    let served = serve("1h");
    let answer = served.answer("HEAD", "/", "Origin: http://elsewhere.example\r\n");
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    if !there_is("curl") {
        return;
    }
    let url = format!("http://{}/", served.address);
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let origin = "Origin: http://elsewhere.example";
        let ran = run(command("curl", &["-sI", version, "-H", origin, "--max-time", "30", &url]));
        let status = ran.out.lines().next().and_then(|line| line.split_whitespace().nth(1));
        assert!(ran.code == 0 && status == Some("403") && ran.out.trim_end().lines().count() < 8, "{ran:?}");
    }
}

#[test]
fn a_refusal_says_why() {
    let served = serve("1h");
    let plain = |host: &str| {
        let mut stream = served.connect();
        let head = format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("it reads");
        std::io::read_to_string(stream).expect("text")
    };
    let other_name = plain("Host: teacher.example\r\n");
    assert!(other_name.starts_with("HTTP/1.1 403 ") && other_name.contains("by an IP address"), "{other_name}");
    let own = format!("Host: {}\r\n", served.address);
    for unclear in [String::new(), own.repeat(2), format!("{own}Host: evil.example\r\n")] {
        let answer = plain(&unclear);
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("one host"), "{answer}");
    }
    let elsewhere = plain(&format!("{own}Origin: http://evil.example\r\n"));
    assert!(elsewhere.starts_with("HTTP/1.1 403 ") && elsewhere.contains("comes from elsewhere"), "{elsewhere}");
}

#[test]
fn a_websocket_needs_one_key_of_sixteen_bytes() {
    let served = serve("1h");
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let status = |keys: &str| {
        let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        let mut answer = ask(&served, "/socket", &format!("{upgrade}{keys}"));
        line(&mut answer, |line| line.starts_with("HTTP/1.1 "))
    };
    assert!(status(key).starts_with("HTTP/1.1 101 "));
    let wrong = "Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==\r\n";
    let long = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAAA\r\n";
    for keys in ["", wrong, long, &key.repeat(2)] {
        assert!(status(keys).starts_with("HTTP/1.1 400 "), "{keys}");
    }
}

#[test]
fn text_that_is_no_text_closes_with_its_own_code() {
    let served = serve("1h");
    let mut socket = socket(&served);
    // A masked text frame of one byte that UTF-8 never has.
    socket.get_mut().write_all(&[0x81, 0x81, 0, 0, 0, 0, 0xff]).expect("it reads");
    let Ok(Message::Close(Some(frame))) = socket.read() else { panic!("it closes") };
    assert_eq!(u16::from(frame.code), 1007);
}

#[test]
fn an_idle_connection_is_told_that_it_ends() {
    let served = serve("1h");
    let mut stream = served.connect();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").expect("it reads");
    let mut read = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut read);
    let (mut frames, mut rest) = (Vec::new(), &read[..]);
    while rest.len() >= 9 {
        let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
        frames.push(rest[3]);
        rest = rest.get(9 + length..).unwrap_or_default();
    }
    assert!(frames.contains(&7), "GOAWAY is a frame of type 7: {frames:?}");
}

#[test]
fn every_address_that_is_printed_can_be_opened() {
    let program = ["lesson", "push", "--serve", "-q", "--delay", "1h", "--bind", "0.0.0.0"];
    let served = Serving::start(command(asyncguide(), &program));
    assert!(!served.address.ip().is_unspecified(), "{}", served.address);
    assert!(served.answer("GET", "/", "").starts_with("HTTP/1.1 200 "));
}
