//! What the program makes for browsers: pictures and pages, read back as XML and used in a headless browser.

mod browsed;
#[cfg(unix)]
mod browser;
mod pictures;
#[cfg(unix)]
mod push_page;
#[cfg(unix)]
mod websocket_page;
