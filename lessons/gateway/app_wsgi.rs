//! The application, as WSGI has it: one plain function, one call for each request.

use std::{thread, time::Duration};

use super::wsgi::{Environ, StartResponse};

pub fn app(environ: &Environ, start_response: StartResponse<'_>, delay: Duration) -> Vec<Vec<u8>> {
    // Asks a database, say. Nothing can be done meanwhile but wait, and keep the thread.
    thread::sleep(delay);
    start_response("200 OK", &[("content-type", "text/plain")]);
    vec![format!("{} is here.\n", environ["PATH_INFO"]).into_bytes()]
}
