//! The page of `--serve`: one file that loads nothing from elsewhere, and is not allowed to.

use std::hash::{BuildHasher, RandomState};

use asyncguide::serve::{Disconnected, EventSender, SendEvent};

use super::news::Newsroom;

/// Allows only scripts and styles with this answer's own `NONCE`, and connections to this server only.
const POLICY: &str = "default-src 'none'; script-src 'nonce-NONCE'; style-src 'nonce-NONCE'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Sends the page to a browser. The page begins after the latest piece of news.
pub async fn show(newsroom: &Newsroom, sender: &EventSender) -> Result<(), Disconnected> {
    // `RandomState` has random keys, so an attacker cannot guess this number.
    let nonce = format!("{:016x}{:016x}", RandomState::new().hash_one(0), RandomState::new().hash_one(1));
    let page = include_str!("page.html")
        .replace("NONCE", &nonce)
        .replace("LATEST", &newsroom.latest().to_string())
        .replace("EPOCH", &newsroom.epoch.to_string())
        .replace("PACE", &newsroom.pace.as_millis().to_string());
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", &POLICY.replace("NONCE", &nonce)),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    sender.send(SendEvent::HttpResponseStart { status: 200, headers }).await?;
    sender.send(SendEvent::HttpResponseBody { body: page.into_bytes(), more_body: false }).await
}
