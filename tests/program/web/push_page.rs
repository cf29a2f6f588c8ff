//! The page of `lesson push --serve` in a browser: news arrives in all three ways, and nothing is asked for elsewhere.

use serde_json::json;

use super::browser::{Browser, Look, Page};
use crate::net::push::serve;
use crate::net::websocket::runtime;

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
