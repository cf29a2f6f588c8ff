//! A browser on the page of `lesson websocket --serve`, driven by the DevTools protocol: no package but the browser.

use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::program::{PATIENCE, command, lines, spawn, there_is};
use crate::websocket::{Served, runtime};

/// It talks to nobody but the page's server.
const QUIETLY: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--remote-debugging-port=0",
    "about:blank",
];

/// A browser with one page.
struct Browser {
    child: Child,
    socket: WebSocketStream<TcpStream>,
    /// The page, once there is one.
    session: Option<String>,
    said: u64,
    /// What the page did meanwhile.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    async fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder can be made");
        let folder = format!("--user-data-dir={}", profile.path().display());
        let mut chromium = command("chromium", &[&QUIETLY as &[&str], &[&folder]].concat());
        let mut child = spawn(chromium.env("HOME", profile.path()).stdin(Stdio::null()));
        let err = lines(child.stderr.take().expect("it is a pipe"));
        let url = loop {
            let line = err.recv_timeout(PATIENCE).expect("it says where it is");
            if let Some(url) = line.strip_prefix("DevTools listening on ") {
                break url.to_owned();
            }
        };
        let address = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next()).expect("an address");
        let stream = TcpStream::connect(address).await.expect("a browser");
        let (socket, _) = client_async(url, stream).await.expect("a handshake");
        let mut browser = Browser { child, socket, session: None, said: 0, events: Vec::new(), _profile: profile };
        let page = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Runtime.enable", "Log.enable", "Network.enable", "Page.enable"] {
            browser.call(domain, json!({})).await;
        }
        browser
    }

    /// Has the browser do something, and waits until it has.
    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.said += 1;
        let mut call = json!({ "id": self.said, "method": method, "params": params });
        if let Some(session) = &self.session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).await.expect("it is there");
        loop {
            let next = timeout(PATIENCE, self.socket.next()).await.expect("it does not hang");
            let text = next.expect("it is there").expect("it is well-formed").into_text().expect("it is text");
            let mut told: Value = serde_json::from_str(&text).expect("it is JSON");
            if told["id"] == json!(self.said) {
                assert!(told["error"].is_null(), "{method}: {told}");
                return told["result"].take();
            }
            self.events.push(told);
        }
    }

    /// What an expression is worth in the page.
    async fn value(&mut self, expression: &str) -> Value {
        let mut value = self.call("Runtime.evaluate", json!({ "expression": expression })).await;
        assert!(value["exceptionDetails"].is_null(), "{value}");
        value["result"]["value"].take()
    }

    /// Waits until an expression is true.
    async fn wait_for(&mut self, expression: &str) {
        let since = Instant::now();
        while self.value(expression).await != json!(true) {
            if since.elapsed() > PATIENCE {
                let page = self.value("document.body.innerText").await;
                panic!("never: {expression}; {page}, {:#?}", self.events);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Presses the keys of a line, and Enter.
    async fn types(&mut self, line: &str) {
        self.call("Input.insertText", json!({ "text": line })).await;
        for kind in ["keyDown", "keyUp"] {
            let enter =
                json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
            self.call("Input.dispatchKeyEvent", enter).await;
        }
    }

    /// The parameters of all events of this name so far.
    fn told<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["method"] == method).map(|event| &event["params"])
    }

    async fn end(mut self) {
        self.session = None;
        self.call("Browser.close", json!({})).await;
        let _ = self.child.wait();
    }
}

/// Whether the page asked for nothing but what its own server has.
fn check_stays_at_home(browser: &Browser, address: SocketAddr) {
    let requests = browser.told("Network.requestWillBeSent").map(|event| &event["request"]["url"]);
    let sockets = browser.told("Network.webSocketCreated").map(|event| &event["url"]);
    let urls: Vec<&str> = requests.chain(sockets).filter_map(Value::as_str).collect();
    assert!(urls.contains(&&*format!("http://{address}/")) && urls.contains(&&*format!("ws://{address}/")), "{urls:?}");
    let at_home = |url: &&str| {
        let from_here = url.split_once("://").is_some_and(|(_, rest)| rest.starts_with(&address.to_string()));
        from_here || url.starts_with("data:") || url.starts_with("about:")
    };
    assert!(urls.iter().all(at_home), "{urls:?}");
}

/// Whether neither the page nor the browser had anything to complain of.
fn check_no_errors(browser: &Browser) {
    let complaints = ["Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"];
    let complained: Vec<_> = complaints.iter().flat_map(|method| browser.told(method)).collect();
    assert!(complained.is_empty(), "{complained:#?}");
}

#[test]
fn somebody_types_into_the_page_and_sees_it_come_back() {
    if !there_is("chromium") {
        return;
    }
    let served = Served::start();
    runtime().block_on(async {
        let mut browser = Browser::start().await;
        let url = format!("http://{}/", served.address);
        browser.call("Page.navigate", json!({ "url": url })).await;
        browser.wait_for("document.getElementById('state')?.textContent === 'You are client 1'").await;
        browser.wait_for("document.activeElement?.id === 'said'").await;
        browser.types("hello <b>everybody</b>").await;
        let own = "document.querySelector('#log .own')?.textContent === 'client 1: hello <b>everybody</b>'";
        browser.wait_for(own).await;
        assert_eq!(browser.value("document.getElementById('said').value").await, json!(""));
        assert_eq!(browser.value("document.getElementById('count').textContent").await, json!("Connected: 1"));
        check_stays_at_home(&browser, served.address);
        check_no_errors(&browser);

        served.interrupt();
        browser.wait_for("document.getElementById('state').textContent.includes('the server has ended (1001)')").await;
        assert_eq!(browser.value("document.getElementById('said').disabled").await, json!(true));
        browser.end().await;
    });
    assert_eq!(served.end().code, 130);
}
