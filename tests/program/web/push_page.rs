//! The page of `lesson push --serve` in a browser: news arrives in all three ways, and nothing is asked for elsewhere.

use serde_json::json;

use super::browser::{Browser, Look, Page};
use crate::net::push::serve;
use crate::net::serving::Serving;
use crate::net::websocket::runtime;
use crate::program::{asyncguide, command};

#[test]
fn a_browser_sees_news_arrive_in_all_three_ways() {
    let Some(browser) = Browser::start() else { return };
    let served = serve("300ms");
    runtime().block_on(async {
        let own = format!("//{}/", served.address);
        let mut page = Page::open(&browser, &format!("http:{own}"), Look::USUAL).await;
        // A row is complete once the piece has arrived in every way.
        let complete = "[...document.querySelectorAll('#pieces tr')].filter(tr => !tr.querySelector('.open')).length";
        page.wait_for(&format!("{complete} >= 3")).await;
        page.wait_for("document.getElementById('state').textContent === 'Connected in all three ways.'").await;

        let latest = page.evaluate("Number(document.querySelector('#pieces th').textContent)").await;
        page.evaluate("document.getElementById('make').click()").await;
        page.wait_for(&format!("Number(document.querySelector('#pieces th').textContent) > {latest}")).await;

        for width in [390, 1280] {
            let size = json!({"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false});
            page.call("Emulation.setDeviceMetricsOverride", size).await;
            let fits = format!("innerWidth === {width} && document.documentElement.scrollWidth <= {width}");
            page.wait_for(&fits).await;
        }
        let elsewhere: Vec<_> = page.requests.iter().filter(|url| !url.contains(&own)).collect();
        assert!(elsewhere.is_empty() && page.errors.is_empty(), "{elsewhere:?}, {:?}", page.errors);
        assert!(page.requests.len() > 1, "requests are seen");
    });
}

/// The number of the latest piece that has arrived in all three ways.
const LATEST_COMPLETE: &str = "Math.max(0, ...[...document.querySelectorAll('#pieces tr')]\
    .filter(tr => !tr.querySelector('.open')).map(tr => Number(tr.querySelector('th').textContent)))";

/// Has a server make this many pieces at once.
fn make(served: &Serving, pieces: usize) {
    for _ in 0..pieces {
        let answer = served.answer("POST", "/news", "Content-Length: 0\r\n");
        assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
}

#[test]
fn a_page_goes_on_with_a_server_that_was_started_again_and_after_a_long_sleep() {
    let Some(browser) = Browser::start() else { return };
    let served = serve("100ms");
    runtime().block_on(async {
        let connected = "document.getElementById('state').textContent === 'Connected in all three ways.'";
        let mut page = Page::open(&browser, &format!("http://{}/", served.address), Look::USUAL).await;
        page.wait_for(connected).await;
        make(&served, 300);
        page.wait_for(&format!("{LATEST_COMPLETE} > 300")).await;

        // The new server begins with the first number again.
        let port = served.address.port().to_string();
        drop(served);
        let again = ["lesson", "push", "--serve", "-q", "--delay", "100ms", "--port", &port];
        let again = Serving::start(command(asyncguide(), &again));
        page.wait_for(&format!("{LATEST_COMPLETE} > 0 && {LATEST_COMPLETE} < 300")).await;
        page.wait_for(connected).await;

        // A page that sleeps, as behind a closed lid. Meanwhile there are more pieces than the server keeps.
        let before = page.evaluate(LATEST_COMPLETE).await.as_u64().expect("it is a number");
        page.call("Page.setWebLifecycleState", json!({"state": "frozen"})).await;
        make(&again, 100);
        page.call("Page.setWebLifecycleState", json!({"state": "active"})).await;
        page.wait_for(&format!("{LATEST_COMPLETE} > {}", before + 100)).await;
    });
}
