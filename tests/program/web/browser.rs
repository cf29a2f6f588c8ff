//! Drives a headless Chromium through its DevTools protocol: opens a page, acts on it, and keeps what went wrong on it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::program::{PATIENCE, there_is};

const CHROMIUM: &str = "chromium";
const ARGUMENTS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "about:blank",
];

/// A browser with a profile of its own; both are gone once it is dropped.
pub(crate) struct Browser {
    child: Child,
    address: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts it; none, and a word about it, where there is no Chromium.
    pub(crate) fn start() -> Option<Self> {
        if !there_is(CHROMIUM) {
            return None;
        }
        let profile = tempfile::tempdir().expect("a folder can be made");
        let mut command = Command::new(CHROMIUM);
        command.args(ARGUMENTS).arg(format!("--user-data-dir={}", profile.path().display()));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it can be started");
        let stderr = BufReader::new(child.stderr.take().expect("it is a pipe"));
        let (sender, address) = channel();
        // Read to its end: a full pipe would hold the browser up.
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(address) = line.strip_prefix("DevTools listening on ") {
                    let _ = sender.send(address.to_owned());
                }
            }
        });
        let address = address.recv_timeout(PATIENCE);
        let browser = Browser { child, address: address.clone().unwrap_or_default(), _profile: profile };
        address.expect("it says where it listens");
        Some(browser)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a page is to be looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) scripts: bool,
    pub(crate) dark: bool,
    pub(crate) width: u32,
}

impl Look {
    /// As most people look at a page.
    pub(crate) const USUAL: Look = Look { scripts: true, dark: false, width: 1280 };
}

/// A page in a browser, and what went on there.
pub(crate) struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    session: Option<String>,
    calls: u64,
    /// Errors that its console or its scripts told of.
    pub(crate) errors: Vec<String>,
    /// What it asked for, its own address among them.
    pub(crate) requests: Vec<String>,
    loaded: bool,
}

impl Page {
    /// Opens `url` and waits until it is loaded.
    pub(crate) async fn open(browser: &Browser, url: &str, look: Look) -> Self {
        let (socket, _) = connect_async(&browser.address).await.expect("the browser can be reached");
        let mut page =
            Page { socket, session: None, calls: 0, errors: Vec::new(), requests: Vec::new(), loaded: false };
        let target = page.call("Target.createTarget", json!({"url": "about:blank"})).await;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = page.call("Target.attachToTarget", attach).await;
        page.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Runtime", "Log", "Network", "Page"] {
            page.call(&format!("{domain}.enable"), json!({})).await;
        }
        page.call("Emulation.setScriptExecutionDisabled", json!({"value": !look.scripts})).await;
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        page.call("Emulation.setEmulatedMedia", media).await;
        let size = json!({"width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        page.call("Emulation.setDeviceMetricsOverride", size).await;
        // What is reported of the empty page before is not about this one.
        (page.loaded, page.requests) = (false, Vec::new());
        page.call("Page.navigate", json!({"url": url})).await;
        while !page.loaded {
            page.hear().await;
        }
        page
    }

    /// What `script` comes to, once its promise is kept if it is one.
    pub(crate) async fn evaluate(&mut self, script: &str) -> Value {
        let arguments = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let result = self.call("Runtime.evaluate", arguments).await;
        assert!(result.get("exceptionDetails").is_none(), "{script}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until `script` comes to true.
    pub(crate) async fn wait_for(&mut self, script: &str) {
        let since = Instant::now();
        while self.evaluate(script).await != json!(true) {
            if since.elapsed() > PATIENCE {
                panic!("never: {script}; {}, {:#?}", self.evaluate("document.body.innerText").await, self.errors);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Types `text` where the cursor is.
    pub(crate) async fn types(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Moves the mouse to the middle of what `selector` finds, and tells where that is.
    pub(crate) async fn point_at(&mut self, selector: &str) {
        let middle = format!(
            "(() => {{ const found = document.querySelector({selector:?}); found.scrollIntoView({{block: 'center'}}); \
             const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let at = self.evaluate(&middle).await;
        let moved = json!({"type": "mouseMoved", "x": at[0], "y": at[1]});
        self.call("Input.dispatchMouseEvent", moved).await;
    }

    /// Presses and releases a key, as `KeyboardEvent` names it.
    pub(crate) async fn press(&mut self, key: &str, code: u32) {
        // Only a key that gives a text submits a form.
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// What the protocol's `method` answers.
    pub(crate) async fn call(&mut self, method: &str, arguments: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut message = json!({"id": id, "method": method, "params": arguments});
        if let Some(session) = &self.session {
            message["sessionId"] = Value::from(session.as_str());
        }
        self.socket.send(Message::text(message.to_string())).await.expect("the browser listens");
        loop {
            let heard = self.hear().await;
            if heard["id"] == id {
                assert!(heard.get("error").is_none(), "{method}: {heard}");
                return heard["result"].clone();
            }
        }
    }

    /// The next message, of which is kept what the page did.
    async fn hear(&mut self) -> Value {
        let heard = timeout(PATIENCE, self.socket.next()).await.expect("the browser does not hang");
        let heard = heard.expect("it is still there").expect("it can be heard");
        let heard: Value = serde_json::from_str(heard.to_text().expect("it is text")).expect("it is JSON");
        let about = &heard["params"];
        match heard["method"].as_str().unwrap_or_default() {
            "Page.loadEventFired" => self.loaded = true,
            "Runtime.exceptionThrown" => self.errors.push(about.to_string()),
            "Runtime.consoleAPICalled" if about["type"] == "error" => self.errors.push(about.to_string()),
            "Log.entryAdded" if about["entry"]["level"] == "error" => self.errors.push(about.to_string()),
            "Network.requestWillBeSent" => {
                self.requests.push(about["request"]["url"].as_str().unwrap_or_default().to_owned());
            }
            "Network.webSocketCreated" => self.requests.push(about["url"].as_str().unwrap_or_default().to_owned()),
            _ => {}
        }
        heard
    }
}
