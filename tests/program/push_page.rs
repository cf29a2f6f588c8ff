//! The page of `lesson push --serve` in a browser: news arrives in all three ways, and nothing is asked for elsewhere.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

use crate::program::{PATIENCE, there_is};
use crate::push::{ask, connect, line, serve};

/// Without a window, without anything that it would like to fetch for itself.
const QUIETLY: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "about:blank",
];

/// A browser, spoken to by its DevTools protocol.
struct Browser {
    program: Child,
    line: WebSocket<TcpStream>,
    calls: u64,
    /// What it said that was no answer.
    events: Vec<String>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Browser {
    /// With one empty page, whose profile is kept in `folder`.
    fn start(folder: &std::path::Path) -> Self {
        let mut command = Command::new("chromium");
        command.args(QUIETLY).arg(format!("--user-data-dir={}", folder.display()));
        let mut program = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it can be started");
        let mut said = BufReader::new(program.stderr.take().expect("it is a pipe")).lines();
        let port = said.find_map(|line| {
            let line = line.expect("it is text");
            let address = line.strip_prefix("DevTools listening on ws://127.0.0.1:")?;
            Some(address.split('/').next()?.to_owned())
        });
        let port = port.expect("it says where it listens");
        // It would stop if nobody read what it says.
        std::thread::spawn(move || said.all(|line| line.is_ok()));
        let line = Self::page(&port);
        let mut browser = Browser { program, line, calls: 0, events: Vec::new() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), "{}");
        }
        browser
    }

    /// The line to its first page.
    fn page(port: &str) -> WebSocket<TcpStream> {
        let here = format!("127.0.0.1:{port}");
        // It does not hang up after its answer.
        let page = line(&mut ask(&here, "GET", "/json/list", ""), |line| line.contains("\"webSocketDebuggerUrl\""));
        let address = page.split('"').nth(3).expect("its address");
        client(address, connect(&here)).expect("a handshake").0
    }

    fn call(&mut self, method: &str, params: &str) -> serde_json::Value {
        self.calls += 1;
        let call = format!(r#"{{"id":{},"method":"{method}","params":{params}}}"#, self.calls);
        self.line.send(Message::text(call)).expect("it listens");
        loop {
            let text = self.line.read().expect("it answers").into_text().expect("text").to_string();
            let mut answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            if answer["id"] == self.calls {
                return answer["result"].take();
            }
            self.events.push(text);
        }
    }

    fn evaluate(&mut self, expression: &str) -> String {
        let params = serde_json::json!({ "expression": format!("String({expression})") }).to_string();
        self.call("Runtime.evaluate", &params)["result"]["value"].as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn wait_until(&mut self, expression: &str) {
        let since = Instant::now();
        while self.evaluate(expression) != "true" {
            let page = self.evaluate("document.body.innerText");
            assert!(since.elapsed() < PATIENCE, "{expression}: {page}");
        }
    }
}

#[test]
fn a_browser_sees_news_arrive_in_all_three_ways() {
    if !there_is("chromium") {
        return;
    }
    let (served, folder) = (serve("300ms"), tempfile::tempdir().expect("a folder can be made"));
    let mut browser = Browser::start(folder.path());
    let address = format!("http://{}/", served.address);
    browser.call("Page.navigate", &format!(r#"{{"url":"{address}"}}"#));
    // A row is complete once the piece has arrived in every way.
    let complete = "[...document.querySelectorAll('#pieces tr')].filter(tr => !tr.querySelector('.open')).length";
    browser.wait_until(&format!("{complete} >= 3"));
    browser.wait_until("document.getElementById('state').textContent === 'Connected in all three ways.'");

    let latest = browser.evaluate("document.querySelector('#pieces th').textContent");
    browser.evaluate("document.getElementById('make').click()");
    browser.wait_until(&format!("Number(document.querySelector('#pieces th').textContent) > {latest}"));

    for width in [390, 1280] {
        let size = format!(r#"{{"width":{width},"height":800,"deviceScaleFactor":1,"mobile":false}}"#);
        browser.call("Emulation.setDeviceMetricsOverride", &size);
        browser.wait_until(&format!("innerWidth === {width} && document.documentElement.scrollWidth <= {width}"));
    }
    let wrong = |event: &&String| {
        ["Log.entryAdded", "Runtime.exceptionThrown"].iter().any(|name| event.contains(name))
            || (event.contains("Network.requestWillBeSent\"") && !event.contains(&format!("\"url\":\"{address}")))
    };
    let wrong: Vec<_> = browser.events.iter().filter(wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(browser.events.iter().any(|event| event.contains("Network.requestWillBeSent\"")), "requests are seen");
}
