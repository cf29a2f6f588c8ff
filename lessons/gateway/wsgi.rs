//! WSGI, the Web Server Gateway Interface (PEP 3333), in Rust: what an application sees of its server.
//!
//! The server calls the application once for each request. The application calls `start_response` to begin the answer,
//! and returns the rest of it. The call has a thread to itself until it returns.

use std::collections::BTreeMap;

use asyncguide::serve::{EventSender, Scope, ScopeKind, SendEvent};

/// The facts about a request: `REQUEST_METHOD`, `PATH_INFO`, `QUERY_STRING`, `REMOTE_ADDR`, `HTTP_HOST`, …
pub type Environ = BTreeMap<String, String>;

/// The function that begins the answer. It is called once, with a status such as `200 OK` and the headers.
pub type StartResponse<'a> = &'a mut dyn FnMut(&str, &[(&str, &str)]);

/// Calls `app` for one request, and sends its answer. Blocks the thread that polls this until the call returns.
pub async fn call(scope: Scope, sender: EventSender, app: impl FnOnce(&Environ, StartResponse<'_>) -> Vec<Vec<u8>>) {
    if scope.kind == ScopeKind::WebSocket {
        // One call gives one answer, so a conversation is not possible.
        let _ = sender.send(SendEvent::WebSocketClose { code: 1000 }).await;
        return;
    }
    let (mut status, mut headers) = (500, Vec::new());
    let body = app(&environ(&scope), &mut |line, fields| {
        status = line.split(' ').next().and_then(|code| code.parse().ok()).unwrap_or(500);
        headers = fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    });
    // Ignores errors: the client may be gone by now.
    let _ = sender.send(SendEvent::HttpResponseStart { status, headers }).await;
    let _ = sender.send(SendEvent::HttpResponseBody { body: body.concat(), more_body: false }).await;
}

fn environ(scope: &Scope) -> Environ {
    let of_the_request = [
        ("REQUEST_METHOD", scope.method.clone()),
        ("PATH_INFO", scope.path.clone()),
        ("QUERY_STRING", scope.query_string.clone()),
        ("REMOTE_ADDR", scope.client.ip().to_string()),
        ("SERVER_PROTOCOL", format!("HTTP/{}", scope.http_version)),
    ];
    let of_a_header = |(name, value): &(String, String)| {
        let name = name.to_uppercase().replace('-', "_");
        (format!("HTTP_{name}"), value.clone())
    };
    let variables = of_the_request.into_iter().map(|(name, value)| (name.to_owned(), value));
    variables.chain(scope.headers.iter().map(of_a_header)).collect()
}
