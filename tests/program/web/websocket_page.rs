//! The page of `lesson websocket --serve` in a browser: what is said there comes back, and nothing leaves it.

use serde_json::json;

use super::browser::{Browser, Look, Page};
use crate::net::websocket::{runtime, serve};

#[test]
fn somebody_types_into_the_page_and_sees_it_come_back() {
    let Some(browser) = Browser::start() else { return };
    let served = serve();
    runtime().block_on(async {
        let own = served.address.to_string();
        let mut page = Page::open(&browser, &format!("http://{own}/"), Look::USUAL).await;
        page.wait_for("document.getElementById('state')?.textContent === 'You are client 1'").await;
        page.wait_for("document.activeElement?.id === 'said'").await;
        page.types("hello <b>everybody</b>").await;
        page.press("Enter", 13).await;
        page.wait_for("document.querySelector('#log .own')?.textContent === 'client 1: hello <b>everybody</b>'").await;
        assert_eq!(page.evaluate("document.getElementById('said').value").await, json!(""));
        assert_eq!(page.evaluate("document.getElementById('count').textContent").await, json!("Connected: 1"));
        for url in [format!("http://{own}/"), format!("ws://{own}/")] {
            assert!(page.requests.contains(&url), "{:?}", page.requests);
        }
        let at_home = |url: &&String| ["http://", "ws://"].iter().any(|way| url.starts_with(&format!("{way}{own}/")));
        let elsewhere: Vec<_> = page.requests.iter().filter(|url| !at_home(url) && !url.starts_with("data:")).collect();
        assert!(elsewhere.is_empty() && page.errors.is_empty(), "{elsewhere:?}, {:?}", page.errors);

        served.interrupt();
        page.wait_for("document.getElementById('state').textContent.includes('the server has ended (1001)')").await;
        assert_eq!(page.evaluate("document.getElementById('said').disabled").await, json!(true));
    });
    assert_eq!(served.end().code, 130);
}
