//! What the program makes for browsers: pictures and pages, read back as XML and used in a headless browser.

#[cfg(unix)]
mod animated;
#[cfg(unix)]
mod browsed;
#[cfg(unix)]
mod browser;
#[cfg(unix)]
mod chosen;
#[cfg(unix)]
mod handout;
#[cfg(unix)]
mod inline;
mod pictures;
#[cfg(unix)]
mod printed;
#[cfg(unix)]
mod push_page;
#[cfg(unix)]
mod stepped;
#[cfg(unix)]
mod websocket_page;
